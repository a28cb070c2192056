"""Pictures that belong to description templates: a logo, a banner, a table of sizes."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from allegro_module.client.images import media_type_of
from allegro_module.db.description_templates import TemplateImage, find_image_by_hash, list_templates
from allegro_module.domain.description_sections import read_sections, refs_of
from allegro_module.domain.problems import Problem
from allegro_module.sync.picture_files import file_name, file_problem

FIELD = "file"


def keep_image(session: Session, name: str, data: bytes, now: datetime) -> TemplateImage | Problem:
    """A row, flushed; the same picture again answers the row that is there."""
    bare = file_name(name)
    if problem := file_problem(bare, data, FIELD):
        return problem
    digest = hashlib.sha256(data).hexdigest()
    known = find_image_by_hash(session, digest)
    if known is not None:
        return known
    row = TemplateImage(
        name=bare, media_type=media_type_of(data) or "", sha256=digest, data=data, created_at=now
    )
    session.add(row)
    session.flush()
    return row


def templates_with(session: Session, ref: str) -> list[str]:
    """Names of the templates in which the picture stands."""
    return [
        template.name
        for template in list_templates(session)
        if ref in refs_of(read_sections(template.sections))
    ]
