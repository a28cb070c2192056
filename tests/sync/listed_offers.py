"""Two offers that are active on Allegro: listed once, then put into each test's world and database."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.base import Base
from allegro_module.db.categories import Category
from allegro_module.db.images import UploadedImage
from allegro_module.db.offers import Offer
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.offers import OfferState
from allegro_module.sync.offers import publish_offer, settle_offer
from tests.memory_shop import MemoryShop
from tests.sync.conftest import BothClocks
from tests.sync.offer_builders import a_draft, ask

KEPT: tuple[type[Base], ...] = (SellingTerm, Category, UploadedImage, Offer)


@dataclass(frozen=True)
class Snapshot:
    """The simulator's world is made anew from the same seed in each test, so its tokens are the same too."""

    world: bytes
    rows: list[list[dict[str, Any]]]


_SNAPSHOTS: list[Snapshot] = []


def two_listed_offers(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks
) -> list[int]:
    if _SNAPSHOTS:
        _put_back(session, clock, _SNAPSHOTS[0])
    else:
        for _ in range(2):
            list_offer(session, api, shop, account, clock)
        rows = [_rows(session, kind) for kind in KEPT]
        _SNAPSHOTS.append(Snapshot(pickle.dumps(clock.world), rows))
    ids = list(session.scalars(select(Offer.id).order_by(Offer.id)))
    session.rollback()
    return ids


def list_offer(
    session: Session,
    api: AllegroClient,
    shop: MemoryShop,
    account: Account,
    clock: BothClocks,
    **changes: Any,
) -> int:
    """The usual way, until it is active."""
    offer_id = ask(session, a_draft(session, api, shop, account, clock(), **changes), clock())
    publish_offer(session, api, shop, offer_id, clock)
    clock.forward(seconds=10)
    assert settle_offer(session, api, shop, offer_id, clock) == OfferState.ACTIVE
    return offer_id


def _rows(session: Session, kind: type[Base]) -> list[dict[str, Any]]:
    rows = [dict(row) for row in session.execute(select(kind.__table__)).mappings()]
    session.rollback()
    return rows


def _put_back(session: Session, clock: BothClocks, snapshot: Snapshot) -> None:
    session.rollback()
    faults = clock.world.faults
    clock.world.__dict__.update(pickle.loads(snapshot.world).__dict__)
    clock.world.faults = faults
    for kind, rows in zip(KEPT, snapshot.rows, strict=True):
        session.execute(insert(kind.__table__), rows)  # type: ignore[arg-type]
    session.commit()
