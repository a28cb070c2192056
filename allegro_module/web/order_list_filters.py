"""What the order list is asked for: tab, filters, sorting and page, all of it in the address."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import abort, request, url_for
from werkzeug.datastructures import MultiDict

from allegro_module.db.order_lists import ABROAD, NOBODY, OrderFilter, Place
from allegro_module.domain.orders import ATTENTION, BY_ALLEGRO, Tab
from allegro_module.domain.shop import PaymentType
from allegro_module.web.formats import WARSAW
from allegro_module.web.i18n import marked, t
from allegro_module.web.labels import country_name, is_country, marketplace_name
from allegro_module.web.ui import LARGEST_ACCOUNT_ID, before_in_address

ALL = "all"
FIRST_TAB = str(Tab.NEW)
#: Tabs by their name in the address, with what the filter of the list asks for.
TABS = {
    **{str(tab): str(tab) for tab in (Tab.NEW, Tab.PROCESSING, Tab.TO_SHIP, Tab.SENT, Tab.RETURNED)},
    str(Tab.CANCELLED): str(Tab.CANCELLED),
    ATTENTION: ATTENTION,
    str(Tab.UNPAID): str(Tab.UNPAID),
    ALL: "",
}
NAME_BY_TAB = {
    Tab.NEW: marked("New orders"),
    Tab.PROCESSING: marked("In progress"),
    Tab.TO_SHIP: marked("To be sent"),
    Tab.SENT: marked("Sent orders"),
    Tab.RETURNED: marked("Returned orders"),
    Tab.CANCELLED: marked("Cancelled"),
    ATTENTION: marked("Need attention"),
    Tab.UNPAID: marked("Unpaid"),
    ALL: marked("All orders"),
}
EMPTY_BY_TAB = {
    Tab.NEW: marked("There are no new orders: all have been taken in hand."),
    Tab.PROCESSING: marked("No order is in progress."),
    Tab.TO_SHIP: marked("Nothing waits to be sent."),
    Tab.SENT: marked("No order has been sent yet."),
    Tab.RETURNED: marked("There are no returns."),
    Tab.CANCELLED: marked("No order has been cancelled."),
    ATTENTION: marked("All orders are in order."),
    Tab.UNPAID: marked("No purchase waits for its payment."),
}
#: Where the date to send by still matters; elsewhere the list is sorted by date only.
OPEN_TABS = (Tab.NEW, Tab.PROCESSING, Tab.TO_SHIP, ATTENTION, Tab.UNPAID)
SIZES = (20, 50, 100)
USUAL_SIZE = 50
MINE = "mine"
NAME_BY_PAYMENT = {
    PaymentType.CASH_ON_DELIVERY: marked("Cash on delivery"),
    PaymentType.ONLINE: marked("Paid online"),
    PaymentType.WIRE_TRANSFER: marked("Bank transfer"),
    PaymentType.SPLIT_PAYMENT: marked("Split payment"),
    PaymentType.EXTENDED_TERM: marked("Deferred payment"),
    "unpaid": marked("Awaiting payment"),
}
NAME_BY_CARETAKER = {MINE: marked("Mine"), NOBODY: marked("Nobody's")}
#: Ticks of „Więcej filtrów”: name in the address → words.
NAME_BY_MARK = {
    "invoice": marked("Invoice wanted"),
    "smart": marked("Smart!"),
    "deposit": marked("With a deposit"),
    "message": marked("With a message"),
    "held": marked("On hold"),
    "one": marked("Packed by Allegro"),
}
NAMES = (
    *("tab", "q", "account", "delivery", "caretaker", "payment", "country", "marketplace"),
    *("since", "until", "size", "sort"),
    *NAME_BY_MARK,
)
#: Of Allegro's own making; which there are grows from year to year.
MARKETPLACE = re.compile(r"allegro(-business)?-[a-z]{2}")
#: Longer words in the address are nobody's filter.
LONGEST = 255


@dataclass(frozen=True, slots=True)
class ListTab:
    name: str
    text: str
    address: str
    count: int | None
    is_current: bool

    @property
    def is_alarming(self) -> bool:
        return self.name == ATTENTION and bool(self.count)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set; `address` leads to the list without it."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Wish:
    """`args` are the parts of the address that matter, without the page."""

    tab: str
    filter: OrderFilter
    args: Mapping[str, str]
    size: int
    by_dispatch: bool
    place: Place | None

    @property
    def is_filtered(self) -> bool:
        return bool(self.args.keys() - {"tab", "size", "sort"})

    @property
    def more(self) -> int:
        """How many filters of „Więcej filtrów” are set."""
        return len(self.args.keys() & {"country", "marketplace", "since", "until", *NAME_BY_MARK})

    def address(self, **changes: str | int | None) -> str:
        return address({**self.args, **changes})


def address(args: Mapping[str, str | int | None]) -> str:
    """Of the list; what is empty is left out."""
    kept = {name: value for name, value in args.items() if value not in (None, "")}
    return url_for("allegro.orders.index", **kept)  # type: ignore[arg-type]


def read_wish(who: str, account_ids: Collection[int]) -> Wish:
    """What means nothing, or an account that there is not, is no filter."""
    args = cleaned(request.args)
    if _account(args.get("account", "")) not in account_ids:
        args.pop("account", None)
    tab = args.get("tab", FIRST_TAB)
    if tab not in TABS:
        abort(404)
    by_dispatch = args.get("sort") == "dispatch" and tab in OPEN_TABS
    size = next((each for each in SIZES if str(each) == args.get("size")), USUAL_SIZE)
    return Wish(tab, filter_of(args, who), args, size, by_dispatch, _place(by_dispatch))


def cleaned(args: MultiDict[str, str]) -> dict[str, str]:
    """Names that we know with something that means anything; NUL breaks PostgreSQL."""
    given = {name: args.get(name, "").replace("\0", "").strip()[:LONGEST] for name in NAMES}
    return {name: value for name, value in given.items() if value and _means_something(name, value)}


def _means_something(name: str, value: str) -> bool:
    if name in ("since", "until"):
        return _day(value) is not None
    if name == "account":
        return _account(value) is not None
    if name == "country":
        return value == ABROAD or is_country(value)
    if name == "marketplace":
        return MARKETPLACE.fullmatch(value) is not None
    if name in NAME_BY_MARK:
        return value == "1"
    choices = {"payment": NAME_BY_PAYMENT, "caretaker": NAME_BY_CARETAKER}.get(name)
    return choices is None or value in choices


def filter_of(args: Mapping[str, str], who: str) -> OrderFilter:
    until = _day(args.get("until", ""))
    caretaker = args.get("caretaker", "")
    return OrderFilter(
        tab=TABS.get(args.get("tab", FIRST_TAB), FIRST_TAB),
        search=args.get("q", ""),
        account_id=_account(args.get("account", "")),
        delivery_method=args.get("delivery", ""),
        caretaker=who if caretaker == MINE else caretaker,
        payment=args.get("payment", ""),
        country=args.get("country", ""),
        marketplace=args.get("marketplace", ""),
        since=_day(args.get("since", "")),
        until=until + timedelta(days=1) if until else None,
        wants_invoice="invoice" in args,
        is_smart="smart" in args,
        has_deposit="deposit" in args,
        has_message="message" in args,
        is_held="held" in args,
        provider=BY_ALLEGRO if "one" in args else "",
    )


def _account(value: str) -> int | None:
    return int(value) if value.isdecimal() and int(value) <= LARGEST_ACCOUNT_ID else None


def _day(value: str) -> datetime | None:
    """The day's beginning in Poland; None for what is no date."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return datetime.combine(day, time(), WARSAW) if 2000 <= day.year <= 2100 else None


def _place(by_dispatch: bool) -> Place | None:
    before_id = before_in_address()
    if before_id is None:
        return None
    return Place(before_id, _moment(request.args.get("due", "")) if by_dispatch else None)


def _moment(value: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo else None


def tabs(wish: Wish, counts: Mapping[str, int]) -> list[ListTab]:
    """Filters stay when the tab changes; sorting and page do not. „Wszystkie” are not counted."""
    kept = {name: value for name, value in wish.args.items() if name != "sort"}
    return [
        ListTab(
            name=name,
            text=t(NAME_BY_TAB[name]),
            address=address({**kept, "tab": name}),
            count=counts.get(name, 0) if name != ALL else None,
            is_current=name == wish.tab,
        )
        for name in TABS
    ]


def chips(wish: Wish, alias_by_account: Mapping[int, str]) -> list[Chip]:
    return [Chip(text, wish.address(**{name: None})) for name, text in _named(wish, alias_by_account)]


def _named(wish: Wish, alias_by_account: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    args, wanted = wish.args, wish.filter
    if "q" in args:
        yield "q", t("contains: %(text)s", text=args["q"])
    if "account" in args:
        yield "account", alias_by_account.get(_account(args["account"]) or 0, args["account"])
    if "delivery" in args:
        yield "delivery", args["delivery"]
    yield from _named_choices(args)
    if wanted.since:
        yield "since", t("from %(day)s", day=f"{wanted.since:%d.%m.%Y}")
    if wanted.until:
        yield "until", t("until %(day)s", day=f"{wanted.until - timedelta(days=1):%d.%m.%Y}")
    for name, words in NAME_BY_MARK.items():
        if name in args:
            yield name, t(words)


def _named_choices(args: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, words in (("caretaker", NAME_BY_CARETAKER), ("payment", NAME_BY_PAYMENT)):
        if name in args:
            yield name, t(dict(words)[args[name]])
    if "country" in args:
        yield "country", t("Abroad") if args["country"] == ABROAD else country_name(args["country"])
    if "marketplace" in args:
        yield "marketplace", marketplace_name(args["marketplace"])
