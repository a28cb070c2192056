"""A worker writes what Allegro said in the moment between a page's reading and its saving."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from allegro_module.db.terms import SellingTerm, TermState
from tests.web import safety_builders, test_price_list_edit, test_terms
from tests.web.conftest import SETTINGS, Host, a_linked_account
from tests.web.price_list_builders import a_content, a_price_list, a_rate, save_methods

SAID = ("właśnie", "w międzyczasie")


@pytest.fixture
def term_ids(session: Session, host: Host) -> Mapping[str, int]:
    save_methods(session)
    account = a_linked_account(session, host)
    entry = safety_builders.an_entry(session, account.id)
    other = safety_builders.an_entry(session, account.id, "p2", safety_builders.FAR)
    list_sides: dict[str, Any] = {
        "content": a_content("Moja", a_rate()),
        "theirs": a_content("Ich", a_rate()),
    }
    party_sides: dict[str, Any] = {"content": other.base, "theirs": {**(other.base or {}), "name": "Inna"}}
    terms_sides: dict[str, Any] = {
        "content": {**test_terms.RETURNS, "name": "A"},
        "theirs": {**test_terms.RETURNS, "name": "B"},
    }
    conflict: dict[str, Any] = {"state": TermState.CONFLICT}
    return {
        "list": a_price_list(session, account).id,
        "list in conflict": a_price_list(session, account, "Dwa", **list_sides, **conflict).id,
        "terms": test_terms.a_term(session, account.id),
        "terms in conflict": test_terms.a_term(
            session, account.id, allegro_id="r2", name="Dwa", **terms_sides, **conflict
        ),
        "entry": entry.id,
        "entry in conflict": safety_builders.an_entry(
            session, account.id, "p3", safety_builders.FAR, **party_sides, **conflict
        ).id,
    }


@pytest.fixture
def worker(host: Host, term_ids: Mapping[str, int]) -> Iterator[list[int]]:
    """Writes each row once more before a page's first flush; holds those that it has written."""
    written: list[int] = []

    def write(*_happening: object) -> None:
        if not written:
            written.extend(term_ids.values())
            with Session(host.runtime.db.engine) as other:
                other.execute(update(SellingTerm).values(version=SellingTerm.version + 1))
                other.commit()

    event.listen(Session, "before_flush", write)
    yield written
    event.remove(Session, "before_flush", write)


DEEDS = {
    "save terms": ("terms", "terms/{id}", "terms/{id}", {**test_terms.TYPED, "withdrawalPeriod": "14"}),
    "settle terms": ("terms in conflict", "terms/{id}", "terms/{id}/settle", {"all": "mine"}),
    "hide terms": ("terms", "terms/{id}", "terms/{id}/hide", {}),
    "settle a list": ("list in conflict", "price-lists/{id}/compare", "price-lists/{id}/compare",
                      {"choice-name": "mine"}),
    "hide a list": ("list", "price-lists/{id}", "price-lists/{id}/do", {"deed": "hide"}),
    "save an entry": ("entry", "safety/entries/{id}", "safety/entries/{id}",
                      {**safety_builders.TYPED, "version": "1"}),
    "hide an entry": ("entry", "safety/entries/{id}", "safety/entries/{id}/archive", {"archived": "1"}),
    "drop an entry": ("entry in conflict", "safety/entries/{id}", "safety/entries/{id}/drop", {}),
    "settle an entry": ("entry in conflict", "safety/entries/{id}", "safety/entries/{id}/settle",
                        {"choice-name": "mine"}),
}  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS)
def test_deed_that_meets_a_push_says_so_and_changes_nothing(
    browser: FlaskClient, session: Session, term_ids: Mapping[str, int], worker: list[int], deed: str
) -> None:
    which, page, address, form = DEEDS[deed]
    term_id = term_ids[which]
    shown = browser.get(f"{SETTINGS}/{page.format(id=term_id)}").text
    mark = shown.partition('name="mark" value="')[2].partition('"')[0]
    worker.clear()

    answer = browser.post(f"{SETTINGS}/{address.format(id=term_id)}", data={**form, "mark": mark})

    assert worker
    assert answer.status_code in (303, 409, 422)
    text = answer.text if answer.status_code != 303 else browser.get(answer.location).text
    assert any(words in text for words in SAID)
    session.rollback()
    assert session.get_one(SellingTerm, term_id, populate_existing=True).changed_by != "anna.k"


def test_saving_a_price_list_is_repeated_when_only_a_job_has_written_it(
    browser: FlaskClient, session: Session, term_ids: Mapping[str, int], worker: list[int]
) -> None:
    term_id = term_ids["list"]
    shown = browser.get(f"{SETTINGS}/price-lists/{term_id}").text
    seen = shown.partition('name="seen" value="')[2].partition('"')[0]
    form = {**test_price_list_edit.TYPED, "rates.dpd.first": "12,00", "seen": seen, "confirmed": "1"}
    worker.clear()

    answer = browser.post(f"{SETTINGS}/price-lists/{term_id}", data=form)

    session.rollback()
    assert (answer.status_code, bool(worker)) == (303, True)
    assert session.get_one(SellingTerm, term_id, populate_existing=True).state == TermState.WAITING
