"""What of an offer has to be sent: only what the seller changed; nothing that was set elsewhere is erased.

Four states are held against each other: `body` as the row wants it now, `sent` as it last stood there,
`known` as Allegro's details showed it then, `live` as they show it now. A PATCH replaces arrays whole
(facts.md 6.3), so theirs are merged member by member.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from allegro_module.domain.three_way import is_same
from allegro_module.sync.offer_shapes import as_request, id_of_row, is_same_row

Json = Mapping[str, Any]
IMAGES_MAX = 16
MARKETPLACES = "additionalMarketplaces"
#: Objects whose members are sent each by itself; all others make sense only whole.
OPEN = frozenset(
    {
        "sellingMode",
        "stock",
        "delivery",
        "afterSalesServices",
        "payments",
        "publication",
        MARKETPLACES,
        "description",
        "aiCoCreatedContent",
    }
)
#: An order to Allegro, not a trait of the offer.
STATUS = "publication.status"
#: Pieces that were sold are no change that somebody made.
STOCK = "stock.available"
#: What says "none" where null is refused.
EMPTY: Json = {
    "images": [],
    "parameters": [],
    "description": {"sections": []},
    "aiCoCreatedContent": {"images": []},
    "b2b": {"buyableOnlyByBusiness": False},
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Changed here and on Allegro; `path` as in `sellingMode.price` or `parameters[11323]`."""

    path: str
    mine: Any
    theirs: Any


@dataclass(slots=True)
class Merge:
    patch: dict[str, Any] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sides:
    """One member in the four states; `has_known` is False where nobody kept the older details.

    `has_base` is False where what is live counts as sent: what is missing here was never ours to take back.
    """

    base: Any
    mine: Any
    known: Any
    theirs: Any
    has_known: bool
    has_base: bool = True

    def member(self, name: str) -> Sides:
        return self.each(lambda side: side.get(name) if isinstance(side, Mapping) else None)

    def each(self, part: Callable[[Any], Any]) -> Sides:
        return Sides(
            part(self.base),
            part(self.mine),
            part(self.known),
            part(self.theirs),
            has_known=self.has_known,
            has_base=self.has_base,
        )

    @property
    def is_mine(self) -> bool:
        return not is_same(self.base, self.mine)

    @property
    def is_theirs(self) -> bool:
        """An answer that says nothing of the member is no change, unless it was there before."""
        if not self.has_known and self.theirs is None:
            return False
        return not is_same(self.known if self.has_known else self.base, self.theirs)


def patch_of(body: Json, sent: Json | None, live: Json | None, known: Json | None = None) -> dict[str, Any]:
    """The members to send; {} when nothing changed. Of what changed on both sides the seller's is taken."""
    return merge(body, sent, live, known).patch


def merge(
    body: Json,
    sent: Json | None,
    live: Json | None,
    known: Json | None = None,
    own_value_ids: frozenset[str] = frozenset(),
) -> Merge:
    """`own_value_ids` are dictionary values that stand beside an own text.

    Without `sent` what is live counts as sent: then nobody knows who changed what, and arrays lose nothing.
    """
    theirs = as_request(live, own_value_ids) if live is not None else None
    then = as_request(known, own_value_ids) if known is not None else None
    base: Json = sent if sent is not None else theirs or {}
    if theirs is None:
        theirs, then = dict(base), dict(base)
    found = Merge()
    sides = Sides(base, body, then, theirs, has_known=then is not None, has_base=sent is not None)
    for name in dict.fromkeys((*body, *base)):
        _put(found, found.patch, name, name, sides.member(name))
    return found


def _put(found: Merge, patch: dict[str, Any], name: str, path: str, sides: Sides) -> None:
    """The member into `patch`, if it has to be sent."""
    if path == STATUS or not sides.is_mine:
        return
    if handler := ARRAYS.get(path):
        before = len(found.conflicts)
        merged = handler(found, path, sides)
        if merged is not None and (len(found.conflicts) > before or not is_same(merged, sides.theirs)):
            patch[name] = merged
        return
    if _is_open(path, sides):
        below: dict[str, Any] = {}
        for each in dict.fromkeys((*(sides.mine or {}), *(sides.base or {}))):
            _put(found, below, each, f"{path}.{each}", sides.member(each))
        if below:
            patch[name] = below
        return
    if is_same(sides.mine, sides.theirs):
        return
    if sides.is_theirs and path != STOCK:
        found.conflicts.append(Conflict(path, sides.mine, sides.theirs))
    patch[name] = EMPTY.get(path) if sides.mine is None else sides.mine


def _is_open(path: str, sides: Sides) -> bool:
    parts = path.split(".")
    is_abroad = parts[0] == MARKETPLACES and len(parts) <= 3
    # Without one price of ours, those that were set elsewhere stay.
    has_members = isinstance(sides.mine, Mapping) or (path == MARKETPLACES and bool(sides.base))
    return has_members and (path in OPEN or is_abroad)


def has_array(patch: Any) -> bool:
    """It replaces something whole, so that what stands at Allegro has to be known."""
    if isinstance(patch, Mapping):
        return any(has_array(each) for each in patch.values())
    return isinstance(patch, list)


def _images(found: Merge, path: str, sides: Sides) -> list[Any]:
    """The seller's order; what was added elsewhere behind it, what was taken out there stays out."""
    base, mine, known, theirs = _lists(sides)
    is_alike = not sides.has_known or set(base) <= set(known)
    foreign = [each for each in theirs if each not in (base if is_alike else known) and each not in mine]
    gone = {each for each in base if each not in theirs} if is_alike else set()
    kept = [each for each in mine if each not in gone]
    return (kept + foreign)[: max(IMAGES_MAX, len(kept))]


def _lists(sides: Sides) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    return (
        list(sides.base or ()),
        list(sides.mine or ()),
        list(sides.known or ()),
        list(sides.theirs or ()),
    )


def _rows(found: Merge, path: str, sides: Sides) -> list[Any]:
    """Rows that can be told apart: parameters, deposits, pictures made with AI."""
    by_id = sides.each(lambda rows: {id_of_row(row): row for row in rows or ()})
    merged = []
    for row_id in dict.fromkeys((*by_id.mine, *by_id.theirs)):
        row = _row(found, f"{path}[{row_id}]", by_id.member(row_id))
        if row is not None:
            merged.append(row)
    return merged


def _row(found: Merge, path: str, sides: Sides) -> Any:
    is_mine = not is_same_row(sides.base, sides.mine)
    before = sides.known if sides.has_known else sides.base
    is_theirs = not is_same_row(before, sides.theirs)
    if not is_mine:
        # What nobody has sent from here was set elsewhere; what was changed or dropped there stays so.
        return sides.theirs if sides.mine is None or is_theirs else sides.mine
    if is_theirs and not is_same_row(sides.mine, sides.theirs):
        found.conflicts.append(Conflict(path, sides.mine, sides.theirs))
    return sides.mine


def _sections(found: Merge, path: str, sides: Sides) -> list[Any]:
    """By place, as sections have no names; what was added behind on one side stays behind."""
    base, mine, known, theirs = _lists(sides)
    before = known if sides.has_known else base
    if is_same(before, theirs) or is_same(mine, theirs):
        return mine
    if len(base) == len(mine) == len(before) == len(theirs):
        return [
            _section(found, f"{path}[{place}]", Sides(*four, has_known=sides.has_known))
            for place, four in enumerate(zip(base, mine, before, theirs, strict=True))
        ]
    if is_same(theirs[: len(before)], before) and len(theirs) > len(before):
        return mine + theirs[len(before) :]
    found.conflicts.append(Conflict(path, mine, theirs))
    return mine


def _section(found: Merge, path: str, sides: Sides) -> Any:
    if sides.is_theirs and not sides.is_mine:
        return sides.theirs
    if sides.is_theirs and not is_same(sides.mine, sides.theirs):
        found.conflicts.append(Conflict(path, sides.mine, sides.theirs))
    return sides.mine


def _product_set(found: Merge, path: str, sides: Sides) -> list[Any] | None:
    """None when all that is wanted stands there already, be it that Allegro linked a product by itself."""
    base, mine, known, theirs = _lists(sides)
    has_dropped = sides.has_base and any(map(_has_dropped, base, mine, theirs))
    if len(mine) == len(theirs) and all(map(_is_there, mine, theirs)) and not has_dropped:
        return None
    wanted = {_product_id(each) for each in mine}
    merged, matched = [], []
    for place, element in enumerate(mine):
        before, then, there = (_twin(each, element, place, wanted) for each in (base, known, theirs))
        four = Sides(before, element, then, there, has_known=sides.has_known)
        matched.append(there)
        if there is not None or not _was_taken_out(found, f"{path}[{place}]", four):
            merged.append(_element(found, f"{path}[{place}]", four))
    ours = wanted | {_product_id(each) for each in base}
    foreign = [each for each in theirs if each not in matched and _product_id(each) not in ours]
    return merged + [_kept_element(each) for each in foreign]


def _product_id(element: Json) -> str | None:
    return (element.get("product") or {}).get("id")


def _twin(elements: Sequence[Any], element: Json, place: int, wanted: Collection[str | None]) -> Any:
    """The same product in another state; the first one also while it is named by its data or exchanged."""
    product_id = _product_id(element)
    same = (each for each in elements if product_id and _product_id(each) == product_id)
    found = next(same, None)
    if found is not None or place or not elements:
        return found
    first = elements[0]
    return first if _product_id(first) is None or _product_id(first) not in wanted else None


def _was_taken_out(found: Merge, path: str, sides: Sides) -> bool:
    """A product of a set that somebody took out on Allegro does not come back unseen."""
    if sides.base is None or (sides.has_known and sides.known is None):
        return False
    if sides.is_mine:
        found.conflicts.append(Conflict(path, sides.mine, None))
        return False
    return True


def _is_there(mine: Json, theirs: Json) -> bool:
    """By the same product, with every member that is wanted."""
    product, there = mine.get("product") or {}, theirs.get("product") or {}
    if not product.get("id") or product["id"] != there.get("id"):
        return False
    known = {id_of_row(row): row for row in there.get("parameters") or ()}
    rows = product.get("parameters") or ()
    others = {*mine, *theirs} - {"product"}
    return all(is_same_row(known.get(id_of_row(row)), row) for row in rows) and all(
        is_same(mine.get(name), theirs.get(name)) for name in others
    )


def _has_dropped(base: Json, mine: Json, theirs: Json) -> bool:
    """A parameter of the same product that was sent and is wanted no more stands there still."""
    products = [each.get("product") or {} for each in (base, mine, theirs)]
    if len({each.get("id") for each in products}) > 1:
        return False
    before, now, there = ({id_of_row(row) for row in each.get("parameters") or ()} for each in products)
    return not before.isdisjoint(there - now)


def _element(found: Merge, path: str, sides: Sides) -> dict[str, Any]:
    """The product as wanted, but with the parameters and legal data that were set elsewhere."""
    if sides.theirs is None:
        return dict(sides.mine)
    product = _product(found, path, sides.member("product"))
    merged: dict[str, Any] = {"product": product}
    names = dict.fromkeys((*sides.mine, *(sides.theirs or {})))
    for name in names:
        if name != "product" and (value := _member(found, f"{path}.{name}", sides.member(name))) is not None:
            merged[name] = value
    return merged


def _product(found: Merge, path: str, sides: Sides) -> dict[str, Any]:
    product = dict(sides.mine)
    base = sides.base or {}
    both = [(base[name], product[name]) for name in ("id", "category") if name in base and name in product]
    is_another = any(one != other for one, other in both)
    if not is_another and (product.get("parameters") or base.get("parameters")):
        product["parameters"] = _rows(found, f"{path}.product.parameters", sides.member("parameters"))
    return product


def _member(found: Merge, path: str, sides: Sides) -> Any:
    if not sides.is_mine:
        return sides.theirs if sides.mine is None or sides.is_theirs else sides.mine
    if sides.is_theirs and not is_same(sides.mine, sides.theirs):
        found.conflicts.append(Conflict(path, sides.mine, sides.theirs))
    return sides.mine


def _kept_element(theirs: Json) -> dict[str, Any]:
    """A product that was added elsewhere. Without pictures of its own a bare id would refresh the offer."""
    product = theirs.get("product") or {}
    return {**theirs, "product": {**product, "images": []}}


ARRAYS: Mapping[str, Callable[[Merge, str, Sides], list[Any] | None]] = {
    "images": _images,
    "parameters": _rows,
    "description.sections": _sections,
    "aiCoCreatedContent.images": _rows,
    "productSet": _product_set,
}
