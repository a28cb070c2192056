"""Texts made of an order by the seller's templates: its number, {shop_notes}, the customer's symbol."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from allegro_module.domain.order_rules import (
    DEFAULT_RULES,
    PLACEHOLDER,
    CustomerKey,
    Customers,
    OrderRules,
)
from allegro_module.domain.shop import Address, Buyer, Customer, InvoiceWish, PositionKind, ShopOrder

#: Order numbers begin here: five digits from the first order on, so that lists do not jump.
FIRST_NUMBER = 10_000
#: As many characters as our rows hold.
LONGEST_NUMBER = 40
#: What stands for the rest of a name that is too long or holds other characters: two never become one.
DIGEST_LENGTH = 6
WARSAW = ZoneInfo("Europe/Warsaw")
DAY_FORMATS = {"date": "%Y%m%d", "year": "%Y", "month": "%m", "day": "%d"}
NOT_IN_SYMBOLS = re.compile(r"[^A-Z0-9_.-]")


def number_of(
    alias: str,
    order_id: int,
    rules: OrderRules = DEFAULT_RULES,
    bought_at: datetime | None = None,
    login: str = "",
    marketplace: str = "",
) -> str:
    """`BL-10482`: made of the number of our row, which never changes; `login` is the account's."""
    number = str(FIRST_NUMBER + order_id)
    values = {"alias": alias, "number": number, "login": login, "marketplace": marketplace}

    def value_of(found: re.Match[str]) -> str:
        if bought_at and found[1] in DAY_FORMATS:
            return bought_at.astimezone(WARSAW).strftime(DAY_FORMATS[found[1]])
        return values.get(found[1], "")

    made = PLACEHOLDER.sub(value_of, rules.number_template)
    # A login that is longer than expected must not cost the order its number.
    return made if len(made) <= LONGEST_NUMBER and number in made else f"{alias}-{number}"


def notes_of(order: ShopOrder, template: str) -> str:
    """{shop_notes}: a line whose placeholders are all empty is left out, with its words."""
    lines: list[str] = []
    for text, names in _lines(template):
        values = {name: NOTE_PLACEHOLDERS[name](order) for name in names if name in NOTE_PLACEHOLDERS}
        if names and not any(values.values()):
            continue
        line = _filled(text, values) if names else text
        # Nor do blank lines stand first, last or doubled because of what was left out.
        if line.strip() or (lines and lines[-1].strip()):
            lines.append(line)
    return "\n".join(lines).strip("\n")


@lru_cache(maxsize=64)
def _lines(template: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The template's lines with the names of their placeholders."""
    return tuple((line, tuple(PLACEHOLDER.findall(line))) for line in template.splitlines())


def _filled(line: str, values: Mapping[str, str]) -> str:
    """What a buyer writes is never taken for a placeholder."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), line)


def _pickup_point(order: ShopOrder) -> str:
    point = order.delivery.pickup_point if order.delivery else None
    return _joined(dict.fromkeys((point.id, point.name, _place(point.address)))) if point else ""


def _recipient(order: ShopOrder) -> str:
    address = order.delivery.address if order.delivery else None
    return _address(address) if address else ""


def _invoice(order: ShopOrder) -> str:
    return _joined((_address(order.invoice.address), order.invoice.tax_id)) if order.invoice else ""


def _payment(order: ShopOrder) -> str:
    payment = order.payment
    return " ".join(filter(None, (str(payment.type), payment.provider))) if payment else ""


def _address(address: Address) -> str:
    return _joined((_name(address), address.company, _place(address)))


def _name(person: Address | Buyer) -> str:
    return f"{person.first_name} {person.last_name}".strip()


def _place(address: Address) -> str:
    return _joined((address.street, f"{address.post_code} {address.city}".strip()))


def _joined(parts: Iterable[str | None]) -> str:
    return ", ".join(part for part in parts if part)


def _goods(order: ShopOrder, value: Callable[..., str | None]) -> str:
    goods = (each for each in order.positions if each.kind is PositionKind.GOODS)
    return _joined(dict.fromkeys(value(each) for each in goods))


#: By name, as sellers write them in braces.
NOTE_PLACEHOLDERS: Mapping[str, Callable[[ShopOrder], str]] = {
    "buyer_email": lambda order: order.buyer.email,
    "buyer_login": lambda order: order.buyer.login,
    "item_id": lambda order: _goods(order, lambda position: position.offer_id),
    "message_to_seller": lambda order: order.message.strip(),
    "seller_note": lambda order: order.seller_note.strip(),
    "pickup_point": _pickup_point,
    "order_number": lambda order: order.number,
    "order_id": lambda order: order.checkout_form_id,
    "account": lambda order: order.account,
    "marketplace": lambda order: order.marketplace,
    "buyer_name": lambda order: _joined((_name(order.buyer), order.buyer.company)),
    "buyer_phone": lambda order: order.buyer.phone,
    "recipient": _recipient,
    "delivery_method": lambda order: order.delivery.method_name if order.delivery else "",
    "payment": _payment,
    "total": lambda order: str(order.total),
    "to_collect": lambda order: str(order.to_collect or ""),
    "invoice": _invoice,
    "tax_id": lambda order: order.invoice.tax_id if order.invoice else "",
    "skus": lambda order: _goods(order, lambda position: position.sku),
}


def customer_of(order: ShopOrder, rules: OrderRules) -> Customer | None:
    return customer_for(order.buyer, order.invoice, rules)


def customer_for(buyer: Buyer, invoice: InvoiceWish | None, rules: OrderRules) -> Customer | None:
    """As what the shop keeps the buyer (INT-25, INT-26); None while the form does not say who it is."""
    key = next(_keys(buyer, rules.customer_key), "")
    if not key:
        return None
    symbol = symbol_of(key, rules.customer_prefix, rules.customer_length)
    return Customer(symbol, is_one_off=_is_one_off(invoice, rules))


def _is_one_off(invoice: InvoiceWish | None, rules: OrderRules) -> bool:
    if rules.customers is Customers.ONE_OFF_WITHOUT_TAX_ID:
        return not (invoice and invoice.tax_id)
    return rules.customers is Customers.ONE_OFF


def _keys(buyer: Buyer, wanted: CustomerKey) -> Iterator[str]:
    """The wanted key, else what is there, told apart from it by its name."""
    if value := _CUSTOMER_KEYS[wanted](buyer):
        yield value
    yield from (f"{key}.{value}" for key, value_of in _CUSTOMER_KEYS.items() if (value := value_of(buyer)))


def _bare_phone(phone: str) -> str:
    """The same number with a prefix or without (facts.md 5.7)."""
    digits = re.sub(r"\D", "", phone).removeprefix("00")
    is_polish = len(digits) == len("48") + 9 and digits.startswith("48")
    return digits[2:] if is_polish else digits


_CUSTOMER_KEYS: Mapping[CustomerKey, Callable[[Buyer], str]] = {
    CustomerKey.ID: lambda buyer: buyer.id,
    CustomerKey.LOGIN: lambda buyer: buyer.login.lower(),
    # What stands before the „+” belongs to the buyer, what follows to the order (facts.md 5.8).
    CustomerKey.EMAIL: lambda buyer: re.split(r"[+@]", buyer.email)[0].lower(),
    CustomerKey.PHONE: lambda buyer: _bare_phone(buyer.phone),
}


def symbol_of(key: str, prefix: str, length: int) -> str:
    """Capitals, digits, `-`, `_` and `.` alone; a key that loses something gets a digest, so none meet."""
    plain = NOT_IN_SYMBOLS.sub("", key.upper())
    room = length - len(prefix)
    if key.isascii() and plain == key.upper() and len(plain) <= room:
        return prefix + plain
    digest = hashlib.sha256(key.encode()).hexdigest().upper()[:DIGEST_LENGTH]
    return f"{prefix}{plain[: room - DIGEST_LENGTH - 1]}-{digest}"
