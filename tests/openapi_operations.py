"""Finds the operation a request belongs to and holds request and answer against its description."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from werkzeug.datastructures import MIMEAccept
from werkzeug.wrappers import Request

from tests.openapi_shapes import ANSWER, MERGE_PATCH, REQUEST, Reading, Schema, Schemas, Shape, shown

PUBLIC = "application/vnd.allegro.public.v1+json"
BETA = "application/vnd.allegro.beta.v1+json"

# The description rarely lists these; facts.md 4.2 says that they may come from anywhere.
ALWAYS_POSSIBLE = frozenset({400, 401, 403, 404, 406, 409, 415, 422, 429})
ERROR_MEDIA_TYPES = frozenset({PUBLIC, BETA, "application/json"})

# OpenAPI says to ignore parameters of these names; the media types are checked by themselves.
IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})

# "null = delete" (facts.md 6.3), although the schema of the edited offer rarely says `nullable`.
MERGE_PATCHES = frozenset({("PATCH", "/sale/product-offers/{offerId}")})


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a request: what it is called and what it may hold."""

    name: str
    required: bool
    shape: Shape

    def check(self, place: str, texts: list[str], found: list[str]) -> None:
        where = (None, f"{place} {self.name}")
        if not texts:
            if self.required:
                found.append(f"{where[1]}: required, but missing")
        elif "array" in self.shape.kinds:
            items = self.shape.items
            values = [_from_text(text, items.kinds if items else ()) for text in texts]
            self.shape.check(values, where, REQUEST, found)
        elif len(texts) > 1:
            found.append(f"{where[1]}: given {len(texts)} times")
        else:
            self.shape.check(_from_text(texts[0], self.shape.kinds), where, REQUEST, found)


class Operation:
    """One method of one path, its schemas compiled when first needed."""

    def __init__(self, schemas: Schemas, method: str, template: str, spec: Schema, body: Schema) -> None:
        self._schemas = schemas
        self._spec = spec
        self.path_names = re.findall(r"\{([^}]*)\}", template)
        self._body_required: bool = body.get("required", False)
        self._consumes = _by_media_type(body)
        self._reading = MERGE_PATCH if (method, template) in MERGE_PATCHES else REQUEST
        self._answers = {status: _by_media_type(answer) for status, answer in spec["responses"].items()}
        self._produces = {
            media_type
            for status, by_type in self._answers.items()
            if status < "300"
            for media_type in by_type
        }

    def check_request(self, request: Request, in_path: dict[str, str], found: list[str]) -> None:
        self._check_query(request, found)
        for name, text in in_path.items():
            self._parameters["path", name].check("path", [text], found)
        for (place, name), parameter in self._parameters.items():
            if place == "header" and name.lower() not in IGNORED_HEADERS:
                parameter.check("header", request.headers.getlist(name), found)
        if self._produces and not _accepts(request.accept_mimetypes, self._produces):
            found.append(
                f"header Accept: {request.headers.get('Accept')} allows none of {sorted(self._produces)}"
            )
        self._check_body(request, found)

    def check_answer(self, request: Request, answer: Answer, reading: Reading, found: list[str]) -> None:
        by_type = self._answers.get(str(answer.status), self._answers.get("default"))
        place = f"answer {answer.status}"
        if answer.status in ALWAYS_POSSIBLE or answer.status >= 500:
            self._check_error(answer, by_type or {}, place, found)
        elif by_type is None:
            found.append(f"{place}: this status is not declared")
        elif not by_type:
            if answer.body and answer.status < 400:
                found.append(f"{place}: a body of {answer.media_type} where none is declared")
        elif answer.media_type not in by_type and "*/*" not in by_type:
            found.append(f"{place}: {answer.media_type or 'no media type'} is none of {sorted(by_type)}")
        else:
            if answer.status < 300 and not _accepts(request.accept_mimetypes, {answer.media_type}):
                found.append(f"{place}: {answer.media_type} was not accepted by the request")
            self._check_json(answer, by_type.get(answer.media_type, {}), reading, place, found)

    @cached_property
    def _parameters(self) -> dict[tuple[str, str], Parameter]:
        return {
            (spec["in"], spec["name"]): Parameter(
                spec["name"], spec.get("required", False), self._schemas.shape(spec["schema"])
            )
            for spec in self._spec.get("parameters", ())
        }

    def _check_query(self, request: Request, found: list[str]) -> None:
        known = {name: parameter for (place, name), parameter in self._parameters.items() if place == "query"}
        # An object among the parameters (`Dynamic filters`) stands for pairs of any name.
        any_name = any("object" in parameter.shape.kinds for parameter in known.values())
        for name, parameter in known.items():
            if "object" not in parameter.shape.kinds:
                parameter.check("query", request.args.getlist(name), found)
        if not any_name:
            found.extend(f"query {name}: unknown parameter" for name in request.args if name not in known)

    def _check_body(self, request: Request, found: list[str]) -> None:
        body, media_type = request.get_data(), request.mimetype
        if not body:
            if self._body_required:
                found.append("request: a body is required, but missing")
        elif not self._consumes:
            found.append("request: a body where none is declared")
        elif media_type not in self._consumes:
            found.append(
                f"header Content-Type: {media_type or 'nothing'} is none of {sorted(self._consumes)}"
            )
        elif _is_json(media_type):
            shape = self._schemas.shape(self._consumes[media_type])
            _check_text(body, shape, self._reading, "request", found)

    def _check_error(self, answer: Answer, by_type: dict[str, Schema], place: str, found: list[str]) -> None:
        """An error pleases with the body declared for it or with the one Allegro sends everywhere."""
        if answer.media_type not in ERROR_MEDIA_TYPES | by_type.keys():
            found.append(
                f"{place}: {answer.media_type or 'no media type'} is none of {sorted(ERROR_MEDIA_TYPES)}"
            )
            return
        usual = {"$ref": f"#/components/schemas/{'AuthError' if answer.status == 401 else 'ErrorsHolder'}"}
        wrong: list[str] = []
        for schema in (usual, *by_type.values()):
            tried: list[str] = []
            self._check_json(answer, schema, ANSWER, place, tried)
            if not tried:
                return
            wrong = wrong or tried
        found.extend(wrong)

    def _check_json(
        self, answer: Answer, schema: Schema, reading: Reading, place: str, found: list[str]
    ) -> None:
        if _is_json(answer.media_type):
            _check_text(answer.body, self._schemas.shape(schema), reading, place, found)


class Description:
    """All operations of one OpenAPI document, found by method and path."""

    def __init__(self, document: Schema) -> None:
        components = document["components"]
        schemas = Schemas(_corrected(components["schemas"]))
        self._paths: list[tuple[Callable[[str], re.Match[str] | None], dict[str, Operation]]] = [
            (_pattern(template).fullmatch, dict(_operations(schemas, template, item, components)))
            for template, item in sorted(document["paths"].items(), key=_literal_first)
        ]

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """Raise LookupError, which says whether the path or only the method is unknown."""
        for match, operations in self._paths:
            if matched := match(path):
                if method not in operations:
                    continue
                names = operations[method].path_names
                return operations[method], dict(zip(names, matched.groups(), strict=True))
        known = sorted({name for match, operations in self._paths if match(path) for name in operations})
        raise LookupError(f"method: only {', '.join(known)} declared" if known else "path: not declared")


def _operations(
    schemas: Schemas, template: str, item: Schema, components: Schema
) -> Iterator[tuple[str, Operation]]:
    for method, spec in item.items():
        body = spec.get("requestBody", {})
        if "$ref" in body:
            body = components["requestBodies"][body["$ref"].rpartition("/")[2]]
        yield method.upper(), Operation(schemas, method.upper(), template, spec, body)


def _pattern(template: str) -> re.Pattern[str]:
    steps = re.split(r"(\{[^}]*\})", template)
    return re.compile("".join("([^/]+)" if step.startswith("{") else re.escape(step) for step in steps))


def _literal_first(path: tuple[str, Any]) -> list[bool]:
    return [step.startswith("{") for step in path[0].split("/")]


def _corrected(schemas: dict[str, Schema]) -> dict[str, Schema]:
    """The schemas without the inaccuracies that the notes on the description list."""
    forms, smart = schemas["CheckoutForms"], schemas["SmartSellerClassificationReport"]
    counts = {name: {"type": "integer", "minimum": 0} for name in ("count", "totalCount")}
    conditions = smart["properties"]["conditions"]
    figures: dict[str, Schema] = {"value": {}, "threshold": {}}
    item = {**conditions["items"], "properties": {**conditions["items"]["properties"], **figures}}
    return schemas | {
        # An empty list counts zero (allegro-api issues 905, 2360).
        "CheckoutForms": {**forms, "properties": {**forms["properties"], **counts}},
        # Numbers here, booleans at times.
        "SmartSellerClassificationReport": {
            **smart,
            "properties": {**smart["properties"], "conditions": {**conditions, "items": item}},
        },
        # Without `required` the other kind of error body, AuthError, would pass as this one.
        "ErrorsHolder": {**schemas["ErrorsHolder"], "required": ["errors"]},
    }


def _by_media_type(spec: Schema) -> dict[str, Schema]:
    # One media type is declared with a blank inside.
    return {
        name.replace(" ", ""): content.get("schema", {}) for name, content in spec.get("content", {}).items()
    }


def _accepts(accepted: MIMEAccept, media_types: Iterable[str]) -> bool:
    return not accepted or any(name == "*/*" or accepted.quality(name) > 0 for name in media_types)


def _is_json(media_type: str) -> bool:
    return media_type.endswith(("+json", "/json"))


def _from_text(text: str, kinds: tuple[str, ...]) -> object:
    if "boolean" in kinds:
        return {"true": True, "false": False}.get(text, text)
    if "integer" in kinds and re.fullmatch(r"-?\d+", text):
        return int(text)
    if "number" in kinds and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    return text


def _check_text(body: bytes, shape: Shape, reading: Reading, place: str, found: list[str]) -> None:
    try:
        value = json.loads(body)
    except ValueError:
        found.append(f"{place}: {shown(body)} is not JSON")
    else:
        shape.check(value, (None, f"{place} "), reading, found)
