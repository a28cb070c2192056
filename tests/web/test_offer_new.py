"""*Dodaj*: what a new offer begins with, several offers of one product, offer templates."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.mappings import CategoryMapping
from allegro_module.db.offer_templates import OfferTemplate, list_offer_templates
from allegro_module.db.offers import Offer, list_offers_of_product
from allegro_module.domain.mappings import MappedBy
from allegro_module.domain.offers import OfferState
from allegro_module.runtime import Runtime
from tests.web.browsing import press, words_of
from tests.web.conftest import NOW, Host, a_linked_account
from tests.web.offer_builders import OFFERS, a_category, an_offer, some_terms

NEW = f"{OFFERS}/new?sku=PZ-0142"
TEMPLATES = "/backend/allegro/config/offer-templates"


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    account = a_linked_account(session, host)
    some_terms(session, account)
    return account


def drafts(session: Session) -> list[Offer]:
    session.rollback()
    return list(list_offers_of_product(session, "PZ-0142"))


def test_looking_at_the_page_makes_no_draft(session: Session, account: Account, browser: FlaskClient) -> None:
    page = browser.get(NEW)

    assert page.status_code == 200 and "Dodaj ofertę" in words_of(page)
    assert drafts(session) == []


def test_add_makes_a_draft_of_the_product_and_opens_its_form(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    answer = browser.post(NEW, data={"account": str(account.id)})

    (draft,) = drafts(session)
    assert (answer.status_code, answer.location) == (303, f"{OFFERS}/{draft.id}")
    assert (draft.title, draft.price_text, draft.quantity_text, draft.state) == (
        "Pierścionek złoty z bursztynem bałtyckim",
        "1249,00",
        "5",
        OfferState.DRAFT,
    )
    assert browser.get(answer.location).status_code == 200


def test_add_pressed_twice_makes_one_draft(session: Session, account: Account, browser: FlaskClient) -> None:
    wish = {"account": str(account.id)}

    first, second = browser.post(NEW, data=wish), browser.post(NEW, data=wish)

    assert first.location == second.location
    assert len(drafts(session)) == 1


def test_a_product_may_have_several_offers_in_an_account(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    wish = {"account": str(account.id)}

    browser.post(NEW, data=wish)
    host.now += timedelta(minutes=1)
    browser.post(NEW, data=wish)

    assert [offer.external_id for offer in drafts(session)] == ["PZ-0142", "PZ-0142~2"]
    assert words_of(browser.get(NEW)).count("Szkic") == 2


def test_a_draft_that_was_touched_is_not_taken_for_a_second_press(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    wish = {"account": str(account.id)}
    first = browser.post(NEW, data=wish)
    draft = drafts(session)[0]
    draft.changed_at = draft.created_at + timedelta(seconds=2)
    session.commit()

    assert browser.post(NEW, data=wish).location != first.location


def test_with_several_accounts_the_seller_chooses_one(
    session: Session, host: Host, account: Account, browser: FlaskClient
) -> None:
    other = a_linked_account(
        session, host, "len_outlet", application=account.application, alias="LO", seller_id="1002"
    )

    asked = browser.get(NEW)
    chosen = browser.post(NEW, data={"account": str(other.id)})
    wrong = browser.post(NEW, data={"account": "99"})

    assert "bursztyn_i_len" in words_of(asked) and "len_outlet" in words_of(asked)
    assert chosen.status_code == 303
    assert [draft.account_id for draft in drafts(session)] == [other.id]
    assert wrong.status_code == 200 and "Dodaj ofertę" in words_of(wrong)


def test_a_copy_of_an_offer_holds_what_it_holds(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    source = an_offer(session, account, title="Pierścionek na specjalną okazję", price_text="1999,00")
    source_id = source.id

    answer = browser.post(NEW, data={"account": str(account.id), "source": f"copy:{source_id}"})

    copy = drafts(session)[-1]
    assert answer.location == f"{OFFERS}/{copy.id}"
    assert (copy.title, copy.price_text, copy.cloned_from) == (
        "Pierścionek na specjalną okazję",
        "1999,00",
        source_id,
    )


def test_without_an_account_add_leads_to_the_settings(browser: FlaskClient) -> None:
    page = browser.get(NEW)

    assert "Nie ma jeszcze powiązanego konta." in words_of(page)
    assert 'href="/backend/allegro/config"' in page.text or 'href="/backend/allegro/config/"' in page.text


def test_a_product_that_is_not_there_is_a_page_of_its_own(account: Account, browser: FlaskClient) -> None:
    assert browser.get(f"{OFFERS}/new?sku=NOPE").status_code == 404
    assert browser.post(f"{OFFERS}/new", data={"account": "1"}).status_code == 404


def test_a_draft_whose_category_is_mapped_but_not_known_yet_rings_for_it(
    session: Session, account: Account, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []

    def ring(runtime: Runtime, account_id: int) -> bool:
        rung.append(account_id)
        return True

    monkeypatch.setattr("allegro_module.web.offer_new.ring_fetch_mapped_parameters", ring)
    category = a_category(session, None)
    session.add(
        CategoryMapping(
            environment="simulator",
            shop_category_id="pierscionki",
            category_id=category.allegro_id,
            mapped_by=MappedBy.SELLER,
            changed_at=NOW,
        )
    )
    session.commit()

    browser.post(NEW, data={"account": str(account.id)})
    browser.post(NEW, data={"account": str(account.id)})

    assert rung == [account.id]


# Offer templates -----------------------------------------------------------------------------------------


def test_an_offer_becomes_a_template_and_a_new_one_begins_with_it(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    a_category(session)
    an_offer(session, account, invoice="VAT_MARGIN", is_business_only=True)

    saved = press(browser, f"{OFFERS}/1", "template", fragment=True, template_name="  Złoto  używane ")
    (template,) = list_offer_templates(session, account.id)
    browser.post(NEW, data={"account": str(account.id), "source": f"template:{template.id}"})

    draft = drafts(session)[-1]
    assert "Zapisano szablon „Złoto używane”." in words_of(saved)
    assert (draft.invoice, draft.is_business_only) == ("VAT_MARGIN", True)
    assert (draft.title, draft.category_id) == ("Pierścionek złoty z bursztynem bałtyckim", None)


def test_a_template_of_the_same_name_is_replaced(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    a_category(session)
    an_offer(session, account)
    press(browser, f"{OFFERS}/1", "template", fragment=True, template_name="Złoto")
    press(browser, f"{OFFERS}/1", "template", fragment=True, template_name="Złoto", invoice="NO_INVOICE")

    session.expire_all()
    assert [each.values["invoice"] for each in list_offer_templates(session, account.id)] == ["NO_INVOICE"]


def test_a_template_without_a_name_is_asked_for_one(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    answer = press(browser, f"{OFFERS}/1", "template", template_name=" ")

    assert answer.status_code == 422 and "Podaj nazwę szablonu." in words_of(answer)


def a_template(session: Session, account: Account, name: str) -> int:
    template = OfferTemplate(account_id=account.id, name=name, values={}, changed_at=NOW)
    session.add(template)
    session.commit()
    return template.id


def test_templates_are_renamed_and_deleted(session: Session, account: Account, browser: FlaskClient) -> None:
    account_id = account.id
    gold, silver = a_template(session, account, "Złoto"), a_template(session, account, "Srebro")

    browser.post(f"{TEMPLATES}/{gold}/name", data={"template_name": "Złoto 585"})
    taken = browser.post(f"{TEMPLATES}/{gold}/name", data={"template_name": "Srebro"}, follow_redirects=True)
    page = browser.post(f"{TEMPLATES}/{silver}/delete", follow_redirects=True)

    session.expire_all()
    assert [each.name for each in list_offer_templates(session, account_id)] == ["Złoto 585"]
    assert "Szablon „Srebro” już istnieje." in words_of(taken)
    assert "Złoto 585" in page.text
