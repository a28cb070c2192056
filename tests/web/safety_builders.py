"""Entries of the book of producers and persons, for the pages of product safety."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from allegro_module.db.terms import SellingTerm, TermKind, TermState
from allegro_module.domain.producers import Party, to_wire
from tests.web.conftest import NOW, SETTINGS

PAGE = f"{SETTINGS}/safety"
PRODUCER, PERSON = TermKind.RESPONSIBLE_PRODUCER, TermKind.RESPONSIBLE_PERSON
FOREST = Party(
    name="Cichy Las",
    trade_name="Cichy Las Sp. z o.o.",
    country="PL",
    street="ul. Leśna 4",
    post_code="16-400",
    city="Suwałki",
    email="bok@cichylas.example",
)
FAR = replace(
    FOREST, name="Shenzhen Lamp", trade_name="Shenzhen Lamp Ltd", country="CN", email="a@lamp.example"
)
TYPED = {
    "name": "Woskowy Dom",
    "trade_name": "Woskowy Dom s.c.",
    "country": "PL",
    "street": "ul. Miodowa 1",
    "post_code": "00-001",
    "city": "Warszawa",
    "email": "dom@woskowy.example",
    "form_url": "",
    "phone": "",
}


def an_entry(
    session: Session,
    account_id: int,
    allegro_id: str | None = "p1",
    party: Party = FOREST,
    kind: TermKind = PRODUCER,
    **changes: object,
) -> SellingTerm:
    """Committed; as on Allegro unless it has no id there."""
    content = to_wire(kind, party)
    term = SellingTerm(
        account_id=account_id,
        kind=kind,
        allegro_id=allegro_id,
        name=party.name,
        details={},
        state=TermState.SAME if allegro_id else TermState.WAITING,
        base=content if allegro_id else None,
        content=None if allegro_id else content,
        fetched_at=NOW,
    )
    for name, value in changes.items():
        setattr(term, name, value)
    session.add(term)
    session.commit()
    return term
