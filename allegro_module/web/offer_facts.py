"""What the offer form is made of, read once: the row, the shop's product, our copies of Allegro's lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allegro_module.db.categories import find_category
from allegro_module.db.offers import Offer
from allegro_module.db.terms import SellingTerm, list_terms
from allegro_module.domain.listing import Goods, Picture, problems_before_listing
from allegro_module.domain.parameters import Parameter, is_new_goods, with_gtin
from allegro_module.domain.problems import Problem
from allegro_module.domain.shop import ShopProduct, Sku
from allegro_module.runtime import Runtime
from allegro_module.sync.images import look_at_pictures
from allegro_module.sync.offer_check import find_goods, find_terms, to_wish
from allegro_module.web.forms.offer import Choices, choices_of


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
    runtime: Runtime, offer: Offer, goods: Goods | None, pictures: Mapping[str, Picture]
) -> list[Problem]:
    """All problems of the row as it is now; `goods` as `find_goods` answers."""
    wish = to_wish(offer, [pictures.get(ref, Picture()) for ref in offer.images])
    return problems_before_listing(wish, goods, find_terms(runtime.session, offer.account_id))


def read_facts(runtime: Runtime, offer: Offer, pictures: Mapping[str, Picture] | None = None) -> Facts:
    """For an offer as it is stored."""
    product = find_product(runtime, offer.sku)
    refs = picture_refs(offer, product)
    known = pictures_by_ref(runtime, refs) if pictures is None else pictures
    goods = find_goods(runtime.session, offer)
    return Facts(
        offer=offer,
        choices=choices_of(offer),
        product=product,
        refs=refs,
        pictures=known,
        category_path=_category_path(runtime, offer),
        parameters=goods.parameters if goods else None,
        terms=list_terms(runtime.session, offer.account_id),
        shown_problems=offer.problems,
        all_problems=check(runtime, offer, goods, known),
    )


def _category_path(runtime: Runtime, offer: Offer) -> str:
    """One that is not in our copy of the tree has only its number."""
    if not offer.category_id:
        return ""
    found = find_category(runtime.session, offer.account.environment, offer.category_id)
    return found.path if found else offer.category_id
