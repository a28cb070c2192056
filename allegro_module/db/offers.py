"""Offer: the seller's choices for one SKU and what Allegro last told us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column, relationship

from allegro_module.claims import LENGTH as CLAIM_LENGTH
from allegro_module.db.accounts import Account
from allegro_module.db.among import among
from allegro_module.db.base import Amount, Base, UtcDateTime, changes_one_row
from allegro_module.db.description_templates import DescriptionTemplate
from allegro_module.domain.offers import (
    EDITABLE_STATES,
    OPEN_STATES,
    TO_SEND,
    OfferState,
    ProductMatch,
    Step,
    Wanted,
)
from allegro_module.domain.problems import Problem, from_json, to_json
from allegro_module.domain.scopes import PREFIX, READ_OFFERS

#: What an integer column holds in every database.
LARGEST = 2**31


class NoSuchOffer(LookupError):
    """There is no such offer."""


class Offer(Base):
    """Has an id of its own; (account, external id) is unique and finds the offer again on Allegro."""

    __tablename__ = "allegro_offer"
    __table_args__ = (
        UniqueConstraint("account_id", "external_id"),
        Index("ix_allegro_offer_sku", "sku"),
        Index("ix_allegro_offer_allegro_offer_id", "account_id", "allegro_offer_id"),
        Index("ix_allegro_offer_next_look_at", "next_look_at"),
        Index("ix_allegro_offer_state", "state", "id"),
        Index("ix_allegro_offer_account_state", "account_id", "state", "id"),
        Index("ix_allegro_offer_gtin", "gtin"),
        Index("ix_allegro_offer_batch", "batch"),
        # The list: by the last change, of one category or price list, only with errors.
        Index("ix_allegro_offer_changed", "state", "changed_at", "id"),
        Index("ix_allegro_offer_account_changed", "account_id", "state", "changed_at", "id"),
        Index("ix_allegro_offer_category", "category_id", "state", "id"),
        Index("ix_allegro_offer_shipping_rate", "shipping_rate_id", "state", "id"),
        Index(
            "ix_allegro_offer_faulty",
            "state",
            "id",
            sqlite_where=text("problems_at IS NOT NULL"),
            postgresql_where=text("problems_at IS NOT NULL"),
        ),
        Index("ix_allegro_offer_product", "account_id", "product_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    sku: Mapped[str] = mapped_column(String(100))
    external_id: Mapped[str] = mapped_column(String(100))

    # The seller's choices. Texts are kept as typed, so that nothing is lost by an error.
    title: Mapped[str] = mapped_column(String(300), default="")
    gtin: Mapped[str] = mapped_column(String(40), default="")
    category_id: Mapped[str | None] = mapped_column(String(64))
    #: By parameter id: {"values": [...], "values_ids": [...], "range": {"from": "", "to": ""}}.
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    price_text: Mapped[str] = mapped_column(String(40), default="")
    price: Mapped[Decimal | None] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3), default="PLN")
    quantity_text: Mapped[str] = mapped_column(String(40), default="")
    quantity: Mapped[int | None]
    #: References of `ShopProduct.images`, in the seller's order.
    images: Mapped[list[str]] = mapped_column(JSON, default=list)
    description_html: Mapped[str] = mapped_column(Text, default="")
    shipping_rate_id: Mapped[str | None] = mapped_column(String(64))
    return_policy_id: Mapped[str | None] = mapped_column(String(64))
    implied_warranty_id: Mapped[str | None] = mapped_column(String(64))
    warranty_id: Mapped[str | None] = mapped_column(String(64))
    handling_time: Mapped[str] = mapped_column(String(10), default="PT24H")
    invoice: Mapped[str] = mapped_column(String(20), default="VAT")
    vat_rate: Mapped[str] = mapped_column(String(10), default="")
    responsible_producer_id: Mapped[str | None] = mapped_column(String(64))
    safety_text: Mapped[str] = mapped_column(Text, default="")
    is_before_gpsr: Mapped[bool] = mapped_column(default=False)
    responsible_person_id: Mapped[str | None] = mapped_column(String(64))
    #: Ids of `Attachment` rows.
    safety_attachments: Mapped[list[int]] = mapped_column(JSON, default=list)
    #: Into which the description is put; None: the description stands alone.
    description_template_id: Mapped[int | None] = mapped_column(ForeignKey(DescriptionTemplate.id))
    #: ISO 8601; empty: until sold out.
    duration: Mapped[str] = mapped_column(String(10), default="")
    is_republished: Mapped[bool] = mapped_column(default=False)
    #: {"country", "province", "city", "post_code"}; None: where the account ships from.
    location: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    #: By id of an additional marketplace: {"price_text": "399"}, empty text: Allegro converts the price.
    marketplaces: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: {"base": "emphasized10d", "extra": ["departmentPage"]}.
    promotion: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: BUY_NOW or AUCTION; of an auction `price_text` is the optional price to buy at once.
    selling_format: Mapped[str] = mapped_column(String(10), default="BUY_NOW")
    starting_price_text: Mapped[str] = mapped_column(String(40), default="")
    minimal_price_text: Mapped[str] = mapped_column(String(40), default="")
    #: UNIT, SET or PAIR.
    unit: Mapped[str] = mapped_column(String(4), default="UNIT")
    #: „Wystaw później”: when Allegro is to publish it.
    starting_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_business_only: Mapped[bool] = mapped_column(default=False)
    #: Rates of countries other than the account's own: {"CZ": "21.00"}.
    vat_rates_abroad: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    vat_subject: Mapped[str] = mapped_column(String(40), default="")
    vat_exemption: Mapped[str] = mapped_column(String(40), default="")
    #: Of the first product: [{"id": uuid, "quantity": 1}].
    deposits: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    additional_services_id: Mapped[str | None] = mapped_column(String(64))
    size_table_id: Mapped[str | None] = mapped_column(String(64))
    #: Refs among `images` (or of the description) that the seller declares as made with AI.
    ai_images: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: Sections of its own, as `DescriptionTemplate.sections`; None: `description_html` with its template.
    description_sections: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    #: The product of Allegro's catalogue that is sold (`CatalogueProduct`), and how the match stands.
    product_id: Mapped[str | None] = mapped_column(String(64))
    product_match: Mapped[ProductMatch] = mapped_column(String(12), default=ProductMatch.UNKNOWN)
    #: Pieces of the first product in one offer, and the other products: [{"product_id", "quantity"}].
    product_quantity: Mapped[int] = mapped_column(default=1)
    more_products: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    #: Nothing but product, price, stock and defaults is sent; the rest is the catalogue's.
    is_quick: Mapped[bool] = mapped_column(default=False)
    #: Offers made together (quick list) bear the same.
    batch: Mapped[str | None] = mapped_column(String(32))
    #: The offer that it was cloned from.
    cloned_from: Mapped[int | None]

    # How far it is.
    #: What is to be done with it while it waits.
    wanted: Mapped[Wanted] = mapped_column(String(10), default=Wanted.LIST)
    state: Mapped[OfferState] = mapped_column(String(20), default=OfferState.DRAFT)
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)
    step: Mapped[Step] = mapped_column(String(20), default=Step.QUEUED)
    images_done: Mapped[int] = mapped_column(default=0)
    images_total: Mapped[int] = mapped_column(default=0)
    problems_json: Mapped[list[dict[str, Any]]] = mapped_column("problems", JSON, default=list)
    #: What went wrong on the way without being the seller's to correct ("Allegro nie odpowiada").
    trouble: Mapped[str] = mapped_column(String(300), default="")
    claim: Mapped[str | None] = mapped_column(String(CLAIM_LENGTH))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The intention: set and committed before the creation is sent, cleared when its outcome is known.
    create_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Kept for good: from then on Allegro may have an offer with our external id.
    first_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_look_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    looks: Mapped[int] = mapped_column(default=0)

    # What Allegro told us.
    allegro_offer_id: Mapped[str | None] = mapped_column(String(40))
    allegro_status: Mapped[str] = mapped_column(String(20), default="")
    listed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When it was active for the first time: from then on the category is locked within 12 hours.
    first_listed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str] = mapped_column(String(40), default="")
    #: Since when the problems stand.
    problems_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trace_id: Mapped[str] = mapped_column(String(100), default="")
    #: Status of the product in the catalogue as Allegro told it of the offer: LISTED, PROPOSED, …
    product_status: Mapped[str] = mapped_column(String(20), default="")
    #: The body that we last knew to stand at Allegro: what of the seller's choices is there already.
    sent: Mapped[dict[str, Any] | None] = deferred(mapped_column(JSON(none_as_null=True)), group="wire")
    #: The body on its way there: it becomes `sent` when the details show what became of it.
    sending: Mapped[dict[str, Any] | None] = deferred(mapped_column(JSON(none_as_null=True)), group="wire")
    #: The details as Allegro last answered them, for the comparison with what is live.
    live: Mapped[dict[str, Any] | None] = deferred(mapped_column(JSON(none_as_null=True)), group="wire")
    #: {"currency", "commission": "149.88", "listing": "0.00", "promotion": "0.00", "lines": [...], "at",
    #: "of": what it was counted for}; None while not asked.
    fees: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    synced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(100), default="")
    version: Mapped[int] = mapped_column(default=1)

    account: Mapped[Account] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    @property
    def problems(self) -> list[Problem]:
        return [from_json(stored) for stored in self.problems_json]

    def remember_problems(self, problems: Sequence[Problem]) -> None:
        self.problems_json = [to_json(problem) for problem in problems]

    def become(self, state: OfferState, now: datetime) -> None:
        self.state = state
        self.state_since = now


def get_offer(session: Session, offer_id: int) -> Offer:
    """Raises NoSuchOffer."""
    offer = session.get(Offer, offer_id)
    if offer is None:
        raise NoSuchOffer(offer_id)
    return offer


def get_account_of(session: Session, offer_id: int) -> Account:
    """Raises NoSuchOffer."""
    account = session.scalars(select(Account).join(Offer).where(Offer.id == offer_id)).one_or_none()
    if account is None:
        raise NoSuchOffer(offer_id)
    return account


def list_external_ids(session: Session, account_id: int, sku: str) -> set[str]:
    """External ids of this SKU that are taken in the account."""
    return set(
        session.scalars(
            select(Offer.external_id).where(
                Offer.account_id == account_id,
                or_(Offer.external_id == sku[:100], Offer.external_id.like(f"{sku[:90]}%")),
            )
        )
    )


def list_offers_of_product(session: Session, sku: str) -> Sequence[Offer]:
    return session.scalars(select(Offer).where(Offer.sku == sku).order_by(Offer.id)).all()


def count_by_state(session: Session, account_id: int | None = None) -> dict[OfferState, int]:
    statement = select(Offer.state, func.count()).group_by(Offer.state)
    if account_id is not None:
        statement = statement.where(Offer.account_id == account_id)
    return {OfferState(state): count for state, count in session.execute(statement)}


# Made once, as every page of orders asks it.
_SKUS_BY_OFFER_ID = select(Offer.allegro_offer_id, Offer.sku).where(
    Offer.account_id == bindparam("account_id"),
    among(Offer.allegro_offer_id, "offer_ids"),
)


def skus_by_offer_id(session: Session, account_id: int, allegro_offer_ids: Sequence[str]) -> dict[str, str]:
    """Allegro offer id → SKU, for the offers that are ours."""
    rows = session.connection().execute(
        _SKUS_BY_OFFER_ID, {"account_id": account_id, "offer_ids": list(allegro_offer_ids)}
    )
    return {allegro_id: sku for allegro_id, sku in rows if allegro_id}


def skus_by_external_id(session: Session, account_id: int, external_ids: Sequence[str]) -> dict[str, str]:
    rows = session.execute(
        select(Offer.external_id, Offer.sku).where(
            Offer.account_id == account_id, Offer.external_id.in_(external_ids)
        )
    )
    return {row.external_id: row.sku for row in rows}


def claim_edit(session: Session, offer_id: int, version: int) -> bool:
    """Take the offer for a seller's change as the first statement of the transaction.

    False when it is not as the seller's page showed it, or on its way to Allegro.
    """
    # A number that no column holds is an error of the database, not a row that differs.
    return 0 < version < LARGEST and changes_one_row(
        session,
        update(Offer)
        .where(Offer.id == offer_id, Offer.version == version, Offer.state.in_(EDITABLE_STATES))
        .values(version=Offer.version + 1),
    )


def list_offers_to_settle(session: Session, now: datetime | None, limit: int = 200) -> Sequence[int]:
    """Offers of working accounts whose outcome is open and whose time has come; without `now` all of them.

    Those that somebody works on are among them: a claim may be a dead process's. What is at Allegro is not
    looked for in vain while the seller has not granted the reading of offers.
    """
    may_be_read = or_(Account.scopes.not_like(f"%{PREFIX}%"), Account.scopes.like(f"%{READ_OFFERS}%"))
    statement = (
        select(Offer.id)
        .join(Account)
        .where(
            _is_due(now),
            Account.is_enabled,
            Account.state == "connected",
            or_(Offer.state.in_(TO_SEND), may_be_read),
        )
        .order_by(Offer.id)
        .limit(limit)
    )
    return session.scalars(statement).all()


def _is_due(now: datetime | None) -> ColumnElement[bool]:
    """A planned offer is looked at when its start has come, whoever asks."""
    is_open = Offer.state.in_(OPEN_STATES)
    if now is None:
        return is_open
    has_come = Offer.next_look_at <= now
    return or_(
        and_(is_open, or_(Offer.next_look_at.is_(None), has_come)),
        and_(Offer.state == OfferState.PLANNED, has_come),
    )
