"""Names of provinces and countries, for choosing."""

from __future__ import annotations

from collections.abc import Collection

from babel import Locale

from allegro_module.domain.accounts import PROVINCES
from allegro_module.web.formats import by_alphabet
from allegro_module.web.i18n import language

#: Proper names: the same in every language we speak.
NAME_BY_PROVINCE = {
    "DOLNOSLASKIE": "dolnośląskie",
    "KUJAWSKO_POMORSKIE": "kujawsko-pomorskie",
    "LUBELSKIE": "lubelskie",
    "LUBUSKIE": "lubuskie",
    "LODZKIE": "łódzkie",
    "MALOPOLSKIE": "małopolskie",
    "MAZOWIECKIE": "mazowieckie",
    "OPOLSKIE": "opolskie",
    "PODKARPACKIE": "podkarpackie",
    "PODLASKIE": "podlaskie",
    "POMORSKIE": "pomorskie",
    "SLASKIE": "śląskie",
    "SWIETOKRZYSKIE": "świętokrzyskie",
    "WARMINSKO_MAZURSKIE": "warmińsko-mazurskie",
    "WIELKOPOLSKIE": "wielkopolskie",
    "ZACHODNIOPOMORSKIE": "zachodniopomorskie",
}


def province_choices() -> list[tuple[str, str]]:
    """In the order of the Polish alphabet: ł after l, ś after s."""
    return sorted(
        ((code, NAME_BY_PROVINCE[code]) for code in PROVINCES), key=lambda pair: by_alphabet(pair[1])
    )


def country_choices(codes: Collection[str]) -> list[tuple[str, str]]:
    names = Locale.parse(language()).territories
    return [(code, names.get(code, code)) for code in codes]


def place_words(province: str, post_code: str, city: str) -> str:
    """„pomorskie, 80-831 Gdańsk”; empty while nothing is known."""
    town = " ".join(part for part in (post_code, city) if part)
    return ", ".join(part for part in (NAME_BY_PROVINCE.get(province, ""), town) if part)
