"""Pictures and description of the offer form in Chromium: drag, keys, dropped files, building sections."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import Page, expect

from tests.memory_shop import a_picture
from tests.web.conftest import Host
from tests.web.offer_builders import OFFERS
from tests.web.test_offer_form_in_browser import address, is_answer_to_save, page, shop, stored

pytestmark = pytest.mark.browser

__all__ = ["address", "page", "shop"]

DROP = """(section, file) => {
  const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], "bok.jpg", { type: "image/jpeg" }));
  section.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
}"""


def test_pictures_are_put_in_order_by_drag_and_keys_and_files_are_dropped(
    shop: Host, page: Page, address: str
) -> None:
    page.goto(f"{address}/1")
    tiles = page.locator(".al-photos > li")

    tiles.nth(2).drag_to(tiles.nth(0), target_position={"x": 5, "y": 20})
    expect(tiles.nth(0).get_by_text("Główne", exact=True)).to_be_visible()
    tiles.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(tiles.nth(1)).to_be_focused()
    page.get_by_label("Tytuł").fill("Pierścionek złoty dla Zosi")
    dropped = base64.b64encode(a_picture()).decode()
    page.locator("#section-4").evaluate(DROP, dropped)

    expect(tiles).to_have_count(4)
    expect(page.locator("#section-4")).to_contain_text("4 z najwyżej 16")
    expect(page.get_by_label("Tytuł")).to_have_value("Pierścionek złoty dla Zosi")
    assert stored(shop, "images") == ["ring-1", "ring-3", "ring-2", "upload:1"]
    assert stored(shop, "title") == "Pierścionek złoty dla Zosi"


def test_sections_are_written_as_they_will_look(shop: Host, page: Page, address: str) -> None:
    page.goto(f"{address}/1")
    page.locator("#section-5 > summary").click()
    page.get_by_role("button", name="Przekształć w sekcje").click()
    page.get_by_role("button", name="Tekst i zdjęcie").click()

    text = page.locator("#part-1 .al-rich")
    text.click()
    page.keyboard.type("Bursztyn")
    page.keyboard.press("Control+Alt+1")
    page.get_by_label("Sekcja 2, prawa strona").select_option(label="Zdjęcie 2")
    shown = page.locator("#description-preview .al-shown-section").nth(1)
    expect(shown.locator("h1")).to_have_text("Bursztyn")
    expect(shown.locator("img")).to_have_attribute("src", f"{OFFERS}/1/images/1")

    page.locator("#part-0").get_by_role("button", name="HTML").click()
    source = page.locator("#f-sections-0-items-0")
    source.fill("<p>a</p><ul><li>b<ul><li>c</li></ul></li></ul>")
    expect(page.locator("#part-0 .al-error")).to_contain_text("Znacznik <ul> nie może tu stać")
    source.fill("<p>Len</p>")
    expect(page.locator("#part-0 .al-error")).to_have_count(0)
    with page.expect_response(is_answer_to_save):
        page.keyboard.press("Control+s")

    assert stored(shop, "description_sections") == [
        {"items": [{"type": "TEXT", "content": "<p>Len</p>"}]},
        {"items": [{"type": "TEXT", "content": "<h1>Bursztyn</h1>"}, {"type": "IMAGE", "ref": "ring-2"}]},
    ]
