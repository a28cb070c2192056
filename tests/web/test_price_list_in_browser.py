"""The editor of a price list in Chromium: the keyboard, what will change, accessibility."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from allegro_module.db.terms import SellingTerm
from tests.web.conftest import SETTINGS, Host, a_linked_account, make_host
from tests.web.price_list_builders import a_price_list, save_methods

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(tmp_path: Path) -> Host:
    host = make_host(tmp_path, layout="allegro/_plain.html")
    with host.app.app_context():
        session = host.runtime.session
        save_methods(session)
        a_price_list(session, a_linked_account(session, host))
    return host


@pytest.fixture
def page(shop: Host, chromium: Browser) -> Iterator[Page]:
    server = make_server("127.0.0.1", 0, shop.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    context = chromium.new_context(base_url=f"http://127.0.0.1:{server.port}", locale="pl-PL")
    yield context.new_page()
    context.close()
    server.shutdown()
    thread.join()


def test_a_price_list_is_edited_by_keys_alone(shop: Host, page: Page) -> None:
    page.goto(f"{SETTINGS}/price-lists/1")
    page.get_by_label("Aktywuj: Allegro One Punkty, Czechy").focus()
    page.keyboard.press("Space")
    page.get_by_label("Pierwsza sztuka: Allegro Kurier DPD").fill("12,5")
    page.get_by_label("Maksymalna ilość w paczce: Allegro Kurier DPD").fill("7")
    page.keyboard.press("Control+d")

    expect(page.get_by_label("Maksymalna ilość w paczce: Przesyłka polecona")).to_have_value("7")
    expect(page.get_by_label("Maksymalna ilość w paczce: Allegro One Punkty, Czechy")).to_have_value("7")
    page.get_by_label("Pierwsza sztuka: Allegro Kurier DPD").focus()
    page.keyboard.press("Control+d")
    # A price is not copied into another currency.
    expect(page.get_by_label("Pierwsza sztuka: Allegro One Punkty, Czechy")).to_have_value("")
    changes = page.locator("#price-list-changes")
    expect(changes).to_contain_text("Allegro Kurier DPD, pierwsza sztuka13,99\u00a0zł → 12,5\u00a0zł")
    expect(changes).to_contain_text("Allegro One Punkty, Czechywyłączona → włączona")
    serious = [each["id"] for each in Axe().run(page).response["violations"]]
    assert not serious
    page.get_by_label("Pierwsza sztuka: Allegro One Punkty, Czechy").fill("89")
    page.keyboard.press("Control+s")
    expect(page.locator("#price-list-status")).to_contain_text("Czeka na wysłanie")
    with shop.app.app_context():
        content = shop.runtime.session.get_one(SellingTerm, 1).content
    assert content is not None
    rows = [(each["firstItemRate"]["amount"], each["maxQuantityPerPackage"]) for each in content["rates"]]
    assert rows == [("12.50", 7), ("12.50", 7), ("89.00", 7)]
