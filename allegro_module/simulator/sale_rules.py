"""Rules for selling: price, stock, times, other marketplaces, and what hangs on an offer by reference."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from allegro_module.simulator.background import Background, Wish
from allegro_module.simulator.category_tree import Category
from allegro_module.simulator.delivery import CURRENCIES, TWINS
from allegro_module.simulator.findings import Finding, finding
from allegro_module.simulator.http import LANGUAGES
from allegro_module.simulator.parameter_values import CV
from allegro_module.simulator.seller_lists import find_thing

FORMATS = ("BUY_NOW", "AUCTION", "ADVERTISEMENT")
HIGHEST_PRICE = Decimal(1_000_000_000)
LOWEST_PRICE = Decimal(1)
DURATIONS = {
    "BUY_NOW": ("P3D", "P5D", "P7D", "P10D", "P20D", "P30D"),
    "AUCTION": ("P1D", "P3D", "P5D", "P7D", "P10D"),
    "ADVERTISEMENT": ("P10D", "P20D", "P30D"),
}
HANDLING_TIMES = ("PT0S", "PT24H", "P2D", "P3D", "P4D", "P5D", "P7D", "P10D", "P14D", "P21D", "P30D", "P60D")
PERIOD = re.compile(r"P(\d+)D|PT(\d+)H|PT0S")
STATUSES = ("INACTIVE", "ACTIVATING", "ACTIVE", "ENDED")
INVOICES = ("VAT", "VAT_MARGIN", "WITHOUT_VAT", "NO_INVOICE")
MARKETPLACES = (*CURRENCIES, *TWINS)
MONEY = re.compile(r"\d+(\.\d+)?")


def days_and_hours(period: str | None) -> str | None:
    """A period as answers write it, in hours: `P14D` is `PT336H`."""
    match = PERIOD.fullmatch(period or "")
    if match is None or not any(match.groups()):
        return period
    days, hours = match.groups()
    return f"PT{int(days) * 24 if days else int(hours)}H"


def selling_findings(mode: Mapping[str, Any], ground: Background) -> list[Finding]:
    return list(_selling(mode, ground))


def _selling(mode: Mapping[str, Any], ground: Background) -> Iterator[Finding]:
    form = mode["format"]
    if form not in FORMATS:
        yield _invalid("sellingMode.format", form)
        return
    currency = CURRENCIES[ground.seller.base_marketplace]
    needed = "startingPrice" if form == "AUCTION" else "price"
    if not mode.get(needed):
        code = "IllegalOfferUpdateException.PriceMustBeSet" if ground.earlier else CV + "Price"
        yield finding(code, f"sellingMode.{needed}", gap=True, says="price.missing")
    if form == "AUCTION":
        yield from _auction(mode)
    for name in ("price", "startingPrice", "minimalPrice"):
        if price := mode.get(name):
            yield from price_findings(price, f"sellingMode.{name}", currency)


def _auction(mode: Mapping[str, Any]) -> Iterator[Finding]:
    """That the minimal price lies above the starting one is inferred."""
    least, start = mode.get("minimalPrice") or {}, mode.get("startingPrice") or {}
    low, first = _amount(least.get("amount")), _amount(start.get("amount"))
    if low is not None and first is not None and low < first:
        yield finding("VALIDATION_FAILED", "sellingMode.minimalPrice", says="price.minimal")


def price_findings(price: Mapping[str, Any], path: str, currency: str) -> Iterator[Finding]:
    """One price, in the currency of its marketplace."""
    amount = _amount(price.get("amount"))
    if amount is None:
        yield _invalid(f"{path}.amount", price.get("amount"))
        return
    if price.get("currency") != currency:
        yield finding("VALIDATION_FAILED", f"{path}.currency", says="price.currency", currency=currency)
    elif not LOWEST_PRICE <= amount <= HIGHEST_PRICE:
        yield finding(CV + "Price", f"{path}.amount")
    elif not _is_precise(amount, currency):
        yield finding("InvalidPricePrecision", f"{path}.amount", says=f"precision.{currency}")


def _amount(text: object) -> Decimal | None:
    if not isinstance(text, str) or not MONEY.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _is_precise(amount: Decimal, currency: str) -> bool:
    if currency == "CZK":
        return amount == amount.to_integral_value()
    if currency == "HUF":
        return amount % 5 == 0
    return amount == amount.quantize(Decimal("0.01"))


def _invalid(path: str, value: object) -> Finding:
    return finding("VALIDATION_FAILED", path, value=value)


def stock_findings(stock: Mapping[str, Any] | None, form: str) -> list[Finding]:
    available = (stock or {}).get("available")
    path = "stock.available"
    if available is None:
        return [finding("VALIDATION_FAILED", path, says="stock.missing")]
    if available < 0:
        return [finding("AvailableStockMustEqualToZeroOrBeGreaterThanZero", path)]
    found = []
    if available == 0:
        found.append(finding("AvailableStockMustEqualToOneOrBeGreaterThanOne", path, gap=True))
    if form == "AUCTION" and available > 1:
        found.append(finding("VALIDATION_FAILED", path, says="stock.auction"))
    if (stock or {}).get("unit", "UNIT") not in ("UNIT", "PAIR", "SET"):
        found.append(_invalid("stock.unit", (stock or {})["unit"]))
    return found


def time_findings(wish: Wish, form: str, ground: Background) -> list[Finding]:
    return [
        *_publication(wish.get("publication") or {}, form, ground),
        *_delivery(wish.get("delivery") or {}, ground),
    ]


def _publication(publication: Wish, form: str, ground: Background) -> Iterator[Finding]:
    duration = publication.get("duration")
    if duration is None and form == "AUCTION":
        yield finding("VALIDATION_FAILED", "publication.duration", gap=True, says="duration.auction")
    allowed = [days_and_hours(period) for period in DURATIONS.get(form, ())]
    if duration is not None and days_and_hours(duration) not in allowed:
        yield _invalid("publication.duration", duration)
    if publication.get("status", "ACTIVE") not in STATUSES:
        yield _invalid("publication.status", publication["status"])
    starting = publication.get("startingAt")
    earlier = ground.earlier
    is_active = form == "BUY_NOW" and earlier is not None and earlier.status == "ACTIVE"
    if earlier is not None and is_active and days_and_hours(duration) not in (None, earlier.duration):
        yield finding("VALIDATION_FAILED", "publication.duration", says="duration.fixed")
    if earlier is not None and earlier.status in ("ACTIVE", "ENDED") and starting != earlier.starting_at:
        yield finding("VALIDATION_FAILED", "publication.startingAt", says="time.started")
    elif starting is not None and (earlier is None or earlier.first_published_at is None):
        yield from _future(starting, "publication.startingAt", ground.now)


def _delivery(delivery: Wish, ground: Background) -> Iterator[Finding]:
    handling = delivery.get("handlingTime")
    if handling is not None and days_and_hours(handling) not in map(days_and_hours, HANDLING_TIMES):
        yield _invalid("delivery.handlingTime", handling)
    if len(delivery.get("additionalInfo") or "") > 650:
        yield finding(CV + "StringLength", "delivery.additionalInfo", says="text.too_long", most=650)
    if shipment := delivery.get("shipmentDate"):
        yield from _future(shipment, "delivery.shipmentDate", ground.now)


def _future(text: str, path: str, now: datetime) -> Iterator[Finding]:
    moment = moment_of(text)
    if moment is None:
        yield _invalid(path, text)
    elif moment < now:
        yield finding("VALIDATION_FAILED", path, says="time.past")


def moment_of(text: str) -> datetime | None:
    """An ISO 8601 time with its zone, or None."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def marketplace_findings(marketplaces: Mapping[str, Any], ground: Background) -> list[Finding]:
    return list(_marketplaces(marketplaces, ground))


def _marketplaces(marketplaces: Mapping[str, Any], ground: Background) -> Iterator[Finding]:
    for name, wish in marketplaces.items():
        path = f"additionalMarketplaces.{name}"
        if name == ground.seller.base_marketplace:
            metadata = {"baseMarketplace": name}
            yield finding("BaseMarketplaceInAdditionalMarketplacesException", path, metadata=metadata)
        elif name not in MARKETPLACES:
            metadata = {"supportedAdditionalMarketplaces": ",".join(MARKETPLACES)}
            yield finding("UnsupportedAdditionalMarketplaceException", path, metadata=metadata)
        elif price := ((wish or {}).get("sellingMode") or {}).get("price"):
            yield from price_findings(price, f"{path}.sellingMode.price", CURRENCIES[TWINS.get(name, name)])


# Things an offer may refer to; of contacts and campaigns nobody in the simulated world owns any.
REFERENCES = {
    "sizeTable": "SizeTableNotFoundException",
    "contact": "ContactNotFoundException",
    "additionalServices": "AdditionalServicesGroupNotFoundException",
    "fundraisingCampaign": "FundraisingCampaignNotFoundException",
}


def extra_findings(wish: Wish, category: Category | None, ground: Background) -> list[Finding]:
    return list(_extras(wish, category, ground))


def _extras(wish: Wish, category: Category | None, ground: Background) -> Iterator[Finding]:
    for name, code in REFERENCES.items():
        reference = wish.get(name)
        if reference and find_thing(ground.seller, name, reference) is None:
            yield _not_found(code, name, reference)
    if price_list := (wish.get("discounts") or {}).get("wholesalePriceList"):
        yield _not_found("WholesalePriceListNotFoundException", "discounts.wholesalePriceList", price_list)
    for number, attachment in enumerate(wish.get("attachments") or ()):
        if not ground.attachments.is_ready(attachment.get("id"), ground.seller.id, "offer"):
            yield finding("AttachmentNotFoundException", f"attachments[{number}]", name=attachment.get("id"))
    if len((wish.get("external") or {}).get("id") or "") > 100:
        yield finding(CV + "StringLength", "external.id", says="text.too_long", most=100)
    if wish.get("language") not in (None, *LANGUAGES):
        metadata = {"availableLocales": ",".join(LANGUAGES)}
        yield finding("UnsupportedLanguageException", "language", metadata=metadata)
    invoice = (wish.get("payments") or {}).get("invoice", "VAT")
    if invoice not in INVOICES:
        yield _invalid("payments.invoice", invoice)
    yield from _message(wish.get("messageToSellerSettings") or {}, category)


def _not_found(code: str, path: str, reference: Wish) -> Finding:
    name = str(reference.get("name") or reference.get("id"))
    return finding(code, path, says="reference.not_found", name=name, metadata={"requestedName": name})


def _message(settings: Wish, category: Category | None) -> Iterator[Finding]:
    mode = settings.get("mode", "OPTIONAL")
    path = "messageToSellerSettings.mode"
    if mode not in ("OPTIONAL", "HIDDEN", "REQUIRED"):
        yield _invalid(path, mode)
    elif (
        mode == "REQUIRED"
        and category is not None
        and not category.options["sellerCanRequirePurchaseComments"]
    ):
        yield finding("VALIDATION_FAILED", path, says="message.not_here")
