"""What the pages of default settings show: lists to choose from, inherited values, a preview."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from allegro_module.db.accounts import Account
from allegro_module.db.attachments import Attachment
from allegro_module.db.description_templates import list_templates
from allegro_module.db.dictionaries import find_dictionary
from allegro_module.db.profiles import Profile, find_profile, list_profiles, profiles_for
from allegro_module.db.terms import list_terms
from allegro_module.domain.marketplaces import BASE, additional_to, currency_of
from allegro_module.domain.offer_choices import (
    DURATIONS,
    HANDLING_TIME,
    HANDLING_TIMES,
    INVOICE,
    INVOICES,
    VAT_RATES,
)
from allegro_module.domain.price_rules import Rounding
from allegro_module.domain.problems import Problem
from allegro_module.domain.profile_values import is_row_id
from allegro_module.domain.profiles import PRICE_RULE, Found, Scope, resolve
from allegro_module.domain.terms import TermKind
from allegro_module.runtime import Runtime
from allegro_module.sync.draft_values import DEFAULT_NAME, own_files
from allegro_module.web.default_words import (
    FIELD_NAMES,
    KINDS,
    ROUNDINGS,
    Names,
    field_label,
    found_words,
    unlisted_term,
    value_words,
)
from allegro_module.web.forms.defaults import NONE, NOWHERE, OWN, RULE, Sent, to_form
from allegro_module.web.i18n import t
from allegro_module.web.marketplace_words import MARKETPLACE_NAMES, SIGNS, marketplace_name
from allegro_module.web.offer_facts import find_product
from allegro_module.web.offer_words import INVOICE_NAMES, duration_name, handling_time_name, vat_rate_name
from allegro_module.web.regions import place_words, province_choices
from allegro_module.web.sentences import sentence

Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Abroad:
    id: str
    name: str
    sign: str


@dataclass(frozen=True, slots=True)
class Packages:
    """Of Allegro's list; `cost` where it says one."""

    base: Choices
    extra: Choices


@dataclass(frozen=True, slots=True)
class View:
    account: Account
    scope: Scope
    key: str
    label: str
    version: int
    form: Sent
    errors: Mapping[str, Sequence[str]]
    problems: Sequence[tuple[str, str, str]]
    options: Mapping[str, Choices]
    #: By field: what holds while this profile says nothing.
    inherited: Mapping[str, str]
    #: Parts of the price rule of farther profiles, as they are typed.
    rule_above: Mapping[str, str]
    marketplaces: Sequence[Abroad]
    packages: Packages
    files: Sequence[Attachment]
    roundings: Choices
    provinces: Choices
    profile: Profile | None = None
    changed_note: str = ""

    @property
    def is_account(self) -> bool:
        return self.scope is Scope.ACCOUNT

    def is_own(self, name: str) -> bool:
        """This profile sets the field itself."""
        return any(
            text for key, text in self.form.items(multi=True) if key == name or key.startswith(f"{name}.")
        )


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that was sent and could not be saved."""

    form: Sent
    problems: Sequence[Problem] = field(default_factory=list)
    changed_note: str = ""


def names_of(runtime: Runtime, account: Account) -> Names:
    session = runtime.session
    return Names(list_terms(session, account.id), list_templates(session), _package_names(runtime, account))


def _package_names(runtime: Runtime, account: Account) -> dict[str, str]:
    packages = packages_of(runtime, account)
    return dict([*packages.base, *packages.extra])


def packages_of(runtime: Runtime, account: Account) -> Packages:
    """Of the account's own marketplace; empty until the dictionary was fetched."""
    known = find_dictionary(runtime.session, account.id, "promotion_packages")
    here = known.get(account.base_marketplace or BASE) or {}
    return Packages(*([_package(each) for each in here.get(kind) or ()] for kind in ("base", "extra")))


def _package(stored: Mapping[str, str]) -> tuple[str, str]:
    return stored["id"], stored.get("name") or stored["id"]


def view_of(
    runtime: Runtime,
    account: Account,
    profile: Profile | None,
    typed: Typed | None = None,
    scope: Scope = Scope.ACCOUNT,
) -> View:
    names, farther = names_of(runtime, account), _farther(runtime, account, profile)
    form = typed.form if typed else to_form(profile.values if profile else {})
    errors: dict[str, list[str]] = {}
    for problem in typed.problems if typed else ():
        errors.setdefault(problem.field, []).append(sentence(problem))
    return View(
        account=account,
        scope=Scope(profile.scope) if profile else scope,
        key=profile.key if profile else "",
        label=(profile.label or profile.key) if profile else "",
        version=profile.version if profile else 0,
        form=form,
        errors=errors,
        problems=[(name, field_label(name), texts[0]) for name, texts in errors.items()],
        options=_with_chosen(_options(names), form, names),
        inherited=_inherited(account, farther, names),
        rule_above=_rule_above(farther),
        marketplaces=[
            Abroad(each, marketplace_name(each), SIGNS[currency_of(each)])
            for each in additional_to(account.base_marketplace)
            if each in MARKETPLACE_NAMES
        ],
        packages=packages_of(runtime, account),
        files=_files(runtime, account, form.getlist("safety_attachments")),
        roundings=[(key, t(text)) for key, text in ROUNDINGS.items() if key != Rounding.NONE],
        provinces=province_choices(),
        profile=profile,
        changed_note=typed.changed_note if typed else "",
    )


def known_ids(runtime: Runtime, account: Account, files: Iterable[object]) -> dict[str, set[str]]:
    """By field, what a profile may name."""
    names = names_of(runtime, account)
    return {
        **{name: set(dict(names.choosable(kind))) for name, kind in KINDS.items()},
        "description_template_id": {str(each.id) for each in names.templates},
        "promotion": set(names.packages),
        "safety_attachments": {str(each.id) for each in _files(runtime, account, files)},
    }


def _files(runtime: Runtime, account: Account, ids: Iterable[object]) -> list[Attachment]:
    """The account's own files with safety information."""
    return own_files(runtime.session, account.id, [each for each in ids if is_row_id(each)])


def _options(names: Names) -> dict[str, Choices]:
    none: Choices = [(NONE, t("none"))]
    return {
        "shipping_rate_id": names.choosable(TermKind.SHIPPING_RATE),
        "return_policy_id": names.choosable(TermKind.RETURN_POLICY),
        "implied_warranty_id": names.choosable(TermKind.IMPLIED_WARRANTY),
        "warranty_id": none + names.choosable(TermKind.WARRANTY),
        "responsible_producer_id": names.choosable(TermKind.RESPONSIBLE_PRODUCER),
        "responsible_person_id": none + names.choosable(TermKind.RESPONSIBLE_PERSON),
        "handling_time": [(each, handling_time_name(each)) for each in HANDLING_TIMES],
        "vat_rate": [(each, vat_rate_name(each)) for each in VAT_RATES],
        "invoice": [(each, t(INVOICE_NAMES[each])) for each in INVOICES],
        "duration": [(each or NONE, duration_name(each)) for each in DURATIONS],
        "description_template_id": none + [(str(each.id), each.name) for each in names.templates],
        "promotion.own": [(NOWHERE, t("none")), (OWN, t("as chosen below"))],
        "marketplaces.own": [(NOWHERE, t("none")), (OWN, t("as set below"))],
    }


def _with_chosen(options: dict[str, Choices], form: Sent, names: Names) -> dict[str, Choices]:
    """One that was chosen and is gone stays in its list, so that nothing changes unseen."""
    for name, known in options.items():
        chosen = form.get(name, "")
        if chosen and chosen not in dict(known):
            known.append((chosen, _unlisted(name, chosen, names)))
    return options


def _unlisted(name: str, chosen: str, names: Names) -> str:
    if name == "vat_rate":
        return vat_rate_name(chosen)
    if name in KINDS:
        return unlisted_term(names.terms, KINDS[name], chosen)
    return t("deleted") if name == "description_template_id" else t("no longer on Allegro")


def _inherited(account: Account, farther: Sequence[Profile], names: Names) -> dict[str, str]:
    """Words for every field, of the layers that are farther than this profile."""
    without = _without_profiles(account, names)
    labels = {(Scope(each.scope), each.key): each.label for each in farther}
    found = resolve([each.layer for each in farther])
    return {
        name: _found(name, found[name], labels, names) if name in found else text
        for name, text in without.items()
    }


def _found(name: str, found: Found, labels: Mapping[tuple[Scope, str], str], names: Names) -> str:
    return found_words(name, found, labels.get((found.scope, found.key), ""), names)


def _rule_above(farther: Sequence[Profile]) -> dict[str, str]:
    found = resolve([each.layer for each in farther]).get(PRICE_RULE)
    form = to_form({PRICE_RULE: found.value} if found else {})
    return {part: form[f"{PRICE_RULE}.{part}"] for part in RULE}


def _farther(runtime: Runtime, account: Account, profile: Profile | None) -> Sequence[Profile]:
    session = runtime.session
    if profile is None or profile.scope == Scope.ACCOUNT:
        return []
    if profile.scope != Scope.PRODUCT:
        of_account = find_profile(session, account.id, Scope.ACCOUNT)
        return [of_account] if of_account else []
    product = find_product(runtime, profile.key)
    if product is None:
        return list_profiles(session, account.id, Scope.ACCOUNT)
    return [each for each in profiles_for(session, account.id, [product]) if each.scope != Scope.PRODUCT]


def _without_profiles(account: Account, names: Names) -> dict[str, str]:
    """What a new offer gets when no profile speaks."""
    none = t("none")
    return {
        **dict.fromkeys(FIELD_NAMES, none),
        **{
            name: _only(names, kind)
            for name, kind in (
                ("shipping_rate_id", TermKind.SHIPPING_RATE),
                ("return_policy_id", TermKind.RETURN_POLICY),
                ("implied_warranty_id", TermKind.IMPLIED_WARRANTY),
                ("responsible_producer_id", TermKind.RESPONSIBLE_PRODUCER),
            )
        },
        "handling_time": handling_time_name(HANDLING_TIME),
        "invoice": t(INVOICE_NAMES[INVOICE]),
        "vat_rate": t("as on Allegro"),
        "location": account_place(account),
        "duration": duration_name(""),
        "is_republished": t("no"),
        "is_before_gpsr": t("no"),
        "quantity_buffer": t("none"),
        "quantity_cap": t("no limit"),
        "price_rule": t("the shop's price"),
        "description_template_id": t("none, the description alone"),
    }


def account_place(account: Account) -> str:
    place = place_words(account.province or "", account.post_code or "", account.city or "")
    return place or t("not set yet")


def _only(names: Names, kind: TermKind) -> str:
    known = names.choosable(kind)
    if len(known) == 1:
        return "{} ({})".format(known[0][1], t("the account's only one"))
    named = [name for _, name in known if name.casefold() == DEFAULT_NAME]
    return named[0] if named else t("chosen in each offer")


def profile_words(profile: Profile, names: Names) -> list[str]:
    """„Czas wysyłki: 2 dni” for each field that the profile sets."""
    return [
        f"{field_label(name)}: {value_words(name, value, names)}"
        for name, value in profile.values.items()
        if name in FIELD_NAMES and value not in ([],)
    ]


def scope_title(scope: Scope, label: str) -> str:
    return {
        Scope.ACCOUNT: t("The account's defaults"),
        Scope.CATEGORY: t("Defaults of category %(name)s", name=label),
        Scope.BRAND: t("Defaults of brand %(name)s", name=label),
        Scope.PRODUCT: t("Defaults of product %(name)s", name=label),
    }[scope]
