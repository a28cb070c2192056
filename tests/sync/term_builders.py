"""Terms for tests: an account whose terms have been fetched, a seller who wishes, runs that send."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.terms import SellingTerm, TermKind
from allegro_module.simulator import World
from allegro_module.simulator.delivery import PriceList, own_id
from allegro_module.sync.term_doors import DOORS
from allegro_module.sync.term_pushes import TermCounts, push_terms
from allegro_module.sync.term_states import new_term
from allegro_module.sync.term_wishes import wish_term
from allegro_module.sync.terms import fetch_terms
from tests.sync.conftest import SELLER, BothClocks

LISTS = "/sale/shipping-rates"
ADDRESS = {
    "name": "Magazyn",
    "street": "ul. Długa 1",
    "postCode": "80-831",
    "city": "Gdańsk",
    "countryCode": "PL",
}
PARTY = {
    "address": {"countryCode": "PL", "street": "ul. Długa 1", "postalCode": "80-831", "city": "Gdańsk"},
    "contact": {"email": "gpsr@sklep.example"},
}
OPTIONS = (
    "cashOnDeliveryNotAllowed",
    "freeAccessoriesReturnRequired",
    "refundLoweredByReceivedDiscount",
    "businessReturnAllowed",
    "collectBySellerOnly",
)
CONTENTS: dict[TermKind, dict[str, Any]] = {
    TermKind.RETURN_POLICY: {
        "name": "Zwroty 60 dni",
        "isFulfillment": False,
        "availability": {"range": "FULL"},
        "withdrawalPeriod": "P60D",
        "returnCost": {"coveredBy": "SELLER"},
        "address": ADDRESS,
        "options": dict.fromkeys(OPTIONS, False),
    },
    TermKind.IMPLIED_WARRANTY: {
        "name": "Reklamacje krótsze",
        "individual": {"period": "P2Y"},
        "corporate": {"period": "P1Y"},
        "address": ADDRESS,
        "description": "Piszcie do nas.",
    },
    TermKind.WARRANTY: {
        "name": "Gwarancja roku",
        "type": "SELLER",
        "individual": {"period": "P12M", "lifetime": False},
        "corporate": {"period": "P12M", "lifetime": False},
        "description": "Rok.",
    },
    TermKind.RESPONSIBLE_PRODUCER: {
        "name": "Huta Szkła",
        "producerData": {"tradeName": "Huta Szkła sp. z o.o.", **PARTY},
    },
    TermKind.RESPONSIBLE_PERSON: {
        "name": "Importer",
        "personalData": {"name": "Importer sp. z o.o.", **PARTY},
    },
}


@dataclass
class TermDesk:
    session: Session
    api: AllegroClient
    account: Account
    account_id: int
    clock: BothClocks
    world: World

    @property
    def seller_id(self) -> str:
        return self.world.sellers[SELLER].id

    @property
    def default_id(self) -> str:
        """Allegro's id of the price list `default`."""
        return own_id(self.seller_id, "default")

    @property
    def default(self) -> PriceList:
        found = self.world.delivery.find(self.default_id)
        assert found is not None
        return found

    def lists(self, name: str) -> list[PriceList]:
        return [each for each in self.world.delivery.of(self.seller_id) if each.name == name]

    def furnish(self) -> None:
        """Two price lists and the return policy, as a refresh would have saved them, in three calls."""
        self.session.rollback()
        lists, policies = DOORS[TermKind.SHIPPING_RATE], DOORS[TermKind.RETURN_POLICY]
        held = [lists.read(self.api, own_id(self.seller_id, name)) for name in ("default", "small")]
        rows = [new_term(self.account_id, TermKind.SHIPPING_RATE, each, self.clock()) for each in held]
        for policy in policies.list(self.api):
            rows.append(new_term(self.account_id, TermKind.RETURN_POLICY, policy, self.clock()))
        self.session.add_all(rows)
        self.session.commit()

    def fetch(self) -> None:
        fetch_terms(self.session, self.api, self.account, self.clock())

    def term(self, term_id: int) -> SellingTerm:
        return self.session.get_one(SellingTerm, term_id, populate_existing=True)

    def id_of(self, allegro_id: str) -> int:
        found = self.session.scalars(select(SellingTerm.id).where(SellingTerm.allegro_id == allegro_id)).one()
        self.session.rollback()
        return found

    def read(self, term_id: int, *columns: str) -> tuple[Any, ...]:
        self.session.rollback()
        term = self.term(term_id)
        found = tuple(copy.deepcopy(getattr(term, column)) for column in columns)
        self.session.rollback()
        return found

    def a_price_list(self, name: str = "Palety", amount: str = "12.00") -> dict[str, Any]:
        """The rates of `default` under another name."""
        (base,) = self.read(self.id_of(self.default_id), "base")
        return {**base, "name": name, "rates": priced(base, amount)}

    def want(self, content: dict[str, Any], kind: TermKind = TermKind.SHIPPING_RATE, term_id: int = 0) -> int:
        self.session.rollback()
        term = self.term(term_id) if term_id else None
        row = wish_term(self.session, self.account_id, kind, content, "anna", self.clock(), term)
        found = row.id
        self.session.commit()
        return found

    def change(self, allegro_id: str, **changes: Any) -> int:
        """A wish for some of its members otherwise."""
        term_id = self.id_of(allegro_id)
        base, kind = self.read(term_id, "base", "kind")
        return self.want({**base, **changes}, TermKind(kind), term_id)

    def push(self, term_ids: Iterable[int] | None = None) -> TermCounts:
        self.session.rollback()
        wanted = None if term_ids is None else list(term_ids)
        return push_terms(self.session, lambda account: self.api, lambda name: self.clock, wanted)

    def later(self, **by: float) -> TermCounts:
        self.clock.forward(**by)
        return self.push()


def priced(content: dict[str, Any], amount: str) -> list[dict[str, Any]]:
    """Its rates, with another price of the first one."""
    first, *others = content["rates"]
    return [{**first, "firstItemRate": {"amount": amount, "currency": "PLN"}}, *others]
