"""What the worker runs: entry points that build a flow's arguments. The command line calls the same flows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import url_for
from sqlalchemy.exc import SQLAlchemyError

from allegro_module.client.errors import AllegroError
from allegro_module.client.transport import build_http_client
from allegro_module.db.accounts import Account, Application, get_account
from allegro_module.db.links import find_latest_redirect_uri, list_open_device_attempts
from allegro_module.db.offers import Offer, get_offer
from allegro_module.db.schedule import run_again_at
from allegro_module.db.trouble import hide_parameters, is_passing
from allegro_module.domain.offers import OfferState
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sealing import SealBroken
from allegro_module.sync import alarms, categories, device_link, linking, offers, orders, terms, tidying
from allegro_module.sync.mail import MailServer
from allegro_module.sync.webhook import Webhook
from allegro_module.tokens import keeping

log = logging.getLogger(__name__)

TRY_AGAIN_IN = timedelta(minutes=5)
WEBHOOK_SECONDS = 5.0
#: What the address of the callback adds to that of the settings page.
CALLBACK = "/callback"


def import_orders(account_id: int) -> None:
    _for_working(account_id, lambda runtime, account: _log("order journal", import_now(runtime, account)))


def reconcile_orders(account_id: int) -> None:
    _for_working(account_id, lambda runtime, account: _log("changed orders", reconcile_now(runtime, account)))


def fetch_terms(account_id: int) -> None:
    _for_working(account_id, lambda runtime, account: _or_soon(runtime, account, fetch_terms_now))


def fetch_categories(account_id: int) -> None:
    _for_working(account_id, lambda runtime, account: _or_soon(runtime, account, fetch_categories_now))


def keep_tokens(account_id: int) -> None:
    """Also for an account that is switched off: tokens that nobody renews are lost (facts.md 2.5)."""
    with _job() as runtime:
        account = get_account(runtime.session, account_id)
        if account.keeps_tokens:
            keep_tokens_now(runtime, account)


def publish_offer(offer_id: int) -> None:
    with _job() as runtime:
        account = get_offer(runtime.session, offer_id).account
        if account.is_working:
            publish_now(runtime, account, offer_id)


def settle() -> None:
    with _job() as runtime:
        settle_now(runtime)


def send_alarms() -> None:
    with _job() as runtime:
        send_alarms_now(runtime)


def tidy() -> None:
    with _job() as runtime:
        tidying.tidy(runtime.session, runtime.wall_clock())


def follow_links() -> None:
    with _job() as runtime:
        follow_links_now(runtime)


def import_now(runtime: Runtime, account: Account) -> orders.ImportOutcome:
    api, clock = runtime.api(account), runtime.clock(account.environment)
    return orders.import_orders(runtime.session, api, runtime.shop, account, clock)


def reconcile_now(runtime: Runtime, account: Account) -> orders.ImportOutcome:
    api, clock = runtime.api(account), runtime.clock(account.environment)
    return orders.reconcile_orders(runtime.session, api, runtime.shop, account, clock)


def publish_now(runtime: Runtime, account: Account, offer_id: int) -> OfferState:
    api, clock = runtime.api(account), runtime.clock(account.environment)
    return offers.publish_offer(runtime.session, api, runtime.shop, offer_id, clock)


def ask_for_listing(runtime: Runtime, offer: Offer, who: str) -> None:
    """As the button of the form does."""
    offers.ask_for_listing(offer, runtime.now(offer.account.environment), who)
    runtime.session.commit()


def settle_now(runtime: Runtime, *, waits_its_turn: bool = True) -> dict[int, OfferState]:
    return offers.settle_offers(
        runtime.session, runtime.api, runtime.shop, runtime.clock, waits_its_turn=waits_its_turn
    )


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


def fetch_terms_now(runtime: Runtime, account: Account) -> None:
    now = runtime.now(account.environment)
    terms.fetch_terms(runtime.session, runtime.api(account), account.id, now)


def fetch_categories_now(runtime: Runtime, account: Account) -> None:
    environment = account.environment
    categories.fetch_tree(runtime.session, runtime.api(account), environment, runtime.now(environment))


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


def _log(what: str, outcome: orders.ImportOutcome) -> None:
    log.log(logging.WARNING if outcome.trouble else logging.INFO, "%s: %s", what, outcome)


def _for_working(account_id: int, do: Callable[[Runtime, Account], object]) -> None:
    """Unless it was switched off or disconnected after the job was rung."""
    with _job() as runtime:
        account = get_account(runtime.session, account_id)
        if account.is_working:
            do(runtime, account)


def _or_soon(runtime: Runtime, account: Account, fetch: Callable[[Runtime, Account], None]) -> None:
    """What is fetched once a day must not wait a day because Allegro was away for a minute."""
    task = fetch.__name__.removesuffix("_now")
    account_id, again_at = account.id, runtime.now(account.environment) + TRY_AGAIN_IN
    try:
        fetch(runtime, account)
    except (AllegroError, SealBroken, SQLAlchemyError) as trouble:
        runtime.session.rollback()
        run_again_at(runtime.session, task, account_id, again_at)
        runtime.session.commit()
        if not isinstance(trouble, AllegroError):
            raise
        log.warning("%s: %s", task, trouble)


@contextmanager
def _job() -> Iterator[Runtime]:
    """A context of the job's own, as a request has one; its session ends with it.

    What passes by itself, or waits for the shop's administrator, is one line in the log, and the schedule
    calls again.
    """
    runtime = current_runtime()
    with runtime.app.app_context():
        try:
            yield runtime
        except SealBroken:
            log.error(
                "stored secrets cannot be opened: the key they were sealed with is missing from "
                "ALLEGRO_ENCRYPTION_KEYS; nothing is lost, work goes on once it is back"
            )
        except SQLAlchemyError as trouble:
            hide_parameters(trouble)
            if not is_passing(trouble):
                raise
            log.warning("the database is busy or away (%s): the next run goes on", type(trouble).__name__)
        finally:
            runtime.db.session.remove()
