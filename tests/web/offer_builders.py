"""Rows that the offer pages show: a draft, terms, categories, and an account that the simulator knows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.categories import Category
from allegro_module.db.offers import Offer
from allegro_module.db.terms import SellingTerm, TermKind
from allegro_module.domain.offers import OfferState
from allegro_module.domain.parameters import CONDITION_ID
from allegro_module.simulator.tokens import SCOPES, Consent
from tests.web.conftest import NOW, Host, a_linked_account

OFFERS = "/backend/allegro/config/offers"
RINGS = "123428"

CONDITION: dict[str, Any] = {
    "id": CONDITION_ID,
    "name": "Stan",
    "type": "dictionary",
    "required": True,
    "dictionary": [{"id": "11323_1", "value": "Nowy"}, {"id": "11323_2", "value": "Używany"}],
}
MATERIAL: dict[str, Any] = {
    "id": "206646",
    "name": "Materiał",
    "type": "dictionary",
    "required": True,
    "options": {"describesProduct": True},
    "dictionary": [{"id": "206646_1", "value": "srebro"}, {"id": "206646_3", "value": "złoto żółte"}],
}
GOLD: dict[str, Any] = {
    "id": "206647",
    "name": "Próba złota",
    "type": "dictionary",
    "displayedIf": {"parametersWithValue": [{"id": "206646", "oneOfValueIds": ["206646_3"]}]},
    "requiredIf": {"parametersWithValue": [{"id": "206646", "oneOfValueIds": ["206646_3"]}]},
    "options": {"describesProduct": True},
    "dictionary": [{"id": "206647_3", "value": "585"}, {"id": "206647_4", "value": "750"}],
}
WEIGHT: dict[str, Any] = {
    "id": "206655",
    "name": "Waga produktu",
    "type": "float",
    "unit": "g",
    "restrictions": {"min": 0.1, "max": 5000, "precision": 2},
}
GTIN: dict[str, Any] = {
    "id": "225693",
    "name": "EAN (GTIN)",
    "type": "string",
    "restrictions": {"allowedNumberOfValues": 3},
}
JEWELLERY: list[dict[str, Any]] = [CONDITION, GTIN, MATERIAL, GOLD, WEIGHT]


def an_account_of_the_simulator(session: Session, host: Host) -> Account:
    """Its token is one that the simulator has issued."""
    world = host.simulator.world
    seller = world.sellers["bursztyn_i_len"]
    consent = Consent("demo-client-id", seller.id, SCOPES)
    token = world.tokens.new_access(world, world.tokens.open_session(consent, world.now()))["access_token"]
    return a_linked_account(
        session,
        host,
        seller_id=seller.id,
        base_marketplace="allegro-pl",
        sealed_access_token=host.runtime.seal.close(str(token)),
    )


def a_category(
    session: Session,
    parameters: list[dict[str, Any]] | None = JEWELLERY,
    allegro_id: str = RINGS,
    path: str = "Moda › Biżuteria damska › Pierścionki",
    **changes: Any,
) -> Category:
    """A leaf, its parameters just read; None for never."""
    category = Category(
        environment="simulator",
        allegro_id=allegro_id,
        parent_id=changes.pop("parent_id", None),
        name=path.rpartition(" › ")[2],
        path=path,
        is_leaf=changes.pop("is_leaf", True),
        options={},
        fetched_at=NOW,
        parameters=parameters,
        parameters_fetched_at=None if parameters is None else changes.pop("parameters_fetched_at", NOW),
    )
    session.add(category)
    session.commit()
    return category


def some_terms(session: Session, account: Account) -> None:
    for kind in TermKind:
        session.add(
            SellingTerm(
                account_id=account.id,
                kind=kind,
                allegro_id=f"{kind}-1",
                name=f"Nazwa {kind}",
                details={},
                fetched_at=NOW,
            )
        )
    session.commit()


def an_offer(session: Session, account: Account, **changes: Any) -> Offer:
    """A draft of the ring in which nothing is missing."""
    values: dict[str, Any] = {
        "account_id": account.id,
        "sku": "PZ-0142",
        "external_id": "PZ-0142",
        "title": "Pierścionek złoty z bursztynem bałtyckim",
        "gtin": "5907700000130",
        "category_id": RINGS,
        "parameters": {
            CONDITION_ID: {"values_ids": ["11323_1"]},
            "206646": {"values_ids": ["206646_3"]},
            "206647": {"values_ids": ["206647_3"]},
        },
        "price_text": "1249,00",
        "price": Decimal("1249.00"),
        "quantity_text": "5",
        "quantity": 5,
        "images": ["ring-1", "ring-2", "ring-3"],
        "description_html": "<p>Klasyczny pierścionek.</p>",
        "vat_rate": "23.00",
        "shipping_rate_id": "shipping_rate-1",
        "return_policy_id": "return_policy-1",
        "implied_warranty_id": "implied_warranty-1",
        "responsible_producer_id": "responsible_producer-1",
        "safety_text": "Nie dla dzieci poniżej 3 lat.",
        "state": OfferState.DRAFT,
        "state_since": NOW - timedelta(hours=1),
        "created_at": NOW - timedelta(hours=1),
        "changed_at": NOW - timedelta(hours=1),
        "changed_by": "anna.k",
    }
    offer = Offer(**{**values, **changes})
    session.add(offer)
    session.commit()
    return offer


def stored(host: Host, offer_id: int) -> Offer:
    """As the database has it now."""
    session = host.runtime.session
    session.rollback()
    return session.get_one(Offer, offer_id, populate_existing=True)
