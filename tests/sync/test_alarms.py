"""Alarms on their way to people and programs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.alarms import CONNECTION_LOST, CONNECTION_RESTORED, Alarm, raise_alarm
from allegro_module.db.installation import give_number
from allegro_module.domain.accounts import FRESH_ACCESS_REFUSED, KEYS_REFUSED
from allegro_module.sync.alarms import Sent, Ways, is_something_due, send_alarms
from allegro_module.sync.mail import Letter, MailServer, NotMailed
from allegro_module.sync.webhook import NotPosted, Webhook
from tests.post import Hook, MailBox, mail_server, webhook_server
from tests.sync.conftest import BothClocks

RECIPIENTS = ("anna@bursztyn.example", "jan@bursztyn.example")
PAGE = "https://panel.bursztyn.example/backend/allegro/config"


@pytest.fixture
def mail_box() -> Iterator[MailBox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def hook() -> Iterator[Hook]:
    with webhook_server() as hook:
        yield hook


@pytest.fixture
def ways(mail_box: MailBox, hook: Hook) -> Iterator[Ways]:
    with httpx2.Client(timeout=2) as http:
        yield Ways(
            mail=MailServer(mail_box.url, RECIPIENTS).send,
            post=Webhook(hook.url, "Bursztyn-i-Len/1", http).post,
            shop="Bursztyn i Len",
            settings_page=lambda account: PAGE,
        )


@pytest.fixture
def happens(session: Session, account: Account, clock: BothClocks) -> Callable[..., None]:
    def raise_one(kind: str = CONNECTION_LOST, reason: str = "invalid_grant") -> None:
        raise_alarm(session, account.id, kind, reason, clock())
        session.commit()

    return raise_one


@pytest.fixture
def send(session: Session, clock: BothClocks) -> Callable[[Ways], Sent]:
    return lambda ways: send_alarms(session, ways, lambda environment: clock)


def only_alarm(session: Session) -> Alarm:
    session.rollback()
    return session.scalars(select(Alarm)).one()


Happens = Callable[..., None]
Send = Callable[[Ways], Sent]


def test_lost_link_is_mailed_in_polish_with_causes_and_what_to_do(
    ways: Ways, happens: Happens, send: Send, mail_box: MailBox
) -> None:
    happens()

    send(ways)

    letter, text = mail_box.letters[0], mail_box.texts[0]
    assert mail_box.subjects[0] == "Bursztyn i Len: konto Allegro bursztyn_i_len wymaga ponownego połączenia"
    assert letter["To"] == ", ".join(RECIPIENTS)
    assert "od 20.11.2026, 13:00 nie ma dostępu do konta Allegro bursztyn_i_len (BL, Symulator)" in text
    assert "- Zmieniono hasło konta Allegro." in text
    assert "naciśnij „Połącz ponownie”" in text
    assert PAGE in text
    assert "zamówienia czekają na Allegro" in text


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (KEYS_REFUSED, "zapisz właściwe Client ID i Client Secret"),
        (KEYS_REFUSED, "kluczy aplikacji demo-client-id"),
        (FRESH_ACCESS_REFUSED, "Allegro odrzuca nawet dostęp, który przed chwilą odnowiło."),
    ],
)
def test_letter_tells_by_the_reason_what_helps(
    ways: Ways, happens: Happens, send: Send, mail_box: MailBox, reason: str, words: str
) -> None:
    happens(reason=reason)

    send(ways)

    assert words in mail_box.texts[0]


def test_webhook_gets_one_event_without_secrets(
    ways: Ways, happens: Happens, send: Send, hook: Hook, session: Session, clock: BothClocks
) -> None:
    number = give_number(session, clock())
    happens()

    send(ways)

    assert hook.events == [
        {
            "event": "connection_lost",
            "account": "bursztyn_i_len",
            "alias": "BL",
            "environment": "simulator",
            "reason": "invalid_grant",
            "at": "2026-11-20T12:00:00+00:00",
            "installation": number,
        }
    ]
    assert hook.agents == ["Bursztyn-i-Len/1"]


def test_what_was_sent_by_both_ways_is_done(
    ways: Ways, happens: Happens, send: Send, session: Session, mail_box: MailBox, hook: Hook
) -> None:
    happens()

    sent = send(ways)
    again = send(ways)

    alarm = only_alarm(session)
    assert (sent.mailed, sent.posted, sent.failed) == (1, 1, 0)
    assert again == Sent()
    assert alarm.next_try_at is None
    assert alarm.mailed_at and alarm.posted_at
    assert (len(mail_box.letters), len(hook.events)) == (1, 1)


def test_nobody_to_tell_closes_the_alarm(happens: Happens, send: Send, session: Session) -> None:
    happens()

    send(Ways(None, None, "Bursztyn i Len"))

    alarm = only_alarm(session)
    assert (alarm.next_try_at, alarm.mailed_at, alarm.posted_at) == (None, None, None)


def test_mail_server_away_does_not_hold_up_the_webhook(
    ways: Ways, happens: Happens, send: Send, session: Session, clock: BothClocks, hook: Hook
) -> None:
    happens()
    nobody_there = replace(ways, mail=MailServer("smtp://127.0.0.1:1", RECIPIENTS).send)

    send(nobody_there)

    alarm = only_alarm(session)
    assert len(hook.events) == 1
    assert alarm.posted_at and not alarm.mailed_at
    assert alarm.next_try_at == clock() + timedelta(minutes=1)


@pytest.mark.parametrize("status", [500, 302, 401])
def test_webhook_that_refuses_does_not_hold_up_the_mail_and_is_tried_again(
    ways: Ways,
    happens: Happens,
    send: Send,
    clock: BothClocks,
    hook: Hook,
    mail_box: MailBox,
    status: int,
) -> None:
    happens()
    hook.status = status
    send(ways)
    hook.status = 200
    clock.forward(seconds=59)
    too_early = send(ways)
    clock.forward(seconds=1)

    send(ways)

    assert too_early == Sent()
    assert len(mail_box.letters) == 1
    assert len(hook.events) == 2
    assert set(hook.paths) == {"/hook/secret-part"}


def test_pauses_grow_to_a_day_and_after_a_week_it_is_given_up(
    ways: Ways, happens: Happens, send: Send, session: Session, clock: BothClocks, hook: Hook
) -> None:
    happens()
    hook.status = 500
    pauses = []
    while (next_try_at := only_alarm(session).next_try_at) is not None:
        pauses.append(next_try_at - clock())
        clock.forward(seconds=pauses[-1].total_seconds())
        send(ways)

    assert pauses[1:6] == [
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(hours=4),
    ]
    assert max(pauses) == timedelta(days=1)
    assert timedelta(days=6) < sum(pauses, timedelta()) <= timedelta(days=7)


def test_link_that_comes_and_goes_is_mailed_once_an_hour_and_posted_each_time(
    ways: Ways, happens: Happens, send: Send, clock: BothClocks, hook: Hook, mail_box: MailBox
) -> None:
    for kind in (CONNECTION_LOST, CONNECTION_RESTORED, CONNECTION_LOST):
        happens(kind)
        send(ways)
        clock.forward(minutes=5)
    within_the_hour = len(mail_box.letters)
    clock.forward(minutes=50)

    send(ways)
    send(ways)

    assert [each["event"] for each in hook.events] == [CONNECTION_LOST, CONNECTION_RESTORED, CONNECTION_LOST]
    assert within_the_hour == 1
    assert len(mail_box.letters) == 2
    assert "wymaga ponownego połączenia" in mail_box.subjects[1]
    assert "- 20.11.2026, 13:05: przywrócono dostęp" in mail_box.texts[1]


def test_restored_link_is_told_as_well(ways: Ways, happens: Happens, send: Send, mail_box: MailBox) -> None:
    happens(CONNECTION_RESTORED, "")

    send(ways)

    assert mail_box.subjects[0] == "Bursztyn i Len: konto Allegro bursztyn_i_len znów działa"


def test_process_that_dies_while_sending_leaves_the_alarm_due(
    ways: Ways, happens: Happens, send: Send, session: Session, clock: BothClocks, hook: Hook
) -> None:
    happens()

    def die(event: Mapping[str, str]) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        send(replace(ways, post=die))
    at_once = send(ways)
    clock.forward(minutes=5)
    send(ways)

    assert at_once == Sent()
    assert len(hook.events) == 1


def test_no_transaction_is_open_while_others_are_told(
    ways: Ways, happens: Happens, send: Send, session: Session
) -> None:
    happens()
    was_open = []

    send(
        replace(
            ways,
            mail=lambda letter: was_open.append(session.in_transaction()),
            post=lambda event: was_open.append(session.in_transaction()),
        )
    )

    assert was_open == [False, False]


def test_something_is_due_only_when_its_time_has_come(
    ways: Ways, happens: Happens, send: Send, session: Session, clock: BothClocks, hook: Hook
) -> None:
    before = is_something_due(session, lambda environment: clock)
    happens()
    raised = is_something_due(session, lambda environment: clock)
    hook.status = 500
    send(ways)
    waiting = is_something_due(session, lambda environment: clock)

    assert (before, raised, waiting) == (False, True, False)


def test_log_names_neither_addresses_nor_the_webhook(
    ways: Ways,
    happens: Happens,
    send: Send,
    hook: Hook,
    mail_box: MailBox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hook.status, mail_box.refuses = 500, True
    happens()

    with caplog.at_level(logging.DEBUG, logger="allegro_module"):
        send(ways)

    assert "was not mailed: SMTPSenderRefused 451" in caplog.text
    assert "answered 500" in caplog.text
    assert "bursztyn.example" not in caplog.text
    assert "secret-part" not in caplog.text


def a_letter(clock: BothClocks) -> Letter:
    return Letter("allegro-alarm-1", "Temat ą", "Treść\n", clock())


def test_password_goes_to_this_machine_or_through_encryption_only(
    mail_box: MailBox, clock: BothClocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = mail_box.url.replace("smtp://", "smtp://sklep%40bursztyn.example:p%40ss@")
    MailServer(here, RECIPIENTS).send(a_letter(clock))
    monkeypatch.setattr("allegro_module.sync.mail._is_this_machine", lambda host: False)

    with pytest.raises(NotMailed, match="password was not sent"):
        MailServer(here, RECIPIENTS).send(a_letter(clock))

    assert [line.split()[0] for line in mail_box.commands].count("AUTH") == 1
    assert mail_box.letters[0]["From"] == "sklep@bursztyn.example"


@pytest.mark.parametrize(
    ("query", "sender"), [("", "anna@bursztyn.example"), ("?from=sklep@x.example", "sklep@x.example")]
)
def test_sender_is_named_in_the_address_or_is_the_first_recipient(
    mail_box: MailBox, clock: BothClocks, query: str, sender: str
) -> None:
    MailServer(mail_box.url + query, RECIPIENTS).send(a_letter(clock))

    assert mail_box.letters[0]["From"] == sender
    assert f"MAIL FROM:<{sender}>" in " ".join(mail_box.commands).replace("mail FROM", "MAIL FROM")


def test_webhook_that_nobody_serves_is_not_posted() -> None:
    with httpx2.Client(timeout=1) as http, pytest.raises(NotPosted, match="ConnectError"):
        Webhook("http://127.0.0.1:1/secret-part", "x", http).post({"event": "connection_lost"})
