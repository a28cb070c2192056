"""Why an order was set aside, in the seller's words; what no table knows is shown as it came."""

from __future__ import annotations

from allegro_module.web.i18n import marked, t

UNREADABLE = "Allegro's answer cannot be read: "
#: Of `sync/order_failures.py` and the modules that read forms: the reason in the row → what is shown.
TEXT_BY_REASON = {
    "the shop refuses the order": marked("the shop refuses the order"),
    "not at Allegro yet": marked("not at Allegro yet"),
    "a form to be fulfilled without any line": marked("an order to be fulfilled has no items"),
    "a form without any time": marked("the order has no date"),
    "a form without lines and without a total": marked("the order has neither items nor a total"),
    "the currency is not a code of three letters": marked("the currency is not known"),
    "not a number of additional services that can be sold": marked(
        "the number of an additional service is missing or impossible"
    ),
    "a line without pieces": marked("the number of pieces of an item is missing or impossible"),
    "not a whole number of pieces": marked("the number of pieces of an item is missing or impossible"),
    "not a number of pieces that can be sold": marked(
        "the number of pieces of an item is missing or impossible"
    ),
}
#: Reasons that name the place after a colon.
TEXT_BY_BEGINNING = {
    "currencies are mixed": marked("amounts in several currencies in one order"),
    "not an amount that can be paid": marked("an amount is missing or impossible"),
    "more than two decimals": marked("an amount has more than two decimals"),
}
PLACES = frozenset(
    (
        marked("a compensation"),
        marked("a deposit"),
        marked("a price before discounts"),
        marked("a price"),
        marked("a surcharge"),
        marked("a voucher"),
        marked("the cost of delivery"),
        marked("the price of an additional service"),
        marked("the total"),
        marked("what was collected"),
        marked("what was paid"),
    )
)


def words_of_failure(reason: str) -> str:
    """Of `Failure.reason`; the host's own words of refusal are shown as they came."""
    if reason.startswith(UNREADABLE):
        where = reason.removeprefix(UNREADABLE)
        return t("Allegro's answer cannot be read: %(where)s", where=_known(where) or where)
    return _known(reason) or reason


def _known(reason: str) -> str:
    if reason in TEXT_BY_REASON:
        return t(TEXT_BY_REASON[reason])
    beginning, _, place = reason.partition(": ")
    if beginning not in TEXT_BY_BEGINNING:
        return ""
    words = t(TEXT_BY_BEGINNING[beginning])
    return f"{words} ({t(place) if place in PLACES else place})" if place else words
