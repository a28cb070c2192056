"""Files with pictures that sellers choose from their disks: may they be kept?"""

from __future__ import annotations

import io

from PIL import Image, UnidentifiedImageError

from allegro_module.client.images import media_type_of
from allegro_module.domain.listing import BYTES_MAX, picture_problem
from allegro_module.domain.problems import Problem
from allegro_module.sync.images import look_at

FORMATS = ("JPEG", "PNG", "WEBP")
LONGEST_NAME = 255


def file_name(sent: str) -> str:
    """Without folders; no file is nameless."""
    return sent.replace("\\", "/").rpartition("/")[2].strip()[-LONGEST_NAME:] or "?"


def file_problem(name: str, data: bytes, field: str) -> Problem | None:
    """What is wrong with it, with the name of the file, so that the seller knows which of many."""
    if not data:
        return Problem("template_image_required", field)
    if len(data) > BYTES_MAX:
        return Problem("template_image_too_large", field, {"name": name})
    picture = look_at(data)
    if media_type_of(data) is None or not _opens(data):
        return Problem("template_image_unreadable", field, {"name": name})
    problem = picture_problem(picture, 0)
    if problem is None:
        return None
    is_small = problem.code == "image_too_small"
    code = "template_image_too_small" if is_small else "template_image_too_large"
    return Problem(code, field, {**problem.params, "name": name})


def _opens(data: bytes) -> bool:
    """Whole, not only its beginning; a bomb is found by its size and not opened."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            image.verify()
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            # Verifying finds broken chunks of PNG only; a cut JPEG shows when it is read at a small scale.
            image.draft("RGB", (64, 64))
            image.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    return True
