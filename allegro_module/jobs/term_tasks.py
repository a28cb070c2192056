"""Jobs that carry selling terms to Allegro, and read one whole for a page that waits for it."""

from __future__ import annotations

import logging
from collections.abc import Collection

from allegro_module.client.errors import AllegroError
from allegro_module.db.terms import SellingTerm, list_unread_terms
from allegro_module.domain.texts import marked
from allegro_module.jobs.queue import ring_fetch_whole
from allegro_module.jobs.reporting import reported
from allegro_module.jobs.running import job
from allegro_module.runtime import Runtime
from allegro_module.sync import term_pushes
from allegro_module.sync.terms import fetch_whole

log = logging.getLogger(__name__)

#: So many contents a refresh asks for; the others come with the next one, or by opening them.
MOST_UNREAD = 20
NOTHING_TO_SEND = marked("Nothing to send")
TERMS_SENT = marked("Sent to Allegro: %(sent)s")
TERMS_FOR_THE_SELLER = marked("Sent to Allegro: %(sent)s, to be looked at by the seller: %(others)s")


def push_terms() -> None:
    with job() as runtime, reported("push_terms") as report:
        counts = push_terms_now(runtime)
        if counts.for_the_seller:
            report.partly(TERMS_FOR_THE_SELLER, sent=counts.done, others=counts.for_the_seller)
        elif counts.done:
            report.done(TERMS_SENT, sent=counts.done)
        else:
            report.done(NOTHING_TO_SEND)


def ring_unread(runtime: Runtime, account_id: int) -> None:
    """Allegro's lists hold only names of complaint terms and guarantees: each is read by a job of its own."""
    for term_id in list_unread_terms(runtime.session, account_id, MOST_UNREAD):
        ring_fetch_whole(runtime, term_id)


def fetch_whole_term(term_id: int) -> None:
    """A page has rung and looks at the row; what fails is tried again by opening it again."""
    with job() as runtime:
        term = runtime.session.get(SellingTerm, term_id)
        if term is None or not term.account.is_working:
            return
        account = term.account
        try:
            fetch_whole(runtime.session, runtime.api(account), term, runtime.now(account.environment))
        except AllegroError as trouble:
            log.warning("term %s could not be read: %s", term_id, trouble)


def push_terms_now(
    runtime: Runtime, term_ids: Collection[int] | None = None, *, waits_its_turn: bool = True
) -> term_pushes.TermCounts:
    return term_pushes.push_terms(runtime.session, runtime.api, runtime.clock, term_ids, waits_its_turn)
