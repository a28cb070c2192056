"""The settings page's forms: an application's keys, and what belongs to one account."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, SelectMultipleField, StringField

from allegro_module.db.accounts import Account, Application
from allegro_module.domain.accounts import POST_CODE_BY_COUNTRY, PROVINCES, GrantType, is_post_code
from allegro_module.domain.problems import Problem
from allegro_module.domain.redirects import problems_with
from allegro_module.domain.scopes import NEEDED, in_order
from allegro_module.web.forms.fields import Text, Validator, filled, shaped, stop
from allegro_module.web.security import first_environment
from allegro_module.web.sentences import sentence

Sent = MultiDict[str, str] | None
#: One word as Allegro's page shows it; a blank or a line end inside is a copying accident.
KEY = r"\S{3,128}"
#: It goes into the User-Agent (facts.md 1.5), where other letters have no place; Allegro takes 3 to 50.
APP_NAME = r"[A-Za-z0-9_ .-]{3,50}"
#: Tells a page without any scope ticked from a page that did not show them.
SCOPES_SHOWN = "scopes_shown"
#: Fields that only the advanced view shows.
ADVANCED = ("name", "grant_type", "scopes", "redirect_uris")


def at_most(length: int) -> Validator:
    """A longer text, or one with signs that cannot be seen, would break in the database."""

    def check(form: Form, field: Field) -> None:
        if len(field.data) > length:
            raise stop("text_too_long", max=str(length))
        if not field.data.isprintable():
            raise stop("text_not_printable")

    return check


def _lines(value: str | None) -> str:
    return "\n".join(line.strip() for line in (value or "").strip().splitlines())


def _capitals(value: str | None) -> str:
    """Only plain letters: ß would become two."""
    text = value or ""
    return text.upper() if text.isascii() else text


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a new application begins with."""

    app_name: str
    redirect_uri: str
    environments: Sequence[str]
    grant_type: str = GrantType.AUTHORIZATION_CODE


class ApplicationForm(Form):
    """`stored` is the application shown, None for a new one.

    A field that the sent page did not show keeps what is stored.
    """

    environment = Text(validators=[filled()])
    client_id = Text(validators=[filled(), shaped(KEY, "client_id_format")])
    client_secret = Text(validators=[shaped(KEY, "client_secret_format")])
    name = Text(validators=[shaped(APP_NAME, "app_name_format")])
    grant_type = Text()
    scopes = SelectMultipleField(validate_choice=False)
    redirect_uris = StringField(filters=[_lines])

    def __init__(self, sent: Sent, stored: Application | None, defaults: Defaults) -> None:
        super().__init__(sent, data=_of_application(stored, defaults))
        self.stored = stored
        self._defaults = defaults
        self._sent = sent
        if not self.was_shown("scopes"):
            self.scopes.data = list(_of_application(stored, defaults)["scopes"])

    def was_shown(self, name: str) -> bool:
        return self._sent is not None and (
            name in self._sent or (name == "scopes" and SCOPES_SHOWN in self._sent)
        )

    def validate_environment(self, field: Field) -> None:
        if field.data not in self._defaults.environments:
            raise stop("environment_unknown")

    def validate_client_secret(self, field: Field) -> None:
        if not field.data and not self.keeps_secret:
            raise stop("client_secret_required")

    def validate_grant_type(self, field: Field) -> None:
        if field.data not in list(GrantType):
            raise stop("grant_type_unknown")

    def validate_scopes(self, field: Field) -> None:
        if self.was_shown("scopes") and not self.chosen_scopes:
            raise stop("scopes_none")

    def validate_redirect_uris(self, field: Field) -> None:
        if self.was_shown("redirect_uris"):
            wrong = [each for each in self._uri_problems() if not each.is_warning]
            field.errors = [sentence(each) for each in wrong]

    @property
    def keeps_secret(self) -> bool:
        """The stored secret belongs to these very keys, so it need not be typed again."""
        stored = self.stored
        return (
            stored is not None
            and stored.client_id == self.client_id.data
            and stored.environment == self.environment.data
        )

    @property
    def chosen_scopes(self) -> tuple[str, ...]:
        return in_order(self.scopes.data)

    @property
    def is_for_device(self) -> bool:
        return bool(self.grant_type.data == GrantType.DEVICE_CODE)

    @property
    def uri_warnings(self) -> list[str]:
        return [sentence(each) for each in self._uri_problems() if each.is_warning]

    @property
    def has_advanced_problems(self) -> bool:
        return any(self[name].errors for name in ADVANCED)

    def _uri_problems(self) -> list[Problem]:
        return problems_with(self.redirect_uris.data, self.environment.data)

    def columns(self, application: Application) -> dict[str, str]:
        """What the columns of `application` are to hold, the secret apart."""
        is_new = not application.client_id
        columns = {"environment": self.environment.data, "client_id": self.client_id.data}
        name = self.name.data
        # The name shown for an empty column is the default: sending it back changes nothing.
        if self.was_shown("name") and (application.name or name != self._defaults.app_name):
            columns["name"] = name
        if self.was_shown("grant_type") or is_new:
            columns["grant_type"] = self.grant_type.data
        if self.was_shown("scopes") or is_new:
            columns["scopes"] = " ".join(self.chosen_scopes or NEEDED)
        if self.was_shown("redirect_uris"):
            columns["redirect_uris"] = self.redirect_uris.data
        elif is_new and not self.is_for_device:
            columns["redirect_uris"] = self._first_redirect_uri()
        return columns

    def _first_redirect_uri(self) -> str:
        """The address the page is open at, unless Allegro would not take it."""
        uri = self._defaults.redirect_uri
        complaints = problems_with(uri, self.environment.data)
        return uri if all(each.is_warning for each in complaints) else ""


def _of_application(stored: Application | None, defaults: Defaults) -> dict[str, Any]:
    if stored is None:
        names = defaults.environments
        return {
            "environment": first_environment(names),
            "name": defaults.app_name,
            "grant_type": defaults.grant_type,
            "scopes": list(NEEDED),
            "redirect_uris": defaults.redirect_uri,
        }
    return {
        "environment": stored.environment,
        "client_id": stored.client_id,
        "name": stored.name or defaults.app_name,
        "grant_type": stored.grant_type,
        "scopes": stored.scopes.split() or list(NEEDED),
        "redirect_uris": stored.redirect_uris or defaults.redirect_uri,
    }


#: From and to: how long a publication is followed closely, how long an offer is looked for before a repeat.
WAIT_MINUTES, SEARCH_MINUTES = (2, 240), (5, 120)


def minutes(limits: tuple[int, int]) -> Validator:
    least, most = limits

    def check(form: Form, field: Field) -> None:
        typed = field.data or ""
        if not (typed.isascii() and typed.isdigit() and len(typed) < 5 and least <= int(typed) <= most):
            raise stop("minutes_range", min=str(least), max=str(most))

    return check


class AccountForm(Form):
    """What belongs to one account; `account` is None before the first one is stored.

    An account that the sent page did not show keeps what is stored.
    """

    name = Text(validators=[at_most(100)])
    alias = Text()
    is_enabled = BooleanField()
    province = Text()
    city = Text(validators=[filled(), at_most(100)])
    post_code = Text(validators=[filled(), at_most(12)])
    country = Text(validators=[filled()])
    wait_minutes = Text(validators=[minutes(WAIT_MINUTES)])
    search_minutes = Text(validators=[minutes(SEARCH_MINUTES)])

    def __init__(self, sent: Sent, account: Account | None, number: int, other_aliases: set[str]) -> None:
        """`number` is the account's in the page; `other_aliases` are those of the other accounts."""
        self.account = account
        self.number = number
        self._other_aliases = other_aliases
        prefix = f"account-{number}-"
        self.is_sent = sent is not None and any(name.startswith(prefix) for name in sent)
        super().__init__(sent if self.is_sent else None, prefix=prefix, data=_of_account(account))
        self.alias.data = _capitals(self.alias.data)

    @property
    def is_linked(self) -> bool:
        return self.account is not None and self.account.seller_id is not None

    @property
    def is_empty(self) -> bool:
        return not (self.province.data or self.city.data or self.post_code.data)

    @property
    def lacks_place(self) -> bool:
        return not (self.city.data and self.post_code.data)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """A linked account that never had a place may wait for it: that must not hold up another one."""
        super().validate(extra_validators)
        if self.account is not None and self.is_linked and self.is_empty and not self.account.city:
            for name in ("province", "city", "post_code"):
                self[name].errors = []
        return not self.errors

    def validate_alias(self, field: Field) -> None:
        # An account that was never linked gets its alias from the login.
        if not self.is_linked:
            return
        if len(field.data) != 2 or not (field.data.isascii() and field.data.isalpha()):
            raise stop("alias_format")
        if field.data in self._other_aliases:
            raise stop("alias_taken", alias=field.data)

    def validate_province(self, field: Field) -> None:
        if self.country.data == "PL" and field.data not in PROVINCES:
            raise stop("province_required")

    def validate_post_code(self, field: Field) -> None:
        if self.country.data == "PL" and re.fullmatch(r"\d{5}", field.data):
            field.data = f"{field.data[:2]}-{field.data[2:]}"
        if not is_post_code(field.data, self.country.data):
            raise stop("post_code_format" if self.country.data == "PL" else "post_code_format_abroad")

    def validate_country(self, field: Field) -> None:
        if field.data not in POST_CODE_BY_COUNTRY:
            raise stop("required")

    def apply(self, account: Account) -> None:
        account.name = self.name.data
        if self.is_linked:
            account.alias = self.alias.data
        account.is_enabled = self.is_enabled.data
        account.country = self.country.data
        account.province = self.province.data if self.country.data == "PL" else None
        account.city = self.city.data
        account.post_code = self.post_code.data
        account.wait_minutes = int(self.wait_minutes.data)
        account.search_minutes = int(self.search_minutes.data)


def _of_account(account: Account | None) -> Mapping[str, object]:
    if account is None:
        place = {"country": "PL", "province": "", "city": "", "post_code": ""}
        return {"is_enabled": True, "name": "", "wait_minutes": "120", "search_minutes": "15", **place}
    return {
        "name": account.name,
        "alias": account.alias,
        "is_enabled": account.is_enabled,
        "country": account.country,
        "province": account.province or "",
        "city": account.city or "",
        "post_code": account.post_code or "",
        "wait_minutes": str(account.wait_minutes),
        "search_minutes": str(account.search_minutes),
    }
