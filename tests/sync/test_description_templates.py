"""Descriptions by templates: what a product makes of them, and how they reach Allegro."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.attachments import Attachment
from allegro_module.db.description_templates import DescriptionTemplate
from allegro_module.db.offers import get_offer
from allegro_module.domain.description_sections import Image, Section, Text, to_json
from allegro_module.domain.files import SAFETY
from allegro_module.domain.money import Money
from allegro_module.domain.offers import OfferState
from allegro_module.simulator import World
from allegro_module.sync.attachments import keep_file
from allegro_module.sync.description_templates import price_words, rendered, weight_words
from allegro_module.sync.offers import publish_offer
from allegro_module.sync.template_images import keep_image
from tests.memory_shop import RING, MemoryShop, a_picture
from tests.sync.conftest import BothClocks, Wire
from tests.sync.offer_builders import a_draft, ask, on_allegro, read

UPLOAD = "POST /sale/images"
Draft = Callable[..., int]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def draft(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks
) -> Draft:
    """A draft that lacks nothing, with a template of these sections."""

    def make(*sections: Section, **changes: Any) -> int:
        template = DescriptionTemplate(name="Bursztyn", sections=to_json(sections), changed_at=clock())
        session.add(template)
        session.commit()
        changes = {"description_template_id": template.id, **changes}
        return a_draft(session, api, shop, account, clock(), **changes)

    return make


def a_logo(session: Session, clock: BothClocks, colour: tuple[int, int, int] = (9, 9, 9)) -> str:
    kept = keep_image(session, "logo.jpg", a_picture(colour=colour), clock())
    session.commit()
    return f"template:{kept.id}"  # type: ignore[union-attr]


@pytest.fixture
def publish(
    session: Session, api: AllegroClient, shop: MemoryShop, clock: BothClocks
) -> Callable[[int], OfferState]:
    return lambda offer_id: publish_offer(session, api, shop, ask(session, offer_id, clock()), clock)


def test_without_a_template_the_offers_description_stands_alone(session: Session, draft: Draft) -> None:
    offer = get_offer(session, draft(description_template_id=None, description_html="<div>Len</div>"))

    assert rendered(session, offer, RING) == (Section((Text("<p>Len</p>"),)),)
    offer.description_html = " "
    assert rendered(session, offer, RING) == ()
    session.rollback()


def test_offers_own_values_come_before_the_products(session: Session, draft: Draft) -> None:
    line = Text("<p>{name}|{sku}|{ean}|{mpn}|{price}|{category}|{weight}|{brand}</p>")
    offer_id = draft(Section((line, Image("{image_2}"))), gtin="", images=["ring-3", "ring-1"])

    made = rendered(session, get_offer(session, offer_id), RING)
    gone = rendered(session, get_offer(session, offer_id), None)
    session.rollback()

    words = "Pierścionek złoty z bursztynem bałtyckim|PZ-0142|5907700000130|PZ-BB-15"
    assert made[0].items == (
        Text(f"<p>{words}|1\u00a0249,00\u00a0zł|Pierścionki|3\u00a0g|Bursztyn i Len</p>"),
        Image("ring-1"),
    )
    assert gone[0].items[0] == Text(
        "<p>Pierścionek złoty z bursztynem bałtyckim|PZ-0142|||1\u00a0249,00\u00a0zł|||</p>"
    )


def test_picture_of_ours_that_is_gone_leaves_its_place(
    session: Session, draft: Draft, clock: BothClocks
) -> None:
    logo = a_logo(session, clock)
    offer_id = draft(Section((Image(logo), Image("template:999"))), Section((Image("template:998"),)))

    made = rendered(session, get_offer(session, offer_id), RING)
    session.rollback()

    assert made == (Section((Image(logo),)),)


def test_template_arrives_at_allegro_with_its_pictures_behind_the_offers_own(
    session: Session,
    world: World,
    wire: Wire,
    draft: Draft,
    publish: Callable[..., OfferState],
    clock: BothClocks,
) -> None:
    logo = a_logo(session, clock)
    offer_id = draft(
        Section((Text("<h1>{name}</h1>"), Image("{image_2}"))),
        Section((Text("<p>{description}</p>"),)),
        Section((Image(logo), Image("{image_9}"))),
    )

    assert publish(offer_id) is OfferState.VERIFYING

    listed = on_allegro(world)[0].wish
    sections = listed["description"]["sections"]
    assert [[item["type"] for item in section["items"]] for section in sections] == [
        ["TEXT", "IMAGE"],
        ["TEXT"],
        ["IMAGE"],
    ]
    assert sections[0]["items"][0]["content"] == f"<h1>{RING.name}</h1>"
    assert sections[1]["items"][0]["content"].startswith("<p>Klasyczny pierścionek")
    assert len(listed["images"]) == 4
    assert sections[0]["items"][1]["url"] == listed["images"][1]
    assert sections[2]["items"][0]["url"] == listed["images"][3]
    assert wire.count(UPLOAD) == 4
    assert read(session, offer_id, lambda offer: (offer.images_done, offer.images_total)) == (4, 4)


def test_picture_of_a_template_is_uploaded_once_for_all_offers(
    session: Session,
    world: World,
    wire: Wire,
    draft: Draft,
    publish: Callable[..., OfferState],
    clock: BothClocks,
) -> None:
    own, logo = a_logo(session, clock, (0, 90, 120)), a_logo(session, clock)
    offer_id = draft(Section((Image(logo), Image(own))), Section((Text("<p>a</p>"), Image(logo))))

    publish(offer_id)
    publish(offer_id)

    listed = on_allegro(world)[0].wish
    # `own` holds the very bytes of the offer's first picture: it is not listed a second time.
    assert wire.count(UPLOAD) == 4
    assert len(listed["images"]) == len(set(listed["images"])) == 4
    assert listed["description"]["sections"][0]["items"][1]["url"] == listed["images"][0]


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        (lambda logo: [Section((Image(logo),))], ("images", "description_images_too_many")),
        (lambda logo: [Section((Text("<p>{description}</p>"),))], ("description", "markup_contact")),
    ],
)
def test_description_that_allegro_would_refuse_is_told_before_anything_is_sent(
    session: Session,
    wire: Wire,
    shop: MemoryShop,
    draft: Draft,
    publish: Callable[..., OfferState],
    clock: BothClocks,
    sections: Callable[[str], list[Section]],
    problem: tuple[str, str],
) -> None:
    images = [f"ring-{number}" for number in range(16)]
    for number, ref in enumerate(images):
        shop.pictures.setdefault(ref, a_picture(colour=(number, 1, 1)))
    offer_id = draft(*sections(a_logo(session, clock)), images=images, description_html="<p>www.sklep.pl</p>")

    assert publish(offer_id) is OfferState.REFUSED

    found = read(session, offer_id, lambda offer: [(each.field, each.code) for each in offer.problems])
    assert found == [problem]
    assert wire.count(UPLOAD) == 0


def test_file_with_safety_information_is_uploaded_before_its_offer(
    session: Session,
    world: World,
    account: Account,
    draft: Draft,
    publish: Callable[..., OfferState],
    clock: BothClocks,
) -> None:
    manual = keep_file(session, account.id, SAFETY, "karta.pdf", b"%PDF-1.4\n%%EOF\n", "anna", clock())
    assert isinstance(manual, Attachment)
    session.commit()
    offer_id = draft(Section((Text("<p>{description}</p>"),)), safety_attachments=[manual.id])

    publish(offer_id)

    session.refresh(manual)
    safety = on_allegro(world)[0].wish["productSet"][0]["safetyInformation"]
    assert safety == {"type": "ATTACHMENTS", "attachments": [{"id": manual.allegro_id}]}
    session.rollback()


def test_prices_and_weights_are_written_as_buyers_read_them() -> None:
    assert price_words(Money(Decimal("1234567.5"), "PLN")) == "1\u00a0234\u00a0567,50\u00a0zł"
    assert price_words(Money(Decimal(7290), "CZK")) == "7\u00a0290\u00a0Kč"
    assert price_words(Money(Decimal(5), "GBP")) == "5,00\u00a0GBP"
    assert [
        weight_words(each) for each in (None, Decimal(0), Decimal("0.0028"), Decimal("1.250"), Decimal(10))
    ] == [
        "",
        "",
        "2,8\u00a0g",
        "1,25\u00a0kg",
        "10\u00a0kg",
    ]
