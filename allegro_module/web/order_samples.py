"""An invented order, on which the page of settings shows what the seller's templates make."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from allegro_module.domain.money import Money
from allegro_module.domain.shop import (
    Address,
    Buyer,
    CheckoutFormId,
    Delivery,
    InvoiceWish,
    Payment,
    PaymentType,
    PickupPoint,
    Position,
    PositionKind,
    ShopOrder,
    Sku,
)

PLACE = Address(street="Grunwaldzka 182", city="Gdańsk", post_code="80-266")
BUYER = Buyer("44300127", "anna_n", "ab12cd+5ef67@allegromail.pl", "Anna", "Nowak", phone="500 100 200")
COMPANY = Address(company="Udix Sp. z o.o.", street="Długa 1", city="Gdańsk", post_code="80-831")
RECIPIENT = Address("Anna", "Nowak", street="Długa 1", city="Gdańsk", post_code="80-831", phone="500 100 200")
TOTAL = Money(Decimal("1262.99"), "PLN")
COST = Money(Decimal("13.99"), "PLN")


def sample_order(account: str, number: str, now: datetime) -> ShopOrder:
    return ShopOrder(
        checkout_form_id=CheckoutFormId("0f4b3c5a-5d0e-11f1-8a3e-7d1c2b9a6e40"),
        account=account,
        number=number,
        marketplace="allegro-pl",
        bought_at=now,
        buyer=BUYER,
        positions=(
            Position(
                PositionKind.GOODS,
                "Pierścionek z bursztynem",
                1,
                TOTAL - COST,
                sku=Sku("PZ-0142"),
                offer_id="18402771214",
            ),
            Position(PositionKind.DELIVERY, "Paczkomaty 24/7", 1, COST),
        ),
        total=TOTAL,
        delivery=Delivery(
            "method", "Paczkomaty 24/7", COST, RECIPIENT, PickupPoint("GDA12M", "Paczkomat GDA12M", PLACE)
        ),
        payment=Payment("payment", PaymentType.ONLINE, "P24", TOTAL, now, is_paid=True),
        invoice=InvoiceWish(COMPANY, "5252674798"),
        message="Proszę zapakować na prezent.",
        seller_note="Dołożyć woreczek z lnu.",
    )
