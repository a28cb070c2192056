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
    "tab drafts": "?tab=drafts",
    "tab attention": "?tab=attention",
    "tab all": "?tab=all",
    "all, by change": "?sort=changed",
    "one account": "?account=1&tab=active",
    "only with errors": "?errors=1",
    "search, reference": "?q=REF-{last}",
    "search, words": "?q=nothing+of+the+kind",
}
RUNS = 15
#: Of all but words in titles, which are looked for in every title.
GOAL = 1.5
MOST_STATEMENTS = 5
SHOPS_TABLES = re.compile(r"from shop_|user", re.IGNORECASE)
#: In every shop the same, so that pages are equally full.
OPEN_STATES = (OfferState.DRAFT, OfferState.REFUSED, OfferState.PLANNED, OfferState.VERIFYING)
OF_EACH = 100
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
    for first in range(0, count, STEP):
        numbers = range(first + 1, min(first + STEP, count) + 1)
        session.execute(insert(Offer), [_row(number, count, skus) for number in numbers])
    session.commit()


def _row(number: int, count: int, skus: Sequence[str]) -> dict[str, Any]:
    now = datetime.now(UTC) - timedelta(minutes=count - number)
    state = _state(number, count)
    return {
        "id": number,
        "account_id": 1,
        "sku": skus[number % len(skus)],
        "external_id": f"REF-{number}",
        "title": f"Offer of a thing with number {number} in the list",
        "gtin": f"59{number:011}",
        "category_id": str(number % 500),
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
    goal = "" if "words" in name else f" (goal {GOAL})"
    print(
        f"  {name:18}{few * 1000:6.0f} and {many * 1000:6.0f} ms, ratio {many / few:.2f}{goal}, "
        f"by processor time {many_cpu / few_cpu:.2f}; statements {len(statements) - shop} "
        f"(goal {MOST_STATEMENTS}), shop {shop}"
    )


if __name__ == "__main__":
    main()
