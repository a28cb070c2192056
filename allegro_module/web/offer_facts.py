"""What the offer form is made of, read once: the row, the shop's product, our copies of Allegro's lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.attachments import Attachment
from allegro_module.db.categories import find_category
from allegro_module.db.description_templates import DescriptionTemplate, list_templates
from allegro_module.db.dictionaries import find_dictionary
from allegro_module.db.offers import Offer
from allegro_module.db.terms import SellingTerm, list_terms
from allegro_module.domain.description_sections import Section
from allegro_module.domain.listing import Goods, Picture, problems_before_listing
from allegro_module.domain.marketplaces import BASE
from allegro_module.domain.parameters import Parameter, is_new_goods, with_gtin
from allegro_module.domain.problems import Problem
from allegro_module.domain.shop import ShopProduct, Sku
from allegro_module.runtime import Runtime
from allegro_module.sync.attachments import attachments_of
from allegro_module.sync.description_templates import description_problems, rendered
from allegro_module.sync.draft_values import Values, draft_values
from allegro_module.sync.images import look_at_pictures
from allegro_module.sync.mapped_answers import mapped_answers
from allegro_module.sync.offer_check import find_goods, find_terms, to_wish
from allegro_module.web.forms.offer import Choices, apply, choices_of


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the form is made of, read once: rows, the shop's product, our copy of the category."""

    offer: Offer
    choices: Choices
    product: ShopProduct | None
    refs: Sequence[str]
    pictures: Mapping[str, Picture]
    category_path: str
    parameters: Sequence[Parameter] | None
    terms: Sequence[SellingTerm]
    #: What stands at the fields, and what is wrong in all.
    shown_problems: Sequence[Problem]
    all_problems: Sequence[Problem]
    #: The description as it is sent.
    sections: Sequence[Section]
    #: What a new offer of the product would hold now; None without the product.
    defaults: Values | None
    #: Answers that the mapping gives in this category.
    mapped: Mapping[str, Mapping[str, Any]]
    templates: Sequence[DescriptionTemplate]
    files: Sequence[Attachment]
    packages: Mapping[str, str]

    @property
    def answers(self) -> Mapping[str, Mapping[str, object]]:
        return with_gtin(self.parameters or (), self.choices.parameters, self.choices.gtin)

    @property
    def needs_safety(self) -> bool:
        """Producer and safety text are required of new goods (GPSR, facts.md 6.10)."""
        is_new = is_new_goods(self.parameters or (), self.choices.parameters)
        return is_new and not self.choices.is_before_gpsr


def find_product(runtime: Runtime, sku: str) -> ShopProduct | None:
    return runtime.shop.products([Sku(sku)]).get(Sku(sku))


def picture_refs(offer: Offer, product: ShopProduct | None) -> list[str]:
    """The product's pictures, then those of the offer that the product no longer has."""
    return list(dict.fromkeys([*(product.images if product else ()), *offer.images]))


def pictures_by_ref(runtime: Runtime, refs: Sequence[str]) -> dict[str, Picture]:
    return dict(zip(refs, look_at_pictures(runtime.shop, refs), strict=True))


def check(
    runtime: Runtime,
    offer: Offer,
    goods: Goods | None,
    pictures: Mapping[str, Picture],
    product: ShopProduct | None,
) -> list[Problem]:
    """All problems of the row as it is now; `goods` as `find_goods` answers."""
    wish = to_wish(offer, [pictures.get(ref, Picture()) for ref in offer.images])
    return [
        *problems_before_listing(wish, goods, find_terms(runtime.session, offer.account_id)),
        *described_problems(rendered(runtime.session, offer, product), offer.images),
    ]


def described_problems(sections: Sequence[Section], images: Sequence[str]) -> list[Problem]:
    """Each said once, in however many sections it is found."""
    found: list[Problem] = []
    for problem in description_problems(sections, images):
        if problem not in found:
            found.append(problem)
    return found


def described(session: Session, offer: Offer, choices: Choices, product: ShopProduct | None) -> list[Section]:
    """The description as it would be sent with these choices."""
    shown = Offer(sku=offer.sku, currency=offer.currency)
    apply(choices, shown)
    return list(rendered(session, shown, product))


def read_facts(runtime: Runtime, offer: Offer, pictures: Mapping[str, Picture] | None = None) -> Facts:
    """For an offer as it is stored."""
    product = find_product(runtime, offer.sku)
    refs = picture_refs(offer, product)
    known = pictures_by_ref(runtime, refs) if pictures is None else pictures
    goods = find_goods(runtime.session, offer)
    terms = list_terms(runtime.session, offer.account_id)
    return Facts(
        offer=offer,
        choices=choices_of(offer),
        product=product,
        refs=refs,
        pictures=known,
        category_path=_category_path(runtime, offer),
        parameters=goods.parameters if goods else None,
        terms=terms,
        shown_problems=offer.problems,
        all_problems=check(runtime, offer, goods, known, product),
        sections=described(runtime.session, offer, choices_of(offer), product),
        defaults=_defaults(runtime, offer, product, terms),
        mapped=_mapped(runtime, offer, product, goods),
        templates=list_templates(runtime.session),
        files=[*attachments_of(runtime.session, offer.safety_attachments or ()).values()],
        packages=package_names(runtime.session, offer.account),
    )


def _defaults(
    runtime: Runtime, offer: Offer, product: ShopProduct | None, terms: Sequence[SellingTerm]
) -> Values | None:
    if product is None:
        return None
    pieces = runtime.shop.stock([product.sku]).get(product.sku, 0)
    return draft_values(runtime.session, offer.account, product, pieces, terms)


def _mapped(
    runtime: Runtime, offer: Offer, product: ShopProduct | None, goods: Goods | None
) -> Mapping[str, Mapping[str, Any]]:
    if product is None or goods is None or not goods.parameters or not offer.category_id:
        return {}
    environment = offer.account.environment
    return mapped_answers(runtime.session, environment, offer.category_id, goods.parameters, product)


def package_names(session: Session, account: Account) -> dict[str, str]:
    """Promotion packages of the account's own marketplace by id; empty until they were fetched."""
    known = find_dictionary(session, account.id, "promotion_packages")
    here = known.get(account.base_marketplace or BASE) or {}
    return {each["id"]: each.get("name") or each["id"] for kind in here.values() for each in kind}


def _category_path(runtime: Runtime, offer: Offer) -> str:
    """One that is not in our copy of the tree has only its number."""
    if not offer.category_id:
        return ""
    found = find_category(runtime.session, offer.account.environment, offer.category_id)
    return found.path if found else offer.category_id
