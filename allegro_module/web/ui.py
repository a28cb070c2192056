"""What every page shows: where I am, as whom, in which environment, what alarms; and notes after a deed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import abort, current_app, g, request, session, url_for
from sqlalchemy import func, select

from allegro_module.db.accounts import Account, Application
from allegro_module.db.alarms import unread_alarms
from allegro_module.db.failures import Failure
from allegro_module.db.offers import Offer
from allegro_module.domain.offers import OfferState
from allegro_module.domain.permissions import Permission
from allegro_module.runtime import current_runtime
from allegro_module.web.alarms import Alarm, Kind, Seen, alarms_of
from allegro_module.web.i18n import n, t
from allegro_module.web.labels import ENVIRONMENTS, Label, label_of_account

LARGEST_ID = 2**63 - 1
#: Accounts are few: their column is a plain integer.
LARGEST_ACCOUNT_ID = 2**31 - 1
NOTES_KEY = "allegro_notes"
SAID_BY_SETTINGS = frozenset({Kind.LOST, Kind.KEYS_REFUSED, Kind.SCOPES})
#: The cards of the settings page say it all; the page that asks need not lead to itself.
SAID_BY_PAGE = {
    "allegro.connection.index": SAID_BY_SETTINGS,
    "allegro.connection.save": SAID_BY_SETTINGS,
    "allegro.connection.confirm_account": frozenset({Kind.UNCONFIRMED}),
}
#: Pages that stand under another page's tab.
PART_OF = {
    "allegro.order": "allegro.orders",
    "allegro.order_rules": "allegro.orders",
    "allegro.prints": "allegro.orders",
    "allegro.changes": "allegro.offers",
    "allegro.quick": "allegro.offers",
    "allegro.safety": "allegro.terms",
    "allegro.templates": "allegro.defaults",
    "allegro.offer_templates": "allegro.defaults",
    "allegro.mapping": "allegro.defaults",
}
ICON_BY_KIND = {
    "ok": "check-circle-fill",
    "info": "info-circle",
    "warn": "exclamation-triangle-fill",
    "bad": "exclamation-octagon-fill",
}


@dataclass(frozen=True, slots=True)
class AccountChip:
    id: int
    alias: str
    name: str
    environment: str
    label: Label


@dataclass(frozen=True, slots=True)
class Tab:
    """`count` is shown when above zero; `count_words` says what was counted."""

    text: str
    address: str
    is_current: bool
    keys: str
    count: int = 0
    count_words: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """`environment` is where deeds go; `environments` are all of the linked accounts, production first."""

    environment: str | None
    environments: Sequence[str]
    accounts: Sequence[AccountChip]
    alarms: Sequence[Alarm]
    refused_offers: int
    set_aside: int
    unread: int

    @property
    def worst(self) -> Label | None:
        """The state to show for all accounts together; what is off on purpose hides no other."""
        order = ("bad", "warn", "wait", "ok", "off")
        return min(
            (chip.label for chip in self.accounts), key=lambda label: order.index(label.tone), default=None
        )


NOTHING_TO_SHOW = Head(None, (), (), (), 0, 0, 0)


def head() -> Head:
    """Read once per request, in one query."""
    if "allegro_head" not in g:
        g.allegro_head = _read_head()
    found: Head = g.allegro_head
    return found


def _read_head() -> Head:
    runtime = current_runtime()
    refused = select(func.count(Offer.id)).where(Offer.state == OfferState.REFUSED).scalar_subquery()
    aside = select(func.count(Failure.id)).where(Failure.resolved_at.is_(None)).scalar_subquery()
    rows = runtime.session.execute(
        select(Application, Account, refused, aside, unread_alarms().scalar_subquery())
        .outerjoin(Account, Account.application_id == Application.id)
        .order_by(Application.changed_at.desc(), Account.id)
    ).all()
    if not rows:
        return NOTHING_TO_SHOW
    seen = [Seen(row[0], row[1] if row[1] is not None and row[1].seller_id else None) for row in rows]
    accounts = [each.account for each in seen if each.account is not None]
    environments = _environments(accounts) or [rows[0][0].environment]
    return Head(
        # The linked account's, not that of keys which are only being tried.
        environment=accounts[0].environment if accounts else environments[0],
        environments=environments,
        accounts=[_chip(account) for account in accounts],
        alarms=alarms_of(seen, runtime.seal, runtime.now),
        refused_offers=rows[0][2],
        set_aside=rows[0][3],
        unread=rows[0][4],
    )


def _environments(accounts: Sequence[Account]) -> list[str]:
    found = {account.environment for account in accounts}
    return [name for name in ENVIRONMENTS if name in found]


def _chip(account: Account) -> AccountChip:
    now = current_runtime().now(account.environment)
    return AccountChip(
        account.id, account.alias, account.login or "", account.environment, label_of_account(account, now)
    )


def alarms_here() -> Sequence[Alarm]:
    """Those of the head, but for what the page itself says in full."""
    said = SAID_BY_PAGE.get(request.endpoint or "", frozenset())
    return [alarm for alarm in head().alarms if alarm.kind not in said]


def refuse_impossible_ids() -> None:
    """404 for an id in the path that no column can hold: a database would break on it."""
    for name, value in (request.view_args or {}).items():
        largest = LARGEST_ACCOUNT_ID if name == "account_id" else LARGEST_ID
        if (isinstance(value, int) and value > largest) or (isinstance(value, str) and "\x00" in value):
            abort(404)


def id_sent(name: str) -> int | None:
    """An id in the address or in the form; None without one. What can be no id of ours is 404."""
    text = request.values.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) <= LARGEST_ID):
        abort(404)
    return int(text)


def before_in_address() -> int | None:
    """`?before=…`: the list goes on after this id. A number that is no id of ours is 404."""
    before_id = request.args.get("before", type=int)
    if before_id is not None and not 0 < before_id <= LARGEST_ID:
        abort(404)
    return before_id


def page_now() -> datetime:
    """The clock of the environment that the pages show."""
    return current_runtime().now(head().environment or "production")


def tabs() -> list[Tab]:
    """The pages that exist and that this visitor may open."""
    found = head()
    candidates = [
        (
            "allegro.offers.index",
            t("Offers"),
            "g o",
            found.refused_offers,
            n("%(num)s to correct", "%(num)s to correct", found.refused_offers),
        ),
        (
            "allegro.orders.index",
            t("Orders"),
            "g z",
            found.set_aside,
            n("%(num)s set aside", "%(num)s set aside", found.set_aside),
        ),
        ("allegro.price_lists.index", t("Delivery price lists"), "g c", 0, ""),
        ("allegro.terms.index", t("Terms"), "g w", 0, ""),
        ("allegro.defaults.index", t("Offer defaults"), "g d", 0, ""),
        ("allegro.schedule.index", t("Schedule"), "g h", 0, ""),
        ("allegro.connection.index", t("Account settings"), "g u", 0, ""),
    ]
    return [
        Tab(text, url_for(endpoint), _is_here(endpoint), keys, count, words)
        for endpoint, text, keys, count, words in candidates
        if may_open(endpoint)
    ]


def may_open(endpoint: str) -> bool:
    view = current_app.view_functions.get(endpoint)
    permission: Permission | None = getattr(view, "allegro_permission", None)
    return permission is not None and current_runtime().may(permission)


def _is_here(endpoint: str) -> bool:
    page = (request.endpoint or "").rpartition(".")[0]
    return PART_OF.get(page, page) == endpoint.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Note:
    """`kind` is ok, info, warn or bad; `title` is the first sentence, bold."""

    kind: str
    title: str
    text: str = ""

    @property
    def icon(self) -> str:
        return ICON_BY_KIND[self.kind]


def tell(kind: str, title: str, text: str = "") -> None:
    """Show a note on the next page of ours; the host's own flashed messages stay the host's."""
    session[NOTES_KEY] = [*session.get(NOTES_KEY, []), [kind, title, text]]


def take_notes() -> list[Note]:
    return [Note(*stored) for stored in session.pop(NOTES_KEY, [])]


def script_texts() -> dict[str, str]:
    """Texts that our scripts speak."""
    return {
        "copied": t("Copied"),
        "show": t("Show"),
        "hide": t("Hide"),
        "failed": t("That did not work. Nothing is lost: try once more."),
        "offline": t("No connection with the shop. Nothing is lost: try again in a moment."),
    }
