"""The pages to be read: rendered once by the simulator from orders that it has made up."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.test import Client

from allegro_module.simulator import Simulator, World
from allegro_module.simulator.bulk import place_many
from allegro_module.simulator.tokens import SCOPES, Consent
from bench.server import Key, Pages, key_of

SELLER = "bursztyn_i_len"
PUBLIC = "application/vnd.allegro.public.v1+json"
AGENT = "Bursztyn-i-Len/0.1.0 (+https://bursztyn-i-len.example/allegro)"
EVENTS_PER_PAGE = 1000
FORMS_PER_PAGE = 100


@dataclass(frozen=True)
class Rendered:
    """`order` is the pages as an import asks for them; `offers` are those sold in them."""

    pages: Pages
    order: tuple[str, ...]
    offers: tuple[tuple[str, str], ...]
    seller_id: str
    lines: int


def render(count: int) -> Rendered:
    world = World()
    forms = place_many(world, world.sellers[SELLER], count)
    renderer = _Renderer(world)
    order = [*renderer.events(), *renderer.forms()]
    lines = [line for form in forms for line in form.lines]
    offers = {line.offer_id: line.external_id or line.offer_id for line in lines}
    return Rendered(renderer.pages, tuple(order), tuple(offers.items()), world.sellers[SELLER].id, len(lines))


class _Renderer:
    def __init__(self, world: World) -> None:
        seller = world.sellers[SELLER]
        consent = Consent("demo-client-id", seller.id, SCOPES)
        issued = world.tokens.new_pair(world, world.tokens.open_session(consent, world.now()))
        self._client = Client(Simulator(world))
        self._headers = {
            "Authorization": f"Bearer {issued['access_token']}",
            "Accept": PUBLIC,
            "User-Agent": AGENT,
        }
        self.pages: dict[Key, bytes] = {}

    def events(self) -> list[str]:
        asked = [f"/order/events?limit={EVENTS_PER_PAGE}"]
        while len(events := self._keep(asked[-1])["events"]) == EVENTS_PER_PAGE:
            asked.append(f"/order/events?limit={EVENTS_PER_PAGE}&from={events[-1]['id']}")
        return asked

    def forms(self) -> list[str]:
        def page(offset: int) -> str:
            return f"/order/checkout-forms?limit={FORMS_PER_PAGE}&offset={offset}&sort=updatedAt"

        asked = [page(0)]
        while len(self._keep(asked[-1])["checkoutForms"]) == FORMS_PER_PAGE:
            # Each page begins with the last form of the one before (`sync.order_reading.FormList`).
            asked.append(page((FORMS_PER_PAGE - 1) * len(asked)))
        return asked

    def _keep(self, target: str) -> dict[str, list[dict[str, str]]]:
        answer = self._client.get(target, headers=self._headers)
        assert answer.status_code == 200, answer.text
        self.pages[key_of(target)] = answer.get_data()
        found: dict[str, list[dict[str, str]]] = answer.get_json(force=True)
        return found
