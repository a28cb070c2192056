"""Setting one mapping by hand: a category, an attribute, a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account
from allegro_module.db.audit import record
from allegro_module.db.categories import search_leaves
from allegro_module.db.mappings import (
    AttributeMapping,
    CategoryMapping,
    ValueMapping,
    list_attribute_mappings,
    list_category_mappings,
    put_mapping,
)
from allegro_module.domain.mappings import ANY_CATEGORY, MappedBy
from allegro_module.domain.parameters import Parameter, ParameterType
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.jobs.mapping import ring_fetch_mapped_parameters
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.mapped_answers import BRAND, MPN, WEIGHT
from allegro_module.sync.mapping_table import (
    KnownCategories,
    attribute_row,
    category_row,
    known_values,
    value_row,
)
from allegro_module.web.account_choice import needed_account
from allegro_module.web.category_picker import by_path
from allegro_module.web.formats import by_alphabet
from allegro_module.web.i18n import t
from allegro_module.web.security import requires
from allegro_module.web.sentences import sentence
from allegro_module.web.ui import tell

FOUND_AT_MOST = 30
#: Longer dictionaries are typed, not chosen from.
SUGGESTED_VALUES = 200


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/category", "category", category, methods=["GET"])
    page.add_url_rule("/category", "save_category", save_category, methods=["POST"])
    page.add_url_rule("/attribute", "attribute", attribute, methods=["GET"])
    page.add_url_rule("/attribute", "save_attribute", save_attribute, methods=["POST"])
    page.add_url_rule("/value", "value", value, methods=["GET"])
    page.add_url_rule("/value", "save_value", save_value, methods=["POST"])
    page.add_url_rule("/features", "fetch_features", fetch_features, methods=["POST"])


@requires(Permission.SETTINGS)
def category() -> str:
    """`?key=` is the shop's category; without a search its own name is looked for."""
    runtime, account = current_runtime(), needed_account(current_runtime().session)
    key = request.args.get("key", "")[:100]
    name = {each.id: each.name for each in runtime.shop.vocabulary().categories}.get(key, key)
    text = request.args.get("q", name).strip()[:100]
    found = search_leaves(runtime.session, account.environment, text, FOUND_AT_MOST + 1) if text else []
    return render_template(
        "allegro/mapping/category.html",
        account=account,
        key=key,
        name=name,
        text=text,
        found=by_path(found[:FOUND_AT_MOST]),
        is_cut=len(found) > FOUND_AT_MOST,
        chosen=_mapped(runtime, account).get(key, ""),
    )


@requires(Permission.SETTINGS)
def save_category() -> Response:
    runtime, account = current_runtime(), needed_account(current_runtime().session)
    key, category_id = request.form.get("key", "")[:100], request.form.get("category", "")[:64]
    known = KnownCategories(runtime.session, account.environment, frozenset({category_id}))
    row = category_row(known, key, category_id, _who_and_when(runtime, account))
    if not key or isinstance(row, Problem):
        tell("warn", t("This category cannot take offers."), t("Choose one at the end of a branch."))
        return redirect(url_for("allegro.mapping.category", account=account.id, key=key), 303)
    _keep(runtime, account, row, f"{key} → {known.path(category_id)}")
    ring_fetch_mapped_parameters(runtime, account.id)
    return redirect(url_for("allegro.mapping.index", account=account.id), 303)


@requires(Permission.SETTINGS)
def fetch_features() -> Response:
    """*Pobierz cechy*: a worker fetches those of all mapped categories that are not known yet."""
    runtime, account = current_runtime(), needed_account(current_runtime().session)
    if ring_fetch_mapped_parameters(runtime, account.id):
        tell("info", t("The features are being fetched."), t("Look again in a few seconds."))
    else:
        title = t("The queue does not answer, so fetching begins later.")
        tell("warn", title, t("Nothing is lost. Tell the shop's administrator."))
    view = "value" if request.form.get("page") == "value" else "attribute"
    category_id = request.form.get("category", "")[:64]
    return redirect(url_for(f"allegro.mapping.{view}", account=account.id, category=category_id), 303)


@requires(Permission.SETTINGS)
def attribute() -> str:
    """First the category (`?category=`, empty for every one), which then offers its parameters."""
    return _attribute_page(dict(request.args.items()))


def _attribute_page(values: Mapping[str, str], errors: Mapping[str, str] | None = None) -> str:
    runtime, account = current_runtime(), needed_account(current_runtime().session)
    known = _known(runtime, account, values.get("category"))
    category_id = values.get("category", ANY_CATEGORY)
    names = [each.name for each in runtime.shop.vocabulary().attributes]
    return render_template(
        "allegro/mapping/attribute.html",
        account=account,
        values=values,
        errors=errors or {},
        categories=_category_choices(known),
        attributes=sorted({*names, BRAND, MPN, WEIGHT}, key=by_alphabet),
        parameters=_parameter_choices(known, category_id),
    )


@requires(Permission.SETTINGS)
def save_attribute() -> Response | tuple[str, int]:
    runtime, account = current_runtime(), needed_account(current_runtime().session)
    values = {name: text.strip() for name, text in request.form.items()}
    category_id = values.get("category", ANY_CATEGORY)[:64]
    known = _known(runtime, account, category_id)
    parameter = known.parameters(category_id).get(values.get("parameter", ""))
    name = values.get("attribute", "")
    errors = _errors(
        {
            "attribute": None if name and len(name) <= 100 else Problem("mapping_attribute_required"),
            "parameter": None if parameter else Problem("mapping_parameter_required"),
        }
    )
    if errors or parameter is None:
        return _attribute_page(values, errors), 422
    who_and_when = _who_and_when(runtime, account)
    row = attribute_row(account.environment, category_id, name, parameter.id, who_and_when)
    _keep(runtime, account, row, f"{name} → {parameter.name}")
    return redirect(url_for("allegro.mapping.index", account=account.id, view="attributes"), 303)


@requires(Permission.SETTINGS)
def value() -> str:
    return _value_page(dict(request.args.items()))


def _value_page(values: Mapping[str, str], errors: Mapping[str, str] | None = None) -> str:
    runtime, account = current_runtime(), needed_account(current_runtime().session)
    known = _known(runtime, account, values.get("category"))
    category_id = values.get("category", ANY_CATEGORY)
    parameter = known.parameters(category_id).get(values.get("parameter", ""))
    return render_template(
        "allegro/mapping/value.html",
        account=account,
        values=values,
        errors=errors or {},
        categories=_category_choices(known),
        parameters=_parameter_choices(known, category_id),
        parameter=parameter,
        suggested=_suggested(parameter),
        known_words=known_values(parameter) if parameter else "",
    )


def _suggested(parameter: Parameter | None) -> list[str]:
    if parameter is None or len(parameter.dictionary) > SUGGESTED_VALUES:
        return []
    return [each.name for each in parameter.dictionary.values()]


@requires(Permission.SETTINGS)
def save_value() -> Response | tuple[str, int]:
    runtime, account = current_runtime(), needed_account(current_runtime().session)
    values = {name: text.strip() for name, text in request.form.items()}
    category_id = values.get("category", ANY_CATEGORY)[:64]
    known = _known(runtime, account, category_id)
    parameter = known.parameters(category_id).get(values.get("parameter", ""))
    said, words = values.get("value", ""), values.get("meant", "")
    errors = _errors(
        {
            "parameter": None if parameter else Problem("mapping_parameter_required"),
            "value": None if said and len(said) <= 255 else Problem("mapping_shop_value_required"),
        }
    )
    if errors or parameter is None:
        return _value_page(values, errors), 422
    who_and_when = _who_and_when(runtime, account)
    row = value_row(account.environment, category_id, parameter, said, words, who_and_when)
    if isinstance(row, Problem):
        return _value_page(values, {"meant": sentence(row)}), 422
    _keep(runtime, account, row, f"{parameter.name}: {said} → {words}")
    return redirect(url_for("allegro.mapping.index", account=account.id, view="values"), 303)


def _errors(problems: Mapping[str, Problem | None]) -> dict[str, str]:
    return {name: sentence(problem) for name, problem in problems.items() if problem is not None}


def _who_and_when(runtime: Runtime, account: Account) -> dict[str, Any]:
    return {
        "mapped_by": MappedBy.SELLER,
        "changed_at": runtime.now(account.environment),
        "changed_by": runtime.who()[:100],
    }


def _keep(
    runtime: Runtime,
    account: Account,
    row: CategoryMapping | AttributeMapping | ValueMapping,
    words: str,
) -> None:
    session = runtime.session
    if put_mapping(session, row):
        now, subject = runtime.now(account.environment), account.login or account.alias
        record(session, now, runtime.who(), "mapping_saved", subject, {"mapping": words[:500]})
    session.commit()
    tell("ok", t("The mapping is saved."))


def _mapped(runtime: Runtime, account: Account) -> dict[str, str]:
    rows = list_category_mappings(runtime.session, account.environment)
    return {row.shop_category_id: row.category_id for row in rows}


def _known(runtime: Runtime, account: Account, asked: str | None) -> KnownCategories:
    """Those that the mapping speaks of: only of them the parameters are needed."""
    session, environment = runtime.session, account.environment
    ids = {*_mapped(runtime, account).values(), asked or ANY_CATEGORY}
    ids |= {row.category_id for row in list_attribute_mappings(session, environment)}
    return KnownCategories(session, environment, frozenset(ids - {ANY_CATEGORY}))


def _category_choices(known: KnownCategories) -> list[tuple[str, str]]:
    found = sorted((row.path, key) for key, row in known.rows.items())
    return [(ANY_CATEGORY, t("every category")), *((key, path) for path, key in found)]


def _parameter_choices(known: KnownCategories, category_id: str) -> list[tuple[str, str]]:
    """The EAN is a field of its own."""
    found = [each for each in known.parameters(category_id).values() if not each.is_gtin]
    return [(each.id, _named(each)) for each in sorted(found, key=lambda each: by_alphabet(each.name))]


def _named(parameter: Parameter) -> str:
    kind = t("a list to choose from") if parameter.type is ParameterType.DICTIONARY else ""
    unit = parameter.unit
    return " · ".join(part for part in (parameter.name, unit, kind) if part)
