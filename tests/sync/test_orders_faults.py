"""Importing orders on bad days: nothing lost, nothing twice, nobody held up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, event, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import Exchange, Refused, Unexpected
from allegro_module.db.accounts import Account
from allegro_module.db.cursors import Cursor
from allegro_module.db.failures import Failure
from allegro_module.db.orders import Order, StockBooking
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.bulk import place_many
from allegro_module.simulator.checkout import Pay, Wishes, pay, repeat_ready
from allegro_module.simulator.faults import Kind
from allegro_module.simulator.forms import Form, Status
from allegro_module.sync.order_plan import Bucket
from allegro_module.sync.orders import ImportOutcome, Message, import_orders, reconcile_orders
from tests.memory_shop import MemoryShop
from tests.openapi import OpenApiCheck
from tests.sync.conftest import BothClocks, LastingAccess, Wire
from tests.sync.order_builders import SELLER, a_cursor, a_line, bought, cursor_of, orders, our_offer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Run = Callable[[], ImportOutcome]
FORMS = "GET /order/checkout-forms"
ONE_FORM = "GET /order/checkout-forms/{id}"
EVENTS = "GET /order/events"


@pytest.fixture
def run(session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks) -> Run:
    our_offer(session, account.id, clock())
    a_cursor(session, account.id, clock())

    def import_once() -> ImportOutcome:
        clock.forward(seconds=1)
        session.rollback()
        return import_orders(session, api, shop, account, clock)

    return import_once


def failures(session: Session) -> list[Failure]:
    session.rollback()
    found = list(session.scalars(select(Failure).order_by(Failure.id)))
    for failure in found:
        session.expunge(failure)
    session.rollback()
    return found


def sold(session: Session) -> int:
    session.rollback()
    count = len(session.scalars(select(StockBooking)).all())
    session.rollback()
    return count


@pytest.mark.parametrize("route", [EVENTS, FORMS])
@pytest.mark.parametrize("kind", [Kind.STATUS, Kind.RESET, Kind.LOSE_ANSWER])
def test_allegro_away_leaves_the_cursor_where_it_was(
    run: Run, simulator: Simulator, world: World, session: Session, shop: MemoryShop, route: str, kind: Kind
) -> None:
    bought(world), bought(world)
    simulator.faults.add(route, kind)

    first = run()
    position = cursor_of(session, lambda row: row.position)
    second = run()

    assert (first.message, first.placed, position) == (Message.UNAVAILABLE, 0, None)
    assert cursor_of(session, lambda row: row.claim) is None
    assert second.placed == 2
    assert len(shop.orders_by_id) == 2


def test_allegro_away_says_so_on_the_cursor_and_keeps_the_last_success(
    run: Run, simulator: Simulator, session: Session
) -> None:
    run()
    success = cursor_of(session, lambda row: row.last_success_at)
    simulator.faults.status(EVENTS, 503)

    outcome = run()

    assert "503" in outcome.trouble
    assert cursor_of(session, lambda row: row.last_message) == "Allegro cannot be reached."
    assert cursor_of(session, lambda row: row.last_success_at) == success


def test_what_was_saved_before_allegro_went_away_is_not_placed_again(
    run: Run, simulator: Simulator, world: World, wire: Wire, session: Session, shop: MemoryShop
) -> None:
    place_many(world, world.sellers[SELLER], 350)
    at_request(wire, 4, lambda: simulator.faults.status(FORMS, 504))

    first = run()
    second = run()

    assert (first.message, first.placed) == (Message.UNAVAILABLE, 100)
    assert (second.placed, second.saved.counts[Bucket.UNCHANGED]) == (250, 100)
    assert len(shop.orders_by_id) == len(orders(session)) == 350


def test_order_that_the_shop_refuses_is_set_aside_and_the_others_arrive(
    run: Run, world: World, session: Session, shop: MemoryShop
) -> None:
    forms = [bought(world) for _ in range(5)]
    shop.bad_forms[forms[2].id] = "no such country"

    outcome = run()

    (failure,) = failures(session)
    assert (outcome.placed, outcome.saved.set_aside) == (4, 1)
    assert outcome.message is Message.SET_ASIDE
    assert (failure.subject, failure.reason, failure.tries) == (forms[2].id, "no such country", 1)
    assert cursor_of(session, lambda row: row.position) is not None
    assert sold(session) == 4


def test_set_aside_order_is_tried_again_with_growing_pauses_until_it_goes_well(
    run: Run, world: World, session: Session, shop: MemoryShop, clock: BothClocks
) -> None:
    form = bought(world)
    shop.bad_forms[form.id] = "not today"
    pauses = []
    for _ in range(3):
        run()
        (failure,) = failures(session)
        assert failure.next_try_at is not None
        pauses.append(failure.next_try_at - clock())
        clock.forward(seconds=pauses[-1].total_seconds())
    del shop.bad_forms[form.id]

    outcome = run()

    assert pauses == [timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1)]
    assert outcome.placed == 1
    assert failures(session)[0].resolved_at == clock()


def test_set_aside_order_is_resolved_when_a_new_event_brings_it(
    run: Run, world: World, session: Session, shop: MemoryShop
) -> None:
    form = bought(world)
    shop.bad_forms[form.id] = "not today"
    run()
    shop.bad_forms.clear()
    repeat_ready(world, form)

    run()

    assert [failure.resolved_at is None for failure in failures(session)] == [False]
    assert len(shop.orders_by_id) == 1


def test_unreadable_form_is_set_aside_and_the_others_arrive(
    run: Run, wire: Wire, world: World, session: Session, shop: MemoryShop
) -> None:
    bad, *_ = bought(world), bought(world), bought(world)
    bad.message = 5  # type: ignore[assignment]

    with wire.check.expecting_violations():
        outcome = run()

    (failure,) = failures(session)
    assert outcome.placed == 2
    assert failure.subject == bad.id
    assert "messageToSeller" in failure.reason


def test_unreadable_page_ends_the_run(
    run: Run, wire: Wire, simulator: Simulator, world: World, shop: MemoryShop
) -> None:
    bought(world), bought(world)
    simulator.faults.malformed(FORMS)

    with wire.check.expecting_violations():
        assert run().message is Message.UNEXPECTED
    assert run().placed == 2


def vanish(world: World, form: Form) -> None:
    world.orders.forms.pop(form.id)
    world.orders.unpaid.pop(form.id, None)


def test_form_that_is_not_there_for_a_moment_arrives_at_the_next_tick(
    run: Run, world: World, session: Session, shop: MemoryShop, clock: BothClocks
) -> None:
    late = bought(world)
    bought(world), bought(world)
    vanish(world, late)

    first = run()
    (failure,) = failures(session)
    world.orders.forms[late.id] = late
    clock.forward(seconds=59)
    second = run()

    assert (first.placed, first.message) == (2, Message.SET_ASIDE)
    assert (failure.subject, failure.reason) == (late.id, "not at Allegro yet")
    assert second.placed == 1
    assert failures(session)[0].resolved_at == clock()


def test_form_sought_for_three_days_counts_as_gone(
    run: Run, world: World, session: Session, clock: BothClocks
) -> None:
    vanish(world, bought(world))
    pauses = []
    begin = clock()
    while (outcome := run()).saved.set_aside:
        (failure,) = failures(session)
        assert failure.next_try_at is not None
        pauses.append(failure.next_try_at - clock())
        clock.forward(seconds=pauses[-1].total_seconds())

    assert outcome.saved.missing == 1
    assert timedelta(days=3) <= clock() - begin < timedelta(days=4)
    assert pauses == sorted(pauses)
    assert pauses[0] < timedelta(minutes=1)
    assert len(pauses) < 40
    assert failures(session)[0].resolved_at == clock()


def test_patience_with_a_missing_form_does_not_count_an_older_trouble(
    run: Run, world: World, session: Session, shop: MemoryShop, clock: BothClocks
) -> None:
    form = bought(world)
    shop.bad_forms[form.id] = "not today"
    run()
    vanish(world, form)
    clock.forward(days=4)

    outcome = run()

    (failure,) = failures(session)
    assert (outcome.saved.missing, failure.tries, failure.first_at) == (0, 1, clock())


def test_order_older_than_a_year_is_gone_at_once(
    run: Run, world: World, session: Session, clock: BothClocks
) -> None:
    form = bought(world)
    run()
    session.execute(update(Order).values(bought_at=clock() - timedelta(days=366)))
    session.commit()
    repeat_ready(world, form)
    vanish(world, form)

    outcome = run()

    assert (outcome.saved.missing, failures(session)) == (1, [])


@pytest.mark.parametrize("error", [Refused, Unexpected])
def test_trouble_with_the_token_is_not_blamed_on_the_form(
    run: Run,
    world: World,
    api: AllegroClient,
    session: Session,
    shop: MemoryShop,
    clock: BothClocks,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Refused] | type[Unexpected],
) -> None:
    form = bought(world)
    shop.bad_forms[form.id] = "not today"
    run()
    clock.forward(minutes=6)

    def no_token(self: LastingAccess) -> str:
        raise error(at=Exchange("POST", "/auth/oauth/token", 404))

    with monkeypatch.context() as patch:
        patch.setattr(LastingAccess, "access_token", no_token)
        outcome = run()

    (failure,) = failures(session)
    assert (outcome.is_complete, outcome.message) == (False, Message.UNEXPECTED)
    assert (failure.reason, failure.tries, failure.resolved_at) == ("not today", 1, None)
    shop.bad_forms.clear()
    assert run().placed == 1


ADDRESS = {"firstName": "Ż", "lastName": "Ś", "street": "u", "city": "c", "zipCode": "9", "countryCode": "PL"}
BUYER = {"id": "1", "email": "e@x", "login": "l", "guest": False}


def delivery(**changes: object) -> dict[str, object]:
    method = {"id": "m", "name": "M"}
    return {"address": ADDRESS, "method": method, "cost": {"amount": "0.00", "currency": "PLN"}, **changes}


@pytest.mark.parametrize(
    "said",
    [
        {"delivery": delivery(method={"id": "m" * 90, "name": "M" * 300})},
        {"delivery": delivery(address={**ADDRESS, "phoneNumber": "1" * 60})},
        {"delivery": delivery(pickupPoint={"id": "p" * 50, "name": "n", "address": None})},
        {"buyer": {**BUYER, "login": "l" * 300}},
        {"buyer": {**BUYER, "phoneNumber": "1" * 60, "email": "e" * 220, "id": "1" * 50}},
        {"buyer": {**BUYER, "firstName": "f" * 150, "lastName": "g" * 150}},
        {"revision": "r" * 24},
        {"marketplace": {"id": "m" * 40}},
        {"payment": {"id": "1", "type": "T" * 40, "provider": "P" * 60, "finishedAt": None}},
        {"messageToSeller": "a\x00b"},
        {"buyer": {**BUYER, "login": "l\x00l"}, "marketplace": {"id": "allegro\x00-pl"}},
    ],
    ids=lambda said: "-".join(said),
)
def test_no_text_is_too_long_or_too_strange_for_our_rows(
    run: Run, wire: Wire, world: World, session: Session, shop: MemoryShop, said: dict[str, object]
) -> None:
    form = bought(world)
    as_json = form.as_json
    form.as_json = lambda: {**as_json(), **said}  # type: ignore[method-assign]

    with wire.check.expecting_violations():
        outcome = run()

    assert [each.reason for each in failures(session)] == []
    assert outcome.placed == 1
    (order,) = shop.orders_by_id.values()
    assert "\0" not in f"{order.message}{order.buyer.login}{order.marketplace}"


def test_event_with_an_impossible_form_id_stops_nobody(
    run: Run, wire: Wire, world: World, session: Session
) -> None:
    strange = bought(world)
    bought(world)
    vanish(world, strange)
    strange.id = "x\0" * 300

    with wire.check.expecting_violations():
        outcome = run()

    assert outcome.placed == 1
    assert [failure.subject for failure in failures(session)] == ["x" * 255]


def test_bad_data_is_set_aside_without_a_word_about_the_buyer(
    run: Run, world: World, session: Session, shop: MemoryShop, caplog: pytest.LogCaptureFixture
) -> None:
    bought(world)
    shop.place_orders = broken_shop  # type: ignore[method-assign]

    run()

    (failure,) = failures(session)
    assert failure.reason.startswith("ValueError at test_orders_faults.py:")
    assert "Nowakowska" not in caplog.text + failure.reason


def broken_shop(placed: object) -> None:
    raise ValueError(f"cannot ship to Nowakowska: {placed}")


def test_database_that_fails_ends_the_run_without_blaming_an_order(
    run: Run, world: World, session: Session, shop: MemoryShop
) -> None:
    bought(world)
    place_orders = shop.place_orders

    def no_database(placed: object) -> None:
        raise OperationalError("insert into shop_order", {"name": "Nowakowska"}, Exception("disk full"))

    shop.place_orders = no_database  # type: ignore[method-assign, assignment]
    with pytest.raises(OperationalError) as raised:
        run()
    shop.place_orders = place_orders  # type: ignore[method-assign]

    assert "Nowakowska" not in str(raised.value)
    assert cursor_of(session, lambda row: (row.claim, row.last_message)) == (
        None,
        "The import was interrupted.",
    )
    assert failures(session) == []
    assert run().placed == 1


def test_death_at_any_commit_loses_nothing_and_places_nothing_twice(
    run: Run, world: World, session: Session, shop: MemoryShop, clock: BothClocks
) -> None:
    """The memory shop stands for the shop's tables: a rollback must take its orders back as well."""
    place_many(world, world.sellers[SELLER], 150)
    for number in range(1, 8):
        with Death(session, shop, at_commit=number) as death:
            run()
        clock.forward(minutes=6)
        if not death.has_come:
            break

    assert run().message in (Message.NOTHING_NEW, Message.IMPORTED)
    assert len(shop.orders_by_id) == 150
    assert len({order.checkout_form_id for order in shop.orders_by_id.values()}) == 150


class Killed(BaseException):
    """The process is gone: no handler runs, so what follows must not touch the database."""


class Death:
    """Kill the flow just before its n-th commit; the shop goes back with the transaction."""

    def __init__(self, session: Session, shop: MemoryShop, at_commit: int) -> None:
        self.session, self.shop, self.left = session, shop, at_commit
        self.has_come = False

    def __enter__(self) -> Death:
        self.safe = dict(self.shop.orders_by_id)
        event.listen(self.session, "before_commit", self.before)
        event.listen(self.session, "after_commit", self.after)
        return self

    def before(self, session: Session) -> None:
        self.left -= 1
        if self.left <= 0:
            self.has_come = True
            raise Killed

    def after(self, session: Session) -> None:
        self.safe = dict(self.shop.orders_by_id)

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        event.remove(self.session, "before_commit", self.before)
        event.remove(self.session, "after_commit", self.after)
        self.session.rollback()
        if self.has_come:
            self.shop.orders_by_id.clear()
            self.shop.orders_by_id.update(self.safe)
        return kind is Killed


def test_death_at_any_moment_loses_nothing_and_books_nothing_twice(
    run: Run, world: World, session: Session, engine: Engine, shop: MemoryShop, wire: Wire, clock: BothClocks
) -> None:
    """At every call to Allegro, statement and commit in turn; each time something new has been bought."""
    shop.pieces["PZ-0142"] = 1000
    forms: list[Form] = []
    moments = 0
    while True:
        moments += 1
        later = bought(world, Wishes(Pay.LATER))
        forms += [bought(world), later, bought(world, lines=[a_line(world, quantity=2)])]
        with Killing(session, engine, wire, shop, moments) as killing:
            run()
        if not killing.has_come:
            break
        clock.forward(minutes=6)
        pay(world, later)

    run()

    assert moments > 25
    paid = {form.id for form in forms if form.status is Status.READY_FOR_PROCESSING}
    placed = [order.checkout_form_id for order in shop.orders_by_id.values()]
    assert (set(placed), len(placed)) == (paid, len(paid))
    assert shop.pieces["PZ-0142"] == 1000 - sum(form.lines[0].quantity for form in forms)


class Killing:
    """The process dies at its n-th moment: nothing more happens, and the shop goes back with the database."""

    def __init__(
        self, session: Session, engine: Engine, wire: Wire, shop: MemoryShop, at_moment: int
    ) -> None:
        self.session, self.engine, self.wire, self.shop = session, engine, wire, shop
        self.left = at_moment
        self.has_come = False

    def __enter__(self) -> Killing:
        self.note()
        self.check = self.wire.check
        self.wire.check = Interruption(self.check, -1, self.pass_moment)  # type: ignore[assignment]
        event.listen(self.engine, "before_cursor_execute", self.pass_moment)
        event.listen(self.session, "before_commit", self.pass_moment)
        event.listen(self.session, "after_commit", self.note)
        return self

    def pass_moment(self, *about: object) -> None:
        self.left -= 1
        if self.left <= 0:
            self.has_come = True
            raise Killed

    def note(self, *about: object) -> None:
        shop = self.shop
        self.safe = (dict(shop.orders_by_id), list(shop.moves), dict(shop.pieces))

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        event.remove(self.engine, "before_cursor_execute", self.pass_moment)
        event.remove(self.session, "before_commit", self.pass_moment)
        event.remove(self.session, "after_commit", self.note)
        self.wire.check = self.check
        self.session.rollback()
        if self.has_come:
            self.shop.orders_by_id, self.shop.moves, self.shop.pieces = self.safe
        return kind is Killed


def test_who_lost_the_claim_in_the_middle_writes_nothing_more(
    run: Run, world: World, wire: Wire, engine: Engine, shop: MemoryShop
) -> None:
    place_many(world, world.sellers[SELLER], 350)
    at_request(wire, 4, lambda: take_over(engine))

    outcome = run()

    assert outcome.message is Message.TAKEN_OVER
    assert len(shop.orders_by_id) == 100


def take_over(engine: Engine) -> None:
    """Another worker claims the cursor while we wait for an answer of the list."""
    with engine.begin() as connection:
        connection.execute(update(Cursor).values(claim="neighbour"))


def at_request(wire: Wire, number: int, do: Callable[[], None]) -> None:
    """Let something happen when the list of forms is asked for the n-th time."""
    wire.check = Interruption(wire.check, number, do)  # type: ignore[assignment]


class Interruption:
    def __init__(self, check: OpenApiCheck, number: int, do: Callable[[], None]) -> None:
        self.check, self.left, self.do = check, number, do
        self.at_every_call = number < 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.check, name)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self.at_every_call:
            self.do()
        elif environ["PATH_INFO"] == "/order/checkout-forms":
            self.left -= 1
            if self.left == 0:
                self.do()
        return self.check(environ, start_response)


def test_list_that_shifts_while_it_is_read_misses_nobody(
    run: Run, world: World, wire: Wire, shop: MemoryShop, clock: BothClocks
) -> None:
    forms = place_many(world, world.sellers[SELLER], 220)
    for number, form in enumerate(forms):
        form.updated_at = world.now() - timedelta(seconds=14) + timedelta(milliseconds=number)
    forms[50].updated_at = world.now()

    run()

    assert len(shop.orders_by_id) == 220


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_more_forms_than_one_window_shows_are_all_found(
    run: Run, world: World, wire: Wire, shop: MemoryShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("allegro_module.sync.order_reading.LAST_FORM", 300)
    forms = place_many(world, world.sellers[SELLER], 650)
    for number, form in enumerate(forms):
        form.updated_at = world.now() - timedelta(seconds=10) + timedelta(milliseconds=number)

    run()

    assert len(shop.orders_by_id) == 650
    assert wire.count(FORMS) <= 12


def test_slower_pass_survives_allegro_going_away(
    run: Run,
    simulator: Simulator,
    world: World,
    session: Session,
    api: AllegroClient,
    shop: MemoryShop,
    account: Account,
    clock: BothClocks,
) -> None:
    bought(world, Wishes(Pay.ON_DELIVERY), lines=[a_line(world)])
    world.orders.journal(world.sellers[SELLER].id).clear()
    simulator.faults.status(FORMS, 503)

    first = reconcile_orders(session, api, shop, account, clock)
    second = reconcile_orders(session, api, shop, account, clock)

    assert (first.message, second.placed) == (Message.UNAVAILABLE, 1)
