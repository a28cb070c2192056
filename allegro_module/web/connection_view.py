"""What the page *Ustawienia konta* shows: accounts, applications, the scope picker, technical details."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from flask import request, session

from allegro_module.client.oauth import TOKEN
from allegro_module.db.accounts import Account, Application, list_accounts, list_applications
from allegro_module.db.cursors import Cursor, list_cursors
from allegro_module.domain import scopes
from allegro_module.domain.accounts import (
    HOLDS_TOKENS,
    KEYS_REFUSED,
    POST_CODE_BY_COUNTRY,
    GrantType,
    LinkState,
)
from allegro_module.runtime import Runtime
from allegro_module.web import linking, scope_words
from allegro_module.web.applications import is_in_use
from allegro_module.web.forms.connection import AccountForm, ApplicationForm, Defaults
from allegro_module.web.i18n import t
from allegro_module.web.labels import Label, label_of_account, label_of_environment
from allegro_module.web.preparation import is_safe_address
from allegro_module.web.regions import NAME_BY_PROVINCE, country_choices, province_choices
from allegro_module.web.scope_picker import scope_ticks, scopes_in_short
from allegro_module.web.security import environment_names
from allegro_module.web.support import number_of_installation, support

VIEW_KEY = "allegro_settings_view"
SIMPLE, ADVANCED = "simple", "advanced"
#: Where Allegro checks a User-Agent (facts.md 1.5), behind the address where applications are registered.
USER_AGENT_PAGE = "/user-agent"
DEVICE_PAGE = "/skojarz-aplikacje"


class Forms(Protocol):
    @property
    def application(self) -> ApplicationForm: ...
    @property
    def accounts(self) -> Sequence[AccountForm]: ...


@dataclass(frozen=True, slots=True)
class MissingScope:
    name: str
    without: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    account: Account
    marketplace: str
    application_name: str
    label: Label
    last_import_at: datetime | None
    last_import_message: str
    lacks_keys: bool
    granted: int
    missing: Sequence[MissingScope]

    @property
    def holds_tokens(self) -> bool:
        return self.account.state in HOLDS_TOKENS

    @property
    def is_unconfirmed(self) -> bool:
        return self.account.state == LinkState.UNCONFIRMED


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    application: Application
    name: str
    client_id: str
    accounts: int
    is_shown: bool
    may_delete: bool


def chosen_view() -> str:
    """Simple or advanced, remembered in the browser's session."""
    wish = request.args.get("view")
    if wish in (SIMPLE, ADVANCED):
        session[VIEW_KEY] = wish
    return ADVANCED if session.get(VIEW_KEY) == ADVANCED else SIMPLE


def defaults(runtime: Runtime, grant_type: str = "") -> Defaults:
    return Defaults(
        app_name=runtime.settings.app_name,
        redirect_uri=linking.redirect_uri(),
        environments=environment_names(runtime),
        grant_type=grant_type if grant_type in list(GrantType) else GrantType.AUTHORIZATION_CODE,
    )


def page_context(runtime: Runtime, make_forms: Callable[[], Forms]) -> dict[str, Any]:
    """The number of the installation comes first: making it commits, and what was read before grows stale."""
    number = number_of_installation(runtime)
    accounts = list_accounts(runtime.session)
    applications = list_applications(runtime.session)
    forms = make_forms()
    cursors = {cursor.account_id: cursor for cursor in list_cursors(runtime.session)}
    rows = [_row(runtime, account, cursors.get(account.id)) for account in accounts if account.seller_id]
    form = forms.application
    redirect_uri = linking.redirect_uri()
    return {
        "application": form.stored,
        "application_form": form,
        "application_rows": _application_rows(runtime, applications, accounts, form.stored),
        "account_forms": forms.accounts,
        "problems": problems_of(form, forms.accounts),
        "is_advanced": chosen_view() == ADVANCED or form.has_advanced_problems,
        "scope_ticks": scope_ticks(form.chosen_scopes),
        "scopes_in_short": scopes_in_short(form.stored),
        "environment_options": _environment_options(runtime),
        "kind_options": kind_options(),
        "redirect_uri": redirect_uri,
        "is_safe_address": is_safe_address(redirect_uri),
        "rows": rows,
        "must_link_again": [row for row in rows if row.account.state == LinkState.NEEDS_RECONNECT],
        "device_application": next((each for each in applications if is_for_device(each)), None),
        "provinces": province_choices(),
        "countries": country_choices(tuple(POST_CODE_BY_COUNTRY)),
        "support": support(runtime, number, applications, accounts),
        **_links(runtime, form),
    }


def is_for_device(application: Application) -> bool:
    return application.grant_type == GrantType.DEVICE_CODE


def kind_options() -> list[tuple[str, str, str]]:
    return [
        (GrantType.AUTHORIZATION_CODE, t("with access to a browser"), t("you consent on Allegro's page")),
        (GrantType.DEVICE_CODE, t("without a browser (device code)"), t("you type a code at Allegro")),
    ]


def words_of_place(account: Account) -> str:
    country = dict(country_choices([account.country]))[account.country]
    province = NAME_BY_PROVINCE.get(account.province or "", "")
    return ", ".join(part for part in (province, account.city, account.post_code, country) if part)


def words_of_marketplace(marketplace: str | None) -> str:
    """„allegro.pl” for allegro-pl, „allegro.pl Business” for its business twin (facts.md 1.2)."""
    parts = (marketplace or "allegro-pl").split("-")
    return f"{parts[0]}.{parts[-1]}" + (" Business" if "business" in parts else "")


def problems_of(
    application_form: ApplicationForm, account_forms: Sequence[AccountForm]
) -> list[tuple[str, str, str]]:
    """Field, its words, the sentence; of several accounts the words say which."""
    words = _words_of_fields()
    found = [
        (field.name, words[field.short_name], str(field.errors[0]))
        for field in application_form
        if field.errors
    ]
    words = {**words, "name": t("Own name")}
    for form in account_forms:
        login = (form.account and form.account.login) or t("next account")
        whose = f" ({login})" if len(account_forms) > 1 else ""
        found += [
            (field.name, words[field.short_name] + whose, str(field.errors[0]))
            for field in form
            if field.errors
        ]
    return found


def _words_of_fields() -> Mapping[str, str]:
    return {
        "environment": t("Environment"),
        "client_id": "Client ID",
        "client_secret": "Client Secret",
        "name": t("Name of the application"),
        "grant_type": t("Kind of application"),
        "scopes": t("Permissions"),
        "redirect_uris": t("Registered redirect URIs"),
        "alias": t("Alias"),
        "province": t("Region"),
        "city": t("Town"),
        "post_code": t("Postcode"),
        "wait_minutes": t("Wait for the outcome of offers"),
        "search_minutes": t("Look for a lost offer"),
        "country": t("Country"),
    }


def _row(runtime: Runtime, account: Account, cursor: Cursor | None) -> AccountRow:
    # Tokens that are gone, or never named any scopes, lack nothing that could be said.
    missing = scopes.missing(account.scopes) if account.scopes else ()
    return AccountRow(
        account=account,
        marketplace=words_of_marketplace(account.base_marketplace),
        application_name=account.application.name or runtime.settings.app_name,
        label=label_of_account(account, runtime.now(account.environment)),
        last_import_at=cursor.last_success_at if cursor else None,
        last_import_message=cursor.last_message if cursor else "",
        lacks_keys=account.state_reason == KEYS_REFUSED,
        granted=len(scopes.in_order(account.scopes.split())),
        missing=[
            MissingScope(name.removeprefix(scopes.PREFIX), scope_words.without(name)) for name in missing
        ],
    )


def _application_rows(
    runtime: Runtime,
    applications: Sequence[Application],
    accounts: Sequence[Account],
    shown: Application | None,
) -> list[ApplicationRow]:
    return [
        ApplicationRow(
            application=each,
            name=each.name or runtime.settings.app_name,
            client_id=short_client_id(each.client_id),
            accounts=len([one for one in accounts if one.seller_id and one.application_id == each.id]),
            is_shown=each is shown,
            may_delete=len(applications) > 1 and not is_in_use(accounts, each),
        )
        for each in applications
    ]


def short_client_id(client_id: str) -> str:
    return client_id if len(client_id) <= 12 else f"{client_id[:6]}…{client_id[-4:]}"


def _environment_options(runtime: Runtime) -> list[tuple[str, str, str]]:
    small = {"production": "allegro.pl", "sandbox": t("test account"), "simulator": t("on this server")}
    return [(name, label_of_environment(name).text, small[name]) for name in environment_names(runtime)]


def _links(runtime: Runtime, form: ApplicationForm) -> dict[str, Any]:
    """Addresses at Allegro, and what the advanced view tells of the technique; of the environment chosen."""
    chosen = str(form.environment.data)
    environment = runtime.environment(chosen if chosen in environment_names(runtime) else "production")
    stored = form.stored
    return {
        "environment": environment,
        "registration_url": environment.registration_url,
        "user_agent_url": "" if chosen == "simulator" else environment.registration_url + USER_AGENT_PAGE,
        "device_url": environment.web_url + DEVICE_PAGE,
        "token_url": environment.auth_url + TOKEN,
        "user_agent": runtime.settings.user_agent(stored.name if stored else ""),
        "may_register": runtime.settings.software_statement_id is not None,
    }
