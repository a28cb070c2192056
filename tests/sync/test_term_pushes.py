"""What a seller wants of his terms reaches Allegro once; what it refuses stands at its field."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import NotConnected, Reason
from allegro_module.db.accounts import Account
from allegro_module.db.terms import SellingTerm, TermKind, TermState
from allegro_module.domain.pushes import Trouble
from allegro_module.domain.terms import PRICE_LISTS_MAX
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.delivery import own_id
from allegro_module.sync.term_wishes import drop_wish, settle_conflict, wish_term
from tests.sync.conftest import BothClocks, LastingAccess, Wire
from tests.sync.term_builders import CONTENTS, LISTS, TermDesk, priced

SAME, WAITING, REFUSED = TermState.SAME, TermState.WAITING, TermState.REFUSED


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def desk(session: Session, api: AllegroClient, account: Account, clock: BothClocks, world: World) -> TermDesk:
    desk = TermDesk(session, api, account, account.id, clock, world)
    desk.furnish()
    return desk


def test_new_price_list_is_made_once_and_known_by_its_id(desk: TermDesk, wire: Wire) -> None:
    term_id = desk.want(desk.a_price_list())

    assert str(desk.push()) == "1 sent"
    assert str(desk.push()) == "nothing to send"

    (made,) = desk.lists("Palety")
    state, base, content, allegro_id = desk.read(term_id, "state", "base", "content", "allegro_id")
    assert (state, content, allegro_id) == (SAME, None, made.id)
    assert base["rates"][0]["firstItemRate"]["amount"] == "12.00"
    assert wire.count(f"POST {LISTS}") == 1


def test_change_replaces_the_whole_list(desk: TermDesk) -> None:
    base, *_ = desk.read(desk.id_of(desk.default_id), "base")
    term_id = desk.change(desk.default_id, name="domyślny", rates=priced(base, "10.50")[:2])

    assert desk.push().done == 1

    assert (desk.default.name, len(desk.default.rates)) == ("domyślny", 2)
    assert desk.read(term_id, "state", "name", "content", "claim") == (SAME, "domyślny", None, None)
    assert desk.read(term_id, "last_modified") == (desk.default.last_modified,)


def test_legacy_list_is_sent_without_the_price_of_a_further_item(desk: TermDesk, world: World) -> None:
    world.delivery.give_legacy_rate(desk.default_id, "4.00")
    desk.change(desk.default_id, name="domyślny")

    assert desk.push().done == 1
    assert desk.default.name == "domyślny"


@pytest.mark.parametrize("kind", list(CONTENTS))
def test_every_kind_is_created_and_changed(desk: TermDesk, kind: TermKind) -> None:
    term_id = desk.want(CONTENTS[kind], kind)
    assert str(desk.push()) == "1 sent"
    base, allegro_id = desk.read(term_id, "base", "allegro_id")
    assert base["name"] == CONTENTS[kind]["name"]

    desk.want({**base, "name": "Inna nazwa"}, kind, term_id)
    assert str(desk.push()) == "1 sent"
    desk.fetch()

    assert desk.read(term_id, "state", "name", "allegro_id") == (SAME, "Inna nazwa", allegro_id)


def test_what_changed_on_allegro_meanwhile_is_not_written_over(
    desk: TermDesk, world: World, wire: Wire
) -> None:
    term_id = desk.change(desk.default_id, name="domyślny")
    world.delivery.change(desk.default_id, desk.clock(), name="standard")

    assert str(desk.push()) == "1 changed on both sides"

    state, theirs, content = desk.read(term_id, "state", "theirs", "content")
    assert (state, theirs["name"], content["name"]) == (TermState.CONFLICT, "standard", "domyślny")
    assert wire.count(f"PUT {LISTS}/{desk.default_id}") == 0
    settle_conflict(desk.term(term_id), content, "anna", desk.clock())
    desk.session.commit()
    assert desk.push().done == 1
    assert desk.default.name == "domyślny"


def test_wish_that_holds_already_is_not_sent(desk: TermDesk, world: World, wire: Wire) -> None:
    term_id = desk.change(desk.default_id, name="domyślny")
    world.delivery.change(desk.default_id, desk.clock(), name="domyślny")

    assert desk.push().done == 1
    assert desk.read(term_id, "state", "content") == (SAME, None)
    assert wire.count(f"PUT {LISTS}/{desk.default_id}") == 0


def test_each_objection_stands_at_its_field_and_nothing_typed_is_lost(desk: TermDesk) -> None:
    content = desk.a_price_list("Bez!znaków", "99999.00")
    method = content["rates"][1]["deliveryMethod"]["id"]
    content["rates"][1] = {**content["rates"][1], "maxQuantityPerPackage": 9999999}
    term_id = desk.want(content)

    assert str(desk.push()) == "1 refused"

    first = content["rates"][0]["deliveryMethod"]["id"]
    assert {problem.field for problem in desk.term(term_id).problems} == {
        "name",
        f"rates.{first}.first",
        f"rates.{method}.quantity",
    }
    assert all(problem.text for problem in desk.term(term_id).problems)
    assert desk.read(term_id, "state", "content", "create_sent_at") == (REFUSED, content, None)
    desk.want(desk.a_price_list("Palety"), term_id=term_id)
    assert desk.push().done == 1


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        (TermKind.RETURN_POLICY, {"withdrawalPeriod": "P7D"}, "withdrawalPeriod"),
        (TermKind.IMPLIED_WARRANTY, {"individual": {"period": "P1Y"}}, "individual.period"),
        (
            TermKind.RESPONSIBLE_PRODUCER,
            {"producerData": {**CONTENTS[TermKind.RESPONSIBLE_PRODUCER]["producerData"], "contact": {}}},
            "producerData.contact",
        ),
    ],
)
def test_objections_to_terms_keep_their_path(
    desk: TermDesk, kind: TermKind, changes: dict[str, Any], field: str
) -> None:
    term_id = desk.want({**CONTENTS[kind], **changes}, kind)

    assert desk.push().refused == 1
    assert field in [problem.field for problem in desk.term(term_id).problems]


def test_price_list_over_the_limit_is_refused_without_asking(desk: TermDesk, wire: Wire) -> None:
    known = desk.session.query(SellingTerm).filter_by(kind=TermKind.SHIPPING_RATE).count()
    for number in range(PRICE_LISTS_MAX - known):
        desk.session.add(
            SellingTerm(
                account_id=desk.account_id,
                kind=TermKind.SHIPPING_RATE,
                allegro_id=str(number),
                name=str(number),
                fetched_at=desk.clock(),
            )
        )
    desk.session.commit()
    term_id = desk.want(desk.a_price_list())

    assert desk.push().refused == 1
    assert [problem.code for problem in desk.term(term_id).problems] == ["price_lists_full"]
    assert wire.count(f"POST {LISTS}") == 0


def test_list_that_is_not_there_any_more_is_gone_and_the_wish_stays(desk: TermDesk, world: World) -> None:
    allegro_id = own_id(desk.seller_id, "returns")
    term_id = desk.change(allegro_id, name="Nowa nazwa")
    del world.terms.return_policies[allegro_id]

    assert desk.push().gone == 1

    state, content = desk.read(term_id, "state", "content")
    assert (state, content["name"]) == (TermState.GONE, "Nowa nazwa")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_outage_is_not_the_sellers_mistake_and_is_tried_again(
    desk: TermDesk, simulator: Simulator, status: int
) -> None:
    term_id = desk.want(desk.a_price_list())
    simulator.faults.status(f"POST {LISTS}", status)

    assert desk.push().later == 1
    assert desk.read(term_id, "state", "problems_json", "trouble") == (WAITING, [], Trouble.UNAVAILABLE)
    assert str(desk.push()) == "nothing to send"

    assert desk.later(minutes=2).done == 1
    assert len(desk.lists("Palety")) == 1


@pytest.mark.parametrize(
    ("status", "times", "done", "tried"), [(500, 1, 2, 3), (503, 2, 0, 2), (429, 1, 0, 1)]
)
def test_one_bad_answer_does_not_hold_up_the_others(
    desk: TermDesk, simulator: Simulator, status: int, times: int, done: int, tried: int
) -> None:
    for name in ("Palety", "Skrzynie", "Worki"):
        desk.want(desk.a_price_list(name))
    simulator.faults.status(f"POST {LISTS}", status, times)

    counts = desk.push()

    assert (counts.done, counts.done + counts.later) == (done, tried)


@pytest.mark.parametrize("reason", [Reason.NO_TOKEN, Reason.SCOPE_MISSING])
def test_account_without_a_link_waits(
    desk: TermDesk, monkeypatch: pytest.MonkeyPatch, reason: Reason
) -> None:
    term_id = desk.want(desk.a_price_list())

    def no_token(self: LastingAccess) -> str:
        raise NotConnected(reason)

    with monkeypatch.context() as patch:
        patch.setattr(LastingAccess, "access_token", no_token)
        assert desk.push().later == 1

    trouble = Trouble.SCOPE_MISSING if reason is Reason.SCOPE_MISSING else Trouble.NOT_CONNECTED
    assert desk.read(term_id, "state", "trouble", "tries") == (WAITING, trouble, 0)
    assert desk.later(minutes=5).done == 1


def test_only_the_named_ones_are_sent(desk: TermDesk) -> None:
    first = desk.want(desk.a_price_list("Palety"))
    second = desk.want(desk.a_price_list("Listy"))

    assert desk.push([second]).done == 1
    assert (desk.read(first, "state"), desk.read(second, "state")) == ((WAITING,), (SAME,))


class Meanwhile:
    """The seller does something while a request is on its way."""

    def __init__(self, wire: Wire, request: str, do: Any) -> None:
        self.inner, self.request, self.do = wire.check, request, do
        wire.check = self  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        if f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}" == self.request:
            self.do()
        return self.inner(environ, start_response)


def test_wish_changed_while_the_one_before_is_sent_goes_next(desk: TermDesk, engine: Any, wire: Wire) -> None:
    term_id = desk.want(desk.a_price_list("Palety"))
    later = desk.a_price_list("Palety", "14.00")

    def change() -> None:
        with Session(engine) as session:
            term = session.get_one(SellingTerm, term_id)
            wish_term(session, term.account_id, TermKind.SHIPPING_RATE, later, "anna", desk.clock(), term)
            session.commit()

    Meanwhile(wire, f"POST {LISTS}", change)

    assert desk.push().later == 1
    assert desk.push().done == 1
    (made,) = desk.lists("Palety")
    assert made.rates[0]["firstItemRate"]["amount"] == "14.00"


def test_new_one_taken_back_while_it_is_sent_comes_with_the_next_refresh(
    desk: TermDesk, engine: Any, wire: Wire
) -> None:
    term_id = desk.want(desk.a_price_list("Palety"))

    def drop() -> None:
        with Session(engine) as session:
            drop_wish(session.get_one(SellingTerm, term_id), "anna", desk.clock())
            session.commit()

    Meanwhile(wire, f"POST {LISTS}", drop)

    desk.push()
    desk.fetch()

    (made,) = desk.lists("Palety")
    assert desk.read(desk.id_of(made.id), "state", "name") == (SAME, "Palety")
