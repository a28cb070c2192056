"""Which price list a request speaks of, and where sellers keep them at Allegro; 404 for what is none."""

from __future__ import annotations

from flask import abort
from sqlalchemy.orm import Session

from allegro_module.db.terms import NoSuchTerm, SellingTerm, get_term
from allegro_module.domain.terms import TermKind
from allegro_module.runtime import Runtime

#: Where sellers keep their price lists at Allegro itself.
ALLEGRO_PATH = "/moje-allegro/sprzedaz/ustawienia-dostawy"


def find_price_list(session: Session, term_id: int) -> SellingTerm:
    try:
        term = get_term(session, term_id)
    except NoSuchTerm:
        abort(404)
    if term.kind != TermKind.SHIPPING_RATE:
        abort(404)
    return term


def allegro_address(runtime: Runtime, environment: str) -> str:
    return runtime.environment(environment).web_url + ALLEGRO_PATH
