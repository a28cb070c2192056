"""What the worker runs: entry points that build a flow's arguments. The command line calls the same flows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from flask import url_for
from sqlalchemy.exc import SQLAlchemyError

from allegro_module.client.errors import AllegroError
from allegro_module.client.governor import Lane
from allegro_module.client.transport import build_http_client
from allegro_module.db.accounts import Account, Application, get_account, is_account_working
from allegro_module.db.completeness import Completeness, find_latest_proof
from allegro_module.db.links import find_latest_redirect_uri, list_open_device_attempts
from allegro_module.db.offers import Offer, get_account_of
from allegro_module.db.schedule import find_task, run_again_at
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.offers import OfferState
from allegro_module.domain.order_texts import WARSAW
from allegro_module.domain.texts import marked
from allegro_module.jobs.mapping import fetch_categories_now as fetch_categories_now
from allegro_module.jobs.mapping import suggest_categories as suggest_categories
from allegro_module.jobs.printing import make_print_now
from allegro_module.jobs.queue import enqueue
from allegro_module.jobs.reporting import ALLEGRO_SILENT, NOT_CONNECTED, Report, reported, words_of
from allegro_module.jobs.running import job as _job
from allegro_module.jobs.safety import count_safety as count_safety
from allegro_module.jobs.term_tasks import ring_unread
from allegro_module.runtime import Runtime
from allegro_module.sealing import SealBroken
from allegro_module.sync import (
    alarms,
    carriers,
    completeness,
    device_link,
    linking,
    offers,
    order_history,
    order_pushes,
    orders,
    terms,
    tidying,
)
from allegro_module.sync.mail import MailServer
from allegro_module.sync.message_words import text_of_message
from allegro_module.sync.order_runs import ImportOutcome, Message, Progress
from allegro_module.sync.webhook import Webhook
from allegro_module.tokens import keeping

log = logging.getLogger(__name__)

TRY_AGAIN_IN = timedelta(minutes=5)
#: New orders ask for a new proof that none is missing, but not more often than this.
PROVED_FOR = timedelta(hours=1)
WEBHOOK_SECONDS = 5.0
ORDERS_IMPORTED = marked("New: %(new)s, changed: %(changed)s")
ORDERS_SET_ASIDE = marked("New: %(new)s, changed: %(changed)s, set aside: %(aside)s")
ORDERS_COMPLETE = marked("Allegro %(allegro)s = shop %(shop)s")
ORDERS_MISSING = marked("Allegro %(allegro)s, shop %(shop)s: orders are missing")
DONE_BY_ANOTHER = marked("Another process was doing it")
NOTHING_NEW = marked("Nothing new")
TERMS_FETCHED = marked("Terms: %(count)s")
CATEGORIES_FETCHED = marked("Categories: %(count)s")
CARRIERS_FETCHED = marked("Carriers: %(count)s")
NOTHING_TO_SEND = marked("Nothing to send")
PUSHES_SENT = marked("Sent to Allegro: %(sent)s")
PUSHES_REFUSED = marked("Sent to Allegro: %(sent)s, refused: %(refused)s")
OFFERS_SETTLED = marked("Offers looked at: %(count)s")
ROWS_DELETED = marked("Old entries deleted: %(count)s")
TOKENS_RENEWED = marked("Renewed")
TOKENS_FRESH = marked("Not needed yet")
#: Where the schedule speaks otherwise than the page of orders.
TEXT_BY_OUTCOME = {
    Message.UNAVAILABLE: ALLEGRO_SILENT,
    Message.RESTING: NOT_CONNECTED,
}
IMPORT_GOES_ON = marked("Another import is just running; start this one again in a minute.")
#: What the address of the callback adds to that of the settings page.
CALLBACK = "/callback"


def import_orders(account_id: int) -> None:
    _for_working("import_orders", account_id, _import)


def reconcile_orders(account_id: int) -> None:
    _for_working("reconcile_orders", account_id, _reconcile)


def prove_orders(account_id: int) -> None:
    _for_working("prove_orders", account_id, _prove)


def import_history(account_id: int, since: int) -> None:
    """Orders bought since the day, `20260105`, which begins at midnight in Poland."""
    day = datetime.strptime(str(since), "%Y%m%d").replace(tzinfo=WARSAW)
    _for_working(
        "import_history", account_id, lambda runtime, account, report: _history(runtime, account, report, day)
    )


def fetch_terms(account_id: int) -> None:
    _for_working("fetch_terms", account_id, _fetch_terms)


def fetch_categories(account_id: int) -> None:
    _for_working("fetch_categories", account_id, _or_soon(CATEGORIES_FETCHED, fetch_categories_now))


def fetch_carriers(account_id: int) -> None:
    _for_working("fetch_carriers", account_id, _or_soon(CARRIERS_FETCHED, fetch_carriers_now))


def push_orders() -> None:
    with _job() as runtime, reported("push_orders") as report:
        counts = push_now(runtime)
        if counts.refused:
            report.partly(PUSHES_REFUSED, sent=counts.done, refused=len(counts.refused))
        elif counts.done:
            report.done(PUSHES_SENT, sent=counts.done)
        else:
            report.done(NOTHING_TO_SEND)


def keep_tokens(account_id: int) -> None:
    """Also for an account that is switched off: tokens that nobody renews are lost (facts.md 2.5)."""
    with _job() as runtime:
        if not get_account(runtime.session, account_id).keeps_tokens:
            return
        with reported("keep_tokens", account_id) as report:
            is_renewed = keep_tokens_now(runtime, get_account(runtime.session, account_id))
            _tell_of_tokens(report, get_account(runtime.session, account_id), is_renewed)


def publish_offer(offer_id: int) -> None:
    with _job() as runtime:
        account = get_account_of(runtime.session, offer_id)
        if account.is_working:
            publish_now(runtime, account, offer_id)


def make_prints(print_id: int) -> None:
    with _job() as runtime:
        make_print_now(runtime, print_id)


def settle() -> None:
    with _job() as runtime, reported("settle") as report:
        report.done(OFFERS_SETTLED, count=len(settle_now(runtime)))


def send_alarms() -> None:
    with _job() as runtime, reported("send_alarms"):
        send_alarms_now(runtime)


def tidy() -> None:
    with _job() as runtime, reported("tidy") as report:
        report.done(ROWS_DELETED, count=tidying.tidy(runtime.session, runtime.wall_clock()))


def follow_links() -> None:
    with _job() as runtime:
        follow_links_now(runtime)


def import_now(runtime: Runtime, account: Account, progress: Progress | None = None) -> ImportOutcome:
    api, clock = runtime.api(account, lane=Lane.ORDERS), runtime.clock(account.environment)
    return orders.import_orders(runtime.session, api, runtime.shop, account, clock, progress)


def reconcile_now(runtime: Runtime, account: Account, progress: Progress | None = None) -> ImportOutcome:
    api, clock = runtime.api(account, lane=Lane.ORDERS), runtime.clock(account.environment)
    return orders.reconcile_orders(runtime.session, api, runtime.shop, account, clock, progress)


def import_history_now(
    runtime: Runtime,
    account: Account,
    since: datetime,
    until: datetime | None,
    progress: Progress | None = None,
) -> ImportOutcome:
    """Orders bought in the span, also those from before the link."""
    api, clock = runtime.api(account, lane=Lane.ORDERS), runtime.clock(account.environment)
    return order_history.import_history(
        runtime.session, api, runtime.shop, account, since, until, clock, progress
    )


def prove_now(runtime: Runtime, account: Account) -> Completeness:
    """Raises AllegroError."""
    api, clock = runtime.api(account, lane=Lane.ORDERS), runtime.clock(account.environment)
    return completeness.check_completeness(runtime.session, api, runtime.shop, account, clock)


def publish_now(runtime: Runtime, account: Account, offer_id: int) -> OfferState | None:
    api, clock = runtime.api(account), runtime.clock(account.environment)
    return offers.publish_offer(runtime.session, api, runtime.shop, offer_id, clock)


def ask_for_listing(runtime: Runtime, offer: Offer, who: str) -> None:
    """As the button of the form does."""
    offers.ask_for_listing(offer, runtime.now(offer.account.environment), who)
    runtime.session.commit()


def settle_now(runtime: Runtime, *, waits_its_turn: bool = True) -> dict[int, OfferState | None]:
    doors = runtime.session, runtime.api, runtime.shop, runtime.clock
    return offers.settle_offers(*doors, waits_its_turn=waits_its_turn, most_away=runtime.writes_at_once)


def keep_tokens_now(runtime: Runtime, account: Account) -> bool:
    """True when they were renewed. What Allegro says against it stands on the account's row."""
    environment, app_name, account_id = account.environment, account.application.name, account.id
    doors = keeping.Doors(
        tokens=runtime.tokens(account),
        api=runtime.api(account),
        api_with=lambda token: runtime.api_with_token(environment, token, app_name),
        now=runtime.clock(environment),
    )
    try:
        return keeping.keep_tokens(runtime.session, doors, account_id)
    except AllegroError as trouble:
        log.warning("tokens were not renewed: %s", trouble)
        return False


def fetch_terms_now(runtime: Runtime, account: Account, progress: Progress | None = None) -> int:
    now = runtime.now(account.environment)
    counts = terms.fetch_terms(runtime.session, runtime.api(account, lane=Lane.BULK), account, now, progress)
    return sum(counts.values())


def fetch_carriers_now(runtime: Runtime, account: Account) -> int:
    environment = account.environment
    return carriers.fetch_carriers(
        runtime.session, runtime.api(account, lane=Lane.BULK), environment, runtime.now(environment)
    )


def push_now(
    runtime: Runtime,
    order_ids: Collection[int] | None = None,
    account_ids: Collection[int] | None = None,
    *,
    waits_its_turn: bool = True,
) -> order_pushes.PushCounts:
    """Tell Allegro what is due, of all orders or of these."""
    return order_pushes.push_orders(
        runtime.session,
        runtime.api_in(Lane.ORDERS),
        runtime.clock,
        order_ids,
        shop=runtime.shop,
        account_ids=account_ids,
        waits_its_turn=waits_its_turn,
    )


def follow_links_now(runtime: Runtime) -> dict[int, str]:
    """Ask once about each attempt to link by a code: the outcomes of those that have ended."""
    session = runtime.session
    open_ones = list_open_device_attempts(session)
    session.rollback()
    doors = linking.Doors(runtime.oauth, runtime.api_with_token, runtime.now)
    outcomes = {each: device_link.poll_device_link(session, doors, runtime.seal, each) for each in open_ones}
    return {each: outcome for each, outcome in outcomes.items() if outcome}


def send_alarms_now(runtime: Runtime) -> alarms.Sent:
    settings = runtime.settings
    server = MailServer(settings.smtp_url or "", settings.alarm_mail) if settings.alarm_mail else None
    with build_http_client(read_seconds=WEBHOOK_SECONDS) as http:
        address = settings.alarm_webhook
        webhook = Webhook(address, settings.user_agent(), http) if address else None
        ways = alarms.Ways(
            mail=server.send if server else None,
            post=webhook.post if webhook else None,
            shop=settings.app_name,
            settings_page=lambda account: settings_page(runtime, account.application),
        )
        return alarms.send_alarms(runtime.session, ways, runtime.clock)


def settings_page(runtime: Runtime, application: Application | None) -> str:
    """Its whole address, as far as somebody told us under which name sellers reach the panel."""
    if runtime.app.config.get("SERVER_NAME"):
        return url_for("allegro.connection.index", _external=True)
    registered = application.redirect_uris.split() if application else []
    known = [*registered, find_latest_redirect_uri(runtime.session) or ""]
    return next((uri.removesuffix(CALLBACK) for uri in known if uri.endswith(CALLBACK)), "")


def _fetch_terms(runtime: Runtime, account: Account, report: Report) -> None:
    def fetch(runtime: Runtime, account: Account) -> int:
        return fetch_terms_now(runtime, account, report.progress)

    account_id = account.id
    _or_soon(TERMS_FETCHED, fetch)(runtime, account, report)
    ring_unread(runtime, account_id)


def _import(runtime: Runtime, account: Account, report: Report) -> None:
    outcome = import_now(runtime, account, report.progress)
    _tell_of_import(report, "order journal", outcome)
    _ring_proof(runtime, account, outcome)


def _reconcile(runtime: Runtime, account: Account, report: Report) -> None:
    _tell_of_import(report, "changed orders", reconcile_now(runtime, account, report.progress))


def _history(runtime: Runtime, account: Account, report: Report, since: datetime) -> None:
    outcome = import_history_now(runtime, account, since, None, report.progress)
    _tell_of_import(report, "older orders", outcome)
    if outcome.message is Message.TAKEN_OVER:
        report.failed(IMPORT_GOES_ON)
    _ring_proof(runtime, account, outcome)


def _ring_proof(runtime: Runtime, account: Account, outcome: ImportOutcome) -> None:
    """Unless the seller has switched the proof off."""
    if not outcome.placed:
        return
    task = find_task(runtime.session, "prove_orders", account.id)
    if task is not None and not task.is_on:
        return
    proof = find_latest_proof(runtime.session, account.id)
    if proof is None or runtime.now(account.environment) - proof.at > PROVED_FOR:
        enqueue(runtime, "prove_orders", account.id)


def _prove(runtime: Runtime, account: Account, report: Report) -> None:
    proof = prove_now(runtime, account)
    if proof.is_complete:
        report.done(ORDERS_COMPLETE, allegro=proof.at_allegro, shop=proof.in_shop)
    else:
        report.partly(ORDERS_MISSING, allegro=proof.at_allegro, shop=proof.in_shop)


def _tell_of_import(report: Report, what: str, outcome: ImportOutcome) -> None:
    log.log(logging.WARNING if outcome.trouble else logging.INFO, "%s: %s", what, outcome)
    if outcome.message is Message.TAKEN_OVER:
        report.done(DONE_BY_ANOTHER)
    elif not outcome.is_complete:
        report.failed(TEXT_BY_OUTCOME.get(outcome.message) or text_of_message(outcome.message))
    elif outcome.saved.set_aside:
        counts = {"new": outcome.placed, "changed": outcome.changed, "aside": outcome.saved.set_aside}
        report.partly(ORDERS_SET_ASIDE, **counts)
    elif outcome.placed or outcome.changed:
        report.done(ORDERS_IMPORTED, new=outcome.placed, changed=outcome.changed)
    else:
        report.done(NOTHING_NEW)


def _tell_of_tokens(report: Report, account: Account, is_renewed: bool) -> None:
    if is_renewed:
        report.done(TOKENS_RENEWED)
    elif account.state in (LinkState.NEEDS_RECONNECT, LinkState.DISCONNECTED):
        report.failed(NOT_CONNECTED)
    elif account.refresh_failures:
        report.failed(ALLEGRO_SILENT)
    else:
        report.done(TOKENS_FRESH)


def _for_working(task: str, account_id: int, do: Callable[[Runtime, Account, Report], None]) -> None:
    """Unless it was switched off or disconnected after the job was rung."""
    with _job() as runtime:
        if is_account_working(runtime.session, account_id):
            with reported(task, account_id) as report:
                do(runtime, get_account(runtime.session, account_id), report)


def _or_soon(
    done: str, fetch: Callable[[Runtime, Account], int]
) -> Callable[[Runtime, Account, Report], None]:
    """What is fetched once a day must not wait a day because Allegro was away for a minute."""

    def fetch_or_plan(runtime: Runtime, account: Account, report: Report) -> None:
        again_at = runtime.now(account.environment) + TRY_AGAIN_IN
        try:
            report.done(done, count=fetch(runtime, account))
        except (AllegroError, SealBroken, SQLAlchemyError) as trouble:
            runtime.session.rollback()
            run_again_at(runtime.session, report.task, report.account_id, again_at)
            runtime.session.commit()
            if not isinstance(trouble, AllegroError):
                raise
            report.failed(words_of(trouble))
            log.warning("%s: %s", report.task, trouble)

    return fetch_or_plan
