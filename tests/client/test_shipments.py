"""Parcels, their carriers and invoices: written to the simulator and read back."""

from __future__ import annotations

import json

import pytest

from allegro_module.client import AllegroClient
from allegro_module.client.errors import Busy, Refused, Unavailable
from allegro_module.client.invoices import Verification
from allegro_module.client.payloads import Id
from allegro_module.client.shipments import ShipmentRequest
from allegro_module.simulator.app import Simulator
from allegro_module.simulator.buyers import BUYERS
from allegro_module.simulator.checkout import Wishes, place
from allegro_module.simulator.forms import Form
from tests.client.conftest import Remote
from tests.sync.order_builders import a_line

PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def form(simulator: Simulator) -> Form:
    world = simulator.world
    return place(
        world, world.sellers["bursztyn_i_len"].id, [a_line(world), a_line(world)], Wishes(), BUYERS[0]
    )


def test_parcel_of_the_whole_order_and_one_of_a_line(api: AllegroClient, form: Form) -> None:
    whole = api.shipments.add(form.id, ShipmentRequest("DPD", "123U"))
    part = api.shipments.add(form.id, ShipmentRequest("OTHER", "X/1", "Kurier Wodny", [Id(form.lines[0].id)]))

    listed = api.shipments.list(form.id)

    assert [each.id for each in listed] == [whole.id, part.id]
    assert (listed[0].carrier_id, listed[0].waybill, len(listed[0].line_items or ())) == ("DPD", "123U", 2)
    assert (listed[1].carrier_name, listed[1].line_items) == ("Kurier Wodny", (Id(form.lines[0].id),))


def test_what_is_not_given_is_not_sent(remote: Remote, remote_api: AllegroClient) -> None:
    remote.will_answer(201, {"id": "1"})

    remote_api.shipments.add("f", ShipmentRequest("DPD", "123U"))

    assert json.loads(remote.asked[0].get_data()) == {"carrierId": "DPD", "waybill": "123U"}


def test_number_used_too_often_is_a_refusal_not_a_passing_conflict(
    api: AllegroClient, simulator: Simulator, form: Form
) -> None:
    simulator.world.switches.waybill_orders = 0

    with pytest.raises(Refused) as refused:
        api.shipments.add(form.id, ShipmentRequest("DPD", "123U"))

    assert (refused.value.status, refused.value.objections[0].code) == (
        409,
        "WaybillUsedInTooManyOrdersException",
    )


def test_missing_lists_read_as_empty(remote: Remote, remote_api: AllegroClient) -> None:
    remote.will_answer(200, {})

    assert remote_api.shipments.list("f") == ()
    assert remote_api.invoices.list("f") == ()


def test_invoice_is_declared_uploaded_and_scanned(
    api: AllegroClient, simulator: Simulator, form: Form
) -> None:
    simulator.world.switches.invoice_scan_seconds = 0
    invoice_id = api.invoices.declare(form.id, "FV 1", "FV-1.pdf")
    (declared,) = api.invoices.list(form.id)
    api.invoices.upload(form.id, invoice_id, PDF)
    (uploaded,) = api.invoices.list(form.id)

    assert (declared.id, declared.invoice_number, declared.has_file) == (invoice_id, "FV 1", False)
    assert (uploaded.has_file, uploaded.verification) == (True, Verification.ACCEPTED)


def test_second_file_is_a_conflict(api: AllegroClient, form: Form) -> None:
    invoice_id = api.invoices.declare(form.id, "FV 1", "FV-1.pdf")
    api.invoices.upload(form.id, invoice_id, PDF)

    with pytest.raises(Busy):
        api.invoices.upload(form.id, invoice_id, PDF)


def test_order_with_its_invoices_refuses_and_haste_is_held_back(
    api: AllegroClient, simulator: Simulator, form: Form
) -> None:
    simulator.world.switches.invoices_per_order = 0
    with pytest.raises(Refused) as refused:
        api.invoices.declare(form.id, "FV 1", "FV-1.pdf")
    simulator.world.switches.invoices_per_order = 10
    simulator.world.switches.invoices_per_minute = 1
    api.invoices.declare(form.id, "FV 1", "FV-1.pdf")
    with pytest.raises(Unavailable) as hasty:
        api.invoices.declare(form.id, "FV 2", "FV-2.pdf")

    assert refused.value.status == 409
    assert (hasty.value.status, hasty.value.is_sure_nothing_happened) == (429, True)


def test_words_that_allegro_adds_later_are_read(remote: Remote, remote_api: AllegroClient) -> None:
    remote.will_answer(
        200,
        {
            "invoices": [
                {"id": "1", "file": {"name": "a.pdf", "securityVerification": {"status": "QUARANTINED"}}}
            ]
        },
    )

    (invoice,) = remote_api.invoices.list("f")

    assert invoice.verification is Verification.UNKNOWN
