"""The offer form without scripts: nothing typed is lost, each mistake stands at its field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.description_templates import DescriptionTemplate
from allegro_module.db.terms import SellingTerm, TermKind
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.description_sections import size_of
from allegro_module.domain.offers import OfferState
from allegro_module.domain.problems import Problem, to_json
from allegro_module.sync.description_templates import rendered
from tests.memory_shop import a_picture
from tests.web.browsing import errors_at, form_in, press, words_of
from tests.web.conftest import NOW, Host, a_linked_account
from tests.web.offer_builders import OFFERS, a_category, an_offer, some_terms, stored

FORM = f"{OFFERS}/1"


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    account = a_linked_account(session, host)
    a_category(session)
    some_terms(session, account)
    return account


def heard(rung: list[int], offer_id: int) -> bool:
    rung.append(offer_id)
    return True


@pytest.fixture(autouse=True)
def quiet_queue(host: Host, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The queue's end of the bell: ids of offers it was rung for."""
    rung: list[int] = []
    monkeypatch.setattr(
        "allegro_module.web.offer_actions.ring_publish", lambda runtime, offer_id: heard(rung, offer_id)
    )
    yield rung


# Showing -------------------------------------------------------------------------------------------------


def test_a_complete_draft_shows_its_eight_sections_and_no_problem(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    page = browser.get(FORM)

    assert page.status_code == 200
    assert "14 z 14 wymaganych pól" in words_of(page)
    assert "al-error" not in page.text
    for title in ("Informacje podstawowe", "Dostawa i płatność", "Zdjęcia", "Opis", "Cechy przedmiotu"):
        assert title in words_of(page)


def test_the_form_sends_back_what_is_stored(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer = an_offer(session, account)
    before = {**offer.parameters}, offer.images, offer.title, offer.description_html, offer.handling_time

    answer = press(browser, FORM, "save")

    after = stored(host, 1)
    assert answer.status_code == 303
    assert ({**after.parameters}, after.images, after.title, after.description_html, after.handling_time) == (
        {key: {**answered, "custom": ""} for key, answered in before[0].items()},
        *before[1:],
    )


def test_a_new_draft_is_not_blamed_for_what_is_missing_yet(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, safety_text="", shipping_rate_id=None)

    page = browser.get(FORM)

    assert "al-error" not in page.text
    assert "12 z 14 wymaganych pól" in words_of(page)
    assert "Wybierz cennik dostawy." in words_of(page)


def test_where_a_value_came_from_is_said_until_it_is_changed(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)
    fresh = words_of(browser.get(FORM))

    changed = words_of(
        press(browser, FORM, "save", fragment=True, price="1300", title="Inny tytuł oferty tu")
    )

    assert (fresh.count("z produktu"), changed.count("z produktu")) == (5, 3)


def test_what_the_shop_calls_a_picture_reaches_the_page_escaped(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, title='Pierścionek <script>alert("x")</script> złoty', images=["ring-1"])

    page = browser.get(FORM).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_preview_of_the_description_shows_allegros_tags_only(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    text = '<p onclick="steal()">Złoty <strong>i trwały</strong></p><script>steal()</script><h3>Wymiary</h3>'
    an_offer(session, account, description_html=text)

    page = browser.get(FORM).text

    assert "<p>Złoty <b>i trwały</b></p><h2>Wymiary</h2>" in page
    assert "<p onclick" not in page


def test_an_offer_that_is_not_there_is_a_page_of_its_own(account: Account, browser: FlaskClient) -> None:
    assert browser.get(f"{OFFERS}/77").status_code == 404
    assert browser.post(f"{OFFERS}/77", data={"action": "save"}).status_code == 404
    assert browser.get(f"{OFFERS}/77/status").status_code == 404
    assert browser.get(f"{OFFERS}/77/image").status_code == 404


# Bad input -----------------------------------------------------------------------------------------------

WRONG = [
    ("title", "", "f-title", "Wpisz tytuł oferty."),
    ("title", "Pierścionek " * 7, "f-title", "Tytuł jest za długi: 83 z 75 znaków."),
    (
        "title",
        "Złoty & srebrny & stalowy & platynowy & bursztynowy pierścionek dla niej",
        "f-title",
        "88 z 75 znaków",
    ),
    ("title", "Pierścionek złoty", "f-title", "co najmniej 3"),
    ("gtin", "5907700000131", "f-gtin", "Według pozostałych powinna być 0."),
    ("gtin", "123", "f-gtin", "EAN"),
    ("price", "abc", "f-price", "Wpisz cenę liczbą"),
    ("price", "", "f-price", "Wpisz cenę"),
    ("price", "0,50", "f-price", "co najmniej 1"),
    ("price", "12,345", "f-price", "dwoma miejscami"),
    ("quantity", "kilka", "f-quantity", "liczbę sztuk"),
    ("quantity", "0", "f-quantity", "co najmniej 1"),
    ("shipping_rate_id", "", "f-shipping_rate_id", "Wybierz cennik dostawy."),
    ("shipping_rate_id", "gone", "f-shipping_rate_id", "Allegro nie ma już tego"),
    ("return_policy_id", "", "f-return_policy_id", "zwrotów"),
    ("implied_warranty_id", "", "f-implied_warranty_id", "reklamacji"),
    ("responsible_producer_id", "", "f-responsible_producer_id", "producenta"),
    ("safety_text", "", "f-safety_text", "informacj"),
    ("safety_text", "x" * 5001, "f-safety_text", "5000"),
    ("parameters__11323", "", "f-parameters-11323", "Uzupełnij to pole"),
    ("parameters__206647", "", "f-parameters-206647", "Materiał = złoto żółte"),
    ("parameters__206655", "ciężki", "f-parameters-206655", "Wpisz liczbę"),
    ("parameters__206655", "5001", "f-parameters-206655", "5\u00a0000 g"),
    ("description", "<p>" + "ś" * 20000 + "</p>", "f-description", "40000"),
]


@pytest.mark.parametrize(("field", "typed", "control", "sentence"), WRONG)
def test_a_mistake_stands_at_its_field_and_what_was_typed_stays(
    host: Host,
    session: Session,
    account: Account,
    browser: FlaskClient,
    quiet_queue: list[int],
    field: str,
    typed: str,
    control: str,
    sentence: str,
) -> None:
    an_offer(session, account)

    answer = press(browser, FORM, "publish", **{field: typed})

    assert answer.status_code == 422
    assert sentence in " ".join(errors_at(answer.text, control))
    assert f'href="#{control}"' in answer.text
    assert 'role="alert"' in answer.text
    assert form_in(answer.text).get(field.replace("__", ".")) == typed.strip()
    assert (stored(host, 1).state, quiet_queue) == (OfferState.DRAFT, [])


def test_every_mistake_is_told_at_once_and_counted_on_top(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    answer = press(browser, FORM, "check", price="abc", quantity="", title="", parameters__206647="")

    assert "Popraw 4 miejsca, aby wystawić ofertę" in words_of(answer)
    assert "10 z 14 wymaganych pól" in words_of(answer)


def test_a_picture_that_is_too_small_is_named(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    host.shop.pictures["ring-2"] = a_picture(380, 300)
    an_offer(session, account)

    answer = press(browser, FORM, "publish")

    assert answer.status_code == 422
    assert "Zdjęcie 2 jest za małe: 380 × 300 px." in words_of(answer)
    assert 'href="#f-images-1"' in answer.text and 'id="f-images-1"' in answer.text


def test_a_draft_is_saved_with_its_mistakes_which_are_shown_again_later(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    press(browser, FORM, "save", price="abc", safety_text="")
    later = browser.get(FORM)

    assert stored(host, 1).price_text == "abc"
    assert stored(host, 1).price is None
    assert "Wpisz cenę liczbą" in errors_at(later.text, "f-price")[0]
    assert errors_at(later.text, "f-safety_text") == []


def test_texts_longer_than_their_columns_and_nul_characters_break_nothing(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    press(browser, FORM, "save", title="Z\x00ł" * 400, gtin="9" * 90, price="1" * 90)

    offer = stored(host, 1)
    assert (offer.title, offer.gtin, offer.price_text) == ("Zł" * 150, "9" * 40, "1" * 40)


@pytest.mark.parametrize("field", ["invoice", "handling_time", "vat_rate"])
def test_a_value_that_was_not_on_the_list_changes_nothing(
    host: Host, session: Session, account: Account, browser: FlaskClient, field: str
) -> None:
    before = getattr(an_offer(session, account), field)

    press(browser, FORM, "save", **{field: "nonsense"})

    assert getattr(stored(host, 1), field) == before


# Parameters ----------------------------------------------------------------------------------------------


def test_a_dependent_field_shows_under_its_parent_with_the_reason(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    gold = browser.get(FORM)
    silver = press(browser, FORM, "refresh", fragment=True, parameters__206646="206646_1")

    assert "bo Materiał = złoto żółte" in words_of(gold)
    assert form_in(gold.text).get("parameters.206647") == "206647_3"
    assert "parameters.206647" not in form_in(silver.text)


def test_the_answer_of_a_hidden_field_comes_back_with_the_choice(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    press(browser, FORM, "refresh", parameters__206646="206646_1")
    again = press(browser, FORM, "refresh", fragment=True, parameters__206646="206646_3")

    assert form_in(again.text).get("parameters.206647") == "206647_3"


def test_the_ean_is_asked_for_once_though_a_parameter_wants_it_too(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    page = browser.get(FORM).text

    assert "parameters.225693" not in form_in(page)
    assert form_in(page).get("gtin") == "5907700000130"


def test_a_long_dictionary_is_answered_by_name(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    brands = [{"id": f"b_{number}", "value": f"Marka {number}"} for number in range(500)]
    brand = {"id": "b", "name": "Marka", "type": "dictionary", "required": True, "dictionary": brands}
    a_category(session, [brand], allegro_id="7", path="Dom › Kubki")
    an_offer(session, account, category_id="7", parameters={})

    press(browser, FORM, "save", parameters__b__name="marka 321")

    assert stored(host, 1).parameters["b"]["values_ids"] == ["b_321"]
    assert form_in(browser.get(FORM).text).get("parameters.b.name") == "Marka 321"
    assert browser.get(FORM).text.count("<option value=") < 200


def test_a_name_that_no_dictionary_has_stays_and_is_told(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    brands = [{"id": f"b_{number}", "value": f"Marka {number}"} for number in range(500)]
    a_category(
        session,
        [{"id": "b", "name": "Marka", "type": "dictionary", "dictionary": brands}],
        allegro_id="7",
        path="Dom › Kubki",
    )
    an_offer(session, account, category_id="7", parameters={})

    answer = press(browser, FORM, "check", parameters__b__name="Nieznana")

    assert "„Nieznana”" in errors_at(answer.text, "f-parameters-b")[0]
    assert form_in(answer.text).get("parameters.b.name") == "Nieznana"


def test_values_of_a_long_dictionary_are_searched_on_the_server(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    models = [
        {"id": f"m_{number}", "value": f"Model {number}", "dependsOnValueIds": [f"b_{number % 2}"]}
        for number in range(100)
    ]
    a_category(
        session,
        [{"id": "m", "name": "Model", "type": "dictionary", "dictionary": models}],
        allegro_id="7",
        path="Dom › Kubki",
    )
    an_offer(session, account, category_id="7", parameters={})

    found = browser.get(f"{FORM}/values/m?q=MODEL 1&parent=b_1").text

    assert 'value="Model 1"' in found and 'value="Model 11"' in found
    assert 'value="Model 10"' not in found
    assert browser.get(f"{FORM}/values/unknown?q=x").status_code == 404


def test_ranges_texts_and_own_values_are_kept(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    inna = {"id": "c_2", "value": "inny"}
    a_category(
        session,
        [
            {"id": "r", "name": "Zakres", "type": "integer", "restrictions": {"range": True}},
            {"id": "f", "name": "Cechy", "type": "string", "restrictions": {"allowedNumberOfValues": 4}},
            {
                "id": "c",
                "name": "Bohater",
                "type": "dictionary",
                "options": {"ambiguousValueId": "c_2", "customValuesEnabled": True},
                "dictionary": [{"id": "c_1", "value": "miś"}, inna],
            },
            {
                "id": "k",
                "name": "Kamień",
                "type": "dictionary",
                "restrictions": {"multipleChoices": True},
                "dictionary": [{"id": "k_1", "value": "bursztyn"}, {"id": "k_2", "value": "perła"}],
            },
        ],
        allegro_id="7",
        path="Dom › Kubki",
    )
    an_offer(session, account, category_id="7", parameters={"c": {"values_ids": ["c_2"], "custom": ""}})

    press(
        browser,
        FORM,
        "save",
        parameters__r__from="36",
        parameters__r__to="41",
        parameters__f="ręczna robota\r\n\r\nlen",
        parameters__c__custom="lis",
        parameters__k=["k_1", "k_2"],
    )

    assert stored(host, 1).parameters == {
        "r": {"range": {"from": "36", "to": "41"}},
        "f": {"values": ["ręczna robota", "len"]},
        "c": {"values_ids": ["c_2"], "custom": "lis"},
        "k": {"values_ids": ["k_1", "k_2"], "custom": ""},
    }


# Pictures ------------------------------------------------------------------------------------------------


def test_a_picture_moves_without_scripts(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    press(browser, FORM, "move:earlier-1", title="Pierścionek złoty dla Zosi")

    assert stored(host, 1).images == ["ring-2", "ring-1", "ring-3"]
    assert stored(host, 1).title == "Pierścionek złoty dla Zosi"


@pytest.mark.parametrize("move", ["move:earlier-0", "move:later-2", "move:later-99", "move:later-x", "move"])
def test_a_picture_cannot_leave_the_row(
    host: Host, session: Session, account: Account, browser: FlaskClient, move: str
) -> None:
    an_offer(session, account)

    press(browser, FORM, move)

    assert stored(host, 1).images == ["ring-1", "ring-2", "ring-3"]


def test_a_picture_left_out_can_be_taken_in_again(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    press(browser, FORM, "save", left_out=["ring-1"])
    without = list(stored(host, 1).images)
    press(browser, FORM, "save", left_out=None)

    assert (without, stored(host, 1).images) == (["ring-2", "ring-3"], ["ring-2", "ring-3", "ring-1"])


def test_pictures_that_the_product_does_not_have_are_not_taken(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    press(browser, FORM, "save", images=["ring-3", "/etc/passwd"])

    assert stored(host, 1).images == ["ring-3"]


def test_pictures_are_served_small_and_only_those_of_the_offer(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    host.shop.pictures["ring-2"] = b"no picture"
    an_offer(session, account)

    first, broken, none = (browser.get(f"{FORM}/images/{place}") for place in (0, 1, 9))

    assert (first.status_code, first.mimetype) == (200, "image/jpeg")
    assert len(first.data) < len(host.shop.pictures["ring-1"])
    assert (broken.status_code, none.status_code) == (404, 404)
    assert browser.get(f"{FORM}/image").data == first.data


# Listing -------------------------------------------------------------------------------------------------


def test_save_and_list_remembers_the_wish_rings_and_shows_the_progress(
    host: Host, session: Session, account: Account, browser: FlaskClient, quiet_queue: list[int]
) -> None:
    an_offer(session, account)

    answer = press(browser, FORM, "publish", fragment=True, price="1 300,00 zł")

    offer = stored(host, 1)
    assert (offer.state, str(offer.price), offer.changed_by) == (OfferState.WAITING, "1300.00", "anna.k")
    assert quiet_queue == [1]
    assert f'data-al-poll="{FORM}/status"' in answer.text
    assert "Wysyłanie zdjęć" in words_of(answer)


def test_without_scripts_save_and_list_ends_on_the_same_page(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    answer = press(browser, FORM, "publish")

    assert (answer.status_code, answer.location) == (303, FORM)
    assert "Wystawianie oferty" in words_of(browser.get(FORM))


def test_a_queue_that_is_down_is_told_and_the_wish_stays(
    host: Host, session: Session, account: Account, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    an_offer(session, account)

    press(browser, FORM, "publish")

    assert stored(host, 1).state == OfferState.WAITING
    assert "Kolejka nie odpowiada" in words_of(browser.get(FORM))


@pytest.mark.parametrize(
    ("change", "words"),
    [({"is_enabled": False}, "jest wyłączone"), ({"state": LinkState.NEEDS_RECONNECT}, "nie jest połączone")],
)
def test_with_an_account_that_cannot_work_the_draft_is_saved_and_not_listed(
    host: Host,
    session: Session,
    account: Account,
    browser: FlaskClient,
    quiet_queue: list[int],
    change: dict[str, object],
    words: str,
) -> None:
    an_offer(session, account)
    for name, value in change.items():
        setattr(account, name, value)
    session.commit()

    answer = press(browser, FORM, "publish", title="Pierścionek złoty dla Zosi")

    assert words in words_of(answer)
    assert (stored(host, 1).state, stored(host, 1).title) == (OfferState.DRAFT, "Pierścionek złoty dla Zosi")
    assert quiet_queue == []


def test_check_says_when_nothing_is_missing(session: Session, account: Account, browser: FlaskClient) -> None:
    an_offer(session, account)

    answer = press(browser, FORM, "check")

    assert answer.status_code == 200
    assert "Niczego nie brakuje." in words_of(answer)


def test_what_allegro_objected_to_stays_at_its_field_until_that_is_changed(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    objections = [
        Problem("X", "title", {}, "Tytuł zawiera niedozwolone słowo."),
        Problem("Y", "price", {}, "Cena odbiega od rynku."),
        Problem("Z", "", {}, "Konto ma za mało historii."),
    ]
    an_offer(session, account, state=OfferState.REFUSED, problems_json=[to_json(each) for each in objections])
    refused = browser.get(FORM)

    press(browser, FORM, "save", title="Pierścionek złoty dla Zosi")
    corrected = browser.get(FORM)

    assert errors_at(refused.text, "f-title") == ["Tytuł zawiera niedozwolone słowo."]
    assert "Konto ma za mało historii." in words_of(refused)
    assert errors_at(corrected.text, "f-title") == []
    assert errors_at(corrected.text, "f-price") == ["Cena odbiega od rynku."]


def test_warnings_ask_for_no_correction(session: Session, account: Account, browser: FlaskClient) -> None:
    warning = Problem("W", "price", {}, "Cena odbiega od rynku.", is_warning=True)
    an_offer(session, account, state=OfferState.ACTIVE, problems_json=[to_json(warning)])

    words = words_of(browser.get(FORM))

    assert "Allegro ostrzega" in words
    assert "Cena odbiega od rynku." in words
    assert "Popraw 1 miejsce" not in words


def test_warnings_come_after_what_must_be_corrected(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    warning = Problem("W", "price", {}, "Cena odbiega od rynku.", is_warning=True)
    wrong = Problem("X", "title", {}, "Tytuł zawiera niedozwolone słowo.")
    problems = [to_json(warning), to_json(wrong)]
    an_offer(session, account, state=OfferState.REFUSED, problems_json=problems)

    words = words_of(browser.get(FORM))

    assert (
        words.index("Popraw 1 miejsce") < words.index("niedozwolone słowo") < words.index("Allegro ostrzega")
    )


# Two at once ---------------------------------------------------------------------------------------------


def test_a_version_that_no_row_can_have_is_an_older_one(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)
    mine = form_in(browser.get(FORM).text)

    for version in ("9" * 30, "-1", "abc"):
        mine["version"] = version
        assert browser.post(FORM, data=mine).status_code == 409


def test_a_newer_version_is_not_overwritten_and_both_are_shown(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer = an_offer(session, account)
    mine = form_in(browser.get(FORM).text)
    offer.title, offer.changed_by = "Pierścionek złoty od Basi", "basia"
    session.commit()

    mine["title"], mine["action"] = "Pierścionek złoty od Anny", "save"
    answer = browser.post(FORM, data=mine)

    assert answer.status_code == 409
    assert "basia" in words_of(answer)
    assert "Twoja wersja: Pierścionek złoty od Anny zapisana: Pierścionek złoty od Basi" in words_of(answer)
    assert stored(host, 1).title == "Pierścionek złoty od Basi"
    assert form_in(answer.text)["title"] == "Pierścionek złoty od Anny"


def test_saving_once_more_after_the_warning_keeps_mine(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer = an_offer(session, account)
    mine = form_in(browser.get(FORM).text)
    offer.title = "Pierścionek złoty od Basi"
    session.commit()
    warned = form_in(browser.post(FORM, data={**mine.to_dict(False), "title": "Mój własny tytuł"}).text)

    browser.post(FORM, data={**warned.to_dict(False), "action": "save"})

    assert stored(host, 1).title == "Mój własny tytuł"


def test_an_offer_on_its_way_cannot_be_changed(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer = an_offer(session, account)
    mine = form_in(browser.get(FORM).text)
    offer.state = OfferState.SENDING
    session.commit()

    mine["title"] = "Tytuł, który nie zdążył"
    answer = browser.post(FORM, data={**mine.to_dict(False), "action": "publish"})

    assert answer.status_code == 409
    assert "w drodze na Allegro" in words_of(answer)
    assert "Tytuł, który nie zdążył" in words_of(answer)
    assert stored(host, 1).title == "Pierścionek złoty z bursztynem bałtyckim"


def test_autosave_answers_only_what_stands_beside_the_form(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    answer = press(browser, FORM, "autosave", fragment=True, price="abc")

    assert answer.status_code == 200
    assert 'id="offer-complete"' in answer.text and 'id="offer"' not in answer.text
    assert f'name="version" value="{stored(host, 1).version}"' in answer.text
    assert stored(host, 1).price_text == "abc"


def test_autosave_renews_the_states_of_the_sections(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    bare = press(browser, FORM, "autosave", fragment=True, title="")
    filled = press(browser, FORM, "autosave", fragment=True, title="Pierścionek złoty z bursztynem")

    assert "1 do uzupełnienia" in _state_of_section(bare.text, 1)
    assert "Kompletne" in _state_of_section(filled.text, 1)


def _state_of_section(page: str, number: int) -> str:
    return page.partition(f'id="section-{number}-state"')[2].partition("</span></span>")[0]


# Who may -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/1", "/1/status", "/1/image", "/1/category", "/new?sku=PZ-0142"])
def test_without_permission_every_page_is_shut(
    host: Host, session: Session, account: Account, browser: FlaskClient, path: str
) -> None:
    an_offer(session, account)
    host.allowed = {"settings", "handle_orders"}

    assert browser.get(f"{OFFERS}{path}").status_code == 403


def test_who_may_only_look_sees_the_list_but_changes_nothing(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)
    host.allowed = {"view"}

    shown = browser.get(OFFERS)

    assert shown.status_code == 200
    assert f'href="{FORM}"' not in shown.text
    assert browser.post(FORM, data={"action": "publish"}).status_code == 403
    assert browser.post(f"{FORM}/category", data={"category": "1"}).status_code == 403


def test_a_forged_form_changes_nothing(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    host.app.config["WTF_CSRF_ENABLED"] = True
    an_offer(session, account)
    good = form_in(browser.get(FORM).text)

    forged = browser.post(FORM, data={**good.to_dict(False), "csrf_token": "forged", "title": "Podmieniony"})
    saved = browser.post(FORM, data={**good.to_dict(False), "title": "Pierścionek złoty dla Zosi"})

    assert (forged.status_code, saved.status_code) == (400, 303)
    assert stored(host, 1).title == "Pierścionek złoty dla Zosi"


def test_the_page_says_when_and_by_whom_the_draft_was_saved(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    host.now += timedelta(days=2)

    assert "21.11, 13:30 , anna.k" in words_of(browser.get(FORM))


# What the defaults set

CZECH: dict[str, Any] = {"marketplaces.allegro-cz": "399"}


def test_further_settings_are_kept_as_typed(
    session: Session, host: Host, account: Account, browser: FlaskClient
) -> None:
    template = DescriptionTemplate(name="Biżuteria", sections=[], changed_at=NOW)
    session.add(template)
    offer = an_offer(session, account, promotion={"base": "emphasized10d", "extra": []})
    offer_id, template_id = offer.id, template.id

    press(
        browser,
        FORM,
        "save",
        description_template_id=str(template_id),
        duration="P30D",
        is_republished="1",
        location__province="SLASKIE",
        location__city="Tychy",
        location__post_code="43-100",
        **CZECH,
        promotion__base="",
    )

    kept = stored(host, offer_id)
    assert (kept.description_template_id, kept.duration, kept.is_republished) == (template_id, "P30D", True)
    assert kept.location == {
        "country": "PL",
        "province": "SLASKIE",
        "city": "Tychy",
        "post_code": "43-100",
    }
    assert kept.marketplaces == {"allegro-cz": {"price_text": "399"}}
    assert kept.promotion == {}
    emptied: dict[str, Any] = {f"location__{part}": "" for part in ("province", "city", "post_code")}
    press(browser, FORM, "save", **emptied, **{**CZECH, "marketplaces.allegro-cz": ""})
    kept = stored(host, offer_id)
    assert (kept.location, kept.marketplaces) == (None, {"allegro-cz": {"price_text": ""}})


def test_a_price_abroad_that_no_crown_can_pay_stands_at_its_field(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(
        session, account, location={"country": "PL", "province": "SLASKIE", "city": "", "post_code": "4"}
    )

    page = press(browser, FORM, "check", **{**CZECH, "marketplaces.allegro-cz": "12,50"})

    assert page.status_code == 422
    assert errors_at(page.text, "f-marketplaces-allegro-cz") == ["Wpisz cenę w pełnych koronach."]
    assert errors_at(page.text, "f-location-city") and errors_at(page.text, "f-location-post_code")
    assert "Rynki zagraniczne: Allegro Czechy" in words_of(page)


def test_a_promotion_that_was_asked_for_keeps_what_became_of_it(
    session: Session, host: Host, account: Account, browser: FlaskClient
) -> None:
    wish = {"base": "emphasized10d", "extra": ["departmentPage"]}
    outcome = {"asked_at": NOW.isoformat(), "outcome": "refused", "words": "Za mało środków.", "tries": 2}
    an_offer(session, account, promotion={**wish, **outcome})

    for action in ("save", "autosave", "check"):
        press(browser, FORM, action, title=f"Pierścionek złoty {action}")

        assert stored(host, 1).promotion == {**wish, **outcome}
        assert stored(host, 1).title == f"Pierścionek złoty {action}"


def test_terms_for_one_fulfillment_are_offered_only_where_they_are_chosen_already(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    fulfilled = SellingTerm(
        account_id=account.id,
        kind=TermKind.RETURN_POLICY,
        allegro_id="one",
        name="Magazyn",
        details={"is_fulfillment": True},
        fetched_at=NOW,
    )
    session.add(fulfilled)
    offer = an_offer(session, account)

    assert 'value="one"' not in browser.get(FORM).text

    offer.return_policy_id = "one"
    session.commit()
    page = browser.get(FORM)
    assert "Magazyn – tylko dla One Fulfillment" in words_of(page)
    assert form_in(page.text)["return_policy_id"] == "one"


# The description as it is sent


def a_template(session: Session, *contents: str) -> int:
    items = [{"type": "IMAGE", "ref": each} if "{image" in each else _text(each) for each in contents]
    sections = [{"items": [each]} for each in items]
    template = DescriptionTemplate(name="Biżuteria", sections=sections, changed_at=NOW)
    session.add(template)
    session.flush()
    return template.id


def _text(content: str) -> dict[str, str]:
    return {"type": "TEXT", "content": content}


def test_the_preview_shows_the_description_within_its_template(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    template_id = a_template(session, "<h1>{name}</h1>", "{image_2}", "<p>{description}</p>")
    offer = an_offer(session, account, description_template_id=template_id)

    page = browser.get(FORM)

    preview = page.text.partition('id="description-preview"')[2].partition("</section>")[0]
    assert "<h1>Pierścionek złoty z bursztynem bałtyckim</h1>" in preview
    assert f'src="{FORM}/images/1"' in preview
    assert "<p>Klasyczny pierścionek.</p>" in preview
    size = size_of(rendered(session, offer, None))
    assert f"{size} z 40 000 bajtów" in words_of(page).replace("\u00a0", " ")
    saved = press(browser, FORM, "autosave", fragment=True, description="<p>Nowy opis.</p>")
    assert 'id="description-preview"' in saved.text and "<p>Nowy opis.</p>" in saved.text


def test_a_template_that_makes_the_description_too_long_is_told_before_listing(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    template_id = a_template(session, f"<p>{'ż' * 15_000}</p>", "<p>{description}</p>")
    long_one = f"<p>{'ż' * 6_000}</p>"
    an_offer(session, account, description_template_id=template_id, description_html=long_one)

    page = press(browser, FORM, "check")

    assert page.status_code == 422
    (error,) = errors_at(page.text, "f-description")
    assert error.startswith("Opis jest za długi: ")


def test_markup_that_allegro_never_gets_does_not_count(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    padded = f'<p class="{"x" * 45_000}">Krótki opis.</p>'
    an_offer(session, account, description_html=padded)

    assert press(browser, FORM, "check").status_code == 200


def test_a_collision_previews_what_was_typed(
    session: Session, host: Host, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)
    sent = form_in(browser.get(FORM).text)
    stored(host, 1).title = "Nowszy tytuł ze sklepu"
    session.commit()
    sent["description"] = "<p>Mój opis.</p>"

    answer = browser.post(FORM, data={**sent.to_dict(), "action": "save"})

    assert answer.status_code == 409
    preview = answer.text.partition('id="description-preview"')[2].partition("</section>")[0]
    assert "<p>Mój opis.</p>" in preview


def test_a_template_deleted_in_another_tab_is_told_and_not_kept(
    session: Session, host: Host, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)
    sent = form_in(browser.get(FORM).text)
    sent["description_template_id"] = "77"

    answer = browser.post(FORM, data={**sent.to_dict(), "action": "save"})

    assert answer.status_code == 422
    assert errors_at(answer.text, "f-description_template_id") == ["Wybierz jedną z pozycji na liście."]
    assert stored(host, 1).description_template_id is None
