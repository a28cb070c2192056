"""One way to read and write each kind of selling terms, in the shape that a `SellingTerm` keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from allegro_module.client import AllegroClient
from allegro_module.client.after_sales import (
    LAST_OFFSET,
    PAGE,
    ImpliedWarranty,
    ImpliedWarrantyRequest,
    ReturnPolicy,
    ReturnPolicyRequest,
    Terms,
    Warranty,
    WarrantyRequest,
)
from allegro_module.client.delivery import (
    ShippingRates,
    ShippingRatesEntry,
    ShippingRatesFeatures,
    ShippingRatesRequest,
)
from allegro_module.client.errors import Exchange, Refused
from allegro_module.client.payloads import Payload
from allegro_module.client.producers import (
    PersonRequest,
    ProducerRequest,
    ResponsiblePerson,
    ResponsibleProducer,
)
from allegro_module.domain.terms import TermKind

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """What Allegro holds; `content` is None where it was only named. `details` complete those we know."""

    id: str
    name: str
    content: dict[str, Any] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """Every call raises AllegroError; `content` is what the seller wants, `read` raises Refused with 404."""

    list: Callable[[AllegroClient], Sequence[Held]]
    read: Callable[[AllegroClient, str], Held]
    create: Callable[[AllegroClient, Content], Held]
    replace: Callable[[AllegroClient, str, Content], Held]
    #: So many of them can be listed at all; what a list as long as that lacks may be there all the same.
    most_listed: int | None = None


def _content(answer: Payload, request: type[Payload]) -> dict[str, Any]:
    """As we would send it, and as the database gives it back: members of the request that are not null."""
    known = msgspec.convert(msgspec.to_builtins(answer), request)
    content: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(known))
    return content


def _entry_of_list(entry: ShippingRatesEntry) -> Held:
    details = {
        "marketplaces": [each.id for each in entry.marketplaces or ()],
        **_features(entry.features),
    }
    return Held(entry.id, entry.name, None, details, entry.last_modified or "")


def _price_list(answer: ShippingRates) -> Held:
    legacy = {
        each.delivery_method.id: str(each.next_item_rate.amount)
        for each in answer.rates
        if each.next_item_rate is not None
    }
    details = {
        "type": answer.type or "",
        "dispatch_country": answer.dispatch_country or "",
        "methods": len(answer.rates),
        "next_item_rates": legacy,
        **(_features(answer.features) if answer.features else {}),
    }
    content = _content(answer, ShippingRatesRequest)
    return Held(answer.id, answer.name, content, details, answer.last_modified or "")


def _features(features: ShippingRatesFeatures | None) -> dict[str, bool]:
    return {
        "is_managed_by_allegro": bool(features and features.managed_by_allegro),
        "is_fulfillment": bool(features and features.is_fulfillment),
    }


def _return_policy(answer: ReturnPolicy) -> Held:
    details = {
        "withdrawal_period": answer.withdrawal_period,
        "is_fulfillment": bool(answer.is_fulfillment),
    }
    return Held(answer.id, answer.name, _content(answer, ReturnPolicyRequest), details)


def _named(terms: Terms) -> Held:
    return Held(terms.id, terms.name)


def _implied_warranty(answer: ImpliedWarranty) -> Held:
    return Held(answer.id, answer.name, _content(answer, ImpliedWarrantyRequest))


def _warranty(answer: Warranty) -> Held:
    return Held(answer.id, answer.name, _content(answer, WarrantyRequest))


def _producer(answer: ResponsibleProducer) -> Held:
    details = {"trade_name": answer.producer_data and answer.producer_data.trade_name}
    return Held(answer.id, answer.name, _content(answer, ProducerRequest), details)


def _person(answer: ResponsiblePerson) -> Held:
    return Held(answer.id, answer.name, _content(answer, PersonRequest))


def _read_person(api: AllegroClient, person_id: str) -> Held:
    """There is no call for one."""
    for each in api.producers.responsible_persons():
        if each.id == person_id:
            return _person(each)
    raise Refused(at=Exchange("GET", "/sale/responsible-persons", 404))


def _door(
    request: type[Payload],
    held: Callable[[Any], Held],
    entries: Callable[[AllegroClient], Sequence[Held]],
    read: Callable[[AllegroClient, str], Held],
    create: Callable[[AllegroClient], Callable[[Any], Any]],
    replace: Callable[[AllegroClient], Callable[[str, Any], Any]],
    most_listed: int | None = None,
) -> Door:
    """`create` and `replace` name the calls, which take a `request` and answer what `held` reads."""
    return Door(
        list=entries,
        read=read,
        create=lambda api, content: held(create(api)(msgspec.convert(content, request))),
        replace=lambda api, term_id, content: held(replace(api)(term_id, msgspec.convert(content, request))),
        most_listed=most_listed,
    )


DOORS: Mapping[TermKind, Door] = {
    TermKind.SHIPPING_RATE: _door(
        ShippingRatesRequest,
        _price_list,
        entries=lambda api: [_entry_of_list(each) for each in api.delivery.shipping_rates_list()],
        read=lambda api, term_id: _price_list(api.delivery.shipping_rates(term_id)),
        create=lambda api: api.delivery.create_shipping_rates,
        replace=lambda api: api.delivery.replace_shipping_rates,
    ),
    TermKind.RETURN_POLICY: _door(
        ReturnPolicyRequest,
        _return_policy,
        entries=lambda api: [_return_policy(each) for each in api.after_sales.return_policies()],
        read=lambda api, term_id: _return_policy(api.after_sales.return_policy(term_id)),
        create=lambda api: api.after_sales.create_return_policy,
        replace=lambda api: api.after_sales.replace_return_policy,
        most_listed=LAST_OFFSET + PAGE,
    ),
    TermKind.IMPLIED_WARRANTY: _door(
        ImpliedWarrantyRequest,
        _implied_warranty,
        entries=lambda api: [_named(each) for each in api.after_sales.implied_warranties()],
        read=lambda api, term_id: _implied_warranty(api.after_sales.implied_warranty(term_id)),
        create=lambda api: api.after_sales.create_implied_warranty,
        replace=lambda api: api.after_sales.replace_implied_warranty,
        most_listed=LAST_OFFSET + PAGE,
    ),
    TermKind.WARRANTY: _door(
        WarrantyRequest,
        _warranty,
        entries=lambda api: [_named(each) for each in api.after_sales.warranties()],
        read=lambda api, term_id: _warranty(api.after_sales.warranty(term_id)),
        create=lambda api: api.after_sales.create_warranty,
        replace=lambda api: api.after_sales.replace_warranty,
        most_listed=LAST_OFFSET + PAGE,
    ),
    TermKind.RESPONSIBLE_PRODUCER: _door(
        ProducerRequest,
        _producer,
        entries=lambda api: [_producer(each) for each in api.producers.responsible_producers()],
        read=lambda api, term_id: _producer(api.producers.responsible_producer(term_id)),
        create=lambda api: api.producers.create_responsible_producer,
        replace=lambda api: api.producers.replace_responsible_producer,
    ),
    TermKind.RESPONSIBLE_PERSON: _door(
        PersonRequest,
        _person,
        entries=lambda api: [_person(each) for each in api.producers.responsible_persons()],
        read=_read_person,
        create=lambda api: api.producers.create_responsible_person,
        replace=lambda api: api.producers.replace_responsible_person,
    ),
}
