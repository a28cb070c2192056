"""Link an account, list a product with „Zapisz i Wystaw”, let a buyer buy it, find the order in the shop."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Demo, eventually

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SKU = "BIL-PIER-001"
SETTINGS = "/backend/allegro/config"
Shot = Callable[[str], None]


def test_a_newcomer_lists_a_product_and_gets_the_order(page: Page, demo: Demo, shot: Shot) -> None:
    """The way that the README describes, in one go: each step stands on the one before."""
    link_the_account(page, shot)
    stock_before = stock_of(page)
    list_the_product(page, shot)
    buy_two(demo)
    see_the_order(page, shot)

    assert stock_of(page) == stock_before - 2
    assert_status(demo)


def test_another_account_is_linked_by_a_code_typed_elsewhere(page: Page, shot: Shot) -> None:
    """Without touching the page: it notices by itself."""
    save_an_application_without_a_browser(page)
    page.get_by_role("button", name="Połącz kodem").click()
    code = page.locator("#device-code")
    expect(code).to_have_text(re.compile(r"\S{3} \S{3} \S{3}"))
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"(60|59):\d\d"))
    shot("14-code")
    say_on_another_device(page, "Anuluj")
    expect(page.get_by_text("na stronie Allegro odmówiono zgody")).to_be_visible(timeout=20_000)
    assert violations(page) == []

    page.get_by_role("button", name="Zacznij od nowa").click()
    say_on_another_device(page, "Zezwól", "drugi_sklep")
    expect(page.get_by_role("heading", name="Połączono z kontem drugi_sklep")).to_be_visible(timeout=20_000)
    assert violations(page) == []
    page.get_by_role("button", name="Nie, rozłącz").click()
    expect(page.get_by_role("heading", name="Jak powiązać inne konto")).to_be_visible()
    shot("15-other-account")


def save_an_application_without_a_browser(page: Page) -> None:
    page.goto(f"{SETTINGS}?application=new&view=advanced")
    page.get_by_label("Symulator").check()
    page.get_by_role("radio", name=re.compile("bez przeglądarki")).check()
    page.get_by_label("Client ID").fill("demo-device-id")
    page.get_by_label("Client Secret").fill("demo-device-secret")
    page.get_by_role("button", name="Zapisz").first.click()
    expect(page.get_by_text("Zapisane", exact=True)).to_be_visible()
    page.goto(f"{SETTINGS}?view=simple")


def say_on_another_device(page: Page, decision: str, seller: str = "") -> None:
    """A second tab plays the phone: the tab that waits is hidden meanwhile, and catches up."""
    with page.context.expect_page() as opened:
        page.locator("#device ol a").click()
    phone = opened.value
    if seller:
        phone.get_by_label(seller).check()
    phone.get_by_role("button", name=decision).click()
    phone.wait_for_load_state()
    phone.close()
    page.bring_to_front()


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['target']}" for each in found for node in each["nodes"]]


def link_the_account(page: Page, shot: Shot) -> None:
    page.goto(SETTINGS)
    expect(page.get_by_label("Adres URI")).to_have_value(re.compile(r"/backend/allegro/config/callback$"))
    page.get_by_label("Symulator").check()
    page.get_by_label("Client ID").fill("demo-client-id")
    page.get_by_label("Client Secret").fill("not-the-secret")
    page.get_by_label("Region").select_option(label="pomorskie")
    page.get_by_label("Miasto").fill("Gdańsk")
    page.get_by_label("Kod pocztowy").fill("80-83")
    page.get_by_role("button", name="Powiąż konto").click()
    expect(page.get_by_text("Wpisz kod w postaci 00-000").first).to_be_visible()
    shot("01-settings-wrong-postcode")

    page.get_by_label("Kod pocztowy").fill("80-831")
    page.get_by_role("button", name="Powiąż konto").click()
    expect(page.get_by_text("Allegro nie zna tych kluczy")).to_be_visible()
    expect(page.get_by_label("Miasto")).to_have_value("Gdańsk")
    shot("02-settings-wrong-secret")

    page.get_by_label("Client Secret").fill("demo-client-secret")
    page.get_by_role("button", name="Powiąż konto").click()
    page.get_by_role("button", name="Anuluj").click()
    expect(page.get_by_text("nie wyrażono zgody").or_(page.get_by_text("zgody")).first).to_be_visible()

    page.get_by_role("button", name="Powiąż konto").click()
    page.get_by_label("bursztyn_i_len").check()
    shot("03-consent")
    page.get_by_role("button", name="Zezwól").click()
    expect(page.get_by_role("heading", name="Połączono z kontem bursztyn_i_len")).to_be_visible()
    shot("04-right-account")
    page.get_by_role("button", name="Tak, to moje konto").click()
    expect(page.get_by_text("Konto bursztyn_i_len jest powiązane.")).to_be_visible()
    shot("05-linked")


def list_the_product(page: Page, shot: Shot) -> None:
    page.goto(f"/backend/products/{SKU}/options/allegro")
    shot("06-product-tab")
    page.get_by_role("link", name="Dodaj").or_(page.get_by_role("button", name="Dodaj")).first.click()
    choose_the_category(page, shot)
    expect(page.get_by_label("Próba złota")).to_be_visible()
    page.get_by_label("Materiał").select_option(label="srebro")
    expect(page.get_by_label("Próba złota")).to_be_hidden()
    expect(page.get_by_label("Próba srebra")).to_be_visible()
    page.get_by_label("Materiał").select_option(label="złoto żółte")
    expect(page.get_by_label("Próba złota")).to_be_visible()
    page.get_by_label("Cena wymagane", exact=True).fill("abc")
    page.get_by_role("button", name="Zapisz i Wystaw").click()
    expect(page.get_by_role("alert")).to_contain_text("Popraw 2 miejsca")
    expect(page.get_by_label("Cena wymagane", exact=True)).to_have_value("abc")
    shot("08-form-problems")

    page.get_by_label("Cena wymagane", exact=True).fill("1 249,00 zł")
    page.get_by_label("Informacja o bezpieczeństwie").fill("Nie dla dzieci poniżej 3 lat.")
    page.get_by_role("button", name="Zapisz i Wystaw").click()
    expect(page.get_by_text("Weryfikacja Allegro").first).to_be_visible()
    shot("09-progress")
    expect(page.get_by_role("link", name="Zobacz na Allegro").first).to_be_visible(timeout=60_000)
    shot("10-active")
    page.goto(f"{SETTINGS}/offers")
    expect(page.get_by_text(SKU)).to_be_visible()
    shot("11-offers")


def choose_the_category(page: Page, shot: Shot) -> None:
    """The tree is fetched after linking; a seller who is faster waits a moment."""
    page.get_by_role("link", name="Wybierz kategorię").or_(
        page.get_by_role("button", name="Wybierz kategorię")
    ).first.click()
    choose = page.get_by_role("button", name=re.compile("Wybierz.*Pierścionki"))
    expect(choose.first).to_be_visible(timeout=30_000)
    shot("07-category")
    choose.first.click()


def buy_two(demo: Demo) -> None:
    """A buyer takes two, pays by card, has them sent to a locker and wants an invoice for her company."""
    with httpx2.Client(base_url=f"{demo.simulator_url}/_control") as control:
        (offer,) = control.get("/offers", params={"seller": "bursztyn_i_len"}).json()["offers"]
        wishes = {"pay": "card", "ship": "pickup_point", "invoice": "company"}
        control.post("/orders", json={"offer": offer["id"], "quantity": 2, **wishes}).raise_for_status()


def see_the_order(page: Page, shot: Shot) -> None:
    page.goto(f"{SETTINGS}/orders")
    page.get_by_role("button", name="Importuj teraz").click()
    number = eventually(lambda: find_number(page))
    shot("12-allegro-orders")
    page.goto("/backend/orders")
    page.get_by_role("link", name=number).first.click()
    expect(page.get_by_text("2 498,00").first).to_be_visible()
    expect(page.get_by_text("Paczkomat").first).to_be_visible()
    shot("13-shop-order")


def find_number(page: Page) -> str:
    page.goto(f"{SETTINGS}/orders")
    found = re.search(r"\b[A-Z]{2}-\d{5}\b", page.locator("main").inner_text())
    return found.group() if found else ""


def stock_of(page: Page) -> int:
    page.goto(f"/backend/products?q={SKU}")
    found = re.search(r"(\d+) szt\.", page.locator("main").inner_text())
    assert found
    return int(found.group(1))


def assert_status(demo: Demo) -> None:
    status = json.loads(demo.flask("allegro", "status", "--json").stdout)
    (account,) = status["accounts"]
    assert (account["login"], account["state"]) == ("bursztyn_i_len", "connected")
    assert status["counts"]["orders"] == 1
    assert status["counts"]["offers"] == {"active": 1}
    assert status["failures"] == []
    report = json.loads(demo.flask("allegro", "doctor", "--json").stdout)
    assert "bad" not in json.dumps(report)
