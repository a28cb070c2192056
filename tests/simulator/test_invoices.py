"""Documents of billing: declared, sent, scanned, and all that is refused on the way."""

from typing import Any

from allegro_module.simulator import World
from allegro_module.simulator.checkout import Pay, Wishes
from allegro_module.simulator.forms import Form
from tests.simulator.conftest import Caller, Remote
from tests.simulator.order_life import place

PDF = b"%PDF-1.7 faktura"


def declare(seller: Caller, form: Form, number: str | None = "FV/1/2026") -> Any:
    body: dict[str, Any] = {"file": {"name": "faktura.pdf"}}
    if number:
        body["invoiceNumber"] = number
    return seller.call("POST", f"/order/checkout-forms/{form.id}/invoices", json=body)


def send(seller: Caller, form: Form, invoice_id: str, content: bytes = PDF) -> int:
    path = f"/order/checkout-forms/{form.id}/invoices/{invoice_id}/file"
    status: int = seller.call(
        "PUT", path, data=content, headers={"Content-Type": "application/pdf"}
    ).status_code
    return status


def listed(seller: Caller, form: Form) -> Any:
    return seller.get(f"/order/checkout-forms/{form.id}/invoices").json


def test_invoice_is_declared_sent_and_accepted_after_a_scan(seller: Caller, world: World) -> None:
    form = place(world)

    invoice_id = declare(seller, form).json["id"]
    declared = listed(seller, form)["invoices"][0]
    sent = send(seller, form, invoice_id)
    waiting = listed(seller, form)["invoices"][0]
    world.clock.advance(6)
    done = listed(seller, form)["invoices"][0]

    assert declared["file"] == {"name": "faktura.pdf"}
    assert sent == 200
    assert waiting["file"]["securityVerification"] == {"status": "WAITING"}
    assert done["file"]["securityVerification"] == {
        "status": "ACCEPTED",
        "verifiedAt": "2026-11-20T12:00:05.000Z",
    }
    assert done["invoiceNumber"] == "FV/1/2026"
    assert form.papers[0].content == PDF


def test_scan_may_end_badly(seller: Caller, world: World) -> None:
    world.switches.invoice_verdict = "REJECTED"
    form = place(world)
    send(seller, form, declare(seller, form).json["id"])
    world.clock.advance(6)

    assert listed(seller, form)["invoices"][0]["file"]["securityVerification"]["status"] == "REJECTED"


def test_file_is_sent_once_is_a_pdf_and_has_three_megabytes_at_most(seller: Caller, world: World) -> None:
    form = place(world)
    invoice_id = declare(seller, form).json["id"]

    assert send(seller, form, invoice_id, b"zip") == 422
    assert send(seller, form, invoice_id, PDF + b" " * 3 * 1024 * 1024) == 413
    assert send(seller, form, world.uuid()) == 404
    assert send(seller, form, invoice_id) == 200
    assert send(seller, form, invoice_id) == 409


def test_next_invoice_waits_for_the_scan_of_the_one_before(seller: Caller, world: World) -> None:
    form = place(world)
    send(seller, form, declare(seller, form).json["id"])

    early = declare(seller, form).status_code
    world.clock.advance(6)

    assert (early, declare(seller, form).status_code) == (422, 201)


def test_limits_of_number_and_pace(seller: Caller, world: World) -> None:
    world.switches.invoices_per_order = 1
    world.switches.invoices_per_minute = 2
    first, second, third = (place(world) for _ in range(3))

    answers = [declare(seller, form).status_code for form in (first, first, second, third)]

    assert answers == [201, 409, 201, 429]


def test_order_that_is_not_ready_takes_no_invoice(seller: Caller, world: World) -> None:
    assert declare(seller, place(world, Wishes(pay=Pay.LATER))).status_code == 422


def test_invoice_of_the_panel_is_only_hinted_at(seller: Caller, world: World, remote: Remote) -> None:
    form = place(world)

    remote.post(f"/orders/{form.id}/external-invoice", has=True)

    assert listed(seller, form)["hasExternalInvoices"] is True
    assert listed(seller, form)["invoices"] == []


def test_order_without_a_wish_may_be_answered_with_nothing(seller: Caller, world: World) -> None:
    world.switches.empty_list_without_wish = True

    assert listed(seller, place(world)) == {}
