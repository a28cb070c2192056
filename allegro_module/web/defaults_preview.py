"""„Nowa oferta tego produktu miałaby: …”: each value of a new offer, with its source."""

from __future__ import annotations

from dataclasses import dataclass

from allegro_module.db.accounts import Account
from allegro_module.db.categories import find_category
from allegro_module.domain.shop import ShopProduct, Sku
from allegro_module.runtime import Runtime
from allegro_module.sync.draft_values import Kind, Values, draft_values
from allegro_module.web.default_words import FIELD_NAMES, Names, source_words, value_words
from allegro_module.web.defaults_view import account_place, names_of
from allegro_module.web.i18n import marked, t
from allegro_module.web.marketplace_words import SIGNS

#: Those that the seller is not asked for elsewhere in the same words.
PREVIEWED = {
    "title": marked("Title"),
    "category_id": marked("Category"),
    "price_text": marked("Price"),
    "quantity_text": marked("Number of pieces"),
    **{
        name: text
        for name, text in FIELD_NAMES.items()
        if name not in ("quantity_buffer", "quantity_cap", "price_rule")
    },
}


@dataclass(frozen=True, slots=True)
class PreviewRow:
    name: str
    value: str
    source: str


def preview(runtime: Runtime, account: Account, product: ShopProduct) -> list[PreviewRow]:
    names = names_of(runtime, account)
    sku = Sku(product.sku)
    pieces = runtime.shop.stock([sku]).get(sku, 0)
    values = draft_values(runtime.session, account, product, pieces, names.terms)

    def words(name: str) -> str:
        return _previewed(runtime, account, name, values, names, product.price.currency)

    return [
        PreviewRow(t(text), words(name), source_words(values[name].source))
        for name, text in PREVIEWED.items()
        if name in values and not _is_left_out(name, values)
    ]


def _is_left_out(name: str, values: Values) -> bool:
    """Goods from before GPSR say nothing of safety; of text and files only one is sent."""
    if name == "safety_attachments":
        return not values[name].value
    if name == "safety_text" and values["safety_attachments"].value:
        return True
    return bool(values["is_before_gpsr"].value) and name.startswith(("responsible_", "safety_"))


def _previewed(
    runtime: Runtime, account: Account, name: str, values: Values, names: Names, currency: str
) -> str:
    value, source = values[name].value, values[name].source
    if name == "location" and not value:
        return account_place(account)
    if name == "category_id":
        found = find_category(runtime.session, account.environment, value) if value else None
        return found.path if found else t("chosen in each offer")
    if name == "price_text":
        return f"{value}\u00a0{SIGNS.get(currency, currency)}"
    if source.kind is Kind.NOBODY and name in ("shipping_rate_id", "return_policy_id", "implied_warranty_id"):
        return t("chosen in each offer")
    if name in ("title", "quantity_text", "safety_text"):
        return str(value or t("none"))
    return value_words(name, value, names)
