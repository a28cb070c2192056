"""The worker watches attempts to link by a code, so that a closed tab loses nothing."""

from __future__ import annotations

from rq import Queue
from sqlalchemy import select

from allegro_module.db.accounts import Account, Application
from allegro_module.db.links import LinkAttempt
from allegro_module.domain.accounts import GrantType, LinkState
from allegro_module.jobs import tasks
from allegro_module.jobs.schedule import tick
from allegro_module.sync.device_link import begin_device_link
from tests.jobs.host import SELLER, Host


def begin(host: Host) -> int:
    runtime, now = host.runtime, host.world.now()
    application = Application(
        environment="simulator",
        grant_type=GrantType.DEVICE_CODE,
        client_id="demo-device-id",
        sealed_client_secret=runtime.seal.close("demo-device-secret"),
        created_at=now,
        changed_at=now,
    )
    runtime.session.add(application)
    runtime.session.commit()
    oauth = runtime.oauth("simulator")
    attempt = begin_device_link(runtime.session, oauth, runtime.seal, application, None, "anna", now)
    return attempt.id


def approve(host: Host) -> None:
    (code,) = host.world.devices.codes.values()
    code.seller_id = host.world.sellers[SELLER].id


def rung(host: Host, after: float = 0) -> list[str]:
    host.world.clock.advance(after)
    names = tick(host.runtime)
    queue: Queue = host.runtime.queue
    queue.empty()
    return names


def test_open_attempt_is_followed_until_it_has_ended(ringing_host: Host) -> None:
    attempt_id = begin(ringing_host)
    # The first tick only makes the rows.
    assert "follow_links" in rung(ringing_host) + rung(ringing_host)
    approve(ringing_host)
    ringing_host.world.clock.advance(5)

    tasks.follow_links()

    session = ringing_host.runtime.session
    assert session.get_one(LinkAttempt, attempt_id).outcome == "linked"
    account = session.scalars(select(Account)).one()
    assert (account.login, account.state) == (SELLER, LinkState.UNCONFIRMED)
    assert "follow_links" not in rung(ringing_host, 60)


def test_nothing_is_rung_while_no_attempt_is_open(ringing_host: Host) -> None:
    ringing_host.link()

    assert "follow_links" not in rung(ringing_host) + rung(ringing_host, 60)


def test_attempts_that_have_ended_are_told(host: Host) -> None:
    attempt_id = begin(host)
    host.world.clock.advance(5)
    assert tasks.follow_links_now(host.runtime) == {}
    (code,) = host.world.devices.codes.values()
    code.is_denied = True
    host.world.clock.advance(5)

    assert tasks.follow_links_now(host.runtime) == {attempt_id: "refused_at_consent"}
    assert tasks.follow_links_now(host.runtime) == {}
