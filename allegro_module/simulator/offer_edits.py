"""Creating and editing an offer: from a body to what is stored, and when it takes effect."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

from allegro_module.simulator.background import Background, Counts, Published, Wish
from allegro_module.simulator.findings import Finding, finding, problems, refusal
from allegro_module.simulator.http import Call, Refusal
from allegro_module.simulator.offer_book import LIVE, Change, Offer, Operation
from allegro_module.simulator.offer_rules import Verdict, examine
from allegro_module.simulator.offer_schema import OFFER_MEMBERS, faults_of_kind
from allegro_module.simulator.parameters import CONDITION, NEW, NOTHING

CATEGORY_MAY_CHANGE = timedelta(hours=12)
FIRST_OFFER = 18_400_000_000
LATE_FAILURE = "OFFER_SERVICE_ERROR"
ZERO_STOCK = "AvailableStockMustEqualToOneOrBeGreaterThanOne"
# A name sent in place of an id, or the other way round, replaces the whole reference.
REFERENCES = ("shippingRates", "returnPolicy", "impliedWarranty", "warranty")


def read_body(call: Call, *, patch: bool) -> dict[str, Any]:
    """The body, whose members are known and of the right kinds; only companies may send one."""
    if not call.owner.is_company:
        raise refusal(403, "OfferAccessDeniedException", call.request.path)
    body = call.json(OFFER_MEMBERS)
    faults = problems(faults_of_kind(body, patch=patch))
    if faults:
        unlinked = all(problem.code == "RemoveProductException" for problem in faults)
        raise Refusal(422 if unlinked else 400, *faults)
    return body


def ground_of(call: Call, offer: Offer | None = None) -> Background:
    """What this seller's offer is judged against."""
    world = call.world

    def live_in_new(product_id: str) -> int:
        others = (item for item in world.offers.of(call.owner.id) if item is not offer)
        return sum(
            product_id in item.content.product_ids
            and NEW in item.content.filled.get(CONDITION, NOTHING).ids
            and (item.status in LIVE or (item.status == "INACTIVE" and world.offers.is_busy(item)))
            for item in others
        )

    def counts() -> Counts:
        own = list(world.offers.of(call.owner.id))
        live = [item for item in own if item.status in LIVE]
        for_business = sum(bool(item.content.rest["b2b"]["buyableOnlyByBusiness"]) for item in live)
        return Counts(sum(item.status == "INACTIVE" for item in own), len(live), for_business)

    switches = world.switches
    limits = Counts(
        switches.most_drafts, switches.most_active, switches.most_for_business, switches.most_of_a_product
    )
    return Background(
        seller=call.owner,
        now=call.now,
        language=call.language,
        catalogue=world.catalogue,
        images=world.images,
        delivery=world.delivery,
        terms=world.terms,
        attachments=world.attachments,
        new_id=world.uuid,
        live_in_new=live_in_new,
        counts=counts,
        limits=limits,
        earlier=None if offer is None else _published(offer),
    )


def _published(offer: Offer) -> Published:
    publication, published_at = offer.content.publication, offer.first_published_at
    times = publication["startingAt"], publication["duration"]
    return Published(offer.status, offer.content.category_id, published_at, *times)


def create(call: Call, body: Mapping[str, Any]) -> tuple[Offer, Operation | None]:
    """A new offer; with an operation if it takes effect only later."""
    wanted = (body.get("publication") or {}).get("status", "ACTIVE")
    wish = _without_status(body)
    verdict = examine({**wish, "publication": body.get("publication") or {}}, ground_of(call))
    publishes = wanted in LIVE
    found = list(verdict.findings)
    if wanted == "ENDED":
        found.append(finding("VALIDATION_FAILED", "publication.status", value=wanted))
    _refuse(found, with_gaps=publishes)
    _keep(call, verdict)
    offer = Offer(
        id=str(FIRST_OFFER + call.world.next_number("offer")),
        seller_id=call.owner.id,
        wish=wish,
        content=verdict.content,
        created_at=call.now,
        updated_at=call.now,
        problems=tuple(problems(verdict.findings)),
        validated_at=call.now,
    )
    call.world.offers.add(offer)
    change = _publishing(call) if publishes else Change()
    if call.world.switches.offer_creation == "created":
        call.world.offers.apply(offer, change, call.now)
        return offer, None
    return offer, begin(call, offer, change)


def _without_status(wish: Mapping[str, Any]) -> dict[str, Any]:
    """Status is an order to Allegro, not a trait of the offer."""
    copy = deepcopy(dict(wish))
    if "publication" in copy:
        copy["publication"] = {
            key: value for key, value in (copy["publication"] or {}).items() if key != "status"
        }
    return copy


def _refuse(found: list[Finding], *, with_gaps: bool) -> None:
    reasons = problems(item for item in found if with_gaps or not item.gap)
    if reasons:
        raise Refusal(422, *reasons)


def _keep(call: Call, verdict: Verdict) -> None:
    """Take over what the offer brings along: new products, its pictures."""
    for product in verdict.goods.new_products:
        call.world.catalogue.add(product)
    call.world.images.keep(verdict.content.images)


def _publishing(call: Call) -> Change:
    """Become active; or, on a bad day, stay as it is with an error found too late."""
    if call.world.switches.late_failure:
        late = finding(LATE_FAILURE, "productSet[0].product").problem
        return Change(problems=(late,), removes=call.world.switches.late_failure_draft == "disappears")
    return Change(status="ACTIVE", problems=())


def begin(call: Call, offer: Offer, change: Change, seconds: float | None = None) -> Operation:
    if seconds is None:
        seconds = call.world.switches.operation_seconds
    due_at = call.now + timedelta(seconds=seconds)
    operation = Operation(call.world.uuid(), offer.id, call.now, due_at, change)
    call.world.offers.begin(operation)
    return operation


def edit(call: Call, offer: Offer, body: Mapping[str, Any]) -> Operation | None:
    """A merge patch; with an operation if it takes effect only later. Changes of status always do."""
    if call.world.offers.is_busy(offer):
        raise refusal(409, "OfferConflictException", call.request.path)
    wanted = (body.get("publication") or {}).get("status")
    wish = _without_status(merged(offer.wish, _refreshing(body, call)))
    ground = ground_of(call, offer)
    verdict = examine(wish, ground)
    found = [*_counted(verdict.findings, offer, wanted), *_edit_findings(verdict, offer, wanted, ground)]
    ends = wanted == "ENDED" and offer.status in LIVE
    lives = wanted in LIVE or (offer.status in LIVE and not ends)
    try:
        _refuse(found, with_gaps=lives)
    except Refusal:
        # Ending is carried out even when the rest of the patch fails (tutorial "Zarządzanie ofertami").
        if ends:
            begin(call, offer, Change(status="ENDED", ended_by="USER"))
        raise
    _keep(call, verdict)
    change = Change(
        content=verdict.content,
        wish=wish,
        sets_stock="stock" in body,
        problems=tuple(problems(verdict.findings)) if not lives else (),
    )
    return _carry_out(call, offer, _with_status(call, change, offer, wanted))


def _counted(findings: list[Finding], offer: Offer, wanted: str | None) -> list[Finding]:
    """Stock 0 ends a live offer; only a wish to activate makes it a fault."""
    if wanted in LIVE or offer.status not in LIVE:
        return findings
    return [item for item in findings if item.problem.code != ZERO_STOCK]


def _edit_findings(verdict: Verdict, offer: Offer, wanted: str | None, ground: Background) -> list[Finding]:
    found = []
    new, old = verdict.content.category_id, offer.content.category_id
    published = offer.first_published_at
    if new is not None and old is not None and new != old:
        vague = verdict.goods.category is not None and verdict.goods.category.vague
        late = published is not None and ground.now - published > CATEGORY_MAY_CHANGE
        if vague or late:
            code = "IllegalOfferUpdateException.IllegalChangeCategoryId"
            found.append(finding(code, "category.id"))
    if offer.content.product_ids and not verdict.content.elements:
        found.append(finding("RemoveProductException", "productSet"))
    if wanted == "ENDED" and offer.status not in LIVE:
        found.append(finding("VALIDATION_FAILED", "publication.status", says="offer.not_active"))
    if wanted == "INACTIVE" and offer.status != "INACTIVE":
        found.append(finding("VALIDATION_FAILED", "publication.status", value=wanted))
    if wanted not in (None, "ACTIVE", "ACTIVATING", "ENDED", "INACTIVE"):
        found.append(finding("VALIDATION_FAILED", "publication.status", value=wanted))
    return found


def _with_status(call: Call, change: Change, offer: Offer, wanted: str | None) -> Change:
    if wanted in LIVE and offer.status != "ACTIVE":
        publishing = _publishing(call)
        gone = publishing.removes and offer.first_published_at is None
        return replace(change, status=publishing.status, problems=publishing.problems, removes=gone)
    if wanted == "ENDED":
        return replace(change, status="ENDED", ended_by="USER")
    return change


def _carry_out(call: Call, offer: Offer, change: Change) -> Operation | None:
    if _comes_later(offer, change) or call.world.switches.offer_edit == "accepted":
        return begin(call, offer, change)
    call.world.offers.apply(offer, change, call.now)
    return None


def _comes_later(offer: Offer, change: Change) -> bool:
    empties = change.sets_stock and change.content is not None and change.content.stock["available"] == 0
    fails = any(problem.code == LATE_FAILURE for problem in change.problems or ())
    return change.status is not None or fails or (empties and offer.status in LIVE)


def merged(old: Any, patch: Any) -> Any:
    """RFC 7396: absent means unchanged, null deletes, lists are replaced whole."""
    if not isinstance(patch, Mapping):
        return deepcopy(patch)
    base = dict(old) if isinstance(old, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            base.pop(name, None)
        elif name in REFERENCES:
            base[name] = deepcopy(value)
        else:
            base[name] = merged(base.get(name), value)
    return base


def _refreshing(body: Mapping[str, Any], call: Call) -> Mapping[str, Any]:
    """A bare product id refreshes the offer from the catalogue: pictures and description of its own go,
    unless the same patch brings some ("Zarządzanie ofertami")."""
    cards = [_bare_card(entry, call) for entry in body.get("productSet") or ()]
    gone: dict[str, Any] = {}
    if any(card is not None and card.images for card in cards):
        gone["images"] = None
    if any(card is not None and card.description for card in cards):
        gone["description"] = None
    return {**gone, **body}


def _bare_card(entry: Wish, call: Call) -> Any:
    product = entry.get("product") or {}
    if "id" not in product or "images" in product:
        return None
    return call.world.catalogue.find_product(product["id"])
