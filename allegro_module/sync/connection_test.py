"""*Testuj połączenie*: is everything there that the work of an account needs, and if not, what is missing?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.account import Me
from allegro_module.client.errors import AllegroError, NotConnected, Reason, Unavailable
from allegro_module.client.oauth import OAuth, Tokens
from allegro_module.db.accounts import Account, get_account
from allegro_module.domain.accounts import FRESH_ACCESS_REFUSED, HOLDS_TOKENS, KEYS_REFUSED, LinkState
from allegro_module.domain.scopes import (
    NEEDED,
    READ_OFFERS,
    READ_ORDERS,
    READ_PROFILE,
    READ_SETTINGS,
    WRITE_OFFERS,
    missing,
)
from allegro_module.sealing import Seal, SealBroken
from allegro_module.sync.checks import Check, bad, is_sealed, of_trouble, ok, skipped, to_json, warn
from allegro_module.sync.local_checks import check_work, home, place, queue, redirect, user_agent

T = TypeVar("T")

#: After so many calls without any answer the rest would only let the seller wait.
ENOUGH_SILENCE = 2
SLOW_CLOCK = timedelta(seconds=60)
WRONG_CLOCK = timedelta(minutes=5)
#: Without these, orders are not imported or offers not listed.
AT_THE_HEART = (READ_PROFILE, READ_ORDERS, READ_OFFERS, WRITE_OFFERS, READ_SETTINGS)
LOST_BY = {KEYS_REFUSED: "keys_refused", FRESH_ACCESS_REFUSED: "refused"}
TERMS: dict[str, Callable[[AllegroClient], int]] = {
    "return_policy": lambda api: len(api.after_sales.return_policies()),
    "implied_warranty": lambda api: len(api.after_sales.implied_warranties()),
    "shipping_rate": lambda api: len(api.delivery.shipping_rates_list()),
}


@dataclass(frozen=True, slots=True)
class Tools:
    """What the test works with; `redirect_uri` is empty where no browser asks.

    `clock_ahead` is how far our clock is ahead of Allegro's, None before Allegro has told the time.
    """

    oauth: OAuth
    api: AllegroClient
    seal: Seal
    user_agent: str
    redirect_uri: str
    clock_ahead: Callable[[], timedelta | None]
    is_queue_there: Callable[[], bool]
    now: Callable[[], datetime]
    wall_now: Callable[[], datetime]


Failed = AllegroError | SealBroken


@dataclass(slots=True)
class Answers:
    """What came of each call: an answer, what went wrong, or None where nobody was asked."""

    keys: Tokens | Failed | None = None
    me: Me | Failed | None = None
    terms: dict[str, int | Failed | None] = field(default_factory=dict)


def test_connection(session: Session, tools: Tools, account_id: int) -> list[Check]:
    """Look at everything once and keep the report at the account.

    1. Ask Allegro, with no transaction open.  2. Hold the answers against what is stored.  3. Store it.
    One thing that is wrong hides no other; five calls at most.      Raises NoSuchAccount.
    """
    version = get_account(session, account_id).token_version
    answers, is_queue_there = _ask(session, tools, account_id), tools.is_queue_there()
    session.expire_all()
    account = get_account(session, account_id)
    report = [*_judged(tools, account, answers, is_renewed=account.token_version != version)]
    report += check_work(session, account, tools.now(), tools.wall_now())
    report.append(queue(is_queue_there))
    if isinstance(answers.me, Me) and answers.me.id == account.seller_id:
        _keep_what_may_change(account, answers.me)
    keep_report(session, account, report, tools.now())
    return report


def keep_report(session: Session, account: Account, report: Sequence[Check], now: datetime) -> None:
    account.test_report = to_json(report)
    account.tested_at = now
    session.commit()


def _ask(session: Session, tools: Tools, account_id: int) -> Answers:
    account = get_account(session, account_id)
    client_id, sealed_secret = account.application.client_id, account.application.sealed_client_secret
    is_linked, scopes = account.state in HOLDS_TOKENS, account.scopes
    session.rollback()
    line = _Line()
    answers = Answers(
        keys=line.ask(lambda: tools.oauth.client_credentials(client_id, tools.seal.open(sealed_secret)))
    )
    if is_linked and not missing(scopes, (READ_PROFILE,)):
        answers.me = line.ask(tools.api.account.me)
    if is_linked and not missing(scopes, (READ_SETTINGS,)):
        answers.terms = {code: line.ask(partial(count, tools.api)) for code, count in TERMS.items()}
    return answers


@dataclass(slots=True)
class _Line:
    """Calls one after another; when nobody is there at all, no further one is made."""

    unanswered: int = 0

    def ask(self, call: Callable[[], T]) -> T | Failed:
        if self.unanswered >= ENOUGH_SILENCE:
            return Unavailable("not asked: nobody answers")
        try:
            return call()
        except SealBroken as broken:
            return broken
        except AllegroError as trouble:
            if isinstance(trouble, Unavailable) and trouble.status is None:
                self.unanswered += 1
            return trouble


def _keep_what_may_change(account: Account, me: Me) -> None:
    account.login = me.login
    account.is_company = me.is_company
    account.company = me.company.name if me.company else None


def _judged(tools: Tools, account: Account, answers: Answers, *, is_renewed: bool) -> Iterator[Check]:
    yield _keys(answers.keys)
    yield home(account)
    yield _token(account, answers.me, tools.now(), is_renewed=is_renewed)
    yield _seller(account, answers.me)
    yield from _scopes(account)
    yield _clock(tools.clock_ahead())
    yield user_agent(account, tools.user_agent)
    yield redirect(account, tools.redirect_uri)
    yield _company(account, answers.me)
    for code in TERMS:
        yield _terms(code, account, answers.terms.get(code))
    yield place(account)


def _keys(answer: Tokens | Failed | None) -> Check:
    if isinstance(answer, NotConnected) and not is_sealed(answer):
        return bad("keys", "refused")
    return of_trouble("keys", answer) if isinstance(answer, Failed) else ok("keys")


def _token(account: Account, me: Me | Failed | None, now: datetime, *, is_renewed: bool) -> Check:
    if account.state == LinkState.NEEDS_RECONNECT:
        return bad("token", LOST_BY.get(account.state_reason, "lost"))
    if account.state not in HOLDS_TOKENS:
        return bad("token", str(account.state))
    if is_sealed(me):
        return bad("token", "sealed")
    if isinstance(me, NotConnected) and me.reason is not Reason.SCOPE_MISSING:
        return bad("token", "refused")
    expires_at = account.token_expires_at
    if expires_at is None or expires_at <= now:
        return skipped("token", "unavailable") if isinstance(me, Unavailable) else bad("token", "expired")
    if account.state == LinkState.UNCONFIRMED:
        return warn("token", "unconfirmed", expires_at=expires_at)
    return ok("token", "renewed" if is_renewed else "ok", expires_at=expires_at)


def _seller(account: Account, me: Me | Failed | None) -> Check:
    if me is None:
        return (
            skipped("seller", "scope", scope=READ_PROFILE) if _is_linked(account) else _not_linked("seller")
        )
    if isinstance(me, Failed):
        return of_trouble("seller", me)
    if me.id != account.seller_id:
        return bad("seller", "other", login=me.login, wanted=account.login or "")
    if me.login != account.login:
        return ok("seller", "renamed", login=me.login, earlier=account.login or "")
    return ok("seller", login=me.login)


def _scopes(account: Account) -> Iterator[Check]:
    """One line for each that is missing, else one for all."""
    if not _is_linked(account):
        yield _not_linked("scopes")
        return
    wanted = dict.fromkeys([*NEEDED, *account.application.scopes.split()])
    lacking = missing(account.scopes, wanted)
    for name in lacking:
        say = bad if name in AT_THE_HEART else warn
        yield say("scope", "missing", scope=name)
    if not lacking:
        yield ok("scopes")


def _clock(ahead: timedelta | None) -> Check:
    if ahead is None:
        return skipped("clock", "unknown")
    found = "ahead" if ahead > timedelta(0) else "behind"
    seconds = round(abs(ahead).total_seconds())
    if abs(ahead) >= WRONG_CLOCK:
        return bad("clock", found, seconds=seconds)
    return warn("clock", found, seconds=seconds) if abs(ahead) >= SLOW_CLOCK else ok("clock", seconds=seconds)


def _company(account: Account, me: Me | Failed | None) -> Check:
    is_company = me.is_company if isinstance(me, Me) else account.is_company
    if is_company is None:
        return skipped("company", "unknown")
    return ok("company") if is_company else bad("company", "private")


def _terms(code: str, account: Account, answer: int | Failed | None) -> Check:
    if answer is None:
        return skipped(code, "scope", scope=READ_SETTINGS) if _is_linked(account) else _not_linked(code)
    if isinstance(answer, Failed):
        return of_trouble(code, answer)
    return ok(code, count=answer) if answer else bad(code, "none")


def _is_linked(account: Account) -> bool:
    return account.state in HOLDS_TOKENS


def _not_linked(code: str) -> Check:
    return skipped(code, "not_linked")
