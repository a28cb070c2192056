"""The page *Ustawienia zamówień*: how an account's orders are imported, and which statuses mean the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account, list_linked_accounts
from allegro_module.db.audit import record
from allegro_module.db.order_rules import find_rules, list_status_rules, save_rules, save_status_rules
from allegro_module.db.schedule import begin_errand, find_task
from allegro_module.domain.order_rules import NUMBER_PLACEHOLDERS, OrderRules
from allegro_module.domain.order_texts import NOTE_PLACEHOLDERS, WARSAW, customer_of, notes_of, number_of
from allegro_module.domain.orders import SENDABLE, FulfillmentStatus
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.domain.shop import Choice
from allegro_module.domain.status_suggestions import suggested
from allegro_module.jobs.queue import enqueue
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.web.forms.order_rules import RulesForm, read_statuses
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.i18n import t
from allegro_module.web.labels import FULFILLMENT_STATES
from allegro_module.web.order_samples import sample_order
from allegro_module.web.security import requires
from allegro_module.web.sentences import sentence
from allegro_module.web.ui import tell

PAGE = "allegro/order_rules/index.html"
HISTORY = "allegro/order_rules/_history.html"
HISTORY_TASK = "import_history"
#: So long Allegro keeps forms (facts.md 5.3).
OLDEST = timedelta(days=365)
EXAMPLE_ID = 482
SEVERAL_LINES = frozenset({"notes_template"})


@dataclass(frozen=True, slots=True)
class Table:
    """The shop's statuses → Allegro's, and back."""

    to_allegro: Mapping[str, str]
    to_shop: Mapping[str, str]


def create_blueprint() -> Blueprint:
    page = Blueprint("order_rules", __name__)
    page.add_url_rule("/orders/settings", "index", index, methods=["GET"])
    page.add_url_rule("/orders/settings", "save", save, methods=["POST"])
    page.add_url_rule("/orders/settings/history", "start_history", start_history, methods=["POST"])
    return page


@requires(Permission.SETTINGS)
def index() -> Response | str:
    runtime = current_runtime()
    account = _account(runtime.session, request.args.get("account", type=int))
    if account is None:
        return render_template(PAGE, account=None)
    form = RulesForm(None, find_rules(runtime.session, account.id))
    return page_or_fragment(PAGE, HISTORY, **_context(runtime, account, form, _stored(runtime.session)))


@requires(Permission.SETTINGS)
def save() -> Response:
    """*Zapisz*; *Pokaż przykład* and *Zaproponuj* only show, with all that was typed."""
    runtime = current_runtime()
    account = _chosen(runtime.session)
    stored = find_rules(runtime.session, account.id)
    form = RulesForm(request.form, stored)
    table = Table(*read_statuses(request.form, runtime.shop.vocabulary().order_statuses))
    is_right = form.validate()
    if "suggest" in request.form:
        table = Table(*suggested(runtime.shop.vocabulary().order_statuses))
    elif is_right and "show" not in request.form:
        _keep(runtime, account, stored, form.rules, table)
        tell("ok", t("Settings saved."))
        return redirect(url_for("allegro.order_rules.index", account=account.id), 303)
    is_refused = not is_right and "suggest" not in request.form
    return page_or_fragment(
        PAGE,
        status=422 if is_refused else 200,
        is_suggested="suggest" in request.form,
        **_context(runtime, account, form, table, is_changed=True),
    )


@requires(Permission.SETTINGS)
def start_history() -> Response:
    """*Importuj od daty*: a job, whose run stands in its row; the journal's place is left alone."""
    runtime = current_runtime()
    account = _chosen(runtime.session)
    now = runtime.now(account.environment)
    typed = request.form.get("since", "")
    since, problem = read_since(typed, now)
    if since is None:
        form = RulesForm(None, find_rules(runtime.session, account.id))
        context = _context(runtime, account, form, _stored(runtime.session))
        return page_or_fragment(PAGE, status=422, **{**context, "since": typed, "since_problem": problem})
    begin_errand(runtime.session, HISTORY_TASK, account.id, now)
    record(
        runtime.session,
        now,
        runtime.who(),
        "history_imported",
        account.login or account.alias,
        {"since": typed},
    )
    runtime.session.commit()
    if enqueue(runtime, HISTORY_TASK, account.id, int(f"{since:%Y%m%d}")):
        tell("ok", t("The import of older orders has been started."))
        return redirect(url_for("allegro.order_rules.index", account=account.id, asked=1), 303)
    title = t("The queue does not answer, so the import could not be started now.")
    tell("warn", title, t("Tell the shop's administrator, then start it again."))
    return redirect(url_for("allegro.order_rules.index", account=account.id), 303)


def read_since(typed: str, now: datetime) -> tuple[date | None, str]:
    """The day, or the sentence that says what is wrong with it."""
    today = now.astimezone(WARSAW).date()
    try:
        since = date.fromisoformat(typed.strip())
    except ValueError:
        return None, sentence(Problem("date_required"))
    if since > today:
        return None, sentence(Problem("date_in_future"))
    if since < today - OLDEST:
        return None, sentence(Problem("date_too_old", params={"day": f"{today - OLDEST:%d.%m.%Y}"}))
    return since, ""


def _account(session: Session, account_id: int | None) -> Account | None:
    accounts = {account.id: account for account in list_linked_accounts(session)}
    if account_id is not None and account_id not in accounts:
        abort(404)
    return accounts[account_id] if account_id else next(iter(accounts.values()), None)


def _chosen(session: Session) -> Account:
    return _account(session, request.form.get("account", type=int)) or abort(404)


def _stored(session: Session) -> Table:
    rules = list_status_rules(session)
    return Table(
        {rule.source: rule.target for rule in rules if rule.to_allegro},
        {rule.source: rule.target for rule in rules if not rule.to_allegro},
    )


def _keep(runtime: Runtime, account: Account, stored: OrderRules, rules: OrderRules, table: Table) -> None:
    session, now = runtime.session, runtime.now(account.environment)
    who, subject = runtime.who(), account.login or account.alias
    if changes := _changes(stored, rules):
        save_rules(session, account.id, rules)
        record(session, now, who, "order_rules_saved", subject, changes)
    if table != (before := _stored(session)):
        save_status_rules(session, table.to_allegro, table.to_shop)
        record(session, now, who, "order_statuses_saved", "", _changed_statuses(before, table))
    session.commit()


def _changes(stored: OrderRules, rules: OrderRules) -> dict[str, str]:
    """Long texts are only named: the log is for finding out who, and when."""
    changed = [each.name for each in fields(rules) if getattr(stored, each.name) != getattr(rules, each.name)]
    return {
        name: "changed" if name in SEVERAL_LINES else f"{_word(stored, name)} → {_word(rules, name)}"
        for name in changed
    }


def _word(rules: OrderRules, name: str) -> str:
    value = getattr(rules, name)
    return "" if value is None else str(value)


def _changed_statuses(before: Table, after: Table) -> dict[str, str]:
    sides = (
        (before.to_allegro, after.to_allegro, "{} → Allegro"),
        (before.to_shop, after.to_shop, "Allegro {}"),
    )
    return {
        name.format(source): f"{old.get(source, '')} → {new.get(source, '')}"
        for old, new, name in sides
        for source in sorted(old.keys() | new.keys())
        if old.get(source) != new.get(source)
    }


def _context(
    runtime: Runtime, account: Account, form: RulesForm, table: Table, *, is_changed: bool = False
) -> dict[str, Any]:
    now = runtime.now(account.environment)
    return {
        "account": account,
        "accounts": list_linked_accounts(runtime.session),
        "form": form,
        "problems": [(name, label_of(name), errors[0]) for name, errors in form.errors.items()],
        "table": table,
        "shop_statuses": runtime.shop.vocabulary().order_statuses,
        "allegro_statuses": _words(SENDABLE),
        "all_statuses": _words(tuple(FulfillmentStatus)),
        "number_placeholders": NUMBER_PLACEHOLDERS,
        "note_placeholders": tuple(NOTE_PLACEHOLDERS),
        "examples": _examples(form, account, now),
        "is_changed": is_changed,
        "history": find_task(runtime.session, HISTORY_TASK, account.id),
        "is_asked": "asked" in request.args,
        "since": "",
        "since_problem": "",
        "oldest": (now - OLDEST).astimezone(WARSAW).date() + timedelta(days=1),
        "today": now.astimezone(WARSAW).date(),
    }


def _words(statuses: Sequence[FulfillmentStatus]) -> list[Choice]:
    return [Choice(str(each), FULFILLMENT_STATES[each].translated().text) for each in statuses]


def label_of(name: str) -> str:
    return {
        "number_template": t("Template of the number"),
        "notes_template": t("Template of the notes"),
        "delivery_vat_rate": t("Rate"),
        "goods_vat_rate": t("Rate of goods without one"),
        "customer_prefix": t("Prefix"),
        "customer_length": t("Longest symbol"),
    }.get(name, name)


def _examples(form: RulesForm, account: Account, now: datetime) -> dict[str, str]:
    """What the typed templates make of an invented order; nothing where they do not hold."""
    rules = form.rules
    login = account.login or ""
    number = number_of(account.alias, EXAMPLE_ID, rules, now.astimezone(UTC), login, "allegro-pl")
    order = sample_order(login, number, now)
    is_symbol_right = not (form.customer_prefix.errors or form.customer_length.errors)
    customer = customer_of(order, rules) if is_symbol_right else None
    return {
        "number": "" if form.number_template.errors else number,
        "notes": "" if form.notes_template.errors else notes_of(order, rules.notes_template),
        "customer": customer.symbol if customer else "",
    }
