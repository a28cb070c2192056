"""Files that belong to offers and terms: safety information, guarantees."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from allegro_module.claims import LENGTH as CLAIM_LENGTH
from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, UtcDateTime


class Attachment(Base):
    """Kept once per account, kind and content; `allegro_id` once it was declared there, used again by id."""

    __tablename__ = "allegro_attachment"
    __table_args__ = (UniqueConstraint("account_id", "kind", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    #: Allegro's type: SAFETY_INFORMATION_MANUAL, …, or WARRANTY for a guarantee's PDF.
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    #: Dropped once Allegro has it.
    data: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    allegro_id: Mapped[str | None] = mapped_column(String(64))
    upload_url: Mapped[str] = mapped_column(String(500), default="")
    uploaded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str] = mapped_column(String(500), default="")
    is_refused: Mapped[bool] = mapped_column(default=False)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(String(CLAIM_LENGTH))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(100), default="")
