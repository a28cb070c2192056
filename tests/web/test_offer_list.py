"""The offer list: filters, sorting and pages in the address, capped counts, the shop beside, statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, insert
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.catalogue import CatalogueProduct
from allegro_module.db.offer_lists import COUNTED_AT_MOST, TITLES_AT_ONCE
from allegro_module.db.offers import Offer
from allegro_module.domain.offers import OfferState
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem, to_json
from tests.web.browsing import words_of
from tests.web.conftest import NOW, Host, a_linked_account
from tests.web.offer_builders import OFFERS, a_category, an_offer, some_terms


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    account = a_linked_account(session, host)
    some_terms(session, account)
    return account


def references_in(page: str) -> list[str]:
    return re.findall(r'<span class="al-nowrap">([^<]+)</span></span></div></div></td>', page)


@contextmanager
def counted(host: Host) -> Iterator[list[str]]:
    statements: list[str] = []
    engine = host.runtime.db.engine

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


STATE_BY_TAB = {
    "active": OfferState.ACTIVE,
    "open": OfferState.VERIFYING,
    "drafts": OfferState.INACTIVE,
    "planned": OfferState.PLANNED,
    "ended": OfferState.ENDED,
    "attention": OfferState.REFUSED,
}


def test_each_tab_shows_its_offers_alone(session: Session, account: Account, browser: FlaskClient) -> None:
    for tab, state in STATE_BY_TAB.items():
        an_offer(session, account, external_id=tab, state=state)

    for tab in STATE_BY_TAB:
        assert references_in(browser.get(f"{OFFERS}?tab={tab}").text) == [tab]


FILTERS = [
    ("q=18402771214", {"allegro_offer_id": "18402771214"}),
    ("q=18+402+771+214", {"allegro_offer_id": "18402771214"}),
    ("q=wanted", {}),
    ("q=5907700000999", {"gtin": "5907700000999"}),
    ("q=SKU-7", {"sku": "SKU-7"}),
    ("q=kolczyki+srebrne", {"title": "Srebrne kolczyki z bursztynem"}),
    ("category=77", {"category_id": "77"}),
    ("price_list=rate-7", {"shipping_rate_id": "rate-7"}),
    ("since=2026-11-21", {"changed_at": NOW}),
    ("errors=1", {"problems_at": NOW}),
    ("errors=1", {"state": OfferState.REFUSED}),
]


@pytest.mark.parametrize(("query", "changes"), FILTERS)
def test_each_filter_leaves_what_fits_it(
    session: Session, account: Account, browser: FlaskClient, query: str, changes: dict[str, object]
) -> None:
    usual = {"changed_at": NOW - timedelta(days=3)}
    an_offer(session, account, external_id="other", **usual)
    an_offer(session, account, **{"external_id": "wanted", **usual, **changes})

    assert references_in(browser.get(f"{OFFERS}?{query}").text) == ["wanted"]
    assert references_in(browser.get(f"{OFFERS}?{query}&sort=changed").text) == ["wanted"]


def test_an_account_is_a_filter_once_there_are_two(
    session: Session, host: Host, account: Account, browser: FlaskClient
) -> None:
    other = a_linked_account(
        session, host, "len_outlet", application=account.application, alias="LO", seller_id="1002"
    )
    an_offer(session, account, external_id="first")
    an_offer(session, other, external_id="second")

    page = browser.get(f"{OFFERS}?account={other.id}")

    assert references_in(page.text) == ["second"] and "Wszystkie 1" in words_of(page)
    assert len(references_in(browser.get(f"{OFFERS}?account=99").text)) == 2


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "since=yesterday",
        "account=%C2%B2",
        "sort=price",
        "category=a%20b",
        "before=1&at=never",
        "q=%25",
    ],
)
def test_what_means_nothing_in_the_address_does_no_harm(
    session: Session, account: Account, browser: FlaskClient, query: str
) -> None:
    an_offer(session, account)

    assert browser.get(f"{OFFERS}?{query}").status_code == 200


def test_pages_by_the_last_change_pass_over_nothing(
    session: Session, account: Account, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("allegro_module.web.offers.PAGE_SIZE", 2)
    hours = (3, 1, 3, 2, 3)
    for number, hour in enumerate(hours):
        an_offer(session, account, external_id=f"S-{number}", changed_at=NOW - timedelta(hours=hour))

    seen: list[str] = []
    address: str | None = f"{OFFERS}?sort=changed"
    while address:
        page = browser.get(address).text
        seen += references_in(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older[1].replace("&amp;", "&") if older else None

    assert seen == ["S-1", "S-3", "S-4", "S-2", "S-0"]


def test_counts_stop_at_a_thousand(session: Session, account: Account, browser: FlaskClient) -> None:
    row = {
        "account_id": account.id,
        "sku": "X",
        "state": OfferState.ACTIVE,
        "state_since": NOW,
        "created_at": NOW,
        "changed_at": NOW,
        "version": 1,
    }
    session.execute(insert(Offer), [{**row, "external_id": f"E-{n}"} for n in range(COUNTED_AT_MOST + 5)])
    session.commit()

    assert "Aktywne 1 000+" in words_of(browser.get(OFFERS)).replace("\u00a0", " ")


def test_a_row_holds_the_shop_beside_allegro(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, price=Decimal("1300.00"), price_text="1300,00", quantity_text="3")

    words = words_of(browser.get(OFFERS)).replace("\u00a0", " ")

    assert "sklep 1 249,00 zł" in words and "+51,00 zł" in words
    assert "stan 5" in words and "Nazwa shipping_rate" in words
    assert "Bez produktu" in words


def test_an_error_is_shown_with_its_date_and_first_sentence(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    problems = [to_json(Problem("A", "title", {}, "Tytuł jest zły.")), to_json(Problem("B", "price"))]
    an_offer(
        session,
        account,
        state=OfferState.REFUSED,
        problems_json=problems,
        problems_at=NOW - timedelta(days=1),
        responsible_producer_id=None,
    )

    words = words_of(browser.get(f"{OFFERS}?tab=attention"))

    assert "wczoraj, 14:30 : Tytuł jest zły." in words
    assert "Brak GPSR" in words


def test_the_menu_offers_what_the_state_allows(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    def menu(**changes: object) -> set[str]:
        offer = an_offer(session, account, **{"external_id": f"E-{len(changes)}-{changes}"[:90], **changes})
        page = browser.get(OFFERS).text
        session.delete(offer)
        session.commit()
        return set(re.findall(r"/(preview|similar|end|resume|delete)\"", page))

    always = {"preview", "similar"}
    there: dict[str, object] = {"allegro_offer_id": "18402771214", "listed_at": NOW}
    assert menu() == always | {"delete"}
    assert menu(state=OfferState.INACTIVE, allegro_offer_id="1") == always | {"delete"}
    assert menu(state=OfferState.ACTIVE, **there) == always | {"end"}
    assert menu(state=OfferState.ENDED, **there) == always | {"resume"}
    assert menu(state=OfferState.REFUSED, **there) == always
    assert menu(state=OfferState.VERIFYING) == always


def test_who_may_only_look_gets_no_deeds(
    session: Session, host: Host, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)
    host.allowed = {str(Permission.VIEW)}

    page = browser.get(OFFERS).text

    assert "/preview" in page and "/similar" not in page and "/delete" not in page


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?tab=drafts",
        "?q=PZ-0142",
        "?q=pier%C5%9Bcionek&sort=changed",
        "?q=pier%C5%9Bcionek&category=lampy",
    ],
)
def test_the_list_asks_the_database_at_most_five_times(
    session: Session, host: Host, account: Account, browser: FlaskClient, query: str
) -> None:
    for number in range(12):
        an_offer(session, account, external_id=f"S-{number}", sku=f"PZ-{number}")

    with counted(host) as statements:
        assert browser.get(OFFERS + query).status_code == 200

    assert len(statements) <= 5, statements
    assert not any("OFFSET" in each.upper() and "LIMIT ? OFFSET ?" not in each for each in statements)


def test_every_part_of_a_page_is_read_through_an_index(
    session: Session, host: Host, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)
    addresses = [f"?tab={tab}{rest}" for tab in STATE_BY_TAB for rest in ("", "&sort=changed", "&errors=1")]
    addresses += [f"?account={account.id}", f"?account={account.id}&sort=changed", "?q=PZ-0142"]
    engine = host.runtime.db.engine

    for address in addresses:
        plans = list(_plans(browser, engine, OFFERS + address))
        scans = [step for step in plans if re.search(r"SCAN allegro_offer\b", step)]
        assert not scans, (address, plans)


def _plans(browser: FlaskClient, engine: object, address: str) -> Iterator[str]:
    """What SQLite says of how it reads the offers."""
    ran: list[tuple[str, object]] = []

    def note(connection: object, cursor: object, statement: str, parameters: object, *rest: object) -> None:
        if "FROM allegro_offer " in statement and statement.startswith("SELECT"):
            ran.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        browser.get(address)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:  # type: ignore[attr-defined]
        for statement, parameters in ran:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            yield from (str(row[3]) for row in rows)


def test_a_planned_offer_says_when_it_begins(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, state=OfferState.PLANNED, starting_at=NOW + timedelta(days=2))

    assert "początek: 23.11" in words_of(browser.get(OFFERS))


def test_an_offer_without_a_title_of_its_own_has_the_products_name(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    """Allegro's catalogue gives the title of those that were listed quickly."""
    an_offer(session, account, title="")

    assert "Pierścionek złoty" in words_of(browser.get(OFFERS))


def a_catalogue_product(session: Session, product_id: str, **content: object) -> None:
    found = {"id": product_id, "name": "Świeca rzeźbiona", **content}
    session.add(
        CatalogueProduct(
            environment="simulator",
            allegro_id=product_id,
            name=found["name"],
            content=found,
            fetched_at=NOW,
        )
    )
    session.commit()


def thumbnails(page: str) -> list[str]:
    return re.findall(r'<img class="al-thumb" src="([^"]+)"', page)


def test_the_picture_is_the_offers_own_else_the_catalogues_else_the_shops(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    address = "https://a.allegroimg.com/original/1/2"
    a_catalogue_product(session, "with-picture", images=[{"url": address}, {"url": "https://other"}])
    a_catalogue_product(session, "without", images=[])
    a_catalogue_product(session, "strange", images=[{"url": "javascript:alert(1)"}])
    bare: dict[str, object] = {"images": [], "title": ""}
    own = an_offer(session, account, external_id="E-1", product_id="with-picture")
    an_offer(session, account, external_id="E-2", product_id="with-picture", **bare)
    shops = [
        an_offer(session, account, external_id=f"E-3-{each}", product_id=each, **bare).id
        for each in ("without", "strange", None)
    ]
    an_offer(session, account, external_id="E-4", sku="nowhere", **bare)

    found = thumbnails(browser.get(OFFERS).text)

    assert found == [f"{OFFERS}/{each}/image" for each in reversed(shops)] + [
        address,
        f"{OFFERS}/{own.id}/image",
    ]
    assert browser.get(found[0]).status_code == 200


@pytest.mark.parametrize(
    "words", ["świeca", "ŚWIECA", "Świeca RZEŹBIONA", "rzeźb", "świeca wosku", "100%", "a_b"]
)
def test_words_are_found_in_letters_of_either_case(
    session: Session, account: Account, browser: FlaskClient, words: str
) -> None:
    for number, title in enumerate(
        ["ŚWIECA RZEŹBIONA z wosku 100% a_b", "świeca rzeźbiona z Wosku 100% a_b"]
    ):
        an_offer(session, account, external_id=f"E-{number}", title=title)
    an_offer(session, account, external_id="other", title="Swieca rzezbiona 1000 aXb")

    assert references_in(browser.get(OFFERS, query_string={"q": words}).text) == ["E-1", "E-0"]


def test_an_offer_listed_by_its_ean_is_found_by_the_catalogues_name(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    a_catalogue_product(session, "candle")
    an_offer(session, account, external_id="quick", title="", product_id="candle")
    an_offer(session, account, external_id="other", title="Zegar", product_id="candle")

    assert references_in(browser.get(f"{OFFERS}?q=%C5%9AWIECA").text) == ["quick"]


def test_words_are_looked_for_in_so_many_titles_at_a_time(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    for number in (1, 2 * TITLES_AT_ONCE, 2 * TITLES_AT_ONCE + 1):
        an_offer(
            session, account, id=number, external_id=f"E-{number}", title="Świeca" if number % 2 else "Zegar"
        )

    seen, pages, address = [], 0, f"{OFFERS}?q=%C5%9Bwieca"
    while address:
        page = browser.get(address).text
        seen += references_in(page)
        pages += 1
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older[1].replace("&amp;", "&") if older else ""
        assert not older or "Szukaj w starszych" in page

    assert (seen, pages) == ([f"E-{2 * TITLES_AT_ONCE + 1}", "E-1"], 3)


def some_categories(session: Session) -> None:
    for number, name in (("77", "Lampy stołowe"), ("78", "Lampy wiszące"), ("79", "Żyrandole")):
        a_category(session, allegro_id=number, name=name, path=f"Dom i Ogród › {name}")


CATEGORIES = [
    ("77", ["E-77"], "kategoria: Lampy stołowe"),
    ("Lampy stołowe (77)", ["E-77"], "kategoria: Lampy stołowe"),
    ("lampy STOŁOWE", ["E-77"], "kategoria: Lampy stołowe"),
    ("lampy", ["E-78", "E-77"], "kategoria z „lampy”: 2 kategorie"),
    ("80", ["E-80"], "kategoria 80"),
    ("żyrandole", [], "żadna używana kategoria nie nazywa się „żyrandole”"),
]


@pytest.mark.parametrize(("typed", "references", "chip"), CATEGORIES)
def test_the_category_is_chosen_by_its_name_among_those_in_use(
    session: Session, account: Account, browser: FlaskClient, typed: str, references: list[str], chip: str
) -> None:
    some_categories(session)
    for number in ("77", "78", "80"):
        an_offer(session, account, external_id=f"E-{number}", category_id=number)

    page = browser.get(OFFERS, query_string={"category": typed})

    assert references_in(page.text) == references
    assert chip in words_of(page)
    assert '<option value="Lampy wiszące (78)">Dom i Ogród › Lampy wiszące</option>' in page.text
    assert "Żyrandole (79)" not in page.text


def test_what_became_of_a_deed_may_take_the_focus(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    offer = an_offer(session, account)

    told = browser.post(f"{OFFERS}/{offer.id}/delete", follow_redirects=True).text

    assert '<div id="al-messages" role="status" data-al-told tabindex="-1">' in told
    assert "data-al-told" not in browser.get(OFFERS).text
