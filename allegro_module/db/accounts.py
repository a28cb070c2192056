"""Applications (keys) and accounts (sellers with sealed tokens)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from allegro_module.claims import LENGTH as CLAIM_LENGTH
from allegro_module.db.base import Base, UtcDateTime, changes_one_row
from allegro_module.domain.accounts import HOLDS_TOKENS, KEYS_REFUSED, GrantType, LinkState


class NoSuchAccount(LookupError):
    """There is no such account."""


class Application(Base):
    """An application registered at Allegro: from the seller's settings page, or registered by ourselves."""

    __tablename__ = "allegro_application"
    __table_args__ = (UniqueConstraint("environment", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(String(16))
    #: As registered at Allegro, which wants it in the User-Agent; empty: ALLEGRO_APP_NAME.
    name: Mapped[str] = mapped_column(String(50), default="")
    grant_type: Mapped[GrantType] = mapped_column(String(20), default=GrantType.AUTHORIZATION_CODE)
    client_id: Mapped[str] = mapped_column(String(128))
    sealed_client_secret: Mapped[str] = mapped_column(Text)
    #: Scopes to ask sellers for, parted by blanks; empty: all that the application declares.
    scopes: Mapped[str] = mapped_column(Text, default="")
    #: Redirect URIs registered at Allegro, one per line; empty: not known.
    redirect_uris: Mapped[str] = mapped_column(Text, default="")
    #: After a 429 the whole Client ID is blocked (facts.md 3.1): no call before this moment.
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When a client_credentials call last proved the secret.
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(100), default="")


class Account(Base):
    """A seller's account on Allegro; until it is linked only the settings are kept."""

    __tablename__ = "allegro_account"
    __table_args__ = (UniqueConstraint("environment", "seller_id"), UniqueConstraint("alias"))

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey(Application.id))
    environment: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(100), default="")
    #: Two letters at the head of order numbers.
    alias: Mapped[str] = mapped_column(String(2))
    is_enabled: Mapped[bool] = mapped_column(default=True)

    # From GET /me while linking.
    seller_id: Mapped[str | None] = mapped_column(String(64))
    login: Mapped[str | None] = mapped_column(String(128))
    company: Mapped[str | None] = mapped_column(String(255))
    base_marketplace: Mapped[str | None] = mapped_column(String(32))
    is_company: Mapped[bool | None]

    # Where the seller ships from.
    country: Mapped[str] = mapped_column(String(2), default="PL")
    province: Mapped[str | None] = mapped_column(String(32))
    city: Mapped[str | None] = mapped_column(String(100))
    post_code: Mapped[str | None] = mapped_column(String(12))

    #: „Czekaj na wynik aktualizacji ofert”: how long the outcome of an offer is asked for in short pauses.
    wait_minutes: Mapped[int] = mapped_column(default=120)
    #: How long an offer whose creation was not answered is looked for before it is sent again.
    search_minutes: Mapped[int] = mapped_column(default=15)

    # The link.
    state: Mapped[LinkState] = mapped_column(String(20), default=LinkState.NOT_LINKED)
    state_reason: Mapped[str] = mapped_column(String(255), default="")
    state_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The seller has said that this is the right account; known also while the link is broken.
    is_confirmed: Mapped[bool] = mapped_column(default=True)
    scopes: Mapped[str] = mapped_column(Text, default="")
    sealed_access_token: Mapped[str | None] = mapped_column(Text)
    sealed_refresh_token: Mapped[str | None] = mapped_column(Text)
    #: Grows with every new pair: how a waiting process sees that a neighbour has refreshed.
    token_version: Mapped[int] = mapped_column(default=0)
    token_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refreshed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When a 401 on a token that looked valid last made us renew it.
    renewed_after_401_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Renewals in a row that Allegro did not answer, and when to try again.
    refresh_failures: Mapped[int] = mapped_column(default=0)
    refresh_again_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: An answer may have been lost: until then the old refresh token still works, if it was used at all.
    refresh_in_doubt_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Runs of the keep-alive since a refusal; only every tenth tries again.
    refused_runs: Mapped[int] = mapped_column(default=0)
    #: When a call last proved that the access is used (facts.md 1.3: withdrawn after 90 days without).
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: What *Testuj połączenie* last found: see `sync/connection_test.py`.
    test_report: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    tested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Who refreshes now, and until when nobody else may.
    refresh_claim: Mapped[str | None] = mapped_column(String(CLAIM_LENGTH))
    refresh_claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    application: Mapped[Application] = relationship(lazy="joined")

    @property
    def is_trusted(self) -> bool:
        """Linked again, it needs no further word of the seller's."""
        return self.is_confirmed and self.state != LinkState.UNCONFIRMED

    @property
    def is_working(self) -> bool:
        """Jobs of this account may run."""
        return self.is_enabled and self.state == LinkState.CONNECTED

    @property
    def keeps_tokens(self) -> bool:
        """Its tokens are kept alive, or, once refused, tried now and then."""
        return self.state in HOLDS_TOKENS or (
            self.state == LinkState.NEEDS_RECONNECT and self.sealed_refresh_token is not None
        )


def get_account(session: Session, account_id: int) -> Account:
    """Raises NoSuchAccount."""
    account = session.get(Account, account_id)
    if account is None:
        raise NoSuchAccount(account_id)
    return account


def list_accounts(session: Session) -> Sequence[Account]:
    return session.scalars(select(Account).order_by(Account.id)).all()


def list_linked_accounts(session: Session) -> Sequence[Account]:
    """Accounts that a seller has linked, whatever their state now."""
    return session.scalars(select(Account).where(Account.seller_id.is_not(None)).order_by(Account.id)).all()


def list_working_accounts(session: Session) -> Sequence[Account]:
    statement = select(Account).where(Account.is_enabled, Account.state == LinkState.CONNECTED)
    return session.scalars(statement.order_by(Account.id)).all()


def is_account_working(session: Session, account_id: int) -> bool:
    """As the database has it now, whatever the session remembers."""
    statement = select(Account.is_enabled, Account.state).where(Account.id == account_id)
    return session.execute(statement).one_or_none() == (True, LinkState.CONNECTED)


def find_account_by_login(session: Session, login: str) -> Account | None:
    return session.scalars(select(Account).where(Account.login == login).order_by(Account.id)).first()


def find_account_by_seller(session: Session, environment: str, seller_id: str) -> Account | None:
    return session.scalars(
        select(Account).where(Account.environment == environment, Account.seller_id == seller_id)
    ).one_or_none()


def find_unlinked_account(session: Session, environment: str, application_id: int) -> Account | None:
    """The account whose settings were saved before it was linked, with these keys if possible."""
    return session.scalars(
        select(Account)
        .where(Account.environment == environment, Account.seller_id.is_(None))
        .order_by(Account.application_id != application_id, Account.id)
        .limit(1)
    ).one_or_none()


def find_application(session: Session, environment: str, client_id: str) -> Application | None:
    return session.scalars(
        select(Application).where(Application.environment == environment, Application.client_id == client_id)
    ).one_or_none()


def lock_application(session: Session, application_id: int) -> bool:
    """Hold the application until the end of the transaction; False when it is gone."""
    return changes_one_row(
        session,
        update(Application).where(Application.id == application_id).values(client_id=Application.client_id),
    )


def lock_account(session: Session, account_id: int) -> bool:
    """Hold the account until the end of the transaction; False when it is gone."""
    return changes_one_row(
        session, update(Account).where(Account.id == account_id).values(alias=Account.alias)
    )


def list_accounts_lost_by_keys(session: Session, application_id: int) -> Sequence[Account]:
    return session.scalars(
        select(Account)
        .where(
            Account.application_id == application_id,
            Account.state == LinkState.NEEDS_RECONNECT,
            Account.state_reason == KEYS_REFUSED,
        )
        .order_by(Account.id)
    ).all()


def list_applications(session: Session) -> Sequence[Application]:
    """The one changed last comes first."""
    statement = select(Application).order_by(Application.changed_at.desc(), Application.id.desc())
    return session.scalars(statement).all()


def find_latest_application(session: Session) -> Application | None:
    """The application shown on the settings page: the one changed last."""
    return session.scalars(select(Application).order_by(Application.changed_at.desc()).limit(1)).one_or_none()


def free_alias(session: Session, login: str, account_id: int | None = None) -> str:
    """Two letters that no other account has, those of the login first."""
    others = select(Account.alias).where(Account.id != account_id) if account_id else select(Account.alias)
    taken = set(session.scalars(others))
    letters = [letter for letter in login.upper() if "A" <= letter <= "Z"] or ["A"]
    alphabet = [chr(code) for code in range(ord("A"), ord("Z") + 1)]
    wishes = [letters[0] + second for second in letters[1:] + alphabet]
    everything = [first + second for first in alphabet for second in alphabet]
    return next(alias for alias in wishes + everything if alias not in taken)
