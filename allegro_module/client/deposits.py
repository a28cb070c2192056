"""What an offer may name by id: kinds of deposits, groups of additional services, size tables."""

from __future__ import annotations

from allegro_module.client.payloads import Amount, Payload
from allegro_module.client.transport import Transport


class DepositType(Payload, frozen=True):
    """For packaging that is taken back (kaucja, facts.md 6.10)."""

    id: str
    name: str | None = None
    marketplace_id: str | None = None
    price: Amount | None = None


class _DepositTypes(Payload, frozen=True):
    deposits: tuple[DepositType, ...] | None = ()


class Named(Payload, frozen=True):
    id: str
    name: str | None = None


class _ServiceGroups(Payload, frozen=True):
    additional_services_groups: tuple[Named, ...] | None = ()


class _SizeTables(Payload, frozen=True):
    tables: tuple[Named, ...] | None = ()


class DepositsResource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def types(self) -> tuple[DepositType, ...]:
        """`GET /deposit/types`."""
        return self._transport.get("/deposit/types", _DepositTypes).deposits or ()

    def additional_services(self) -> tuple[Named, ...]:
        """`GET /sale/offer-additional-services/groups`: the first thousand."""
        path = "/sale/offer-additional-services/groups"
        answer = self._transport.get(path, _ServiceGroups, [("limit", "1000")])
        return answer.additional_services_groups or ()

    def size_tables(self) -> tuple[Named, ...]:
        """`GET /sale/size-tables`."""
        return self._transport.get("/sale/size-tables", _SizeTables).tables or ()
