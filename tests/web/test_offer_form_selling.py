"""The offer form: way of selling, dates, taxes, deposits, promotion, buttons by state, and its cost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from allegro_module.db.accounts import Account
from allegro_module.db.categories import Category
from allegro_module.db.dictionaries import Dictionary
from allegro_module.domain.offers import OfferState, Wanted
from allegro_module.domain.problems import Problem, to_json
from allegro_module.web.forms.offer_start import read_start, start_problems, start_to_edit
from tests.web.browsing import errors_at, form_in, press, words_of
from tests.web.conftest import NOW, Host, a_linked_account
from tests.web.offer_builders import JEWELLERY, OFFERS, a_category, an_offer, some_terms, stored

FORM = f"{OFFERS}/1"
PACKAGES = {
    "allegro-pl": {
        "base": [{"id": "emphasized10d", "name": "Wyróżnienie", "cycle": "P10D"}],
        "extra": [{"id": "departmentPage", "name": "Strona działu", "cycle": "P10D"}],
    }
}
TAXES = {
    "subjects": [{"value": "GOODS", "label": "towar"}],
    "rates": [
        {
            "countryCode": "PL",
            "values": [
                {"value": "23.00", "label": "23 %", "exemptionRequired": False},
                {"value": "EXEMPT", "label": "zw.", "exemptionRequired": True},
            ],
        },
        {"countryCode": "CZ", "values": [{"value": "21.00", "label": "21 %"}]},
    ],
    "exemptions": [{"value": "VAT_EXEMPT_113", "label": "zwolnienie podmiotowe, art. 113"}],
}


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    account = a_linked_account(session, host, base_marketplace="allegro-pl")
    some_terms(session, account)
    return account


@pytest.fixture
def category(session: Session, account: Account) -> Category:
    return a_category(session)


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The queue's end of the bell: ids of offers it was rung for."""
    heard: list[int] = []

    def hear(runtime: object, offer_id: int) -> bool:
        heard.append(offer_id)
        return True

    monkeypatch.setattr("allegro_module.web.offer_actions.ring_publish", hear)
    return heard


def a_dictionary(session: Session, account: Account, name: str, data: dict[str, Any]) -> None:
    session.add(Dictionary(account_id=account.id, name=name, data=data, fetched_at=NOW))
    session.commit()


def local(at: datetime) -> dict[str, Any]:
    """As the two fields send it, Warsaw's winter time."""
    there = at + timedelta(hours=1)
    return {"starting_at": there.strftime("%Y-%m-%d"), "starting_hour": f"{there.hour}:{there.minute:02}"}


def main_button(page: str) -> str:
    (words,) = re.findall(r'value="publish"[^>]*>([^<]*)</button>', page)
    return str(words)


# Way of selling ------------------------------------------------------------------------------------------


def test_an_auction_is_kept_and_judged_at_its_fields(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    an_offer(session, account, selling_format="AUCTION")

    page = press(
        browser,
        FORM,
        "check",
        starting_price="1 000,50",
        minimal_price="999",
        price="",
        quantity="2",
    )

    kept = stored(host, 1)
    assert (kept.selling_format, kept.starting_price_text, kept.minimal_price_text) == (
        "AUCTION",
        "1 000,50",
        "999",
    )
    assert errors_at(page.text, "f-minimal_price") == ["Wpisz cenę nie niższą niż wywoławcza."]
    assert errors_at(page.text, "f-quantity") == ["Na licytacji sprzedaje się jedną sztukę: wpisz 1."]
    assert errors_at(page.text, "f-duration") == ["Wybierz, jak długo trwa licytacja: 1, 3, 5, 7 lub 10 dni."]
    assert errors_at(page.text, "f-price") == []


def test_choosing_the_auction_gives_it_a_duration_of_its_own_and_one_piece(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    an_offer(session, account, duration="P30D", quantity_text="5")

    press(browser, FORM, "save", selling_format="AUCTION", starting_price="100")

    kept = stored(host, 1)
    assert (kept.duration, kept.quantity_text) == ("P7D", "1")
    page = browser.get(FORM)
    assert re.search(r'name="quantity" value="1"[^>]* readonly', page.text)
    assert "Na licytacji sprzedaje się zawsze jedną sztukę." in words_of(page)

    press(browser, FORM, "save", duration="P1D")
    press(browser, FORM, "save", selling_format="BUY_NOW")

    # One day is none of „Kup teraz”.
    assert (stored(host, 1).duration, stored(host, 1).quantity_text) == ("", "1")
    assert not re.search(r'name="quantity"[^>]* readonly', browser.get(FORM).text)


def test_a_duration_that_both_ways_of_selling_have_stays(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    an_offer(session, account, duration="P10D")

    press(browser, FORM, "autosave", fragment=True, selling_format="AUCTION")

    assert stored(host, 1).duration == "P10D"


def test_pieces_of_an_auction_that_stand_there_already_can_be_corrected(
    session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    an_offer(session, account, selling_format="AUCTION", quantity_text="5", duration="P7D")

    assert not re.search(r'name="quantity"[^>]* readonly', browser.get(FORM).text)


def test_an_auction_without_faults_counts_its_starting_price_as_the_required_one(
    session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    an_offer(
        session,
        account,
        selling_format="AUCTION",
        starting_price_text="100",
        price_text="",
        quantity_text="1",
        duration="P7D",
    )

    words = words_of(browser.get(FORM))

    assert "14 z 14 wymaganych pól" in words
    assert "Licytacja · od 100,00 zł" in words


def test_further_choices_of_selling_are_kept(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    an_offer(session, account)

    press(browser, FORM, "save", unit="PAIR", is_business_only="1")

    kept = stored(host, 1)
    assert (kept.unit, kept.is_business_only) == ("PAIR", True)


def test_fields_that_the_page_did_not_show_change_nothing(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    an_offer(session, account, deposits=[{"id": "can", "quantity": 2}], size_table_id="t-1")

    press(
        browser,
        FORM,
        "save",
        selling_format="ADVERTISEMENT",
        unit="TONNE",
        vat_exemption="<b>",
        deposits__glass="4",
        product_id="5222c367",
        state="active",
    )

    kept = stored(host, 1)
    assert (kept.selling_format, kept.unit, kept.vat_exemption) == ("BUY_NOW", "UNIT", "")
    assert (kept.deposits, kept.size_table_id) == ([{"id": "can", "quantity": 2}], "t-1")
    assert (kept.product_id, kept.state) == (None, OfferState.DRAFT)


# Listing later -------------------------------------------------------------------------------------------


def test_a_start_typed_in_warsaw_is_kept_in_utc(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    an_offer(session, account)
    start = (NOW + timedelta(days=2)).replace(second=0, microsecond=0)

    assert main_button(browser.get(FORM).text) == "Zapisz i Wystaw"
    saved = press(browser, FORM, "save", fragment=True, **local(start))

    assert stored(host, 1).starting_at == start
    assert main_button(saved.text) == main_button(browser.get(FORM).text) == "Zapisz i zaplanuj"
    sent = form_in(browser.get(FORM).text)
    assert {name: sent[name] for name in local(start)} == local(start)
    assert 'type="date" id="f-starting_at"' in browser.get(FORM).text

    press(browser, FORM, "save", starting_at="", starting_hour="")

    assert stored(host, 1).starting_at is None
    assert main_button(browser.get(FORM).text) == "Zapisz i Wystaw"


@pytest.mark.parametrize(
    ("day", "hour", "moment"),
    [
        ("2025-11-24", "7", "2025-11-24T06:00"),
        ("2025-11-24", "700", "2025-11-24T06:00"),
        ("2025-11-24", "7.00", "2025-11-24T06:00"),
        ("24.11.2025", "7:00", "2025-11-24T06:00"),
        ("2025-11-24", "24:00", "2025-11-24T23:00"),
        ("2026-07-01", "7:30", "2026-07-01T05:30"),
        # The clocks go back at three: of the hour that comes twice the first counts.
        ("2026-10-25", "2:30", "2026-10-25T00:30"),
    ],
)
def test_hours_are_read_as_sellers_write_them(day: str, hour: str, moment: str) -> None:
    sent = MultiDict({"starting_at": day, "starting_hour": hour})

    assert read_start(sent, None) == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert start_problems(sent) == []


def test_a_moment_that_was_not_touched_stays_the_same_to_the_second() -> None:
    second_time = datetime(2026, 10, 25, 1, 30, 7, tzinfo=UTC)
    shown = start_to_edit(second_time)

    assert read_start(MultiDict({"starting_at": shown.day, "starting_hour": shown.hour}), second_time) == (
        second_time
    )


@pytest.mark.parametrize(
    ("day", "hour", "field", "sentence"),
    [
        ("2025-11-24", "", "hour", "Wpisz też godzinę, na przykład 7 albo 7:30."),
        ("2025-11-24", "25", "hour", "Wpisz godzinę od 0:00 do 24:00, na przykład 7 albo 7:30."),
        ("2025-11-24", "rano", "hour", "Wpisz godzinę od 0:00 do 24:00, na przykład 7 albo 7:30."),
        ("", "7", "at", "Wybierz też dzień albo wyczyść godzinę."),
        ("jutro", "7", "at", "Nie rozumiemy „jutro” jako dnia. Wpisz go tak: 24.11.2026."),
        ("0001-01-01", "0", "at", "Nie rozumiemy „0001-01-01” jako dnia. Wpisz go tak: 24.11.2026."),
        ("2027-03-28", "2:30", "hour", "Tego dnia nie ma godziny 2:30: zegary przechodzą na czas letni."),
    ],
)
def test_what_cannot_be_read_of_a_start_stays_as_typed_and_is_told_at_its_field(
    host: Host,
    session: Session,
    account: Account,
    category: Category,
    browser: FlaskClient,
    day: str,
    hour: str,
    field: str,
    sentence: str,
) -> None:
    before = NOW + timedelta(days=2)
    an_offer(session, account, starting_at=before)

    press(browser, FORM, "save", starting_at=day, starting_hour=hour)
    page = browser.get(FORM).text
    sent = form_in(page)

    (told,) = errors_at(page, f"f-starting_{field}")
    assert told.startswith(sentence)
    assert (sent["starting_at"], sent["starting_hour"]) == (day, hour)
    # A field for dates would show nothing of what is none.
    assert ('type="text" id="f-starting_at"' in page) == (day in ("jutro", "0001-01-01"))
    assert stored(host, 1).starting_at == before

    press(browser, FORM, "save", **local(before))

    assert errors_at(browser.get(FORM).text, f"f-starting_{field}") == []


def test_autosave_tells_what_it_cannot_read_of_a_start_and_nothing_is_listed_with_it(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient, rung: list[int]
) -> None:
    an_offer(session, account)

    saved = press(browser, FORM, "autosave", fragment=True, starting_at="2025-11-24")
    press(browser, FORM, "publish", starting_at="2025-11-24")

    assert 'data-al-wrong="starting_hour"' in saved.text
    assert (stored(host, 1).state, rung) == (OfferState.DRAFT, [])


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("2020-01-01", "Ten termin już minął albo jest zbyt bliski. Wybierz późniejszy."),
        ("2031-01-01", "Wybierz dzień w ciągu najbliższych 30 dni."),
    ],
)
def test_a_start_that_cannot_be_is_told_at_its_field(
    session: Session, account: Account, category: Category, browser: FlaskClient, typed: str, sentence: str
) -> None:
    an_offer(session, account)

    page = press(browser, FORM, "check", starting_at=typed, starting_hour="10")

    (told,) = errors_at(page.text, "f-starting_at")
    assert told.startswith(sentence)
    assert (main_button(page.text) == "Zapisz i zaplanuj") == (typed > "2026")


def test_list_later_asks_for_the_date_first(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient, rung: list[int]
) -> None:
    an_offer(session, account)

    asked = press(browser, FORM, "later")
    untouched = stored(host, 1).state, list(rung)
    press(browser, FORM, "later", **local(NOW + timedelta(days=3)))

    assert errors_at(asked.text, "f-starting_at") == [
        "Wybierz dzień i godzinę, o której oferta ma się zacząć."
    ]
    assert untouched == (OfferState.DRAFT, [])
    assert (stored(host, 1).state, stored(host, 1).wanted, rung) == (OfferState.WAITING, Wanted.LIST, [1])


def test_a_draft_on_allegro_is_another_wish(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient, rung: list[int]
) -> None:
    an_offer(session, account)

    press(browser, FORM, "draft")

    assert (stored(host, 1).state, stored(host, 1).wanted, rung) == (OfferState.WAITING, Wanted.DRAFT, [1])


def test_a_planned_offer_is_no_draft_any_more(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient, rung: list[int]
) -> None:
    an_offer(session, account, state=OfferState.PLANNED, allegro_offer_id="7700000001")

    press(browser, FORM, "draft")

    assert (stored(host, 1).state, rung) == (OfferState.PLANNED, [])


# Taxes, deposits, services -------------------------------------------------------------------------------


def test_rates_are_those_of_the_category_and_an_exempt_one_wants_its_reason(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    category.taxes = TAXES
    an_offer(session, account, marketplaces={"allegro-cz": {"price_text": "399"}})

    page = press(browser, FORM, "check", vat_rate="EXEMPT", vat_rates_abroad__CZ="21.00")

    kept = stored(host, 1)
    assert (kept.vat_rate, kept.vat_rates_abroad) == ("EXEMPT", {"CZ": "21.00"})
    assert errors_at(page.text, "f-vat_exemption") == [
        "Wybierz podstawę zwolnienia z VAT: Allegro wymaga jej przy tej stawce."
    ]
    fine = press(browser, FORM, "check", vat_exemption="VAT_EXEMPT_113")
    assert "Niczego nie brakuje." in words_of(fine)


def test_a_rate_abroad_needs_no_price_of_its_own_there_and_is_named_by_its_country(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    category.taxes = TAXES
    an_offer(session, account, vat_rates_abroad={"CZ": "77.00"})

    wrong = press(browser, FORM, "check")
    press(browser, FORM, "save", vat_rates_abroad__CZ="21.00")

    assert "Stawka VAT, Czechy : Allegro nie zna tej stawki w tej kategorii." in words_of(wrong)
    assert len(errors_at(wrong.text, "f-vat_rates_abroad-CZ")) == 1
    assert stored(host, 1).vat_rates_abroad == {"CZ": "21.00"}


def test_what_allegro_says_of_deposits_stands_above_them(
    session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    kinds = [{"id": "can", "name": "Puszka do 1 l", "marketplace": "allegro-pl"}]
    a_dictionary(session, account, "deposit_types", {"rows": kinds})
    told = Problem("VALIDATION_FAILED", "deposits", text="Takiej kaucji nie ma.")
    an_offer(session, account, state=OfferState.REFUSED, problems_json=[to_json(told)])

    assert errors_at(browser.get(FORM).text, "f-deposits") == ["Takiej kaucji nie ma."]


def test_deposits_are_typed_as_pieces_and_a_slip_is_kept(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    kinds = [
        {
            "id": "can",
            "name": "Puszka do 1 l",
            "marketplace": "allegro-pl",
            "price": "0.50",
            "currency": "PLN",
        }
    ]
    a_dictionary(session, account, "deposit_types", {"rows": kinds})
    an_offer(session, account)

    wrong = press(browser, FORM, "save", deposits__can="pięć")
    kept_slip = stored(host, 1).deposits
    press(browser, FORM, "save", deposits__can="6")

    assert errors_at(wrong.text, "f-deposits.can") or "Wpisz liczbę sztuk" in words_of(wrong)
    assert 'value="pięć"' in wrong.text
    assert kept_slip == [{"id": "can", "quantity": "pięć"}]
    assert stored(host, 1).deposits == [{"id": "can", "quantity": 6}]


def test_a_deposit_that_allegro_takes_no_more_can_be_taken_out(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    kinds = [{"id": "can", "name": "Puszka do 1 l", "marketplace": "allegro-pl"}]
    a_dictionary(session, account, "deposit_types", {"rows": kinds})
    an_offer(session, account, deposits=[{"id": "jar", "quantity": 2}])
    assert "już nie ma na Allegro" in words_of(browser.get(FORM))

    press(browser, FORM, "save", deposits__jar="")

    assert stored(host, 1).deposits == []


def test_services_and_size_tables_are_offered_once_the_account_has_any(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    an_offer(session, account)
    assert "Tabela rozmiarów" not in words_of(browser.get(FORM))
    a_dictionary(session, account, "size_tables", {"rows": [{"id": "t-1", "name": "Pierścionki"}]})

    press(browser, FORM, "save", size_table_id="t-1")

    assert stored(host, 1).size_table_id == "t-1"


# Promotion -----------------------------------------------------------------------------------------------


def test_nothing_of_the_promotion_is_ticked_beforehand(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    a_dictionary(session, account, "promotion_packages", PACKAGES)
    an_offer(session, account)

    sent = form_in(browser.get(FORM).text)
    press(browser, FORM, "save", promotion__base="emphasized10d", promotion__extra=["departmentPage"])

    assert (sent.getlist("promotion.base"), sent.getlist("promotion.extra")) == ([""], [])
    assert stored(host, 1).promotion == {"base": "emphasized10d", "extra": ["departmentPage"]}
    words = words_of(browser.get(FORM))
    assert "Wyróżnienie, Strona działu" in words


# Live offers, what Allegro told --------------------------------------------------------------------------


def test_a_live_offer_is_changed_with_a_button_of_its_own(
    session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    an_offer(
        session,
        account,
        state=OfferState.ACTIVE,
        allegro_offer_id="18402771214",
        listed_at=NOW,
        first_listed_at=NOW,
    )

    page = browser.get(FORM)
    words = words_of(page)

    assert "Zapisz zmiany na Allegro" in words and ">Zapisz i Wystaw</button>" not in page.text
    assert "Na Allegro trafia dopiero po naciśnięciu niebieskiego przycisku." in words
    assert "Zakończ ofertę…" in words and "Usuń szkic…" not in words


def test_autosave_of_a_live_offer_keeps_the_row_and_sends_nothing(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient, rung: list[int]
) -> None:
    an_offer(session, account, state=OfferState.ACTIVE, allegro_offer_id="18402771214", first_listed_at=NOW)

    press(browser, FORM, "autosave", fragment=True, price="1 300")

    kept = stored(host, 1)
    assert (kept.price_text, kept.state, rung) == ("1 300", OfferState.ACTIVE, [])


def test_what_allegro_said_of_no_field_of_ours_stands_on_top_with_date_and_trace(
    session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    told = Problem("UnknownThing", "", text="Pole fundraisingCampaign jest niepoprawne.")
    an_offer(
        session,
        account,
        state=OfferState.REFUSED,
        problems_json=[to_json(told)],
        problems_at=datetime(2025, 11, 21, 13, 5, tzinfo=UTC),
        trace_id="5f0c-77",
    )

    words = words_of(browser.get(FORM))

    assert "Cała oferta: Pole fundraisingCampaign jest niepoprawne." in words
    assert "21.11.2025, 14:05" in words and "trace-id 5f0c-77" in words


def test_an_ordinary_account_is_told_what_allegro_wants(
    session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    account.is_company = False
    an_offer(session, account)

    assert "Allegro przyjmuje oferty tylko z kont firmowych" in words_of(browser.get(FORM))


# Cost ----------------------------------------------------------------------------------------------------


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*what: object) -> None:
        statements.append(str(what[2]))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def test_opening_the_form_asks_allegro_nothing_and_the_database_little_however_many_offers_there_are(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise AssertionError(f"a form asked Allegro: {request.url}")

    a_category(session, JEWELLERY)
    an_offer(session, account)
    host.runtime.http_transport = httpx2.MockTransport(refuse)
    browser.get(FORM)
    session.expunge_all()
    with counted(session) as alone:
        assert browser.get(FORM).status_code == 200
    for number in range(2, 40):
        an_offer(session, session.get_one(Account, 1), external_id=f"PZ-0142~{number}")
    session.expunge_all()

    with counted(session) as among_many:
        browser.get(FORM)

    assert len(among_many) == len(alone) <= 20, "\n".join(alone)


def test_a_collision_shows_both_versions_of_the_new_fields(
    session: Session, account: Account, category: Category, browser: FlaskClient
) -> None:
    a_dictionary(session, account, "promotion_packages", PACKAGES)
    offer = an_offer(session, account)
    mine = form_in(browser.get(FORM).text)
    offer.changed_by = "piotr.w"
    session.commit()

    mine["action"], mine["selling_format"], mine["starting_price"] = "save", "AUCTION", "900"
    mine["starting_at"], mine["starting_hour"] = "2026-11-24", "10"
    mine["promotion.base"] = "emphasized10d"
    page = browser.post(FORM, data=mine)

    words = words_of(page)
    assert page.status_code == 409
    assert "Wystaw później Twoja wersja: 24.11.2026, 10:00 zapisana: natychmiast" in words
    assert "Cena wywoławcza Twoja wersja: 900 zapisana: –" in words
    assert "Promowanie Twoja wersja: emphasized10d zapisana: brak" in words
    assert form_in(page.text)["starting_price"] == "900"


def test_a_draft_may_go_to_allegro_before_it_is_complete(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient, rung: list[int]
) -> None:
    """Facts.md 6.2: INACTIVE an incomplete offer may be stored; what cannot be read is still refused."""
    offer = an_offer(session, account, shipping_rate_id=None, parameters={}, safety_text="")
    press(browser, FORM, "draft")
    assert stored(host, offer.id).state == OfferState.WAITING
    assert stored(host, offer.id).wanted == Wanted.DRAFT


def test_what_cannot_be_read_goes_nowhere(
    host: Host, session: Session, account: Account, category: Category, browser: FlaskClient, rung: list[int]
) -> None:
    offer = an_offer(session, account)
    answer = press(browser, FORM, "draft", price="drogo")
    assert answer.status_code == 422
    assert stored(host, offer.id).state == OfferState.DRAFT
