"""The seller renews the access by hand: offers that waited for Allegro do not wait out their pause."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.domain.offers import OfferState, Trouble
from tests.web.conftest import NOW, SETTINGS, Host
from tests.web.linking_steps import link_and_confirm
from tests.web.offer_builders import an_offer, stored

LATER = NOW + timedelta(minutes=9)


def look_at(host: Host, offer_id: int) -> datetime | None:
    return stored(host, offer_id).next_look_at


def test_renewed_access_wakes_what_waited_for_it_and_nothing_else(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    link_and_confirm(host, browser)
    account = session.get_one(Account, 1)
    held = {"state": OfferState.WAITING, "trouble": Trouble.UNAVAILABLE, "next_look_at": LATER}
    an_offer(session, account, **held)
    an_offer(session, account, external_id="PZ-0142-2", **{**held, "trouble": Trouble.BUSY})
    an_offer(session, account, external_id="PZ-0142-3", **{**held, "state": OfferState.PLANNED})
    host.now += timedelta(minutes=1)

    host.simulator.faults.status("POST /auth/oauth/token", times=9, status=503)
    browser.post(f"{SETTINGS}/accounts/1/renew")
    assert look_at(host, 1) == LATER
    host.simulator.faults.clear()
    host.now += timedelta(minutes=2)
    browser.post(f"{SETTINGS}/accounts/1/renew")

    assert look_at(host, 1) == host.now
    assert [look_at(host, number) for number in (2, 3)] == [LATER, LATER]
