"""How tests of orders place one, read it, and ask the journal."""

from collections.abc import Sequence
from typing import Any

from allegro_module.simulator import World, checkout
from allegro_module.simulator.buyers import BUYERS
from allegro_module.simulator.checkout import Wishes
from allegro_module.simulator.forms import Buyer, Form, Line
from tests.simulator.conftest import Caller, a_line

SELLER = "bursztyn_i_len"


def place(
    world: World,
    wishes: Wishes | None = Wishes(),  # noqa: B008 - frozen
    lines: Sequence[Line] = (),
    buyer: Buyer = BUYERS[0],
    provider: str = "SELLER",
) -> Form:
    seller_id = world.sellers[SELLER].id
    return checkout.place(world, seller_id, lines or [a_line(world)], wishes, buyer, provider)


def read(seller: Caller, form: Form) -> Any:
    return seller.get(f"/order/checkout-forms/{form.id}").json


def kinds(seller: Caller) -> list[str]:
    return [event["type"] for event in seller.get("/order/events?limit=1000").json["events"]]
