"""The settings page's forms: the application's keys, and where an account ships from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form

from allegro_module.db.accounts import Account, Application
from allegro_module.domain.accounts import POST_CODE_BY_COUNTRY, PROVINCES, is_post_code
from allegro_module.web.forms.fields import Text, filled, shaped, stop

Sent = MultiDict[str, str] | None
#: One word as Allegro's page shows it; a blank or a line end inside is a copying accident.
KEY = r"\S{3,128}"


class ApplicationForm(Form):
    environment = Text(validators=[filled()])
    client_id = Text(validators=[filled(), shaped(KEY, "client_id_format")])
    client_secret = Text(validators=[shaped(KEY, "client_secret_format")])

    def __init__(self, sent: Sent, stored: Application | None, environments: Sequence[str]) -> None:
        super().__init__(sent, data=_of_application(stored, environments))
        self._stored = stored
        self._environments = environments

    def validate_environment(self, field: Field) -> None:
        if field.data not in self._environments:
            raise stop("environment_unknown")

    def validate_client_secret(self, field: Field) -> None:
        if not field.data and not self.keeps_secret:
            raise stop("client_secret_required")

    @property
    def keeps_secret(self) -> bool:
        """The stored secret belongs to these very keys, so it need not be typed again."""
        stored = self._stored
        return (
            stored is not None
            and stored.client_id == self.client_id.data
            and stored.environment == self.environment.data
        )


def _of_application(stored: Application | None, environments: Sequence[str]) -> Mapping[str, str]:
    if stored is not None:
        return {"environment": stored.environment, "client_id": stored.client_id}
    return {"environment": environments[-1] if "simulator" in environments else environments[0]}


class AccountForm(Form):
    """Where the seller ships from; `account` is None before the first one is stored.

    An account that the sent page did not show keeps what is stored.
    """

    is_enabled = BooleanField()
    province = Text()
    city = Text(validators=[filled()])
    post_code = Text(validators=[filled()])
    country = Text(validators=[filled()])

    def __init__(self, sent: Sent, account: Account | None) -> None:
        self.account = account
        prefix = _prefix(account)
        is_sent = sent is not None and any(name.startswith(prefix) for name in sent)
        super().__init__(sent if is_sent else None, prefix=prefix, data=_of_account(account))

    @property
    def is_empty(self) -> bool:
        return not (self.province.data or self.city.data or self.post_code.data)

    def validate_province(self, field: Field) -> None:
        if self.country.data == "PL" and field.data not in PROVINCES:
            raise stop("province_required")

    def validate_post_code(self, field: Field) -> None:
        if not is_post_code(field.data, self.country.data):
            raise stop("post_code_format" if self.country.data == "PL" else "post_code_format_abroad")

    def validate_country(self, field: Field) -> None:
        if field.data not in POST_CODE_BY_COUNTRY:
            raise stop("required")

    def apply(self, account: Account) -> None:
        account.is_enabled = self.is_enabled.data
        account.country = self.country.data
        account.province = self.province.data if self.country.data == "PL" else None
        account.city = self.city.data
        account.post_code = self.post_code.data


def _prefix(account: Account | None) -> str:
    """The account that waits to be linked is number 0, also while it is not stored yet."""
    return f"account-{account.id if account and account.seller_id else 0}-"


def _of_account(account: Account | None) -> Mapping[str, object]:
    if account is None:
        return {"is_enabled": True, "country": "PL", "province": "", "city": "", "post_code": ""}
    return {
        "is_enabled": account.is_enabled,
        "country": account.country,
        "province": account.province or "",
        "city": account.city or "",
        "post_code": account.post_code or "",
    }
