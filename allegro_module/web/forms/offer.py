"""The offer form: what was typed, as frozen values; nothing is judged here and nothing is lost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from allegro_module.db.offers import Offer
from allegro_module.domain.marketplaces import MARKETPLACES
from allegro_module.domain.offer_choices import (
    AUCTION_DURATIONS,
    DURATIONS,
    HANDLING_TIMES,
    INVOICES,
    UNITS,
    VAT_RATES,
)
from allegro_module.domain.parameters import Answers, Parameter
from allegro_module.domain.selling_formats import (
    ONE_PIECE,
    SellingFormat,
    fitting_duration,
    read_price,
    read_quantity,
)
from allegro_module.web.forms.offer_answers import bare, read_answers
from allegro_module.web.forms.offer_content import read_own_sections, read_pictures
from allegro_module.web.forms.offer_product import read_more_products, read_product_quantity
from allegro_module.web.forms.offer_sale import (
    read_deposits,
    read_promotion,
    read_rates_abroad,
    read_token,
)
from allegro_module.web.forms.offer_start import read_start

Sent = MultiDict[str, str]

#: As many characters as the columns of the offer row hold; the fields of the page take no more.
LENGTH_BY_FIELD = {
    "title": 300,
    **dict.fromkeys(("gtin", "price_text", "quantity_text", "starting_price_text", "minimal_price_text"), 40),
}
#: Of an address of the offer's own; the country is the account's.
PLACE_PARTS = ("province", "city", "post_code")


@dataclass(frozen=True, slots=True)
class Choices:
    """The seller's choices; fields are named as the columns of the offer row."""

    title: str = ""
    gtin: str = ""
    price_text: str = ""
    quantity_text: str = ""
    vat_rate: str = ""
    invoice: str = ""
    shipping_rate_id: str | None = None
    handling_time: str = ""
    images: tuple[str, ...] = ()
    description_html: str = ""
    parameters: Answers = field(default_factory=dict)
    responsible_producer_id: str | None = None
    safety_text: str = ""
    is_before_gpsr: bool = False
    return_policy_id: str | None = None
    implied_warranty_id: str | None = None
    warranty_id: str | None = None
    description_template_id: int | None = None
    duration: str = ""
    is_republished: bool = False
    location: Mapping[str, str] | None = None
    responsible_person_id: str | None = None
    marketplaces: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    promotion: Mapping[str, Any] = field(default_factory=dict)
    selling_format: str = SellingFormat.BUY_NOW
    starting_price_text: str = ""
    minimal_price_text: str = ""
    unit: str = "UNIT"
    starting_at: datetime | None = None
    is_business_only: bool = False
    vat_rates_abroad: Mapping[str, str] = field(default_factory=dict)
    vat_subject: str = ""
    vat_exemption: str = ""
    deposits: Sequence[Mapping[str, Any]] = ()
    additional_services_id: str | None = None
    size_table_id: str | None = None
    ai_images: tuple[str, ...] = ()
    description_sections: Sequence[Mapping[str, Any]] | None = None
    product_quantity: int = 1
    more_products: Sequence[Mapping[str, Any]] = ()


def choices_of(offer: Offer) -> Choices:
    values = {each.name: getattr(offer, each.name) for each in fields(Choices)}
    alike = {name: list(values[name] or ()) for name in ("deposits", "more_products")}
    pictures = {name: tuple(values[name] or ()) for name in ("images", "ai_images")}
    maps = {name: dict(values[name] or {}) for name in ("parameters", "vat_rates_abroad")}
    return Choices(**{**values, **alike, **pictures, **maps})


@dataclass(frozen=True, slots=True)
class Offered:
    """What the page offered to choose from, as far as it depends on the offer."""

    parameters: Sequence[Parameter] = ()
    refs: Collection[str] = ()
    vat_rates: Collection[str] = VAT_RATES


def read_choices(sent: Sent, offered: Offered, stored: Choices) -> Choices:
    """What the form holds; what it did not show is as it was stored."""
    typed = _as_typed(sent, offered, stored)
    return typed if typed.selling_format == stored.selling_format else _in_new_format(typed)


def _in_new_format(typed: Choices) -> Choices:
    """Without a script the duration and the pieces were still those of the other way of selling."""
    is_auction = typed.selling_format == SellingFormat.AUCTION
    return replace(
        typed,
        duration=fitting_duration(typed.selling_format, typed.duration),
        quantity_text=ONE_PIECE if is_auction else typed.quantity_text,
    )


def _as_typed(sent: Sent, offered: Offered, stored: Choices) -> Choices:
    images, ai_images = read_pictures(sent, offered.refs)
    return Choices(
        title=_text(sent, "title"),
        gtin=_text(sent, "gtin"),
        price_text=_text(sent, "price", "price_text"),
        quantity_text=_text(sent, "quantity", "quantity_text"),
        vat_rate=_one_of(sent, "vat_rate", ("", *offered.vat_rates), stored.vat_rate),
        invoice=_one_of(sent, "invoice", INVOICES, stored.invoice),
        shipping_rate_id=_id(sent, "shipping_rate_id"),
        handling_time=_one_of(sent, "handling_time", HANDLING_TIMES, stored.handling_time),
        images=images,
        description_html=_lines(sent, "description"),
        parameters=read_answers(sent, offered.parameters, stored.parameters),
        responsible_producer_id=_id(sent, "responsible_producer_id"),
        safety_text=_lines(sent, "safety_text"),
        is_before_gpsr="is_before_gpsr" in sent,
        return_policy_id=_id(sent, "return_policy_id"),
        implied_warranty_id=_id(sent, "implied_warranty_id"),
        warranty_id=_id(sent, "warranty_id"),
        description_template_id=_row_id(sent, "description_template_id"),
        duration=_one_of(sent, "duration", (*DURATIONS, *AUCTION_DURATIONS), stored.duration),
        is_republished="is_republished" in sent,
        location=_location(sent),
        responsible_person_id=_id(sent, "responsible_person_id"),
        marketplaces=_marketplaces(sent, stored.marketplaces),
        promotion=read_promotion(sent, stored.promotion),
        selling_format=_one_of(sent, "selling_format", list(SellingFormat), stored.selling_format),
        starting_price_text=_text(sent, "starting_price", "starting_price_text"),
        minimal_price_text=_text(sent, "minimal_price", "minimal_price_text"),
        unit=_one_of(sent, "unit", UNITS, stored.unit),
        starting_at=read_start(sent, stored.starting_at),
        is_business_only="is_business_only" in sent,
        vat_rates_abroad=read_rates_abroad(sent, stored.vat_rates_abroad),
        vat_subject=read_token(sent, "vat_subject", stored.vat_subject),
        vat_exemption=read_token(sent, "vat_exemption", stored.vat_exemption),
        deposits=read_deposits(sent, stored.deposits),
        additional_services_id=_id_if_shown(sent, "additional_services_id", stored.additional_services_id),
        size_table_id=_id_if_shown(sent, "size_table_id", stored.size_table_id),
        ai_images=ai_images,
        description_sections=read_own_sections(sent),
        product_quantity=read_product_quantity(sent, stored.product_quantity),
        more_products=read_more_products(sent, stored.more_products),
    )


def apply(choices: Choices, offer: Offer) -> None:
    for each in fields(Choices):
        setattr(offer, each.name, getattr(choices, each.name))
    for name in ("images", "ai_images", "deposits", "more_products"):
        setattr(offer, name, list(getattr(choices, name)))
    offer.parameters = {key: dict(answer) for key, answer in choices.parameters.items()}
    offer.location = dict(choices.location) if choices.location else None
    offer.marketplaces = {name: dict(wish) for name, wish in choices.marketplaces.items()}
    offer.promotion = dict(choices.promotion)
    offer.vat_rates_abroad = dict(choices.vat_rates_abroad)
    offer.price = read_price(choices.price_text, offer.currency)
    offer.quantity = read_quantity(choices.quantity_text)


def changed_fields(before: Choices, after: Choices) -> list[str]:
    """Names of the form's fields that differ, `parameters.11323` and `marketplaces.allegro-cz` among them."""
    names = [
        FORM_FIELD_BY_COLUMN.get(each.name, each.name)
        for each in fields(Choices)
        if each.name not in BY_KEY and getattr(before, each.name) != getattr(after, each.name)
    ]
    abroad = dict.fromkeys([*before.marketplaces, *after.marketplaces])
    names += [
        f"marketplaces.{key}" for key in abroad if price_abroad(before, key) != price_abroad(after, key)
    ]
    ids = dict.fromkeys([*before.parameters, *after.parameters])
    return names + [
        f"parameters.{key}"
        for key in ids
        if bare(before.parameters.get(key)) != bare(after.parameters.get(key))
    ]


def price_abroad(choices: Choices, marketplace: str) -> str:
    """As typed; empty where Allegro converts."""
    return choices.marketplaces.get(marketplace, {}).get("price_text") or ""


#: Columns of which each key is a field of its own.
BY_KEY = ("parameters", "marketplaces")
FORM_FIELD_BY_COLUMN = {
    "price_text": "price",
    "quantity_text": "quantity",
    "description_html": "description",
    "starting_price_text": "starting_price",
    "minimal_price_text": "minimal_price",
    "description_sections": "sections",
}


def readable(sent: Sent) -> Sent:
    """Without NUL characters, which PostgreSQL takes in no text."""
    return MultiDict((name, text.replace("\x00", "")) for name, text in sent.items(multi=True))


def _text(sent: Sent, name: str, column: str | None = None) -> str:
    return sent.get(name, "").strip()[: LENGTH_BY_FIELD[column or name]]


def _lines(sent: Sent, name: str) -> str:
    return sent.get(name, "").replace("\r\n", "\n").strip()


def _id(sent: Sent, name: str) -> str | None:
    return sent.get(name, "").strip()[:64] or None


def _id_if_shown(sent: Sent, name: str, stored: str | None) -> str | None:
    return _id(sent, name) if name in sent else stored


def _row_id(sent: Sent, name: str) -> int | None:
    typed = sent.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def _location(sent: Sent) -> dict[str, str] | None:
    """None as long as nothing is typed: the account's place."""
    parts = {part: sent.get(f"location.{part}", "").strip()[:60] for part in PLACE_PARTS}
    country = sent.get("location.country", "").strip()[:2] or "PL"
    return {"country": country, **parts} if any(parts.values()) else None


def _marketplaces(sent: Sent, stored: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    """Those that the page showed, and the others as they were."""
    wishes = dict(stored)
    for name in sent.getlist("marketplaces.shown"):
        text = sent.get(f"marketplaces.{name}", "").strip()[: LENGTH_BY_FIELD["price_text"]]
        if name in MARKETPLACES and (text or name in stored):
            wishes[name] = {"price_text": text}
    return wishes


def _one_of(sent: Sent, name: str, known: Iterable[str], otherwise: str) -> str:
    """A value nobody offered can only come from a broken page: what was stored stays."""
    value = sent.get(name, otherwise)
    return value if value in known else otherwise
