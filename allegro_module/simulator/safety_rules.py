"""Product safety (GPSR): who answers for the goods, and what buyers are warned of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from allegro_module.simulator.attachments import SAFETY
from allegro_module.simulator.background import Background, Wish
from allegro_module.simulator.catalogue import Product
from allegro_module.simulator.category_tree import Category
from allegro_module.simulator.findings import Finding, finding
from allegro_module.simulator.parameters import NEW
from allegro_module.simulator.terms import Party

LONGEST_TEXT = 5000
MOST_FILES = 20


def safety_findings(
    entry: Wish,
    index: int,
    product: Product | None,
    category: Category,
    condition: tuple[str, ...],
    ground: Background,
) -> list[Finding]:
    """New goods need a producer and safety information, or a product that carries them."""
    path = f"productSet[{index}]"
    found = [*_references(entry, path, ground), *_information(entry.get("safetyInformation"), path, ground)]
    if not category.needs_safety or NEW not in condition:
        return found
    if entry.get("marketedBeforeGPSRObligation"):
        code = "PRODUCT_MARKETED_BEFORE_GPSR_OBLIGATION_OPTION_NOT_ALLOWED"
        place = f"{path}.marketedBeforeGPSRObligation"
        metadata = {"productSet.productMarketedBeforeGPSRObligation": "true"}
        return [*found, finding(code, place, metadata=metadata)]
    if product is not None and product.safety:
        return found
    if not entry.get("responsibleProducer"):
        found.append(finding("PRODUCT_SAFETY_EMPTY", f"{path}.responsibleProducer", gap=True))
    if not entry.get("safetyInformation"):
        place = f"{path}.safetyInformation"
        found.append(finding("PRODUCT_SAFETY_EMPTY", place, gap=True, says="safety.information"))
    return found


def _references(entry: Wish, path: str, ground: Background) -> Iterator[Finding]:
    producer = entry.get("responsibleProducer")
    if producer:
        place = f"{path}.responsibleProducer"
        if producer.get("type", "ID") not in ("ID", "NAME"):
            yield finding("JsonMappingException", f"{place}.type", kind="ID or NAME")
        elif find_party(ground.terms.producers, producer, ground) is None:
            yield finding("RESPONSIBLE_PRODUCER_NOT_FOUND", place, name=_named(producer))
    person = entry.get("responsiblePerson")
    if person and find_party(ground.terms.persons, person, ground) is None:
        yield finding("RESPONSIBLE_PERSON_NOT_FOUND", f"{path}.responsiblePerson", name=_named(person))


def _named(reference: Wish) -> object:
    return reference.get("id") or reference.get("name")


def find_party(book: Mapping[str, Party], reference: Wish, ground: Background) -> Party | None:
    """The seller's own producer or person, by id or by internal name."""
    own = [item for item in book.values() if item.seller_id == ground.seller.id]
    if "id" in reference:
        return next((item for item in own if item.id == reference["id"]), None)
    return next((item for item in own if item.name == reference.get("name")), None)


def _information(information: Wish | None, path: str, ground: Background) -> Iterator[Finding]:
    if not information:
        return
    place = f"{path}.safetyInformation"
    kind = information.get("type")
    if kind == "NO_SAFETY_INFORMATION":
        metadata = {"productSet.safetyInformation": "NO_SAFETY_INFORMATION"}
        yield finding("NO_SAFETY_INFORMATION_OPTION_NOT_ALLOWED", place, metadata=metadata)
    elif kind == "TEXT":
        length = len((information.get("description") or "").strip())
        if not 1 <= length <= LONGEST_TEXT:
            code = "ConstraintViolationException.StringLength"
            yield finding(code, f"{place}.description", says="safety.length", length=length)
    elif kind == "ATTACHMENTS":
        yield from _files(information.get("attachments") or [], f"{place}.attachments", ground)
    else:
        yield finding("JsonMappingException", f"{place}.type", kind="TEXT or ATTACHMENTS")


def _files(files: list[Wish], place: str, ground: Background) -> Iterator[Finding]:
    """A file must have been declared and sent; it may be used again and again."""
    if not 1 <= len(files) <= MOST_FILES:
        yield finding("VALIDATION_FAILED", place, says="safety.attachments")
    for number, file in enumerate(files):
        if not ground.attachments.is_ready(file.get("id"), ground.seller.id, "offer", SAFETY):
            yield finding("AttachmentNotFoundException", f"{place}[{number}]", name=file.get("id"))


def settled_safety(entry: Wish, product: Product | None, ground: Background) -> dict[str, Any]:
    """The safety part of an element as answers show it; a product's own data fill what is left out."""
    card = (product.safety if product is not None else None) or {}
    producer = entry.get("responsibleProducer")
    person = entry.get("responsiblePerson")
    party = find_party(ground.terms.producers, producer, ground) if producer else None
    human = find_party(ground.terms.persons, person, ground) if person else None
    producer_id = (
        party.id if party else next((item["id"] for item in card.get("responsibleProducers", ())), None)
    )
    return {
        "responsibleProducer": {"id": producer_id} if producer_id else None,
        "responsiblePerson": {"id": human.id} if human else None,
        "safetyInformation": entry.get("safetyInformation") or card.get("safetyInformation"),
        "marketedBeforeGPSRObligation": bool(entry.get("marketedBeforeGPSRObligation")),
    }
