"""Dynamic Client Registration: software that shops install registers an application for each shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from allegro_module.client.answers import Answer, error_of
from allegro_module.client.errors import AllegroError, NotConnected, Objection, Reason, Refused, Unexpected

REGISTER = "/register"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Registration:
    """Allegro shows the secret this one time."""

    client_id: str
    client_secret: str = field(repr=False)
    grant_types: tuple[str, ...]


class _Request(msgspec.Struct, frozen=True):
    code: str
    client_name: str
    redirect_uris: tuple[str, ...]
    software_statement_id: str


class _Registration(msgspec.Struct, frozen=True):
    client_id: str
    client_secret: str
    grant_types: tuple[str, ...] | None = None


def registration_request(
    code: str, client_name: str, redirect_uris: Sequence[str], software_statement_id: str
) -> bytes:
    return msgspec.json.encode(_Request(code, client_name, tuple(redirect_uris), software_statement_id))


def registration_of(answer: Answer) -> Registration:
    """Raises NotConnected for a refused code, Refused for a name that is taken, else what the status means.

    Nothing of the answer's words is kept: they may repeat the code.
    """
    if answer.status == 403:
        raise NotConnected(Reason.CONSENT, at=answer.at)
    if answer.status not in (200, 201):
        raise _without_words(error_of(answer))
    try:
        read = msgspec.json.decode(answer.body, type=_Registration)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Unexpected("not a registration", at=answer.at) from None
    return Registration(read.client_id, read.client_secret, read.grant_types or ())


def _without_words(error: AllegroError) -> AllegroError:
    if isinstance(error, Refused):
        return Refused([Objection(each.code) for each in error.objections], at=error.at)
    return error
