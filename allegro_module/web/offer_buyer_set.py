"""What is sold together in an offer, as its page would say: each product, its pieces and its safety data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from allegro_module.domain.terms import TermKind

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SoldProduct:
    """`has_files`: files tell of its safety; of the first product the page tells that itself."""

    name: str
    pieces: int
    producer: str = ""
    text: str = ""
    has_files: bool = False
    is_before: bool = False
    is_first: bool = False


def sold_products(
    body: Json, names: Mapping[str, str], terms: Mapping[tuple[str, str], str]
) -> list[SoldProduct]:
    """Empty for one piece of one product; `names` are the products' by id, `terms` by kind and id."""
    elements: Sequence[Json] = body.get("productSet") or ()
    sold = list(_sold(elements, names, terms))
    return sold if len(sold) > 1 or any(each.pieces > 1 for each in sold) else []


def _sold(
    elements: Sequence[Json], names: Mapping[str, str], terms: Mapping[tuple[str, str], str]
) -> Iterator[SoldProduct]:
    for place, element in enumerate(elements):
        product, safety = element.get("product") or {}, element.get("safetyInformation") or {}
        product_id = product.get("id") or ""
        producer_id = (element.get("responsibleProducer") or {}).get("id") or ""
        yield SoldProduct(
            name=names.get(product_id) or product.get("name") or product_id,
            pieces=(element.get("quantity") or {}).get("value") or 1,
            producer=terms.get((TermKind.RESPONSIBLE_PRODUCER, producer_id), producer_id),
            text=safety.get("description") or "",
            has_files=bool(safety.get("attachments")),
            is_before=bool(element.get("marketedBeforeGPSRObligation")),
            is_first=place == 0,
        )
