"""What the offer form is made of, read once: the row, the shop's product, our copies of Allegro's lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.attachments import Attachment
from allegro_module.db.categories import Category, find_category
from allegro_module.db.description_templates import DescriptionTemplate, list_templates
from allegro_module.db.dictionaries import find_dictionaries
from allegro_module.db.offers import Offer
from allegro_module.db.terms import SellingTerm, list_terms
from allegro_module.domain.description_sections import Section
from allegro_module.domain.listing import Goods, Picture, problems_before_listing
from allegro_module.domain.parameters import Parameter, is_new_goods, with_gtin
from allegro_module.domain.problems import Problem
from allegro_module.domain.shop import ShopProduct, Sku
from allegro_module.runtime import Runtime
from allegro_module.sync.attachments import attachments_of
from allegro_module.sync.catalogue import catalogue_of, effective_answers
from allegro_module.sync.description_templates import problems_of_description, rendered
from allegro_module.sync.draft_values import Values, draft_values
from allegro_module.sync.mapped_answers import mapped_answers
from allegro_module.sync.offer_check import account_problems, goods_of, known_terms, to_wish, whole_wish
from allegro_module.sync.offer_images import look_at_pictures
from allegro_module.sync.product_sets import contents_of_set
from allegro_module.web.forms.offer import Choices, apply, choices_of
from allegro_module.web.forms.offer_start import unread_start

#: Fetched with the account's terms.
DICTIONARIES = ("promotion_packages", "deposit_types", "additional_services", "size_tables")


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the form is made of, read once: rows, the shop's product, our copy of the category."""

    offer: Offer
    choices: Choices
    product: ShopProduct | None
    refs: Sequence[str]
    pictures: Mapping[str, Picture]
    #: Of our copy of the tree; None for one that is not chosen, or not known.
    category: Category | None
    parameters: Sequence[Parameter] | None
    #: What Allegro's catalogue says of the product that is sold; None while none is chosen.
    catalogue: Mapping[str, Any] | None
    contents: Mapping[str, Mapping[str, Any]]
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
    #: Dictionaries of the account by name: packages of promotion, deposits, services, size tables.
    dictionaries: Mapping[str, Mapping[str, Any]]

    @property
    def category_path(self) -> str:
        """One that is not in our copy of the tree has only its number."""
        return self.category.path if self.category else self.offer.category_id or ""

    @property
    def answers(self) -> Mapping[str, Mapping[str, object]]:
        """As they count: the catalogue's win (facts.md 6.4)."""
        known = self.parameters or ()
        answers = effective_answers(self.choices.parameters, self.catalogue, known)
        return with_gtin(known, answers, self.choices.gtin)

    @property
    def is_new(self) -> bool:
        return is_new_goods(self.parameters or (), self.answers)

    @property
    def needs_safety(self) -> bool:
        """Producer and safety text are required of new goods (GPSR, facts.md 6.10)."""
        return self.is_new and not self.choices.is_before_gpsr


def find_product(runtime: Runtime, sku: str) -> ShopProduct | None:
    return runtime.shop.products([Sku(sku)]).get(Sku(sku))


def picture_refs(offer: Offer, product: ShopProduct | None) -> list[str]:
    """The product's pictures, then those of the offer that the product no longer has."""
    return list(dict.fromkeys([*(product.images if product else ()), *offer.images]))


def pictures_by_ref(runtime: Runtime, refs: Sequence[str]) -> dict[str, Picture]:
    return dict(zip(refs, look_at_pictures(runtime.session, runtime.shop, refs), strict=True))


@dataclass(frozen=True, slots=True)
class Ground:
    """What the rules need beside the row; read before a write, as the shop may be slow."""

    product: ShopProduct | None
    category: Category | None
    goods: Goods | None
    pictures: Mapping[str, Picture]
    terms: Sequence[SellingTerm]
    catalogue: Mapping[str, Any] | None
    #: What the catalogue says of the further products, by id.
    contents: Mapping[str, Mapping[str, Any]]
    dictionaries: Mapping[str, Mapping[str, Any]]

    @property
    def parameters(self) -> Sequence[Parameter]:
        return (self.goods and self.goods.parameters) or ()


def read_ground(
    runtime: Runtime,
    offer: Offer,
    pictures: Mapping[str, Picture] | None = None,
    added: Sequence[str] = (),
) -> Ground:
    """`pictures` are those that were looked at already, `added` ones that the offer does not have yet."""
    product = find_product(runtime, offer.sku)
    if pictures is None:
        pictures = pictures_by_ref(runtime, [*dict.fromkeys([*picture_refs(offer, product), *added])])
    category = _category(runtime, offer)
    return Ground(
        product,
        category,
        goods_of(category, has_product=bool(offer.product_id)),
        pictures,
        list_terms(runtime.session, offer.account_id),
        catalogue_of(runtime.session, offer),
        contents_of_set(runtime.session, offer),
        find_dictionaries(runtime.session, offer.account_id, DICTIONARIES),
    )


def check(runtime: Runtime, offer: Offer, ground: Ground) -> list[Problem]:
    """All problems of the row as it is now, the description as it is sent."""
    return [*_problems(runtime, offer, ground), *_described(runtime, offer, ground)]


def _problems(runtime: Runtime, offer: Offer, ground: Ground) -> list[Problem]:
    pictures = [ground.pictures.get(ref, Picture()) for ref in offer.images]
    wish = to_wish(offer, pictures, runtime.now(offer.account.environment))
    wish = whole_wish(wish, offer, ground.catalogue, ground.contents, ground.parameters)
    known = known_terms(ground.terms, ground.dictionaries)
    return [
        *account_problems(offer.account, known),
        *problems_before_listing(wish, ground.goods, known),
    ]


def _described(runtime: Runtime, offer: Offer, ground: Ground) -> list[Problem]:
    """Each said once, in however many sections it is found."""
    sections = rendered(runtime.session, offer, ground.product)
    found: list[Problem] = []
    for problem in problems_of_description(offer, sections):
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
    ground = read_ground(runtime, offer, pictures)
    product, goods, session = ground.product, ground.goods, runtime.session
    return Facts(
        offer=offer,
        choices=choices_of(offer),
        product=product,
        refs=picture_refs(offer, product),
        pictures=ground.pictures,
        category=ground.category,
        parameters=goods.parameters if goods else None,
        catalogue=ground.catalogue,
        contents=ground.contents,
        terms=ground.terms,
        shown_problems=offer.problems,
        all_problems=[*unread_start(offer.problems), *check(runtime, offer, ground)],
        sections=list(rendered(session, offer, product)),
        defaults=_defaults(runtime, offer, product, ground.terms),
        mapped=_mapped(runtime, offer, product, goods),
        templates=list_templates(session),
        files=[*attachments_of(session, offer.safety_attachments or ()).values()],
        dictionaries=ground.dictionaries,
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


def _category(runtime: Runtime, offer: Offer) -> Category | None:
    if not offer.category_id:
        return None
    return find_category(runtime.session, offer.account.environment, offer.category_id)
