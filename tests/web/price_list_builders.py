"""Price lists and delivery methods for the tests of their pages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.delivery_methods import DeliveryMethodRow
from allegro_module.db.offers import Offer
from allegro_module.db.terms import SellingTerm, TermKind, TermState
from allegro_module.domain.price_lists import DeliveryMethod, method_to_json
from tests.web.conftest import NOW

COURIER = DeliveryMethod(
    "dpd",
    "Allegro Kurier DPD",
    marketplaces=("allegro-pl",),
    is_endorsed=True,
    dispatch_country="PL",
    destination_country="PL",
    max_quantity=999999,
    takes_weight=True,
    min_weight=Decimal("0.001"),
    max_weight=Decimal("31.5"),
    min_rate=Decimal(0),
    max_rate=Decimal("19.99"),
    time_from="PT24H",
    time_to="PT48H",
)
LETTER = DeliveryMethod(
    "letter",
    "Przesyłka polecona",
    marketplaces=("allegro-pl",),
    dispatch_country="PL",
    destination_country="PL",
    takes_weight=True,
    max_weight=Decimal(2),
    min_rate=Decimal(0),
    max_rate=Decimal(30),
    time_from="PT48H",
    time_to="PT96H",
    takes_time=True,
)
CZECH = DeliveryMethod(
    "czech",
    "Allegro One Punkty, Czechy",
    marketplaces=("allegro-cz",),
    is_endorsed=True,
    dispatch_country="PL",
    destination_country="CZ",
    takes_weight=True,
    max_weight=Decimal(15),
    min_rate=Decimal(0),
    max_rate=Decimal(250),
    currency="CZK",
)
METHODS = (COURIER, LETTER, CZECH)


def a_rate(
    method_id: str = "dpd", amount: str = "13.99", currency: str = "PLN", **more: Any
) -> dict[str, Any]:
    return {
        "deliveryMethod": {"id": method_id},
        "maxQuantityPerPackage": 10,
        "maxPackageWeight": {"value": "1.000", "unit": "KILOGRAM"},
        "firstItemRate": {"amount": amount, "currency": currency},
        **more,
    }


def a_content(name: str = "Paczka do 1 kg", *rates: dict[str, Any]) -> dict[str, Any]:
    head = {"name": name, "type": "PHYSICAL", "dispatchCountry": "PL"}
    return {**head, "rates": list(rates or (a_rate(), a_rate("letter", "9.50")))}


def save_methods(session: Session, *methods: DeliveryMethod, gone: str = "") -> None:
    session.add_all(
        DeliveryMethodRow(
            environment="simulator",
            allegro_id=each.id,
            name=each.name,
            data=method_to_json(each),
            fetched_at=NOW,
            gone_at=NOW if each.id == gone else None,
        )
        for each in methods or METHODS
    )
    session.commit()


def a_price_list(
    session: Session, account: Account, name: str = "Paczka do 1 kg", **changes: Any
) -> SellingTerm:
    """On Allegro, as it is there; committed."""
    values: dict[str, Any] = {
        "allegro_id": f"id-{name}",
        "name": name,
        "base": a_content(name),
        "state": TermState.SAME,
        "fetched_at": NOW,
        "changed_at": NOW - timedelta(days=3),
        "changed_by": "tomek",
    }
    term = SellingTerm(account_id=account.id, kind=TermKind.SHIPPING_RATE, **{**values, **changes})
    session.add(term)
    session.commit()
    return term


def an_offer_with(session: Session, account: Account, list_id: str | None, number: int = 1) -> Offer:
    offer = Offer(
        account_id=account.id,
        sku=f"PZ-{number}",
        external_id=f"PZ-{number}",
        shipping_rate_id=list_id,
        state_since=NOW,
        created_at=NOW,
        changed_at=NOW,
    )
    session.add(offer)
    session.commit()
    return offer
