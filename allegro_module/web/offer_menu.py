"""The buttons of the offer form and its menu „…”, by how far the offer is."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, url_for

from allegro_module.client.offers import OfferStatus
from allegro_module.db.offers import Offer
from allegro_module.domain.offers import OfferState
from allegro_module.web.i18n import t
from allegro_module.web.ui import may_open

#: Where a change reaches buyers once it is sent.
AT_ALLEGRO = (OfferState.ACTIVE, OfferState.PLANNED, OfferState.INACTIVE)


@dataclass(frozen=True, slots=True)
class MenuLink:
    text: str
    icon: str
    address: str
    is_danger: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """`keeps_words` says what saving by itself does, and does not do, to an offer that is live."""

    primary: str
    #: What the main button says with a start in the fields, and without; empty where the start is settled.
    plan_words: str
    list_words: str
    save: str
    keeps_words: str
    may_be_draft: bool
    may_be_planned: bool
    links: tuple[MenuLink, ...]
    preview_address: str


def menu_of(offer: Offer, *, is_planned: bool) -> Menu:
    # A change that was refused leaves a live offer as it is.
    was_live = offer.state == OfferState.REFUSED and offer.allegro_status == OfferStatus.ACTIVE
    is_there = (offer.state in AT_ALLEGRO or was_live) and offer.allegro_offer_id is not None
    is_live = is_there and offer.state != OfferState.INACTIVE
    plans, lists = t("Save and plan"), t("Save and list")
    may_follow = offer.first_listed_at is None and not is_live
    return Menu(
        primary=t("Save changes on Allegro") if is_live else plans if is_planned else lists,
        plan_words=plans if may_follow else "",
        list_words=lists if may_follow else "",
        save=t("Save without sending") if is_there else t("Save draft"),
        keeps_words=t("What you type is kept here by itself. Allegro gets it with the blue button only.")
        if is_there
        else "",
        may_be_draft=may_follow,
        may_be_planned=may_follow,
        links=tuple(_links(offer)),
        preview_address=_address("allegro.offers.preview", offer),
    )


def _links(offer: Offer) -> list[MenuLink]:
    links = [MenuLink(t("List a similar one"), "copy", _address("allegro.offers.similar", offer))]
    if offer.allegro_offer_id and offer.state in (OfferState.ACTIVE, OfferState.PLANNED):
        links.append(MenuLink(t("End the offer…"), "stop-circle", _address(DEED, offer, "end"), True))
    elif offer.allegro_offer_id and offer.state == OfferState.ENDED:
        links.append(MenuLink(t("Resume the offer…"), "play-circle", _address(DEED, offer, "resume")))
    elif offer.first_listed_at is None:
        links.append(MenuLink(t("Delete the draft…"), "trash", _address(DEED, offer, "delete"), True))
    return [each for each in links if each.address]


DEED = "allegro.offers.deed"


def _address(endpoint: str, offer: Offer, deed: str | None = None) -> str:
    """Empty where nobody may go."""
    if endpoint not in current_app.view_functions or not may_open(endpoint):
        return ""
    return url_for(endpoint, offer_id=offer.id, deed=deed)
