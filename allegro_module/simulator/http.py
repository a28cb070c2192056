"""How the simulator hears a request and words an answer: calls, rooms of routes, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from flask import Request, Response
from werkzeug.datastructures import MultiDict

if TYPE_CHECKING:
    from allegro_module.simulator.world import Seller, World

PUBLIC = "application/vnd.allegro.public.v1+json"
BETA = "application/vnd.allegro.beta.v1+json"
FORM = "application/x-www-form-urlencoded"
POLISH = "pl-PL"
LANGUAGES = (POLISH, "en-US", "uk-UA", "sk-SK", "cs-CZ", "hu-HU")

# Permitted members of a body: None lets anything stand below; a tree holds for an object or each of a list.
Members: TypeAlias = "Mapping[str, Members | None]"
Handler: TypeAlias = Callable[..., Response]


@dataclass(frozen=True)
class Problem:
    """One entry of `errors[]`: `message` is the English text, `user_message` the Polish one.

    Readers of other languages get `message` as `userMessage`. Some of Allegro's services leave both
    null; that is `message=None`.
    """

    code: str
    message: str | None
    path: str | None = None
    user_message: str | None = None
    details: str | None = None
    metadata: dict[str, str] | None = None

    def as_json(self, language: str) -> dict[str, object]:
        return {
            "code": self.code,
            "message": self.message,
            "details": self.details,
            "path": self.path,
            "userMessage": self._for_user(language),
            "metadata": self.metadata or {},
        }

    def _for_user(self, language: str) -> str | None:
        if self.message is None or language != POLISH:
            return self.message
        return self.user_message or "Żądanie zawiera niepoprawne dane. Skontaktuj się z autorem aplikacji."


class Refusal(Exception):
    """The api answers with `errors[]`."""

    def __init__(self, status: int, *problems: Problem) -> None:
        super().__init__(f"{status} {', '.join(problem.code for problem in problems)}")
        self.status = status
        self.problems = problems

    def answer(self, language: str) -> Response:
        return answer({"errors": [problem.as_json(language) for problem in self.problems]}, self.status)


class AuthRefusal(Exception):
    """The OAuth server, or the api about a token, answers with `error` and `error_description`."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(f"{status} {error}")
        self.status = status
        self.error = error
        self.description = description

    def answer(self) -> Response:
        body = {"error": self.error, "error_description": self.description}
        return answer(body, self.status, produces="application/json")


@dataclass
class Call:
    """An api request that has passed the door."""

    world: World
    now: datetime
    request: Request
    seller: Seller | None
    scopes: frozenset[str]
    language: str

    @property
    def query(self) -> MultiDict[str, str]:
        return self.request.args

    @cached_property
    def owner(self) -> Seller:
        """The seller of a route that only user tokens reach."""
        assert self.seller is not None
        return self.seller

    def json(self, allowed: Members | None = None) -> dict[str, Any]:
        """The body, a JSON object; members outside `allowed` are refused by name."""
        body = _parse(self.request.get_data())
        if allowed is not None:
            unknown = list(_unknown_members(body, allowed, ""))
            if unknown:
                raise Refusal(422, *(_unknown_member(path) for path in unknown))
        return body

    def whole_number(self, name: str, default: int, low: int, high: int, status: int = 422) -> int:
        """A query parameter between two bounds."""
        text = self.query.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
            raise bad_parameter(name, f"must be between {low} and {high}", status)
        return int(text)

    def values(self, name: str, allowed: Collection[str], status: int) -> tuple[str, ...]:
        """A repeatable query parameter, each value one of those allowed."""
        values = tuple(self.query.getlist(name))
        if not set(values) <= set(allowed):
            raise bad_parameter(name, f"must be one of {', '.join(allowed)}", status)
        return values

    def moment(self, name: str) -> datetime | None:
        """A query parameter that holds an ISO 8601 time with its zone."""
        text = self.query.get(name)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise bad_parameter(name, "is not an ISO 8601 date-time", 400) from None
        if moment.tzinfo is None:
            raise bad_parameter(name, "is not an ISO 8601 date-time", 400)
        return moment

    def only_query(self, names: Collection[str]) -> None:
        """Refuse parameters that the resource does not have: a misspelt filter would match everything."""
        for name in self.query:
            if name not in names:
                raise bad_parameter(name, "is not a parameter of this resource", 400)


def bad_parameter(name: str, what: str, status: int) -> Refusal:
    return Refusal(
        status,
        Problem(
            "IllegalQueryParameterException",
            f"Query parameter '{name}' {what}",
            path=name,
            user_message=f"Parametr „{name}” ma niedozwoloną wartość.",
            metadata={"parameter": name},
        ),
    )


def _parse(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data, parse_float=Decimal)
    except ValueError:
        raise Refusal(400, Problem("JsonParseException", "The body is not valid JSON")) from None
    if not isinstance(body, dict):
        raise Refusal(400, Problem("JsonMappingException", "The body must be a JSON object"))
    return body


def _unknown_members(value: object, allowed: Members, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unknown_members(item, allowed, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, inner in value.items():
            place = f"{path}.{name}" if path else name
            if name not in allowed:
                yield place
            elif (below := allowed[name]) is not None:
                yield from _unknown_members(inner, below, place)


def _unknown_member(path: str) -> Problem:
    return Problem(
        "UnknownJSONProperty",
        f"Unknown JSON property '{path}'",
        path=path,
        user_message="Żądanie zawiera nieznane pole. Skontaktuj się z autorem aplikacji.",
        metadata={"propertyName": path.rpartition(".")[2], "propertyPath": path},
    )


def answer(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None, produces: str = PUBLIC
) -> Response:
    """A JSON answer; `None` is an answer without a body."""
    data = "" if body is None else json.dumps(body, ensure_ascii=False, default=_plain)
    response = Response(data, status, headers=dict(headers or {}))
    if body is None:
        response.headers.pop("Content-Type", None)
    else:
        response.headers["Content-Type"] = f"{produces};charset=UTF-8"
    return response


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return iso(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def iso(moment: datetime) -> str:
    """A time as Allegro writes it: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def money(amount: Decimal, currency: str = "PLN") -> dict[str, str]:
    return {"amount": f"{amount:.2f}", "currency": currency}


@dataclass(frozen=True)
class Route:
    """One resource and what the door demands of those who call it; nothing, when it is open."""

    method: str
    path: str
    handler: Handler
    scope: str | None = None
    app_token: bool = False
    consumes: tuple[str, ...] = (PUBLIC,)
    produces: str = PUBLIC
    open: bool = False


@dataclass
class Room:
    """The routes of one module."""

    routes: list[Route] = field(default_factory=list)

    def route(
        self,
        method: str,
        path: str,
        *,
        scope: str | None = None,
        app_token: bool = False,
        consumes: tuple[str, ...] = (PUBLIC,),
        produces: str = PUBLIC,
    ) -> Callable[[Handler], Handler]:
        """Register an api handler, `scope` without its `allegro:api:`, `consumes=()` for a POST without."""

        def register(handler: Handler) -> Handler:
            self.routes.append(Route(method, path, handler, scope, app_token, consumes, produces))
            return handler

        return register

    def open_route(self, method: str, path: str) -> Callable[[Handler], Handler]:
        """Register a handler outside the api: no token, no headers asked for, no Trace-Id."""

        def register(handler: Handler) -> Handler:
            self.routes.append(Route(method, path, handler, open=True))
            return handler

        return register
