"""Texts, plurals, amounts and times as a seller reads them."""

from __future__ import annotations

import re
import sys
import types
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.pofile import read_po
from markupsafe import Markup

from allegro_module.db.accounts import Account
from allegro_module.domain.accounts import PROVINCES, LinkState
from allegro_module.domain.money import Money
from allegro_module.domain.offers import OfferState
from allegro_module.domain.orders import FulfillmentStatus
from allegro_module.domain.problems import Problem
from allegro_module.web import i18n
from allegro_module.web.formats import money, number, offer_number, percent, time_element, when
from allegro_module.web.i18n import n, t, translations
from allegro_module.web.labels import (
    label_of_account,
    label_of_link_state,
    label_of_offer_state,
    label_of_order,
    label_of_payment,
    sentence,
)
from allegro_module.web.regions import province_choices
from allegro_module.web.sentences import SENTENCE_BY_CODE
from tests.web.conftest import SETTINGS, Host

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "allegro_module" / "translations" / "pl" / "LC_MESSAGES" / "allegro.po"
KEYWORDS = {"al_t": None, "al_n": (1, 2), "t": None, "n": (1, 2), "marked": None}
NOW = datetime(2026, 11, 21, 13, 30, tzinfo=UTC)  # 14:30 in Warsaw
NB = "\u00a0"


def parameters(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s", text))


def test_translations_keep_the_parameters_of_their_source() -> None:
    with CATALOGUE.open("rb") as source:
        messages = [message for message in read_po(source, locale="pl") if message.id]

    for message in messages:
        if isinstance(message.id, str):
            assert parameters(message.string) == parameters(message.id), message.id
        else:
            # The form for one thing may do without the figure.
            known = parameters(message.id[1])
            assert all(parameters(form) <= known for form in message.string), message.id
            assert parameters(message.string[-1]) == known, message.id


def test_polish_is_spoken_where_nothing_else_is_asked_for(browser) -> None:  # type: ignore[no-untyped-def]
    assert "Ustawienia konta" in browser.get(SETTINGS).text


def test_the_choice_of_english_is_kept(browser) -> None:  # type: ignore[no-untyped-def]
    browser.get(f"{SETTINGS}?lang=en")

    assert "Account settings" in browser.get(SETTINGS).text


def test_an_unknown_language_is_ignored(browser) -> None:  # type: ignore[no-untyped-def]
    assert "Ustawienia konta" in browser.get(f"{SETTINGS}?lang=tlh").text


@pytest.mark.parametrize(("spoken", "title"), [("en", "Account settings"), ("de", "Ustawienia konta")])
def test_the_language_of_the_hosts_flask_babel_is_followed_where_we_speak_it(
    host: Host, monkeypatch: pytest.MonkeyPatch, spoken: str, title: str
) -> None:
    module = types.ModuleType("flask_babel")
    module.get_locale = lambda: Locale(spoken)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "flask_babel", module)

    assert title in host.browser().get(SETTINGS).text


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "1 minutę temu"),
        (2, "2 minuty temu"),
        (5, "5 minut temu"),
        (22, "22 minuty temu"),
        (12, "12 minut temu"),
    ],
)
def test_plurals_are_polish(count: int, words: str) -> None:
    assert n("%(num)s minute ago", "%(num)s minutes ago", count) == words


def test_a_text_without_translation_is_shown_as_it_is() -> None:
    assert t("no such text in the catalogue, %(name)s", name="x") == "no such text in the catalogue, x"


def test_markup_among_the_parameters_escapes_the_others() -> None:
    text = t("%(a)s and %(b)s", a=Markup("<b>x</b>"), b="<i>")

    assert text == "<b>x</b> and &lt;i&gt;"


def test_the_catalogue_is_read_once_per_process() -> None:
    assert translations("pl") is translations("pl")


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("1234.5", "PLN", f"1{NB}234,50{NB}zł"),
        ("-0.01", "PLN", f"−0,01{NB}zł"),
        ("7290", "CZK", f"7{NB}290{NB}Kč"),
        ("12990", "HUF", f"12{NB}990{NB}Ft"),
        ("7.9", "EUR", f"7,90{NB}€"),
        ("7.9", "USD", f"7,90{NB}USD"),
    ],
)
def test_money_is_written_as_poles_write_it(amount: str, currency: str, written: str) -> None:
    assert money(Money(Decimal(amount), currency)) == written


def test_numbers_and_per_cent() -> None:
    assert number(9000) == f"9{NB}000"
    assert percent(Decimal("22.3")) == f"22,3{NB}%"
    assert offer_number("18402771214") == f"18{NB}402{NB}771{NB}214"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW - timedelta(seconds=40), "40 sekund temu"),
        (NOW - timedelta(seconds=90), "1 minutę temu"),
        (NOW - timedelta(hours=1), "dziś, 13:30"),
        (NOW + timedelta(hours=2), "dziś, 16:30"),
        (NOW - timedelta(hours=20), "wczoraj, 18:30"),
        (NOW + timedelta(hours=12), "jutro, 02:30"),
        (datetime(2026, 11, 18, 8, 12, tzinfo=UTC), "18.11, 09:12"),
        (datetime(2025, 7, 1, 8, 12, tzinfo=UTC), "01.07.2025, 10:12"),
    ],
)
def test_times_are_told_from_warsaw(at: datetime, words: str) -> None:
    assert when(at, NOW) == words


def test_a_time_carries_its_exact_value_for_machines() -> None:
    element = time_element(datetime(2026, 7, 1, 8, 12, tzinfo=UTC), NOW)

    assert element == '<time datetime="2026-07-01T10:12:00+02:00" class="al-nowrap">01.07, 10:12</time>'
    assert time_element(None, NOW) == "–"


def test_every_state_has_a_polish_word() -> None:
    for link_state in LinkState:
        assert label_of_link_state(link_state).text
    for offer_state in OfferState:
        assert label_of_offer_state(offer_state).icon
    assert {label_of_order("READY_FOR_PROCESSING", each).text for each in FulfillmentStatus} >= {
        "Nowe",
        "Wysłane",
    }
    assert label_of_order("BOUGHT", "").text == "Kupujący wypełnia formularz"
    assert label_of_order("CANCELLED", "NEW").text == "Anulowane"


def test_a_status_that_allegro_invents_later_is_shown_as_another_state() -> None:
    assert label_of_order("READY_FOR_PROCESSING", "TELEPORTED").text == "Inny stan (TELEPORTED)"


def test_payment_tells_who_collects() -> None:
    assert label_of_payment("CASH_ON_DELIVERY", False).text == "Za pobraniem"
    assert label_of_payment("ONLINE", True).text == "Opłacone"
    assert label_of_payment("ONLINE", False).text == "Oczekuje na płatność"


def test_a_link_that_allegro_forgets_within_a_week_is_announced() -> None:
    account = Account(
        state=LinkState.CONNECTED, is_enabled=True, refreshed_at=NOW - timedelta(days=84, hours=-1)
    )

    assert label_of_account(account, NOW).text == "Wygasa za 6 dni"


def test_an_account_switched_off_says_so() -> None:
    account = Account(state=LinkState.CONNECTED, is_enabled=False, refreshed_at=NOW)

    assert label_of_account(account, NOW).text == "Wyłączone"


def test_a_known_problem_has_our_sentence_and_an_unknown_one_allegros() -> None:
    assert sentence(Problem("post_code_format")).startswith("Wpisz kod w postaci 00-000")
    assert sentence(Problem("NEW_AT_ALLEGRO", text="Słowa Allegro.")) == "Słowa Allegro."
    assert "NEW_AT_ALLEGRO" in sentence(Problem("NEW_AT_ALLEGRO"))


def codes_of_problems() -> set[str]:
    """All that the rules and flows may say; `{noun}_required` stands for one code per kind of terms."""
    codes = set()
    for path in [*ROOT.glob("allegro_module/domain/*.py"), *ROOT.glob("allegro_module/sync/*.py")]:
        codes |= set(
            re.findall(r'(?:\bProblem|problem_at)\(\s*(?:parameter,\s*)?f?"([^"]+)"', path.read_text())
        )
    nouns = ("shipping_rate", "return_policy", "implied_warranty")
    return {code.replace("{noun}", noun) for code in codes for noun in nouns}


def test_every_code_of_a_problem_has_a_sentence() -> None:
    codes = codes_of_problems()

    assert len(codes) > 40
    assert codes - set(SENTENCE_BY_CODE) == set()


def test_a_problem_without_its_parameters_does_not_break_the_page() -> None:
    for code in SENTENCE_BY_CODE:
        assert sentence(Problem(code))


def test_a_required_parameter_says_because_of_what() -> None:
    problem = Problem("parameter_required", "parameters.1", {"name": "ISBN", "because": "Stan = Nowy"})

    assert sentence(problem) == "Uzupełnij to pole, bo Stan = Nowy."


def test_every_sentence_of_a_problem_is_translated() -> None:
    untranslated = [
        code for code, text in SENTENCE_BY_CODE.items() if translations("pl").gettext(text) == text
    ]

    assert untranslated == []


def test_provinces_follow_the_polish_alphabet() -> None:
    names = [name for _, name in province_choices()]

    assert len(names) == len(PROVINCES)
    assert names.index("lubuskie") < names.index("łódzkie") < names.index("małopolskie")
    assert names.index("śląskie") < names.index("świętokrzyskie")


def test_outside_a_request_polish_is_spoken() -> None:
    assert i18n.language() == "pl"
