"""How far a listing is: steps, calm words for what is unclear, and the outcome."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.domain.offers import OfferState, Step, Trouble
from allegro_module.domain.problems import Problem, to_json
from allegro_module.sync.categories import fetch_tree
from allegro_module.sync.offers import publish_offer
from allegro_module.sync.terms import fetch_terms
from tests.web.browsing import errors_at, form_in, press, words_of
from tests.web.conftest import NOW, Host, a_linked_account
from tests.web.offer_builders import (
    OFFERS,
    RINGS,
    a_category,
    an_account_of_the_simulator,
    an_offer,
    some_terms,
)

STATUS = f"{OFFERS}/1/status"
FRAGMENT = {"X-Allegro-Fragment": "1"}


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    account = a_linked_account(session, host)
    a_category(session)
    some_terms(session, account)
    return account


def test_pictures_are_counted_while_they_are_sent(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, state=OfferState.SENDING, step=Step.IMAGES, images_done=3, images_total=8)

    answer = browser.get(STATUS, headers=FRAGMENT)

    assert '<progress class="al-progress" value="3" max="8"' in answer.text
    assert "3 z 8" in words_of(answer)
    assert answer.text.count('id="offer-status"') == 1 and 'id="offer"' not in answer.text


STEPS = [
    (OfferState.WAITING, {"step": Step.QUEUED}, "Wysyłanie zdjęć"),
    (OfferState.SENDING, {"step": Step.IMAGES, "images_total": 3}, "Wysyłanie zdjęć"),
    (OfferState.SENDING, {"step": Step.CREATING}, "Tworzenie oferty"),
    (OfferState.CHECKING, {"step": Step.CREATING}, "Tworzenie oferty"),
    (OfferState.VERIFYING, {"step": Step.VERIFYING}, "Weryfikacja Allegro"),
]


@pytest.mark.parametrize(("state", "changes", "step"), STEPS)
def test_the_current_step_is_marked_and_spoken(
    session: Session,
    account: Account,
    browser: FlaskClient,
    state: OfferState,
    changes: dict[str, object],
    step: str,
) -> None:
    an_offer(session, account, state=state, **changes)

    page = browser.get(STATUS, headers=FRAGMENT).text

    current = page.partition('aria-current="step"')[2]
    assert step in current.partition("</li>")[0]
    assert f'data-al-say="{step}"' in page
    assert f'data-al-poll="{STATUS}"' in page


def test_a_lost_answer_is_explained_calmly(session: Session, account: Account, browser: FlaskClient) -> None:
    an_offer(session, account, state=OfferState.CHECKING, step=Step.CREATING, create_sent_at=NOW)

    words = words_of(browser.get(f"{OFFERS}/1"))

    assert (
        "Odpowiedź Allegro zaginęła. Sprawdzamy, czy oferta powstała; nic nie zostanie wystawione drugi raz."
        in words
    )


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (Trouble.UNAVAILABLE, "Allegro nie odpowiada."),
        (Trouble.NOT_CONNECTED, "Konto trzeba powiązać ponownie"),
        (Trouble.BUSY, "zajęte poprzednią zmianą"),
        (Trouble.UNEXPECTED, "w sposób, którego nie znamy"),
        (Trouble.SLOW, "weryfikuje dłużej niż zwykle"),
    ],
)
def test_what_holds_a_listing_up_is_said(
    session: Session, account: Account, browser: FlaskClient, trouble: Trouble, words: str
) -> None:
    an_offer(session, account, state=OfferState.WAITING, trouble=trouble)

    assert words in words_of(browser.get(STATUS, headers=FRAGMENT))


def test_the_next_look_at_a_verification_is_told(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, state=OfferState.VERIFYING, next_look_at=NOW + timedelta(seconds=40))

    assert "Następne sprawdzenie: za 40 sekund." in words_of(browser.get(STATUS, headers=FRAGMENT))


def test_while_it_runs_nothing_can_be_changed_and_the_page_may_be_left(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, state=OfferState.SENDING)

    page = browser.get(f"{OFFERS}/1")

    assert '<fieldset class="al-stack" disabled' in page.text
    assert "Zapisz i Wystaw" not in words_of(page).partition("Skróty klawiszowe")[0]
    assert "Możesz zamknąć tę stronę" in words_of(page)


def test_an_active_offer_links_to_allegro_and_stops_asking(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(
        session,
        account,
        state=OfferState.ACTIVE,
        step=Step.DONE,
        allegro_offer_id="18402771214",
        listed_at=NOW,
    )

    answer = browser.get(STATUS, headers=FRAGMENT)

    assert "http://simulator.test/oferta/18402771214" in answer.text
    assert "Zobacz na Allegro" in words_of(answer)
    assert "data-al-poll" not in answer.text
    assert form_in(answer.text)["title"] == "Pierścionek złoty z bursztynem bałtyckim"


def test_a_refusal_brings_the_form_back_with_allegros_words_at_the_fields(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    problems = [
        Problem("X", "title", {}, "Tytuł zawiera niedozwolone słowo."),
        Problem("Y", "parameters.206647", {"name": "Próba złota"}, "Próba nie pasuje do produktu."),
        Problem("Z", "", {}, "Masz za dużo ofert."),
    ]
    an_offer(session, account, state=OfferState.REFUSED, problems_json=[to_json(each) for each in problems])

    answer = browser.get(STATUS, headers=FRAGMENT)

    assert errors_at(answer.text, "f-title") == ["Tytuł zawiera niedozwolone słowo."]
    assert errors_at(answer.text, "f-parameters-206647") == ["Próba nie pasuje do produktu."]
    assert "Cała oferta : Masz za dużo ofert." in words_of(answer) or "Masz za dużo ofert." in words_of(
        answer
    )
    assert "Popraw 3 miejsca, aby wystawić ofertę" in words_of(answer)


def test_the_address_of_the_progress_opened_by_hand_leads_to_the_form(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, state=OfferState.SENDING)

    assert browser.get(STATUS).location == f"{OFFERS}/1"


def test_from_the_button_to_the_link_on_allegro(
    host: Host, session: Session, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("allegro_module.web.offer_actions.ring_publish", lambda runtime, offer_id: True)
    account = an_account_of_the_simulator(session, host)
    fetch_tree(session, host.runtime.api(account), "simulator", NOW)
    fetch_terms(session, host.runtime.api(account), account, NOW)
    browser.post(f"{OFFERS}/new?sku=PZ-0142", data={"account": account.id})
    browser.post(f"{OFFERS}/1/category", data={"category": RINGS})

    listed = press(browser, f"{OFFERS}/1", "publish", safety_text="Nie dla dzieci poniżej 3 lat.")
    asked = browser.get(STATUS, headers=FRAGMENT)
    clock = host.runtime.clock("simulator")
    publish_offer(session, host.runtime.api(account), host.shop, 1, clock)
    answered = browser.get(STATUS, headers=FRAGMENT)

    assert listed.status_code == 303
    assert "Wysyłanie zdjęć" in words_of(asked)
    assert "Weryfikacja Allegro" in words_of(answered) or "Zobacz na Allegro" in words_of(answered)
    assert "Popraw" not in words_of(answered)
