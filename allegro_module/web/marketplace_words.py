"""What marketplaces are called, and the signs of their money."""

from __future__ import annotations

from collections.abc import Mapping

from allegro_module.web.i18n import marked, t

MARKETPLACE_NAMES: Mapping[str, str] = {
    "allegro-pl": marked("Allegro Poland"),
    "allegro-cz": marked("Allegro Czechia"),
    "allegro-sk": marked("Allegro Slovakia"),
    "allegro-hu": marked("Allegro Hungary"),
    "allegro-business-pl": marked("Allegro Business Poland"),
    "allegro-business-cz": marked("Allegro Business Czechia"),
    "allegro-business-sk": marked("Allegro Business Slovakia"),
    "allegro-business-hu": marked("Allegro Business Hungary"),
}
SIGNS = {"PLN": "zł", "CZK": "Kč", "EUR": "€", "HUF": "Ft"}


def marketplace_name(marketplace: str) -> str:
    return t(MARKETPLACE_NAMES[marketplace]) if marketplace in MARKETPLACE_NAMES else marketplace
