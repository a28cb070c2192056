"""Countries to choose from in *Tryb edycji*."""

from __future__ import annotations

from allegro_module.domain.countries import COUNTRIES
from allegro_module.web.formats import by_alphabet
from allegro_module.web.regions import country_choices

HOME = "PL"


def countries_with(own: str) -> list[tuple[str, str]]:
    """Poland first, the others by name; `own` is the order's, should no list know it."""
    codes = COUNTRIES | {own} if own else COUNTRIES
    return sorted(country_choices(codes), key=lambda pair: (pair[0] != HOME, by_alphabet(pair[1])))
