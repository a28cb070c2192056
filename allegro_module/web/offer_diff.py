"""„Co się zmieni na Allegro”: what would be sent for a listed offer, beside what stands there, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from allegro_module.domain.three_way import changes, is_same
from allegro_module.web.i18n import t
from allegro_module.web.offer_buyer_page import Known, money_words, parameter_name, parameter_words
from allegro_module.web.offer_diff_sale import deposit_words, tax_words
from allegro_module.web.offer_words import INVOICE_NAMES, duration_name, field_name, handling_time_name

Json = Mapping[str, Any]
#: Members of the body by the field of the form that speaks of them; the longest beginning counts.
FIELDS = {
    "name": "title",
    "sellingMode": "price",
    "stock": "quantity",
    "delivery.shippingRates": "shipping_rate_id",
    "delivery.handlingTime": "handling_time",
    "afterSalesServices.returnPolicy": "return_policy_id",
    "afterSalesServices.impliedWarranty": "implied_warranty_id",
    "afterSalesServices.warranty": "warranty_id",
    "payments": "invoice",
    "location": "location",
    "external": "external_id",
    "publication.duration": "duration",
    "publication.republish": "is_republished",
    "publication.startingAt": "starting_at",
    "b2b": "is_business_only",
    "additionalServices": "additional_services_id",
    "sizeTable": "size_table_id",
    "aiCoCreatedContent": "ai_images",
    "responsibleProducer": "responsible_producer_id",
    "responsiblePerson": "responsible_person_id",
    "safetyInformation": "safety_text",
    "marketedBeforeGPSRObligation": "is_before_gpsr",
    "quantity": "product_quantity",
}
TERM_KINDS = {
    "shipping_rate_id": "shipping_rate",
    "return_policy_id": "return_policy",
    "implied_warranty_id": "implied_warranty",
    "warranty_id": "warranty",
    "responsible_producer_id": "responsible_producer",
    "responsible_person_id": "responsible_person",
}
TAGS = re.compile(r"<[^>]*>")
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Line:
    """`before` and `after` in words, or as pictures."""

    name: str
    before: str = ""
    after: str = ""
    pictures_before: Sequence[str] = ()
    pictures_after: Sequence[str] = ()

    @property
    def is_of_pictures(self) -> bool:
        return bool(self.pictures_before or self.pictures_after)


def diff_lines(patch: Json, theirs: Json, known: Known) -> list[Line]:
    """`patch` is what would be sent, `theirs` what stands on Allegro in the same shape."""
    return [line for name, mine in patch.items() for line in _lines(name, theirs.get(name), mine, known)]


def _lines(name: str, theirs: Any, mine: Any, known: Known) -> Iterator[Line]:
    if name == "images":
        yield _pictures(theirs or (), mine or (), known)
    elif name == "description":
        yield from _sections(_sections_of(theirs), _sections_of(mine), known)
    elif name == "parameters":
        yield from _parameters(theirs or (), mine or (), known)
    elif name == "productSet":
        yield from _products(theirs or (), mine or (), known)
    elif name == "additionalMarketplaces":
        yield from _abroad(theirs or {}, mine or {})
    elif name == "taxSettings":
        yield from (Line(*words) for words in tax_words(theirs, mine, known))
    elif name == "deposits":
        if not is_same(theirs or [], mine or []):
            yield Line(*deposit_words(theirs, mine, known))
    else:
        yield from _others(name, theirs, mine, known)


def _pictures(theirs: Sequence[str], mine: Sequence[str], known: Known) -> Line:
    before, after = ([known.address_of(each) for each in side] for side in (theirs, mine))
    return Line(field_name("images"), pictures_before=before, pictures_after=after)


def _sections_of(description: Any) -> Sequence[Json]:
    return (description or {}).get("sections") or ()


def _sections(theirs: Sequence[Json], mine: Sequence[Json], known: Known) -> Iterator[Line]:
    for place in range(max(len(theirs), len(mine))):
        before, after = (side[place] if place < len(side) else {} for side in (theirs, mine))
        if is_same(before, after):
            continue
        pictures = [_pictures_in(side, known) for side in (before, after)]
        is_other_picture = pictures[0] != pictures[1]
        yield Line(
            t("Description, section %(number)s", number=place + 1),
            _words_in(before),
            _words_in(after),
            pictures[0] if is_other_picture else (),
            pictures[1] if is_other_picture else (),
        )


def _pictures_in(section: Json, known: Known) -> list[str]:
    items = section.get("items") or ()
    return [known.address_of(each.get("url") or "") for each in items if each.get("type") == "IMAGE"]


def _words_in(section: Json) -> str:
    texts = (each.get("content") or "" for each in section.get("items") or () if each.get("type") != "IMAGE")
    bare = " ".join(TAGS.sub(" ", " ".join(texts)).split())
    return bare if len(bare) <= LONGEST else f"{bare[:LONGEST]}…"


def _parameters(theirs: Sequence[Json], mine: Sequence[Json], known: Known) -> Iterator[Line]:
    by_id = {each.id: each for each in known.parameters}
    before, after = ({str(row.get("id")): row for row in side} for side in (theirs, mine))
    for parameter_id in dict.fromkeys((*after, *before)):
        parameter = by_id.get(parameter_id)
        old, new = (parameter_words(side.get(parameter_id), parameter) for side in (before, after))
        if old != new:
            yield Line(parameter_name(parameter_id, known.parameters), old, new)


def _products(theirs: Sequence[Json], mine: Sequence[Json], known: Known) -> Iterator[Line]:
    for place, after in enumerate(mine):
        before = theirs[place] if place < len(theirs) else {}
        old, new = before.get("product") or {}, after.get("product") or {}
        if new.get("id") and new.get("id") != old.get("id"):
            yield Line(t("Product of Allegro's catalogue"), old.get("name") or old.get("id") or "", new["id"])
        if new.get("parameters"):
            # Of the product's own ones only those that are sent can change.
            sent = {str(row.get("id")) for row in new["parameters"]}
            kept = [row for row in old.get("parameters") or () if str(row.get("id")) in sent]
            yield from _parameters(kept, new["parameters"], known)
        # What stands there and is not among what is sent is taken out: the array is replaced whole.
        for name in dict.fromkeys((*after, *before)):
            if name != "product":
                lines = _lines(name, before.get(name), after.get(name), known)
                yield from (_of_further(line, place) for line in lines) if place else lines


def _of_further(line: Line, place: int) -> Line:
    whose = t("Product %(number)s of the set", number=place + 1)
    return replace(line, name=f"{whose}: {line.name}")


def _abroad(theirs: Json, mine: Json) -> Iterator[Line]:
    for name, after in mine.items():
        prices = [((side or {}).get("sellingMode") or {}).get("price") for side in (theirs.get(name), after)]
        if not is_same(*prices):
            yield Line(field_name(f"marketplaces.{name}"), money_words(prices[0]), money_words(prices[1]))


def _others(name: str, theirs: Any, mine: Any, known: Known) -> Iterator[Line]:
    """Each changed member; amounts are told with their currency, ids by their names."""
    before, after = {name: _sent_part(theirs, mine)}, {name: mine}
    told = set()
    for change in changes(before, after):
        path = change.path.removesuffix(".amount").removesuffix(".currency").removesuffix(".id")
        if path in told:
            continue
        told.add(path)
        field = _field(path)
        words = [_words(path, field, _at(side, path), known) for side in (before, after)]
        yield Line(_name(path, field), *words)


def _sent_part(theirs: Any, mine: Any) -> Any:
    """What is not sent stays as it is, so nothing of it is told."""
    if not isinstance(mine, Mapping) or not isinstance(theirs, Mapping):
        return theirs
    return {name: _sent_part(theirs.get(name), member) for name, member in mine.items()}


def _at(side: Any, path: str) -> Any:
    for name in path.split("."):
        side = side.get(name) if isinstance(side, Mapping) else None
    return side


def _field(path: str) -> str:
    fitting = [begin for begin in FIELDS if path == begin or path.startswith(f"{begin}.")]
    return FIELDS[max(fitting, key=len)] if fitting else path


def _name(path: str, field: str) -> str:
    own = {
        "sellingMode.format": t("Format of the sale"),
        "sellingMode.startingPrice": t("Starting price"),
        "sellingMode.minimalPrice": t("Minimal price"),
        "stock.unit": t("Unit"),
        "location.city": t("Town"),
        "location.province": t("Region"),
        "location.postCode": t("Postcode"),
        "location.countryCode": t("Country"),
    }
    return own.get(path) or field_name(field)


def _words(path: str, field: str, value: Any, known: Known) -> str:
    if value is None or value == "":
        return t("until sold out") if field == "duration" else ""
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if isinstance(value, Mapping) and "amount" in value:
        return money_words(value)
    if field in TERM_KINDS:
        term_id = value.get("id") if isinstance(value, Mapping) else value
        return known.terms.get((TERM_KINDS[field], str(term_id)), str(term_id))
    if field == "handling_time":
        return handling_time_name(str(value))
    if field == "duration":
        return duration_name(str(value))
    if field == "invoice" and isinstance(value, str):
        return t(INVOICE_NAMES[value]) if value in INVOICE_NAMES else value
    return _plain(value)


def _plain(value: Any) -> str:
    """Whatever it is, its words without the names of Allegro's members."""
    if isinstance(value, Mapping):
        return ", ".join(filter(None, (_plain(each) for name, each in value.items() if name != "type")))
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(_plain, value)))
    return "" if value is None else str(value)
