"""One-time codes with which an installed shop registers itself as an application."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from allegro_module.simulator.world import World


@dataclass
class RegistrationCodes:
    """Who may register an application until when; Allegro grants software statements on request."""

    expires_at: dict[str, datetime] = field(default_factory=dict)
    statements: tuple[str, ...] = ("demo-software-statement",)

    def new(self, world: World) -> str:
        code = world.hex_digits(32)
        self.expires_at[code] = world.now() + timedelta(seconds=world.switches.registration_code_seconds)
        return code

    def is_good(self, code: object, now: datetime) -> bool:
        return isinstance(code, str) and code in self.expires_at and now < self.expires_at[code]
