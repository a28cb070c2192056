"""Whatever dies or gets lost on the way, a term is written to Allegro once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from allegro_module.claims import new_claim
from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.terms import TermKind, TermState
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.faults import Kind
from allegro_module.sync.term_pushes import push_terms
from tests.sync.conftest import BothClocks, Wire
from tests.sync.push_builders import DeadlyWire, Killed
from tests.sync.term_builders import CONTENTS, LISTS, TermDesk

SAME, WAITING = TermState.SAME, TermState.WAITING
CLAIM_RUNS_OUT = 6 * 60
POST = f"POST {LISTS}"
LOSSES = [Kind.LOSE_ANSWER, Kind.RESET]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_database_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def desk(session: Session, api: AllegroClient, account: Account, clock: BothClocks, world: World) -> TermDesk:
    desk = TermDesk(session, api, account, account.id, clock, world)
    desk.furnish()
    return desk


def a_creation(desk: TermDesk) -> int:
    return desk.want(desk.a_price_list())


def a_change(desk: TermDesk) -> int:
    return desk.change(desk.default_id, name="Palety")


def until_done(desk: TermDesk, term_id: int) -> None:
    for _ in range(6):
        if desk.read(term_id, "state") == (SAME,):
            return
        desk.later(seconds=CLAIM_RUNS_OUT)
    raise AssertionError(desk.read(term_id, "state", "trouble", "problems_json"))


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("is_refreshed", [False, True])
def test_lost_answer_makes_no_second_list(
    desk: TermDesk, simulator: Simulator, kind: Kind, is_refreshed: bool
) -> None:
    term_id = a_creation(desk)
    simulator.faults.add(POST, kind)

    assert desk.push().later == 1
    assert desk.read(term_id, "state", "problems_json") == (WAITING, [])
    if is_refreshed:
        desk.fetch()
    until_done(desk, term_id)

    (made,) = desk.lists("Palety")
    assert desk.read(term_id, "allegro_id") == (made.id,)
    assert desk.session.query(type(desk.term(term_id))).filter_by(name="Palety").count() == 1


@pytest.mark.parametrize("kind", [TermKind.IMPLIED_WARRANTY, TermKind.RESPONSIBLE_PERSON])
def test_lost_answer_makes_no_second_terms(desk: TermDesk, simulator: Simulator, kind: TermKind) -> None:
    paths = {
        TermKind.IMPLIED_WARRANTY: "/after-sales-service-conditions/implied-warranties",
        TermKind.RESPONSIBLE_PERSON: "/sale/responsible-persons",
    }
    term_id = desk.want(CONTENTS[kind], kind)
    simulator.faults.lose_answer(f"POST {paths[kind]}")

    desk.push()
    until_done(desk, term_id)

    book = desk.world.terms.persons if "person" in kind else desk.world.terms.implied_warranties
    made = [each for each in book.values() if each.name == CONTENTS[kind]["name"]]
    assert [each.id for each in made] == [*desk.read(term_id, "allegro_id")]


def test_answer_that_cannot_be_read_makes_no_second_list(
    desk: TermDesk, simulator: Simulator, wire: Wire
) -> None:
    term_id = a_creation(desk)
    simulator.faults.malformed(POST)

    with wire.check.expecting_violations():
        assert desk.push().later == 1

    until_done(desk, term_id)
    assert len(desk.lists("Palety")) == 1


def test_found_again_after_the_seller_renamed_his_wish(desk: TermDesk, simulator: Simulator) -> None:
    term_id = a_creation(desk)
    simulator.faults.lose_answer(POST)
    desk.push()
    desk.want(desk.a_price_list("Skrzynie"), term_id=term_id)

    desk.push()
    desk.fetch()
    until_done(desk, term_id)

    assert (len(desk.lists("Palety")), len(desk.lists("Skrzynie"))) == (0, 1)


def test_lost_answer_to_a_change_is_looked_for_and_not_written_again(
    desk: TermDesk, simulator: Simulator, wire: Wire
) -> None:
    term_id = a_change(desk)
    simulator.faults.lose_answer(f"PUT {LISTS}/{desk.default_id}")

    assert desk.push().later == 1
    until_done(desk, term_id)

    assert desk.default.name == "Palety"
    assert wire.count(f"PUT {LISTS}/{desk.default_id}") == 1


@pytest.mark.parametrize("afterwards", [False, True])
@pytest.mark.parametrize(("ask", "number"), [(a_creation, 1), (a_change, 1), (a_change, 2)])
def test_death_at_any_call_writes_once(
    desk: TermDesk, wire: Wire, ask: Callable[[TermDesk], int], number: int, afterwards: bool
) -> None:
    term_id = ask(desk)
    DeadlyWire(wire, number, afterwards)

    with pytest.raises(Killed):
        desk.push()

    until_done(desk, term_id)
    assert len(desk.lists("Palety")) == 1
    assert wire.count(f"PUT {LISTS}/{desk.default_id}") <= 2


@pytest.mark.parametrize("ask", [a_creation, a_change])
def test_death_at_any_commit_writes_once(desk: TermDesk, ask: Callable[[TermDesk], int]) -> None:
    term_id = ask(desk)
    for number in range(1, 6):
        left = [number]

        def die(session: Session, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Killed

        event.listen(desk.session, "before_commit", die)
        try:
            desk.push()
        except Killed:
            pass
        finally:
            event.remove(desk.session, "before_commit", die)
        desk.clock.forward(seconds=CLAIM_RUNS_OUT)

    until_done(desk, term_id)
    assert len(desk.lists("Palety")) == 1


def test_claim_of_a_dead_process_is_taken_at_once(
    desk: TermDesk, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_change(desk)
    DeadlyWire(wire, 2, False)
    with monkeypatch.context() as patch:
        patch.setattr("allegro_module.sync.term_claims.new_claim", dead_claim)
        with pytest.raises(Killed):
            desk.push()

    assert str(desk.push()) == "1 sent"


def dead_claim() -> str:
    machine, _, rest = new_claim().partition(".")
    return f"{machine}.999999.1.{rest.rpartition('.')[2]}"


class TestTwoWorkersAtOnce:
    @pytest.fixture
    def database_url(self, any_database_url: str) -> str:
        return any_database_url

    def test_write_each_term_once(
        self, desk: TermDesk, engine: Engine, wire: Wire, api: AllegroClient
    ) -> None:
        kinds = [TermKind.RETURN_POLICY, TermKind.RESPONSIBLE_PRODUCER]
        wishes = [
            a_creation(desk),
            a_change_of_small(desk),
            *(desk.want(CONTENTS[each], each) for each in kinds),
        ]
        desk.session.rollback()
        wire.session = None
        together = Barrier(2)

        def worker() -> int:
            with Session(engine) as session:
                together.wait()
                return push_terms(session, lambda _: api, lambda _: desk.clock).done

        with ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(worker) for _ in range(2)]
            assert sum(run.result() for run in runs) == len(wishes)

        assert [desk.read(term_id, "state") for term_id in wishes] == [(SAME,)] * len(wishes)
        writes = [each for each in wire.requests if each.startswith(("POST", "PUT"))]
        assert len(writes) == len(wishes)

    def test_refresh_in_between_takes_nothing_back(
        self, desk: TermDesk, engine: Engine, wire: Wire, api: AllegroClient
    ) -> None:
        wishes = [a_creation(desk), a_change_of_small(desk)]
        desk.session.rollback()
        wire.session = None
        together = Barrier(2)

        def refresh() -> None:
            with Session(engine) as session:
                account = session.get_one(Account, desk.account_id)
                together.wait()
                TermDesk(session, api, account, desk.account_id, desk.clock, desk.world).fetch()

        def push() -> None:
            with Session(engine) as session:
                together.wait()
                push_terms(session, lambda _: api, lambda _: desk.clock)

        with ThreadPoolExecutor(2) as pool:
            for run in [pool.submit(refresh), pool.submit(push)]:
                run.result()

        for term_id in wishes:
            until_done(desk, term_id)
        assert (len(desk.lists("Palety")), len(desk.lists("Drobne"))) == (1, 1)


def a_change_of_small(desk: TermDesk) -> int:
    (small,) = desk.lists("Paczka do 1 kg")
    return desk.change(small.id, name="Drobne")
