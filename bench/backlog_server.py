"""A backlog of any length: the simulator's own answers for a few orders, repeated under new ids and times."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bench.pages import Rendered, render

#: So many different orders; the rest repeat them.
PATTERNS = 200
SPACING = timedelta(seconds=30)
#: How long after the purchase a form changes last.
CHANGED_AFTER = timedelta(seconds=90)
#: By how many events each order has: what is told, and how long after the purchase.
TOLD = {
    1: (("READY_FOR_PROCESSING", CHANGED_AFTER),),
    3: (
        ("BOUGHT", timedelta(0)),
        ("FILLED_IN", timedelta(seconds=40)),
        ("READY_FOR_PROCESSING", CHANGED_AFTER),
    ),
}
FIRST_EVENT_ID = 1_700_000_000_000_000
#: Allegro shows no form beyond it (allegro-api #3500).
LAST_FORM = 10_000
FORMS = "/order/checkout-forms"

#: What stands in a pattern for what differs from order to order.
NUMBER, BUYER, BOUGHT_AT, CHANGED_AT = "\ue000", "\ue001", "\ue002", "\ue003"

Json = dict[str, Any]


@dataclass(frozen=True)
class Pattern:
    form: str
    event: str


@dataclass(frozen=True)
class Backlog:
    """Answers as Allegro does, asked for `/order/events`, the list of forms or one form."""

    patterns: tuple[Pattern, ...]
    count: int
    events_each: int
    begins: datetime

    def __call__(self, target: str) -> bytes:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/order/events":
            return self._events(query).encode()
        if parts.path == FORMS:
            return self._forms(query).encode()
        return self._form(int(parts.path[-12:], 16)).encode()

    @cached_property
    def _journal(self) -> list[tuple[timedelta, int, str]]:
        """When, of which order, what; one buyer still fills in the form while the next has bought."""
        told = TOLD[self.events_each]
        return sorted(
            (number * SPACING + after, number, kind) for number in range(self.count) for kind, after in told
        )

    def _events(self, query: dict[str, str]) -> str:
        first = int(query["from"]) + 1 - FIRST_EVENT_ID if "from" in query else 0
        shown = range(first, min(first + int(query["limit"]), len(self._journal)))
        return f'{{"events":[{",".join(map(self._event, shown))}]}}'

    def _event(self, place: int) -> str:
        after, number, kind = self._journal[place]
        text = self._filled(self.patterns[number % len(self.patterns)].event, number)
        known = {"id": str(FIRST_EVENT_ID + place), "type": kind, "occurredAt": _iso(self.begins + after)}
        return json.dumps(known)[:-1] + "," + text[1:]

    def _forms(self, query: dict[str, str]) -> str:
        offset, limit = int(query["offset"]), int(query["limit"])
        assert offset + limit <= LAST_FORM
        first = 0
        if "updatedAt.gte" in query:
            since = datetime.fromisoformat(query["updatedAt.gte"])
            first = max(0, -((self.begins + CHANGED_AFTER - since) // SPACING))
        shown = range(first + offset, min(first + offset + limit, self.count))
        forms = ",".join(map(self._form, shown))
        total = max(0, self.count - first)
        return f'{{"checkoutForms":[{forms}],"count":{len(shown)},"totalCount":{total}}}'

    def _form(self, number: int) -> str:
        return self._filled(self.patterns[number % len(self.patterns)].form, number)

    def _filled(self, text: str, number: int) -> str:
        bought_at = self.begins + number * SPACING
        return (
            text.replace(NUMBER, f"{number:012x}")
            .replace(BUYER, f"{number // 3:08d}")
            .replace(BOUGHT_AT, _iso(bought_at))
            .replace(CHANGED_AT, _iso(bought_at + CHANGED_AFTER))
        )


def a_backlog(rendered: Rendered, count: int, events_each: int = 1) -> Backlog:
    begins = datetime.now(UTC) - timedelta(hours=1) - count * SPACING
    return Backlog(_patterns(rendered), count, events_each, begins.replace(microsecond=0))


def render_patterns() -> Rendered:
    return render(PATTERNS)


def _patterns(rendered: Rendered) -> tuple[Pattern, ...]:
    answers = [json.loads(body) for body in rendered.pages.values()]
    forms = {form["id"]: form for answer in answers for form in answer.get("checkoutForms", ())}
    events = {
        event["order"]["checkoutForm"]["id"]: event
        for answer in answers
        for event in answer.get("events", ())
        if event["type"] == "READY_FOR_PROCESSING"
    }
    return tuple(_pattern(form, events[form_id]) for form_id, form in forms.items())


def _pattern(form: Json, event: Json) -> Pattern:
    told = {"order": event["order"]}
    return Pattern(_marked(form, form), _marked(told, form))


def _marked(told: Json, form: Json) -> str:
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    ids = [form["id"], form["payment"]["id"], *(line["id"] for line in form["lineItems"])]
    for each in ids:
        text = text.replace(each, each[:-12] + NUMBER)
    buyer = form["buyer"]
    text = text.replace(f'"id":"{buyer["id"]}"', f'"id":"7{BUYER}"')
    text = text.replace(f'"login":"{buyer["login"]}"', f'"login":"{buyer["login"]}_{BUYER}"')
    text = text.replace(form["updatedAt"], CHANGED_AT)
    for stamp in {line["boughtAt"] for line in form["lineItems"]}:
        text = text.replace(stamp, BOUGHT_AT)
    return text


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
