"""The form of *Ustawienia zamówień*: an account's rules, and the table of statuses shop ↔ Allegro."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, StringField

from allegro_module.domain.order_rules import (
    DEFAULT_RULES,
    CustomerKey,
    Customers,
    DeliveryVat,
    ListNote,
    OrderRules,
    problems_with_rules,
)
from allegro_module.domain.order_texts import NOTE_PLACEHOLDERS
from allegro_module.domain.orders import SENDABLE, FulfillmentStatus
from allegro_module.domain.problems import Problem
from allegro_module.domain.shop import Choice
from allegro_module.web.forms.fields import Text
from allegro_module.web.sentences import sentence

Sent = MultiDict[str, str] | None
TO_ALLEGRO = "to_allegro-"
TO_SHOP = "to_shop-"
#: Typed in place of a number: no length at all.
NO_LENGTH = 0


def _lines(value: str | None) -> str:
    """Browsers send line ends of their own."""
    return "\n".join((value or "").splitlines()).strip("\n")


def _capitals(value: str | None) -> str:
    text = (value or "").strip()
    return text.upper() if text.isascii() else text


class RulesForm(Form):
    """What was typed stays as it was typed; `rules` is what it means."""

    reserves_stock = BooleanField()
    accepts_at_import = BooleanField()
    delivery_vat = Text()
    delivery_vat_rate = Text()
    goods_vat_rate = Text()
    number_template = Text()
    notes_template = StringField(filters=[_lines])
    list_note = Text()
    customers = Text()
    customer_key = Text()
    customer_prefix = StringField(filters=[_capitals])
    customer_length = Text()
    mails_buyers = BooleanField()

    def __init__(self, sent: Sent, stored: OrderRules) -> None:
        super().__init__(sent, data=_of_rules(stored))

    @property
    def rules(self) -> OrderRules:
        """A choice that no field offers is the default one; what cannot be read fails `validate`."""
        return OrderRules(
            reserves_stock=self.reserves_stock.data,
            accepts_at_import=self.accepts_at_import.data,
            delivery_vat=_one_of(DeliveryVat, self.delivery_vat.data, DEFAULT_RULES.delivery_vat),
            delivery_vat_rate=_rate(self.delivery_vat_rate.data),
            goods_vat_rate=_rate(self.goods_vat_rate.data),
            number_template=self.number_template.data,
            notes_template=self.notes_template.data,
            list_note=_one_of(ListNote, self.list_note.data, DEFAULT_RULES.list_note),
            customers=_one_of(Customers, self.customers.data, DEFAULT_RULES.customers),
            customer_key=_one_of(CustomerKey, self.customer_key.data, DEFAULT_RULES.customer_key),
            customer_prefix=self.customer_prefix.data,
            customer_length=_length(self.customer_length.data),
            mails_buyers=self.mails_buyers.data,
        )

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """The first complaint about each field is enough."""
        super().validate(extra_validators)
        if self.goods_vat_rate.data and self.rules.goods_vat_rate is None:
            self.goods_vat_rate.errors = [sentence(Problem("vat_rate_format"))]
        for problem in problems_with_rules(self.rules, NOTE_PLACEHOLDERS):
            if not self[problem.field].errors:
                self[problem.field].errors = [sentence(problem)]
        return not self.errors


def _of_rules(rules: OrderRules) -> dict[str, Any]:
    texts = {
        "delivery_vat_rate": _rate_text(rules.delivery_vat_rate),
        "goods_vat_rate": _rate_text(rules.goods_vat_rate),
        "customer_length": str(rules.customer_length),
    }
    return {each.name: getattr(rules, each.name) for each in fields(rules)} | texts


def _rate_text(rate: Decimal | None) -> str:
    return "" if rate is None else f"{rate.normalize():f}".replace(".", ",")


def _one_of(kind: type[Any], value: str, default: Any) -> Any:
    try:
        return kind(value)
    except ValueError:
        return default


def _rate(text: str) -> Decimal | None:
    """„8”, „8,5”, „23 %”."""
    try:
        rate = Decimal(text.removesuffix("%").strip().replace(",", "."))
    except InvalidOperation:
        return None
    return rate if rate.is_finite() else None


def _length(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else NO_LENGTH


def read_statuses(
    sent: MultiDict[str, str], statuses: Sequence[Choice]
) -> tuple[dict[str, str], dict[str, str]]:
    """To Allegro and to the shop, as far as both sides know the words."""
    known = {choice.id for choice in statuses}
    to_allegro = {id: sent.get(TO_ALLEGRO + id, "") for id in known}
    to_shop = {str(each): sent.get(TO_SHOP + each, "") for each in FulfillmentStatus}
    return (
        {id: target for id, target in to_allegro.items() if target in SENDABLE},
        {source: target for source, target in to_shop.items() if target in known},
    )
