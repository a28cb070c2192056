"""Pictures that belong to description templates: a logo, a banner, a table of sizes."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime

from PIL import Image, UnidentifiedImageError
from sqlalchemy.orm import Session

from allegro_module.client.images import media_type_of
from allegro_module.db.description_templates import TemplateImage, find_image_by_hash, list_templates
from allegro_module.domain.description_sections import read_sections, refs_of
from allegro_module.domain.listing import BYTES_MAX, picture_problem
from allegro_module.domain.problems import Problem
from allegro_module.sync.images import look_at

FORMATS = ("JPEG", "PNG", "WEBP")
LONGEST_NAME = 255
FIELD = "file"


def keep_image(session: Session, name: str, data: bytes, now: datetime) -> TemplateImage | Problem:
    """A row, flushed; the same picture again answers the row that is there."""
    bare = name.replace("\\", "/").rpartition("/")[2].strip()[-LONGEST_NAME:] or "?"
    if problem := _problem(bare, data):
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


def _problem(name: str, data: bytes) -> Problem | None:
    if not data:
        return Problem("template_image_required", FIELD)
    if len(data) > BYTES_MAX:
        return Problem("template_image_too_large", FIELD, {"name": name})
    picture = look_at(data)
    if media_type_of(data) is None or not _opens(data):
        return Problem("template_image_unreadable", FIELD, {"name": name})
    problem = picture_problem(picture, 0)
    if problem is None:
        return None
    params = {**problem.params, "name": name}
    if problem.code == "image_too_small":
        return Problem("template_image_too_small", FIELD, params)
    return Problem("template_image_too_large", FIELD, params)


def _opens(data: bytes) -> bool:
    """Whole, not only its beginning; a bomb is found by its size and not opened."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            image.verify()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    return True


def templates_with(session: Session, ref: str) -> list[str]:
    """Names of the templates in which the picture stands."""
    return [
        template.name
        for template in list_templates(session)
        if ref in refs_of(read_sections(template.sections))
    ]
