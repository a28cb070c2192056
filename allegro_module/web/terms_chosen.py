"""One of an account's terms of returns, complaints or guarantees: found, recorded, told about."""

from __future__ import annotations

from flask import abort
from sqlalchemy.orm import Session

from allegro_module.db.audit import record
from allegro_module.db.terms import NoSuchTerm, SellingTerm, get_term
from allegro_module.domain.after_sales import KINDS
from allegro_module.domain.terms import TermKind
from allegro_module.runtime import Runtime
from allegro_module.web.i18n import t
from allegro_module.web.term_marks import mark_of_states
from allegro_module.web.terms_rows import content_now, wanted_name
from allegro_module.web.ui import tell


def find_own_term(session: Session, term_id: int) -> SellingTerm:
    """404 for one that is not there, and for one that other pages keep."""
    try:
        term = get_term(session, term_id)
    except NoSuchTerm:
        abort(404)
    return term if term.kind in KINDS else abort(404)


def kind_named(name: str) -> TermKind:
    return TermKind(name) if name in KINDS else abort(404)


def mark_of(term: SellingTerm) -> str:
    """Changes with what the editor of these terms shows: another tab has saved when it differs."""
    return mark_of_states(content_now(term))


def record_deed(runtime: Runtime, term: SellingTerm, action: str) -> None:
    account = term.account
    record(
        runtime.session,
        runtime.now(account.environment),
        runtime.who(),
        action,
        account.login or account.alias,
        {"kind": str(term.kind), "name": wanted_name(term)},
    )


def tell_queue_is_down() -> None:
    title = t("The queue does not answer, so it could not be started now.")
    tell("warn", title, t("Tell the shop's administrator; what you saved is not lost."))


def tell_changed_meanwhile() -> None:
    tell("warn", t("These terms have just been changed elsewhere."), t("Look at them, then do it once more."))
