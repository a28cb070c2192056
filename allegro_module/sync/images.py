"""Pictures of an offer: looked at before, uploaded on the way, remembered so that none is sent twice."""

from __future__ import annotations

import hashlib
import io
import logging
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from PIL import Image, UnidentifiedImageError
from sqlalchemy import delete
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import Refused, Unavailable
from allegro_module.client.images import UploadedImage as SentImage
from allegro_module.client.images import media_type_of
from allegro_module.db.base import upsert
from allegro_module.db.images import Place, UploadedImage
from allegro_module.domain.listing import Picture, picture_problem
from allegro_module.domain.problems import Problem
from allegro_module.domain.shop import ShopAdapter

log = logging.getLogger(__name__)

#: An upload that ends sooner is not relied on.
LEEWAY = timedelta(minutes=30)
#: Answers without an end of their own; 4 to 6 hours were seen (facts.md 6.5).
LASTS_AT_LEAST = timedelta(hours=4)
JPEG_QUALITY = 90


class FileRefused(Exception):
    """A picture or another file cannot be listed; `problems` say which and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class PreparedPicture:
    """Bytes as they will be sent, or the address (`url`) from which Allegro fetches them itself."""

    content: bytes = b""
    media_type: str = ""
    url: str = ""
    is_ai_made: bool = False

    @property
    def content_hash(self) -> str:
        return declared_hash(hashlib.sha256(self.content or self.url.encode()).hexdigest(), self.is_ai_made)


def declared_hash(bare_hash: str, is_ai_made: bool) -> str:
    """Another declaration makes another upload: Allegro keeps it with the picture (facts.md 6.5)."""
    return hashlib.sha256(f"ai:{bare_hash}".encode()).hexdigest() if is_ai_made else bare_hash


def look_at(content: bytes) -> Picture:
    """Its size; one that cannot be read has none."""
    try:
        with _opened(content) as image:
            return Picture(*image.size, size=len(content))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return Picture(size=len(content))


def _opened(content: bytes) -> Image.Image:
    with warnings.catch_warnings():
        # Large pictures are our own rule's to refuse.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(content))


def find_picture(shop: ShopAdapter, ref: str) -> bytes | None:
    try:
        return shop.read_image(ref)
    except KeyError:
        return None


def prepared(content: bytes | None, number: int) -> PreparedPicture:
    """Bytes in a format that Allegro takes; None: the picture is gone. Raises FileRefused."""
    picture = look_at(content) if content else Picture()
    if problem := picture_problem(picture, number):
        raise FileRefused([problem])
    assert content is not None
    if media_type := media_type_of(content):
        return PreparedPicture(content, media_type)
    return _as_jpeg(content, number)


def _as_jpeg(content: bytes, number: int) -> PreparedPicture:
    written = io.BytesIO()
    try:
        with _opened(content) as image:
            image.convert("RGB").save(written, "JPEG", quality=JPEG_QUALITY)
    except (OSError, ValueError, SyntaxError):
        raise FileRefused([_unreadable(number)]) from None
    return PreparedPicture(written.getvalue(), "image/jpeg")


def _unreadable(number: int) -> Problem:
    return Problem("image_unreadable", f"images.{number}", {"number": str(number + 1)})


def still_there(places: Mapping[str, Place], now: datetime, in_use: Collection[str] = ()) -> dict[str, str]:
    """The locations of those uploads that have not ended; one that an offer uses does not end."""
    return {
        known: place.location
        for known, place in places.items()
        if place.expires_at > now + LEEWAY or place.location in in_use
    }


def upload(api: AllegroClient, picture: PreparedPicture, number: int, now: datetime) -> tuple[str, datetime]:
    """The address of the uploaded picture, and until when. Raises FileRefused, AllegroError.

    A passing fault is met by a second try: a picture that arrived twice is no harm, as unused ones end.
    """
    try:
        uploaded = _sent_twice_if_need_be(api, picture)
    except Refused as refusal:
        raise FileRefused(_objections(refusal, number)) from refusal
    return uploaded.location, uploaded.expires_at or now + LASTS_AT_LEAST


def _sent_twice_if_need_be(api: AllegroClient, picture: PreparedPicture) -> SentImage:
    try:
        return _sent(api, picture)
    except Unavailable as fault:
        if fault.retry_after is not None:
            raise
        log.warning("picture sent once more: %s", fault)
    return _sent(api, picture)


def _sent(api: AllegroClient, picture: PreparedPicture) -> SentImage:
    if picture.url:
        return api.images.upload_from(picture.url, is_ai_made=picture.is_ai_made)
    return api.images.upload(picture.content, picture.media_type, is_ai_made=picture.is_ai_made)


def _objections(refusal: Refused, number: int) -> list[Problem]:
    """At the picture that is refused; 413 comes without words (openapi.json)."""
    field, params = f"images.{number}", {"number": str(number + 1)}
    if refusal.status == 413:
        return [Problem("image_too_large", field, params)]
    return [Problem(each.code, field, params, each.text) for each in refusal.objections]


def remember_upload(
    session: Session, account_id: int, content_hash: str, location: str, expires_at: datetime
) -> None:
    row = {
        "account_id": account_id,
        "content_hash": content_hash,
        "location": location,
        "expires_at": expires_at,
    }
    upsert(session, UploadedImage, ["account_id", "content_hash"], [row])


def forget_uploads(session: Session, account_id: int, locations: Sequence[str] | None = None) -> None:
    """Allegro has them no more, whatever it promised; without `locations` any of the account's."""
    statement = delete(UploadedImage).where(UploadedImage.account_id == account_id)
    if locations is not None:
        statement = statement.where(UploadedImage.location.in_(locations))
    session.execute(statement)
