"""What producers, safety data and their gaps are called on the pages of product safety."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from allegro_module.db.terms import TermKind
from allegro_module.domain.profiles import Found, Scope
from allegro_module.domain.safety import Gap
from allegro_module.web.i18n import marked, n, t

GAPS = {
    Gap.PRODUCER: marked("producer"),
    Gap.PERSON: marked("responsible person"),
    Gap.INFORMATION: marked("safety information"),
}
ORIGINS = {
    Scope.ACCOUNT: marked("from the account"),
    Scope.CATEGORY: marked("from the category"),
    Scope.BRAND: marked("from the brand"),
    Scope.PRODUCT: marked("from the product"),
}
FIELDS = {
    "name": marked("Name on your list"),
    "country": marked("Country"),
    "street": marked("Street and number"),
    "post_code": marked("Postcode"),
    "city": marked("Town"),
    "email": marked("E-mail"),
    "form_url": marked("Address of a contact form"),
    "phone": marked("Phone"),
    "brand": marked("Brand"),
    "responsible_producer_id": marked("Producer"),
    "responsible_person_id": marked("Responsible person"),
    "safety_text": marked("Text"),
    "safety_files": marked("Files"),
}


def field_name(kind: TermKind, name: str) -> str:
    if name == "trade_name":
        return t("Trade name") if kind == TermKind.RESPONSIBLE_PRODUCER else t("Company or full name")
    return t(FIELDS[name]) if name in FIELDS else ""


def gap_words(gaps: Iterable[str]) -> str:
    """„producent, informacja o bezpieczeństwie”."""
    return ", ".join(t(GAPS[Gap(each)]) for each in gaps)


def counted_gaps(by_missing: Mapping[str, int]) -> str:
    """„producent 5, informacja o bezpieczeństwie 4”."""
    return ", ".join(f"{t(GAPS[gap])} {by_missing[gap]}" for gap in Gap if by_missing.get(gap))


def origin_of(found: Found | None) -> str:
    """„z marki”; empty where nothing is inherited."""
    return t(ORIGINS[found.scope]) if found else ""


def information_words(values: Mapping[str, object]) -> str:
    """How a brand or a product tells of its safety; empty when it does not."""
    files = values.get("safety_attachments")
    if isinstance(files, Sequence) and files:
        return n("%(num)s file", "%(num)s files", len(files))
    text = str(values.get("safety_text") or "").strip()
    return t("text") if text else ""
