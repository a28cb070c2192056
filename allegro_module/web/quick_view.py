"""The page *Szybkie wystawienie po EAN*: rows of a list before its offers are made, and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from allegro_module.db.catalogue import CatalogueProduct, catalogue_products
from allegro_module.db.offers import Offer
from allegro_module.db.quick_lists import QuickList, offers_of_batch
from allegro_module.domain.offers import OPEN_STATES
from allegro_module.domain.problems import Problem, from_json
from allegro_module.domain.quick import Item, Readiness, from_stored
from allegro_module.domain.selling_formats import price_problems, quantity_problems
from allegro_module.web.i18n import marked, t
from allegro_module.web.labels import Label, label_of_offer_state
from allegro_module.web.offer_words import field_name, problem_sentence
from allegro_module.web.product_words import ShownProduct, shown_product

LABELS = {
    Readiness.WAITING: Label(marked("Being looked up"), "hourglass-split", "wait"),
    Readiness.READY: Label(marked("Ready"), "check-circle-fill", "ok"),
    Readiness.INCOMPLETE: Label(marked("To be completed"), "pencil-square", "warn"),
    Readiness.LISTED: Label(marked("Has an offer already"), "tags", "off"),
    Readiness.TWICE: Label(marked("On the list already"), "layers", "off"),
    Readiness.SEVERAL: Label(marked("Several products"), "question-circle", "warn"),
    Readiness.NO_PRODUCT: Label(marked("No product in the catalogue"), "search", "warn"),
    Readiness.NO_GTIN: Label(marked("No EAN"), "upc", "warn"),
    Readiness.WRONG_GTIN: Label(marked("Wrong EAN"), "upc", "bad"),
    Readiness.UNKNOWN: Label(marked("Not in the shop"), "x-octagon", "bad"),
    Readiness.FAILED: Label(marked("Allegro is silent"), "cloud-slash", "wait"),
}
WHY = {
    Readiness.LISTED: marked("Tick it to make one more offer of it."),
    Readiness.TWICE: marked("The same product stands further up: its SKU and its EAN were typed."),
    Readiness.SEVERAL: marked("Several products of the catalogue have this EAN: choose in the full form."),
    Readiness.NO_PRODUCT: marked("Allegro does not know this EAN: use the full form with your own data."),
    Readiness.NO_GTIN: marked("Without an EAN there is no quick listing: use the full form."),
    Readiness.WRONG_GTIN: marked("The EAN of the product is wrong: correct it in the shop."),
    Readiness.UNKNOWN: marked("The shop has no product with this SKU or EAN."),
    Readiness.FAILED: marked("Look it up once more in a moment."),
}
HAS_FULL_FORM = (
    Readiness.INCOMPLETE,
    Readiness.SEVERAL,
    Readiness.NO_PRODUCT,
    Readiness.NO_GTIN,
    Readiness.WRONG_GTIN,
)


@dataclass(frozen=True, slots=True)
class Row:
    """`place` names its fields; `errors` are sentences by field, `offer` the one that was made."""

    place: int
    item: Item
    product: ShownProduct | None
    label: Label
    why: Sequence[str]
    errors: Mapping[str, Sequence[str]]
    has_full_form: bool
    offer: Offer | None

    @property
    def is_editable(self) -> bool:
        return self.item.is_makeable


@dataclass(frozen=True, slots=True)
class ListView:
    """`phase` is looking, choosing, making or done; `waits` while the page has to look again."""

    phase: str
    rows: Sequence[Row]
    done: int
    ready: int
    made: int
    waits: bool
    has_failed: bool


def list_view(session: Session, quick: QuickList) -> ListView:
    """Three statements, however many rows."""
    items = from_stored(quick.items)
    ids = {each.product_id for each in items if each.product_id}
    products = catalogue_products(session, quick.account.environment, ids) if ids else {}
    offers = offers_of_batch(session, quick.batch) if quick.asked_at else {}
    phase = phase_of(quick)
    rows = [_row(place, item, products, offers) for place, item in enumerate(items)]
    if phase in ("making", "done"):
        rows = [row for row in rows if row.item.is_ticked]
    is_running = any(offer.state in OPEN_STATES for offer in offers.values())
    return ListView(
        phase=phase,
        rows=rows,
        done=sum(each.readiness != Readiness.WAITING for each in items),
        ready=sum(each.readiness == Readiness.READY for each in items),
        made=sum(row.offer is not None for row in rows),
        waits=phase in ("looking", "making") or is_running,
        has_failed=any(each.readiness == Readiness.FAILED for each in items),
    )


def phase_of(quick: QuickList) -> str:
    if quick.prepared_at is None:
        return "looking"
    if quick.asked_at is None:
        return "choosing"
    return "making" if quick.made_at is None else "done"


def _row(
    place: int, item: Item, products: Mapping[str, CatalogueProduct], offers: Mapping[int, Offer]
) -> Row:
    found = products.get(item.product_id)
    offer = offers.get(item.made_id or 0)
    readiness = Readiness(item.readiness)
    return Row(
        place=place,
        item=item,
        product=shown_product(found.content) if found else None,
        label=label_of_offer_state(offer.state) if offer else LABELS[readiness].translated(),
        why=_problems_of(offer) if offer else [*_why(readiness), *_lacks(item)],
        errors=errors_of(item) if item.is_ticked else {},
        has_full_form=readiness in HAS_FULL_FORM,
        offer=offer,
    )


def _why(readiness: Readiness) -> list[str]:
    return [t(WHY[readiness])] if readiness in WHY else []


def _lacks(item: Item) -> list[str]:
    if item.readiness != Readiness.INCOMPLETE:
        return []
    return _sentences(
        [each for each in map(from_json, item.problems) if each.field not in ("price", "quantity")]
    )


def _problems_of(offer: Offer) -> list[str]:
    return [*_sentences(offer.problems), *([offer.trouble] if offer.trouble and not offer.problems else [])]


def _sentences(problems: Sequence[Problem]) -> list[str]:
    found = []
    for each in problems:
        name = field_name(each.field, ())
        found.append(f"{name}: {problem_sentence(each)}" if name else problem_sentence(each))
    return list(dict.fromkeys(found))


def errors_of(item: Item) -> dict[str, list[str]]:
    """Of the two fields that are edited in the list."""
    found = {
        "price": [problem_sentence(each) for each in price_problems(item.price_text, item.currency)],
        "quantity": [problem_sentence(each) for each in quantity_problems(item.quantity_text)],
    }
    return {name: sentences for name, sentences in found.items() if sentences}
