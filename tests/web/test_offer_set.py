"""Sets in the offer form: pieces as typed, safety data of each further product, what products demand."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.catalogue import CatalogueProduct
from allegro_module.db.dictionaries import Dictionary
from allegro_module.db.offers import Offer
from allegro_module.db.profiles import Profile
from allegro_module.db.terms import SellingTerm, TermKind
from allegro_module.domain.offers import ProductMatch
from allegro_module.domain.parameters import CONDITION_ID
from allegro_module.domain.problems import Problem
from allegro_module.domain.profiles import Scope
from allegro_module.sync.clones import clone_offer
from allegro_module.sync.offer_body import whole_body
from allegro_module.web.offer_buyer_page import Known
from allegro_module.web.offer_diff import Line, diff_lines
from tests.web.browsing import errors_at, press, words_of
from tests.web.conftest import NOW, Host, a_linked_account
from tests.web.offer_builders import OFFERS, RINGS, a_category, an_offer, some_terms, stored

FORM = f"{OFFERS}/1"
FIRST, FURTHER = "first", "further"
PRODUCER, PERSON = f"{TermKind.RESPONSIBLE_PRODUCER}-1", f"{TermKind.RESPONSIBLE_PERSON}-1"
SAFE = {"responsibleProducers": [{"id": "p"}], "safetyInformation": {"type": "TEXT"}}


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    account = a_linked_account(session, host)
    a_category(session)
    some_terms(session, account)
    return account


def in_catalogue(session: Session, product_id: str, **content: Any) -> None:
    row = {"id": product_id, "name": f"Produkt {product_id}", "category": {"id": RINGS}, **content}
    session.add(
        CatalogueProduct(
            environment="simulator",
            allegro_id=product_id,
            name=str(row["name"]),
            category_id=RINGS,
            content=row,
            fetched_at=NOW,
        )
    )
    session.commit()


def a_set(session: Session, account: Account, *, of_first: Any = None, **further: Any) -> Offer:
    in_catalogue(session, FIRST, **(of_first or {}))
    in_catalogue(session, FURTHER, **further.pop("content", {}))
    rows = [{"product_id": FURTHER, "quantity": 1, **further}]
    return an_offer(session, account, product_id=FIRST, product_match=ProductMatch.CHOSEN, more_products=rows)


def body(host: Host) -> list[dict[str, Any]]:
    whole = whole_body(host.runtime.session, host.shop, stored(host, 1))
    return list(whole["productSet"])


@pytest.mark.parametrize("typed", ["dwa", "0", "-1", "1,5", "", "100000"])
def test_pieces_that_cannot_be_read_are_told_at_their_field_and_kept_as_typed(
    host: Host, session: Session, account: Account, browser: FlaskClient, typed: str
) -> None:
    a_set(session, account)

    answer = press(browser, FORM, "check", product_quantity=typed, set__1=typed)

    assert answer.status_code == 422
    sentence = "Wpisz liczbę sztuk jako liczbę całkowitą od 1 do 9999."
    for name in ("f-product_quantity", "f-set-1"):
        assert errors_at(answer.text, name) == [sentence]
    again = browser.get(FORM).text
    assert f'name="product_quantity" value="{typed}"' in again
    assert f'name="set.1" value="{typed}"' in again
    assert "quantity" not in body(host)[1]


def test_pieces_of_a_set_reach_the_json(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    a_set(session, account)

    press(browser, FORM, "save", product_quantity=" 1 000 ", set__1="2")

    assert [each["quantity"] for each in body(host)] == [{"value": 1000}, {"value": 2}]


def test_pieces_of_another_product_than_the_page_shows_are_not_taken(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    a_set(session, account)

    press(browser, FORM, "save", set__1__product="another", set__1="7")

    assert stored(host, 1).more_products == [{"product_id": FURTHER, "quantity": 1}]


def test_a_further_product_lacks_safety_data_by_its_name(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    a_set(session, account)

    page = press(browser, FORM, "check").text

    assert errors_at(page, "f-set-1-producer") == [
        "Wybierz producenta produktu „Produkt further”: nowe towary muszą go mieć (GPSR)."
    ]
    assert "Wybierz, jak podajesz informacje o bezpieczeństwie produktu" in page


def test_what_the_seller_says_of_a_further_products_safety_is_sent(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    a_set(session, account)
    said: dict[str, Any] = {"set__1__producer": PRODUCER, "set__1__person": PERSON, "set__1__safety": "text"}

    answer = press(browser, FORM, "check", **said, set__1__safety_text="Ostre krawędzie.")

    assert answer.status_code == 200
    assert body(host)[1] == {
        "product": {"id": FURTHER},
        "responsibleProducer": {"type": "ID", "id": PRODUCER},
        "responsiblePerson": {"id": PERSON},
        "safetyInformation": {"type": "TEXT", "description": "Ostre krawędzie."},
    }


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"set__1__producer": "gone", "set__1__safety": "before"}, ""),
        ({"set__1__producer": "gone", "set__1__safety": "text"}, "f-set-1-producer"),
        ({"set__1__producer": PRODUCER, "set__1__safety": "text"}, "f-set-1-safety_text"),
        ({"set__1__producer": PRODUCER, "set__1__person": "gone"}, "f-set-1-person"),
        ({"set__1__producer": PRODUCER, "set__1__safety": "files"}, "f-set-1-safety"),
    ],
)
def test_each_gap_of_safety_stands_at_its_field(
    session: Session, account: Account, browser: FlaskClient, said: dict[str, Any], field: str
) -> None:
    a_set(session, account)

    answer = press(browser, FORM, "check", **said)

    assert errors_at(answer.text, field) if field else answer.status_code == 200


def test_a_product_with_safety_data_of_its_own_needs_none(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    a_set(session, account, content={"productSafety": SAFE})

    answer = press(browser, FORM, "check")

    assert answer.status_code == 200
    assert "z katalogu Allegro" in words_of(answer)


def test_a_product_joins_the_set_with_the_safety_rules_of_its_brand(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    in_catalogue(session, FIRST)
    marked = {"id": "248811", "name": "Marka", "valuesLabels": ["Woskowy  Dom"]}
    in_catalogue(session, FURTHER, parameters=[marked], offerRequirements=None)
    an_offer(session, account, product_id=FIRST, product_match=ProductMatch.CHOSEN)
    rule = {"responsible_producer_id": PRODUCER, "safety_text": "Nie zostawiać bez nadzoru."}
    session.add(
        Profile(account_id=account.id, scope=Scope.BRAND, key="woskowy dom", values=rule, changed_at=NOW)
    )
    session.commit()

    browser.post(f"{FORM}/products", data={"product": FURTHER, "to": "set"})

    assert stored(host, 1).more_products == [
        {
            "product_id": FURTHER,
            "quantity": 1,
            "responsible_producer_id": PRODUCER,
            "safety": "text",
            "safety_text": "Nie zostawiać bez nadzoru.",
        }
    ]


def test_an_answer_that_a_product_does_not_allow_is_named_with_the_reason(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    new = {"parameters": [{"id": CONDITION_ID, "name": "Stan", "valuesIds": ["11323_1"]}]}
    a_set(session, account, of_first={"offerRequirements": new, "productSafety": SAFE})

    used: dict[str, Any] = {f"parameters__{CONDITION_ID}": "11323_2"}
    page = press(browser, FORM, "publish", **used).text

    assert errors_at(page, f"f-parameters-{CONDITION_ID}") == [
        "Wybierz „Nowy”: Allegro wymaga tego w ofertach produktu „Produkt first”. Jeśli sprzedajesz coś "
        "innego, wybierz inny produkt."
    ]


def known(session: Session, account: Account, name: str, data: dict[str, Any]) -> None:
    session.add(Dictionary(account_id=account.id, name=name, data=data, fetched_at=NOW))
    session.commit()


WISHES = {
    "additional_services_id": "foreign",
    "size_table_id": "foreign",
    "promotion": {"base": "foreign", "extra": ["departmentPage"]},
}


def test_lists_that_nobody_has_read_are_not_ours_to_judge(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, **WISHES)

    assert press(browser, FORM, "check").status_code == 200


def test_what_the_account_does_not_have_is_told_at_its_field(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, **WISHES)
    known(session, account, "additional_services", {"rows": []})
    known(session, account, "size_tables", {"rows": [{"id": "1", "name": "Pierścionki"}]})
    packages = {"base": [{"id": "emphasized10d", "name": "Wyróżnienie"}], "extra": [{"id": "departmentPage"}]}
    known(session, account, "promotion_packages", {"allegro-pl": packages})

    page = press(browser, FORM, "check").text

    for field in ("additional_services_id", "size_table_id", "promotion"):
        (sentence,) = errors_at(page, f"f-{field}")
        assert sentence.startswith("Wybierz inn")
    assert "„foreign” nie jest dostępny dla tego konta" in page


def test_what_allegro_says_of_a_further_product_goes_once_that_is_changed(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer = a_set(session, account, content={"productSafety": SAFE})
    told = [Problem("X", f"set.1{each}", text="Słowa Allegro.") for each in (".producer", ".safety")]
    offer.remember_problems(told)
    session.commit()

    press(browser, FORM, "save", set__1__producer=PRODUCER)
    assert [each.field for each in stored(host, 1).problems if each.text] == ["set.1.safety"]
    press(browser, FORM, f"drop_product:{FURTHER}")
    assert [each.field for each in stored(host, 1).problems if each.text] == []


def test_a_clone_for_another_account_names_its_own_producer(
    host: Host, session: Session, account: Account
) -> None:
    said = {"responsible_producer_id": PRODUCER, "safety": "files", "safety_attachments": [1]}
    offer = a_set(session, account, **said, responsible_person_id=PERSON)
    other = a_linked_account(session, host, application=account.application, alias="DR", seller_id="2")
    kind = TermKind.RESPONSIBLE_PRODUCER
    name = f"NAZWA {kind}"
    session.add(
        SellingTerm(
            account_id=other.id, kind=kind, allegro_id="theirs", name=name, details={}, fetched_at=NOW
        )
    )
    session.commit()

    clone = clone_offer(session, offer, other, None, NOW, "anna.k")

    assert clone.more_products == [
        {"product_id": FURTHER, "quantity": 1, "responsible_producer_id": "theirs"}
    ]
    same = clone_offer(session, offer, account, None, NOW, "anna.k")
    assert same.more_products == offer.more_products


def test_the_preview_shows_the_set_and_the_safety_of_each_product(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    offer = a_set(session, account, responsible_producer_id=PRODUCER, safety="text", safety_text="Ostre.")
    offer.product_quantity = 3
    session.commit()

    words = words_of(browser.get(f"{FORM}/preview"))

    assert "W zestawie 3 × Produkt first 1 × Produkt further" in words
    assert f"Produkt further: Producent: Nazwa {TermKind.RESPONSIBLE_PRODUCER}. Ostre." in words


def test_a_change_of_a_further_product_is_told_with_its_place(host: Host) -> None:
    known = Known((), {}, {}, {}, {}, (), str, "", "allegro-pl")
    mine, theirs = ([{"quantity": {"value": 1}}, {"quantity": {"value": count}}] for count in (4, 3))

    with host.app.test_request_context(headers={"Accept-Language": "pl"}):
        lines = list(diff_lines({"productSet": mine}, {"productSet": theirs}, known))

    assert lines == [Line("Produkt 2 w zestawie: Liczba sztuk produktu", "3", "4")]
