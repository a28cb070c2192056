"""The public page of an offer, where „Zobacz na Allegro” leads."""

from __future__ import annotations

from allegro_module.simulator import World
from allegro_module.simulator.offer_pages import markup_of
from tests.simulator.conftest import Caller, Remote
from tests.simulator.goods import a_ring, create, listed, patch

SEEN = (
    "Pierścionek złoty",
    "1249,00 zł",
    "dostępne: 3 szt.",
    "<p>Z <b>Gdańska</b> &amp; okolic</p>",
    "Allegro Kurier DPD",
    "13,99 zł",
    "Zwroty 30 dni",
    "Tkalnia Żuławska sp. z o.o.",
    "ul. Lniana 3, 82-100 Nowy Dwór, PL",
)


def a_described_ring(seller: Caller) -> dict[str, object]:
    text = {"type": "TEXT", "content": "<p>Z <b>Gdańska</b> &amp; okolic</p>"}
    return a_ring(
        seller, description={"sections": [{"items": [text]}]}, name="Pierścionek złoty 'A' & bursztyn"
    )


def test_an_offer_has_a_page_that_shows_all_that_its_seller_sent(
    seller: Caller, remote: Remote, world: World
) -> None:
    offer_id = listed(seller, world, a_described_ring(seller))

    page = remote.wire.get(f"/oferta/{offer_id}")

    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert [words for words in SEEN if words not in page.text] == []
    assert "Pierścionek złoty &#39;A&#39; &amp; bursztyn" in page.text
    assert "/img/" in page.text
    assert "jest zakończona" not in page.text


def test_an_ended_offer_keeps_its_page(seller: Caller, remote: Remote, world: World) -> None:
    offer_id = listed(seller, world, a_described_ring(seller))
    patch(seller, offer_id, publication={"status": "ENDED"})
    world.clock.advance(60)

    page = remote.wire.get(f"/oferta/{offer_id}")

    assert page.status_code == 200
    assert "Ta oferta jest zakończona." in page.text


def test_what_buyers_do_not_see_is_answered_by_a_page_not_by_json(
    seller: Caller, remote: Remote, world: World
) -> None:
    draft = create(seller, a_ring(seller, publication={"status": "INACTIVE"})).json["id"]
    world.clock.advance(60)

    for offer_id in (draft, "1", "<b>x"):
        page = remote.wire.get(f"/oferta/{offer_id}")
        assert (page.status_code, page.mimetype) == (404, "text/html")
        assert "<b>x" not in page.text


def test_markup_outside_allegros_grammar_is_shown_as_text() -> None:
    assert markup_of('<p onclick="x()">a</p>') == "&lt;p onclick=&#34;x()&#34;&gt;a&lt;/p&gt;"
    assert markup_of("<p>a</p>") == "<p>a</p>"
