"""What stands in a PDF, as somebody would copy it out of a viewer."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader


def pages_of(document: bytes | None) -> list[str]:
    """A text for each page, with single blanks and without the points at which long words may break."""
    assert document is not None
    pages = PdfReader(BytesIO(document)).pages
    return [" ".join(page.extract_text().replace("\u200b", "").split()) for page in pages]


def text_of(document: bytes | None) -> str:
    return " ".join(pages_of(document))
