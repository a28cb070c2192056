"""The advanced settings in Chromium: accessible, ticks that answer at once, help by the keyboard."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from allegro_module.db.accounts import Application
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.scopes import NEEDED, SCOPES
from tests.web.conftest import SETTINGS, Host, a_linked_account, make_host

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(tmp_path: Path) -> Host:
    """Three accounts in three states, two applications of which one may be removed."""
    host = make_host(tmp_path, layout="allegro/_plain.html")
    host.app.config["WTF_CSRF_ENABLED"] = True
    host.runtime.wall_clock = lambda: datetime.now(UTC)
    now = datetime.now(UTC)
    with host.app.app_context():
        session = host.runtime.session
        first = a_linked_account(session, host, refreshed_at=now, scopes=" ".join(NEEDED[:-1]))
        for login, alias, state in (
            ("len_outlet", "OU", LinkState.NEEDS_RECONNECT),
            ("bil-test", "TS", LinkState.UNCONFIRMED),
        ):
            a_linked_account(
                session,
                host,
                login,
                application=first.application,
                alias=alias,
                seller_id=login,
                state=state,
                state_since=now,
                refreshed_at=now,
            )
        session.add(
            Application(
                environment="sandbox",
                client_id="4f1c07e2b9a84d0fa3d2c6e15b7790aa",
                grant_type="device_code",
                sealed_client_secret=host.runtime.seal.close("other"),
                created_at=now,
                changed_at=first.created_at,
            )
        )
        session.commit()
    return host


@pytest.fixture
def page(chromium: Browser, shop: Host) -> Iterator[Page]:
    """The advanced view; anything in the console fails the test."""
    server = make_server("127.0.0.1", 0, shop.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    complaints: list[str] = []
    page = chromium.new_page(reduced_motion="reduce")
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    page.set_default_timeout(10_000)
    page.goto(f"http://127.0.0.1:{server.server_port}{SETTINGS}?view=advanced")
    yield page
    page.close()
    server.shutdown()
    thread.join()
    assert complaints == []


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['target']}" for each in found for node in each["nodes"]]


def test_the_advanced_view_is_accessible_and_never_scrolls_sideways(page: Page) -> None:
    page.get_by_label("Pomoc: Powiązane konta").click()
    for theme, width in (("light", 1280), ("dark", 390)):
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        page.set_viewport_size({"width": width, "height": 800})

        assert violations(page) == [], (theme, width)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), width


def test_ticks_answer_at_once_and_name_what_stops(page: Page) -> None:
    scopes = page.get_by_role("group", name="Uprawnienia")
    warning = scopes.get_by_text("Zamówienia nie są pobierane").first
    scopes.get_by_label("allegro:api:orders:read").uncheck()
    expect(warning).to_be_visible()

    page.get_by_role("button", name="Zaznacz wszystkie").click()
    everything = scopes.locator("input:checked").count()
    page.get_by_role("button", name="Zaznacz potrzebne").click()
    needed = scopes.locator("input:checked").count()

    expect(warning).to_be_hidden()
    assert (everything, needed) == (len(SCOPES), len(NEEDED))


def test_help_opens_and_closes_by_the_keyboard(page: Page) -> None:
    opener = page.get_by_label("Pomoc: Wsparcie")
    words = page.get_by_text("Identyfikator instalacji odróżnia")
    opener.focus()
    page.keyboard.press("Enter")
    expect(words).to_be_visible()

    page.keyboard.press("Escape")

    expect(words).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_wrong_alias_unfolds_its_account_and_the_summary_leads_there(page: Page) -> None:
    page.get_by_role("heading", name="Ustawienia konta bil-test").click()
    page.locator("[name$='-alias']").last.fill("1")
    page.get_by_role("heading", name="Ustawienia konta bil-test").click()

    page.keyboard.press("Control+s")
    page.get_by_role("link", name="Alias (bil-test)").click()

    assert page.evaluate("document.activeElement.value") == "1"
    expect(page.locator("[name$='-alias']").last).to_be_visible()


def test_focus_stays_on_the_button_after_saving(page: Page) -> None:
    button = page.get_by_role("button", name="Zapisz", exact=True)
    button.focus()
    page.keyboard.press("Enter")

    expect(page.locator("[aria-invalid=true], #settings [role=status] .al-state").first).to_be_visible()
    expect(page.locator("body")).not_to_be_focused()


def test_removing_an_application_asks_in_a_dialog(page: Page) -> None:
    page.get_by_role("link", name="Usuń…").click()
    with_dialog = violations(page)

    page.get_by_role("button", name="Usuń aplikację").click()

    expect(page.get_by_text("Usunięto aplikację 4f1c07e2b9a84d0fa3d2c6e15b7790aa ze sklepu.")).to_be_visible()
    assert with_dialog == []
    assert page.get_by_role("link", name="Usuń…").count() == 0


def test_what_is_copied_for_the_support_stands_in_the_clipboard(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    page.get_by_role("button", name="Kopiuj dane dla wsparcia").click()

    expect(page.get_by_role("button", name="Skopiowano")).to_be_visible()
    assert "installation: " in page.evaluate("navigator.clipboard.readText()")
