"""What every control route has in common: its address, and 422 for what the caller got wrong."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from flask import Response

from allegro_module.simulator.accounts import Seller
from allegro_module.simulator.http import Call, Problem, Refusal, Room, answer


class ControlRoom(Room):
    def control(self, method: str, path: str) -> Callable[[Callable[..., object]], Callable[..., Response]]:
        """Register a control route; a ValueError, KeyError or TypeError of it is the caller's mistake."""

        def register(handler: Callable[..., object]) -> Callable[..., Response]:
            @wraps(handler)
            def answered(call: Call, **parts: str) -> Response:
                try:
                    return answer(handler(call, **parts), produces="application/json")
                except (ValueError, KeyError, TypeError) as error:
                    raise Refusal(422, Problem("ControlRefused", str(error))) from error

            return self.open_route(method, f"/_control{path}")(answered)

        return register


def seller_of(call: Call, asked: Mapping[str, Any]) -> Seller:
    return call.world.sellers[asked["seller"]]
