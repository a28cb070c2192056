"""The state of a simulated Allegro: clock, people, tokens, goods, orders. All of it can be pickled."""

import os
import pickle
import random
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from allegro_module.simulator.accounts import Application, Company, Seller, first_applications, first_sellers
from allegro_module.simulator.catalogue import Catalogue
from allegro_module.simulator.clock import Clock
from allegro_module.simulator.delivery import DeliveryBook
from allegro_module.simulator.faults import Faults
from allegro_module.simulator.images import ImageBook
from allegro_module.simulator.offer_book import OfferBook
from allegro_module.simulator.orders import OrderBook
from allegro_module.simulator.switches import Switches
from allegro_module.simulator.terms import TermsBook
from allegro_module.simulator.tokens import TokenBook

__all__ = ["Application", "Clock", "Company", "Seller", "World"]


class World:
    """Everything the simulator remembers. `sellers` are kept by login.

    Ids come from a seeded generator and from counters, times from `clock`: the same calls at the same
    times give the same world.
    """

    def __init__(self, clock: Clock | None = None, seed: int = 1) -> None:
        self.seed = seed
        self.clock = clock or Clock()
        self.random = random.Random(seed)
        self.counters: dict[str, int] = {}
        self.switches = Switches()
        self.faults = Faults()
        self.sellers = first_sellers()
        self.applications = first_applications()
        self.tokens = TokenBook()
        self.orders = OrderBook()
        self._stock_the_shelves()

    def _stock_the_shelves(self) -> None:
        companies = [seller.id for seller in self.sellers.values() if seller.is_company]
        self.catalogue = Catalogue()
        self.images = ImageBook()
        self.delivery = DeliveryBook(companies)
        self.terms = TermsBook(companies)
        self.offers = OfferBook()

    def reset(self) -> None:
        """Begin again in place, so that whoever holds this world sees the new one."""
        self.__dict__ = World(Clock(self.clock.read), self.seed).__dict__

    def now(self) -> datetime:
        return self.clock()

    def seller(self, seller_id: str) -> Seller | None:
        return next((seller for seller in self.sellers.values() if seller.id == seller_id), None)

    def uuid(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def hex_digits(self, length: int) -> str:
        return f"{self.random.getrandbits(4 * length):0{length}x}"

    def next_number(self, name: str, start: int = 1) -> int:
        """The next of a row of whole numbers."""
        self.counters[name] = self.counters.get(name, start - 1) + 1
        return self.counters[name]

    def next_moment_id(self, name: str, now: datetime) -> str:
        """Sixteen digits like Allegro's event ids: microseconds since 1970, always above the one before."""
        micros = int(now.astimezone(UTC).timestamp() * 1_000_000)
        self.counters[name] = max(self.counters.get(name, 0) + 1, micros)
        return str(self.counters[name])

    def save(self, path: Path) -> None:
        """Replace the state file in one step: a process that dies in between leaves the old one."""
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(descriptor, "wb") as file:
            pickle.dump(self, file, protocol=pickle.HIGHEST_PROTOCOL)
        Path(name).replace(path)

    @classmethod
    def load(cls, path: Path) -> "World":
        with path.open("rb") as file:
            world = pickle.load(file)  # noqa: S301 - our own file, written by save
        if not isinstance(world, cls):
            raise ValueError(f"{path} holds no simulated world")
        return world
