"""Pages that belong to one account: which one, `?account=ID` or the form's `account`; the first one else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, current_app, request, url_for
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account, list_linked_accounts
from allegro_module.web.i18n import t
from allegro_module.web.ui import id_sent, may_open


def chosen_account(session: Session) -> Account | None:
    """None while no account is linked; 404 for one that is not."""
    return chosen_of(list_linked_accounts(session))


def needed_account(session: Session) -> Account:
    """As `chosen_account`; 404 while no account is linked."""
    return chosen_account(session) or abort(404)


def chosen_of(linked: Sequence[Account]) -> Account | None:
    """The same, where the linked accounts are read already."""
    accounts = {account.id: account for account in linked}
    wanted = id_sent("account")
    if wanted is not None and wanted not in accounts:
        abort(404)
    return accounts[wanted] if wanted is not None else next(iter(accounts.values()), None)


@dataclass(frozen=True, slots=True)
class SubTab:
    text: str
    address: str
    is_current: bool


def subtabs(group: str, account_id: int | None) -> list[SubTab]:
    """The pages that stand together under one tab: of group "terms" or "defaults"."""
    pages = {
        "terms": [
            ("allegro.terms.index", t("Returns, complaints, warranties")),
            ("allegro.safety.index", t("Product safety (GPSR)")),
        ],
        "defaults": [
            ("allegro.defaults.index", t("Default settings")),
            ("allegro.templates.index", t("Description templates")),
            ("allegro.offer_templates.index", t("Offer templates")),
            ("allegro.mapping.index", t("Mapping")),
        ],
    }[group]
    here = (request.endpoint or "").rpartition(".")[0]
    return [
        SubTab(text, url_for(endpoint, account=account_id), endpoint.rpartition(".")[0] == here)
        for endpoint, text in pages
        if endpoint in current_app.view_functions and may_open(endpoint)
    ]
