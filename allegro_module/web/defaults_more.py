"""Default settings of a category or a product: added, found again, deleted."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account, get_account
from allegro_module.db.audit import record
from allegro_module.db.profiles import Profile, find_profile, list_profiles
from allegro_module.domain.permissions import Permission
from allegro_module.domain.profiles import Scope
from allegro_module.domain.shop import Choice, ProductQuery
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.web.account_choice import needed_account
from allegro_module.web.i18n import t
from allegro_module.web.offer_facts import find_product
from allegro_module.web.security import requires
from allegro_module.web.ui import tell

#: Brands speak of product safety only, on the page of that.
ADDABLE = {"category": Scope.CATEGORY, "product": Scope.PRODUCT}
FOUND_MAX = 30
LARGEST_ID = 2**31 - 1


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/new/<scope>", "new", new, methods=["GET"])
    page.add_url_rule("/new/<scope>", "add", add, methods=["POST"])
    page.add_url_rule("/<int:profile_id>/delete", "delete", delete, methods=["POST"])


@requires(Permission.SETTINGS)
def new(scope: str) -> Response | str:
    """Which category or product gets defaults of its own."""
    runtime = current_runtime()
    account = needed_account(runtime.session)
    wanted = request.args.get("q", "").strip()[:100]
    found = _candidates(runtime, ADDABLE.get(scope) or abort(404), wanted)
    known = {each.key: each.id for each in list_profiles(runtime.session, account.id, ADDABLE[scope])}
    return render_template(
        "allegro/defaults/new.html",
        account=account,
        scope=scope,
        wanted=wanted,
        found=[(each, known.get(each.id[:100])) for each in found[:FOUND_MAX]],
        is_more=len(found) > FOUND_MAX,
    )


def _candidates(runtime: Runtime, scope: Scope, wanted: str) -> list[Choice]:
    if scope is Scope.CATEGORY:
        words = wanted.casefold()
        return [each for each in runtime.shop.vocabulary().categories if words in each.name.casefold()]
    page = runtime.shop.find_products(ProductQuery(text=wanted, limit=FOUND_MAX + 1), None)
    return [Choice(each.sku, f"{each.name} ({each.sku})") for each in page.items]


@requires(Permission.SETTINGS)
def add(scope: str) -> Response:
    """A profile that says nothing yet; one that is there already is opened."""
    runtime = current_runtime()
    account = needed_account(runtime.session)
    wanted, key = ADDABLE.get(scope) or abort(404), request.form.get("key", "")[:100]
    label = _label(runtime, wanted, key) or abort(404)
    account_id = account.id
    known = find_profile(runtime.session, account_id, wanted, key)
    if known is None:
        known = _add(runtime, account, wanted, key, label)
    return redirect(url_for("allegro.defaults.edit", profile_id=known.id), 303)


def _label(runtime: Runtime, scope: Scope, key: str) -> str:
    """Empty for what the shop does not have."""
    if scope is Scope.PRODUCT:
        product = find_product(runtime, key)
        return product.name if product else ""
    return next((each.name for each in runtime.shop.vocabulary().categories if each.id[:100] == key), "")


def _add(runtime: Runtime, account: Account, scope: Scope, key: str, label: str) -> Profile:
    session, now = runtime.session, runtime.now(account.environment)
    account_id = account.id
    profile = Profile(account_id=account_id, scope=scope, key=key, label=label[:255], values={})
    profile.changed_at, profile.changed_by = now, runtime.who()[:100]
    session.add(profile)
    record(session, now, runtime.who(), "defaults_added", subject_of(account, profile))
    try:
        session.commit()
    except IntegrityError:
        # Somebody added it at the same moment.
        session.rollback()
        return find_profile(session, account_id, scope, key) or abort(409)
    return profile


@requires(Permission.SETTINGS)
def delete(profile_id: int) -> Response:
    """Offers keep what they have; new ones get what is farther."""
    runtime = current_runtime()
    profile = one_profile(runtime, profile_id)
    account = get_account(runtime.session, profile.account_id)
    now = runtime.now(account.environment)
    record(runtime.session, now, runtime.who(), "defaults_deleted", subject_of(account, profile))
    runtime.session.delete(profile)
    runtime.session.commit()
    tell("ok", t("Defaults deleted."))
    return redirect(url_for("allegro.defaults.index", account=account.id), 303)


def one_profile(runtime: Runtime, profile_id: int) -> Profile:
    """Of a category or product; the account's own is on the first page, brands are on that of safety."""
    profile = runtime.session.get(Profile, profile_id) if profile_id <= LARGEST_ID else None
    if profile is None or profile.scope not in ADDABLE.values():
        abort(404)
    return profile


def subject_of(account: Account, profile: Profile) -> str:
    name = account.login or account.alias
    return f"{name}: {profile.label or profile.key}" if profile.scope != Scope.ACCOUNT else name
