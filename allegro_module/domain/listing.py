"""May this be listed? Everything that a seller has to correct before Allegro is asked (facts.md 6.5, 6.6)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from allegro_module.domain.accounts import PROVINCES, is_post_code
from allegro_module.domain.gtin import gtin_fault
from allegro_module.domain.marketplaces import BASE
from allegro_module.domain.parameter_answers import problems_with
from allegro_module.domain.parameters import Answers, Parameter, is_new_goods, with_gtin
from allegro_module.domain.problems import Problem
from allegro_module.domain.product_sets import (
    Demand,
    SetProduct,
    demand_problems,
    set_problems,
    set_safety_problems,
)
from allegro_module.domain.selling_formats import SellingFormat, sale_problems
from allegro_module.domain.taxes import Settings, Taxes, tax_problems
from allegro_module.domain.titles import title_problems

IMAGES_MAX = 16
LONGER_SIDE_MIN = 500
MEGAPIXELS_MAX = Decimal(26)
BYTES_MAX = 26_200_000
DESCRIPTION_BYTES_MAX = 40_000
SAFETY_TEXT_MAX = 5000
CITY_MAX = 50


NO_TAXES = Taxes()


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a picture; without a size it could not be read or is gone.

    One that is elsewhere, at an address, only Allegro looks at.
    """

    width: int = 0
    height: int = 0
    size: int = 0
    is_elsewhere: bool = False

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
    #: As `GET /sale/tax-settings` answers; None while they have not been read.
    taxes: Settings | None = None


@dataclass(frozen=True, slots=True)
class KnownTerms:
    """Ids of the selling terms the account has."""

    shipping_rates: Collection[str] = ()
    return_policies: Collection[str] = ()
    implied_warranties: Collection[str] = ()
    producers: Collection[str] = ()
    persons: Collection[str] = ()
    #: None while Allegro's list has not been read: then it is not ours to judge.
    additional_services: Collection[str] | None = None
    size_tables: Collection[str] | None = None
    #: Packages of promotion, basic and extra, by marketplace.
    base_packages: Mapping[str, Collection[str]] = field(default_factory=dict)
    extra_packages: Mapping[str, Collection[str]] = field(default_factory=dict)


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
    selling_format: str = SellingFormat.BUY_NOW
    starting_price_text: str = ""
    minimal_price_text: str = ""
    #: Until the planned start; None: as soon as it is sent, or it has begun already.
    starts_in: timedelta | None = None
    taxes: Taxes = NO_TAXES
    deposits: Sequence[Mapping[str, Any]] = ()
    #: Fields that the catalogue's product fills where the seller leaves them empty: title, images, safety.
    product_gives: Collection[str] = ()
    #: By marketplace, as typed; empty: Allegro converts.
    prices_abroad: Mapping[str, str] = field(default_factory=dict)
    product_pieces: int = 1
    #: Further products that are sold with the first one.
    set_products: Sequence[SetProduct] = ()
    demands: Sequence[Demand] = ()
    additional_services_id: str | None = None
    size_table_id: str | None = None
    marketplace: str = BASE
    #: Packages of promotion that are still to be asked for: the basic one, if any, and extra ones.
    base_package: str = ""
    extra_packages: Sequence[str] = ()


def problems_before_listing(wish: Wish, goods: Goods | None, terms: KnownTerms | None) -> list[Problem]:
    """All at once, in the order of the form.

    `goods` is None for a category that we do not know, `terms` while those of the account have not been read:
    then Allegro decides.
    """
    at_parameters = _all_parameter_problems(wish, goods)
    return [
        *_title_problems(wish),
        *_gtin_problems(wish, goods, at_parameters),
        *set_problems(wish.product_pieces, wish.set_products),
        *_set_safety_problems(wish, goods, terms),
        *_category_problems(wish, goods),
        *sale_problems(wish),
        *tax_problems(goods.taxes if goods else None, wish.taxes),
        *_delivery_problems(wish, terms),
        *_origin_problems(wish),
        *_images_problems(wish),
        *_description_problems(wish.description_html),
        *_parameter_problems(goods, at_parameters),
        *_demand_problems(wish, goods, at_parameters),
        *_safety_problems(wish, goods, terms),
        *_after_sales_problems(wish, terms),
        *_listed_problems(wish, terms),
    ]


def _title_problems(wish: Wish) -> Iterator[Problem]:
    if wish.title.strip() or "title" not in wish.product_gives:
        yield from title_problems(wish.title)


def _images_problems(wish: Wish) -> Iterator[Problem]:
    if wish.pictures or "images" not in wish.product_gives:
        yield from picture_problems(wish.pictures)


def _gtin_problems(wish: Wish, goods: Goods | None, at_parameters: Sequence[Problem]) -> Iterator[Problem]:
    """Of the EAN as a field of the form, whichever parameter it answers."""
    parameters = [each for each in (goods and goods.parameters) or () if each.is_gtin]
    if wish.gtin.strip() and (fault := gtin_fault(wish.gtin)):
        yield Problem(fault, "gtin", {"value": wish.gtin.strip()})
        return
    for problem in at_parameters:
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


def _delivery_problems(wish: Wish, terms: KnownTerms | None) -> Iterator[Problem]:
    if terms is not None:
        yield from _chosen(wish.shipping_rate_id, terms.shipping_rates, "shipping_rate")


def _after_sales_problems(wish: Wish, terms: KnownTerms | None) -> Iterator[Problem]:
    """A company cannot sell without both (facts.md 9)."""
    if terms is not None:
        yield from _chosen(wish.return_policy_id, terms.return_policies, "return_policy")
        yield from _chosen(wish.implied_warranty_id, terms.implied_warranties, "implied_warranty")


def _listed_problems(wish: Wish, terms: KnownTerms | None) -> Iterator[Problem]:
    """What nobody has to choose, and the account does not have."""
    if terms is None:
        return
    yield from _optional(wish.additional_services_id, terms.additional_services, "additional_services")
    yield from _optional(wish.size_table_id, terms.size_tables, "size_table")
    base, extra = (each.get(wish.marketplace) for each in (terms.base_packages, terms.extra_packages))
    gone = [each for each in wish.extra_packages if extra is not None and each not in extra]
    if wish.base_package and base is not None and wish.base_package not in base:
        gone.insert(0, wish.base_package)
    if gone:
        yield Problem("package_gone", "promotion", {"name": ", ".join(gone)})


def _optional(chosen: str | None, known: Collection[str] | None, noun: str) -> Iterator[Problem]:
    if chosen and known is not None and chosen not in known:
        yield Problem(f"{noun}_gone", f"{noun}_id")


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
    if picture.is_elsewhere:
        return None
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


def _parameter_problems(goods: Goods | None, at_parameters: Sequence[Problem]) -> Iterator[Problem]:
    gtins = {f"parameters.{each.id}" for each in (goods and goods.parameters) or () if each.is_gtin}
    yield from (problem for problem in at_parameters if problem.field not in gtins)


def _demand_problems(wish: Wish, goods: Goods | None, at_parameters: Sequence[Problem]) -> Iterator[Problem]:
    if goods is not None and goods.parameters:
        answers = with_gtin(goods.parameters, wish.answers, wish.gtin)
        said = {problem.field for problem in at_parameters}
        yield from demand_problems(wish.demands, goods.parameters, answers, said)


def _all_parameter_problems(wish: Wish, goods: Goods | None) -> list[Problem]:
    if goods is None or not goods.parameters:
        return []
    return problems_with(goods.parameters, with_gtin(goods.parameters, wish.answers, wish.gtin))


def _safety_problems(wish: Wish, goods: Goods | None, terms: KnownTerms | None) -> Iterator[Problem]:
    """New goods need a producer and a safety text (GPSR, facts.md 6.10)."""
    if len(wish.safety_text) > SAFETY_TEXT_MAX:
        yield Problem("safety_text_too_long", "safety_text", {"max": str(SAFETY_TEXT_MAX)})
    needs_safety = goods is not None and is_new_goods(goods.parameters or (), wish.answers)
    if wish.is_before_gpsr or not needs_safety or _is_safe_by_product(wish):
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


def _set_safety_problems(wish: Wish, goods: Goods | None, terms: KnownTerms | None) -> Iterator[Problem]:
    if wish.set_products and goods is not None and is_new_goods(goods.parameters or (), wish.answers):
        producers, persons = (terms.producers, terms.persons) if terms is not None else (None, None)
        yield from set_safety_problems(wish.set_products, producers, persons)


def _is_safe_by_product(wish: Wish) -> bool:
    """What the seller says himself is judged all the same."""
    has_own = wish.responsible_producer_id or wish.safety_text.strip() or wish.safety_files
    return "safety" in wish.product_gives and not has_own
