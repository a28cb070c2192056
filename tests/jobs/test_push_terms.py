"""What a seller wants of his terms goes to Allegro by itself: the bell, the schedule, the job."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from allegro_module.db.schedule import ScheduledTask
from allegro_module.db.terms import SellingTerm, TermKind, TermState, list_terms
from allegro_module.jobs import tasks, term_tasks
from allegro_module.jobs.schedule import tick
from allegro_module.sync.term_wishes import wish_term
from tests.jobs.host import SELLER, Host


@pytest.fixture
def account_id(host: Host) -> int:
    account_id = host.link()
    tasks.fetch_terms(account_id)
    return account_id


def the_default(host: Host) -> SellingTerm:
    return host.runtime.session.scalars(select(SellingTerm).where(SellingTerm.name == "default")).one()


def wish(host: Host, name: str) -> None:
    term = the_default(host)
    content = {**(term.base or {}), "name": name}
    now = host.world.now()
    wish_term(host.runtime.session, term.account_id, TermKind.SHIPPING_RATE, content, "anna", now, term)
    host.runtime.session.commit()


def test_wish_reaches_allegro_and_the_schedule_says_so(
    host: Host, account_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []

    def ring(runtime: object, task: str, *args: int) -> bool:
        rung.append(task)
        return True

    monkeypatch.setattr("allegro_module.jobs.schedule.enqueue", ring)
    tick(host.runtime)
    assert "push_terms" not in rung
    wish(host, "domyślny")
    host.world.clock.advance(10)
    tick(host.runtime)
    assert "push_terms" in rung

    term_tasks.push_terms()

    seller_id = host.world.sellers[SELLER].id
    assert "domyślny" in [each.name for each in host.world.delivery.of(seller_id)]
    row = host.runtime.session.scalars(select(ScheduledTask).where(ScheduledTask.name == "push_terms")).one()
    assert (row.result, row.message["params"]) == ("done", {"sent": 1})


def test_refused_one_is_told_as_the_sellers(host: Host, account_id: int) -> None:
    tick(host.runtime)
    wish(host, "bez!znaków")

    term_tasks.push_terms()

    row = host.runtime.session.scalars(select(ScheduledTask).where(ScheduledTask.name == "push_terms")).one()
    assert (row.result, row.message["params"]) == ("partly", {"sent": 0, "others": 1})
    host.runtime.session.expire_all()
    assert host.runtime.session.scalars(
        select(SellingTerm.state).where(SellingTerm.state == TermState.REFUSED)
    ).all()


def test_refresh_shows_how_far_it_is(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    account_id = host.link()
    tick(host.runtime)

    tasks.fetch_terms(account_id)

    row = host.runtime.session.scalars(
        select(ScheduledTask).where(
            ScheduledTask.name == "fetch_terms", ScheduledTask.account_id == account_id
        )
    ).one()
    assert row.progress_done == row.progress_total
    assert (row.progress_total or 0) > 8


def test_complaint_terms_are_read_whole_for_a_page(host: Host, account_id: int) -> None:
    (term,) = list_terms(host.runtime.session, account_id, TermKind.IMPLIED_WARRANTY)
    term_id = term.id

    term_tasks.fetch_whole_term(term_id)

    base = host.runtime.session.scalar(select(SellingTerm.base).where(SellingTerm.id == term_id))
    assert base is not None
    assert base["individual"] == {"period": "P2Y"}


def test_refresh_rings_for_contents_that_lists_do_not_tell(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(term_tasks, "ring_fetch_whole", lambda runtime, term_id: rung.append(term_id))
    account_id = host.link()

    tasks.fetch_terms(account_id)

    unread = select(SellingTerm.id).where(SellingTerm.base.is_(None), SellingTerm.account_id == account_id)
    assert rung
    assert sorted(rung) == sorted(host.runtime.session.scalars(unread))
