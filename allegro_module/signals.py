"""The public signals and how facts reach them.

Each is sent after the commit with one keyword argument, `fact` (see `domain/facts.py`); the sender is None.
"""

from __future__ import annotations

import logging

from blinker import Namespace

from allegro_module.domain import facts

log = logging.getLogger(__name__)
_signals = Namespace()

#: An offer became active on Allegro: `fact` is OfferListed.
offer_listed = _signals.signal("offer-listed")
#: Allegro named problems with an offer: OfferRefused.
offer_refused = _signals.signal("offer-refused")
#: An offer is no longer active: OfferEnded.
offer_ended = _signals.signal("offer-ended")
#: An Allegro order is in the shop database: OrderPlaced.
order_placed = _signals.signal("order-placed")
#: An order placed earlier has changed: OrderChanged.
order_changed = _signals.signal("order-changed")
#: Allegro refused to renew the access of an account: ConnectionLost.
connection_lost = _signals.signal("connection-lost")
#: The access of such an account works again: ConnectionRestored.
connection_restored = _signals.signal("connection-restored")

SIGNAL_BY_FACT = {
    facts.OfferListed: offer_listed,
    facts.OfferRefused: offer_refused,
    facts.OfferEnded: offer_ended,
    facts.OrderPlaced: order_placed,
    facts.OrderChanged: order_changed,
    facts.ConnectionLost: connection_lost,
    facts.ConnectionRestored: connection_restored,
}


def announce(fact: facts.Fact) -> None:
    """Tell the host; a receiver that raises is logged and breaks nothing."""
    signal = SIGNAL_BY_FACT[type(fact)]
    for receiver in list(signal.receivers_for(None)):
        try:
            receiver(None, fact=fact)
        except Exception:
            log.exception("a receiver of %s failed", signal.name)
