"""The pages *Domyślne ustawienia*: what new offers get – of the account, a shop category, a product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account, get_account, list_linked_accounts
from allegro_module.db.audit import record
from allegro_module.db.profiles import Profile, find_profile, list_profiles
from allegro_module.domain.marketplaces import additional_to
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.domain.profile_values import kept_values, unknown_ids, value_problems
from allegro_module.domain.profiles import FIELDS, Scope
from allegro_module.domain.shop import ProductQuery
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.web import defaults_more
from allegro_module.web.account_choice import chosen_account, needed_account
from allegro_module.web.default_words import value_words
from allegro_module.web.defaults_more import one_profile, subject_of
from allegro_module.web.defaults_preview import preview
from allegro_module.web.defaults_view import (
    Typed,
    known_ids,
    names_of,
    profile_words,
    scope_title,
    view_of,
)
from allegro_module.web.forms.defaults import Sent, read_values, safety_problems, without
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.i18n import t
from allegro_module.web.offer_facts import find_product
from allegro_module.web.security import requires
from allegro_module.web.ui import tell

PAGE = "allegro/defaults/index.html"
EDIT = "allegro/defaults/edit.html"
PREVIEW = "allegro/defaults/_preview.html"


def create_blueprint() -> Blueprint:
    page = Blueprint("defaults", __name__, url_prefix="/defaults")
    for rule in ("", "/"):
        page.add_url_rule(rule, "index", index, methods=["GET"])
    page.add_url_rule("", "save", save, methods=["POST"])
    page.add_url_rule("/preview", "look", look, methods=["GET"])
    page.add_url_rule("/<int:profile_id>", "edit", edit, methods=["GET"])
    page.add_url_rule("/<int:profile_id>", "save_one", save_one, methods=["POST"])
    defaults_more.add_rules(page)
    return page


@requires(Permission.SETTINGS)
def index() -> Response | str:
    runtime = current_runtime()
    account = chosen_account(runtime.session)
    if account is None:
        return render_template(PAGE, account=None)
    return _index(runtime, account)


def _index(runtime: Runtime, account: Account, typed: Typed | None = None, status: int = 200) -> Response:
    profile = find_profile(runtime.session, account.id, Scope.ACCOUNT)
    names = names_of(runtime, account)
    others = [each for each in list_profiles(runtime.session, account.id) if each.scope != Scope.ACCOUNT]
    return page_or_fragment(
        PAGE,
        status=status,
        account=account,
        accounts=list_linked_accounts(runtime.session),
        view=view_of(runtime, account, profile, typed),
        action=url_for("allegro.defaults.save"),
        others=[(each, profile_words(each, names)) for each in others if each.scope != Scope.BRAND],
        brands=sum(each.scope == Scope.BRAND for each in others),
        **_preview(runtime, account),
    )


@requires(Permission.SETTINGS)
def look() -> Response:
    """*Podgląd*: what a new offer of a product would hold, and why."""
    runtime = current_runtime()
    account = needed_account(runtime.session)
    if request.headers.get("X-Allegro-Fragment"):
        return page_or_fragment(PREVIEW, PREVIEW, account=account, **_preview(runtime, account))
    return _index(runtime, account)


def _preview(runtime: Runtime, account: Account) -> dict[str, Any]:
    """By SKU, else the first products that the typed words find."""
    wanted = request.args.get("product", "").strip()[:100]
    product = find_product(runtime, wanted) if wanted else None
    found: Sequence[Any] = ()
    if wanted and product is None:
        found = runtime.shop.find_products(ProductQuery(text=wanted, limit=8), None).items
        if len(found) == 1:
            product = found[0]
    return {
        "wanted": wanted,
        "product": product,
        "found_products": [] if product else found,
        "rows": preview(runtime, account, product) if product else [],
    }


@requires(Permission.SETTINGS)
def save() -> Response:
    runtime = current_runtime()
    account = needed_account(runtime.session)
    profile = find_profile(runtime.session, account.id, Scope.ACCOUNT)
    typed = _save(runtime, account, profile)
    if typed is not None:
        return _index(runtime, account, typed, _status(typed))
    return redirect(url_for("allegro.defaults.index", account=account.id), 303)


@requires(Permission.SETTINGS)
def edit(profile_id: int) -> Response:
    runtime = current_runtime()
    return _edit(runtime, one_profile(runtime, profile_id))


def _edit(runtime: Runtime, profile: Profile, typed: Typed | None = None, status: int = 200) -> Response:
    account = get_account(runtime.session, profile.account_id)
    return page_or_fragment(
        EDIT,
        status=status,
        account=account,
        view=view_of(runtime, account, profile, typed),
        title=scope_title(Scope(profile.scope), profile.label or profile.key),
        action=url_for("allegro.defaults.save_one", profile_id=profile.id),
    )


@requires(Permission.SETTINGS)
def save_one(profile_id: int) -> Response:
    runtime = current_runtime()
    profile = one_profile(runtime, profile_id)
    account = get_account(runtime.session, profile.account_id)
    typed = _save(runtime, account, profile)
    if typed is not None:
        return _edit(runtime, one_profile(runtime, profile_id), typed, _status(typed))
    return redirect(url_for("allegro.defaults.index", account=account.id), 303)


def _status(typed: Typed) -> int:
    if typed.changed_note:
        return 409
    return 422 if typed.problems else 200


def _save(runtime: Runtime, account: Account, profile: Profile | None) -> Typed | None:
    """None when all is saved; else the form with what is to be corrected or looked at."""
    sent: Sent = request.form
    if field := sent.get("reset", ""):
        return Typed(without(sent, field))
    values = read_values(sent, account.country, additional_to(account.base_marketplace))
    wrong = [*value_problems(values), *safety_problems(sent)]
    if problems := wrong or _unknown(runtime, account, profile, values):
        return Typed(sent, problems)
    if sent.get("version", type=int) != (profile.version if profile else 0):
        return Typed(_renewed(sent, profile), changed_note=_changed_by(profile))
    try:
        _keep(runtime, account, profile, kept_values(values))
    except (StaleDataError, IntegrityError):
        runtime.session.rollback()
        profile = find_profile(runtime.session, account.id, Scope.ACCOUNT) if profile is None else profile
        return Typed(_renewed(sent, profile), changed_note=_changed_by(profile))
    tell("ok", t("Default settings saved."))
    return None


def _unknown(
    runtime: Runtime, account: Account, profile: Profile | None, values: Mapping[str, Any]
) -> list[Problem]:
    files = values.get("safety_attachments") or ()
    return unknown_ids(values, known_ids(runtime, account, files), profile.values if profile else {})


def _renewed(sent: Sent, profile: Profile | None) -> Sent:
    """The typed form, to be saved over the newer version when the seller has looked at it."""
    form = sent.copy()
    form["version"] = str(profile.version if profile else 0)
    return form


def _changed_by(profile: Profile | None) -> str:
    return (profile.changed_by if profile else "") or t("somebody else")


def _keep(runtime: Runtime, account: Account, profile: Profile | None, values: dict[str, Any]) -> None:
    session, now, who = runtime.session, runtime.now(account.environment), runtime.who()
    if profile is None:
        profile = Profile(account_id=account.id, scope=Scope.ACCOUNT, key="", values={})
        session.add(profile)
    before = dict(profile.values)
    if before == values:
        session.rollback()
        return
    profile.values = values
    profile.changed_at, profile.changed_by = now, who[:100]
    record(
        session,
        now,
        who,
        "defaults_saved",
        subject_of(account, profile),
        _changes(runtime, account, before, values),
    )
    session.commit()


def _changes(
    runtime: Runtime, account: Account, before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, str]:
    """In the words of the page; long texts are only named."""
    names = names_of(runtime, account)

    def words(name: str, values: Mapping[str, Any]) -> str:
        return value_words(name, values[name], names) if name in values else ""

    changed = [name for name in FIELDS if before.get(name) != after.get(name)]
    return {
        name: "changed" if name == "safety_text" else f"{words(name, before)} → {words(name, after)}"
        for name in changed
    }
