"""Who answers for the safety of products: producers and, outside the EU, persons (GPSR)."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from allegro_module.client.paging import all_pages
from allegro_module.client.payloads import Payload
from allegro_module.client.transport import Request, Transport, path_to

PAGE = 1000
PRODUCERS = "/sale/responsible-producers"
PERSONS = "/sale/responsible-persons"

T = TypeVar("T")


class ProducerAddress(Payload, frozen=True, omit_defaults=True):
    country_code: str | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None


class ProducerContact(Payload, frozen=True, omit_defaults=True):
    """An e-mail or a form is needed (facts.md 6.10)."""

    email: str | None = None
    phone_number: str | None = None
    form_url: str | None = None


class ProducerData(Payload, frozen=True, omit_defaults=True):
    trade_name: str | None = None
    address: ProducerAddress | None = None
    contact: ProducerContact | None = None


class ProducerRequest(Payload, frozen=True, omit_defaults=True):
    name: str
    producer_data: ProducerData | None = None


class ResponsibleProducer(ProducerRequest, frozen=True, kw_only=True):
    id: str


class _Producers(Payload, frozen=True):
    responsible_producers: tuple[ResponsibleProducer, ...]


class PersonalData(Payload, frozen=True, omit_defaults=True):
    name: str | None = None
    address: ProducerAddress | None = None
    contact: ProducerContact | None = None


class PersonRequest(Payload, frozen=True, omit_defaults=True):
    name: str
    personal_data: PersonalData | None = None


class ResponsiblePerson(PersonRequest, frozen=True, kw_only=True):
    id: str


class _Persons(Payload, frozen=True):
    responsible_persons: tuple[ResponsiblePerson, ...]


class ProducersResource:
    """None of them can be deleted, and no creation is idempotent."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def responsible_producers(self) -> tuple[ResponsibleProducer, ...]:
        """`GET /sale/responsible-producers`, all of them."""

        def page(offset: int) -> tuple[ResponsibleProducer, ...]:
            query = [("limit", PAGE), ("offset", offset)]
            return self._transport.get(PRODUCERS, _Producers, query).responsible_producers

        return all_pages(page, PAGE)

    def responsible_producer(self, producer_id: str) -> ResponsibleProducer:
        """`GET /sale/responsible-producers/{id}`."""
        return self._transport.get(path_to(PRODUCERS + "/{}", producer_id), ResponsibleProducer)

    def create_responsible_producer(self, request: ProducerRequest) -> ResponsibleProducer:
        """`POST /sale/responsible-producers`."""
        return self._write("POST", PRODUCERS, request, ResponsibleProducer)

    def replace_responsible_producer(self, producer_id: str, request: ProducerRequest) -> ResponsibleProducer:
        """`PUT /sale/responsible-producers/{id}`."""
        whole = ResponsibleProducer(id=producer_id, **msgspec.structs.asdict(request))
        return self._write("PUT", path_to(PRODUCERS + "/{}", producer_id), whole, ResponsibleProducer)

    def responsible_persons(self) -> tuple[ResponsiblePerson, ...]:
        """`GET /sale/responsible-persons`, all of them; there is no way to ask for one."""

        def page(offset: int) -> tuple[ResponsiblePerson, ...]:
            query = [("limit", PAGE), ("offset", offset)]
            return self._transport.get(PERSONS, _Persons, query).responsible_persons

        return all_pages(page, PAGE)

    def create_responsible_person(self, request: PersonRequest) -> ResponsiblePerson:
        """`POST /sale/responsible-persons`."""
        return self._write("POST", PERSONS, request, ResponsiblePerson)

    def replace_responsible_person(self, person_id: str, request: PersonRequest) -> ResponsiblePerson:
        """`PUT /sale/responsible-persons/{id}`."""
        whole = ResponsiblePerson(id=person_id, **msgspec.structs.asdict(request))
        return self._write("PUT", path_to(PERSONS + "/{}", person_id), whole, ResponsiblePerson)

    def _write(self, method: str, path: str, request: Payload, kind: type[T]) -> T:
        return self._transport.send(Request(method, path, body=msgspec.json.encode(request))).read(kind)
