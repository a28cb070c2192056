"""The state of a simulated Allegro: clock, people, tokens, goods, orders. All of it can be pickled."""

import os
import pickle
import random
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from allegro_module.simulator.accounts import Application, Company, Seller, first_applications, first_sellers
from allegro_module.simulator.attachments import AttachmentBook
from allegro_module.simulator.catalogue import Catalogue
from allegro_module.simulator.clock import Clock
from allegro_module.simulator.delivery import DeliveryBook
from allegro_module.simulator.device_codes import DeviceCodes
from allegro_module.simulator.faults import Faults
from allegro_module.simulator.images import ImageBook
from allegro_module.simulator.limits import Limits
from allegro_module.simulator.offer_book import OfferBook
from allegro_module.simulator.orders import OrderBook
from allegro_module.simulator.promotion import PromotionBook
from allegro_module.simulator.registration_codes import RegistrationCodes
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
        self.devices = DeviceCodes()
        self.registrations = RegistrationCodes()
        self.limits = Limits()
        self.orders = OrderBook()
        self._stock_the_shelves()

    def _stock_the_shelves(self) -> None:
        """The Polish companies have conditions of sale; a company made later begins without, as in life."""
        companies = [
            seller.id
            for seller in self.sellers.values()
            if seller.is_company and seller.base_marketplace == "allegro-pl"
        ]
        self.catalogue = Catalogue()
        self.images = ImageBook()
        self.attachments = AttachmentBook()
        self.delivery = DeliveryBook(companies)
        self.terms = TermsBook(companies)
        self.offers = OfferBook()
        self.promotion = PromotionBook()

    def __setstate__(self, state: dict[str, Any]) -> None:
        """A file of an earlier version lacks members: they begin as in a new world, beside what it has."""
        self.__dict__.update(state)
        fresh = vars(World(seed=state["seed"]))
        if fresh.keys() - state.keys():
            self.__dict__.update(fresh | state)
            self.sellers = fresh["sellers"] | self.sellers
            self.applications = fresh["applications"] | self.applications

    def reset(self) -> None:
        """Begin again in place, so that whoever holds this world sees the new one."""
        self.__dict__ = World(Clock(self.clock.read), self.seed).__dict__

    def now(self) -> datetime:
        return self.clock()

    def seller(self, seller_id: str) -> Seller | None:
        return next((seller for seller in self.sellers.values() if seller.id == seller_id), None)

    def replace_seller(self, login: str, seller: Seller) -> None:
        """Put him in the place of `login`, under the login that he has now."""
        if seller.login != login and seller.login in self.sellers:
            raise ValueError(f"the login {seller.login} is taken")
        self.sellers = {
            new.login: new for new in (seller if old.login == login else old for old in self.sellers.values())
        }

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
        """ValueError for a file that this version cannot read."""
        try:
            with path.open("rb") as file:
                world = pickle.load(file)  # noqa: S301 - our own file, written by save
        except (pickle.UnpicklingError, AttributeError, ImportError, EOFError, KeyError, TypeError) as error:
            raise ValueError(f"{path} was not written by this version of the simulator: {error}") from error
        if not isinstance(world, cls):
            raise ValueError(f"{path} holds no simulated world")
        return world
