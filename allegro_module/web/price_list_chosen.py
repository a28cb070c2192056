"""Which account and which price list a request speaks of; 404 for what is none."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, request
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.terms import NoSuchTerm, SellingTerm, get_term
from allegro_module.domain.terms import TermKind
from allegro_module.runtime import Runtime

#: Where sellers keep their price lists at Allegro itself.
ALLEGRO_PATH = "/moje-allegro/sprzedaz/ustawienia-dostawy"


def chosen_of(accounts: Sequence[Account]) -> Account | None:
    """As `account_choice.chosen_account`, of accounts that are read already."""
    wanted = request.values.get("account", type=int)
    known = {account.id: account for account in accounts}
    if wanted is not None and wanted not in known:
        abort(404)
    return known[wanted] if wanted is not None else next(iter(known.values()), None)


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
