"""Which product of the catalogue an offer's product data mean, or what stands in the way of a new one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from allegro_module.simulator.background import Background, Wish
from allegro_module.simulator.catalogue import Product
from allegro_module.simulator.category_tree import Category
from allegro_module.simulator.dependence import missing_for_product, work_out
from allegro_module.simulator.findings import Finding, finding
from allegro_module.simulator.images import name_in
from allegro_module.simulator.parameters import (
    NOTHING,
    Filled,
    Filling,
    Parameter,
    gtins,
    mpns,
)


@dataclass
class Match:
    """The product found or to be made, or findings that say why there is none."""

    product: Product | None = None
    is_new: bool = False
    findings: list[Finding] = field(default_factory=list)


def named_product(wish: Wish, ground: Background, path: str) -> Match | None:
    """The product that `id` and `idType` name; None without id, or for an unknown code beside full data."""
    product_id, id_type = wish.get("id"), wish.get("idType")
    if product_id is None:
        return None
    if id_type is None:
        return _by_id(product_id, ground, path)
    if id_type not in ("GTIN", "MPN"):
        return Match(findings=[finding("JsonMappingException", f"{path}.idType", kind="GTIN or MPN")])
    catalogue = ground.catalogue
    found = catalogue.with_gtin(product_id) if id_type == "GTIN" else catalogue.with_mpn(product_id)
    if not found and wish.get("name"):
        return None
    if not found:
        code = "MatchingProductForDataNotFoundException"
        return Match(findings=[finding(code, f"{path}.id", id=product_id)])
    return _only_one(found, f"{path}.id")


def _by_id(product_id: str, ground: Background, path: str) -> Match:
    product = ground.catalogue.find_product(product_id)
    if product is None:
        metadata = {"productId": product_id}
        return Match(findings=[finding("ProductNotFoundException", f"{path}.id", metadata=metadata)])
    return Match(product)


def _only_one(found: list[Product], path: str) -> Match:
    if len(found) == 1:
        return Match(found[0])
    metadata = {"foundProductsIds": ",".join(product.id for product in found)}
    return Match(findings=[finding("MultipleProductsFoundException", path, metadata=metadata)])


def described_product(wish: Wish, filled: Filled, category: Category, ground: Background, path: str) -> Match:
    """The product that the data describe: an existing one with the same code, else a new one."""
    found = _same(wish, filled, category, ground)
    if len(found) > 1:
        return _told_apart(found, filled, category, ground, path)
    if found:
        return Match(found[0])
    return _new_product(wish, filled, category, ground, path)


def _told_apart(
    found: list[Product], filled: Filled, category: Category, ground: Background, path: str
) -> Match:
    """The one of several products with a code that the other data fit, if they are enough to tell."""
    unsaid = [
        parameter
        for parameter in category.parameters
        if parameter.identifies_product
        and parameter.required_for_product
        and filled.get(parameter.id, NOTHING).is_empty
    ]
    if unsaid:
        names = ", ".join(parameter.names(ground.language) for parameter in unsaid)
        code = "DuplicateDetectionMissingParametersException"
        return Match(findings=[finding(code, f"{path}.parameters", names=names)])
    return _only_one([item for item in found if _may_be(item, filled, category)] or found, path)


def _same(wish: Wish, filled: Filled, category: Category, ground: Background) -> list[Product]:
    """By GTIN, else by manufacturer's code in the category, else the very same data."""
    catalogue = ground.catalogue
    for gtin in gtins(category.parameters, filled):
        if found := catalogue.with_gtin(gtin):
            return found
    for mpn in mpns(category.parameters, filled):
        alike = [item for item in catalogue.with_mpn(mpn) if _may_be(item, filled, category)]
        if alike:
            return alike
    return [
        item
        for item in catalogue.products.values()
        if item.category_id == category.id and item.name == wish.get("name") and item.filled == filled
    ][:1]


def _may_be(product: Product, filled: Filled, category: Category) -> bool:
    return product.category_id == category.id and not differences(product, filled, category)


def differences(product: Product, filled: Filled, category: Category) -> list[Parameter]:
    """The identifying parameters on which data and product disagree."""
    return [
        parameter
        for parameter in category.parameters
        if parameter.identifies_product and _differ(parameter, product.filled, filled)
    ]


def _differ(parameter: Parameter, own: Filled, asked: Filled) -> bool:
    have, want = own.get(parameter.id, NOTHING), asked.get(parameter.id, NOTHING)
    if have.is_empty or want.is_empty:
        return False
    if parameter.is_gtin:
        return not set(_bare(want.texts)) <= set(_bare(have.texts))
    return have != want


def _bare(codes: Iterable[str]) -> list[str]:
    return [code.lstrip("0") for code in codes]


def mismatches(
    product: Product, filled: Filled, category: Category, path: str, language: str
) -> list[Finding]:
    return [
        finding(
            "PARAMETER_MISMATCH",
            f"{path}.parameters",
            metadata={
                "productId": product.id,
                "parameterId": parameter.id,
                "parameterName": parameter.names(language),
                **_pair(parameter, "expected", product.filled[parameter.id], language),
                **_pair(parameter, "current", filled[parameter.id], language),
            },
        )
        for parameter in differences(product, filled, category)
    ]


def _pair(parameter: Parameter, word: str, filling: Filling, language: str) -> dict[str, str]:
    labels = [value.names(language) for value in parameter.values if value.id in filling.ids]
    pair = {f"{word}ParameterValue": ", ".join(filling.texts or labels)}
    if filling.ids:
        pair[f"{word}ParameterValueId"] = ", ".join(filling.ids)
    return pair


def _new_product(wish: Wish, filled: Filled, category: Category, ground: Background, path: str) -> Match:
    findings = []
    name = (wish.get("name") or "").strip()
    if not name:
        findings.append(finding("RequiredProductName", f"{path}.name", gap=True))
    if len(name) > 75:
        code = "ConstraintViolationException.StringLength"
        findings.append(finding(code, f"{path}.name", says="product.name", length=len(name)))
    if not category.options["productCreationEnabled"]:
        code = "ConstraintViolationException.CategorySellingRestrictions"
        findings.append(finding(code, f"{path}.category", says="category.no_products"))
    parameters = category.parameters
    if findings or missing_for_product(parameters, filled, work_out(parameters, filled)):
        return Match(findings=findings)
    product = Product(
        id=ground.new_id(),
        name=name,
        category_id=category.id,
        filled=dict(filled),
        images=tuple(name_in(address) for address in wish.get("images") or ()),
        status="PROPOSED",
    )
    return Match(product, is_new=True)
