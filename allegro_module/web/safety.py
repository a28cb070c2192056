"""The page *Bezpieczeństwo produktu (GPSR)*: how complete it is, brands, producers, persons."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account, list_linked_accounts
from allegro_module.db.profiles import list_profiles
from allegro_module.db.terms import TermKind
from allegro_module.domain.permissions import Permission
from allegro_module.domain.profiles import Scope
from allegro_module.jobs.queue import job_id_of, look_at_jobs, ring_fetch_terms
from allegro_module.jobs.safety import ring_count_safety
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.safety import say, stored_coverage
from allegro_module.web import safety_merging, safety_parties, safety_rules
from allegro_module.web.account_choice import chosen_of, needed_account
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.i18n import t
from allegro_module.web.safety_view import brand_rows, read_book
from allegro_module.web.safety_words import counted_gaps, gap_words, information_words
from allegro_module.web.security import requires
from allegro_module.web.term_words import label_of_term
from allegro_module.web.ui import tell

PAGE = "allegro/safety/index.html"
COVERAGE = "allegro/safety/_coverage.html"
FRAGMENTS = (COVERAGE, "allegro/safety/_brands.html", "allegro/safety/_book.html")


def create_blueprint() -> Blueprint:
    page = Blueprint("safety", __name__, url_prefix="/safety")
    page.add_url_rule("", "index", index, methods=["GET"])
    page.add_url_rule("/fetch", "fetch", fetch, methods=["POST"])
    page.add_url_rule("/count", "count", count, methods=["POST"])
    safety_parties.add_rules(page)
    safety_merging.add_rules(page)
    safety_rules.add_rules(page)
    return page


@requires(Permission.SETTINGS)
def index() -> Response | str:
    runtime = current_runtime()
    accounts = list_linked_accounts(runtime.session)
    account = chosen_of(accounts)
    if account is None:
        return render_template(PAGE, account=None)
    counted = stored_coverage(runtime.session, account.id, runtime.now(account.environment))
    profiles = list_profiles(runtime.session, account.id, Scope.BRAND)
    book = read_book(runtime.session, account.id, profiles)
    is_fetching = "asked" in request.args and _is_fetching(runtime, account.id)
    return page_or_fragment(
        PAGE,
        *FRAGMENTS,
        account=account,
        accounts=accounts,
        counted=counted,
        rows=brand_rows(book, profiles, counted),
        book=book,
        kinds=(TermKind.RESPONSIBLE_PRODUCER, TermKind.RESPONSIBLE_PERSON),
        shows_archived="archived" in request.args,
        moves=is_fetching or book.is_under_way or counted.done is not None,
        is_fetching=is_fetching,
        gap_words=gap_words,
        counted_gaps=counted_gaps,
        information_words=information_words,
        label_of_term=label_of_term,
    )


def _is_fetching(runtime: Runtime, account_id: int) -> bool:
    return bool(look_at_jobs(runtime, [job_id_of("fetch_terms", account_id)]))


@requires(Permission.SETTINGS)
def fetch() -> Response:
    """*Pobierz z Allegro*: a job, which reads all terms of the account."""
    account = needed_account(current_runtime().session)
    if ring_fetch_terms(current_runtime(), account.id):
        tell("ok", t("Fetching from Allegro has been started."), t("New entries appear here by themselves."))
    else:
        tell_of_queue()
    return redirect(url_for("allegro.safety.index", account=account.id, asked=1), 303)


@requires(Permission.SETTINGS)
def count() -> Response:
    runtime = current_runtime()
    account = needed_account(runtime.session)
    if not count_anew(runtime, account):
        tell_of_queue()
    return redirect(url_for("allegro.safety.index", account=account.id), 303)


def count_anew(runtime: Runtime, account: Account) -> bool:
    """Commits. False when the queue cannot be reached: the old figure stays."""
    now = runtime.now(account.environment)
    say(runtime.session, account.id, now, 0)
    runtime.session.commit()
    if ring_count_safety(runtime, account.id):
        return True
    say(runtime.session, account.id, now, None)
    runtime.session.commit()
    return False


def tell_of_queue() -> None:
    title = t("The queue does not answer, so the work could not be started now.")
    tell("warn", title, t("Tell the shop's administrator, then start it again."))
