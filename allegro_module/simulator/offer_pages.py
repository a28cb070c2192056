"""What buyers see of an offer: its public page, from what the seller sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, render_template
from markupsafe import Markup, escape

from allegro_module.simulator.delivery_methods import methods
from allegro_module.simulator.http import POLISH, Call, Room
from allegro_module.simulator.markup import markup_fault
from allegro_module.simulator.offer_book import Offer
from allegro_module.simulator.parameter_reading import items_of
from allegro_module.simulator.product_rules import Element
from allegro_module.simulator.terms import Condition, Party
from allegro_module.simulator.world import World

#: Others have never been seen by a buyer, or not yet.
SHOWN = {"ACTIVE": "trwa", "ENDED": "zakończona"}
TERMS = {
    "returnPolicy": ("Zwroty", "return_policies"),
    "impliedWarranty": ("Reklamacje", "implied_warranties"),
    "warranty": ("Gwarancja", "warranties"),
}

room = Room()


@room.open_route("GET", "/oferta/<offer_id>")
def show(call: Call, offer_id: str) -> Response:
    offer = call.world.offers.offers.get(offer_id)
    if offer is None or offer.status not in SHOWN:
        reason = f"Nie ma oferty {offer_id} albo kupujący jej nie widzą."
        return Response(render_template("simulator/error.html", reason=reason), 404)
    content = offer.content
    html = render_template(
        "simulator/offer.html",
        offer=offer,
        seller=call.world.seller(offer.seller_id),
        state=SHOWN[offer.status],
        price=content.selling_mode.get("price") or content.selling_mode.get("startingPrice"),
        images=[_address(name) for name in content.images],
        parameters=_parameters(call.world, offer),
        sections=_sections(content.description),
        rates=_rates(call.world, offer),
        terms=_terms(call.world, offer),
        products=[_safety(call.world, element) for element in content.elements],
    )
    return Response(html)


def _address(name: str) -> str:
    return name if name.startswith(("http://", "https://")) else f"/img/{name}"


def _parameters(world: World, offer: Offer) -> list[tuple[str, str]]:
    content = offer.content
    home = world.catalogue.find_category(content.category_id)
    if home is None:
        return []
    filled = [content.filled, *(element.filled for element in content.elements)]
    return [(item["name"], _value(item)) for each in filled for item in items_of(each, home, POLISH)]


def _value(item: Mapping[str, Any]) -> str:
    if bounds := item["rangeValue"]:
        return f"{bounds['from']} – {bounds['to']}"
    return ", ".join(item["values"])


def _sections(description: Mapping[str, Any] | None) -> list[list[Mapping[str, Any]]]:
    sections: Sequence[Mapping[str, Any]] = (description or {}).get("sections") or ()
    return [[_item(item) for item in section.get("items") or ()] for section in sections]


def _item(item: Mapping[str, Any]) -> Mapping[str, Any]:
    if item.get("type") == "IMAGE":
        return {"address": _address(item.get("url") or "")}
    return {"html": markup_of(item.get("content") or "")}


def markup_of(content: str) -> Markup:
    """As it is when Allegro's grammar takes it; a description can be older than a rule, so else as text."""
    return Markup(content) if markup_fault(content) is None else escape(content)  # noqa: S704


def _rates(world: World, offer: Offer) -> list[tuple[str, Mapping[str, Any]]]:
    price_list = world.delivery.find((offer.content.delivery.get("shippingRates") or {}).get("id") or "")
    rates = price_list.rates if price_list is not None else ()
    return [(methods()[rate["deliveryMethod"]["id"]]["name"], rate) for rate in rates]


def _terms(world: World, offer: Offer) -> list[tuple[str, str]]:
    found = []
    for member, (label, book) in TERMS.items():
        entries: Mapping[str, Condition] = getattr(world.terms, book)
        chosen = entries.get((offer.content.after_sales.get(member) or {}).get("id") or "")
        if chosen is not None:
            found.append((label, chosen.name))
    return found


def _safety(world: World, element: Element) -> Mapping[str, Any]:
    safety = element.safety
    information = safety.get("safetyInformation") or {}
    files = [
        world.attachments.files.get(str(each.get("id"))) for each in information.get("attachments") or ()
    ]
    return {
        "name": element.product.name if element.product is not None else "",
        "quantity": element.quantity,
        "producer": _lines(world.terms.producers, safety.get("responsibleProducer")),
        "person": _lines(world.terms.persons, safety.get("responsiblePerson")),
        "text": information.get("description") or "",
        "files": [file.name for file in files if file is not None],
        "is_old": bool(safety.get("marketedBeforeGPSRObligation")),
    }


def _lines(book: Mapping[str, Party], chosen: Mapping[str, Any] | None) -> list[str]:
    """Name, address, contact, each on a line of its own."""
    party = book.get((chosen or {}).get("id") or "")
    if party is None:
        return []
    address, contact = party.data.get("address") or {}, party.data.get("contact") or {}
    town = f"{address.get('postalCode', '')} {address.get('city', '')}".strip()
    name = party.data.get("tradeName") or party.data.get("name") or party.name
    place = ", ".join(filter(None, (address.get("street"), town, address.get("countryCode"))))
    ways = [contact[key] for key in ("email", "formUrl", "phoneNumber") if contact.get(key)]
    return [line for line in (name, place, ", ".join(ways)) if line]
