"""The list of checkout forms, with its filters, sorts and limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from operator import attrgetter

from flask import Response

from allegro_module.simulator.forms import Form, Status
from allegro_module.simulator.http import Call, Room, answer, bad_parameter
from allegro_module.simulator.orders import FORM_DAYS, SELLER_STATUSES, as_seen

DEEPEST = 10_000

SORTS = ("lineItems.boughtAt", "-lineItems.boughtAt", "updatedAt", "-updatedAt")
FILTERS = {
    "offset",
    "limit",
    "sort",
    "status",
    "fulfillment.status",
    "fulfillment.provider.id",
    "fulfillment.shipmentSummary.lineItemsSent",
    "lineItems.boughtAt.lte",
    "lineItems.boughtAt.gte",
    "payment.id",
    "surcharges.id",
    "delivery.method.id",
    "buyer.login",
    "marketplace.id",
    "updatedAt.lte",
    "updatedAt.gte",
}

# What a form shows to each filter by value.
SHOWN: Mapping[str, Callable[[Form], tuple[str, ...]]] = {
    "status": lambda form: (form.status,),
    "fulfillment.status": lambda form: (form.fulfillment,),
    "fulfillment.provider.id": lambda form: (form.provider,),
    "fulfillment.shipmentSummary.lineItemsSent": lambda form: (form.lines_sent,),
    "payment.id": lambda form: (form.payment.id,) if form.payment else (),
    "surcharges.id": lambda form: tuple(paid.id for paid in form.surcharges),
    "delivery.method.id": lambda form: (form.delivery.method_id,) if form.delivery else (),
    "buyer.login": lambda form: (form.buyer.login,),
    "marketplace.id": lambda form: (form.marketplace,),
}
ANY_TIME = (None, None)

room = Room()


@room.route("GET", "/order/checkout-forms", scope="orders:read")
def checkout_forms(call: Call) -> Response:
    call.only_query(FILTERS)
    limit = call.whole_number("limit", 100, 1, 100)
    offset = call.whole_number("offset", 0, 0, DEEPEST)
    if offset + limit > DEEPEST:
        raise bad_parameter("offset", f"plus limit must not exceed {DEEPEST}", 422)
    found = _sorted(call, _matching(call, call.world.orders.of(call.owner.id)))
    page = [as_seen(form, call.now) for form in found[offset : offset + limit]]
    return answer({"checkoutForms": page, "count": len(page), "totalCount": len(found)})


def _matching(call: Call, forms: Iterable[Form]) -> list[Form]:
    """Each filter runs alone over what the ones before it left: most calls ask for few of them."""
    oldest = call.now - FORM_DAYS
    found = [form for form in forms if form.bought_at >= oldest]
    updated, bought = _span(call, "updatedAt"), _span(call, "lineItems.boughtAt")
    if updated != ANY_TIME:
        found = [form for form in found if _within(updated, form.updated_at)]
    if bought != ANY_TIME:
        found = [form for form in found if any(_within(bought, line.bought_at) for line in form.lines)]
    for name, values in _wanted(call).items():
        shown = SHOWN[name]
        found = [form for form in found if not values.isdisjoint(shown(form))]
    return found


def _wanted(call: Call) -> dict[str, frozenset[str]]:
    closed = {
        "status": tuple(Status),
        "fulfillment.status": SELLER_STATUSES,
        "fulfillment.provider.id": ("SELLER", "ALLEGRO"),
        "fulfillment.shipmentSummary.lineItemsSent": ("NONE", "SOME", "ALL"),
    }
    wanted = {name: call.values(name, allowed, 400) for name, allowed in closed.items()}
    wanted |= {name: tuple(call.query.getlist(name)) for name in SHOWN if name not in closed}
    return {name: frozenset(values) for name, values in wanted.items() if values}


def _span(call: Call, name: str) -> tuple[datetime | None, datetime | None]:
    return call.moment(f"{name}.gte"), call.moment(f"{name}.lte")


def _within(span: tuple[datetime | None, datetime | None], moment: datetime) -> bool:
    earliest, latest = span
    return (earliest is None or moment >= earliest) and (latest is None or moment <= latest)


def _sorted(call: Call, forms: list[Form]) -> list[Form]:
    sort = call.query.get("sort", "-lineItems.boughtAt")
    if sort not in SORTS:
        raise bad_parameter("sort", f"must be one of {', '.join(SORTS)}", 400)
    moment = attrgetter("updated_at" if sort.endswith("updatedAt") else "bought_at")
    return sorted(forms, key=moment, reverse=sort.startswith("-"))
