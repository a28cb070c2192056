"""Pictures: uploading them, and serving them again under `/img/`."""

from __future__ import annotations

import io
import ipaddress
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from urllib.parse import urlsplit

from flask import Response
from PIL import Image, ImageDraw, UnidentifiedImageError

from allegro_module.simulator.catalogue import first_products
from allegro_module.simulator.findings import refusal
from allegro_module.simulator.http import PUBLIC, Call, Room, answer, iso

room = Room()
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
SHORTEST_LONG_SIDE = 500
MOST_PIXELS = 26_000_000
MOST_BYTES = 26_200_000
LIFETIME = timedelta(hours=24)
# The state file is rewritten after each change, so only a picture of this size is kept for showing.
KEPT_SIDE = 640
LOOPBACK = ("localhost",)


@dataclass(frozen=True)
class Picture:
    """An uploaded picture; once an offer shows it, it no longer expires."""

    name: str
    seller_id: str
    data: bytes = field(repr=False)
    size: tuple[int, int]
    expires_at: datetime | None

    def is_there(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


@dataclass
class ImageBook:
    pictures: dict[str, Picture] = field(default_factory=dict)

    def add(self, picture: Picture) -> None:
        self.pictures[picture.name] = picture

    def find(self, name: str, now: datetime) -> Picture | None:
        picture = self.pictures.get(name)
        return picture if picture is not None and picture.is_there(now) else None

    def has(self, name: str, now: datetime) -> bool:
        """Whether the address of this name shows something."""
        return name in catalogue_names() or self.find(name, now) is not None

    def keep(self, names: Iterable[str]) -> None:
        """Pictures in use do not expire."""
        for name in names:
            if name in self.pictures:
                self.pictures[name] = replace(self.pictures[name], expires_at=None)


@lru_cache(1)
def catalogue_names() -> frozenset[str]:
    """The pictures of the products that are in the catalogue from the beginning."""
    return frozenset(name for product in first_products().values() for name in product.images)


def name_in(address: str) -> str:
    """The name of a picture, from its address."""
    return urlsplit(address).path.removeprefix("/img/")


def address_of(base: str, name: str) -> str:
    return f"{base.rstrip('/')}/img/{name}"


@room.route("POST", "/sale/images", scope="sale:offers:write", consumes=(PUBLIC, *FORMATS))
def upload(call: Call) -> Response:
    """Take a picture as it comes, or fetch it from an address."""
    content_type = call.request.headers.get("Content-Type", "")
    if content_type in FORMATS:
        data, expected = call.request.get_data(), FORMATS[content_type]
    else:
        data, expected = fetched(call), None
    picture = Picture(
        name=f"{call.world.hex_digits(6)}-{call.world.hex_digits(26)}",
        seller_id=call.owner.id,
        data=b"",
        size=(0, 0),
        expires_at=call.now + LIFETIME,
    )
    picture = developed(picture, data, expected)
    call.world.images.add(picture)
    location = address_of(call.request.host_url, picture.name)
    return answer({"location": location, "expiresAt": iso(call.now + LIFETIME)}, 201)


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


def fetched(call: Call) -> bytes:
    """The picture behind `url`: one of our own, or one from this machine; the simulator asks nobody else."""
    body = call.json({"url": None, "isAiCoCreated": None})
    url = body.get("url")
    if not isinstance(url, str):
        raise refusal(400, "JsonMappingException", "url", kind="string")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or _is_ip(parts.hostname):
        raise refusal(422, "DownloadError.BadRequest", "url", url=url)
    if parts.netloc == call.request.host:
        return _own(call, name_in(url))
    if parts.hostname not in LOOPBACK:
        raise refusal(422, "DownloadError.BadGateway", "url", url=url)
    return _downloaded(url)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _own(call: Call, name: str) -> bytes:
    data = shown(call.world.images, name, call.now)
    if data is None:
        raise refusal(422, "DownloadError.NotFound", "url", url=name)
    return data


def _downloaded(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:  # noqa: S310 - the scheme is checked above
            data: bytes = reply.read(MOST_BYTES + 1)
            return data
    except urllib.error.HTTPError as error:
        kinds = {404: "NotFound", 429: "TooManyRequests", 502: "BadGateway"}
        kind = kinds.get(error.code, "InternalServerError" if error.code >= 500 else "BadRequest")
        raise refusal(422, f"DownloadError.{kind}", "url", url=url) from None
    except OSError:
        raise refusal(422, "UploadImageRequestTimeoutException", "url", metadata={"imageUrl": url}) from None


def shown(book: ImageBook, name: str, now: datetime) -> bytes | None:
    """The bytes under `/img/<name>`."""
    if name in catalogue_names():
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
    kind = "image/png" if name in catalogue_names() else "image/jpeg"
    return Response(data, mimetype=kind, headers={"Cache-Control": "max-age=3600"})
