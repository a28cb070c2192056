"""The page a buyer would see, made of the very JSON that would be sent to Allegro."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from allegro_module.domain.description_markup import markup_problem
from allegro_module.domain.marketplaces import BASE, currency_of
from allegro_module.domain.money import Money
from allegro_module.domain.parameters import Parameter
from allegro_module.domain.price_list_rules import method_id
from allegro_module.domain.price_list_texts import number_of
from allegro_module.domain.price_lists import DeliveryMethod, Group, group_of
from allegro_module.domain.taxes import country_of
from allegro_module.domain.terms import TermKind
from allegro_module.web.formats import money
from allegro_module.web.i18n import marked, t
from allegro_module.web.offer_buyer_set import SoldProduct, sold_products
from allegro_module.web.offer_words import answer_words, handling_time_name
from allegro_module.web.price_list_rows import smart_of
from allegro_module.web.product_words import bound_words

Json = Mapping[str, Any]
#: What a buyer is told of the unit in which the offer is sold.
UNITS = {"UNIT": marked("pieces"), "SET": marked("sets"), "PAIR": marked("pairs")}
TERMS = {
    "returnPolicy": (TermKind.RETURN_POLICY, marked("Returns")),
    "impliedWarranty": (TermKind.IMPLIED_WARRANTY, marked("Complaints")),
    "warranty": (TermKind.WARRANTY, marked("Warranty")),
}
METHODS_SHOWN = 8
#: What is no delivery to the buyers of this marketplace stands behind.
RANKS = {Group.PICKUP: 1, Group.ABROAD: 2}


@dataclass(frozen=True, slots=True)
class Known:
    """What the page needs beside the body, read before: names of ids, where pictures are shown."""

    parameters: Sequence[Parameter]
    #: Names of terms by kind and Allegro's id.
    terms: Mapping[tuple[str, str], str]
    price_list: Json
    methods: Mapping[str, DeliveryMethod]
    catalogue: Json
    files: Sequence[str]
    address_of: Callable[[str], str]
    seller: str
    marketplace: str
    #: Rows of the dictionary: id, name, price and currency of one piece.
    deposit_types: Sequence[Json] = ()
    #: Of the catalogue's products, by id.
    product_names: Mapping[str, str] = field(default_factory=dict)
    #: Allegro's words for what is taxed, and why nothing is paid.
    tax_labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def country(self) -> str:
        return country_of(self.marketplace)


@dataclass(frozen=True, slots=True)
class Item:
    """Of a description: markup that has been checked, or where a picture is shown."""

    html: Markup
    address: str = ""
    is_picture: bool = False


@dataclass(frozen=True, slots=True)
class Method:
    name: str
    amount: Decimal
    cost: str
    group: Group


@dataclass(frozen=True, slots=True)
class Delivery:
    """`methods` begin with the cheapest that brings the goods; collecting them in person comes behind.

    `words` say what it costs to get them: „dostawa od 9,99 zł”.
    """

    words: str
    price_list: str
    methods: Sequence[Method]
    further: int
    is_smart: bool
    handling_time: str


@dataclass(frozen=True, slots=True)
class Safety:
    producer: str
    person: str
    text: str
    files: Sequence[str]
    is_before: bool


@dataclass(frozen=True, slots=True)
class BuyerPage:
    title: str
    pictures: Sequence[str]
    is_auction: bool
    price: str
    starting_price: str
    #: For the packaging of one piece, on top of the price.
    deposit: str
    pieces: str
    delivery: Delivery
    sections: Sequence[Sequence[Item]]
    parameters: Sequence[tuple[str, str]]
    terms: Sequence[tuple[str, str]]
    safety: Safety
    sold: Sequence[SoldProduct]
    seller: str
    place: str


def buyer_page(body: Json, known: Known) -> BuyerPage:
    mode = body.get("sellingMode") or {}
    catalogue = known.catalogue
    return BuyerPage(
        title=body.get("name") or catalogue.get("name") or "",
        pictures=[known.address_of(each) for each in body.get("images") or _catalogue_pictures(catalogue)],
        is_auction=mode.get("format") == "AUCTION",
        price=money_words(mode.get("price")),
        starting_price=money_words(mode.get("startingPrice")),
        deposit=_deposit(_first_element(body).get("deposits") or (), known),
        pieces=_pieces(body.get("stock") or {}),
        delivery=_delivery(body.get("delivery") or {}, known),
        sections=_sections(body.get("description") or catalogue.get("description") or {}, known),
        parameters=list(_parameters(body, known)),
        terms=list(_terms(body.get("afterSalesServices") or {}, known)),
        safety=_safety(_first_element(body), known),
        sold=sold_products(body, known.product_names, known.terms),
        seller=known.seller,
        place=(body.get("location") or {}).get("city") or "",
    )


def money_words(price: Json | None) -> str:
    """„1 249,00 zł”; empty without a price."""
    if not price or not price.get("amount"):
        return ""
    return money(Money(Decimal(str(price["amount"])), str(price.get("currency") or "PLN")))


def _deposit(rows: Sequence[Json], known: Known) -> str:
    """Empty also where the price of one kind is not known."""
    prices = {
        each["id"]: Money(Decimal(each["price"]), each["currency"])
        for each in known.deposit_types
        if each.get("price")
    }
    priced = [(prices[each["id"]], each["quantity"]) for each in rows if each["id"] in prices]
    if not priced or len(priced) < len(rows):
        return ""
    total = sum((price.amount * quantity for price, quantity in priced), Decimal(0))
    return money(Money(total, priced[0][0].currency))


def safe_markup(content: str) -> Markup:
    """What is not of Allegro's own grammar is shown as the text that it is."""
    return Markup(escape(content)) if markup_problem(content, "") else Markup(content)  # noqa: S704


def _catalogue_pictures(catalogue: Json) -> list[str]:
    return [each["url"] for each in catalogue.get("images") or () if each.get("url")]


def _pieces(stock: Json) -> str:
    if not stock.get("available"):
        return ""
    return f"{stock['available']} {t(UNITS.get(stock.get('unit') or 'UNIT', UNITS['UNIT']))}"


def _first_element(body: Json) -> Json:
    found: Json = next(iter(body.get("productSet") or ()), {})
    return found


def _sections(description: Json, known: Known) -> list[list[Item]]:
    return [
        [_item(item, known) for item in section.get("items") or ()]
        for section in description.get("sections") or ()
    ]


def _item(item: Json, known: Known) -> Item:
    if item.get("type") == "IMAGE":
        return Item(Markup(""), known.address_of(item.get("url") or ""), is_picture=True)
    return Item(safe_markup(item.get("content") or ""))


def _parameters(body: Json, known: Known) -> Iterator[tuple[str, str]]:
    """The product's first, then the offer's own; each once."""
    product = _first_element(body).get("product") or {}
    rows = [*(product.get("parameters") or ()), *(body.get("parameters") or ())]
    by_id = {each.id: each for each in known.parameters}
    seen = set()
    for row in rows:
        words = parameter_words(row, by_id.get(row.get("id")))
        if words and row.get("id") not in seen:
            seen.add(row.get("id"))
            yield parameter_name(str(row.get("id")), known.parameters), words
    for row in known.catalogue.get("parameters") or ():
        words = _catalogue_words(row)
        if words and row.get("id") not in seen:
            yield row.get("name") or parameter_name(str(row.get("id")), known.parameters), words


def _catalogue_words(row: Json) -> str:
    """„411 ml”, „65 – 90 h”."""
    bounds = row.get("rangeValue") or {}
    words = ", ".join(row.get("valuesLabels") or row.get("values") or ())
    if not words and bounds:
        words = f"{bound_words(bounds.get('from'))} – {bound_words(bounds.get('to'))}"
    return f"{words} {row['unit']}" if words and row.get("unit") else words


def parameter_name(parameter_id: str, parameters: Sequence[Parameter]) -> str:
    unknown = t("Parameter %(id)s", id=parameter_id)
    return next((each.name for each in parameters if each.id == parameter_id), unknown)


def parameter_words(row: Json | None, parameter: Parameter | None) -> str:
    """„złoto żółte”, „2,8 g”: of a parameter as it is sent."""
    if not row:
        return ""
    ids, values = list(row.get("valuesIds") or ()), list(row.get("values") or ())
    is_own = parameter is not None and parameter.ambiguous_value_id in ids and bool(values)
    if parameter is not None and ids and not is_own:
        # Answers of Allegro's repeat the labels of the chosen values.
        values = []
    answer = {
        "values_ids": ids,
        "values": [] if is_own else values,
        "custom": ", ".join(values) if is_own else "",
        "range": row.get("rangeValue") or {},
    }
    words = answer_words(answer, parameter)
    return f"{words} {parameter.unit}" if words and parameter is not None and parameter.unit else words


def _delivery(delivery: Json, known: Known) -> Delivery:
    rate_id = (delivery.get("shippingRates") or {}).get("id") or ""
    methods = _methods(known)
    period = delivery.get("handlingTime") or ""
    return Delivery(
        words=_delivery_words(methods),
        price_list=known.terms.get((TermKind.SHIPPING_RATE, rate_id), ""),
        methods=methods[:METHODS_SHOWN],
        further=max(len(methods) - METHODS_SHOWN, 0),
        is_smart=smart_of(known.price_list, known.methods).within > 0,
        handling_time=handling_time_name(period) if period else "",
    )


def _methods(known: Known) -> list[Method]:
    currency = currency_of(known.marketplace or BASE)
    priced = []
    for rate in known.price_list.get("rates") or ():
        cost, method = rate.get("firstItemRate") or {}, known.methods.get(method_id(rate))
        amount = number_of(str(cost.get("amount", "")))
        if amount is not None and method is not None and cost.get("currency", currency) == currency:
            words = money(Money(amount, currency))
            priced.append(Method(method.name, amount, words, group_of(method, known.country)))
    return sorted(priced, key=lambda each: (RANKS.get(each.group, 0), each.amount, each.name))


def _delivery_words(methods: Sequence[Method]) -> str:
    """Empty without any."""
    if not methods:
        return ""
    if methods[0].group is Group.PICKUP:
        return t("collection in person")
    return t("delivery from %(price)s", price=methods[0].cost) if methods[0].amount else t("free delivery")


def _terms(services: Json, known: Known) -> Iterator[tuple[str, str]]:
    for name, (kind, words) in TERMS.items():
        chosen = (services.get(name) or {}).get("id")
        if chosen:
            yield t(words), known.terms.get((kind, chosen), chosen)


def _safety(element: Json, known: Known) -> Safety:
    """What the catalogue knows stands for what the offer does not say itself."""
    producer, person = element.get("responsibleProducer") or {}, element.get("responsiblePerson") or {}
    information = element.get("safetyInformation") or {}
    there = known.catalogue.get("productSafety") or {}
    of_catalogue: Json = next(iter(there.get("responsibleProducers") or ()), {})
    name = known.terms.get((TermKind.RESPONSIBLE_PRODUCER, producer.get("id") or ""), producer.get("name"))
    text = information.get("description")
    if not information:
        text = (there.get("safetyInformation") or {}).get("description")
    return Safety(
        producer=name or of_catalogue.get("name") or "",
        person=known.terms.get((TermKind.RESPONSIBLE_PERSON, person.get("id") or ""), ""),
        text=text or "",
        files=known.files if information.get("attachments") else (),
        is_before=bool(element.get("marketedBeforeGPSRObligation")),
    )
