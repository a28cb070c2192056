"""The codes of the device flow: asked for by an application, decided by a seller, polled until used."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from allegro_module.simulator.http import AuthRefusal
from allegro_module.simulator.tokens import Consent

if TYPE_CHECKING:
    from allegro_module.simulator.accounts import Application
    from allegro_module.simulator.world import World

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
USER_CODE_LENGTH = 9
DEVICE_CODE_LENGTH = 32
# By RFC 8628, 3.5; the official text says no more than "lengthen the interval".
SLOWER = timedelta(seconds=5)


@dataclass
class DeviceCode:
    """`seller_id` is who agreed; until somebody decides, the application hears `authorization_pending`."""

    user_code: str
    device_code: str
    client_id: str
    scopes: tuple[str, ...]
    expires_at: datetime
    interval: timedelta
    seller_id: str | None = None
    is_denied: bool = False
    is_used: bool = False
    polled_at: datetime | None = None

    def is_waiting(self, now: datetime) -> bool:
        return now < self.expires_at and not self.is_denied and self.seller_id is None

    def decided_consent(self) -> Consent:
        """AuthRefusal while there is none."""
        if self.is_denied:
            raise AuthRefusal(400, "access_denied", "User denied access")
        if self.seller_id is None:
            raise AuthRefusal(400, "authorization_pending", "The user has not decided yet")
        return Consent(self.client_id, self.seller_id, self.scopes)

    def note_poll(self, now: datetime) -> None:
        """Asking again before the interval has passed lengthens it."""
        previous, self.polled_at = self.polled_at, now
        if previous is not None and now - previous < self.interval:
            self.interval += SLOWER
            raise AuthRefusal(400, "slow_down", "Polled more often than the interval allows")


@dataclass
class DeviceCodes:
    """All of them, by device code."""

    codes: dict[str, DeviceCode] = field(default_factory=dict)

    def new(self, world: World, application: Application, scopes: tuple[str, ...]) -> DeviceCode:
        code = DeviceCode(
            user_code=_letters(world, USER_CODE_LENGTH),
            device_code=_letters(world, DEVICE_CODE_LENGTH),
            client_id=application.client_id,
            scopes=scopes,
            expires_at=world.now() + timedelta(seconds=world.switches.device_code_seconds),
            interval=timedelta(seconds=world.switches.device_interval_seconds),
        )
        self.codes[code.device_code] = code
        return code

    def poll(self, device_code: str, client_id: str, now: datetime) -> DeviceCode:
        """A code that may be answered for; AuthRefusal when it is unknown, used up, too late or too soon."""
        code = self.codes.get(device_code)
        if code is None or code.client_id != client_id or code.is_used:
            raise AuthRefusal(400, "Invalid device code", "Invalid device code")
        if now >= code.expires_at:
            raise AuthRefusal(400, "expired_token", "Device code expired")
        code.note_poll(now)
        return code

    def waiting(self, typed: str, now: datetime) -> DeviceCode | None:
        """The code a person typed, in groups or not; None when it waits for nobody."""
        user_code = "".join(letter for letter in typed.lower() if letter.isalnum())
        return next(
            (code for code in self.codes.values() if code.user_code == user_code and code.is_waiting(now)),
            None,
        )


def _letters(world: World, length: int) -> str:
    return "".join(world.random.choices(LETTERS, k=length))
