"""Section *Opcje promowania* of the offer form: the packages, those wished for, what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from allegro_module.domain.marketplaces import BASE
from allegro_module.domain.money import Money
from allegro_module.sync.promotion import DONE, OUTCOME
from allegro_module.web.formats import money
from allegro_module.web.i18n import n, t
from allegro_module.web.offer_facts import Facts
from allegro_module.web.offer_fees import package_costs

#: Where Allegro tells what it takes money for.
FEES_PAGE = "https://help.allegro.com/"


@dataclass(frozen=True, slots=True)
class PackageChoice:
    id: str
    name: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class PromotionView:
    """`outcome` and `objection` tell of a wish that was carried out; then nothing can be chosen here."""

    base: Sequence[PackageChoice]
    extra: Sequence[PackageChoice]
    is_known: bool
    words: str
    is_settled: bool
    is_refused: bool
    objection: str
    fees_page: str

    @property
    def has_base(self) -> bool:
        return any(each.is_chosen for each in self.base)


def promotion_view(facts: Facts) -> PromotionView:
    wish = facts.choices.promotion
    here, costs = _packages(facts), package_costs(facts.offer)
    base = [wish["base"]] if wish.get("base") else []
    return PromotionView(
        base=_choices(here.get("base") or (), base, costs),
        extra=_choices(here.get("extra") or (), wish.get("extra") or (), costs),
        is_known=bool(here),
        words=promotion_words(facts),
        is_settled=OUTCOME in wish and bool(facts.offer.allegro_offer_id),
        is_refused=wish.get(OUTCOME, DONE) != DONE,
        objection=wish.get("words") or "",
        fees_page=FEES_PAGE,
    )


def promoted(wish: Mapping[str, Any]) -> list[str]:
    return [each for each in (wish.get("base") or "", *(wish.get("extra") or ())) if each]


def promotion_words(facts: Facts) -> str:
    names = {
        each["id"]: each.get("name") or each["id"] for kind in _packages(facts).values() for each in kind
    }
    return ", ".join(names.get(each, each) for each in promoted(facts.choices.promotion))


def _packages(facts: Facts) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Of the account's own marketplace; empty until they were fetched."""
    known = facts.dictionaries.get("promotion_packages", {})
    found: Mapping[str, Sequence[Mapping[str, str]]] = (
        known.get(facts.offer.account.base_marketplace or BASE) or {}
    )
    return found


def _choices(
    packages: Sequence[Mapping[str, str]], chosen: Sequence[str], costs: Mapping[str, Money]
) -> list[PackageChoice]:
    """One that was chosen and is no longer sold stays in the list, so that nothing changes unseen."""
    known = [
        PackageChoice(each["id"], each.get("name") or each["id"], _words(each, costs), each["id"] in chosen)
        for each in packages
    ]
    ids = [each.id for each in known]
    gone = [PackageChoice(each, each, t("no longer on Allegro"), True) for each in chosen if each not in ids]
    return [*known, *gone]


def _words(package: Mapping[str, str], costs: Mapping[str, Money]) -> str:
    """„opłata za każde 10 dni: 29,00 zł”; the amount once Allegro has told it for this offer."""
    cycle, cost = _cycle(package.get("cycle") or ""), costs.get(package["id"])
    return ": ".join(each for each in (cycle, money(cost) if cost else "") if each)


def _cycle(period: str) -> str:
    """„P10D” → „na 10 dni”."""
    days = period.removeprefix("P").removesuffix("D")
    if days.isdigit():
        return n("paid for each day", "paid for every %(num)s days", int(days))
    hours = period.removeprefix("PT").removesuffix("H")
    if hours.isdigit() and int(hours) % 24 == 0:
        return n("paid for each day", "paid for every %(num)s days", int(hours) // 24)
    return ""
