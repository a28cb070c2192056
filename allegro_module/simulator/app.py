"""The simulated Allegro as a WSGI application: rooms behind one door, faults before it."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Flask, Request, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer

from allegro_module.simulator import (
    account,
    after_sales,
    attachments,
    categories,
    category_changes,
    control,
    control_accounts,
    control_goods,
    control_incidents,
    control_orders,
    control_products,
    control_terms,
    delivery,
    deposits,
    devices,
    grants,
    images,
    invoices,
    oauth,
    offer_pages,
    offers,
    order_list,
    order_pages,
    orders,
    pages,
    parties,
    price_lists,
    pricing,
    product_proposals,
    products,
    promotion,
    registrations,
    seller_lists,
    server,
    shipments,
    tax_settings,
    unfilled_parameters,
)
from allegro_module.simulator.checkout import cancel_unpaid
from allegro_module.simulator.door import admit, language_of
from allegro_module.simulator.faults import BESIDE_ALLEGRO, ConnectionBroken, Fault, Faults, Kind
from allegro_module.simulator.http import AuthRefusal, Problem, Refusal, Route
from allegro_module.simulator.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TEN_MEGABYTES = 10 * 1024 * 1024
NOT_THE_API = ("/auth/", *BESIDE_ALLEGRO)
#: Under which name a request carries the world that it is for.
WORLD = "simulator.world"


ROOMS = (
    oauth.room,
    grants.room,
    devices.room,
    registrations.room,
    account.room,
    categories.room,
    category_changes.room,
    products.room,
    product_proposals.room,
    images.room,
    offers.room,
    unfilled_parameters.room,
    seller_lists.room,
    promotion.room,
    pricing.room,
    deposits.room,
    delivery.room,
    price_lists.room,
    after_sales.room,
    attachments.room,
    parties.room,
    tax_settings.room,
    orders.room,
    order_list.room,
    shipments.room,
    invoices.room,
    control.room,
    control_accounts.room,
    control_goods.room,
    control_incidents.room,
    control_orders.room,
    control_products.room,
    control_terms.room,
    pages.room,
    order_pages.room,
    offer_pages.room,
)


class Simulator:
    """A stateful Allegro: auth, api and upload under one address.

    Called as a WSGI application it raises `broken_connection` where a socket would break; give it the
    error that the calling transport knows, such as `httpx2.ReadError`.
    """

    def __init__(
        self,
        world: World | None = None,
        state: Path | None = None,
        broken_connection: Callable[[str], Exception] = ConnectionBroken,
    ) -> None:
        self.world = world or (World.load(state) if state and state.exists() else World())
        self._state = state
        self._broken_connection = broken_connection
        self._lock = RLock()

    @property
    def faults(self) -> Faults:
        return self.world.faults

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        asked = Request(environ)
        fault = self._next_fault(asked)
        kind = fault.kind if fault else None
        if kind is Kind.RESET:
            raise self._broken_connection("connection reset")
        if kind is Kind.TOKEN_DIES:
            self._end_token(asked)
        if fault and kind is Kind.STATUS:
            answer: Answer = _faulty_status(fault, asked)
        else:
            answer = self._handle(environ, asked)
        if kind is Kind.LOSE_ANSWER:
            raise self._broken_connection("connection closed without an answer")
        if kind is Kind.MALFORMED:
            answer.set_data(answer.get_data()[: len(answer.get_data()) // 2])
        if kind is Kind.HUGE:
            answer.set_data(_swollen(answer.get_data()))
        answer.date = self.world.now() + timedelta(seconds=self.world.switches.date_skew_seconds)
        body = answer(environ, start_response)
        return self._cut(body) if kind is Kind.CUT else body

    def _cut(self, body: Iterable[bytes]) -> Iterator[bytes]:
        """Half of what the head promised, then the connection ends."""
        whole = b"".join(body)
        yield whole[: len(whole) // 2]
        raise self._broken_connection("connection closed in the middle of an answer")

    def _end_token(self, asked: Request) -> None:
        with self._lock:
            self.world.tokens.expire_one(asked.authorization.token if asked.authorization else None)

    def serve(self, port: int, host: str = "127.0.0.1") -> None:
        """Serve until interrupted."""
        server.make(self, host, port).serve_forever()

    def listening(self, port: int = 0, host: str = "127.0.0.1") -> AbstractContextManager[str]:
        """Serve in a thread for the length of a `with`, which is given the base address."""
        return server.listening(self, host, port)

    def _next_fault(self, asked: Request) -> Fault | None:
        """The fault that befalls this request, after the delays that do."""
        with self._lock:
            faults = self.world.faults.claim(asked.method, asked.path, self.world.now())
        for fault in faults:
            if fault.kind is Kind.DELAY:
                time.sleep(fault.seconds)
        return next((fault for fault in faults if fault.kind is not Kind.DELAY), None)

    def _handle(self, environ: "WSGIEnvironment", asked: Request) -> Answer:
        with self._lock:
            now = self.world.now()
            cancel_unpaid(self.world, now)
            self.world.catalogue.changes.settle(now)
            self.world.offers.settle(now)
            answer = Answer.from_app(rooms().wsgi_app, {**environ, WORLD: self.world}, buffered=True)
            if self._is_api(asked.path):
                answer.headers["Trace-Id"] = str(UUID(int=self.world.next_number("trace"), version=4))
            if self._state and (asked.method not in ("GET", "HEAD") or asked.path.startswith("/auth/")):
                self.world.save(self._state)
        return answer

    def _is_api(self, path: str) -> bool:
        return path != "/" and not path.startswith(NOT_THE_API)


@cache
def rooms() -> Flask:
    """All rooms behind their addresses: made once, whichever world a request is for."""
    app = Flask(__name__, static_url_path="/_static")
    app.config["PROPAGATE_EXCEPTIONS"] = True
    for room in ROOMS:
        for route in room.routes:
            app.add_url_rule(
                route.path,
                endpoint=f"{route.method} {route.path}",
                view_func=_view(route),
                methods=[route.method],
            )
    app.register_error_handler(Refusal, lambda refusal: refusal.answer(language_of(request)))
    app.register_error_handler(AuthRefusal, AuthRefusal.answer)
    app.register_error_handler(HTTPException, _no_such_resource)
    return app


def _view(route: Route) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        return route.handler(admit(request.environ[WORLD], route, request), **path)

    return view


def create_simulator(world: World | None = None) -> Simulator:
    return Simulator(world)


def _swollen(data: bytes) -> bytes:
    """A JSON object with ten megabytes more; anything else stays."""
    if not data.startswith(b"{") or data == b"{}":
        return data
    return b'{"padding": "' + b"x" * TEN_MEGABYTES + b'", ' + data[1:]


def _no_such_resource(error: HTTPException) -> Response:
    status = error.code or 500
    if request.path.startswith("/auth/"):
        return AuthRefusal(status, "not_found", error.name).answer()
    problem = Problem(f"{error.name.replace(' ', '')}Exception", error.name, path=request.path)
    return Refusal(status, problem).answer(language_of(request))


def _faulty_status(fault: Fault, asked: Request) -> Response:
    """What a gateway in front of Allegro says; 502 comes as its own HTML page (#13231)."""
    if fault.status == 502:
        answer = Response("<html><body><h1>502 Bad Gateway</h1></body></html>", 502, mimetype="text/html")
    elif asked.path.startswith("/auth/"):
        answer = AuthRefusal(fault.status, "server_error", "Service temporarily unavailable").answer()
    else:
        problem = Problem("INTERNAL_SERVER_ERROR", "Timeout to the backend service.", path=asked.path)
        answer = Refusal(fault.status, problem).answer(language_of(asked))
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer
