"""The offer form in Chromium: fields follow choices at once, nothing typed is lost, keys, accessibility."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, Response, expect
from werkzeug.serving import make_server

from allegro_module.db.offers import Offer
from allegro_module.domain.offers import OfferState, Step
from allegro_module.domain.problems import Problem, to_json
from tests.web.conftest import Host, a_linked_account, make_host
from tests.web.offer_builders import (
    JEWELLERY,
    OFFERS,
    a_category,
    an_offer,
    some_terms,
)

pytestmark = pytest.mark.browser

BRANDS: list[dict[str, Any]] = [{"id": f"b_{number}", "value": f"Marka {number}"} for number in range(300)]
BRAND: dict[str, Any] = {
    "id": "b",
    "name": "Marka",
    "type": "dictionary",
    "required": True,
    "dictionary": BRANDS,
}
MODEL: dict[str, Any] = {
    "id": "m",
    "name": "Model",
    "type": "dictionary",
    "options": {"dependsOnParameterId": "k"},
    "dictionary": [
        {"id": "m_1", "value": "Air", "dependsOnValueIds": ["k_1"]},
        {"id": "m_2", "value": "Gazela", "dependsOnValueIds": ["k_2"]},
        {"id": "m_3", "value": "inny", "dependsOnValueIds": []},
    ],
}
MAKE: dict[str, Any] = {
    "id": "k",
    "name": "Producent butów",
    "type": "dictionary",
    "dictionary": [{"id": "k_1", "value": "Nike"}, {"id": "k_2", "value": "adidas"}],
}
MPN: dict[str, Any] = {
    "id": "mpn",
    "name": "Kod producenta",
    "type": "string",
    "requiredIf": {"parametersWithoutValue": [{"id": "225693"}]},
}


#: Answers that are meant to be refusals.
HARMLESS = ("status of 422", "status of 409")


@pytest.fixture
def shop(tmp_path: Path) -> Host:
    host = make_host(tmp_path, layout="allegro/_plain.html")
    host.app.config["WTF_CSRF_ENABLED"] = True
    host.runtime.wall_clock = lambda: datetime.now(UTC)
    now = datetime.now(UTC)
    with host.app.app_context():
        session = host.runtime.session
        account = a_linked_account(session, host, refreshed_at=now, token_expires_at=now)
        some_terms(session, account)
        a_category(session, [*JEWELLERY, MPN, BRAND, MAKE, MODEL])
        offer = an_offer(session, account)
        offer.parameters = {**offer.parameters, "b": {"values_ids": ["b_7"]}}
        session.commit()
    return host


@pytest.fixture
def address(shop: Host) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, shop.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{OFFERS}"
    server.shutdown()
    thread.join()


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """Fails the test on anything in the console, refusals of the content security policy included.

    Closed before the server is: a picture under way would complain.
    """
    complaints: list[str] = []
    page = chromium.new_page(reduced_motion="reduce", locale="pl-PL")
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(10_000)
    yield page
    page.close()
    assert [each for each in complaints if not any(known in each for known in HARMLESS)] == []


def change(shop: Host, **values: object) -> None:
    with shop.app.app_context():
        offer = shop.runtime.session.get_one(Offer, 1)
        for name, value in values.items():
            setattr(offer, name, value)
        shop.runtime.session.commit()


def stored(shop: Host, name: str) -> object:
    with shop.app.app_context():
        return getattr(shop.runtime.session.get_one(Offer, 1), name)


# Fields that follow ----------------------------------------------------------------------------------------


def test_a_dependent_field_comes_and_goes_with_the_choice_and_keeps_its_value(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/1")
    gold = page.get_by_label("Próba złota")
    expect(gold).to_have_value("206647_3")
    expect(page.get_by_text("bo Materiał = złoto żółte")).to_be_visible()

    page.get_by_label("Materiał").select_option("srebro")
    expect(gold).to_be_hidden()
    expect(gold).to_be_disabled()

    page.get_by_label("Materiał").select_option("złoto żółte")
    expect(gold).to_be_visible()
    expect(gold).to_have_value("206647_3")


def test_the_list_of_a_child_follows_its_parent_and_what_fell_out_comes_back(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/1")
    make, model = page.get_by_label("Producent butów"), page.get_by_label("Model")

    make.select_option("Nike")
    model.select_option("Air")
    make.select_option("adidas")
    expect(model).to_have_value("")
    expect(model.locator("option")).to_have_text(["wybierz…", "Gazela", "inny"])

    make.select_option("Nike")
    expect(model).to_have_value("m_1")


def test_what_is_required_follows_the_ean(page: Page, address: str) -> None:
    page.goto(f"{address}/1")
    code = page.locator('[data-al-parameter="mpn"]')
    expect(code.locator(".al-req")).to_be_hidden()

    page.get_by_label("Kod EAN (GTIN)").fill("")

    expect(code.locator(".al-req")).to_be_visible()
    expect(code.locator("strong")).to_have_text("Kod producenta")
    expect(code).to_contain_text("bo brak: EAN (GTIN)")


def test_a_long_dictionary_is_searched_while_typing(shop: Host, page: Page, address: str) -> None:
    page.goto(f"{address}/1")
    brand = page.get_by_label("Marka", exact=False).and_(page.locator("input[list]"))
    expect(brand).to_have_value("Marka 7")

    brand.fill("marka 299")
    expect(page.locator("#f-parameters-b-values option")).to_have_count(1)
    page.get_by_role("button", name="Zapisz szkic").last.click()

    expect(page.locator("#offer-saved")).to_contain_text("Zapisane")
    assert stored(shop, "parameters")["b"]["values_ids"] == ["b_299"]  # type: ignore[index]


def test_the_counter_of_the_title_counts_as_allegro_does(page: Page, address: str) -> None:
    page.goto(f"{address}/1")

    page.get_by_label("Tytuł").fill("Len & bursztyn")

    expect(page.locator("#f-title-help")).to_have_text("18 z 75 znaków")


def test_the_preview_takes_over_allegros_tags_and_no_scripts(page: Page, address: str) -> None:
    page.goto(f"{address}/1")
    page.locator("#section-5 > summary").click()

    page.locator("#f-description").fill('<h1 id="x">Tytuł</h1><script>alert(1)</script><p><i>kursywa</i></p>')

    preview = page.locator("[data-al-described]")
    assert preview.evaluate("(box) => box.innerHTML") == "<h1>Tytuł</h1><p>kursywa</p>"


def test_pictures_are_put_in_order_with_buttons(shop: Host, page: Page, address: str) -> None:
    page.goto(f"{address}/1")

    page.get_by_role("button", name="Przesuń zdjęcie 3 wcześniej").click()
    # Now it is the second one, and its buttons say so.
    page.get_by_role("button", name="Przesuń zdjęcie 2 wcześniej").click()
    expect(page.locator(".al-photos > li").first).to_contain_text("Główne")
    page.keyboard.press("Control+s")

    expect(page.locator("#offer-saved")).to_contain_text("Zapisane")
    assert stored(shop, "images") == ["ring-3", "ring-1", "ring-2"]


# Saving ----------------------------------------------------------------------------------------------------


def test_a_draft_saves_itself_and_drops_an_error_that_was_corrected(
    shop: Host, page: Page, address: str
) -> None:
    change(
        shop, price_text="abc", price=None, problems_json=[to_json(Problem("price_not_a_number", "price"))]
    )
    page.goto(f"{address}/1")
    expect(page.locator("#f-price-error")).to_be_visible()

    page.locator("#f-price").fill("1 300,00")
    page.locator("#f-price").press("Tab")

    expect(page.locator("#offer-saved")).to_contain_text("Zapisane")
    expect(page.locator("#f-price-error")).to_have_count(0)
    expect(page.locator("#problems")).to_have_count(0)
    assert stored(shop, "price_text") == "1 300,00"


def is_answer_to_save(answer: Response) -> bool:
    return 'name="action"\r\n\r\nsave' in (answer.request.post_data or "")


def test_a_button_pressed_right_after_typing_does_not_collide_with_autosave(
    shop: Host, page: Page, address: str
) -> None:
    page.goto(f"{address}/1")

    for price in ("1300", "1301", "1302"):
        page.locator("#f-price").fill(price)
        page.locator("#f-price").press("Tab")
        # By now autosave is on its way, or just back.
        page.wait_for_timeout(220)
        with page.expect_response(is_answer_to_save):
            page.keyboard.press("Control+s")
        expect(page.locator("form[aria-busy]")).to_have_count(0)
        expect(page.get_by_text("w międzyczasie")).to_have_count(0)

    assert stored(shop, "price_text") == "1302"


def test_a_failed_listing_focuses_the_summary_and_f8_walks_through_the_problems(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/1")
    page.locator("#f-price").fill("abc")
    page.locator("#f-safety_text").evaluate("(area) => { area.value = ''; }")

    page.keyboard.press("Control+Enter")
    expect(page.locator("#problems")).to_be_focused()
    page.keyboard.press("F8")
    expect(page.locator("#f-price")).to_be_focused()
    page.keyboard.press("F8")

    expect(page.locator("#f-safety_text")).to_be_focused()
    expect(page.locator("#f-price")).to_have_value("abc")


def test_alt_and_a_digit_lead_to_a_section(page: Page, address: str) -> None:
    page.goto(f"{address}/1")

    page.keyboard.press("Alt+8")

    expect(page.locator("#section-8 > summary")).to_be_focused()
    expect(page.get_by_label("Gwarancja")).to_be_visible()


def test_a_field_is_found_by_its_name_and_the_auction_and_the_start_bring_their_own(
    shop: Host, page: Page, address: str
) -> None:
    page.goto(f"{address}/1")
    ring = page.get_by_role("img", name="Kompletność: 100 procent")
    expect(ring).to_be_visible()

    page.keyboard.press("Alt+9")
    expect(page.locator("#section-9")).to_have_attribute("open", "")
    page.keyboard.press("/")
    page.keyboard.type("szt")
    page.keyboard.press("Enter")
    expect(page.locator("#f-quantity")).to_be_focused()

    page.get_by_label("Licytacja", exact=True).check()
    expect(page.locator("#f-starting_price")).to_be_visible()
    expect(page.locator("#f-duration option")).to_have_count(5)
    expect(page.locator("#f-duration")).to_have_value("P7D")
    expect(page.locator("#f-quantity")).to_have_value("1")
    expect(page.locator("#f-quantity")).not_to_be_editable()
    expect(page.get_by_text("Na licytacji sprzedaje się zawsze jedną sztukę.")).to_be_visible()
    expect(ring).to_have_count(0)
    # A whole form comes back from saving; what stood before the auction is not forgotten with the old one.
    with page.expect_response(is_answer_to_save):
        page.keyboard.press("Control+s")
    expect(page.locator("form[aria-busy]")).to_have_count(0)
    page.get_by_label("Kup teraz", exact=True).check()
    expect(page.locator("#f-duration")).to_have_value("")
    expect(page.locator("#f-quantity")).to_have_value("5")
    expect(page.locator("#f-quantity")).to_be_editable()
    expect(ring).to_be_visible()

    main = page.locator("button[value=publish]")
    expect(main).to_have_text("Zapisz i Wystaw")
    page.get_by_text("Wystaw później", exact=True).click()
    page.fill("#f-starting_at", (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d"))
    expect(main).to_have_text("Zapisz i zaplanuj")
    page.fill("#f-starting_hour", "700")
    page.fill("#f-starting_at", "")
    expect(main).to_have_text("Zapisz i Wystaw")


def test_enter_in_a_field_saves_and_lists_nothing(shop: Host, page: Page, address: str) -> None:
    page.goto(f"{address}/1")

    page.get_by_label("Tytuł").fill("Pierścionek złoty dla Zosi")
    page.get_by_label("Tytuł").press("Enter")

    expect(page.locator("#offer-saved")).to_contain_text("Zapisane")
    assert (stored(shop, "title"), stored(shop, "state")) == ("Pierścionek złoty dla Zosi", OfferState.DRAFT)


def test_listing_shows_the_progress_and_the_outcome_by_itself(shop: Host, page: Page, address: str) -> None:
    page.goto(f"{address}/1")

    page.get_by_role("button", name="Zapisz i Wystaw").click()
    expect(page.locator("#offer-status")).to_contain_text("Wysyłanie zdjęć")
    expect(page.locator("#status-h")).to_be_focused()
    expect(page.locator("#f-price")).to_be_disabled()
    expect(page.locator("#f-price")).to_be_hidden()
    change(shop, state=OfferState.SENDING, step=Step.IMAGES, images_done=2, images_total=3)
    expect(page.locator("#offer-status")).to_contain_text("2 z 3")
    change(
        shop,
        state=OfferState.REFUSED,
        problems_json=[to_json(Problem("X", "title", {}, "Tytuł zawiera niedozwolone słowo."))],
    )

    expect(page.locator("#f-title-error")).to_contain_text("niedozwolone słowo")
    expect(page.locator("#problems")).to_be_focused()


def test_a_collision_keeps_what_was_typed(shop: Host, page: Page, address: str) -> None:
    page.goto(f"{address}/1")
    change(shop, title="Pierścionek złoty od Basi", changed_by="basia")

    page.get_by_label("Tytuł").fill("Pierścionek złoty od Anny")
    page.keyboard.press("Control+s")

    expect(page.get_by_text("w międzyczasie")).to_be_visible()
    expect(page.get_by_label("Tytuł")).to_have_value("Pierścionek złoty od Anny")
    assert stored(shop, "title") == "Pierścionek złoty od Basi"


def test_categories_are_found_while_typing(shop: Host, page: Page, address: str) -> None:
    page.goto(f"{address}/1/category?q=")

    page.locator("#category-search").press_sequentially("pierś", delay=20)

    expect(page.locator("section[aria-labelledby=found-h]")).to_contain_text("Biżuteria damska › Pierścionki")
    expect(page.locator("#category-search")).to_be_focused()


# Looks -----------------------------------------------------------------------------------------------------

REFUSAL = [
    to_json(Problem(code, field))
    for code, field in (
        ("title_required", "title"),
        ("price_required", "price"),
        ("image_too_small", "images.1"),
        ("parameter_required", "parameters.206646"),
        ("safety_text_required", "safety_text"),
    )
]


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("", {}),
        ("/1", {}),
        ("/1", {"state": OfferState.REFUSED, "problems_json": REFUSAL}),
        ("/1", {"state": OfferState.SENDING, "step": Step.IMAGES, "images_done": 1, "images_total": 3}),
        (
            "/1",
            {"state": OfferState.ACTIVE, "allegro_offer_id": "18402771214", "listed_at": datetime.now(UTC)},
        ),
        ("/1/category", {}),
        ("/new?sku=PZ-0142", {}),
    ],
    ids=["list", "draft", "refused", "sending", "active", "category", "new"],
)
def test_pages_are_accessible_and_never_scroll_sideways(
    shop: Host, page: Page, address: str, path: str, values: dict[str, object]
) -> None:
    change(shop, **values)
    page.goto(f"{address}{path}")
    page.evaluate(
        "() => { for (const fold of document.querySelectorAll('details.al-fold')) fold.open = true; }"
    )

    for width, theme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("(theme) => { document.documentElement.dataset.bsTheme = theme; }", theme)
        violations = Axe().run(page).response["violations"]

        assert [(each["id"], each["nodes"][0]["target"], width, theme) for each in violations] == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
