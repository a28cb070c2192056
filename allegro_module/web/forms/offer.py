"""The offer form: what was typed, as frozen values; nothing is judged here and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from werkzeug.datastructures import MultiDict

from allegro_module.db.offers import Offer
from allegro_module.domain.listing import read_price, read_quantity
from allegro_module.domain.marketplaces import MARKETPLACES
from allegro_module.domain.offer_choices import DURATIONS, HANDLING_TIMES, INVOICES, VAT_RATES
from allegro_module.domain.parameters import Answers, Parameter, ParameterType

Sent = MultiDict[str, str]

#: As many characters as the columns of the offer row hold; the fields of the page take no more.
LENGTH_BY_FIELD = {"title": 300, "gtin": 40, "price_text": 40, "quantity_text": 40}
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
    #: What the defaults asked for; the seller may only take it away here.
    promotion: Mapping[str, Any] = field(default_factory=dict)


def choices_of(offer: Offer) -> Choices:
    values = {each.name: getattr(offer, each.name) for each in fields(Choices)}
    return Choices(**{**values, "images": tuple(offer.images), "parameters": dict(offer.parameters)})


def read_choices(sent: Sent, parameters: Sequence[Parameter], stored: Choices) -> Choices:
    """What the form holds; what it did not show is as it was stored."""
    return Choices(
        title=_text(sent, "title"),
        gtin=_text(sent, "gtin"),
        price_text=_text(sent, "price", "price_text"),
        quantity_text=_text(sent, "quantity", "quantity_text"),
        vat_rate=_one_of(sent, "vat_rate", ("", *VAT_RATES), stored.vat_rate),
        invoice=_one_of(sent, "invoice", INVOICES, stored.invoice),
        shipping_rate_id=_id(sent, "shipping_rate_id"),
        handling_time=_one_of(sent, "handling_time", HANDLING_TIMES, stored.handling_time),
        images=_images(sent),
        description_html=_lines(sent, "description"),
        parameters=read_answers(sent, parameters, stored.parameters),
        responsible_producer_id=_id(sent, "responsible_producer_id"),
        safety_text=_lines(sent, "safety_text"),
        is_before_gpsr="is_before_gpsr" in sent,
        return_policy_id=_id(sent, "return_policy_id"),
        implied_warranty_id=_id(sent, "implied_warranty_id"),
        warranty_id=_id(sent, "warranty_id"),
        description_template_id=_row_id(sent, "description_template_id"),
        duration=_one_of(sent, "duration", DURATIONS, stored.duration),
        is_republished="is_republished" in sent,
        location=_location(sent),
        responsible_person_id=_id(sent, "responsible_person_id"),
        marketplaces=_marketplaces(sent, stored.marketplaces),
        promotion={} if "promotion.shown" in sent and "promotion" not in sent else stored.promotion,
    )


def apply(choices: Choices, offer: Offer) -> None:
    for each in fields(Choices):
        setattr(offer, each.name, getattr(choices, each.name))
    offer.images = list(choices.images)
    offer.parameters = {key: dict(answer) for key, answer in choices.parameters.items()}
    offer.location = dict(choices.location) if choices.location else None
    offer.marketplaces = {name: dict(wish) for name, wish in choices.marketplaces.items()}
    offer.promotion = dict(choices.promotion)
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
        if _bare(before.parameters.get(key)) != _bare(after.parameters.get(key))
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
}


def _bare(answer: Mapping[str, Any] | None) -> dict[str, Any]:
    """Without what is empty: an answer that was never given is the same as an emptied one."""
    bounds = {side: text for side, text in ((answer or {}).get("range") or {}).items() if text}
    return {key: value for key, value in {**(answer or {}), "range": bounds}.items() if value}


def is_same_answer(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    return _bare(one) == _bare(other)


def readable(sent: Sent) -> Sent:
    """Without NUL characters, which PostgreSQL takes in no text."""
    return MultiDict((name, text.replace("\x00", "")) for name, text in sent.items(multi=True))


def _text(sent: Sent, name: str, column: str | None = None) -> str:
    return sent.get(name, "").strip()[: LENGTH_BY_FIELD[column or name]]


def _lines(sent: Sent, name: str) -> str:
    return sent.get(name, "").replace("\r\n", "\n").strip()


def _id(sent: Sent, name: str) -> str | None:
    return sent.get(name, "").strip()[:64] or None


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


def _images(sent: Sent) -> tuple[str, ...]:
    """In the order of the page, less those that are ticked to be left out."""
    left_out = set(sent.getlist("left_out"))
    return tuple(ref for ref in dict.fromkeys(sent.getlist("images")) if ref not in left_out)


def moved(sent: Sent, move: str) -> Sent:
    """The form with a picture one place earlier or later: `earlier-2`, `later-0` (without script)."""
    direction, _, place = move.partition("-")
    refs = list(dict.fromkeys(sent.getlist("images")))
    if not place.isdecimal():
        return sent
    here = int(place)
    there = here + (1 if direction == "later" else -1)
    if 0 <= here < len(refs) and 0 <= there < len(refs):
        refs[here], refs[there] = refs[there], refs[here]
    changed = sent.copy()
    changed.setlist("images", refs)
    return changed


def read_answers(sent: Sent, parameters: Sequence[Parameter], stored: Answers) -> Answers:
    """Answers to the parameters that the page showed; others keep theirs, to come back with the choice.

    The EAN is a field of its own (`with_gtin`), so no parameter that asks for it keeps an answer.
    """
    answers: dict[str, Mapping[str, Any]] = dict(stored)
    shown = set(sent.getlist("shown"))
    for parameter in parameters:
        if parameter.is_gtin:
            answers.pop(parameter.id, None)
        elif parameter.id in shown:
            answers[parameter.id] = _answer(sent, parameter, answers)
    return {key: answer for key, answer in answers.items() if _bare(answer)}


def _answer(sent: Sent, parameter: Parameter, answers: Answers) -> Mapping[str, Any]:
    name = f"parameters.{parameter.id}"
    if parameter.type is ParameterType.DICTIONARY:
        ids = [value for value in sent.getlist(name) if value]
        ids += [_id_of(parameter, typed, answers) for typed in _typed(sent.get(f"{name}.name", ""))]
        return {"values_ids": list(dict.fromkeys(ids)), "custom": sent.get(f"{name}.custom", "").strip()}
    if parameter.is_range:
        sides = {side: sent.get(f"{name}.{side}", "").strip() for side in ("from", "to")}
        return {"range": sides}
    if parameter.max_values > 1:
        return {"values": [line.strip() for line in sent.get(name, "").splitlines() if line.strip()]}
    return {"values": _typed(sent.get(name, ""))}


def _typed(text: str) -> list[str]:
    return [text.strip()] if text.strip() else []


def _id_of(parameter: Parameter, typed: str, answers: Answers) -> str:
    """The value with this name, one that goes with its parent's first; the text itself when there is none.

    An id that is no value's is named to the seller as such by the rules.
    """
    wanted = typed.casefold()
    named = [value for value in parameter.dictionary.values() if value.name.casefold() == wanted]
    parent = answers.get(parameter.depends_on_parameter_id or "", {})
    chosen = frozenset(parent.get("values_ids") or ())
    fitting = [value for value in named if not value.depends_on or value.depends_on & chosen]
    return next((value.id for value in [*fitting, *named]), typed)
