"""What our row says of an order: as far as lists, filters and the search field need it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from allegro_module.client.checkout_forms import CheckoutForm, CheckoutFormStatus
from allegro_module.domain.order_edits import SELLER_NOTE
from allegro_module.domain.orders import Flag
from allegro_module.sync.order_mapping import (
    bought_at,
    currency_of,
    is_paid,
    revision_of,
    total_of,
    without_nul,
)
from allegro_module.sync.order_times import plausible

#: What the columns hold; texts for people are cut to it.
WIDTH = 255
BUYER_ID_WIDTH = 64
MESSAGE_WIDTH = 300
NOTE_WIDTH = 1000
SEARCH_WIDTH = 500
#: There the buyer may cancel for five minutes, whatever the seller does (facts.md F12).
HOLDING_COUNTRIES = frozenset({"cz", "sk", "hu"})
HELD_FOR = timedelta(minutes=5)
#: Flags that tell of the order's life, and stay until the seller has dealt with them; others are of its form.
LASTING_FLAGS = frozenset({Flag.CANCELLED_LATE, Flag.ADDRESS_CHANGED, Flag.TAKEN_UP_AGAIN, Flag.PUSH_REFUSED})
#: How NUL stands in JSON; PostgreSQL keeps none.
NUL = b"\\u0000"


def printed(form: CheckoutForm) -> tuple[CheckoutForm, str]:
    """The form without NUL, and as it is kept."""
    encoded = msgspec.json.encode(form)
    if NUL in encoded:
        form = without_nul(form)
        encoded = msgspec.json.encode(form)
    return form, encoded.decode()


def read_content(form: str) -> CheckoutForm:
    return _CONTENT.decode(form)


_CONTENT = msgspec.json.Decoder(CheckoutForm)


def said_by(form: CheckoutForm) -> dict[str, Any]:
    """What Allegro says of an order; the same keys for each."""
    payment, delivery, buyer = form.payment, form.delivery, form.buyer
    total, lines = total_of(form), form.line_items
    bought = bought_at(form)
    marketplace = form.marketplace.id if form.marketplace else ""
    return {
        "revision": revision_of(form),
        "status": form.status.value,
        "marketplace": marketplace,
        "buyer_id": buyer_id_of(form),
        "buyer_login": ((buyer and buyer.login) or "")[:WIDTH],
        "buyer_name": _buyer_name(form)[:WIDTH],
        "payment_type": (payment and payment.type) or "",
        "is_paid": is_paid(payment),
        "delivery_method": ((delivery and delivery.method and delivery.method.name) or "")[:WIDTH],
        "pickup_point": _pickup_point(form)[:WIDTH],
        "country": _country(form)[:2],
        "dispatch_to": _dispatch_to(form),
        "provider": provider_of(form)[:20],
        "is_smart": bool(delivery and delivery.smart),
        "wants_invoice": bool(form.invoice and form.invoice.required),
        "has_deposit": any(line.deposit is not None for line in lines),
        "pieces": sum(line.quantity for line in lines),
        "message": _cut(form.message_to_seller or ""),
        "total": total.amount if total else Decimal(0),
        "currency": total.currency if total else currency_of(form),
        "line_item_ids": [line.id for line in lines],
        "held_until": _held_until(marketplace, bought),
        "bought_at": bought,
        "changed_at": form.updated_at,
    }


def _cut(message: str) -> str:
    """The order's page has all of it."""
    return message if len(message) <= MESSAGE_WIDTH else message[: MESSAGE_WIDTH - 1].rstrip() + "…"


def buyer_id_of(form: CheckoutForm) -> str:
    return ((form.buyer and form.buyer.id) or "")[:BUYER_ID_WIDTH]


def provider_of(form: CheckoutForm) -> str:
    provider = form.fulfillment and form.fulfillment.provider
    return (provider and provider.id) or ""


def fulfillment_of(form: CheckoutForm) -> str:
    return (form.fulfillment and form.fulfillment.status) or ""


def is_ready(form: CheckoutForm) -> bool:
    return form.status is CheckoutFormStatus.READY_FOR_PROCESSING


def is_unpaid(form: CheckoutForm) -> bool:
    return form.status in (CheckoutFormStatus.BOUGHT, CheckoutFormStatus.FILLED_IN)


def seller_note_of(form: CheckoutForm, edits: Mapping[str, str]) -> str:
    """The one made in Allegro's panel, until the seller types his own."""
    return edits.get(SELLER_NOTE, (form.note and form.note.text) or "")[:NOTE_WIDTH]


def search_text(form: CheckoutForm, skus: Iterable[str]) -> str:
    """Lower-case words by which the order is found: of the persons first, then of the goods."""
    words = dict.fromkeys(word for word in [*_persons(form), *_signatures(form), *skus] if word)
    return " ".join(words).lower()[:SEARCH_WIDTH]


def _persons(form: CheckoutForm) -> Iterator[str | None]:
    buyer = form.buyer
    address = form.delivery.address if form.delivery else None
    if buyer:
        yield from (buyer.login, buyer.first_name, buyer.last_name, buyer.company_name)
    if address:
        yield from (address.first_name, address.last_name, address.company_name)
    company = form.invoice and form.invoice.address and form.invoice.address.company
    if company:
        yield company.name


def _signatures(form: CheckoutForm) -> Iterator[str | None]:
    return (line.offer.external_id for line in form.line_items)


def _buyer_name(form: CheckoutForm) -> str:
    buyer = form.buyer
    if buyer is None:
        return ""
    return buyer.company_name or f"{buyer.first_name or ''} {buyer.last_name or ''}".strip()


def _pickup_point(form: CheckoutForm) -> str:
    point = form.delivery.pickup_point if form.delivery else None
    return (point and (point.name or point.id)) or ""


def _country(form: CheckoutForm) -> str:
    address = form.delivery.address if form.delivery else None
    return (address and address.country_code) or ""


def _dispatch_to(form: CheckoutForm) -> datetime | None:
    time = form.delivery.time if form.delivery else None
    return plausible(time.dispatch.to) if time and time.dispatch else None


def _held_until(marketplace: str, bought: datetime) -> datetime | None:
    is_holding = marketplace.rpartition("-")[2].lower() in HOLDING_COUNTRIES
    return bought + HELD_FOR if is_holding else None
