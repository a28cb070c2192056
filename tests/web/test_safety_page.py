"""The page *Bezpieczeństwo produktu (GPSR)*: its book of producers and persons, its lists, merging."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from allegro_module.db.audit import list_latest
from allegro_module.db.offers import Offer
from allegro_module.db.profiles import Profile, find_profile
from allegro_module.db.safety import save_coverage
from allegro_module.db.terms import SellingTerm, TermState, get_term
from allegro_module.domain.offers import OfferState
from allegro_module.domain.problems import Problem
from allegro_module.domain.producers import to_wire
from allegro_module.domain.profiles import Scope
from tests.web.conftest import NOW, SETTINGS, Host, a_linked_account
from tests.web.safety_builders import FAR, FOREST, PAGE, PERSON, PRODUCER, TYPED, an_entry


@pytest.fixture
def account_id(session: Session, host: Host) -> int:
    return a_linked_account(session, host).id


def entries(session: Session) -> list[SellingTerm]:
    session.rollback()
    return list(session.scalars(select(SellingTerm).order_by(SellingTerm.id)))


def a_profile(session: Session, account_id: int, scope: Scope, key: str, **values: object) -> Profile:
    profile = Profile(
        account_id=account_id, scope=scope, key=key, label=key.title(), values=values, changed_at=NOW
    )
    session.add(profile)
    session.commit()
    return profile


def an_offer(session: Session, account_id: int, sku: str, **changes: object) -> Offer:
    offer = Offer(account_id=account_id, sku=sku, external_id=sku, state_since=NOW, created_at=NOW)
    offer.changed_at = NOW
    for name, value in changes.items():
        setattr(offer, name, value)
    session.add(offer)
    session.commit()
    return offer


def test_page_shows_producers_persons_brands_and_how_complete_it_is(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    an_entry(session, account_id)
    an_entry(session, account_id, "p2", FAR)
    an_entry(session, account_id, "o1", replace(FOREST, name="Anna Las"), PERSON)
    a_profile(session, account_id, Scope.BRAND, "cichy las", responsible_producer_id="p1")
    an_offer(session, account_id, "BIL-1", responsible_producer_id="p1")
    brands = {"cichy las": {"name": "Cichy Las", "count": 3, "lacking": 1}}
    lacking = [{"sku": "BIL-1", "name": "Lampion", "brand": "", "missing": ["producer", "information"]}]
    counted = {"total": 31, "complete": 24, "by_name": 2, "by_missing": {"producer": 5, "information": 4}}
    save_coverage(session, account_id, {**counted, "brands": brands, "products": lacking}, NOW)
    session.commit()

    page = browser.get(PAGE).text

    assert "Dane GPSR kompletne: 24 z 31 produktów" in page
    assert "2 produkty mają producenta dobranego po nazwie" in page
    assert "brakuje: producent 5, informacja o bezpieczeństwie 4" in page
    assert "Cichy Las Sp. z o.o." in page
    assert "Chiny" in page
    assert "spoza UE: wskaż też osobę odpowiedzialną" in page
    assert "Anna Las" in page
    assert "1 marka" in page
    assert "1 oferta" in page
    assert "1 niekompletny" in page
    assert f"{PAGE}/product/BIL-1" in page
    assert 'aria-current="page">Bezpieczeństwo produktu (GPSR)' in page


def test_a_brand_says_which_producer_new_offers_take_by_its_name(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    an_entry(session, account_id)
    brands = {
        "las": {"name": "Las", "count": 3, "lacking": 1, "by_name": "p1"},
        "cichy": {"name": "Cichy", "count": 1, "lacking": 1},
    }
    save_coverage(session, account_id, {"total": 4, "brands": brands}, NOW)
    session.commit()

    page = browser.get(PAGE).text

    assert page.count("dobrany po nazwie") == 1
    assert page.count("może Cichy Las") == 1


def test_lists_have_one_main_button_and_forms_a_way_back(browser: FlaskClient, account_id: int) -> None:
    page = browser.get(PAGE).text
    form = browser.get(f"{PAGE}/new/person?account={account_id}").text

    assert page.count("btn-primary") == 1
    assert page.count("Dodaj osobę") == 1
    assert "Anuluj" in form
    assert form.index("Słowacja") < form.index("Słowenia") < form.index("Szwecja")


def test_the_history_names_entries_by_number(browser: FlaskClient, session: Session, account_id: int) -> None:
    term = an_entry(session, account_id)
    browser.post(f"{PAGE}/entries/{term.id}/archive", data={"archived": "1"})

    page = browser.get(f"{SETTINGS}/history").text

    assert "Producent/osoba" in page
    assert f"nr {term.id}" in page


def test_without_an_account_the_way_to_one_is_shown(browser: FlaskClient) -> None:
    assert "Przejdź do ustawień konta" in browser.get(PAGE).text


def test_a_new_producer_waits_to_be_sent_and_the_log_names_nobody(
    browser: FlaskClient, session: Session, account_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = browser.post(f"{PAGE}/new/person?account={account_id}", data={**TYPED, "name": "Jan Kowalski"})

    (term,) = entries(session)
    assert answer.status_code == 303
    assert (term.kind, term.name, term.state) == (PERSON, "Jan Kowalski", TermState.WAITING)
    assert term.content is not None
    assert term.content["personalData"]["contact"] == {"email": "dom@woskowy.example"}
    assert "Zapisano" in browser.get(answer.location).text
    assert "Kowalski" not in caplog.text
    assert all("Kowalski" not in f"{each.subject}{each.details}" for each in list_latest(session))


def test_mistakes_stand_at_their_fields_and_nothing_typed_is_lost(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    typed = {**TYPED, "email": "dom", "form_url": "woskowy", "city": "", "trade_name": "Woskowy  Dom"}
    answer = browser.post(f"{PAGE}/new/producer", data={**typed, "account": account_id})

    assert answer.status_code == 422
    assert "Popraw 4 miejsca" in answer.text
    assert "Wpisz e-mail w postaci nazwa@domena" in answer.text
    assert 'value="woskowy"' in answer.text
    assert "ul. Miodowa 1" in answer.text
    assert entries(session) == []


def test_a_likely_duplicate_is_shown_before_it_is_added(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    an_entry(session, account_id)
    typed = {**TYPED, "name": "Las", "trade_name": "CICHY LAS S.A.", "account": account_id}

    asked = browser.post(f"{PAGE}/new/producer", data=typed)
    assert asked.status_code == 422
    assert "Taki producent już jest:" in asked.text
    assert "Dodaj mimo to" in asked.text
    assert len(entries(session)) == 1

    browser.post(f"{PAGE}/new/producer", data={**typed, "anyway": "1"})
    first, second = entries(session)
    page = browser.get(PAGE).text
    assert second.name == "Las"
    assert "prawdopodobnie to samo co Cichy Las" in page
    assert f"{PAGE}/merge/{first.id}/{second.id}" in page


def test_a_name_that_is_taken_is_refused(browser: FlaskClient, session: Session, account_id: int) -> None:
    an_entry(session, account_id)

    answer = browser.post(f"{PAGE}/new/producer", data={**TYPED, "name": "cichy las", "account": account_id})

    assert answer.status_code == 422
    assert "na koncie jest już wpis o tej nazwie" in answer.text


def test_a_changed_producer_waits_and_what_allegro_refused_stands_at_its_field(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    term = an_entry(session, account_id)
    form = {**TYPED, "name": "Cichy Las", "version": str(term.version)}

    assert browser.post(f"{PAGE}/entries/{term.id}", data=form).status_code == 303
    session.rollback()
    assert (term.state, (term.content or {})["producerData"]["tradeName"]) == ("waiting", "Woskowy Dom s.c.")
    assert browser.post(f"{PAGE}/entries/{term.id}", data={**form, "version": "1"}).status_code == 422

    session.refresh(term)
    term.state = TermState.REFUSED
    term.remember_problems([Problem("X", "producerData.contact.email", text="Ten e-mail nie działa.")])
    session.commit()
    page = browser.get(f"{PAGE}/entries/{term.id}").text
    assert 'id="f-email-error"' in page
    assert "Ten e-mail nie działa." in page
    assert "Woskowy Dom s.c." in page


def test_what_both_sides_changed_is_chosen_row_by_row(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    term = an_entry(
        session,
        account_id,
        state=TermState.CONFLICT,
        content=to_wire(PRODUCER, replace(FOREST, city="Augustów", phone="500")),
        theirs=to_wire(PRODUCER, replace(FOREST, city="Ełk", street="ul. Nowa 2")),
    )
    page = browser.get(f"{PAGE}/entries/{term.id}").text
    assert "Augustów" in page
    assert "Ełk" in page

    path = "producerData.address.city"
    old = browser.post(f"{PAGE}/entries/{term.id}/settle", data={"mark": "x", f"choice-{path}": "mine"})
    session.refresh(term)
    assert (old.status_code, term.state) == (409, TermState.CONFLICT)
    assert "właśnie zmieniono" in old.text
    mark = page.partition('name="mark" value="')[2].partition('"')[0]
    browser.post(f"{PAGE}/entries/{term.id}/settle", data={"mark": mark, f"choice-{path}": "mine"})

    session.refresh(term)
    assert term.state == TermState.WAITING
    assert term.content == to_wire(
        PRODUCER, replace(FOREST, city="Augustów", phone="500", street="ul. Nowa 2")
    )


def test_an_entry_is_hidden_and_shown_again(browser: FlaskClient, session: Session, account_id: int) -> None:
    term = an_entry(session, account_id)

    browser.post(f"{PAGE}/entries/{term.id}/archive", data={"archived": "1"})
    assert f'id="entry-{term.id}"' not in browser.get(PAGE).text
    assert f'id="entry-{term.id}"' in browser.get(f"{PAGE}?archived=1").text

    browser.post(f"{PAGE}/entries/{term.id}/archive", data={"archived": "0"})
    assert f'id="entry-{term.id}"' in browser.get(PAGE).text


def test_a_new_one_that_never_reached_allegro_is_thrown_away(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    term = an_entry(session, account_id, None)

    browser.post(f"{PAGE}/entries/{term.id}/drop")

    assert entries(session) == []


def test_one_that_is_gone_from_allegro_can_be_made_anew(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    term = an_entry(session, account_id, state=TermState.GONE)

    page = browser.get(f"{PAGE}/entries/{term.id}").text
    assert f"like={term.id}" in page
    assert "ul. Leśna 4" in browser.get(f"{PAGE}/new/producer?like={term.id}").text


def test_merging_moves_profiles_and_drafts_but_no_listed_offer(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    kept = an_entry(session, account_id)
    gone = an_entry(session, account_id, "p2", replace(FOREST, name="Las dwa", trade_name="CICHY LAS"))
    a_profile(session, account_id, Scope.BRAND, "las", responsible_producer_id="p2", safety_text="Uwaga")
    a_profile(session, account_id, Scope.PRODUCT, "BIL-1", handling_time="P2D", responsible_producer_id="p2")
    draft = an_offer(session, account_id, "A", responsible_producer_id="p2")
    listed = an_offer(
        session,
        account_id,
        "B",
        responsible_producer_id="p2",
        allegro_offer_id="1",
        state=OfferState.ACTIVE,
    )
    address = f"{PAGE}/merge/{kept.id}/{gone.id}"
    assert "wskazują go 2 marki lub ustawienia, 1 szkic" in browser.get(address).text

    answer = browser.post(address, data={"kept": str(kept.id)})

    session.rollback()
    session.expire_all()
    assert answer.status_code == 303
    assert get_term(session, gone.id).is_archived
    assert (draft.responsible_producer_id, listed.responsible_producer_id) == ("p1", "p2")
    brand = find_profile(session, account_id, Scope.BRAND, "las")
    product = find_profile(session, account_id, Scope.PRODUCT, "BIL-1")
    assert brand is not None
    assert product is not None
    assert brand.values == {"responsible_producer_id": "p1", "safety_text": "Uwaga"}
    assert product.values == {"handling_time": "P2D", "responsible_producer_id": "p1"}


def test_only_entries_of_one_kind_and_account_can_be_merged(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    producer = an_entry(session, account_id)
    person = an_entry(session, account_id, "o1", FOREST, PERSON)
    new = an_entry(session, account_id, None, replace(FOREST, name="Nowy"))

    assert browser.get(f"{PAGE}/merge/{producer.id}/{person.id}").status_code == 404
    assert browser.get(f"{PAGE}/merge/{producer.id}/{producer.id}").status_code == 404
    # One that is not on Allegro cannot stay.
    assert browser.get(f"{PAGE}/merge/{producer.id}/{new.id}").status_code == 200
    refused = browser.post(f"{PAGE}/merge/{producer.id}/{new.id}", data={"kept": str(new.id)})
    assert refused.status_code == 404


def test_two_hundred_and_fifty_producers_and_brands_take_six_statements(
    host: Host, browser: FlaskClient, session: Session, account_id: int
) -> None:
    def party(number: int) -> dict[str, object]:
        return to_wire(PRODUCER, replace(FOREST, name=f"P {number}", trade_name=f"Pracownia {number:03}"))

    session.add_all(
        SellingTerm(
            account_id=account_id,
            kind=PRODUCER,
            allegro_id=f"p{number}",
            name=f"P {number}",
            details={},
            base=party(number),
            fetched_at=NOW,
        )
        for number in range(250)
    )
    session.add_all(
        Profile(
            account_id=account_id,
            scope=Scope.BRAND,
            key=f"b{number}",
            label=f"B{number}",
            values={"responsible_producer_id": f"p{number}"},
            changed_at=NOW,
        )
        for number in range(250)
    )
    session.commit()
    found: list[str] = []

    def note(*arguments: object) -> None:
        found.append(str(arguments[2]))

    event.listen(host.runtime.db.engine, "before_cursor_execute", note)
    page = browser.get(PAGE)
    event.remove(host.runtime.db.engine, "before_cursor_execute", note)

    assert "Pracownia 249" in page.text
    assert len(found) <= 6, "\n".join(found)


def test_counting_that_cannot_be_rung_says_so(browser: FlaskClient, account_id: int) -> None:
    answer = browser.post(f"{PAGE}/count", data={"account": account_id})

    page = browser.get(answer.location).text
    assert "Kolejka zadań nie odpowiada" in page
    assert "Jeszcze nie policzono" in page


def test_only_those_who_may_change_settings_come_in(host: Host, browser: FlaskClient) -> None:
    host.allowed = {"view", "list_offers"}

    assert browser.get(PAGE).status_code == 403
