"""VAT rates, subjects and exemptions that Allegro allows in a category (`GET /sale/tax-settings`)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import update
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import Refused, Unexpected
from allegro_module.db.categories import Category
from allegro_module.domain.offer_choices import VAT_RATES

log = logging.getLogger(__name__)

HOME = "PL"


@dataclass(frozen=True, slots=True)
class TaxChoice:
    """`label` is Allegro's, empty where we have none; with `needs_exemption` an exemption must be named."""

    value: str
    label: str = ""
    needs_exemption: bool = False


def refresh_taxes(
    session: Session, api: AllegroClient, environment: str, category_id: str, now: datetime
) -> bool:
    """Fetch and keep them; an older copy stays where Allegro refuses. Commits.

    Raises NotConnected, Unavailable.
    """
    session.rollback()
    try:
        taxes = api.categories.taxes(category_id)
    except (Refused, Unexpected) as trouble:
        log.warning("the taxes of category %s were not fetched: %s", category_id, trouble)
        return False
    session.execute(
        update(Category)
        .where(Category.environment == environment, Category.allegro_id == category_id)
        .values(taxes=msgspec.to_builtins(taxes), taxes_fetched_at=now),
        execution_options={"synchronize_session": False},
    )
    session.commit()
    return True


def tax_choices(category: Category | None, country: str = HOME) -> list[TaxChoice]:
    """Rates to choose from; the usual Polish ones while nothing is known, elsewhere none."""
    for rates in _told(category, "rates"):
        if rates.get("countryCode") == country:
            return [_choice(each) for each in rates.get("values") or ()]
    return [TaxChoice(rate) for rate in VAT_RATES if rate] if country == HOME and not _taxes(category) else []


def tax_countries(category: Category | None) -> list[str]:
    """Countries for which rates are known."""
    return [rates["countryCode"] for rates in _told(category, "rates")]


def tax_subjects(category: Category | None) -> list[TaxChoice]:
    return [_choice(each) for each in _told(category, "subjects")]


def tax_exemptions(category: Category | None) -> list[TaxChoice]:
    return [_choice(each) for each in _told(category, "exemptions")]


def _taxes(category: Category | None) -> Mapping[str, Any]:
    return (category.taxes if category is not None else None) or {}


def _told(category: Category | None, kind: str) -> list[Mapping[str, Any]]:
    return list(_taxes(category).get(kind) or ())


def _choice(entry: Mapping[str, Any]) -> TaxChoice:
    return TaxChoice(entry["value"], entry.get("label") or "", bool(entry.get("exemptionRequired")))
