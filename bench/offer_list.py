"""The list of offers: its pages with few offers stored, and with very many; what they ask the database."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from allegro_module.db.categories import Category
from allegro_module.db.offers import Offer
from allegro_module.demo.models import Product
from allegro_module.domain.offers import OfferState
from bench.backlog_server import render_patterns
from bench.order_list import counted, get, logged_in
from bench.sizes import sizes
from bench.stores import Store, a_store

ADDRESS = "/backend/allegro/config/offers"
FEW_OFFERS = 1_000
PAGES = {
    "tab active": "?tab=active",
    "tab open": "?tab=open",
    "tab drafts": "?tab=drafts",
    "tab planned": "?tab=planned",
    "tab ended": "?tab=ended",
    "tab attention": "?tab=attention",
    "tab all": "?tab=all",
    "all, by change": "?sort=changed",
    "one account": "?account=1&tab=active",
    "only with errors": "?errors=1",
    "search, reference": "?q=REF-{last}",
    "search, EAN": "?q=59{last:011}",
    "search, word": "?q=thing",
    "search, Polish": "?q=%C5%9AWIECA",
    "search, in vain": "?q=nothing+of+the+kind",
    "category, number": "?category=1",
    "category, name": "?category=lampy",
    "category, changed": "?category=1&sort=changed",
}
RUNS = 15
GOAL = 1.5
MOST_STATEMENTS = 5
SHOPS_TABLES = re.compile(r"from shop_|user", re.IGNORECASE)
#: In every shop the same, so that pages are equally full.
OPEN_STATES = (OfferState.DRAFT, OfferState.REFUSED, OfferState.PLANNED, OfferState.VERIFYING)
OF_EACH = 100
CATEGORIES = 2_000
#: Of eight offers, those in a category of many; the others are spread evenly.
CROWDED = {0: "1", 1: "1", 2: "2", 3: "3"}
STEP = 5_000


def main() -> None:
    given = sizes(__doc__, "history")
    for postgres in ("", *filter(None, [given.postgres])):
        counts = (FEW_OFFERS, given.history)
        with shops(*counts, postgres=postgres) as stores:
            measure(stores, counts)


@contextmanager
def shops(*counts: int, postgres: str = "") -> Iterator[list[Store]]:
    """A store for each count of offers."""
    rendered = render_patterns()
    with ExitStack() as open_ones:
        stores = []
        for count in counts:
            home = open_ones.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
            store = open_ones.enter_context(a_store(Path(home), postgres, rendered, "http://127.0.0.1:9"))
            with store.opened() as host:
                _fill(host.runtime.session, count)
                if store.kind == "postgresql":
                    host.runtime.session.execute(text("ANALYZE"))
                    host.runtime.session.commit()
            stores.append(store)
        yield stores


def _fill(session: Session, count: int) -> None:
    skus = session.scalars(select(Product.sku).order_by(Product.sku)).all()
    session.execute(delete(Offer))
    session.execute(insert(Category), [_category(number) for number in range(1, CATEGORIES + 1)])
    for first in range(0, count, STEP):
        numbers = range(first + 1, min(first + STEP, count) + 1)
        session.execute(insert(Offer), [_row(number, count, skus) for number in numbers])
    session.commit()


def _category(number: int) -> dict[str, Any]:
    name = f"{'Lampy' if number <= len(set(CROWDED.values())) else 'Meble'} {number}"
    return {
        "environment": "simulator",
        "allegro_id": str(number),
        "name": name,
        "path": f"Dom i Ogród › {name}",
        "is_leaf": True,
        "fetched_at": datetime.now(UTC),
    }


def _row(number: int, count: int, skus: Sequence[str]) -> dict[str, Any]:
    now = datetime.now(UTC) - timedelta(minutes=count - number)
    state = _state(number, count)
    return {
        "id": number,
        "account_id": 1,
        "sku": skus[number % len(skus)],
        "external_id": f"REF-{number}",
        "title": f"Świeca rzeźbiona, a thing with number {number} in the list",
        "gtin": f"59{number:011}",
        "category_id": CROWDED.get(number % 8, str(4 + number % (CATEGORIES - 3))),
        "allegro_offer_id": str(18_000_000_000 + number),
        "shipping_rate_id": f"rate-{number % 20}",
        "price_text": "10,00",
        "quantity_text": "5",
        "description_html": "<p>Words of a description.</p>" * 60,
        "images": ["a", "b"],
        "state": state,
        "state_since": now,
        "problems_at": now if state == OfferState.REFUSED else None,
        "created_at": now,
        "changed_at": now,
    }


def _state(number: int, count: int) -> OfferState:
    """The newest are in hand, a third of the rest has ended."""
    age = count - number
    if age < OF_EACH * len(OPEN_STATES):
        return OPEN_STATES[age % len(OPEN_STATES)]
    return OfferState.ENDED if number % 3 == 0 else OfferState.ACTIVE


def measure(stores: Sequence[Store], counts: tuple[int, int]) -> None:
    clients = [logged_in(store) for store in stores]
    print(f"list of offers, {stores[0].kind}, {counts[0]} and {counts[1]} offers, median of {RUNS}")
    for name, query in PAGES.items():
        addresses = [ADDRESS + query.format(last=count) for count in counts]
        turns = list(zip(clients, addresses, strict=True))
        for client, address in turns:
            get(client, address)
        times = [[get(client, address) for client, address in turns] for _ in range(RUNS)]
        with counted(stores[1]) as statements:
            get(*turns[1])
        _report(name, times, statements)


def _report(name: str, times: Sequence[Sequence[tuple[float, float]]], statements: Sequence[str]) -> None:
    few, many = (median(turn[place][0] for turn in times) for place in (0, 1))
    few_cpu, many_cpu = (median(turn[place][1] for turn in times) for place in (0, 1))
    shop = sum(SHOPS_TABLES.search(statement) is not None for statement in statements)
    print(
        f"  {name:18}{few * 1000:6.0f} and {many * 1000:6.0f} ms, ratio {many / few:.2f} (goal {GOAL}), "
        f"by processor time {many_cpu / few_cpu:.2f}; statements {len(statements) - shop} "
        f"(goal {MOST_STATEMENTS}), shop {shop}"
    )


if __name__ == "__main__":
    main()
