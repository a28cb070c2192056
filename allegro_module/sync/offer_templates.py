"""Offer templates: what of an offer goes for others too, kept by a name and taken by new drafts."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.description_templates import find_template
from allegro_module.db.offer_templates import OfferTemplate, find_offer_template
from allegro_module.db.offers import Offer
from allegro_module.sync.draft_values import own_files

#: All but what belongs to one product (title, EAN, category, pictures, price …) and to one offer, and what
#: costs money.
COLUMNS = (
    *("selling_format", "unit", "duration", "is_republished", "is_business_only", "invoice"),
    *("vat_rate", "vat_rates_abroad", "vat_subject", "vat_exemption", "deposits"),
    *("shipping_rate_id", "handling_time", "location", "description_template_id"),
    *("responsible_producer_id", "responsible_person_id", "safety_text", "safety_attachments"),
    *("is_before_gpsr", "return_policy_id", "implied_warranty_id", "warranty_id"),
    *("additional_services_id", "size_table_id"),
)


def template_values(offer: Offer) -> dict[str, Any]:
    return {name: copy.deepcopy(getattr(offer, name)) for name in COLUMNS}


def save_as_template(session: Session, offer: Offer, name: str, now: datetime, who: str) -> bool:
    """True when there was one of this name, which is another now; the caller commits."""
    template = find_offer_template(session, offer.account_id, name)
    is_known = template is not None
    if template is None:
        template = OfferTemplate(account_id=offer.account_id, name=name)
        session.add(template)
    template.values = template_values(offer)
    template.changed_at, template.changed_by = now, who
    return is_known


def apply_template(session: Session, offer: Offer, template: OfferTemplate) -> None:
    """What the template names wins over the defaults; what is gone here since is left out.

    Terms that are gone at Allegro stay: the form tells of them.
    """
    values = {name: copy.deepcopy(template.values[name]) for name in COLUMNS if name in template.values}
    chosen = values.get("description_template_id")
    if chosen is not None and find_template(session, chosen) is None:
        values["description_template_id"] = None
    if files := values.get("safety_attachments"):
        values["safety_attachments"] = [each.id for each in own_files(session, offer.account_id, files)]
    for name, value in values.items():
        setattr(offer, name, value)
