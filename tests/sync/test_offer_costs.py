"""What listing a prepared offer costs the database: statements and commits, not time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.domain.offers import OfferState
from allegro_module.simulator import World
from allegro_module.sync.offers import publish_offer, settle_offers
from tests.memory_shop import MemoryShop
from tests.sync.conftest import BothClocks, Wire
from tests.sync.offer_builders import a_draft, ask

CREATE = "POST /sale/product-offers"


@contextmanager
def counted(engine: Engine) -> Iterator[Counter[str]]:
    found: Counter[str] = Counter()

    def on_statement(*given: object) -> None:
        found["statements"] += 1

    def on_commit(connection: object) -> None:
        found["commits"] += 1

    event.listen(engine, "before_cursor_execute", on_statement)
    event.listen(engine, "commit", on_commit)
    yield found
    event.remove(engine, "before_cursor_execute", on_statement)
    event.remove(engine, "commit", on_commit)


class Bench:
    def __init__(
        self, session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks
    ) -> None:
        self.session, self.api, self.shop, self.account, self.clock = session, api, shop, account, clock

    def prepared(self, count: int) -> list[int]:
        """Their pictures are at Allegro, as those of the first are."""
        drafts = [
            a_draft(self.session, self.api, self.shop, self.account, self.clock()) for _ in range(count)
        ]
        return [ask(self.session, offer_id, self.clock()) for offer_id in drafts]

    def publish(self, offer_id: int) -> OfferState | None:
        return publish_offer(self.session, self.api, self.shop, offer_id, self.clock)

    def settle(self) -> dict[int, OfferState | None]:
        return settle_offers(self.session, lambda account: self.api, self.shop, lambda name: self.clock)


@pytest.fixture
def bench(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks, world: World
) -> Bench:
    """What is read once in a while, and what the first listing teaches, is behind us."""
    world.switches.turn("offer_creation", "created")
    world.switches.turn("most_of_a_product", 1000)
    bench = Bench(session, api, shop, account, clock)
    bench.publish(*bench.prepared(1))
    return bench


def test_many_prepared_offers_cost_three_commits_and_three_statements_each(
    bench: Bench, engine: Engine, wire: Wire
) -> None:
    costs = []
    for count in (2, 7):
        bench.prepared(count)
        wire.requests.clear()
        with counted(engine) as cost:
            assert set(bench.settle().values()) == {OfferState.ACTIVE}
        assert wire.requests == [CREATE] * count
        costs.append(cost)

    few, many = costs
    assert many["commits"] - few["commits"] == 5 * 3
    assert many["statements"] - few["statements"] == 5 * 3


def test_one_prepared_offer_costs_four_commits(bench: Bench, engine: Engine) -> None:
    (offer_id,) = bench.prepared(1)

    with counted(engine) as cost:
        assert bench.publish(offer_id) is OfferState.ACTIVE

    # The claim, the intention, the outcome, and what is learned from it.
    assert cost["commits"] == 4
    assert cost["statements"] <= 16
