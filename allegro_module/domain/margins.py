"""What is left of a price when Allegro and the supplier have been paid."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

PERCENT = Decimal(100)


@dataclass(frozen=True, slots=True)
class Costs:
    """All in one currency and gross, as sellers' prices are; `purchase` is None where the shop has none."""

    price: Decimal
    commission: Decimal = Decimal(0)
    listing: Decimal = Decimal(0)
    #: Of one cycle, as nobody knows how many are paid until the sale.
    promotion: Decimal = Decimal(0)
    purchase: Decimal | None = None

    @property
    def left(self) -> Decimal:
        """Of one piece sold within the first cycle; without a purchase price only Allegro's part is off."""
        return self.price - self.commission - self.listing - self.promotion - (self.purchase or Decimal(0))

    @property
    def percent_of_price(self) -> Decimal:
        return self.left * PERCENT / self.price if self.price else Decimal(0)
