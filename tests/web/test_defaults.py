"""Default settings: set once for the account, nearer ones for a category or a product."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.audit import AuditEntry
from allegro_module.db.description_templates import DescriptionTemplate
from allegro_module.db.dictionaries import Dictionary
from allegro_module.db.profiles import Profile, find_profile, list_profiles, set_default
from allegro_module.domain.permissions import Permission
from allegro_module.domain.profiles import Scope
from tests.web.browsing import errors_at, form_in, words_of
from tests.web.conftest import NOW, Host, a_linked_account
from tests.web.offer_builders import some_terms

DEFAULTS = "/backend/allegro/config/defaults"
PLACE = {"location.province": "POMORSKIE", "location.city": "Sopot", "location.post_code": "81-701"}


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    account = a_linked_account(session, host, base_marketplace="allegro-pl")
    some_terms(session, account)
    return account


def saved(session: Session, account: Account, scope: Scope = Scope.ACCOUNT, key: str = "") -> dict[str, Any]:
    session.rollback()
    profile = find_profile(session, account.id, scope, key)
    return dict(profile.values) if profile else {}


def test_every_setting_is_kept_in_its_shape(session: Session, browser: FlaskClient, account: Account) -> None:
    session.add(DescriptionTemplate(id=7, name="Biżuteria", sections=[], changed_at=NOW))
    session.add(
        Dictionary(
            account_id=account.id,
            name="promotion_packages",
            data={"allegro-pl": {"base": [{"id": "emphasized10d", "name": "Wyróżnienie"}], "extra": []}},
            fetched_at=NOW,
        )
    )
    session.commit()
    sent = {
        "version": "0",
        "shipping_rate_id": "shipping_rate-1",
        "warranty_id": "-",
        "handling_time": "P2D",
        "vat_rate": "8.00",
        "invoice": "VAT_MARGIN",
        "duration": "P30D",
        "is_republished": "no",
        "quantity_buffer": " 2 ",
        "quantity_cap": "50",
        "price_rule.factor": "1,10",
        "price_rule.addition": "-2",
        "price_rule.rounding": "99",
        "price_rule.min_margin": "15",
        "description_template_id": "7",
        "promotion.own": "own",
        "promotion.base": "emphasized10d",
        "marketplaces.allegro-cz.mode": "rule",
        "marketplaces.allegro-cz.factor": "5,9",
        "marketplaces.allegro-sk.mode": "converts",
        "safety_text": "Nie połykać.",
        "is_before_gpsr": "no",
        **PLACE,
    }

    answer = browser.post(DEFAULTS, data=sent)

    assert answer.status_code == 303
    assert saved(session, account) == {
        "shipping_rate_id": "shipping_rate-1",
        "warranty_id": "",
        "handling_time": "P2D",
        "vat_rate": "8.00",
        "invoice": "VAT_MARGIN",
        "duration": "P30D",
        "is_republished": False,
        "quantity_buffer": 2,
        "quantity_cap": 50,
        "price_rule": {"factor": "1.1", "addition": "-2", "rounding": "99", "min_margin": "15"},
        "description_template_id": 7,
        "promotion": {"base": "emphasized10d", "extra": []},
        "marketplaces": {"allegro-cz": {"factor": "5.9"}, "allegro-sk": {}},
        "location": {"country": "PL", "province": "POMORSKIE", "city": "Sopot", "post_code": "81-701"},
        "safety_text": "Nie połykać.",
        "safety_attachments": [],
        "is_before_gpsr": False,
    }
    page = browser.get(DEFAULTS).text
    assert "Domyślne ustawienia zapisane." in page
    for words in ('value="1,1"', 'value="-2"', 'value="Sopot"', "Wyróżnienie", "Nie połykać."):
        assert words in page


def test_saving_what_is_shown_changes_nothing(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    for name, value in {
        "quantity_buffer": 0,
        "duration": "",
        "marketplaces": {},
        "promotion": {"base": "", "extra": []},
        "description_template_id": "",
    }.items():
        set_default(session, account.id, name, value, "anna", NOW)
    session.commit()
    before = saved(session, account)

    page = browser.get(DEFAULTS).text
    browser.post(DEFAULTS, data=form_in(page, "defaults"))

    assert saved(session, account) == before
    assert session.scalars(select(AuditEntry)).all() == []


def test_a_default_that_is_gone_from_allegro_stays_until_the_seller_changes_it(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    set_default(session, account.id, "shipping_rate_id", "gone", "anna", NOW)
    session.commit()

    page = browser.get(DEFAULTS)

    assert "już nie ma na Allegro" in page.text
    browser.post(DEFAULTS, data=form_in(page.text, "defaults"))
    assert saved(session, account) == {"shipping_rate_id": "gone"}


def test_bad_values_stand_at_their_fields_and_nothing_typed_is_lost(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    typed = {
        "version": "0",
        "handling_time": "P2D",
        "quantity_cap": "dużo",
        "price_rule.factor": "zero",
        "price_rule.min_margin": "99",
        "location.city": "Sopot",
        "marketplaces.allegro-cz.mode": "rule",
        "marketplaces.allegro-cz.factor": "-1",
        "safety_text": "x" * 5001,
    }

    answer = browser.post(DEFAULTS, data=typed)

    assert answer.status_code == 422
    assert saved(session, account) == {}
    assert errors_at(answer.text, "f-quantity_cap") == ["Wpisz liczbę całkowitą, na przykład 3."]
    assert errors_at(answer.text, "f-price_rule-factor")[0].startswith("Wpisz liczbę większą od 0")
    assert errors_at(answer.text, "f-price_rule-min_margin")[0].startswith("Wpisz procent")
    assert errors_at(answer.text, "f-location-post_code")
    assert errors_at(answer.text, "f-marketplaces-allegro-cz-factor")
    assert errors_at(answer.text, "f-safety_text")
    kept = form_in(answer.text, "defaults")
    assert {name: kept[name] for name in typed} == typed


def test_two_sellers_at_once_overwrite_nothing_unseen(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    mine = form_in(browser.get(DEFAULTS).text, "defaults")
    set_default(session, account.id, "handling_time", "P5D", "barbara", NOW)
    session.commit()
    mine["handling_time"] = "P2D"

    answer = browser.post(DEFAULTS, data=mine)

    assert answer.status_code == 409
    assert "barbara" in words_of(answer)
    assert saved(session, account) == {"handling_time": "P5D"}
    browser.post(DEFAULTS, data=form_in(answer.text, "defaults"))
    assert saved(session, account) == {"handling_time": "P2D"}


def test_a_category_says_what_it_takes_over_and_what_it_sets_itself(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    set_default(session, account.id, "handling_time", "P2D", "anna", NOW)
    set_default(session, account.id, "quantity_buffer", 3, "anna", NOW)
    session.commit()

    found = browser.get(f"{DEFAULTS}/new/category", query_string={"q": "szal"})
    assert "Pierścionki" in words_of(browser.get(f"{DEFAULTS}/new/category"))
    assert "Nic nie znaleziono" in words_of(found)
    added = browser.post(f"{DEFAULTS}/new/category", data={"key": "pierscionki"})
    address = added.location
    page = browser.get(address)
    assert "jak wyżej: 2 dni (z profilu konta)" in page.text
    assert "3 szt. (z profilu konta)" in words_of(page)
    sent = form_in(page.text, "defaults")
    sent["handling_time"] = "P7D"
    browser.post(address, data=sent)

    assert saved(session, account, Scope.CATEGORY, "pierscionki") == {"handling_time": "P7D"}
    assert "Czas wysyłki: 7 dni" in words_of(browser.get(DEFAULTS))
    browser.post(f"{DEFAULTS}/new/product", data={"key": "PZ-0142"})
    product = browser.get(f"{DEFAULTS}/{list_profiles(session, account.id, Scope.PRODUCT)[0].id}")
    assert "jak wyżej: 7 dni (z kategorii Pierścionki)" in product.text


def test_a_field_goes_back_to_what_is_above_and_the_rest_stays_typed(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    profile = Profile(
        account_id=account.id,
        scope=Scope.PRODUCT,
        key="PZ-0142",
        label="Pierścionek",
        values={"price_rule": {"factor": "1.1"}, "invoice": "VAT_MARGIN"},
        changed_at=NOW,
    )
    session.add(profile)
    session.commit()
    address = f"{DEFAULTS}/{profile.id}"
    sent = form_in(browser.get(address).text, "defaults")
    sent["quantity_cap"] = "12"

    answer = browser.post(address, data={**sent, "reset": "price_rule"})

    shown = form_in(answer.text, "defaults")
    assert (shown["price_rule.factor"], shown["quantity_cap"], shown["invoice"]) == ("", "12", "VAT_MARGIN")
    browser.post(address, data=shown)
    assert saved(session, account, Scope.PRODUCT, "PZ-0142") == {"quantity_cap": 12, "invoice": "VAT_MARGIN"}


def test_deleted_defaults_leave_what_is_farther(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    browser.post(f"{DEFAULTS}/new/product", data={"key": "PZ-0142"})
    (profile,) = list_profiles(session, account.id, Scope.PRODUCT)

    answer = browser.post(f"{DEFAULTS}/{profile.id}/delete", follow_redirects=True)

    assert "Domyślne ustawienia usunięte." in words_of(answer)
    session.rollback()
    assert list_profiles(session, account.id) == []
    assert [each.action for each in session.scalars(select(AuditEntry))] == [
        "defaults_added",
        "defaults_deleted",
    ]


def test_promotion_is_never_ticked_before_the_seller_does(browser: FlaskClient, account: Account) -> None:
    page = browser.get(DEFAULTS)
    sent = form_in(page.text, "defaults")

    assert "nie została jeszcze pobrana" in words_of(page)
    assert not any(text for name, text in sent.items(multi=True) if name.startswith("promotion"))
    assert "Allegro wznawia z początkową liczbą sztuk" in words_of(page)


def test_preview_tells_each_value_and_its_source(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    set_default(session, account.id, "price_rule", {"factor": "1.1", "rounding": "99"}, "anna", NOW)
    set_default(session, account.id, "marketplaces", {"allegro-cz": {"factor": "6"}}, "anna", NOW)
    session.commit()

    words = words_of(browser.get(f"{DEFAULTS}/preview", query_string={"product": "bursztyn"}))

    assert "1373,99 zł z profilu konta" in words.replace("\u00a0", " ")
    assert "Allegro Czechy: 8244 Kč z profilu konta" in words.replace("\u00a0", " ")
    assert "Nazwa return_policy jedyny na koncie" in words
    assert "23 % z produktu" in words.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", DEFAULTS),
        ("post", DEFAULTS),
        ("get", f"{DEFAULTS}/preview"),
        ("get", f"{DEFAULTS}/new/category"),
        ("post", f"{DEFAULTS}/new/category"),
        ("get", f"{DEFAULTS}/1"),
        ("post", f"{DEFAULTS}/1"),
        ("post", f"{DEFAULTS}/1/delete"),
    ],
)
def test_default_settings_are_for_those_who_may_change_settings(
    host: Host, browser: FlaskClient, account: Account, method: str, address: str
) -> None:
    host.allowed.discard(str(Permission.SETTINGS))

    assert browser.open(address, method=method.upper()).status_code == 403


@pytest.mark.parametrize("path", ["/new/brand", "/99999999999999", "/7", "?account=99"])
def test_what_is_not_there_is_not_found(browser: FlaskClient, account: Account, path: str) -> None:
    assert browser.get(f"{DEFAULTS}{path}").status_code == 404
