"""Uploading pictures."""

from __future__ import annotations

import msgspec

from allegro_module.client.payloads import Instant, Payload
from allegro_module.client.transport import PUBLIC, Request, Transport


class UploadedImage(Payload, frozen=True):
    """Gone at `expires_at` unless an offer uses it by then."""

    location: str
    expires_at: Instant | None = None


def media_type_of(content: bytes) -> str | None:
    """By its first bytes; None for what Allegro does not take."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None


class ImagesResource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def upload(self, content: bytes, media_type: str, *, is_ai_made: bool = False) -> UploadedImage:
        """`POST /sale/images` on the upload host; the api host answers 415 (allegro-api #4740)."""
        return self._post(content, media_type, is_ai_made)

    def upload_from(self, url: str, *, is_ai_made: bool = False) -> UploadedImage:
        """The same of a picture that Allegro itself fetches from its address."""
        return self._post(msgspec.json.encode({"url": url}), PUBLIC, is_ai_made)

    def _post(self, body: bytes, content_type: str, is_ai_made: bool) -> UploadedImage:
        request = Request(
            "POST",
            "/sale/images",
            query=(("isAiCoCreated", "true"),) if is_ai_made else (),
            body=body,
            content_type=content_type,
            to_upload_host=True,
        )
        return self._transport.send(request).read(UploadedImage)
