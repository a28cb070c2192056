"""What the offer list is asked for: tab, filters, sorting and page, all of it in the address."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from flask import abort, request, url_for
from werkzeug.datastructures import MultiDict

from allegro_module.db.offer_choices import PriceList
from allegro_module.db.offer_lists import COUNTED_AT_MOST, TITLES_AT_ONCE, OfferFilter, Place
from allegro_module.domain.offers import OPEN_STATES, OfferState
from allegro_module.web.formats import WARSAW, number
from allegro_module.web.i18n import marked, t
from allegro_module.web.offer_list_categories import Wanted, number_in
from allegro_module.web.ui import LARGEST_ACCOUNT_ID, before_in_address

ALL = "all"
ATTENTION = "attention"
#: Tabs by their name in the address.
STATES_BY_TAB: Mapping[str, tuple[OfferState, ...]] = {
    "active": (OfferState.ACTIVE,),
    "open": OPEN_STATES,
    "drafts": (OfferState.DRAFT, OfferState.INACTIVE),
    "planned": (OfferState.PLANNED,),
    "ended": (OfferState.ENDED,),
    ATTENTION: (OfferState.REFUSED,),
    ALL: tuple(OfferState),
}
NAME_BY_TAB = {
    "active": marked("Active offers"),
    "open": marked("Under way"),
    "drafts": marked("Drafts"),
    "planned": marked("Planned offers"),
    "ended": marked("Ended offers"),
    ATTENTION: marked("Need attention"),
    ALL: marked("All"),
}
EMPTY_BY_TAB = {
    "active": marked("No offer is active yet."),
    "open": marked("No offer is on its way just now."),
    "drafts": marked("There are no drafts."),
    "planned": marked("No offer waits for its time."),
    "ended": marked("No offer has ended."),
    ATTENTION: marked("All offers are in order."),
}
BY_CHANGE = "changed"
NAMES = ("tab", "q", "account", "category", "price_list", "since", "errors", "sort")
#: Allegro's ids of price lists.
ALLEGRO_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
LONGEST = 100


@dataclass(frozen=True, slots=True)
class ListTab:
    """`count` is written: „286”, „1 000+”."""

    name: str
    text: str
    address: str
    count: str
    is_current: bool
    is_alarming: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set; `address` leads to the list without it."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Wish:
    """`args` are the parts of the address that matter, without the page."""

    tab: str
    args: Mapping[str, str]
    place: Place | None

    @property
    def search(self) -> str:
        return self.args.get("q", "")

    @property
    def account_id(self) -> int | None:
        return _account(self.args.get("account", ""))

    @property
    def by_change(self) -> bool:
        """What changed since a day is looked for in the order of changes, so that none is passed over."""
        return self.args.get("sort") == BY_CHANGE or "since" in self.args

    @property
    def is_filtered(self) -> bool:
        return bool(self.args.keys() - {"tab", "sort"})

    @property
    def more(self) -> int:
        """How many filters of „Więcej filtrów” are set."""
        return len(self.args.keys() & {"category", "price_list", "since", "errors"})

    def filter(self, hits: Collection[int], category: Wanted, newest: int) -> OfferFilter:
        """`hits` are what the search found exactly; without any its words are looked for in titles."""
        words = () if hits else self.search.split()
        return OfferFilter(
            states=STATES_BY_TAB[self.tab],
            account_id=self.account_id,
            ids=hits or None,
            words=words,
            from_id=self._first_title(newest) if words else 0,
            category_ids=category.ids,
            shipping_rate_id=self.args.get("price_list", ""),
            changed_since=_day(self.args.get("since", "")),
            is_faulty="errors" in self.args,
        )

    def _first_title(self, newest: int) -> int:
        """Of the offers that this page looks through; by their last change it looks through all."""
        if self.by_change:
            return 0
        return max(0, (self.place.id if self.place else newest + 1) - TITLES_AT_ONCE)

    def address(self, **changes: str | int | None) -> str:
        return address({**self.args, **changes})


def address(args: Mapping[str, str | int | None]) -> str:
    """Of the list; what is empty is left out."""
    kept = {name: value for name, value in args.items() if value not in (None, "")}
    return url_for("allegro.offers.index", **kept)  # type: ignore[arg-type]


def read_wish(account_ids: Collection[int]) -> Wish:
    """What means nothing, or an account that there is not, is no filter."""
    args = _cleaned(request.args)
    if _account(args.get("account", "")) not in account_ids:
        args.pop("account", None)
    tab = args.get("tab", ALL)
    if tab not in STATES_BY_TAB:
        abort(404)
    return Wish(tab, args, _place())


def _cleaned(sent: MultiDict[str, str]) -> dict[str, str]:
    """Names that we know with something that means anything; NUL breaks PostgreSQL."""
    given = {name: sent.get(name, "").replace("\0", "").strip()[:LONGEST] for name in NAMES}
    given["category"] = number_in(given["category"]) or given["category"]
    return {name: value for name, value in given.items() if value and _means_something(name, value)}


def _means_something(name: str, value: str) -> bool:
    if name == "since":
        return _day(value) is not None
    if name == "account":
        return _account(value) is not None
    if name == "price_list":
        return ALLEGRO_ID.fullmatch(value) is not None
    if name == "errors":
        return value == "1"
    return name != "sort" or value == BY_CHANGE


def _account(value: str) -> int | None:
    return int(value) if value.isdecimal() and int(value) <= LARGEST_ACCOUNT_ID else None


def _day(value: str) -> datetime | None:
    """The day's beginning in Poland; None for what is no date."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return datetime.combine(day, time(), WARSAW) if 2000 <= day.year <= 2100 else None


def _place() -> Place | None:
    before_id = before_in_address()
    if before_id is None:
        return None
    try:
        at = datetime.fromisoformat(request.args.get("at", ""))
    except ValueError:
        return Place(before_id)
    return Place(before_id, at if at.tzinfo else None)


def tabs(wish: Wish, counts: Mapping[OfferState, int]) -> list[ListTab]:
    """Filters stay when the tab changes; the page does not."""
    return [
        ListTab(
            name=name,
            text=t(NAME_BY_TAB[name]),
            address=wish.address(tab=None if name == ALL else name),
            count=_counted(sum(counts[state] for state in states)),
            is_current=name == wish.tab,
            is_alarming=name == ATTENTION and any(counts[state] for state in states),
        )
        for name, states in STATES_BY_TAB.items()
    ]


def _counted(count: int) -> str:
    """Further than so many nobody counts: it would take the longer, the more there are."""
    return f"{number(COUNTED_AT_MOST)}+" if count > COUNTED_AT_MOST else number(count)


def empty_words(tab: str) -> str:
    """Why a tab has nothing to show, while there are offers elsewhere."""
    return t(EMPTY_BY_TAB[tab]) if tab in EMPTY_BY_TAB else t("No older offers.")


def price_list_choices(found: Sequence[PriceList], account_id: int | None) -> list[tuple[str, str]]:
    """Id and name; of one account, or of all."""
    return [(each.allegro_id, each.name) for each in found if account_id in (None, each.account_id)]


def chips(
    wish: Wish, accounts: Mapping[int, str], price_lists: Sequence[tuple[str, str]], category: Wanted
) -> list[Chip]:
    found = _named(wish, accounts, dict(price_lists), category)
    return [Chip(text, wish.address(**{name: None})) for name, text in found]


def _named(
    wish: Wish, accounts: Mapping[int, str], price_lists: Mapping[str, str], category: Wanted
) -> Iterator[tuple[str, str]]:
    args = wish.args
    if "q" in args:
        yield "q", t("contains: %(text)s", text=args["q"])
    if wish.account_id is not None:
        yield "account", accounts.get(wish.account_id, args["account"])
    if "category" in args:
        yield "category", category.words
    if "price_list" in args:
        yield "price_list", price_lists.get(args["price_list"], args["price_list"])
    if "since" in args:
        yield "since", t("changed since %(day)s", day=f"{date.fromisoformat(args['since']):%d.%m.%Y}")
    if "errors" in args:
        yield "errors", t("only with errors")
