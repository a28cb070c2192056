"""The nine sections of the offer form: what each is called, holds in one line, and lacks."""

from __future__ import annotations

from dataclasses import dataclass

from allegro_module.domain.selling_formats import SellingFormat
from allegro_module.web.i18n import n, t
from allegro_module.web.labels import Label
from allegro_module.web.offer_description import size_in_bytes
from allegro_module.web.offer_facts import Facts
from allegro_module.web.offer_options import options_of, price_words
from allegro_module.web.offer_progress import is_running
from allegro_module.web.offer_promotion import promoted, promotion_words
from allegro_module.web.offer_words import answer_words

#: Which section holds a field; a parameter's is `parameters`.
SECTION_BY_FIELD = {
    **dict.fromkeys(("title", "gtin", "external_id", "category_id", "product_id"), 1),
    **dict.fromkeys(("product_quantity", "more_products", "set"), 1),
    **dict.fromkeys(("price", "quantity", "vat_rate", "invoice", "duration", "is_republished"), 2),
    **dict.fromkeys(("marketplaces", "selling_format", "starting_price", "minimal_price", "unit"), 2),
    **dict.fromkeys(("starting_at", "starting_hour", "is_business_only"), 2),
    **dict.fromkeys(("vat_rates_abroad", "vat_subject", "vat_exemption"), 2),
    **dict.fromkeys(("shipping_rate_id", "handling_time", "location"), 3),
    **dict.fromkeys(("images", "image_address"), 4),
    **dict.fromkeys(("description", "description_template_id", "sections"), 5),
    "parameters": 6,
    **dict.fromkeys(("responsible_producer_id", "responsible_person_id"), 7),
    **dict.fromkeys(("safety_text", "safety_attachments", "is_before_gpsr"), 7),
    **dict.fromkeys(("return_policy_id", "implied_warranty_id", "warranty_id"), 8),
    **dict.fromkeys(("deposits", "additional_services_id", "size_table_id"), 8),
    "promotion": 9,
}
#: Sections with work in them; the others are mostly filled by defaults and folded while nothing is missing.
ALWAYS_OPEN = (1, 2, 4, 6)


@dataclass(frozen=True, slots=True)
class Section:
    """While the offer is on its way all are folded; under another id, so that a swap leaves none open."""

    id: str
    number: int
    title: str
    hint: str
    state: Label
    is_open: bool


def section_of(field: str) -> int | None:
    return SECTION_BY_FIELD.get(field.partition(".")[0])


def sections(facts: Facts) -> dict[int, Section]:
    titles = {
        1: t("Basic information"),
        2: t("Way of selling"),
        3: t("Delivery and payment"),
        4: t("Pictures"),
        5: t("Descriptions"),
        6: t("Features of the item"),
        7: t("Product safety (GPSR)"),
        8: t("Terms of the offer"),
        9: t("Promotion options"),
    }
    hints = _hints(facts)
    return {number: _section(facts, number, title, hints[number]) for number, title in titles.items()}


def _section(facts: Facts, number: int, title: str, hint: str) -> Section:
    wrong = [
        each for each in facts.shown_problems if section_of(each.field) == number and not each.is_warning
    ]
    missing = [
        each for each in facts.all_problems if section_of(each.field) == number and not each.is_warning
    ]
    is_open = bool(wrong or missing) or number in ALWAYS_OPEN
    is_sent = is_running(facts.offer)
    if number == 6 and not facts.offer.category_id:
        state = Label(t("After the category"), "circle", "off")
    else:
        state = _state(len(wrong), len(missing), is_empty=_is_left_open(facts, number))
    name = f"sent-{number}" if is_sent else f"section-{number}"
    return Section(name, number, title, hint, state, is_open and not is_sent)


def _is_left_open(facts: Facts, number: int) -> bool:
    """A section that nobody has to fill, and nobody has."""
    choices = facts.choices
    if number == 5:
        return not (choices.description_html or choices.description_template_id)
    if number == 7:
        files = facts.offer.safety_attachments
        return not (choices.responsible_producer_id or choices.safety_text or files or choices.is_before_gpsr)
    return number == 9 and not promoted(choices.promotion)


def _state(wrong: int, missing: int, *, is_empty: bool) -> Label:
    if wrong:
        return Label(n("%(num)s problem", "%(num)s problems", wrong), "exclamation-circle-fill", "bad")
    if missing:
        return Label(n("%(num)s to fill in", "%(num)s to fill in", missing), "circle", "off")
    if is_empty:
        return Label(t("Optional"), "dash-circle", "off")
    return Label(t("Complete"), "check-circle-fill", "ok")


def _hints(facts: Facts) -> dict[int, str]:
    """What a folded section holds, in one line."""
    choices, options = facts.choices, options_of(facts)

    def named(field: str) -> str:
        return dict(options[field]).get(getattr(choices, field) or "", "")

    size = size_in_bytes(facts)
    return {
        1: _joined(choices.title, choices.gtin),
        2: _joined(*_sale_in_a_line(facts), named("invoice")),
        3: _joined(
            named("shipping_rate_id"),
            t("dispatch: %(time)s", time=named("handling_time")),
            (choices.location or {}).get("city") or facts.offer.account.city or "",
        ),
        4: n("%(num)s picture", "%(num)s pictures", len(choices.images)),
        5: t("%(size)s of 40,000 bytes", size=f"{size:,}".replace(",", "\u00a0"))
        if size
        else t("No description"),
        6: _answers_in_a_line(facts),
        7: t("Put on the market before 13 December 2024")
        if choices.is_before_gpsr
        else _joined(named("responsible_producer_id"), choices.safety_text[:60]),
        8: _joined(named("return_policy_id"), named("implied_warranty_id"), named("warranty_id")),
        9: promotion_words(facts) or t("none chosen, it costs nothing"),
    }


def _sale_in_a_line(facts: Facts) -> list[str]:
    choices, currency = facts.choices, facts.offer.currency
    price = price_words(choices.price_text, currency)
    if choices.selling_format != SellingFormat.AUCTION:
        return [price]
    start = price_words(choices.starting_price_text, currency)
    return [t("Auction"), t("from %(price)s", price=start) if start else "", price]


def _answers_in_a_line(facts: Facts) -> str:
    known = [parameter for parameter in facts.parameters or () if not parameter.is_gtin]
    return _joined(*(answer_words(facts.choices.parameters.get(each.id, {}), each) for each in known))


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
