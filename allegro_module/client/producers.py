"""Who answers for the safety of products: producers and, outside the EU, persons (GPSR)."""

from __future__ import annotations

from allegro_module.client.paging import all_pages
from allegro_module.client.payloads import Payload
from allegro_module.client.transport import Transport

PAGE = 1000


class ProducerAddress(Payload, frozen=True):
    country_code: str | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None


class ProducerContact(Payload, frozen=True):
    email: str | None = None
    phone_number: str | None = None
    form_url: str | None = None


class ProducerData(Payload, frozen=True):
    trade_name: str | None = None
    address: ProducerAddress | None = None
    contact: ProducerContact | None = None


class ResponsibleProducer(Payload, frozen=True):
    id: str
    name: str
    producer_data: ProducerData | None = None


class _Producers(Payload, frozen=True):
    responsible_producers: tuple[ResponsibleProducer, ...]


class PersonalData(Payload, frozen=True):
    name: str | None = None
    address: ProducerAddress | None = None
    contact: ProducerContact | None = None


class ResponsiblePerson(Payload, frozen=True):
    id: str
    name: str
    personal_data: PersonalData | None = None


class _Persons(Payload, frozen=True):
    responsible_persons: tuple[ResponsiblePerson, ...]


class ProducersResource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def responsible_producers(self) -> tuple[ResponsibleProducer, ...]:
        """`GET /sale/responsible-producers`, all of them."""

        def page(offset: int) -> tuple[ResponsibleProducer, ...]:
            query = [("limit", PAGE), ("offset", offset)]
            return self._transport.get("/sale/responsible-producers", _Producers, query).responsible_producers

        return all_pages(page, PAGE)

    def responsible_persons(self) -> tuple[ResponsiblePerson, ...]:
        """`GET /sale/responsible-persons`, all of them."""

        def page(offset: int) -> tuple[ResponsiblePerson, ...]:
            query = [("limit", PAGE), ("offset", offset)]
            return self._transport.get("/sale/responsible-persons", _Persons, query).responsible_persons

        return all_pages(page, PAGE)
