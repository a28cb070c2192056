"""Answers that no client should trust: one member of a form replaced, or taken away, on its way out."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from allegro_module.simulator.persons import Json

# Stands for a member that is not there at all.
GONE = "__gone__"

LONG = "<b>Proszę</b> o <script>alert(1)</script> 🎁 \u202eמתנה יפה\u202c " + "bardzo długa wiadomość " * 250
EIGHT_MEGABYTES = "a" * 8_000_000

# What may be wrong, each a path (numbers are places in lists) and what stands there instead.
WAYS: dict[str, tuple[tuple[str, object], ...]] = {
    "no_lines": (("lineItems", []),),
    "quantity_zero": (("lineItems.0.quantity", 0),),
    "quantity_missing": (("lineItems.0.quantity", GONE),),
    "quantity_fraction": (("lineItems.0.quantity", 1.5),),
    "quantity_text": (("lineItems.0.quantity", "dwie"),),
    "foreign_currency": (("lineItems.0.price.currency", "USD"),),
    "unknown_currency": (("lineItems.0.price.currency", "XXQ"),),
    "amount_text": (("lineItems.0.price.amount", "dziewięć"),),
    "amount_nan": (("lineItems.0.price.amount", "NaN"),),
    "amount_negative": (("lineItems.0.price.amount", "-5.00"),),
    "price_missing": (("lineItems.0.price", GONE),),
    "total_missing": (("summary", {}),),
    "total_wrong": (("summary.totalToPay.amount", "1.23"),),
    "buyer_missing": (("buyer", GONE),),
    "line_id_missing": (("lineItems.0.id", GONE),),
    "offer_missing": (("lineItems.0.offer", None),),
    "bought_at_text": (("lineItems.0.boughtAt", "wczoraj"),),
    "delivery_missing": (("delivery", None),),
    "unknown_status": (("status", "ON_THE_MOON"),),
    "unknown_fulfillment": (("fulfillment.status", "BEING_PAINTED"),),
    "unknown_provider": (("fulfillment.provider.id", "SOMEBODY"),),
    "unknown_payment": (("payment.type", "SHELLS"), ("payment.provider", "BEACH")),
    "unknown_feature": (("payment.features", ["PAID_IN_SHELLS"]),),
    "unknown_discount": (("lineItems.0.discounts", [{"type": "SMILE"}]),),
    "unknown_voucher": (("lineItems.0.vouchers", [{"type": "ICE_CREAM", "code": "1"}]),),
    "unknown_reconciliation": (
        ("lineItems.0.reconciliation", {"type": "BARTER", "quantity": 1, "value": None}),
    ),
    "unknown_marketplace": (("marketplace.id", "allegro-xx"),),
    "unknown_country": (("delivery.address.countryCode", "XX"),),
    "unknown_company_id": (
        (
            "invoice",
            {
                "required": True,
                "dueDate": None,
                "features": ["LUNAR_VAT"],
                "address": {
                    "street": "Morze Spokoju 1",
                    "city": "Księżyc",
                    "zipCode": "00-000",
                    "countryCode": "PL",
                    "naturalPerson": None,
                    "company": {
                        "name": "Spółka z o.o.",
                        "ids": [{"type": "LUNAR_ID", "value": "7"}],
                        "vatPayerStatus": "SOMETIMES",
                        "taxId": None,
                    },
                },
            },
        ),
    ),
    "unknown_members": (("phaseOfMoon", "full"), ("buyer.zodiac", {"sign": "Ryby"})),
    "long_message": (("messageToSeller", LONG[:5000]),),
    "nul_in_texts": (("messageToSeller", "a\x00b"), ("buyer.firstName", "An\x00na")),
    "huge": (("messageToSeller", EIGHT_MEGABYTES + "b" * 2_000_000),),
}


def spoilt(form: Json, changes: tuple[tuple[str, object], ...]) -> Json:
    """A copy of the form with these members replaced; what a path does not find stays as it is."""
    copied = deepcopy(form)
    for path, value in changes:
        _replace(copied, path.split("."), value)
    return copied


def _replace(inside: Any, steps: list[str], value: object) -> None:
    *way, last = steps
    for step in way:
        inside = _step(inside, step)
        if not isinstance(inside, dict | list):
            return
    if isinstance(inside, list):
        if last.isdigit() and int(last) < len(inside):
            inside[int(last)] = value
    elif value == GONE:
        inside.pop(last, None)
    else:
        inside[last] = value


def _step(inside: Any, step: str) -> Any:
    if isinstance(inside, list):
        return inside[int(step)] if step.isdigit() and int(step) < len(inside) else None
    return inside.get(step)


def changes_of(asked: dict[str, Any]) -> tuple[tuple[str, object], ...]:
    """From a control call: the name of a way, or a path with a value; neither makes the form whole again."""
    if "way" in asked:
        return WAYS[asked["way"]]
    if "path" in asked:
        return ((str(asked["path"]), asked.get("value", GONE)),)
    return ()
