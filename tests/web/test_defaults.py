"""Default settings: set once for the account, nearer ones for a category or a product."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.attachments import Attachment
from allegro_module.db.audit import AuditEntry
from allegro_module.db.description_templates import DescriptionTemplate
from allegro_module.db.dictionaries import Dictionary
from allegro_module.db.profiles import Profile, find_profile, list_profiles, set_default
from allegro_module.db.terms import SellingTerm, TermKind
from allegro_module.domain.files import SAFETY
from allegro_module.domain.permissions import Permission
from allegro_module.domain.profiles import Scope, resolve
from allegro_module.sync.attachments import keep_file
from tests.web.browsing import errors_at, form_in, words_of
from tests.web.conftest import NOW, Host, a_linked_account
from tests.web.offer_builders import some_terms

DEFAULTS = "/backend/allegro/config/defaults"
PDF = b"%PDF-1.7\n%%EOF\n"
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


def test_a_safety_text_that_was_chosen_and_not_written_is_asked_for(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    answer = browser.post(DEFAULTS, data={"version": "0", "safety_kind": "text"})

    assert answer.status_code == 422
    assert errors_at(answer.text, "f-safety_text")
    assert saved(session, account) == {}


def test_a_category_changes_only_the_parts_of_the_price_rule_that_it_names(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    rule = {"factor": "1.05", "addition": "2", "rounding": "99"}
    set_default(session, account.id, "price_rule", rule, "anna", NOW)
    session.commit()
    address = browser.post(f"{DEFAULTS}/new/category", data={"key": "pierscionki"}).location
    page = browser.get(address).text

    assert 'placeholder="1,05"' in page
    assert 'placeholder="2"' in page
    browser.post(address, data={**form_in(page, "defaults"), "price_rule.factor": "1,2"})
    layers = [each.layer for each in list_profiles(session, account.id)]
    assert resolve(layers)["price_rule"].value == {**rule, "factor": "1.2"}


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
    assert "Wyżej: 2 dni (z profilu konta)." in page.text
    assert "3 szt. (z profilu konta)" in words_of(page)
    sent = form_in(page.text, "defaults")
    sent["handling_time"] = "P7D"
    browser.post(address, data=sent)

    assert saved(session, account, Scope.CATEGORY, "pierscionki") == {"handling_time": "P7D"}
    assert "Czas wysyłki: 7 dni" in words_of(browser.get(DEFAULTS))
    browser.post(f"{DEFAULTS}/new/product", data={"key": "PZ-0142"})
    product = browser.get(f"{DEFAULTS}/{list_profiles(session, account.id, Scope.PRODUCT)[0].id}")
    assert "Wyżej: 7 dni (z kategorii Pierścionki)." in product.text


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


def a_profile(session: Session, account: Account, **values: Any) -> None:
    for name, value in values.items():
        set_default(session, account.id, name, value, "anna", NOW)
    session.commit()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("shipping_rate_id", "of-nobody"),
        ("shipping_rate_id", "return_policy-1"),
        ("warranty_id", "shipping_rate-1"),
        ("responsible_person_id", "responsible_producer-1"),
        ("description_template_id", "7"),
        ("description_template_id", "1" + "0" * 30),
        ("description_template_id", str(2**31)),
        ("promotion", "of-no-list"),
        ("safety_attachments", "7"),
        ("safety_attachments", "9" * 5000),
        ("safety_attachments", "²"),
    ],
)
def test_what_the_account_does_not_have_is_told_at_its_field(
    session: Session, browser: FlaskClient, account: Account, field: str, value: str
) -> None:
    groups = {
        "promotion": {"promotion.own": "own", "promotion.base": value},
        "safety_attachments": {"safety_kind": "files", field: value},
    }

    answer = browser.post(DEFAULTS, data={"version": "0", **groups.get(field, {field: value})})

    assert answer.status_code == 422
    assert "Wybierz jedną z pozycji" in words_of(answer)
    assert saved(session, account) == {}


def test_terms_and_files_of_another_account_are_not_taken(
    session: Session, host: Host, browser: FlaskClient, account: Account
) -> None:
    other = a_linked_account(
        session, host, "inny", application=account.application, seller_id="2", alias="IN"
    )
    session.add(
        SellingTerm(
            account_id=other.id,
            kind=TermKind.SHIPPING_RATE,
            allegro_id="theirs",
            name="Cudzy",
            details={},
            fetched_at=NOW,
        )
    )
    theirs = keep_file(session, other.id, SAFETY, "a.pdf", PDF, "anna", NOW)
    mine = keep_file(session, account.id, SAFETY, "a.pdf", PDF, "anna", NOW)
    assert isinstance(theirs, Attachment) and isinstance(mine, Attachment)
    session.commit()
    address = f"{DEFAULTS}?account={account.id}"
    files = {"version": "0", "safety_kind": "files"}

    assert browser.post(address, data={"version": "0", "shipping_rate_id": "theirs"}).status_code == 422
    assert browser.post(address, data={**files, "safety_attachments": theirs.id}).status_code == 422
    assert browser.post(address, data={**files, "safety_attachments": mine.id}).status_code == 303
    assert saved(session, account)["safety_attachments"] == [mine.id]


def test_a_deleted_template_is_named_as_such_and_has_to_be_chosen_anew(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    a_profile(session, account, description_template_id=10**30)

    page = browser.get(DEFAULTS)
    answer = browser.post(DEFAULTS, data=form_in(page.text, "defaults"))

    assert "usunięty" in words_of(page)
    assert answer.status_code == 422
    assert errors_at(answer.text, "f-description_template_id")


def test_terms_for_one_fulfillment_are_offered_only_where_they_are_chosen_already(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    fulfilled = SellingTerm(
        account_id=account.id,
        kind=TermKind.SHIPPING_RATE,
        allegro_id="one",
        name="Magazyn",
        details={"is_fulfillment": True},
        fetched_at=NOW,
    )
    session.add(fulfilled)
    session.commit()

    page = browser.get(DEFAULTS)
    assert 'value="one"' not in page.text
    assert "Nazwa shipping_rate (jedyny na koncie)" in words_of(page)
    assert browser.post(DEFAULTS, data={"version": "0", "shipping_rate_id": "one"}).status_code == 422

    a_profile(session, account, shipping_rate_id="one")
    page = browser.get(DEFAULTS)
    assert "Magazyn – tylko dla One Fulfillment" in words_of(page)
    assert browser.post(DEFAULTS, data=form_in(page.text, "defaults")).status_code == 303
    assert saved(session, account) == {"shipping_rate_id": "one"}


def test_two_hundred_profiles_cost_no_more_statements_than_two(
    host: Host, session: Session, browser: FlaskClient, account: Account
) -> None:
    statements: list[str] = []
    event.listen(host.runtime.db.engine, "before_cursor_execute", lambda *what: statements.append(what[2]))

    def asked(numbers: range) -> int:
        for number in numbers:
            scope = Scope.PRODUCT if number % 2 else Scope.CATEGORY
            values = {"handling_time": "P2D", "shipping_rate_id": "shipping_rate-1"}
            session.add(
                Profile(
                    account_id=account.id,
                    scope=scope,
                    key=str(number),
                    label=f"Nazwa {number}",
                    values=values,
                    changed_at=NOW,
                )
            )
        session.commit()
        statements.clear()
        assert f"Nazwa {numbers[-1]}" in browser.get(DEFAULTS).text
        return len([each for each in statements if each.startswith("SELECT")])

    asked(range(1))

    few = asked(range(1, 2))

    assert asked(range(2, 200)) == few <= 11
