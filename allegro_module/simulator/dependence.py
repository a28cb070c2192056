"""Which fields show, and which values count: facts spread from what is filled in, each of them once.

A value that counts is a fact. Facts meet conditions; a field all of whose conditions are met shows, and then
its own values become facts in turn, those of a dependent dictionary when their parent's value is one. What no
chain of facts reaches stays hidden, so two fields that would show only each other do not.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from allegro_module.simulator.parameters import NOTHING, Conditions, Filled, Filling, Parameter, Value


@dataclass
class Outcome:
    """`counted` are the dictionary ids that count, by parameter; a typed value counts by its key alone."""

    displayed: set[str] = field(default_factory=set)
    counted: dict[str, set[str]] = field(default_factory=dict)

    def is_displayed(self, parameter: Parameter) -> bool:
        return parameter.id in self.displayed

    def is_required(self, parameter: Parameter) -> bool:
        """Whether an offer cannot be listed without it; a field that is not displayed is never required."""
        if parameter.id not in self.displayed:
            return False
        if parameter.required_if is None:
            return parameter.required
        return self._met(parameter.required_if)

    def is_required_for_product(self, parameter: Parameter) -> bool:
        return parameter.required_for_product and parameter.id in self.displayed

    def _met(self, conditions: Conditions) -> bool:
        with_value = all(self.chosen(other) & values for other, values in conditions.with_value)
        return with_value and self.counted.keys().isdisjoint(conditions.without_value)

    def chosen(self, parameter_id: str | None) -> set[str]:
        return self.counted.get(parameter_id or "", set())

    def allowed_values(self, parameter: Parameter) -> tuple[Value, ...]:
        """The dictionary entries that go with what is chosen in the parent parameter."""
        if parameter.depends_on is None:
            return parameter.values
        chosen = self.chosen(parameter.depends_on)
        return tuple(value for value in parameter.values if goes_with(value, chosen))

    def allows(self, parameter: Parameter, value: Value) -> bool:
        return parameter.depends_on is None or goes_with(value, self.chosen(parameter.depends_on))


def goes_with(value: Value, chosen: Collection[str]) -> bool:
    return not value.depends_on or not value.depends_on.isdisjoint(chosen)


def work_out(parameters: Iterable[Parameter], filled: Filled) -> Outcome:
    return _Spreading(tuple(parameters), filled).outcome


class _Spreading:
    """The facts that are known, and who waits for which."""

    def __init__(self, parameters: tuple[Parameter, ...], filled: Filled) -> None:
        self.outcome = Outcome()
        self._filled = filled
        self._unmet: dict[str, int] = {}
        self._watchers: dict[str, list[tuple[Parameter, frozenset[str]]]] = defaultdict(list)
        self._children: dict[str, list[tuple[Parameter, Value]]] = defaultdict(list)
        self._facts: deque[tuple[str, str]] = deque()
        for parameter in parameters:
            self._watch(parameter)
        for parameter in parameters:
            if not self._unmet[parameter.id]:
                self._show(parameter)
        while self._facts:
            self._spread(*self._facts.popleft())

    def _watch(self, parameter: Parameter) -> None:
        conditions = () if parameter.displayed_if is None else parameter.displayed_if.with_value
        self._unmet[parameter.id] = len(conditions)
        for other, values in conditions:
            self._watchers[other].append((parameter, values))

    def _show(self, parameter: Parameter) -> None:
        self.outcome.displayed.add(parameter.id)
        filling = self._filled.get(parameter.id, NOTHING)
        if parameter.type != "dictionary":
            self._take_text(parameter, filling)
            return
        for value in map(parameter.find_value, filling.ids):
            if value is not None:
                self._take(parameter, value)

    def _take_text(self, parameter: Parameter, filling: Filling) -> None:
        if any(text.strip() for text in (*filling.texts, *(filling.bounds or ()))):
            self.outcome.counted[parameter.id] = set()

    def _take(self, parameter: Parameter, value: Value) -> None:
        """A chosen value becomes a fact now, or when its parent's does."""
        if self.outcome.allows(parameter, value):
            counted = self.outcome.counted.setdefault(parameter.id, set())
            if value.id not in counted:
                counted.add(value.id)
                self._facts.append((parameter.id, value.id))
        else:
            self._children[parameter.depends_on or ""].append((parameter, value))

    def _spread(self, parameter_id: str, value_id: str) -> None:
        for child, value in self._children[parameter_id]:
            if value_id in value.depends_on:
                self._take(child, value)
        self._watchers[parameter_id], met = (
            [entry for entry in self._watchers[parameter_id] if value_id not in entry[1]],
            [entry for entry in self._watchers[parameter_id] if value_id in entry[1]],
        )
        for watcher, _ in met:
            self._unmet[watcher.id] -= 1
            if not self._unmet[watcher.id]:
                self._show(watcher)


def missing(parameters: Iterable[Parameter], filled: Filled, outcome: Outcome) -> list[Parameter]:
    """The parameters an offer lacks."""
    return [p for p in parameters if outcome.is_required(p) and filled.get(p.id, NOTHING).is_empty]


def missing_for_product(parameters: Iterable[Parameter], filled: Filled, outcome: Outcome) -> list[Parameter]:
    """The parameters a new product lacks."""
    return [
        p
        for p in parameters
        if p.describes_product and outcome.is_required_for_product(p) and filled.get(p.id, NOTHING).is_empty
    ]


def out_of_place(parameters: Iterable[Parameter], filled: Filled, outcome: Outcome) -> list[Parameter]:
    """Filled parameters that do not go with the others: not displayed, or not allowed by the parent."""
    return [p for p in parameters if p.id in filled and not _fits(p, filled[p.id], outcome)]


def _fits(parameter: Parameter, filling: Filling, outcome: Outcome) -> bool:
    if filling.is_empty:
        return True
    known = filter(None, map(parameter.find_value, filling.ids))
    return outcome.is_displayed(parameter) and all(outcome.allows(parameter, value) for value in known)
