"""How long to wait before looking or trying again; the more often it was in vain, the longer."""

from __future__ import annotations

from datetime import timedelta

#: Before an offer is sent again that Allegro could not take.
BEFORE_SENDING = tuple(timedelta(seconds=seconds) for seconds in (10, 20, 40, 80, 160, 300))
#: Before looking again for an offer whose creation lost its answer.
BEFORE_SEARCHING = tuple(timedelta(seconds=seconds) for seconds in (10, 20, 40, 60))
#: Before asking again what became of an operation; Allegro's own hint is 5 seconds (facts.md 6.2).
BEFORE_ASKING = tuple(timedelta(seconds=seconds) for seconds in (5, 10, 20, 40, 60))

#: The same once the seller's patience („Czekaj na wynik”) has run out.
SELDOM = timedelta(minutes=5)

#: Before something is pushed to an order again, and before asking whether its file has been accepted.
BEFORE_PUSHING = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60, 300, 900, 3600))


def pause_after(pauses: tuple[timedelta, ...], tries: int, wished: timedelta | None = None) -> timedelta:
    """The pause after so many tries, or Allegro's wish when that is longer."""
    own = pauses[min(tries, len(pauses) - 1)]
    return max(own, wished) if wished else own
