"""May this be listed? Everything that a seller has to correct before Allegro is asked (facts.md 6.5, 6.6)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from allegro_module.domain.accounts import PROVINCES, is_post_code
from allegro_module.domain.gtin import gtin_fault
from allegro_module.domain.marketplaces import MARKETPLACES, currency_of
from allegro_module.domain.money import UnreadableAmount, WrongCurrency, read_amount
from allegro_module.domain.offer_choices import DURATIONS
from allegro_module.domain.parameter_answers import problems_with
from allegro_module.domain.parameters import Answers, Parameter, is_new_goods, with_gtin
from allegro_module.domain.problems import Problem
from allegro_module.domain.titles import title_problems

PRICE_MIN, PRICE_MAX = Decimal(1), Decimal(1_000_000_000)
QUANTITY_MAX = 1_000_000_000
IMAGES_MAX = 16
LONGER_SIDE_MIN = 500
MEGAPIXELS_MAX = Decimal(26)
BYTES_MAX = 26_200_000
DESCRIPTION_BYTES_MAX = 40_000
SAFETY_TEXT_MAX = 5000
CITY_MAX = 50


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a picture; without a size it could not be read or is gone."""

    width: int = 0
    height: int = 0
    size: int = 0

    @property
    def is_readable(self) -> bool:
        return self.width > 0 and self.height > 0


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the goods are sent from."""

    country: str = "PL"
    province: str = ""
    city: str = ""
    post_code: str = ""


@dataclass(frozen=True, slots=True)
class Goods:
    """The chosen category: None as `parameters` while they have not been read from Allegro."""

    is_leaf: bool = True
    parameters: Sequence[Parameter] | None = ()


@dataclass(frozen=True, slots=True)
class KnownTerms:
    """Ids of the selling terms the account has."""

    shipping_rates: Collection[str] = ()
    return_policies: Collection[str] = ()
    implied_warranties: Collection[str] = ()
    producers: Collection[str] = ()
    persons: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """An offer as the seller wants it, texts as typed."""

    title: str = ""
    gtin: str = ""
    category_id: str | None = None
    price_text: str = ""
    currency: str = "PLN"
    quantity_text: str = ""
    pictures: Sequence[Picture] = ()
    description_html: str = ""
    answers: Answers = field(default_factory=dict)
    shipping_rate_id: str | None = None
    return_policy_id: str | None = None
    implied_warranty_id: str | None = None
    responsible_producer_id: str | None = None
    safety_text: str = ""
    is_before_gpsr: bool = False
    origin: Origin = Origin()
    #: The place is this offer's own and not the account's.
    has_own_origin: bool = False
    responsible_person_id: str | None = None
    #: How many files tell of safety in place of the text.
    safety_files: int = 0
    duration: str = ""
    #: By marketplace, as typed; empty: Allegro converts.
    prices_abroad: Mapping[str, str] = field(default_factory=dict)


def problems_before_listing(wish: Wish, goods: Goods | None, terms: KnownTerms | None) -> list[Problem]:
    """All at once, in the order of the form.

    `goods` is None for a category that we do not know, `terms` while those of the account have not been read:
    then Allegro decides.
    """
    return [
        *title_problems(wish.title),
        *_gtin_problems(wish, goods),
        *_category_problems(wish, goods),
        *price_problems(wish.price_text, wish.currency),
        *quantity_problems(wish.quantity_text),
        *_duration_problems(wish),
        *_abroad_problems(wish.prices_abroad),
        *_delivery_problems(wish, terms),
        *_origin_problems(wish),
        *picture_problems(wish.pictures),
        *_description_problems(wish.description_html),
        *_parameter_problems(wish, goods),
        *_safety_problems(wish, goods, terms),
        *_after_sales_problems(wish, terms),
    ]


def _gtin_problems(wish: Wish, goods: Goods | None) -> Iterator[Problem]:
    """Of the EAN as a field of the form, whichever parameter it answers."""
    parameters = [each for each in (goods and goods.parameters) or () if each.is_gtin]
    if wish.gtin.strip() and (fault := gtin_fault(wish.gtin)):
        yield Problem(fault, "gtin", {"value": wish.gtin.strip()})
        return
    for problem in _all_parameter_problems(wish, goods):
        if any(problem.field == f"parameters.{each.id}" for each in parameters):
            code = "gtin_required" if problem.code == "parameter_required" else problem.code
            yield replace(problem, code=code, field="gtin")
            return


def _category_problems(wish: Wish, goods: Goods | None) -> Iterator[Problem]:
    if not wish.category_id:
        yield Problem("category_required", "category_id")
    elif goods is None:
        yield Problem("category_unknown", "category_id")
    elif not goods.is_leaf:
        yield Problem("category_not_leaf", "category_id")
    elif goods.parameters is None:
        yield Problem("category_parameters_missing", "category_id")


def price_problems(text: str, currency: str) -> Iterator[Problem]:
    if not text.strip():
        yield Problem("price_required", "price")
        return
    try:
        price = read_amount(text, currency)
    except WrongCurrency:
        yield Problem("price_wrong_currency", "price", {"currency": currency})
        return
    except UnreadableAmount:
        yield Problem("price_not_a_number", "price", {"value": text.strip()})
        return
    if price < PRICE_MIN:
        yield Problem("price_too_low", "price", {"min": str(PRICE_MIN)})
    elif price > PRICE_MAX:
        yield Problem("price_too_high", "price", {"max": str(PRICE_MAX)})
    elif price != price.quantize(Decimal("0.01")):
        yield Problem("price_too_precise", "price")
    elif currency == "CZK" and price != int(price):
        yield Problem("price_not_whole", "price")
    elif currency == "HUF" and price % 5:
        yield Problem("price_not_in_fives", "price")


def quantity_problems(text: str) -> Iterator[Problem]:
    bare = text.replace(" ", "").replace("\u00a0", "")
    if not bare:
        yield Problem("quantity_required", "quantity")
    elif not (bare.isascii() and bare.isdigit()):
        yield Problem("quantity_not_whole", "quantity", {"value": text.strip()})
    elif int(bare) < 1:
        yield Problem("quantity_too_small", "quantity")
    elif int(bare) > QUANTITY_MAX:
        yield Problem("quantity_too_large", "quantity")


def read_quantity(text: str) -> int | None:
    """None when `quantity_problems` finds any."""
    if any(quantity_problems(text)):
        return None
    return int(text.replace(" ", "").replace("\u00a0", ""))


def read_price(text: str, currency: str) -> Decimal | None:
    """None when `price_problems` finds any."""
    return (
        None if any(price_problems(text, currency)) else read_amount(text, currency).quantize(Decimal("0.01"))
    )


def _delivery_problems(wish: Wish, terms: KnownTerms | None) -> Iterator[Problem]:
    if terms is not None:
        yield from _chosen(wish.shipping_rate_id, terms.shipping_rates, "shipping_rate")


def _after_sales_problems(wish: Wish, terms: KnownTerms | None) -> Iterator[Problem]:
    """A company cannot sell without both (facts.md 9)."""
    if terms is not None:
        yield from _chosen(wish.return_policy_id, terms.return_policies, "return_policy")
        yield from _chosen(wish.implied_warranty_id, terms.implied_warranties, "implied_warranty")


def _chosen(chosen: str | None, known: Collection[str], noun: str) -> Iterator[Problem]:
    if not known:
        yield Problem(f"{noun}_none", f"{noun}_id")
    elif not chosen:
        yield Problem(f"{noun}_required", f"{noun}_id")
    elif chosen not in known:
        yield Problem(f"{noun}_gone", f"{noun}_id")


def _origin_problems(wish: Wish) -> Iterator[Problem]:
    """The account's stands at the one place that shows it: it is changed in the account's settings."""
    if wish.has_own_origin:
        yield from own_origin_problems(wish.origin)
        return
    origin = wish.origin
    has_province = origin.country != "PL" or origin.province in PROVINCES
    if not has_province or not origin.city.strip() or not origin.post_code.strip():
        yield Problem("location_required", "location")
    elif not is_post_code(origin.post_code.strip(), origin.country):
        yield Problem("location_post_code", "location", {"value": origin.post_code})
    elif len(origin.city.strip()) > CITY_MAX:
        yield Problem("location_city_too_long", "location", {"max": str(CITY_MAX)})


def own_origin_problems(origin: Origin) -> Iterator[Problem]:
    """Of an address that is typed in this form: each at its own field."""
    if origin.country == "PL" and origin.province not in PROVINCES:
        yield Problem("province_required", "location.province")
    if not origin.city.strip():
        yield Problem("required", "location.city")
    elif len(origin.city.strip()) > CITY_MAX:
        yield Problem("text_too_long", "location.city", {"max": str(CITY_MAX)})
    if not is_post_code(origin.post_code.strip(), origin.country):
        code = "post_code_format" if origin.country == "PL" else "post_code_format_abroad"
        yield Problem(code, "location.post_code")


def _duration_problems(wish: Wish) -> Iterator[Problem]:
    if wish.duration not in DURATIONS:
        yield Problem("choice_unknown", "duration")


def _abroad_problems(prices: Mapping[str, str]) -> Iterator[Problem]:
    for marketplace, text in prices.items():
        if marketplace not in MARKETPLACES:
            yield Problem("choice_unknown", f"marketplaces.{marketplace}")
        elif text.strip():
            for problem in price_problems(text, currency_of(marketplace)):
                yield replace(problem, field=f"marketplaces.{marketplace}")


def picture_problems(pictures: Sequence[Picture]) -> Iterator[Problem]:
    if not pictures:
        yield Problem("images_required", "images")
    elif len(pictures) > IMAGES_MAX:
        yield Problem("images_too_many", "images", {"max": str(IMAGES_MAX), "count": str(len(pictures))})
    for number, picture in enumerate(pictures):
        if problem := picture_problem(picture, number):
            yield problem


def picture_problem(picture: Picture, number: int) -> Problem | None:
    """`number` counts from 0, as in the field's name; sellers count from 1."""
    params = {"number": str(number + 1), "width": str(picture.width), "height": str(picture.height)}
    code = _picture_fault(picture)
    return Problem(code, f"images.{number}", {**params, "min": str(LONGER_SIDE_MIN)}) if code else None


def _picture_fault(picture: Picture) -> str | None:
    if not picture.is_readable:
        return "image_unreadable"
    if max(picture.width, picture.height) < LONGER_SIDE_MIN:
        return "image_too_small"
    is_heavy = (
        Decimal(picture.width * picture.height) / 1_000_000 > MEGAPIXELS_MAX or picture.size > BYTES_MAX
    )
    return "image_too_large" if is_heavy else None


def _description_problems(text: str) -> Iterator[Problem]:
    size = len(text.encode())
    if size > DESCRIPTION_BYTES_MAX:
        yield Problem(
            "description_too_long", "description", {"size": str(size), "max": str(DESCRIPTION_BYTES_MAX)}
        )


def _parameter_problems(wish: Wish, goods: Goods | None) -> Iterator[Problem]:
    gtins = {f"parameters.{each.id}" for each in (goods and goods.parameters) or () if each.is_gtin}
    yield from (problem for problem in _all_parameter_problems(wish, goods) if problem.field not in gtins)


def _all_parameter_problems(wish: Wish, goods: Goods | None) -> list[Problem]:
    if goods is None or not goods.parameters:
        return []
    return problems_with(goods.parameters, with_gtin(goods.parameters, wish.answers, wish.gtin))


def _safety_problems(wish: Wish, goods: Goods | None, terms: KnownTerms | None) -> Iterator[Problem]:
    """New goods need a producer and a safety text (GPSR, facts.md 6.10)."""
    if len(wish.safety_text) > SAFETY_TEXT_MAX:
        yield Problem("safety_text_too_long", "safety_text", {"max": str(SAFETY_TEXT_MAX)})
    needs_safety = goods is not None and is_new_goods(goods.parameters or (), wish.answers)
    if wish.is_before_gpsr or not needs_safety:
        return
    if not wish.responsible_producer_id:
        none_there = terms is not None and not terms.producers
        code = "responsible_producer_none" if none_there else "responsible_producer_required"
        yield Problem(code, "responsible_producer_id")
    elif terms is not None and wish.responsible_producer_id not in terms.producers:
        yield Problem("responsible_producer_gone", "responsible_producer_id")
    if not wish.safety_text.strip() and not wish.safety_files:
        yield Problem("safety_text_required", "safety_text")
    person = wish.responsible_person_id
    if person and terms is not None and person not in terms.persons:
        yield Problem("responsible_person_gone", "responsible_person_id")
