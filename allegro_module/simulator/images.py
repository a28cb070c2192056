"""Pictures: uploading them, and serving them again under `/img/`."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from flask import Response
from PIL import Image, ImageDraw, UnidentifiedImageError

from allegro_module.simulator.findings import refusal
from allegro_module.simulator.http import PUBLIC, Call, Room, answer, bad_parameter, iso
from allegro_module.simulator.image_hosts import (
    MOST_BYTES,
    HostedPicture,
    downloaded,
    fault_of_address,
    refused,
)

room = Room()
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
SHORTEST_LONG_SIDE = 500
MOST_PIXELS = 26_000_000
# The state file is rewritten after each change, so only a picture of this size is kept for showing.
KEPT_SIDE = 640


@dataclass(frozen=True)
class Picture:
    """An uploaded picture; once an offer shows it, it no longer expires."""

    name: str
    seller_id: str
    data: bytes = field(repr=False)
    size: tuple[int, int]
    expires_at: datetime | None
    is_ai: bool = False

    def is_there(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


@dataclass
class ImageBook:
    pictures: dict[str, Picture] = field(default_factory=dict)
    hosted: dict[str, HostedPicture] = field(default_factory=dict)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({"hosted": {}} | state)

    def add(self, picture: Picture) -> None:
        self.pictures[picture.name] = picture

    def find(self, name: str, now: datetime) -> Picture | None:
        picture = self.pictures.get(name)
        return picture if picture is not None and picture.is_there(now) else None

    def has(self, name: str, now: datetime) -> bool:
        """Whether the address of this name shows something."""
        return is_drawn(name) or self.find(name, now) is not None

    def download(self, url: str) -> bytes:
        """From a simulated host; Refusal when that does not go."""
        hosted = self.hosted[url]
        self.hosted[url] = hosted.after_a_try()
        if code := hosted.fault():
            raise refused(code, url)
        return hosted.data()

    def fault_abroad(self, url: str) -> str | None:
        """Why a picture that an offer names by its address elsewhere cannot be had."""
        if code := fault_of_address(url):
            return code
        hosted = self.hosted.get(url)
        return "OfferImagesNotAvailableException" if hosted is None else hosted.fault()

    def keep(self, names: Iterable[str]) -> None:
        """Pictures in use do not expire."""
        for name in names:
            if name in self.pictures:
                self.pictures[name] = replace(self.pictures[name], expires_at=None)


#: Pictures of the catalogue's products are drawn when somebody looks at them.
DRAWN = re.compile(r"produkt-[0-9a-zA-Z-]{1,8}-\d+\.png")


def is_drawn(name: str) -> bool:
    return DRAWN.fullmatch(name) is not None


def name_in(address: str) -> str:
    """The name of a picture, from its address."""
    return urlsplit(address).path.removeprefix("/img/")


def address_of(base: str, name: str) -> str:
    return f"{base.rstrip('/')}/img/{name}"


@room.route("POST", "/sale/images", scope="sale:offers:write", consumes=(PUBLIC, *FORMATS))
def upload(call: Call) -> Response:
    """Take a picture as it comes, or fetch it from an address."""
    call.only_query(("isAiCoCreated",))
    in_query = _declared(call)
    content_type = call.request.headers.get("Content-Type", "")
    asked: dict[str, Any] = {}
    if content_type in FORMATS:
        data, expected = call.request.get_data(), FORMATS[content_type]
    else:
        asked = call.json({"url": None, "isAiCoCreated": None})
        if not isinstance(asked.get("url"), str):
            raise refusal(400, "JsonMappingException", "url", kind="string")
        data, expected = fetched(call, asked["url"]), None
    expires_at = call.now + timedelta(hours=call.world.switches.upload_hours)
    picture = Picture(
        name=f"{call.world.hex_digits(6)}-{call.world.hex_digits(26)}",
        seller_id=call.owner.id,
        data=b"",
        size=(0, 0),
        expires_at=expires_at,
        is_ai=_is_ai(in_query, asked),
    )
    picture = developed(picture, data, expected)
    call.world.images.add(picture)
    location = address_of(call.request.host_url, picture.name)
    return answer({"location": location, "expiresAt": iso(expires_at)}, 201)


def _declared(call: Call) -> bool | None:
    """What the query says of AI."""
    text = call.query.get("isAiCoCreated")
    if text not in (None, "true", "false"):
        raise bad_parameter("isAiCoCreated", "must be true or false", 400)
    return None if text is None else text == "true"


def _is_ai(in_query: bool | None, asked: Mapping[str, Any]) -> bool:
    """Declared in the query or in the body; not so in the one and otherwise in the other."""
    in_body = asked.get("isAiCoCreated")
    if None not in (in_query, in_body) and in_query is not in_body:
        raise refusal(400, "IsAiCoCreatedConflict", "isAiCoCreated")
    return in_query is True or in_body is True


def developed(picture: Picture, data: bytes, expected: str | None) -> Picture:
    """The picture with its data, checked and made small."""
    if len(data) > MOST_BYTES:
        raise refusal(413, "ImageTooLargeException")
    try:
        with Image.open(io.BytesIO(data), formats=tuple(FORMATS.values())) as image:
            _check(image, expected)
            image.load()
            size = image.size
            return replace(picture, data=_reduced(image), size=size)
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError):
        raise refusal(422, "InvalidImageException") from None


def _check(image: Image.Image, expected: str | None) -> None:
    if expected is not None and image.format != expected:
        raise refusal(422, "ImageFormatMismatchException", declared=expected, found=image.format)
    width, height = image.size
    if max(width, height) < SHORTEST_LONG_SIDE:
        metadata = {"width": str(width), "height": str(height), "minSize": str(SHORTEST_LONG_SIDE)}
        raise refusal(422, "ImageTooSmallException", metadata=metadata)
    if width * height > MOST_PIXELS:
        raise refusal(422, "ImageResolutionTooHighException", width=width, height=height)


def _reduced(image: Image.Image) -> bytes:
    small = image.convert("RGB")
    small.thumbnail((KEPT_SIDE, KEPT_SIDE))
    return _encoded(small, "JPEG")


def _encoded(image: Image.Image, form: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, quality=80)
    return buffer.getvalue()


def fetched(call: Call, url: str) -> bytes:
    """The picture behind `url`: of a simulated host, one of our own, or one from this machine."""
    if code := fault_of_address(url):
        raise refused(code, url)
    book = call.world.images
    if url in book.hosted:
        return book.download(url)
    if urlsplit(url).netloc != call.request.host:
        return downloaded(url)
    data = shown(book, name_in(url), call.now)
    if data is None:
        raise refused("DownloadError.NotFound", url)
    return data


def shown(book: ImageBook, name: str, now: datetime) -> bytes | None:
    """The bytes under `/img/<name>`."""
    if is_drawn(name):
        return drawn(name)
    picture = book.find(name, now)
    return None if picture is None else picture.data


@lru_cache(64)
def drawn(name: str) -> bytes:
    """A plain picture for a catalogue product, in a colour of its own."""
    colour = sha256(name.encode()).digest()
    ground = (150 + colour[0] % 90, 150 + colour[1] % 90, 150 + colour[2] % 90)
    image = Image.new("RGB", (800, 800), ground)
    pencil = ImageDraw.Draw(image)
    pencil.ellipse((200, 200, 600, 600), fill=(colour[3] % 160, colour[4] % 160, colour[5] % 160))
    pencil.rectangle((340, 340, 460, 460), fill=ground)
    return _encoded(image, "PNG")


@room.open_route("GET", "/img/<name>")
def show(call: Call, name: str) -> Response:
    data = shown(call.world.images, name, call.now)
    if data is None:
        return Response("", 404)
    kind = "image/png" if is_drawn(name) else "image/jpeg"
    return Response(data, mimetype=kind, headers={"Cache-Control": "max-age=3600"})
