"""Returns, complaints and guarantees in the words of the pages: names of fields and choices, summaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allegro_module.domain.after_sales import (
    CAUSES,
    Content,
    CoveredBy,
    Range,
    Warrantor,
    amount_of,
    cause_of,
    part,
    range_of,
    text,
)
from allegro_module.domain.terms import TermKind
from allegro_module.web.i18n import marked, n, t
from allegro_module.web.labels import country_name

RANGES: Mapping[str, str] = {
    Range.FULL: marked("everything can be returned"),
    Range.RESTRICTED: marked("returns with a restriction"),
    Range.DISABLED: marked("no returns"),
}
CAUSE_NAMES = {
    "SEALED_MEDIA": marked("sealed audio, video or software, once the seal is broken"),
    "SEALED_ITEM_NO_RETURN_DUE_HEALTH_OR_HYGIENE": marked(
        "sealed for health or hygiene, once the seal is broken"
    ),
    "INSEPARABLY_LINKED": marked("inseparably joined with other things after delivery"),
    "NOT_RECORDED_DIGITAL_CONTENT": marked("digital content without a carrier"),
    "CUSTOM_ITEM": marked("made to the buyer's order"),
    "SHORT_SHELF_LIFE": marked("perishable or of short shelf life"),
    "PRESS": marked("newspapers and periodicals"),
    "MEDICINAL_PRODUCT": marked("medicinal product (allegro.pl only)"),
    "VALUE_DEPENDENT_ON_FINANCIAL_MARKET": marked("price depends on the financial market"),
    "ALCOHOL": marked("alcohol (outdated)"),
    "FULLY_IMPLEMENTED_SERVICE": marked("service fully performed (outdated)"),
    "BOOKED_SERVICE": marked("booked service (outdated)"),
}
COVERERS: Mapping[str, str] = {CoveredBy.BUYER: marked("the buyer"), CoveredBy.SELLER: marked("the seller")}
WARRANTORS: Mapping[str, str] = {
    Warrantor.MANUFACTURER: marked("the producer"),
    Warrantor.SELLER: marked("the seller"),
}
OPTION_NAMES = {
    "cashOnDeliveryNotAllowed": marked("Parcels sent back cash on delivery are not accepted"),
    "freeAccessoriesReturnRequired": marked("Free additions must be sent back as well"),
    "refundLoweredByReceivedDiscount": marked("The refund is lowered by a discount given for the set"),
    "businessReturnAllowed": marked("Companies may return goods too"),
    "collectBySellerOnly": marked("We fetch the goods from the buyer ourselves"),
}
FIELD_NAMES: Mapping[str, str] = {
    "name": marked("Name"),
    "isFulfillment": marked("For One Fulfillment offers"),
    "availability": marked("What can be returned"),
    "withdrawalPeriod": marked("Time to return"),
    "returnCost": marked("Who pays for sending it back"),
    "returnCost.coveredBy": marked("Who pays for sending it back"),
    "address": marked("Address"),
    "address.name": marked("Company or person"),
    "address.street": marked("Street and number"),
    "address.postCode": marked("Postcode"),
    "address.city": marked("Town"),
    "address.countryCode": marked("Country"),
    "contact": marked("Contact"),
    "contact.email": marked("E-mail"),
    "contact.phoneNumber": marked("Telephone"),
    "individual": marked("Consumers"),
    "individual.period": marked("Consumers"),
    "corporate": marked("Companies"),
    "corporate.period": marked("Companies"),
    "description": marked("Description"),
    "type": marked("Who guarantees"),
    "attachment": marked("File"),
    **{f"options.{name}": words for name, words in OPTION_NAMES.items()},
}
NOTHING = "–"


def field_name(path: str) -> str:
    return t(FIELD_NAMES[path]) if path in FIELD_NAMES else path


@dataclass(frozen=True, slots=True)
class Choices:
    """Options of a select that stand together under a heading."""

    heading: str
    options: Sequence[tuple[str, str]]


def availability_choices(current: str) -> list[Choices]:
    """An outdated reason stands there only while it is the stored one."""
    chosen, _, cause = current.partition(":")
    groups = {each: list(CAUSES[each]) for each in (Range.RESTRICTED, Range.DISABLED)}
    if chosen in groups and cause and cause not in groups[Range(chosen)]:
        groups[Range(chosen)].append(cause)
    return [
        Choices(t(RANGES[each]), [(f"{each}:{code}", cause_name(code)) for code in codes])
        for each, codes in groups.items()
    ]


def cause_name(code: str) -> str:
    return t(CAUSE_NAMES[code]) if code in CAUSE_NAMES else code


def summary(kind: TermKind, content: Content) -> str:
    """„30 dni, koszt: kupujący”; empty where nothing is known."""
    if kind == TermKind.RETURN_POLICY:
        return _summary_of_returns(content)
    if kind == TermKind.IMPLIED_WARRANTY:
        return _of_both(*(_period(content, buyer) for buyer in ("individual", "corporate")))
    periods = _of_both(*(_period(content, buyer) for buyer in ("individual", "corporate")))
    return ", ".join(filter(None, [_word(WARRANTORS, text(content, "type")), periods]))


def _summary_of_returns(policy: Content) -> str:
    if range_of(policy) == Range.DISABLED:
        return f"{t(RANGES[Range.DISABLED])}: {cause_name(cause_of(policy))}"
    payer = _word(COVERERS, text(part(policy, "returnCost"), "coveredBy"))
    words = [period_words(text(policy, "withdrawalPeriod")), payer and t("cost: %(who)s", who=payer)]
    if range_of(policy) == Range.RESTRICTED:
        words.append(f"{t(RANGES[Range.RESTRICTED])}: {cause_name(cause_of(policy))}")
    return ", ".join(filter(None, words))


def _of_both(individual: str, corporate: str) -> str:
    """Said once where consumers and companies have the same."""
    if individual == corporate:
        return individual
    return t(
        "consumers: %(one)s, companies: %(other)s", one=individual or NOTHING, other=corporate or NOTHING
    )


def _period(content: Content, buyer: str) -> str:
    granted = part(content, buyer)
    return t("for life") if granted.get("lifetime") is True else period_words(text(granted, "period"))


def period_words(period: str) -> str:
    """„30 dni”, „2 lata”; what is no period is shown as it came."""
    for unit, words in (("D", _days), ("M", _months), ("Y", _years)):
        amount = amount_of(period, unit)
        if amount is not None:
            return words(amount)
    return period


def _days(amount: int) -> str:
    return n("%(num)s day", "%(num)s days", amount)


def _months(amount: int) -> str:
    return n("%(num)s month", "%(num)s months", amount)


def _years(amount: int) -> str:
    return n("%(num)s year", "%(num)s years", amount)


def group_words(group: str, content: Content) -> str:
    """One member of the content as people read it: what the comparison of two states shows."""
    if group.startswith("options."):
        value = part(content, "options").get(group.removeprefix("options."))
        return NOTHING if value is None else t("yes") if value else t("no")
    words = {
        "availability": lambda: _availability(content),
        "withdrawalPeriod": lambda: period_words(text(content, "withdrawalPeriod")),
        "returnCost": lambda: _word(COVERERS, text(part(content, "returnCost"), "coveredBy")),
        "address": lambda: _address(part(content, "address")),
        "contact": lambda: ", ".join(
            filter(None, (text(part(content, "contact"), name) for name in ("email", "phoneNumber")))
        ),
        "individual": lambda: _period(content, "individual"),
        "corporate": lambda: _period(content, "corporate"),
        "type": lambda: _word(WARRANTORS, text(content, "type")),
        "attachment": lambda: text(part(content, "attachment"), "name"),
        "isFulfillment": lambda: t("yes") if content.get("isFulfillment") else t("no"),
    }
    return (words[group]() if group in words else text(content, group)) or NOTHING


def _availability(policy: Content) -> str:
    chosen = _word(RANGES, range_of(policy))
    return f"{chosen}: {cause_name(cause_of(policy))}" if cause_of(policy) else chosen


def _address(address: Content) -> str:
    place = " ".join(filter(None, (text(address, "postCode"), text(address, "city"))))
    country = text(address, "countryCode")
    parts = (text(address, "name"), text(address, "street"), place, country and country_name(country))
    return ", ".join(filter(None, parts))


def _word(words: Mapping[str, str], value: str) -> str:
    return t(words[value]) if value in words else value


def offers_words(count: int) -> str:
    return n("%(num)s offer", "%(num)s offers", count) if count else NOTHING
