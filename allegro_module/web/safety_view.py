"""What the page *Bezpieczeństwo produktu* shows, read in few statements however long it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.profiles import Profile
from allegro_module.db.safety import FIELD_BY_KIND, list_book, offers_by_party
from allegro_module.db.terms import SellingTerm, TermKind, TermState
from allegro_module.domain.producers import KINDS, Party, from_wire, guess_producer, likely_pairs
from allegro_module.domain.profiles import Scope
from allegro_module.sync.safety import Brand, Coverage
from allegro_module.web.term_words import is_under_way

#: Brands without data of their own are shown up to this many, those with most products first.
BRANDS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """A producer or person of the book; `twin` is another that is likely the same."""

    term: SellingTerm
    party: Party
    brands: int = 0
    offers: int = 0
    twin: SellingTerm | None = None

    @property
    def is_usable(self) -> bool:
        """May be given to offers: on Allegro and not hidden."""
        return bool(self.term.allegro_id) and self.term.state != TermState.GONE and not self.term.is_archived


@dataclass(frozen=True, slots=True)
class BrandRow:
    """`values` are the brand's own; while there are none, `by_name` is the producer whom new offers take
    by the brand's name, `guess` one of a like name."""

    name: str
    found: Brand | None
    values: Mapping[str, Any] = field(default_factory=dict)
    guess: Entry | None = None
    by_name: Entry | None = None


@dataclass(frozen=True, slots=True)
class Book:
    entries: Sequence[Entry] = ()

    def of_kind(self, kind: TermKind, *, with_archived: bool = True) -> list[Entry]:
        return [
            entry
            for entry in self.entries
            if entry.term.kind == kind and (with_archived or not entry.term.is_archived)
        ]

    def usable(self, kind: TermKind) -> list[Entry]:
        return [entry for entry in self.of_kind(kind) if entry.is_usable]

    @property
    def is_under_way(self) -> bool:
        return any(is_under_way(entry.term) for entry in self.entries)

    @property
    def archived(self) -> int:
        return sum(entry.term.is_archived for entry in self.entries)

    def find(self, kind: TermKind, allegro_id: str | None) -> Entry | None:
        found = (entry for entry in self.of_kind(kind) if allegro_id and entry.term.allegro_id == allegro_id)
        return next(found, None)


def party_of(term: SellingTerm) -> Party:
    """As the seller wants it, else as Allegro has it."""
    return from_wire(TermKind(term.kind), term.content or term.base or {"name": term.name})


def read_book(session: Session, account_id: int, profiles: Sequence[Profile] | None = None) -> Book:
    """With `profiles` also who uses the entries."""
    terms = list_book(session, account_id)
    parties = {term.id: party_of(term) for term in terms}
    offers = {} if profiles is None else offers_by_party(session, account_id)
    twins = _twins(terms, parties)
    return Book([_entry(term, parties[term.id], profiles or (), offers, twins) for term in terms])


def _entry(
    term: SellingTerm,
    party: Party,
    profiles: Sequence[Profile],
    offers: Mapping[tuple[str, str], int],
    twins: Mapping[int, SellingTerm],
) -> Entry:
    name = FIELD_BY_KIND[TermKind(term.kind)]
    named_by = [each for each in profiles if term.allegro_id and each.values.get(name) == term.allegro_id]
    return Entry(
        term,
        party,
        brands=sum(each.scope == Scope.BRAND for each in named_by),
        offers=offers.get((name, term.known_id), 0),
        twin=twins.get(term.id),
    )


def _twins(terms: Sequence[SellingTerm], parties: Mapping[int, Party]) -> dict[int, SellingTerm]:
    """The later one of a pair points to the one before it; hidden and vanished ones have none."""
    found: dict[int, SellingTerm] = {}
    for kind in KINDS:
        seen = {
            term.id: term
            for term in terms
            if term.kind == kind and not term.is_archived and term.state != TermState.GONE
        }
        for one, other in likely_pairs({id: parties[id] for id in seen}):
            found.setdefault(other, seen[one])
    return found


def brand_rows(book: Book, profiles: Sequence[Profile], counted: Coverage) -> list[BrandRow]:
    """Those with data of their own first, by name; then the shop's other brands, as the last count found."""
    own = [each for each in profiles if each.scope == Scope.BRAND]
    producers = [(each.term.known_id, each.party) for each in book.usable(TermKind.RESPONSIBLE_PRODUCER)]
    rows = [BrandRow(each.label or each.key, counted.brands.get(each.key), each.values) for each in own]
    others = [brand for key, brand in counted.brands.items() if key not in {each.key for each in own}]
    for brand in others[:BRANDS_SHOWN]:
        guess = book.find(TermKind.RESPONSIBLE_PRODUCER, guess_producer(brand.name, producers))
        by_name = book.find(TermKind.RESPONSIBLE_PRODUCER, brand.by_name)
        rows.append(BrandRow(brand.name, brand, guess=guess, by_name=by_name))
    return rows
