"""Safety data of a brand, a product and the account: inherited, put in place, given back."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from allegro_module.db.accounts import Account
from allegro_module.db.attachments import Attachment
from allegro_module.db.profiles import defaults_for, find_profile
from allegro_module.domain.money import Money
from allegro_module.domain.profiles import Scope
from allegro_module.domain.shop import ShopProduct, Sku
from tests.memory_shop import a_picture
from tests.web.conftest import Host, a_linked_account
from tests.web.safety_builders import FAR, FOREST, PAGE, PERSON, an_entry
from tests.web.test_safety_page import a_profile

LAMP = ShopProduct(Sku("BIL/LAMP 1"), "Lampion", Money(Decimal("49.00"), "PLN"), brand="Cichy Las")


@pytest.fixture
def account_id(session: Session, host: Host) -> int:
    host.shop.add_product(LAMP)
    account_id = a_linked_account(session, host).id
    an_entry(session, account_id)
    an_entry(session, account_id, "p2", FAR)
    an_entry(session, account_id, "o1", replace(FOREST, name="Anna Las"), PERSON)
    return account_id


def seen_on(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found.group(1)


def save(browser: FlaskClient, address: str, **typed: object) -> TestResponse:
    page = browser.get(address).text
    form = {"seen": seen_on(page), "safety_kind": "", **typed}
    return browser.post(address, data=form, content_type="multipart/form-data")


def values_of(session: Session, account_id: int, scope: Scope, key: str = "") -> dict[str, object] | None:
    session.rollback()
    session.expire_all()
    profile = find_profile(session, account_id, scope, key)
    return None if profile is None else dict(profile.values)


def test_a_brand_gives_its_products_what_the_account_leaves_open(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    save(browser, f"{PAGE}/account", safety_kind="text", safety_text="Nie dla dzieci.\r\nMałe części.")
    save(browser, f"{PAGE}/brand?brand=Cichy+Las", brand="Cichy Las", responsible_producer_id="p1")
    save(browser, f"{PAGE}/product/{LAMP.sku}", is_before_gpsr="0")

    session.rollback()
    found = defaults_for(session, account_id, LAMP)
    assert {name: (each.value, each.scope) for name, each in found.items()} == {
        "safety_text": ("Nie dla dzieci.\nMałe części.", Scope.ACCOUNT),
        "safety_attachments": ([], Scope.ACCOUNT),
        "responsible_producer_id": ("p1", Scope.BRAND),
        "is_before_gpsr": (False, Scope.PRODUCT),
    }
    page = browser.get(f"{PAGE}/product/{LAMP.sku}").text
    assert "dziedziczone: Cichy Las – z marki" in page
    assert "dziedziczone: tekst – z konta" in page
    assert "Małe części." in page


def test_other_values_of_the_profile_stay_and_inheriting_everything_again_removes_only_ours(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    a_profile(session, account_id, Scope.PRODUCT, LAMP.sku, handling_time="P2D")
    address = f"{PAGE}/product/{LAMP.sku}"

    save(browser, address, responsible_producer_id="p2", responsible_person_id="-")
    assert values_of(session, account_id, Scope.PRODUCT, LAMP.sku) == {
        "handling_time": "P2D",
        "responsible_producer_id": "p2",
        "responsible_person_id": "",
    }
    assert "Producent ma siedzibę poza UE." in browser.get(address).text

    save(browser, address)
    assert values_of(session, account_id, Scope.PRODUCT, LAMP.sku) == {"handling_time": "P2D"}


def test_a_brand_without_any_value_has_no_row(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    address = f"{PAGE}/brand?brand=Cichy+Las"
    save(browser, address, brand="CICHY  Las", responsible_producer_id="p1")
    assert values_of(session, account_id, Scope.BRAND, "cichy las") is not None

    save(browser, address, brand="Cichy Las")

    assert values_of(session, account_id, Scope.BRAND, "cichy las") is None


def test_the_producer_of_a_new_brand_is_guessed_and_not_saved(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    page = browser.get(f"{PAGE}/brand?brand=Cichy+Las").text

    assert '<option value="p1" selected>' in page
    assert values_of(session, account_id, Scope.BRAND, "cichy las") is None


def test_files_are_kept_once_and_stay_although_another_field_is_wrong(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    address = f"{PAGE}/account"
    picture = a_picture()
    files = [(io.BytesIO(picture), "ostrzeżenie.png"), (io.BytesIO(b"MZ"), "wirus.exe")]

    refused = save(browser, address, safety_files=files, responsible_producer_id="stolen")
    (kept,) = session.scalars(select(Attachment)).all()
    assert refused.status_code == 422
    assert f'name="attachment" id="file-{kept.id}"' in refused.text
    assert "Wybierz producenta z listy." in refused.text
    assert values_of(session, account_id, Scope.ACCOUNT) is None

    again = [(io.BytesIO(picture), "to samo.png")]
    save(browser, address, safety_kind="files", attachment=[str(kept.id)], safety_files=again)
    assert values_of(session, account_id, Scope.ACCOUNT) == {
        "safety_text": "",
        "safety_attachments": [kept.id],
    }


def test_files_of_another_account_cannot_be_named(
    host: Host, browser: FlaskClient, session: Session, account_id: int
) -> None:
    save(browser, f"{PAGE}/account", safety_files=[(io.BytesIO(a_picture()), "a.png")])
    (foreign,) = session.scalars(select(Attachment.id)).all()
    ours = session.get_one(Account, account_id).application
    other = a_linked_account(session, host, "len_outlet", alias="OU", seller_id="1002", application=ours).id
    address = f"{PAGE}/account?account={other}"

    answer = save(browser, address, safety_kind="files", attachment=[str(foreign), "x", "99"])

    assert "Wybierz co najmniej jeden plik" in answer.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"safety_kind": "text", "safety_text": " "}, "Wpisz informacje o bezpieczeństwie"),
        ({"safety_kind": "text", "safety_text": "x" * 5001}, "5000"),
        ({"safety_kind": "files"}, "Wybierz co najmniej jeden plik"),
        ({"responsible_person_id": "p1"}, "Wybierz osobę z listy."),
        ({"brand": " "}, "Wpisz markę tak, jak stoi w produktach sklepu."),
        ({"seen": "0"}, "Ktoś zapisał tu w międzyczasie inne dane."),
    ],
)
def test_mistakes_are_told_and_what_was_typed_stays(
    browser: FlaskClient, session: Session, account_id: int, typed: dict[str, str], sentence: str
) -> None:
    base = {"brand": "Las", "is_before_gpsr": "1"}
    answer = save(browser, f"{PAGE}/brand", **{**base, **typed})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert '<option value="1" selected>' in answer.text
    assert values_of(session, account_id, Scope.BRAND, "las") is None


def test_a_producer_that_was_hidden_stays_chosen(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    a_profile(session, account_id, Scope.BRAND, "las", responsible_producer_id="vanished")

    page = browser.get(f"{PAGE}/brand?brand=las").text
    assert '<option value="vanished" selected>nie ma go już na Allegro' in page
    save(browser, f"{PAGE}/brand?brand=las", responsible_producer_id="vanished", is_before_gpsr="1")

    assert values_of(session, account_id, Scope.BRAND, "las") == {
        "responsible_producer_id": "vanished",
        "is_before_gpsr": True,
    }


def test_a_product_that_the_shop_lacks_has_no_page(browser: FlaskClient, account_id: int) -> None:
    assert browser.get(f"{PAGE}/product/NIE-MA").status_code == 404
