"""Answers of the device flow: the codes to show, and what polling hears until the seller decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Annotated

import msgspec

from allegro_module.client.answers import Answer, error_body
from allegro_module.client.environment import Environment
from allegro_module.client.errors import Reason, Unexpected

DEVICE = "/auth/oauth/device"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
#: Where a seller types the code (facts.md 1.1), should the answer not say so.
PAGE = "/skojarz-aplikacje"
AN_HOUR = 3600
FIVE_SECONDS = 5


class Pending(Enum):
    """The seller has not decided yet."""

    WAIT = auto()
    #: Asked too often: lengthen the interval (by five seconds, RFC 8628 3.5).
    SLOW_DOWN = auto()


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """`user_code` is for the seller, to be shown in threes; `device_code` is ours, to poll with."""

    device_code: str = field(repr=False)
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


Filled = Annotated[str, msgspec.Meta(min_length=1)]


class _Codes(msgspec.Struct, frozen=True):
    device_code: Filled
    user_code: Filled
    verification_uri: str = ""
    verification_uri_complete: str = ""
    expires_in: int | None = None
    interval: int | None = None


def device_code_of(answer: Answer, environment: Environment) -> DeviceCode:
    """Raises Unexpected."""
    try:
        # Not strict: official samples show the two numbers as texts (facts.md 2.2).
        read = msgspec.json.decode(answer.body, type=_Codes, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Unexpected("not a device code", at=answer.at) from None
    page = read.verification_uri or environment.web_url + PAGE
    return DeviceCode(
        device_code=read.device_code,
        user_code=read.user_code,
        verification_uri=page,
        verification_uri_complete=read.verification_uri_complete or f"{page}?code={read.user_code}",
        expires_in=AN_HOUR if read.expires_in is None else read.expires_in,
        interval=max(read.interval or FIVE_SECONDS, 1),
    )


def pending_of(answer: Answer) -> Pending | None:
    """None when the answer says something else."""
    if answer.status != 400:
        return None
    return {"authorization_pending": Pending.WAIT, "slow_down": Pending.SLOW_DOWN}.get(
        error_body(answer).error or ""
    )


def reason_of(answer: Answer) -> Reason:
    """Why polling is over: every 400 but the named ones means that the code is worthless (facts.md 2.2).

    A used or made-up code is told by the text "Invalid device code", an expired one by nothing documented.
    """
    error = error_body(answer).error
    if answer.status == 400:
        named = {
            "access_denied": Reason.CONSENT,
            "invalid_client": Reason.BAD_CLIENT,
            "unauthorized_client": Reason.WRONG_KIND,
        }
        return named.get(error or "", Reason.TOKEN_REFUSED)
    return Reason.BAD_CLIENT if error in ("invalid_client", "unauthorized") else Reason.OTHER
