"""The page *Mapowanie*: what of the shop's stands for what of Allegro's, and where each was learned."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from flask import Blueprint, Response, redirect, render_template, request, stream_with_context, url_for
from sqlalchemy import delete as delete_rows
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from allegro_module.db.accounts import Account, list_linked_accounts
from allegro_module.db.audit import record
from allegro_module.db.categories import has_tree
from allegro_module.db.mappings import AttributeMapping, CategoryMapping, ValueMapping
from allegro_module.db.schedule import find_task
from allegro_module.domain.mappings import MappedBy
from allegro_module.domain.permissions import Permission
from allegro_module.jobs.mapping import SUGGEST, ring_fetch_mapped_parameters, ring_suggest_categories
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.mapping_table import read_table, table_lines
from allegro_module.web import mapping_edit
from allegro_module.web.account_choice import chosen_account, needed_account
from allegro_module.web.csv_files import BYTE_ORDER_MARK, csv_line
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.i18n import n, t
from allegro_module.web.mapping_rows import VIEWS
from allegro_module.web.mapping_rows import read_table as read_rows
from allegro_module.web.security import requires
from allegro_module.web.sentences import sentence
from allegro_module.web.ui import tell

PAGE = "allegro/mapping/index.html"
LIST = "allegro/mapping/_list.html"
#: A table of twenty thousand lines is far below.
FILE_BYTES_MAX = 5_000_000
KINDS: Mapping[str, type[AttributeMapping] | type[ValueMapping]] = {
    "attributes": AttributeMapping,
    "values": ValueMapping,
}


def create_blueprint() -> Blueprint:
    page = Blueprint("mapping", __name__, url_prefix="/mapping")
    for rule in ("", "/"):
        page.add_url_rule(rule, "index", index, methods=["GET"])
    page.add_url_rule("/suggest", "suggest", suggest, methods=["POST"])
    page.add_url_rule("/accept", "accept", accept, methods=["POST"])
    page.add_url_rule("/delete", "delete", delete, methods=["POST"])
    page.add_url_rule("/export.csv", "export", export, methods=["GET"])
    page.add_url_rule("/import", "read_file", read_file, methods=["POST"])
    mapping_edit.add_rules(page)
    return page


@requires(Permission.SETTINGS)
def index() -> Response | str:
    runtime = current_runtime()
    account = chosen_account(runtime.session)
    if account is None:
        return render_template(PAGE, account=None)
    return _index(runtime, account)


def _index(
    runtime: Runtime, account: Account, wrong: list[tuple[int, str]] | None = None, status: int = 200
) -> Response:
    wanted = request.args.get("view", "")
    view = wanted if wanted in VIEWS else VIEWS[0]
    text = request.args.get("q", "").strip()[:100]
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    categories = runtime.shop.vocabulary().categories
    table = read_rows(runtime.session, account.environment, view, categories, text, page)
    return page_or_fragment(
        PAGE,
        LIST,
        status=status,
        account=account,
        accounts=list_linked_accounts(runtime.session),
        table=table,
        text=text,
        # Whatever is mapped was found in the tree; else the tree itself is asked for.
        has_tree=any(row.meant for row in table.rows) or has_tree(runtime.session, account.environment),
        run=find_task(runtime.session, SUGGEST, account.id) if view == VIEWS[0] else None,
        wrong=wrong or [],
    )


def _back(account: Account, view: str = VIEWS[0]) -> BaseResponse:
    return redirect(url_for("allegro.mapping.index", account=account.id, view=view), 303)


@requires(Permission.SETTINGS)
def suggest() -> BaseResponse:
    runtime = current_runtime()
    account = needed_account(runtime.session)
    if not ring_suggest_categories(runtime, account):
        title = t("The queue does not answer, so the search could not be started.")
        tell("warn", title, t("Tell the shop's administrator, then start it again."))
    return _back(account)


@requires(Permission.SETTINGS)
def accept() -> BaseResponse:
    """The suggestions named, or all of them."""
    runtime = current_runtime()
    account, session = needed_account(runtime.session), runtime.session
    statement = update(CategoryMapping).where(
        CategoryMapping.environment == account.environment, CategoryMapping.mapped_by == MappedBy.SUGGESTED
    )
    if named := request.form.getlist("key"):
        statement = statement.where(CategoryMapping.shop_category_id.in_(named[:1000]))
    now, who = runtime.now(account.environment), runtime.who()
    result = session.execute(
        statement.values(mapped_by=MappedBy.SELLER, changed_at=now, changed_by=who[:100]),
        execution_options={"synchronize_session": False},
    )
    count: int = result.rowcount  # type: ignore[attr-defined]
    if count:
        record(session, now, who, "mapping_accepted", account.login or account.alias, {"count": str(count)})
    session.commit()
    ring_fetch_mapped_parameters(runtime, account.id)
    tell("ok", n("%(num)s suggestion accepted.", "%(num)s suggestions accepted.", count))
    return _back(account)


@requires(Permission.SETTINGS)
def delete() -> BaseResponse:
    runtime = current_runtime()
    account, session = needed_account(runtime.session), runtime.session
    view, key = request.form.get("view", VIEWS[0]), request.form.get("key", "")
    if _delete(session, account.environment, view, key):
        now = runtime.now(account.environment)
        record(session, now, runtime.who(), "mapping_deleted", account.login or account.alias, {view: key})
    session.commit()
    return _back(account, view if view in VIEWS else VIEWS[0])


def _delete(session: Session, environment: str, view: str, key: str) -> bool:
    kind = KINDS.get(view)
    if kind is None:
        statement = delete_rows(CategoryMapping).where(
            CategoryMapping.environment == environment, CategoryMapping.shop_category_id == key
        )
    elif key.isdecimal() and len(key) < 10:
        statement = delete_rows(kind).where(kind.environment == environment, kind.id == int(key))
    else:
        return False
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return bool(result.rowcount)  # type: ignore[attr-defined]


@requires(Permission.SETTINGS)
def export() -> Response:
    runtime = current_runtime()
    account = needed_account(runtime.session)
    names = {each.id: each.name for each in runtime.shop.vocabulary().categories}
    lines = map(csv_line, table_lines(runtime.session, account.environment, names))
    response = Response(stream_with_context(chain([BYTE_ORDER_MARK], lines)), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="allegro-mapowanie.csv"'
    return response


@requires(Permission.SETTINGS)
def read_file() -> BaseResponse:
    """*Import CSV*: the whole table is taken over, or every line that is wrong is named and none is."""
    runtime = current_runtime()
    account, session = needed_account(runtime.session), runtime.session
    file = request.files.get("file")
    data = file.read(FILE_BYTES_MAX + 1) if file else b""
    text = _decoded(data)
    if text is None:
        tell("bad", t("This is not a CSV file."), t("Save the table as “CSV UTF-8” and choose it once more."))
        return _back(account)
    now, who = runtime.now(account.environment), runtime.who()
    outcome = read_table(session, account.environment, text, who, now)
    if not isinstance(outcome, int):
        session.rollback()
        wrong = [(each.line, sentence(each.problem)) for each in outcome]
        return _index(runtime, account, wrong, 422)
    details = {"count": str(outcome)}
    record(session, now, who, "mapping_imported", account.login or account.alias, details)
    session.commit()
    ring_fetch_mapped_parameters(runtime, account.id)
    tell("ok", n("The table changed %(num)s mapping.", "The table changed %(num)s mappings.", outcome))
    return _back(account)


def _decoded(data: bytes) -> str | None:
    """UTF-8, else as older Polish spreadsheets save; None for what is no text."""
    if not data or len(data) > FILE_BYTES_MAX or b"\x00" in data:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1250", "replace")
