"""What may come with a line: a discount, somebody who pays for it, a service, a deposit, a voucher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from allegro_module.simulator.lines import DISCOUNTS, Compensation, Line, Service, Voucher
from allegro_module.simulator.markets import CENT

SERVICES = {
    "CARRY_IN": ("Wniesienie", Decimal("49.00")),
    "GIFT_WRAP": ("Pakowanie na prezent", Decimal("8.00")),
}


@dataclass(frozen=True)
class Extras:
    """`paid_by_allegro` is WALLET or BILLING: how Allegro makes good what the discount takes away."""

    discounts: tuple[str, ...] = ()
    percent_off: int = 0
    paid_by_allegro: str | None = None
    services: tuple[str, ...] = ()
    deposit: Decimal | None = None
    voucher: Decimal | None = None
    without_tax: bool = False
    without_external: bool = False

    def __post_init__(self) -> None:
        if not {*self.discounts} <= {*DISCOUNTS} or not {*self.services} <= {*SERVICES}:
            raise ValueError(f"discounts are {', '.join(DISCOUNTS)}; services {', '.join(SERVICES)}")
        if self.paid_by_allegro not in (None, "WALLET", "BILLING") or not 0 <= self.percent_off < 100:
            raise ValueError("paid_by_allegro is WALLET or BILLING, percent_off below a hundred")

    def on(self, line: Line) -> Line:
        """The line with all of this."""
        price = (line.price * (100 - self.percent_off) / 100).quantize(CENT)
        saved = (line.price - price) * line.quantity
        kind = self.paid_by_allegro
        return replace(
            line,
            price=price,
            original_price=line.price,
            discounts=self.discounts,
            compensation=Compensation(saved, kind, line.quantity) if kind and saved else None,
            services=tuple(Service(name, *SERVICES[name], quantity=line.quantity) for name in self.services),
            deposit=self.deposit,
            vouchers=(Voucher(f"NDN-{line.id[:8]}", self.voucher),) if self.voucher else (),
            tax=None if self.without_tax else line.tax,
            external_id=None if self.without_external else line.external_id,
        )


NO_EXTRAS = Extras()


def extras_from(asked: Mapping[str, Any]) -> Extras:
    """From a row of a control call, or of the human page's form."""
    discount = asked.get("discount")
    service = asked.get("service")
    deposit, voucher = asked.get("deposit"), asked.get("voucher")
    return Extras(
        discounts=(discount,) if discount else (),
        percent_off=int(asked.get("percent_off") or (10 if discount else 0)),
        paid_by_allegro=asked.get("paid_by_allegro") or None,
        services=(service,) if service else (),
        deposit=Decimal(deposit) if deposit else None,
        voucher=Decimal(voucher) if voucher else None,
        without_tax=asked.get("tax") is False,
        without_external=asked.get("external") is False,
    )
