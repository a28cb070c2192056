"""Files that Allegro shows beside an offer or a guarantee: which kinds it takes, and what they are inside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from allegro_module.domain.problems import Problem

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
#: Beside Allegro's types of offer attachments: the PDF of a guarantee.
GUARANTEE = "WARRANTY"
SAFETY = "SAFETY_INFORMATION_MANUAL"
PICTURES = frozenset({"ENERGY_LABEL", "TIRE_LABEL"})
DOCUMENTS = frozenset(
    {
        "MANUAL",
        "SPECIAL_OFFER_RULES",
        "COMPETITION_RULES",
        "BOOK_EXCERPT",
        "USER_MANUAL",
        "INSTALLATION_INSTRUCTIONS",
        "GAME_INSTRUCTIONS",
        "PRODUCT_INFORMATION_SHEET",
        "SOFTWARE_DATA_PROCESSING",
        "HARDWARE_DATA_PROCESSING",
        "PLANT_PROTECTION_PRODUCTS_AUTHORIZATION",
        GUARANTEE,
    }
)
#: openapi.json, `POST /sale/offer-attachments`.
MEDIA_BY_KIND: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(DOCUMENTS, frozenset({PDF})),
    **dict.fromkeys(PICTURES, frozenset({JPEG, PNG})),
    SAFETY: frozenset({PDF, JPEG, PNG}),
}
ENDINGS = {PDF: (".pdf",), JPEG: (".jpg", ".jpeg"), PNG: (".png",)}
LONGEST_NAME = 200
#: Allegro publishes no limit; its own refusal (413) is told as well.
MOST_BYTES = 20 * 1024 * 1024
#: A PDF may have some bytes before its head and behind its end.
PDF_MARGIN = 1024
UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f<>:\"/\\|?*]+")


def media_type_of(data: bytes) -> str | None:
    """By the content, whatever the name says; None for what is none of the three, or cut off."""
    if b"%PDF-" in data[:PDF_MARGIN]:
        return PDF if b"%%EOF" in data[-PDF_MARGIN:] else None
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    return PNG if data.startswith(b"\x89PNG\r\n\x1a\n") else None


def file_problem(kind: str, data: bytes) -> Problem | None:
    """Raises KeyError for a kind that is none."""
    allowed = MEDIA_BY_KIND[kind]
    if not data:
        return Problem("file_empty")
    if len(data) > MOST_BYTES:
        return Problem("file_too_large", params={"max": str(MOST_BYTES // 1024 // 1024)})
    if media_type_of(data) in allowed:
        return None
    if allowed == {PDF}:
        return Problem("file_not_pdf")
    return Problem("file_not_picture" if PDF not in allowed else "file_type")


def clean_name(name: str, media_type: str) -> str:
    """Without folders and signs that file systems refuse, with the ending of its content."""
    plain = UNPRINTABLE.sub(" ", PurePosixPath(name.replace("\\", "/")).name).strip(" .")
    endings = ENDINGS[media_type]
    if not plain.lower().endswith(endings):
        stem, dot, ending = plain.rpartition(".")
        known = {each for group in ENDINGS.values() for each in group}
        plain = (stem if dot and f".{ending.lower()}" in known else plain) + endings[0]
    stem, _, ending = plain.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(ending) - 1] or 'plik'}.{ending}"
