"""Rules for what is sold: products, category, parameters, product safety (GPSR)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from allegro_module.simulator.background import Background, Wish
from allegro_module.simulator.catalogue import Product
from allegro_module.simulator.category_tree import Category
from allegro_module.simulator.deposits import deposit_findings, settled_deposits
from allegro_module.simulator.findings import Finding, finding
from allegro_module.simulator.parameter_findings import offer_findings, product_findings
from allegro_module.simulator.parameter_reading import Section, read_section
from allegro_module.simulator.parameter_values import CV, value_findings
from allegro_module.simulator.parameters import (
    CONDITION,
    NEW,
    NOTHING,
    Filling,
    gtins,
)
from allegro_module.simulator.product_matching import (
    Match,
    described_product,
    mismatches,
    named_product,
)
from allegro_module.simulator.safety_rules import safety_findings, settled_safety

MOST_PRODUCTS = 10


@dataclass
class Element:
    """One product of an offer: what it is, how it is described, how many of it, who answers for it."""

    product: Product | None
    filled: dict[str, Filling]
    quantity: int
    safety: Mapping[str, Any]
    is_new: bool = field(default=False, compare=False)
    deposits: Sequence[Mapping[str, Any]] = ()

    @property
    def images(self) -> tuple[str, ...]:
        return () if self.product is None else self.product.images


@dataclass
class Goods:
    """What an offer sells, as far as its wishes say."""

    category: Category | None
    elements: list[Element] = field(default_factory=list)
    filled: dict[str, Filling] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def new_products(self) -> list[Product]:
        return [item.product for item in self.elements if item.product is not None and item.is_new]

    @property
    def condition(self) -> tuple[str, ...]:
        return self.filled.get(CONDITION, NOTHING).ids


def examine_goods(wish: Wish, ground: Background) -> Goods:
    """Find the category and the products, read all parameters, and judge them together."""
    entries = wish.get("productSet") or []
    named = [named_product(entry.get("product") or {}, ground, _path(i)) for i, entry in enumerate(entries)]
    goods = Goods(None)
    goods.category = _category(wish, entries, named, ground, goods.findings)
    if goods.category is None:
        goods.findings += [item for match in named if match is not None for item in match.findings]
        return goods
    offer = read_section(
        wish.get("parameters") or [], goods.category, "parameters", ground.language, describes_product=False
    )
    goods.filled, goods.findings = offer.filled, goods.findings + offer.findings
    for index, entry in enumerate(entries):
        goods.elements.append(_element(entry, index, named[index], goods, ground))
    goods.findings += _findings_on_set(goods, ground)
    return goods


def _path(index: int) -> str:
    return f"productSet[{index}].product"


def _category(
    wish: Wish, entries: list[Any], named: list[Match | None], ground: Background, findings: list[Finding]
) -> Category | None:
    """The category that the offer names, else the first product's."""
    asked = [("category.id", (wish.get("category") or {}).get("id"))]
    for index, entry in enumerate(entries):
        inner = ((entry.get("product") or {}).get("category") or {}).get("id")
        asked.append((f"{_path(index)}.category.id", inner))
    path, category_id = next(((path, key) for path, key in asked if key), ("category", None))
    if category_id is None:
        products = [match.product for match in named if match is not None and match.product is not None]
        category_id = products[0].category_id if products else None
    if category_id is None:
        if not any(match is not None and match.findings for match in named):
            findings.append(finding("MissedCategoryIdException", "category", gap=True))
        return None
    category = ground.catalogue.find_category(category_id)
    metadata = {"categoryId": category_id}
    if category is None:
        findings.append(finding("CATEGORY_NOT_EXISTS", path, metadata=metadata))
    elif not category.leaf:
        findings.append(finding("INVALID_CATEGORY_ID", path, metadata=metadata))
        return None
    return category


def _element(entry: Wish, index: int, named: Match | None, goods: Goods, ground: Background) -> Element:
    assert goods.category is not None
    path, wish = _path(index), entry.get("product") or {}
    section = read_section(
        wish.get("parameters") or [],
        goods.category,
        f"{path}.parameters",
        ground.language,
        describes_product=True,
    )
    _take_code(wish, goods.category, section, ground.language)
    match = named
    if match is None:
        match = described_product(wish, section.filled, goods.category, ground, path)
    goods.findings += section.findings + match.findings
    own = {} if match.product is None else match.product.filled
    element = Element(
        product=match.product,
        filled={**own, **section.filled},
        quantity=(entry.get("quantity") or {}).get("value", 1),
        safety=settled_safety(entry, match.product, ground),
        is_new=match.is_new and not section.findings,
        deposits=settled_deposits(entry),
    )
    goods.findings += _findings_on_element(element, section, goods, ground, entry, index)
    return element


def _take_code(wish: Wish, category: Category, section: Section, language: str) -> None:
    """A GTIN sent as the product's id is its GTIN parameter too."""
    if wish.get("idType") != "GTIN" or gtins(category.parameters, section.filled):
        return
    for parameter in category.parameters:
        if parameter.is_gtin:
            filling = Filling(texts=(wish["id"],))
            section.filled[parameter.id] = filling
            section.findings += value_findings(parameter, filling, section.path, language)


def _findings_on_element(
    element: Element, section: Section, goods: Goods, ground: Background, entry: Wish, index: int
) -> list[Finding]:
    assert goods.category is not None
    category, path, product = goods.category, _path(index), element.product
    together = {**element.filled, **goods.filled}
    found = product_findings(
        category,
        together,
        section.path,
        ground.language,
        card_id=None if product is None or element.is_new else product.id,
        is_made=product is None,
    )
    found += safety_findings(entry, index, product, category, goods.condition, ground)
    found += deposit_findings(entry, f"productSet[{index}]")
    if product is None:
        return found
    if not element.is_new:
        found += mismatches(product, section.filled, category, path, ground.language)
        found += _other_category(product, category, path, ground)
        found += _faults_of_card(product, category, section, path, ground.language)
    for key, filling in product.requirements.items():
        if goods.condition and not set(filling.ids) >= set(together.get(key, NOTHING).ids):
            code = "ProductConstraintViolationException.DataIntegrity"
            found.append(finding(code, "parameters", name=product.name))
    most = ground.limits.of_a_product
    if NEW in goods.condition and ground.live_in_new(product.id) >= most:
        found.append(finding("offerCounter", f"{path}.id", most=most))
    if product.is_protected:
        found.append(finding("brandBlock", f"{path}.id", name=product.name))
    return found


def _faults_of_card(
    product: Product, category: Category, section: Section, path: str, language: str
) -> list[Finding]:
    """Values of the card itself that the category does not take, unless the request gives others."""
    found = []
    for key, filling in product.filled.items():
        parameter = category.find_parameter(key)
        if parameter is not None and key not in section.filled:
            found += value_findings(parameter, filling, f"{path}.parameters", language)
    return found


def _other_category(product: Product, category: Category, path: str, ground: Background) -> list[Finding]:
    if category.id in (product.category_id, *product.similar):
        return []
    existing = ground.catalogue.find_category(product.category_id)
    assert existing is not None
    metadata = {
        "requestedCategoryId": category.id,
        "requestedCategoryName": category.names(ground.language),
        "existingCategoryId": existing.id,
        "existingCategoryName": existing.names(ground.language),
        "existingProductId": product.id,
    }
    return [finding("CATEGORY_MISMATCH", f"{path}.category.id", metadata=metadata)]


def _findings_on_set(goods: Goods, ground: Background) -> list[Finding]:
    """What concerns the offer's own parameters and the set as a whole."""
    assert goods.category is not None
    together = {key: value for item in goods.elements for key, value in item.filled.items()} | goods.filled
    found = offer_findings(goods.category, together, ground.language)
    if not goods.elements and goods.category.options["offersWithProductPublicationEnabled"]:
        found.append(finding(CV + "ProductizationMinLimitReached", "productSet", gap=True))
    if len(goods.elements) > MOST_PRODUCTS:
        found.append(finding(CV + "OfferValidation", "productSet", says="set.too_many", most=MOST_PRODUCTS))
    return found
