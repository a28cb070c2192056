"""Who answers for the safety of products (GPSR): producers, and persons in the EU for those outside it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import combinations
from typing import Any, TypeVar
from unicodedata import normalize
from urllib.parse import urlsplit

from allegro_module.domain.countries import COUNTRIES
from allegro_module.domain.problems import Problem
from allegro_module.domain.terms import TermKind

Id = TypeVar("Id", bound=Hashable)

_EU_CODES = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU_COUNTRIES = frozenset(_EU_CODES.split())
KINDS = (TermKind.RESPONSIBLE_PRODUCER, TermKind.RESPONSIBLE_PERSON)
NAME_MAX = 50
#: Of CreateResponsibleProducerRequest and CreateResponsiblePersonRequest in Allegro's openapi.
LENGTHS = {
    "name": NAME_MAX,
    "trade_name": 200,
    "street": 200,
    "post_code": 20,
    "city": 100,
    "email": 50,
    "form_url": 80,
    "phone": 30,
}
REQUIRED = ("name", "trade_name", "country", "street", "post_code", "city")
#: Blanks other than single spaces are refused in them.
NAMES = ("name", "trade_name")
EMAIL = r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+"
PHONE = r"\+?[0-9()./\- ]+"
#: Below it a name says too little to be compared.
SHORTEST_LIKE = 3


@dataclass(frozen=True, slots=True)
class Party:
    """A responsible producer or person. `name` is the seller's own word for it, which buyers never see;
    `trade_name` is the company, or the person, that they see.
    """

    name: str = ""
    trade_name: str = ""
    country: str = ""
    street: str = ""
    post_code: str = ""
    city: str = ""
    email: str = ""
    form_url: str = ""
    phone: str = ""

    @property
    def is_outside_eu(self) -> bool:
        return bool(self.country) and self.country not in EU_COUNTRIES

    @property
    def contact(self) -> str:
        return self.email or self.form_url


_ADDRESS = {"country": "countryCode", "street": "street", "post_code": "postalCode", "city": "city"}
_CONTACT = {"email": "email", "phone": "phoneNumber", "form_url": "formUrl"}


def _data_names(kind: TermKind) -> tuple[str, str]:
    """Under which member the data stand, and the public name in them."""
    return (
        ("producerData", "tradeName") if kind == TermKind.RESPONSIBLE_PRODUCER else ("personalData", "name")
    )


def to_wire(kind: TermKind, party: Party) -> dict[str, Any]:
    """The body that we send; a contact that is not given is left out."""
    data, trade_name = _data_names(kind)
    contact = {wire: getattr(party, name) for name, wire in _CONTACT.items() if getattr(party, name)}
    address = {wire: getattr(party, name) for name, wire in _ADDRESS.items()}
    return {"name": party.name, data: {trade_name: party.trade_name, "address": address, "contact": contact}}


def from_wire(kind: TermKind, content: Mapping[str, Any] | None) -> Party:
    """As far as it is filled in: Allegro keeps entries older than its own rules."""
    data, trade_name = _data_names(kind)
    inner = (content or {}).get(data) or {}
    address, contact = inner.get("address") or {}, inner.get("contact") or {}
    return Party(
        name=(content or {}).get("name") or "",
        trade_name=inner.get(trade_name) or "",
        **{name: address.get(wire) or "" for name, wire in _ADDRESS.items()},
        **{name: contact.get(wire) or "" for name, wire in _CONTACT.items()},
    )


def field_of(kind: TermKind, path: str) -> str:
    """`producerData.contact.email` → `email`; what is no field of ours belongs to the whole form."""
    data, trade_name = _data_names(kind)
    known = {"name": "name", f"{data}.{trade_name}": "trade_name"}
    known |= {f"{data}.address.{wire}": name for name, wire in _ADDRESS.items()}
    known |= {f"{data}.contact.{wire}": name for name, wire in _CONTACT.items()}
    return known.get(path, "")


def party_problems(kind: TermKind, party: Party, taken: Collection[str] = ()) -> list[Problem]:
    """All at once, one per field; `taken` are the names of the account's other entries."""
    checks = (*_missing(party), *_lengths(party), *_names(party, taken), *_places(kind, party), *_ways(party))
    first: dict[str, Problem] = {}
    for problem in checks:
        first.setdefault(problem.field, problem)
    order = [each.name for each in fields(Party)]
    return sorted(first.values(), key=lambda problem: order.index(problem.field))


def _missing(party: Party) -> Iterator[Problem]:
    for name in REQUIRED:
        if not getattr(party, name):
            yield Problem("required", name)
    if not party.contact:
        # Since 10 March 2025 (facts.md 6.10).
        yield Problem("safety_contact_required", "email")


def _lengths(party: Party) -> Iterator[Problem]:
    for name, most in LENGTHS.items():
        if len(getattr(party, name)) > most:
            yield Problem("text_too_long", name, {"max": str(most)})


def _names(party: Party, taken: Collection[str]) -> Iterator[Problem]:
    for name in NAMES:
        text = getattr(party, name)
        if text != " ".join(text.split()):
            yield Problem("safety_name_spaces", name)
    if party.name.casefold() in {each.casefold() for each in taken}:
        yield Problem("safety_name_taken", "name")


def _places(kind: TermKind, party: Party) -> Iterator[Problem]:
    if party.country and party.country not in COUNTRIES:
        yield Problem("country_code_format", "country")
    elif kind == TermKind.RESPONSIBLE_PERSON and party.is_outside_eu:
        yield Problem("safety_person_outside_eu", "country")


def _ways(party: Party) -> Iterator[Problem]:
    if party.email and not re.fullmatch(EMAIL, party.email):
        yield Problem("safety_email_format", "email")
    if party.form_url and not _is_web_address(party.form_url):
        yield Problem("safety_form_url_format", "form_url")
    if party.phone and not re.fullmatch(PHONE, party.phone):
        yield Problem("phone_format", "phone")


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    is_plain = text.isprintable() and " " not in text
    return is_plain and parts.scheme in ("http", "https") and "." in (parts.hostname or "")


#: What may be written in many ways, or left out, without being another company. Dots are gone by then.
_LEGAL_FORMS = re.compile(
    r"\b("
    r"spolka z ograniczona odpowiedzialnoscia|sp ?z o ?o"
    r"|spolka (akcyjna|komandytowa|jawna|cywilna|partnerska)"
    r"|prosta spolka akcyjna|sp ?[kjp]|sa|sc|psa|phu|fhu|pphu|ppu|ph|firma|przedsiebiorstwo"
    r"|gmbh( co kg)?|ug|ag|kg|ohg|ev|ltd|limited|llc|llp|plc|inc|incorporated|corp|corporation|co|company"
    r"|sro|as|spol|vos|kft|zrt|nyrt|bt|bv|nv|sarl|sas|sl|slu|srl|spa|oy|oyj|ab|aps|a s|uab|ou|doo|dd|eood|ood"
    r")\b"
)


def plain_name(name: str) -> str:
    """A company's name without its legal form, capitals, accents and blanks; empty when nothing is left."""
    folded = name.casefold().replace("ł", "l").replace("ß", "ss").replace("ø", "o")
    letters = normalize("NFKD", folded).encode("ascii", "ignore").decode()
    words = " ".join(re.sub(r"[^a-z0-9]+", " ", letters.replace(".", "")).split())
    bare = _LEGAL_FORMS.sub(" ", words)
    return "".join((bare if bare.strip() else words).split())


def _contact_keys(party: Party) -> set[str]:
    """The same mailbox, or the same site whatever the page."""
    site = (urlsplit(party.form_url).hostname or "") if _is_web_address(party.form_url) else ""
    return {key for key in (party.email.casefold(), site.removeprefix("www.")) if key}


def are_alike(one: Party, other: Party) -> bool:
    """Likely the same: one country, and the same name – or the same contact and one name within the other."""
    if one.country and other.country and one.country != other.country:
        return False
    mine, theirs = plain_name(one.trade_name or one.name), plain_name(other.trade_name or other.name)
    if min(len(mine), len(theirs)) < SHORTEST_LIKE:
        return False
    if mine == theirs:
        return True
    return bool(_contact_keys(one) & _contact_keys(other)) and (mine in theirs or theirs in mine)


def likely_pairs(party_by_id: Mapping[Id, Party]) -> list[tuple[Id, Id]]:
    """Pairs of likely duplicates, in the order given. Only what shares a name or a contact is compared."""
    shelves: dict[str, list[Id]] = defaultdict(list)
    for id, party in party_by_id.items():
        for key in {plain_name(party.trade_name or party.name), *_contact_keys(party)} - {""}:
            shelves[key].append(id)
    found = {
        pair: None
        for ids in shelves.values()
        for pair in combinations(ids, 2)
        if are_alike(party_by_id[pair[0]], party_by_id[pair[1]])
    }
    order = {id: number for number, id in enumerate(party_by_id)}
    return sorted(found, key=lambda pair: (order[pair[0]], order[pair[1]]))


def guess_producer(brand: str, producers: Sequence[tuple[str, Party]]) -> str:
    """Id of the one whose name is the brand's, begins with it or holds it; empty when several do."""
    wanted = plain_name(brand)
    if len(wanted) < SHORTEST_LIKE:
        return ""
    names = {id: {plain_name(party.trade_name), plain_name(party.name)} - {""} for id, party in producers}
    same = [id for id, known in names.items() if wanted in known]
    begins = [id for id, known in names.items() if any(name.startswith(wanted) for name in known)]
    within = [id for id, known in names.items() if any(wanted in name for name in known)]
    for found in (same, begins, within):
        if found:
            return found[0] if len(found) == 1 else ""
    return ""
