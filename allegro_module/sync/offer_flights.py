"""Writes on their way to Allegro: one after the other, or some at the same time.

A flow yields what it is about to send and goes on with the answer, or with the error that came instead.
The flows of a run stay in one thread, with the session and the adapter; only the wait on the wire is left to
others. While a flow is away it holds no transaction: what others do meanwhile is as if a worker beside it
had done it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Generic, NamedTuple, TypeVar

from allegro_module.client.answers import Answer
from allegro_module.client.errors import AllegroError
from allegro_module.client.offers import OfferAnswer, Writing

T = TypeVar("T")
K = TypeVar("K")
Sending = Generator[Writing, OfferAnswer, T]


def fly(sending: Sending[T]) -> T:
    """All the way, here and now."""
    try:
        writing = next(sending)
        while True:
            try:
                answer = writing.send()
            except AllegroError as trouble:
                writing = sending.throw(trouble)
            else:
                writing = sending.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Landed(Generic[K, T]):
    """A flow that has ended: with what it came to, or with a fault."""

    key: K
    value: T | None
    fault: Exception | None = None


class _Away(NamedTuple, Generic[K, T]):
    key: K
    sending: Sending[T]
    writing: Writing


@dataclass(slots=True)
class Flights(Generic[K, T]):
    """At most `most` are away at a time; with one each is waited for before the next begins.

    Left early, it waits for nobody: what is away then is looked for like any lost answer.
    """

    most: int
    _away: dict[Future[Answer], _Away[K, T]] = field(default_factory=dict, init=False)
    _pool: ThreadPoolExecutor | None = field(default=None, init=False)

    def __enter__(self) -> Flights[K, T]:
        if self.most > 1:
            self._pool = ThreadPoolExecutor(self.most, "allegro-write")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False)

    def begin(self, key: K, sending: Sending[T]) -> Iterator[Landed[K, T]]:
        """To be iterated to its end: what lands until there is room for another one."""
        yield from self._go_on(key, sending, partial(next, sending))
        while len(self._away) >= self.most:
            yield from self._land()

    def rest(self) -> Iterator[Landed[K, T]]:
        while self._away:
            yield from self._land()

    def _land(self) -> Iterator[Landed[K, T]]:
        done, _ = wait(self._away, return_when=FIRST_COMPLETED)
        for each in done:
            key, sending, writing = self._away.pop(each)
            yield from self._go_on(key, sending, partial(_hand_over, sending, writing, each))

    def _go_on(self, key: K, sending: Sending[T], step: Callable[[], Writing]) -> Iterator[Landed[K, T]]:
        try:
            writing = step()
        except StopIteration as end:
            yield Landed(key, end.value)
        except Exception as fault:
            yield Landed(key, None, fault)
        else:
            self._away[self._sent(writing)] = _Away(key, sending, writing)

    def _sent(self, writing: Writing) -> Future[Answer]:
        if self._pool is not None:
            return self._pool.submit(writing.go)
        sent: Future[Answer] = Future()
        try:
            sent.set_result(writing.go())
        except Exception as trouble:
            sent.set_exception(trouble)
        return sent


def _hand_over(sending: Sending[T], writing: Writing, sent: Future[Answer]) -> Writing:
    """The answer, read in the run's own thread, for which the token may be renewed."""
    try:
        answer = writing.read(sent.result())
    except AllegroError as trouble:
        return sending.throw(trouble)
    return sending.send(answer)
