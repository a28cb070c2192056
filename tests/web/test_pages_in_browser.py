"""Our pages in Chromium: accessible at both widths and in both themes, and alive."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from allegro_module.db.failures import set_aside
from allegro_module.domain.accounts import LinkState
from tests.web.conftest import Host, a_linked_account, make_host
from tests.web.order_page_builders import a_stored_order
from tests.web.test_orders_page import a_cursor, an_order

pytestmark = pytest.mark.browser
SETTINGS = "/backend/allegro/config"


@pytest.fixture
def shop(tmp_path: Path) -> Host:
    host = make_host(tmp_path, layout="allegro/_plain.html")
    host.app.config["WTF_CSRF_ENABLED"] = True
    host.runtime.wall_clock = lambda: datetime.now(UTC)
    return host


@pytest.fixture
def busy_shop(shop: Host) -> Host:
    """Two accounts, one of which must be linked again; orders, one of them set aside."""
    now = datetime.now(UTC)
    with shop.app.app_context():
        session = shop.runtime.session
        account = a_linked_account(session, shop, refreshed_at=now, token_expires_at=now + timedelta(hours=9))
        a_linked_account(
            session,
            shop,
            "len_outlet",
            application=account.application,
            alias="OU",
            seller_id="1002",
            state=LinkState.NEEDS_RECONNECT,
            state_since=now,
        )
        a_cursor(session, account, last_success_at=now, last_run_at=now)
        for number, status in enumerate(["NEW", "SENT", "SUSPENDED", "RETURNED"]):
            an_order(session, account, number, fulfillment_status=status, flags=["unmatched_line"])
        set_aside(session, account.id, "order", "29738e61", "the shop refuses the order", now, now)
        session.commit()
    return shop


@pytest.fixture
def order_shop(shop: Host) -> Host:
    """One order with all that its page shows."""
    with shop.app.app_context():
        session = shop.runtime.session
        account = a_linked_account(session, shop)
        a_stored_order(session, shop, account)
    return shop


@pytest.fixture
def served(request: pytest.FixtureRequest) -> Iterator[str]:
    host: Host = request.getfixturevalue(getattr(request, "param", "shop"))
    server = make_server("127.0.0.1", 0, host.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{SETTINGS}"
    server.shutdown()
    thread.join()


@pytest.fixture
def page(chromium: Browser, served: str) -> Iterator[Page]:
    """Fails the test on anything in the console, refusals of the content security policy included.

    Closed before the server is: what is under way would complain.
    """
    complaints: list[str] = []
    page = chromium.new_page(reduced_motion="reduce")
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(10_000)
    yield page
    page.close()
    assert complaints == []


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['target']}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("served", ["shop", "busy_shop"], indirect=True)
def test_pages_are_accessible_and_never_scroll_sideways(served: str, page: Page) -> None:
    for address in (served, f"{served}/orders", f"{served}/history"):
        page.goto(address)
        for theme, width in (("light", 1280), ("dark", 390)):
            page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
            page.set_viewport_size({"width": width, "height": 800})

            assert violations(page) == [], (address, theme, width)
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), (address, width)


@pytest.mark.parametrize("served", ["order_shop"], indirect=True)
@pytest.mark.parametrize(
    "address", ["/orders?tab=all", "/orders/1", "/orders/1/edit", "/orders/settings", "/schedule"]
)
def test_pages_of_orders_are_accessible_and_never_scroll_sideways(
    served: str, page: Page, address: str
) -> None:
    page.goto(f"{served}{address}")
    for theme, width in (("light", 1280), ("dark", 390)):
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        page.set_viewport_size({"width": width, "height": 800})

        assert violations(page) == [], (theme, width)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), width


def test_what_is_wrong_is_summed_up_and_one_jumps_to_the_field(served: str, page: Page) -> None:
    page.goto(served)
    page.get_by_label("Client Secret").fill("typed-secret")
    page.get_by_label("Kod pocztowy").fill("80-83")

    page.get_by_role("button", name="Zapisz").click()
    page.get_by_role("alert").wait_for()
    focused = page.evaluate("document.activeElement.id")
    page.get_by_role("link", name="Kod pocztowy").click()

    assert focused == "problems"
    assert page.evaluate("document.activeElement.value") == "80-83"
    assert page.get_by_label("Client Secret").input_value() == "typed-secret"
    assert violations(page) == []


def test_show_uncovers_only_what_is_typed_now(served: str, page: Page) -> None:
    page.goto(served)
    secret = page.get_by_label("Client Secret")
    secret.fill("typed-secret")

    page.get_by_role("button", name="Pokaż").click()

    assert secret.get_attribute("type") == "text"
    assert page.get_by_role("button", name="Ukryj").get_attribute("aria-pressed") == "true"


def test_settings_are_saved_by_the_keyboard_without_leaving_the_page(served: str, page: Page) -> None:
    page.goto(served)
    page.get_by_label("Client ID").fill("demo-client-id")
    page.get_by_label("Client Secret").fill("typed-secret")
    page.get_by_label("Region").select_option("POMORSKIE")
    page.get_by_label("Miasto").fill("Gdańsk")
    page.get_by_label("Kod pocztowy").fill("80-831")

    page.keyboard.press("Control+s")
    page.get_by_text("Zapisane", exact=True).wait_for()

    assert "typed-secret" not in page.content()
    assert page.get_by_label("Client Secret").input_value() == ""
    assert page.get_by_label("Włącz").is_checked()


def test_a_token_that_went_stale_is_renewed_and_nothing_is_lost(served: str, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(served)
    page.evaluate("document.querySelectorAll('[name=csrf_token]').forEach(each => { each.value = 'stale' })")
    page.get_by_label("Miasto").fill("Gdańsk")

    with page.expect_response(lambda answer: answer.status == 200 and answer.url.endswith("/save")):
        page.get_by_role("button", name="Zapisz").click()

    assert page.get_by_label("Miasto").input_value() == "Gdańsk"
    page.close()


@pytest.mark.parametrize("served", ["busy_shop"], indirect=True)
def test_disconnecting_asks_in_a_dialog_whose_safe_answer_has_the_focus(served: str, page: Page) -> None:
    page.goto(served)
    page.get_by_label("Więcej: bursztyn_i_len").click()
    with_menu = violations(page)
    page.get_by_role("link", name="Rozłącz…").click()
    with_dialog = violations(page)
    safe = page.evaluate("document.activeElement.textContent")

    page.keyboard.press("Escape")

    assert with_menu == with_dialog == []
    assert safe == "Nie, zostaw"
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Więcej: bursztyn_i_len"


@pytest.mark.parametrize("served", ["busy_shop"], indirect=True)
def test_single_keys_lead_to_pages_and_rows_and_can_be_switched_off(served: str, page: Page) -> None:
    page.goto(served)
    page.keyboard.press("g")
    page.keyboard.press("z")
    page.wait_for_url("**/orders")
    page.keyboard.press("j")
    row = page.evaluate("document.activeElement.tagName")
    page.keyboard.press("?")
    help_violations = violations(page)
    page.get_by_label("Używaj skrótów jednoklawiszowych").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")

    assert row == "TR"
    assert help_violations == []
    assert not page.locator("#al-keys").is_visible()
