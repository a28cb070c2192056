"""Pictures that sellers add: kept, looked at, declared, uploaded no oftener than needed, tidied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.images import UploadedImage
from allegro_module.db.offer_images import OfferImage
from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.listing import BYTES_MAX
from allegro_module.domain.offers import OfferState
from allegro_module.domain.problems import Problem
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.image_hosts import HostedPicture
from allegro_module.sync.description_templates import problems_of_description, rendered
from allegro_module.sync.offer_images import KEPT, keep_offer_image, look_at_pictures, tidy_offer_images
from allegro_module.sync.offers import publish_offer
from tests.memory_shop import MemoryShop, a_picture
from tests.sync.conftest import BothClocks, Wire
from tests.sync.offer_builders import a_draft, ask, on_allegro, read

UPLOAD = "POST /sale/images"
ADDRESS = "https://zdjecia.bursztyn.pl/pierscionek.jpg"
Draft = Callable[..., int]
Publish = Callable[[int], OfferState | None]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def draft(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks
) -> Draft:
    return lambda **changes: a_draft(session, api, shop, account, clock(), **changes)


@pytest.fixture
def publish(session: Session, api: AllegroClient, shop: MemoryShop, clock: BothClocks) -> Publish:
    return lambda offer_id: publish_offer(session, api, shop, ask(session, offer_id, clock()), clock)


def kept(session: Session, clock: BothClocks, **drawn: Any) -> str:
    row = keep_offer_image(session, "C:\\zdjęcia\\bok.jpg", a_picture(**drawn), clock())
    assert isinstance(row, OfferImage)
    session.commit()
    ref = row.ref
    session.rollback()
    return ref


def codes(session: Session, offer_id: int) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = read(
        session, offer_id, lambda offer: [(each.field, each.code) for each in offer.problems]
    )
    return found


# Keeping


def test_same_picture_is_kept_once_under_the_name_of_its_file(session: Session, clock: BothClocks) -> None:
    ref, again = kept(session, clock), kept(session, clock)

    row = session.scalars(select(OfferImage)).one()
    assert ref == again == row.ref
    assert (row.name, row.media_type, row.width, row.height) == ("bok.jpg", "image/jpeg", 800, 600)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "template_image_unreadable"),
        (b"To jest tekst.", "template_image_unreadable"),
        (a_picture(kind="PNG")[:-40], "template_image_unreadable"),
        (a_picture()[:2000], "template_image_unreadable"),
        (a_picture(kind="GIF"), "template_image_unreadable"),
        (a_picture(300, 200), "template_image_too_small"),
        (b"\xff\xd8\xff" + bytes(30_000_000), "template_image_too_large"),
        (bytes(BYTES_MAX + 1), "template_image_too_large"),
        (a_picture(9000, 3000), "template_image_too_large"),
    ],
    ids=["empty", "text", "broken png", "cut jpeg", "gif", "small", "30 MB", "one byte", "27 Mpx"],
)
def test_file_that_allegro_would_not_take_is_refused_by_its_name(
    session: Session, clock: BothClocks, data: bytes, code: str
) -> None:
    problem = keep_offer_image(session, "x.jpg", data, clock())

    assert isinstance(problem, Problem)
    assert (problem.code, problem.field) == (code, "images")
    assert problem.params["name"] == "x.jpg"


def test_picture_is_looked_at_wherever_it_stands(
    session: Session, shop: MemoryShop, clock: BothClocks
) -> None:
    ref = kept(session, clock, width=640, height=700)

    found = look_at_pictures(session, shop, ["ring-1", ref, ADDRESS, "upload:99", "gone"])

    assert [(each.width, each.height, each.is_elsewhere) for each in found] == [
        (800, 600, False),
        (640, 700, False),
        (0, 0, True),
        (0, 0, False),
        (0, 0, False),
    ]


def test_pictures_that_no_offer_names_are_tidied_after_a_while(
    session: Session, clock: BothClocks, draft: Draft
) -> None:
    shown, described, unused = (kept(session, clock, colour=(n, n, n)) for n in (1, 2, 3))
    draft(
        images=["ring-1", shown],
        description_sections=[{"items": [{"type": "IMAGE", "ref": described}]}],
    )

    assert tidy_offer_images(session, clock()) == 0
    assert tidy_offer_images(session, clock() + KEPT * 2) == 1

    assert {row.ref for row in session.scalars(select(OfferImage))} == {shown, described}
    assert unused not in (shown, described)


# Uploading


def test_pictures_of_every_source_arrive_in_the_sellers_order(
    session: Session, world: World, wire: Wire, clock: BothClocks, draft: Draft, publish: Publish
) -> None:
    world.images.hosted[ADDRESS] = HostedPicture()
    own = kept(session, clock, colour=(5, 5, 5))

    state = publish(draft(images=[own, ADDRESS, "ring-1"]))

    assert state is OfferState.VERIFYING
    assert len(set(on_allegro(world)[0].wish["images"])) == 3
    assert wire.count(UPLOAD) == 3


def test_declaration_of_ai_goes_with_the_upload_and_another_one_makes_another(
    session: Session, world: World, wire: Wire, clock: BothClocks, draft: Draft, publish: Publish
) -> None:
    offer_id = draft(images=["ring-1", "ring-2"], ai_images=["ring-2", "ring-3"])
    publish(offer_id)
    listed = list(on_allegro(world)[0].wish["images"])

    publish(draft(images=["ring-1", "ring-2"], ai_images=[]))

    declared = {name for name, picture in world.images.pictures.items() if picture.is_ai}
    assert [any(name in address for name in declared) for address in listed] == [False, True]
    assert wire.count(UPLOAD) == 3
    assert len(session.scalars(select(UploadedImage)).all()) == 3


def test_passing_fault_costs_a_second_try_and_nothing_more(
    session: Session, simulator: Simulator, wire: Wire, draft: Draft, publish: Publish
) -> None:
    simulator.faults.reset(UPLOAD)

    assert publish(draft()) is OfferState.VERIFYING

    assert wire.count(UPLOAD) == 4


def test_upload_that_an_offer_shows_does_not_end(
    session: Session, world: World, wire: Wire, clock: BothClocks, draft: Draft, publish: Publish
) -> None:
    offer_id = draft()
    publish(offer_id)
    offer = get_offer(session, offer_id)
    offer.sent = {"images": list(on_allegro(world)[0].wish["images"])}
    offer.images = ["ring-3", "ring-1", kept(session, clock, colour=(3, 3, 3))]
    offer.become(OfferState.ACTIVE, clock())
    session.commit()
    session.rollback()
    clock.forward(hours=30)

    publish(offer_id)

    assert wire.count(UPLOAD) == 4


@pytest.mark.parametrize("place", [0, 2])
def test_picture_that_allegro_refuses_is_named(
    session: Session, world: World, draft: Draft, publish: Publish, place: int
) -> None:
    images = ["ring-1", "ring-2"]
    images.insert(place, ADDRESS)
    world.images.hosted[ADDRESS] = HostedPicture(width=300, height=200)
    offer_id = draft(images=images)

    assert publish(offer_id) is OfferState.REFUSED

    assert codes(session, offer_id) == [(f"images.{place}", "ImageTooSmallException")]


def test_picture_that_only_the_description_shows_is_named_there(
    session: Session, draft: Draft, publish: Publish
) -> None:
    sections = [{"items": [{"type": "IMAGE", "ref": "upload:99"}, {"type": "TEXT", "content": "<p>Len</p>"}]}]
    offer_id = draft(description_sections=sections)

    assert publish(offer_id) is OfferState.REFUSED

    assert codes(session, offer_id) == [("description", "description_image_refused")]


def test_own_sections_arrive_with_their_placeholders_filled(
    session: Session, world: World, clock: BothClocks, draft: Draft, publish: Publish
) -> None:
    detail = kept(session, clock, colour=(4, 4, 4))
    sections = [
        {"items": [{"type": "TEXT", "content": "<h1>{name}</h1>"}, {"type": "IMAGE", "ref": detail}]},
        {"items": [{"type": "TEXT", "content": "<p>{description}</p>"}]},
    ]

    publish(draft(description_sections=sections, description_html="<p>Ręczna robota.</p>"))

    wish = on_allegro(world)[0].wish
    first, second = wish["description"]["sections"]
    assert first["items"][0]["content"].startswith("<h1>Pierścionek")
    assert first["items"][1]["url"] == wish["images"][3]
    assert second["items"][0]["content"] == "<p>Ręczna robota.</p>"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<p>a</p><script>alert(1)</script>", "markup_tag"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "markup_nesting"),
        ('<p onclick="x()">a</p>', "markup_attributes"),
        ("<p>{cena}</p>", "placeholder_unknown"),
    ],
)
def test_own_section_that_allegro_would_refuse_stands_at_its_place_and_is_not_sent(
    session: Session, wire: Wire, draft: Draft, publish: Publish, content: str, code: str
) -> None:
    offer_id = draft(description_sections=[{"items": [{"type": "TEXT", "content": content}]}])

    assert publish(offer_id) is OfferState.REFUSED

    assert codes(session, offer_id) == [("sections.0.items.0", code)]
    assert wire.count(UPLOAD) == 0


@pytest.mark.parametrize(("size", "found"), [(40_000, []), (40_001, ["description_too_long"])])
def test_description_may_have_40000_bytes_and_not_one_more(
    session: Session, draft: Draft, size: int, found: list[str]
) -> None:
    around = len('[{"items":[{"type":"TEXT","content":"<p></p>"}]}]')
    content = f"<p>{'ł' * ((size - around) // 2)}{'a' * ((size - around) % 2)}</p>"
    offer_id = draft(description_sections=[{"items": [{"type": "TEXT", "content": content}]}])

    def problems(offer: Offer) -> list[str]:
        sections = rendered(session, offer, None)
        return [each.code for each in problems_of_description(offer, sections)]

    assert read(session, offer_id, problems) == found
