"""What a form of new terms begins with: what the law asks for, at an address the account has used."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.domain.after_sales import Content, part, proposed, text
from allegro_module.domain.terms import TermKind
from allegro_module.sync.term_wishes import name_taken
from allegro_module.web.i18n import t
from allegro_module.web.terms_rows import known_addresses


def proposal(session: Session, account: Account, kind: TermKind) -> Content:
    """The address of other terms, else what the account says of itself."""
    address: dict[str, Any] = {
        "name": account.company or "",
        "postCode": account.post_code or "",
        "city": account.city or "",
        "countryCode": account.country,
    }
    contact: Content = {}
    for known in reversed(known_addresses(session, account.id)):
        address = dict(part(known, "address"))
        contact = part(known, "contact") or contact
    names = {
        TermKind.RETURN_POLICY: t("Returns 14 days"),
        TermKind.IMPLIED_WARRANTY: t("Complaints 2 years"),
        TermKind.WARRANTY: t("Producer's warranty 24 months"),
    }
    name = free_name(session, account, kind, names[kind])
    content = {**proposed(kind, {key: text(address, key) for key in address}), "name": name}
    return {**content, "contact": contact} if kind == TermKind.RETURN_POLICY and contact else content


def free_name(session: Session, account: Account, kind: TermKind, name: str) -> str:
    """„Zwroty 14 dni”, then „Zwroty 14 dni 2”."""
    wishes = (name, *(f"{name} {number}" for number in range(2, 10)))
    return next((each for each in wishes if not name_taken(session, account.id, kind, each)), name)
