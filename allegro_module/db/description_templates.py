"""Description templates: sections with placeholders, and the pictures that belong to a template."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column

from allegro_module.db.base import Base, UtcDateTime

LARGEST_ID = 2**31 - 1


class NoSuchTemplate(LookupError):
    """There is no such template."""


class DescriptionTemplate(Base):
    """`sections`: [{"items": [{"type": "TEXT", "content": html} or {"type": "IMAGE", "ref": ref}, …]}, …].

    A ref is the shop's, `{image_2}` for the product's second picture, or `template:ID` for one of ours.
    """

    __tablename__ = "allegro_description_template"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    sections: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(100), default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class TemplateImage(Base):
    __tablename__ = "allegro_template_image"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    data: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


def list_templates(session: Session) -> Sequence[DescriptionTemplate]:
    return session.scalars(select(DescriptionTemplate).order_by(DescriptionTemplate.name)).all()


def find_template(session: Session, template_id: int | None) -> DescriptionTemplate | None:
    """None also for a number that no row can have."""
    if template_id is None or not 0 < template_id <= LARGEST_ID:
        return None
    return session.get(DescriptionTemplate, template_id)


def get_template(session: Session, template_id: int) -> DescriptionTemplate:
    """Raises NoSuchTemplate."""
    template = session.get(DescriptionTemplate, template_id)
    if template is None:
        raise NoSuchTemplate(template_id)
    return template


def list_images(session: Session) -> Sequence[TemplateImage]:
    """Without their bytes."""
    return session.scalars(select(TemplateImage).order_by(TemplateImage.name, TemplateImage.id)).all()


def known_images(session: Session, image_ids: Collection[int]) -> set[int]:
    """Those of the ids that there are."""
    return set(session.scalars(select(TemplateImage.id).where(TemplateImage.id.in_(image_ids))))


def image_data(session: Session, image_id: int) -> bytes | None:
    return session.scalars(select(TemplateImage.data).where(TemplateImage.id == image_id)).one_or_none()


def find_image_by_hash(session: Session, sha256: str) -> TemplateImage | None:
    return session.scalars(select(TemplateImage).where(TemplateImage.sha256 == sha256)).one_or_none()
