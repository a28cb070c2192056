"""The category tree, the parameters of a category, the taxes allowed there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from allegro_module.client.answers import Answer
from allegro_module.client.paging import all_pages
from allegro_module.client.payloads import Id, OpenEnum, Payload
from allegro_module.client.transport import Request, Transport, path_to

EVENTS_AT_ONCE = 1000
CHANGES_AT_ONCE = 1000


class CategoryOptions(Payload, frozen=True):
    advertisement: bool | None = None
    product_creation_enabled: bool | None = None
    offers_with_product_publication_enabled: bool | None = None
    seller_can_require_purchase_comments: bool | None = None


class Category(Payload, frozen=True):
    id: str
    name: str
    leaf: bool
    parent: Id | None = None
    options: CategoryOptions | None = None


class _Categories(Payload, frozen=True):
    categories: tuple[Category, ...]


class ParameterType(OpenEnum):
    DICTIONARY = "dictionary"
    INTEGER = "integer"
    FLOAT = "float"
    STRING = "string"
    UNKNOWN = "UNKNOWN"


class WithValue(Payload, frozen=True):
    """Holds when the parameter has one of these values."""

    id: str
    one_of_value_ids: tuple[str, ...]


class Condition(Payload, frozen=True):
    """Holds when all its parts do (facts.md 7.4)."""

    parameters_with_value: tuple[WithValue, ...] | None = ()
    parameters_without_value: tuple[Id, ...] | None = ()


class ParameterOptions(Payload, frozen=True):
    ambiguous_value_id: str | None = None
    depends_on_parameter_id: str | None = None
    describes_product: bool | None = None
    custom_values_enabled: bool | None = None


class Restrictions(Payload, frozen=True):
    """Those of all four types together; see the table in facts.md 7.3."""

    multiple_choices: bool | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    range: bool | None = None
    precision: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    allowed_number_of_values: int | None = None


class DictionaryValue(Payload, frozen=True):
    """An empty `depends_on_value_ids` is always allowed."""

    id: str
    value: str
    depends_on_value_ids: tuple[str, ...] | None = ()


class CategoryParameter(Payload, frozen=True):
    """`required` is for an offer to be published, `required_for_product` for a product to be created."""

    id: str
    name: str
    type: ParameterType
    required: bool | None = None
    required_for_product: bool | None = None
    required_if: Condition | None = None
    displayed_if: Condition | None = None
    unit: str | None = None
    options: ParameterOptions | None = None
    restrictions: Restrictions | None = None
    dictionary: tuple[DictionaryValue, ...] | None = ()


class _Parameters(Payload, frozen=True):
    parameters: tuple[CategoryParameter, ...]


class _RawParameters(Payload, frozen=True):
    parameters: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class CategoryParameters:
    """`raw` is the same list as it came, for keeping; `parameters_from` reads it again."""

    parameters: tuple[CategoryParameter, ...]
    raw: list[dict[str, Any]]


def parameters_from(stored: Sequence[Mapping[str, Any]]) -> tuple[CategoryParameter, ...]:
    """From the list `parameters` of an answer kept earlier. Raises msgspec.ValidationError."""
    return msgspec.convert(stored, tuple[CategoryParameter, ...])


class MatchingCategory(Payload, frozen=True):
    """A leaf, with its ancestors up to the root."""

    id: str
    name: str
    parent: MatchingCategory | None = None

    @property
    def path(self) -> tuple[str, ...]:
        """Names from the root down."""
        above = self.parent.path if self.parent else ()
        return (*above, self.name)


class _MatchingCategories(Payload, frozen=True):
    matching_categories: tuple[MatchingCategory, ...]


class TaxChoice(Payload, frozen=True):
    value: str
    label: str | None = None


class TaxRateChoice(Payload, frozen=True):
    value: str
    label: str | None = None
    exemption_required: bool | None = None


class CountryTaxRates(Payload, frozen=True):
    country_code: str
    values: tuple[TaxRateChoice, ...] | None = ()


class CategoryTaxes(Payload, frozen=True):
    subjects: tuple[TaxChoice, ...] | None = ()
    rates: tuple[CountryTaxRates, ...] | None = ()
    exemptions: tuple[TaxChoice, ...] | None = ()


class CategoryEventType(OpenEnum):
    CREATED = "CATEGORY_CREATED"
    RENAMED = "CATEGORY_RENAMED"
    MOVED = "CATEGORY_MOVED"
    DELETED = "CATEGORY_DELETED"
    UNKNOWN = "UNKNOWN"


class EventCategory(Payload, frozen=True):
    id: str
    name: str | None = None
    leaf: bool | None = None
    parent: Id | None = None


class CategoryEvent(Payload, frozen=True):
    """Of a deleted category `redirect_category` takes what was there."""

    id: str
    type: CategoryEventType
    category: EventCategory
    redirect_category: Id | None = None


class _CategoryEvents(Payload, frozen=True):
    events: tuple[CategoryEvent, ...]


class ScheduledChange(Payload, frozen=True):
    """`type` is REQUIREMENT_CHANGE as yet: the parameter will be required from then on."""

    type: str
    scheduled_for: datetime
    category: Id | None = None
    parameter: Id | None = None


class _ScheduledChanges(Payload, frozen=True):
    scheduled_changes: tuple[ScheduledChange, ...]


class CategoriesResource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def children(self, parent_id: str | None = None) -> tuple[Category, ...]:
        """`GET /sale/categories`: the roots, or what lies below `parent_id`."""
        query = [("parent.id", parent_id)] if parent_id else []
        return self._transport.get("/sale/categories", _Categories, query).categories

    def category(self, category_id: str) -> Category:
        """`GET /sale/categories/{id}`."""
        return self._transport.get(path_to("/sale/categories/{}", category_id), Category)

    def parameters(self, category_id: str) -> CategoryParameters:
        """`GET /sale/categories/{id}/parameters`: all parameters of an offer there (facts.md 7.2)."""
        path = path_to("/sale/categories/{}/parameters", category_id)
        return _with_raw(self._transport.send(Request("GET", path)))

    def product_parameters(self, category_id: str) -> CategoryParameters:
        """`GET /sale/categories/{id}/product-parameters`: those needed to create a product."""
        path = path_to("/sale/categories/{}/product-parameters", category_id)
        return _with_raw(self._transport.send(Request("GET", path)))

    def matching_categories(self, name: str) -> tuple[MatchingCategory, ...]:
        """`GET /sale/matching-categories`: leaves that suit a title; 5 a second (facts.md 3.2)."""
        query = [("name", name)]
        return self._transport.get(
            "/sale/matching-categories", _MatchingCategories, query
        ).matching_categories

    def events(self, after: str | None = None) -> tuple[CategoryEvent, ...]:
        """`GET /sale/category-events`: a page of changes of the tree, the oldest first; 3 months are kept."""
        query = [("limit", str(EVENTS_AT_ONCE)), *([("from", after)] if after else [])]
        return self._transport.get("/sale/category-events", _CategoryEvents, query).events

    def scheduled_changes(self) -> tuple[ScheduledChange, ...]:
        """`GET /sale/category-parameters-scheduled-changes`: all that is planned, at most 3 months ahead."""

        def page(offset: int) -> tuple[ScheduledChange, ...]:
            query = [("limit", str(CHANGES_AT_ONCE)), ("offset", str(offset))]
            path = "/sale/category-parameters-scheduled-changes"
            return self._transport.get(path, _ScheduledChanges, query).scheduled_changes

        return all_pages(page, CHANGES_AT_ONCE)

    def taxes(self, category_id: str, *country_codes: str) -> CategoryTaxes:
        """`GET /sale/tax-settings`: rates, subjects and exemptions allowed in the category."""
        query = [("category.id", category_id), *(("countryCode", code) for code in country_codes)]
        return self._transport.get("/sale/tax-settings", CategoryTaxes, query)


def _with_raw(answer: Answer) -> CategoryParameters:
    return CategoryParameters(answer.read(_Parameters).parameters, answer.read(_RawParameters).parameters)
