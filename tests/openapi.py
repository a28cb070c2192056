"""Holds whatever goes over the wire in tests against Allegro's own API description.

Wrap any WSGI application, let the tests run, then ask for the violations:

    check = OpenApiCheck(simulator, load_document())
    ...
    assert check.violations == []

Nothing is raised within a request, so that neither side behaves differently for being watched.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.http import parse_options_header
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request

from tests.openapi_operations import Answer, Description, Operation
from tests.openapi_shapes import ANSWER, CLOSED_ANSWER

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BESIDE_THE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared" / "allegro" / "openapi.json"
# The last three are described in tutorials only, not in the description of resources.
EXEMPT = ("/", "/auth", "/_control", "/img", "/register", "/skojarz-aplikacje", "/uzytkownik", "/oferta")


@cache
def load_document() -> dict[str, Any] | None:
    """The description named by ALLEGRO_OPENAPI or lying beside the checkout; None where neither is there."""
    path = Path(os.environ.get("ALLEGRO_OPENAPI") or BESIDE_THE_CHECKOUT)
    if not path.is_file():
        return None
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


class OpenApiCheck:
    """WSGI middleware that collects violations as "METHOD path: where: what".

    Without a document it lets everything pass. An exempt entry stands for its path and all below it, "/" for
    itself only. `closed_answers` reports members of answers which the description does not know, too.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        document: dict[str, Any] | None,
        exempt: Iterable[str] = EXEMPT,
        *,
        closed_answers: bool = False,
    ) -> None:
        self.app = app
        self.violations: list[str] = []
        self._description = describe(document) if document else None
        self._exempt = frozenset(entry.rstrip("/") for entry in exempt)
        self._reading = CLOSED_ANSWER if closed_answers else ANSWER
        self._found = self.violations

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if self._description is None or self._is_exempt(Request(environ).path):
            return self.app(environ, start_response)
        request = _reread(environ)
        operation = self._check_request(self._description, request)
        body, status, headers = run_wsgi_app(self.app, environ, buffered=True)
        content = b"".join(body)
        if operation is not None:
            media_type, _ = parse_options_header(headers.get("Content-Type"))
            answer = Answer(int(status.split()[0]), media_type.replace(" ", ""), content)
            found: list[str] = []
            operation.check_answer(request, answer, self._reading, found)
            self._report(request, found)
        start_response(status, headers.to_wsgi_list())
        return [content]

    @contextmanager
    def expecting_violations(self) -> Iterator[list[str]]:
        """Let deliberate strangers through; what was wrong with them is in the list given."""
        before, self._found = self._found, []
        try:
            yield self._found
        finally:
            self._found = before

    def _check_request(self, description: Description, request: Request) -> Operation | None:
        found: list[str] = []
        operation = None
        try:
            operation, in_path = description.find(request.method, request.path)
        except LookupError as unknown:
            found.append(str(unknown))
        else:
            operation.check_request(request, in_path, found)
        self._report(request, found)
        return operation

    def _report(self, request: Request, found: list[str]) -> None:
        self._found.extend(f"{request.method} {request.path}: {wrong}" for wrong in found)

    def _is_exempt(self, path: str) -> bool:
        if path == "/":
            return "" in self._exempt
        steps = path.split("/")
        return any("/".join(steps[:end]) in self._exempt for end in range(2, len(steps) + 1))


def describe(document: dict[str, Any]) -> Description:
    """Compile a document once, however many checks are made of it."""
    if id(document) not in _described:
        _described[id(document)] = (document, Description(document))
    return _described[id(document)][1]


_described: dict[int, tuple[dict[str, Any], Description]] = {}


def _reread(environ: "WSGIEnvironment") -> Request:
    """Read the body and put it back for the application."""
    request = Request(environ)
    environ["wsgi.input"] = BytesIO(request.get_data())
    return request
