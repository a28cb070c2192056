"""VAT in the offer form: rates by country and category, and where Allegro asks for more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from allegro_module.db.accounts import Account
from allegro_module.db.categories import Category
from allegro_module.domain.taxes import COUNTRIES, country_of, needs_exemption
from allegro_module.sync.offer_check import taxes_of
from allegro_module.sync.offer_mapping import to_tax_rate
from allegro_module.sync.taxes import TaxChoice, tax_choices, tax_exemptions, tax_subjects
from allegro_module.web.labels import country_name
from allegro_module.web.offer_words import vat_rate_name

if TYPE_CHECKING:
    from allegro_module.web.offer_facts import Facts

Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RateAbroad:
    country: str
    name: str
    rate: str
    options: Options


@dataclass(frozen=True, slots=True)
class TaxView:
    """`subjects` and `exemptions` are empty where there is nothing to decide."""

    rate: str
    options: Options
    abroad: Sequence[RateAbroad]
    subjects: Options
    exemptions: Options
    is_exemption_required: bool
    #: Space separated, for the browser: without one of them the reason is not asked for.
    exempt_rates: str


def vat_choices(category: Category | None, account: Account) -> Options:
    """Of the country of the account's own marketplace."""
    return _options(tax_choices(category, country_of(account.base_marketplace)))


def tax_view(facts: Facts) -> TaxView:
    choices, category = facts.choices, facts.category
    chosen = vat_rate_of(choices.vat_rate)
    taxes = replace(taxes_of(facts.offer), rate=chosen, abroad=choices.vat_rates_abroad)
    subjects = _options(tax_subjects(category))
    exempt_rates = [each.value for each in tax_choices(category, taxes.country) if each.needs_exemption]
    return TaxView(
        rate=chosen,
        options=_with(vat_choices(category, facts.offer.account), chosen),
        abroad=_abroad(facts),
        subjects=_with(subjects, choices.vat_subject) if len(subjects) > 1 or choices.vat_subject else [],
        # It stands ready where one of the rates needs it: without a script nothing adds it.
        exemptions=_with(_options(tax_exemptions(category)), choices.vat_exemption)
        if exempt_rates or choices.vat_exemption
        else [],
        is_exemption_required=needs_exemption(category.taxes if category else None, taxes),
        exempt_rates=" ".join(exempt_rates),
    )


def _abroad(facts: Facts) -> list[RateAbroad]:
    """Of every marketplace where the category knows rates: Allegro may show the offer there without a price
    of its own, and without a script a field that comes with the price would come only after saving."""
    own = country_of(facts.offer.account.base_marketplace)
    rates: Mapping[str, str] = facts.choices.vat_rates_abroad
    found = []
    for country in COUNTRIES.values():
        options = _with(_options(tax_choices(facts.category, country)), rates.get(country, ""))
        if country != own and options:
            found.append(RateAbroad(country, country_name(country), rates.get(country, ""), options))
    return found


def _options(choices: Sequence[TaxChoice]) -> Options:
    """A rate says itself; of words Allegro's own count."""
    return [(each.value, _name(each)) for each in choices]


def _name(choice: TaxChoice) -> str:
    own = vat_rate_name(choice.value)
    return choice.label if choice.label and own == choice.value else own


def _with(options: Options, chosen: str) -> Options:
    """What was chosen stays in the list, so that nothing changes unseen."""
    return [*options, (chosen, vat_rate_name(chosen))] if chosen and chosen not in dict(options) else options


def vat_rate_of(rate: str) -> str:
    return to_tax_rate(rate) if rate else ""
