"""A seller's wish for terms stands in a row, is taken back, and settled where both sides changed."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.terms import SellingTerm, TermKind, TermState
from allegro_module.domain.problems import Problem
from allegro_module.sync.term_wishes import (
    archive_term,
    drop_wish,
    name_taken,
    settle_conflict,
    try_again,
    wish_term,
)
from tests.sync.conftest import NOON

BASE = {"name": "default", "rates": []}
WISH = {"name": "domyślny", "rates": []}
THEIRS = {"name": "standard", "rates": []}
LIST = TermKind.SHIPPING_RATE


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def account_id(account: Account) -> int:
    return account.id


@pytest.fixture
def term(session: Session, account_id: int) -> SellingTerm:
    """As fetched from Allegro."""
    term = SellingTerm(
        account_id=account_id,
        kind=LIST,
        allegro_id="a-1",
        name="default",
        details={},
        base=BASE,
        state=TermState.SAME,
        fetched_at=NOON,
    )
    session.add(term)
    session.flush()
    return term


def test_new_one_waits_under_its_name(session: Session, account_id: int) -> None:
    term = wish_term(session, account_id, LIST, WISH, "anna", NOON)

    assert (term.state, term.content, term.base, term.name) == (TermState.WAITING, WISH, None, "domyślny")
    assert (term.changed_by, term.known_id) == ("anna", "")


def test_wish_for_what_allegro_holds_is_no_wish(session: Session, account_id: int, term: SellingTerm) -> None:
    wish_term(session, account_id, LIST, WISH, "anna", NOON, term)
    assert (term.state, term.name) == (TermState.WAITING, "default")

    wish_term(session, account_id, LIST, dict(BASE), "anna", NOON, term)

    assert (term.state, term.content) == (TermState.SAME, None)


def test_refused_one_that_is_corrected_goes_again(
    session: Session, account_id: int, term: SellingTerm
) -> None:
    term.state, term.content, term.tries = TermState.REFUSED, THEIRS, 4
    term.remember_problems([Problem("name_taken", "name")])

    wish_term(session, account_id, LIST, WISH, "anna", NOON, term)

    assert (term.state, term.problems, term.tries, term.next_try_at) == (TermState.WAITING, [], 0, None)


def test_one_of_allegros_own_cannot_be_wished_otherwise(
    session: Session, account_id: int, term: SellingTerm
) -> None:
    term.details = {"is_managed_by_allegro": True}

    with pytest.raises(ValueError, match="Allegro"):
        wish_term(session, account_id, LIST, WISH, "anna", NOON, term)


def test_wish_dropped_leaves_what_allegro_holds(session: Session, account_id: int, term: SellingTerm) -> None:
    wish_term(session, account_id, LIST, WISH, "anna", NOON, term)

    drop_wish(term, "anna", NOON)

    assert (term.state, term.content, term.base) == (TermState.SAME, None, BASE)


def test_new_one_that_is_dropped_is_deleted(session: Session, account_id: int) -> None:
    term = wish_term(session, account_id, LIST, WISH, "anna", NOON)

    drop_wish(term, "anna", NOON)
    session.flush()

    assert session.query(SellingTerm).count() == 0


@pytest.mark.parametrize(
    ("chosen", "state", "content"), [(WISH, TermState.WAITING, WISH), (THEIRS, TermState.SAME, None)]
)
def test_conflict_settled_begins_at_what_allegro_holds(
    term: SellingTerm, chosen: dict[str, object], state: TermState, content: object
) -> None:
    term.state, term.content, term.theirs = TermState.CONFLICT, WISH, THEIRS

    settle_conflict(term, chosen, "anna", NOON)

    assert (term.state, term.content, term.name) == (state, content, "standard")
    assert term.base == THEIRS
    assert term.theirs is None


def test_editing_does_not_settle_a_conflict_by_itself(
    session: Session, account_id: int, term: SellingTerm
) -> None:
    term.state, term.content, term.theirs = TermState.CONFLICT, WISH, THEIRS

    wish_term(session, account_id, LIST, dict(BASE), "anna", NOON, term)

    assert (term.state, term.content, term.theirs) == (TermState.CONFLICT, BASE, THEIRS)


def test_refused_one_goes_once_more_as_it_stands(term: SellingTerm) -> None:
    term.state, term.content, term.trouble = TermState.REFUSED, WISH, "unavailable"

    try_again(term, NOON)

    assert (term.state, term.content, term.trouble) == (TermState.WAITING, WISH, "")


def test_archived_one_is_only_hidden(term: SellingTerm) -> None:
    archive_term(term, True, "anna", NOON)

    assert (term.is_archived, term.state) == (True, TermState.SAME)


def test_names_are_compared_with_those_held_and_those_wished(
    session: Session, account_id: int, term: SellingTerm
) -> None:
    wish_term(session, account_id, LIST, WISH, "anna", NOON, term)

    def taken(name: str, but: SellingTerm | None = None, kind: TermKind = LIST) -> bool:
        return name_taken(session, account_id, kind, name, but)

    assert (taken("Default"), taken(" domyślny "), taken("inny")) == (True, True, False)
    assert not taken("default", but=term)
    assert not taken("default", kind=TermKind.WARRANTY)


def test_no_name_is_never_taken(session: Session, account_id: int, term: SellingTerm) -> None:
    assert not name_taken(session, account_id, LIST, "  ")
