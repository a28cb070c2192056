"""*Podgląd*: the buyer's page made of the JSON that would be sent, and what would change on Allegro."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, render_template

from allegro_module.db.accounts import Account
from allegro_module.db.delivery_methods import list_delivery_methods
from allegro_module.db.offers import Offer, get_offer
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.permissions import Permission
from allegro_module.domain.price_lists import DeliveryMethod
from allegro_module.domain.taxes import country_of
from allegro_module.domain.terms import TermKind
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.known_uploads import known_uploads
from allegro_module.sync.offer_body import REF, whole_body
from allegro_module.sync.offer_patch import patch_of
from allegro_module.sync.offer_shapes import as_request, without_given
from allegro_module.sync.taxes import tax_choices, tax_exemptions, tax_subjects
from allegro_module.web.offer_buyer_page import BuyerPage, Known, buyer_page
from allegro_module.web.offer_diff import Line, diff_lines
from allegro_module.web.offer_facts import Facts, read_facts
from allegro_module.web.offer_pictures import picture_address
from allegro_module.web.offer_views import public_address
from allegro_module.web.offer_words import field_name, problem_sentence
from allegro_module.web.price_list_rows import content_now
from allegro_module.web.security import requires


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/<int:offer_id>/preview", "preview", preview, methods=["GET"])


@dataclass(frozen=True, slots=True)
class Edit:
    """Of an offer that stands on Allegro: what would be sent, in words and as it is."""

    lines: Sequence[Line]
    patch: str


@requires(Permission.VIEW)
def preview(offer_id: int) -> str:
    """Nothing is asked of Allegro, and nothing is sent."""
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    facts = read_facts(runtime, offer)
    body = whole_body(runtime.session, runtime.shop, offer)
    known, page = _page(runtime, facts, body)
    return render_template(
        "allegro/offers/preview.html",
        offer=offer,
        view=page,
        missing=[
            (field_name(each.field, facts.parameters or ()), problem_sentence(each))
            for each in facts.all_problems
            if not each.is_warning
        ],
        edit=_edit(runtime, facts, known) if offer.live else None,
        payload=_written(body),
        public_url=public_address(runtime, offer),
    )


def _page(runtime: Runtime, facts: Facts, body: Mapping[str, Any]) -> tuple[Known, BuyerPage]:
    account = facts.offer.account
    known = Known(
        parameters=facts.parameters or (),
        terms={(each.kind, each.known_id): each.name for each in facts.terms},
        price_list=_price_list(facts),
        methods=_methods(runtime, account),
        catalogue=facts.catalogue or {},
        files=[each.name for each in facts.files],
        product_names=_product_names(facts),
        address_of=_address_of(facts, {}),
        seller=account.login or account.alias,
        marketplace=account.base_marketplace or "",
        deposit_types=facts.dictionaries.get("deposit_types", {}).get("rows") or (),
        tax_labels=_tax_labels(facts),
    )
    return known, buyer_page(body, known)


def _product_names(facts: Facts) -> dict[str, str]:
    contents = [*facts.contents.values(), *([facts.catalogue] if facts.catalogue else [])]
    return {each["id"]: each.get("name") or each["id"] for each in contents}


def _tax_labels(facts: Facts) -> dict[str, str]:
    category = facts.category
    rates = tax_choices(category, country_of(facts.offer.account.base_marketplace))
    known = (*rates, *tax_subjects(category), *tax_exemptions(category))
    return {each.value: each.label for each in known if each.label}


def _price_list(facts: Facts) -> Mapping[str, Any]:
    chosen = (each for each in facts.terms if _is_chosen(each, facts.offer))
    term = next(chosen, None)
    return content_now(term) if term is not None else {}


def _is_chosen(term: SellingTerm, offer: Offer) -> bool:
    return term.kind == TermKind.SHIPPING_RATE and term.known_id == offer.shipping_rate_id


def _methods(runtime: Runtime, account: Account) -> dict[str, DeliveryMethod]:
    return {each.id: each for each in list_delivery_methods(runtime.session, account.environment)}


def _address_of(facts: Facts, ref_by_url: Mapping[str, str]) -> Callable[[str], str]:
    """Where our page shows a picture: our own copy, else what Allegro's host of pictures serves."""

    def address_of(url: str) -> str:
        ref = ref_by_url.get(url) or (url.removeprefix(REF) if url.startswith(REF) else "")
        if ref:
            return picture_address(facts.offer.id, facts.refs, ref)
        return url if url.startswith(("https://", "http://")) else ""

    return address_of


def _edit(runtime: Runtime, facts: Facts, known: Known) -> Edit:
    """Against what was last read of Allegro; pictures that stand there already are known by their bytes."""
    offer = facts.offer
    uploaded = known_uploads(runtime.session, runtime.shop, offer)
    body = whole_body(runtime.session, runtime.shop, offer, uploaded)
    there = without_given(offer.live, facts.catalogue) or {}
    patch = patch_of(body, offer.sent, there)
    ref_by_url = {url: ref for ref, url in uploaded.url_by_ref.items()}
    shown = replace(known, address_of=_address_of(facts, ref_by_url))
    return Edit(diff_lines(patch, as_request(there), shown), _written(patch) if patch else "")


def _written(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)
