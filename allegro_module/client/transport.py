"""One request to Allegro: headers, token, once again after 401, answer or error, one line in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import Protocol, TypeVar
from urllib.parse import quote, urlencode

import httpx2

from allegro_module.client.answers import READS, Answer, error_of
from allegro_module.client.environment import Environment
from allegro_module.client.errors import (
    AllegroError,
    Exchange,
    NotConnected,
    Reason,
    Unavailable,
    Unexpected,
)
from allegro_module.client.governor import Governor

T = TypeVar("T")
Query = Sequence[tuple[str, str | int]]

PUBLIC = "application/vnd.allegro.public.v1+json"
BETA = "application/vnd.allegro.beta.v1+json"
POLISH = "pl-PL"
ENGLISH = "en-US"

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
OUR_DEFECT = (httpx2.DecodingError, httpx2.LocalProtocolError, httpx2.UnsupportedProtocol)
#: Values of other query parameters (names, phrases, logins) stay out of the log.
LOGGED_QUERY = frozenset(
    {"limit", "offset", "from", "page.id", "parent.id", "updatedAt.gte", "updatedAt.lte"}
)

log = logging.getLogger("allegro_module.client")
# Its own lines repeat ours, with whole addresses: searched names and logins stand in the queries.
logging.getLogger("httpx2").setLevel(logging.WARNING)


class TokenSource(Protocol):
    """Both may raise NotConnected and Unavailable."""

    def access_token(self) -> str:
        """The token to try first."""

    def renewed(self, stale: str) -> str:
        """Another one than `stale`, which Allegro has just refused."""

    def refused_again(self, fresh: str) -> None:
        """What `renewed` gave was refused as well."""

    def over_limit(self, retry_after: timedelta | None) -> None:
        """Allegro has answered 429: nobody may call under this Client ID for a while (facts.md 3.1)."""


@dataclass(frozen=True, slots=True)
class FixedToken:
    """A token that cannot be renewed: the one just issued while linking, or an application's own."""

    token: str = field(repr=False)

    def access_token(self) -> str:
        return self.token

    def renewed(self, stale: str) -> str:
        raise NotConnected(Reason.TOKEN_REFUSED)

    def refused_again(self, fresh: str) -> None:
        """`renewed` has raised before."""

    def over_limit(self, retry_after: timedelta | None) -> None:
        """It is used for a call or two: nothing is left to be held back."""


@dataclass(frozen=True, slots=True)
class Request:
    """`own_answers` are the statuses beside 2xx that the caller reads itself instead of an error."""

    method: str
    path: str
    query: Query = ()
    body: bytes | None = None
    content_type: str = PUBLIC
    accept: str = PUBLIC
    language: str = POLISH
    to_upload_host: bool = False
    own_answers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request with its token and its turn. `go` may be called once, in any thread: it uses the wire alone,
    and raises Unavailable and Unexpected."""

    request: Request
    token: str = field(repr=False)
    go: Callable[[], Answer]


class Transport:
    def __init__(
        self,
        environment: Environment,
        user_agent: str,
        tokens: TokenSource,
        http: httpx2.Client,
        now: Callable[[], datetime] | None = None,
        governor: Governor | None = None,
    ) -> None:
        self.environment = environment
        self._now = now
        self._governor = governor
        self._user_agent = user_agent
        self._tokens = tokens
        self._http = http

    def get(self, path: str, kind: type[T], query: Query = (), language: str = POLISH) -> T:
        """Read one resource. Raises AllegroError."""
        return self.send(Request("GET", path, query, language=language)).read(kind)

    def send(self, request: Request) -> Answer:
        """One request, repeated once with another token after 401. Raises AllegroError."""
        prepared = self.prepare(request)
        return self.judge(prepared, prepared.go())

    def prepare(self, request: Request) -> Prepared:
        """What `send` does before it goes out: the turn is waited for. Raises NotConnected, Unavailable."""
        return self._prepared(request, self._tokens.access_token())

    def judge(self, prepared: Prepared, answer: Answer) -> Answer:
        """What `send` does with the answer. Raises AllegroError."""
        request = prepared.request
        if answer.status == 401:
            token = self._tokens.renewed(prepared.token)
            answer = self._prepared(request, token).go()
            if answer.status == 401:
                self._tokens.refused_again(token)
        if answer.status == 429:
            self._tokens.over_limit(answer.retry_after)
            if self._governor is not None:
                self._governor.cool_down(answer.retry_after)
        if 200 <= answer.status < 300 or answer.status in request.own_answers:
            return answer
        raise error_of(answer)

    def _prepared(self, request: Request, token: str) -> Prepared:
        if self._governor is not None:
            self._governor.wait_for_turn(request.method, request.path)
        environment = self.environment
        host = environment.upload_url if request.to_upload_host else environment.api_url
        headers = {
            "User-Agent": self._user_agent,
            "Authorization": f"Bearer {token}",
            "Accept": request.accept,
            "Accept-Language": request.language,
        }
        if request.body is not None:
            headers["Content-Type"] = request.content_type

        def go() -> Answer:
            answer = exchange(
                self._http,
                request.method,
                host,
                request.path,
                headers,
                query=request.query,
                body=request.body,
            )
            return replace(answer, received_at=self._now()) if self._now else answer

        return Prepared(request, token, go)


def exchange(
    http: httpx2.Client,
    method: str,
    host: str,
    path: str,
    headers: Mapping[str, str],
    *,
    query: Query = (),
    body: bytes | None = None,
) -> Answer:
    """Send one request as it stands, follow no redirect and log it. Raises Unavailable and Unexpected."""
    with _logged(method, path, query) as outcome, _translated(method, path):
        url = f"{host}{path}" + (f"?{urlencode(query)}" if query else "")
        response = http.request(method, url, headers=headers, content=body, follow_redirects=False)
        answer = Answer(method, path, response.status_code, response.headers, response.content)
        outcome.append(answer)
    return answer


@contextmanager
def _logged(method: str, path: str, query: Query) -> Iterator[list[Answer]]:
    """One line, with what was put into the list or the error that came instead."""
    shown = "&".join(f"{key}={value if key in LOGGED_QUERY else '…'}" for key, value in query)
    outcome: list[Answer] = []
    started = perf_counter()
    result: object = "crash"
    trace_id = None
    try:
        yield outcome
        result, trace_id = outcome[0].status, outcome[0].at.trace_id
    except AllegroError as error:
        result = error.detail
        raise
    finally:
        milliseconds = (perf_counter() - started) * 1000
        address = f"{path}?{shown}" if shown else path
        log.info("%s %s %s %.0f ms trace-id %s", method, address, result, milliseconds, trace_id or "-")


@contextmanager
def _translated(method: str, path: str) -> Iterator[None]:
    at = Exchange(method, path)
    try:
        yield
    except NEVER_SENT as broken:
        raise Unavailable(type(broken).__name__, is_sure_nothing_happened=True, at=at) from broken
    except OUR_DEFECT as broken:
        raise Unexpected(type(broken).__name__, at=at) from broken
    except (httpx2.RequestError, OSError) as broken:
        raise Unavailable(type(broken).__name__, is_sure_nothing_happened=method in READS, at=at) from broken


def path_to(template: str, *parts: str) -> str:
    """Fill the blanks `{}` of a path with ids, whatever characters they hold."""
    return template.format(*(quote(part, safe="") for part in parts))


def build_http_client(
    transport: httpx2.BaseTransport | None = None, read_seconds: float = READ_SECONDS
) -> httpx2.Client:
    """One pool of connections for everything; each further client costs some 30 ms for its TLS context."""
    return httpx2.Client(
        timeout=httpx2.Timeout(read_seconds, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS),
        limits=httpx2.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=20.0),
        transport=transport,
    )
