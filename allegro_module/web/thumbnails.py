"""Small copies of the shop's pictures and of ours for our pages."""

from __future__ import annotations

import io

from PIL import Image

from allegro_module.domain.listing import MEGAPIXELS_MAX, Picture
from allegro_module.runtime import Runtime
from allegro_module.sync.description_templates import find_any_picture
from allegro_module.sync.images import look_at

#: Twice the size in which the page shows them.
THUMBNAIL = (320, 320)


def thumbnail(runtime: Runtime, ref: str) -> bytes | None:
    """The picture as a small JPEG; None when it is gone or cannot be read."""
    return small_copy(find_any_picture(runtime.session, runtime.shop, ref))


def small_copy(content: bytes | None) -> bytes | None:
    """The same of bytes that have been read."""
    picture = look_at(content) if content else Picture()
    if not content or not picture.is_readable or picture.width * picture.height > MEGAPIXELS_MAX * 2_000_000:
        return None
    try:
        return _small(content)
    except (OSError, ValueError, SyntaxError):
        return None


def _small(content: bytes) -> bytes:
    written = io.BytesIO()
    with Image.open(io.BytesIO(content)) as image:
        # Lets the JPEG decoder skip what would be thrown away.
        image.draft("RGB", THUMBNAIL)
        image.thumbnail(THUMBNAIL)
        on_white = Image.new("RGB", image.size, "white")
        on_white.paste(image, mask=image.convert("RGBA").getchannel("A"))
        on_white.save(written, "JPEG", quality=85)
    return written.getvalue()
