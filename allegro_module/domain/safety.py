"""What new goods must say for product safety (GPSR, facts.md 6.10), and what a product lacks of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from allegro_module.domain.problems import Problem

TEXT_MAX = 5000
ATTACHMENTS_MAX = 20


class Gap(StrEnum):
    PRODUCER = "producer"
    #: The producer sits outside the EU and nobody in it answers.
    PERSON = "person"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Book:
    """Ids at Allegro of the producers and persons that an offer may be given."""

    producers: Collection[str] = ()
    persons: Collection[str] = ()
    producers_outside_eu: Collection[str] = ()


def gaps(values: Mapping[str, Any], book: Book) -> list[Gap]:
    """What is missing of `domain.profiles.SAFETY_FIELDS`; nothing for goods from before GPSR."""
    if values.get("is_before_gpsr"):
        return []
    producer, person = values.get("responsible_producer_id"), values.get("responsible_person_id")
    found = []
    if producer not in book.producers:
        found.append(Gap.PRODUCER)
    if producer in book.producers_outside_eu and person not in book.persons:
        found.append(Gap.PERSON)
    if not (str(values.get("safety_text") or "").strip() or values.get("safety_attachments")):
        found.append(Gap.INFORMATION)
    return found


@dataclass(frozen=True, slots=True)
class SafetyInformation:
    """As typed for a brand, a product or the account; `kind` is "", "text" or "files"."""

    kind: str = ""
    text: str = ""
    attachments: Collection[int] = ()

    @property
    def values(self) -> dict[str, Any]:
        """Both values together, so that an inherited text and own files never meet in one offer."""
        if not self.kind:
            return {}
        is_text = self.kind == "text"
        return {
            "safety_text": self.text if is_text else "",
            "safety_attachments": [] if is_text else list(self.attachments),
        }


def information_problems(information: SafetyInformation) -> list[Problem]:
    if information.kind == "text" and not information.text.strip():
        return [Problem("safety_text_required", "safety_text")]
    if information.kind == "text" and len(information.text) > TEXT_MAX:
        return [Problem("safety_text_too_long", "safety_text", {"max": str(TEXT_MAX)})]
    if information.kind == "files" and not information.attachments:
        return [Problem("safety_files_required", "safety_files")]
    if information.kind == "files" and len(information.attachments) > ATTACHMENTS_MAX:
        return [Problem("safety_files_too_many", "safety_files", {"max": str(ATTACHMENTS_MAX)})]
    return []
