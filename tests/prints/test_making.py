"""Making a print: Allegro is asked once more, what must not be packed is left out, no death loses it."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from importlib.machinery import ModuleSpec

import pytest

from allegro_module.claims import new_claim
from allegro_module.db.accounts import Account
from allegro_module.db.prints import Print
from allegro_module.domain.prints import PrintKind, PrintState, Trouble
from allegro_module.jobs import tasks
from allegro_module.prints.making import Doors, make_print
from allegro_module.simulator.checkout import cancel
from tests.prints.conftest import Desk
from tests.prints.reading import pages_of


def ids_of(desk: Desk) -> list[int]:
    return [order.id for order in desk.orders()]


def test_orders_are_printed_and_their_histories_say_by_whom(desk: Desk) -> None:
    ids = ids_of(desk)

    made = desk.make(ids)

    pages = pages_of(made.document)
    assert (made.state, made.done, made.left_out, made.trouble) == (PrintState.DONE, len(ids), {}, "")
    assert all(order.number in page for order, page in zip(desk.orders(), pages, strict=True))
    assert all("sprawdzono w Allegro o 13:00" in page and "nie sprawdzono" not in page for page in pages)
    assert sorted(desk.printed_by()) == [(order_id, "anna.k") for order_id in ids]


def test_order_cancelled_a_moment_ago_is_left_out_and_named(desk: Desk) -> None:
    gone = desk.orders()[0]
    number, form = gone.number, desk.host.world.orders.forms[gone.checkout_form_id]
    cancel(desk.host.world, form)

    made = desk.make(ids_of(desk))

    assert made.left_out == {number: "cancelled"}
    assert number not in " ".join(pages_of(made.document))


def test_orders_that_must_not_be_packed_leave_nothing_to_print(desk: Desk) -> None:
    first, second = ids_of(desk)[:2]
    desk.change(first, held_because="czekamy na towar")
    desk.change(second, held_until=desk.host.world.now() + timedelta(minutes=4))

    made = desk.make([first, second])

    assert (made.state, made.trouble, made.document) == (PrintState.FAILED, Trouble.NOTHING_LEFT, None)
    assert sorted(made.left_out.values()) == ["cancel_window", "held"]
    assert desk.printed_by() == []


def test_paper_says_so_when_allegro_cannot_be_asked(desk: Desk) -> None:
    desk.host.simulator.faults.status("*", 503, times=50)

    made = desk.make(ids_of(desk))

    assert made.state == PrintState.DONE
    assert all("nie sprawdzono w Allegro o 13:00" in page for page in pages_of(made.document))


def test_orders_of_a_disconnected_account_are_printed_unchecked(desk: Desk) -> None:
    desk.session.get_one(Account, desk.account_id).is_enabled = False
    desk.host.runtime.session.commit()

    made = desk.make(ids_of(desk)[:1])

    assert "nie sprawdzono" in pages_of(made.document)[0]


def test_picking_list_counts_the_pieces_of_all_orders(desk: Desk) -> None:
    orders = desk.orders()
    pieces = sum(order.pieces for order in orders)

    made = desk.make([order.id for order in orders], PrintKind.PICKING)

    paper = json.loads(made.paper or "")
    assert paper["pieces"] == pieces == sum(product["pieces"] for product in paper["products"])
    assert f"Sztuki: {pieces}" in pages_of(made.document)[0]


def test_killed_print_is_made_by_the_next_run(desk: Desk) -> None:
    print_id = desk.ask(ids_of(desk))
    _die_while_making(desk, print_id)
    killed = desk.session.get_one(Print, print_id)
    assert (killed.state, killed.document, killed.claim is None) == (PrintState.MAKING, None, False)

    tasks.make_prints(print_id)

    made = desk.session.get_one(Print, print_id)
    assert (made.state, len(pages_of(made.document))) == (PrintState.DONE, len(made.order_ids))
    assert len(desk.printed_by()) == len(made.order_ids)


def _die_while_making(desk: Desk, print_id: int) -> None:
    """In a process of its own, by kill -9, after Allegro was asked."""
    runtime = desk.host.runtime
    runtime.session.close()
    runtime.db.engine.dispose(close=False)
    child = os.fork()
    if child == 0:
        try:
            make_print(runtime.session, Doors(runtime.shop, _killed, desk.host.world.now), print_id)
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


def _killed(*_: object) -> tuple[int, ...]:
    os.kill(os.getpid(), signal.SIGKILL)
    return ()


def test_print_that_a_living_worker_makes_is_left_to_it(desk: Desk) -> None:
    print_id = desk.ask(ids_of(desk))
    print_ = desk.session.get_one(Print, print_id)
    print_.claim, print_.claimed_until = new_claim(), desk.host.world.now() + timedelta(minutes=1)
    desk.host.runtime.session.commit()

    tasks.make_prints(print_id)

    assert desk.session.get_one(Print, print_id).state == PrintState.WAITING


def test_print_taken_over_by_another_worker_is_not_written_over(desk: Desk) -> None:
    print_id = desk.ask(ids_of(desk))
    runtime = desk.host.runtime

    def taken_over(*_: object) -> tuple[int, ...]:
        runtime.session.get_one(Print, print_id).claim = "another worker's"
        runtime.session.commit()
        return ()

    is_made = make_print(runtime.session, Doors(runtime.shop, taken_over, desk.host.world.now), print_id)

    assert not is_made
    assert desk.session.get_one(Print, print_id).claim == "another worker's"


def test_claim_is_given_back_when_the_run_breaks(desk: Desk) -> None:
    print_id = desk.ask(ids_of(desk))

    def broken(*_: object) -> tuple[int, ...]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_print(desk.session, Doors(desk.host.runtime.shop, broken, desk.host.world.now), print_id)

    assert desk.session.get_one(Print, print_id).claim is None


def test_without_the_extra_the_paper_is_there_for_the_browser(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    find: Callable[[str], ModuleSpec | None] = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "typst" else find(name))

    made = desk.make(ids_of(desk))

    assert (made.state, made.trouble, made.document) == (PrintState.DONE, Trouble.NO_COMPILER, None)
    assert len(json.loads(made.paper or "")["sheets"]) == len(made.order_ids)
