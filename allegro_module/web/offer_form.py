"""The offer form as its templates show it: values, choices, problems and completeness, all frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allegro_module.db.attachments import Attachment
from allegro_module.domain.money import Money
from allegro_module.domain.offers import OfferState
from allegro_module.domain.parameters import Decisions, decide
from allegro_module.domain.selling_formats import (
    AUCTION_DURATION,
    ONE_PIECE,
    SellingFormat,
    read_price,
)
from allegro_module.domain.titles import TITLE_MAX, title_length
from allegro_module.web.formats import money, percent
from allegro_module.web.forms.offer import Choices
from allegro_module.web.forms.offer_start import DAY, HOUR, StartTyped, start_as_typed, start_words
from allegro_module.web.i18n import t
from allegro_module.web.offer_completeness import Completeness, Entry, completeness, entries_of
from allegro_module.web.offer_description import Description, description_of
from allegro_module.web.offer_facts import Facts
from allegro_module.web.offer_menu import Menu, menu_of
from allegro_module.web.offer_options import (
    Deposit,
    PriceAbroad,
    deposits_of,
    durations_by_format,
    options_of,
    origin_words,
    origins,
    price_words,
    prices_abroad,
)
from allegro_module.web.offer_parameters import ParameterSection, parameter_section
from allegro_module.web.offer_pictures import PicturesView, pictures_view
from allegro_module.web.offer_product import ProductCard, product_card
from allegro_module.web.offer_promotion import PromotionView, promotion_view
from allegro_module.web.offer_sections import Section, sections
from allegro_module.web.offer_taxes import TaxView, tax_view
from allegro_module.web.offer_words import sentences_by_field
from allegro_module.web.regions import province_choices


@dataclass(frozen=True, slots=True)
class SaleView:
    """Section *Format sprzedaży*. `start` is None where it can be set no more."""

    is_auction: bool
    #: An auction sells one piece; another number that stands there already has to be corrected.
    is_one_piece: bool
    may_change_format: bool
    auction_duration: str
    #: By format, for the browser.
    durations: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    price_help: str
    start: StartTyped | None
    start_words: str
    is_start_open: bool
    taxes: TaxView
    prices_abroad: Sequence[PriceAbroad]


@dataclass(frozen=True, slots=True)
class FormView:
    """`errors` are sentences by field; `options` the lists to choose from, by field: (value, words).

    `warnings` stop no listing. `has_told`: Allegro itself named some of the problems.
    """

    choices: Choices
    sections: Mapping[int, Section]
    errors: Mapping[str, Sequence[str]]
    problems: Sequence[Entry]
    warnings: Sequence[Entry]
    has_told: bool
    options: Mapping[str, Sequence[tuple[str, str]]]
    category_path: str
    has_parameters: bool
    parameters: ParameterSection
    is_gtin_required: bool
    needs_safety: bool
    title_length: int
    title_max: int
    origin: str
    product_card: ProductCard
    sale: SaleView
    pictures: PicturesView
    description: Description
    price: str
    completeness: Completeness
    origins: Mapping[str, str]
    provinces: Sequence[tuple[str, str]]
    files: Sequence[Attachment]
    deposits: Sequence[Deposit]
    promotion: PromotionView
    menu: Menu

    @property
    def faulty_fields(self) -> list[str]:
        """Where something is wrong still: errors elsewhere have been corrected."""
        return sorted({entry.field for entry in (*self.problems, *self.warnings, *self.completeness.entries)})


def form_view(facts: Facts) -> FormView:
    parameters = facts.parameters or ()
    decisions = decide(parameters, facts.answers)
    wrong = [each for each in facts.shown_problems if not each.is_warning]
    errors, choices = sentences_by_field(wrong), facts.choices
    return FormView(
        choices=choices,
        sections=sections(facts),
        errors=errors,
        problems=entries_of(wrong, parameters),
        warnings=entries_of([each for each in facts.shown_problems if each.is_warning], parameters),
        has_told=any(each.text is not None for each in facts.shown_problems),
        options=options_of(facts),
        category_path=facts.category_path,
        has_parameters=facts.parameters is not None,
        parameters=parameter_section(facts, decisions, errors),
        is_gtin_required=_is_gtin_required(facts, decisions),
        needs_safety=facts.needs_safety,
        title_length=title_length(choices.title),
        title_max=TITLE_MAX,
        origin=origin_words(facts.offer.account),
        product_card=product_card(facts),
        sale=_sale(facts),
        pictures=pictures_view(facts),
        description=description_of(facts),
        price=_price(facts),
        completeness=completeness(facts, decisions),
        origins=origins(facts),
        provinces=province_choices(),
        files=facts.files,
        deposits=deposits_of(facts),
        promotion=promotion_view(facts),
        menu=menu_of(facts.offer, is_planned=_is_planned(facts)),
    )


def _is_gtin_required(facts: Facts, decisions: Decisions) -> bool:
    return any(decisions[each.id].is_required for each in facts.parameters or () if each.is_gtin)


def _sale(facts: Facts) -> SaleView:
    offer, choices = facts.offer, facts.choices
    is_auction = choices.selling_format == SellingFormat.AUCTION
    is_live = offer.state == OfferState.ACTIVE
    return SaleView(
        is_auction=is_auction,
        is_one_piece=is_auction and choices.quantity_text == ONE_PIECE,
        may_change_format=not is_live,
        auction_duration=AUCTION_DURATION,
        durations=durations_by_format(),
        price_help=_price_help(facts),
        start=None if offer.first_listed_at else start_as_typed(choices.starting_at, facts.shown_problems),
        start_words=start_words(choices.starting_at),
        is_start_open=choices.starting_at is not None
        or any(each.field in (DAY, HOUR) for each in facts.shown_problems),
        taxes=tax_view(facts),
        prices_abroad=prices_abroad(facts),
    )


def _is_planned(facts: Facts) -> bool:
    """A start that has passed plans nothing: it has to be corrected first."""
    is_over = any(each.code == "start_in_the_past" for each in facts.all_problems)
    return facts.choices.starting_at is not None and not facts.offer.first_listed_at and not is_over


def _price(facts: Facts) -> str:
    """What the buyer sees."""
    choices, currency = facts.choices, facts.offer.currency
    is_auction = choices.selling_format == SellingFormat.AUCTION
    return price_words(choices.starting_price_text if is_auction else choices.price_text, currency)


def _price_help(facts: Facts) -> str:
    """What it costs in the shop, and what is left above the purchase price before Allegro's fees."""
    product = facts.product
    if product is None:
        return ""
    words = t("In the shop %(price)s", price=money(product.price))
    price, cost = read_price(facts.choices.price_text, facts.offer.currency), product.purchase_price
    if price is None or not isinstance(cost, Money) or cost.currency != facts.offer.currency:
        return words
    margin = t("margin before fees %(percent)s", percent=percent(100 * (price - cost.amount) / price))
    return f"{words}, {margin}"
