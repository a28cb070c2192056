"""The form of a profile: texts as typed ⇄ values as `domain.profiles` shapes them. Empty: as above."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from allegro_module.domain.problems import Problem
from allegro_module.domain.profiles import FIELDS

Sent = MultiDict[str, str]
#: Chosen in a list in place of an id or a time: none, whatever farther profiles say.
NONE = "-"
YES, NO = "yes", "no"
#: What a group of fields says as a whole.
OWN, NOWHERE = "own", "none"
CONVERTS, BY_RULE = "converts", "rule"

PLAIN = (
    "shipping_rate_id",
    "return_policy_id",
    "implied_warranty_id",
    "warranty_id",
    "handling_time",
    "vat_rate",
    "invoice",
    "duration",
    "quantity_buffer",
    "quantity_cap",
    "description_template_id",
    "responsible_producer_id",
    "responsible_person_id",
)
FLAGS = ("is_republished", "is_before_gpsr")
PLACE = ("province", "city", "post_code")
RULE = ("factor", "addition", "rounding", "min_margin")
ABROAD = ("factor", "addition", "rounding")
LONGEST = {"safety_text": 20_000}


def read_values(sent: Sent, country: str, marketplaces: Sequence[str]) -> dict[str, Any]:
    """Only what this profile says itself; numbers stay as they were typed."""
    return {name: value for name, value in _read(sent, country, marketplaces) if name in FIELDS}


def _read(sent: Sent, country: str, marketplaces: Sequence[str]) -> Iterator[tuple[str, Any]]:
    for name in PLAIN:
        if typed := _text(sent, name):
            yield name, "" if typed == NONE else typed
    for name in FLAGS:
        if _text(sent, name) in (YES, NO):
            yield name, _text(sent, name) == YES
    place = {part: _text(sent, f"location.{part}") for part in PLACE}
    if any(place.values()):
        yield "location", {"country": country, **place}
    if rule := _filled(sent, "price_rule", RULE):
        yield "price_rule", rule
    if (abroad := _abroad(sent, marketplaces)) is not None:
        yield "marketplaces", abroad
    if (promotion := _promotion(sent)) is not None:
        yield "promotion", promotion
    yield from _safety(sent)


def _text(sent: Sent, name: str) -> str:
    text = sent.get(name, "").replace("\x00", "").replace("\r\n", "\n").strip()
    return text[: LONGEST.get(name, 100)]


def _filled(sent: Sent, name: str, parts: Sequence[str]) -> dict[str, str]:
    return {part: typed for part in parts if (typed := _text(sent, f"{name}.{part}"))}


def _whole(sent: Sent, name: str, is_filled: bool) -> str:
    """What the group says: values typed into one that inherited count, even if its list was left alone."""
    chosen, was = _text(sent, f"{name}.own"), _text(sent, f"{name}.was")
    return OWN if not chosen and not was and is_filled else chosen


def _abroad(sent: Sent, marketplaces: Sequence[str]) -> dict[str, dict[str, str]] | None:
    rules: dict[str, dict[str, str]] = {}
    for each in marketplaces:
        mode, rule = _text(sent, f"marketplaces.{each}.mode"), _filled(sent, f"marketplaces.{each}", ABROAD)
        if mode == CONVERTS:
            rules[each] = {}
        elif mode == BY_RULE or (rule and not mode):
            rules[each] = rule or {"factor": "1"}
    whole = _whole(sent, "marketplaces", bool(rules))
    return {NOWHERE: {}, OWN: rules}.get(whole)


def _promotion(sent: Sent) -> dict[str, Any] | None:
    base, extra = _text(sent, "promotion.base"), [each[:64] for each in sent.getlist("promotion.extra")]
    whole = _whole(sent, "promotion", bool(base or extra))
    return {NOWHERE: {"base": "", "extra": []}, OWN: {"base": base, "extra": extra}}.get(whole)


def _safety(sent: Sent) -> Iterator[tuple[str, Any]]:
    """Text and files are kept together, so that an inherited text never meets files of its own."""
    kind, text = _text(sent, "safety_kind"), _text(sent, "safety_text")
    if kind == "text" or (not kind and not _text(sent, "safety_kind.was") and text):
        yield "safety_text", text
        yield "safety_attachments", []
    elif kind == "files":
        yield "safety_text", ""
        yield "safety_attachments", [each[:20] for each in sent.getlist("safety_attachments") if each]


def safety_problems(sent: Sent) -> list[Problem]:
    """A text was chosen, and none typed."""
    is_missing = _text(sent, "safety_kind") == "text" and not _text(sent, "safety_text")
    return [Problem("safety_text_required", "safety_text")] if is_missing else []


def to_form(values: Mapping[str, Any]) -> Sent:
    """The fields of a stored profile."""
    form: Sent = MultiDict()
    for name in PLAIN:
        if name in values:
            form[name] = _shown(values[name])
    for name in FLAGS:
        if name in values:
            form[name] = YES if values[name] else NO
    for name, parts in (("location", PLACE), ("price_rule", RULE)):
        for part in parts:
            form[f"{name}.{part}"] = _number((values.get(name) or {}).get(part, ""))
    _show_abroad(form, values.get("marketplaces"))
    _show_promotion(form, values.get("promotion"))
    if values.get("safety_text") or values.get("safety_attachments"):
        form["safety_kind"] = form["safety_kind.was"] = "text" if values.get("safety_text") else "files"
        form["safety_text"] = values.get("safety_text") or ""
        form.setlist("safety_attachments", [str(each) for each in values.get("safety_attachments") or ()])
    return form


def _shown(value: Any) -> str:
    return NONE if value == "" else str(value)


def _number(text: str) -> str:
    return text.replace(".", ",") if text.replace(".", "", 1).removeprefix("-").isdigit() else text


def _show_abroad(form: Sent, rules: Mapping[str, Mapping[str, str]] | None) -> None:
    if rules is None:
        return
    form["marketplaces.own"] = form["marketplaces.was"] = OWN if rules else NOWHERE
    for each, rule in rules.items():
        form[f"marketplaces.{each}.mode"] = BY_RULE if rule else CONVERTS
        for part in ABROAD:
            form[f"marketplaces.{each}.{part}"] = _number(rule.get(part, ""))


def _show_promotion(form: Sent, promotion: Mapping[str, Any] | None) -> None:
    if promotion is None:
        return
    is_some = bool(promotion.get("base") or promotion.get("extra"))
    form["promotion.own"] = form["promotion.was"] = OWN if is_some else NOWHERE
    form["promotion.base"] = promotion.get("base") or ""
    form.setlist("promotion.extra", list(promotion.get("extra") or ()))


def without(sent: Sent, field: str) -> Sent:
    """The form with one field as above again; everything else as it was typed."""
    names = {"safety": ("safety_kind", "safety_text", "safety_attachments")}.get(field, (field,))
    kept = [
        (key, text)
        for key, text in sent.items(multi=True)
        if not any(key == name or key.startswith(f"{name}.") for name in names)
    ]
    return MultiDict(kept)
