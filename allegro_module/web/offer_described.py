"""The preview of an offer's description while it is being typed; nothing is kept."""

from __future__ import annotations

from flask import Blueprint, Response, request

from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.permissions import Permission
from allegro_module.domain.selling_formats import read_price
from allegro_module.runtime import current_runtime
from allegro_module.sync.description_templates import rendered
from allegro_module.web.forms.offer import readable
from allegro_module.web.forms.offer_content import Sent, read_own_sections, read_pictures
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.offer_description import described_view
from allegro_module.web.offer_facts import find_product, picture_refs
from allegro_module.web.security import requires

DESCRIBED = "allegro/offers/_described.html"


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/<int:offer_id>/described", "described", described, methods=["POST"])


@requires(Permission.LIST_OFFERS)
def described(offer_id: int) -> Response:
    runtime, sent = current_runtime(), readable(request.form)
    offer = get_offer(runtime.session, offer_id)
    product = find_product(runtime, offer.sku)
    refs = picture_refs(offer, product)
    typed = _typed(offer, sent, list(read_pictures(sent, refs)[0]))
    is_live = typed.description_template_id is None and typed.description_sections is None
    sections = rendered(runtime.session, typed, product)
    view = described_view(offer_id, refs, sections, is_live=is_live)
    return page_or_fragment(DESCRIBED, DESCRIBED, described=view)


def _typed(offer: Offer, sent: Sent, images: list[str]) -> Offer:
    """A row that no session knows, with what the description is made of."""
    template = sent.get("description_template_id", 0, type=int)
    return Offer(
        sku=offer.sku,
        currency=offer.currency,
        title=sent.get("title", ""),
        gtin=sent.get("gtin", ""),
        price=read_price(sent.get("price", ""), offer.currency),
        images=images,
        description_html=sent.get("description", ""),
        description_template_id=template or None,
        description_sections=read_own_sections(sent),
    )
