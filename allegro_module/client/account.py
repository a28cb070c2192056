"""Who the seller is, and the marketplaces there are."""

from __future__ import annotations

from allegro_module.client.payloads import Id, Payload
from allegro_module.client.transport import ENGLISH, Transport


class Company(Payload, frozen=True):
    name: str | None = None
    tax_id: str | None = None


class Me(Payload, frozen=True):
    id: str
    login: str
    base_marketplace: Id | None = None
    company: Company | None = None
    features: tuple[str, ...] | None = ()

    @property
    def is_company(self) -> bool:
        """Only company accounts may list by API (facts.md 6.1, #5616)."""
        return self.company is not None


class Code(Payload, frozen=True):
    code: str


class MarketplaceCurrencies(Payload, frozen=True):
    base: Code | None = None
    additional: tuple[Code, ...] | None = ()


class MarketplaceLanguages(Payload, frozen=True):
    offer_creation: tuple[Code, ...] | None = ()
    offer_display: tuple[Code, ...] | None = ()


class Marketplace(Payload, frozen=True):
    id: str
    currencies: MarketplaceCurrencies | None = None
    languages: MarketplaceLanguages | None = None
    shipping_countries: tuple[Code, ...] | None = ()


class _Marketplaces(Payload, frozen=True):
    marketplaces: tuple[Marketplace, ...]


class AccountResource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def me(self) -> Me:
        """`GET /me`; an application's own token gets 500 there (facts.md 1.8)."""
        return self._transport.get("/me", Me)

    def marketplaces(self) -> tuple[Marketplace, ...]:
        """`GET /marketplaces`, which speaks English only."""
        return self._transport.get("/marketplaces", _Marketplaces, language=ENGLISH).marketplaces
