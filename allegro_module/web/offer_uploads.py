"""Adding pictures to an offer, from the disk and by address: the whole form is saved with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from flask import Blueprint, abort, request
from flask import Response as FlaskResponse
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from allegro_module.db.offer_images import offer_image_data
from allegro_module.db.offers import get_offer
from allegro_module.domain.listing import BYTES_MAX, IMAGES_MAX
from allegro_module.domain.permissions import Permission
from allegro_module.domain.picture_addresses import address_problem
from allegro_module.domain.problems import Problem
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.offer_images import keep_offer_image
from allegro_module.sync.picture_files import file_name
from allegro_module.web.forms.offer import readable
from allegro_module.web.forms.offer_content import Sent, read_pictures, with_pictures
from allegro_module.web.offer_content import PICTURES, ContentDeed
from allegro_module.web.offer_edit import keep
from allegro_module.web.offer_facts import find_product, picture_refs
from allegro_module.web.security import requires
from allegro_module.web.thumbnails import small_copy
from allegro_module.web.ui import page_now

#: Of one request; a page offers as many as there is room for.
FILES_MAX = 40
A_YEAR = 31_536_000


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/<int:offer_id>/images", "add_images", add_images, methods=["POST"])
    page.add_url_rule("/kept-images/<int:image_id>", "kept_image", kept_image, methods=["GET"])


@dataclass
class _Room:
    """The pictures that are used, and those that join them while there is room."""

    used: Sequence[str]
    added: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def takes(self, ref: str) -> bool:
        return ref in (*self.used, *self.added) or len(self.used) + len(self.added) < IMAGES_MAX

    def add(self, ref: str, name: str) -> None:
        if self.takes(ref):
            self.added.append(ref)
        else:
            self.problems.append(Problem("pictures_full", "images", {"name": name, "max": str(IMAGES_MAX)}))


@requires(Permission.LIST_OFFERS)
def add_images(offer_id: int) -> Response:
    runtime, sent = current_runtime(), readable(request.form)
    offer = get_offer(runtime.session, offer_id)
    known = picture_refs(offer, find_product(runtime, offer.sku))
    room = _Room(read_pictures(sent, known)[0])
    files = [each for each in request.files.getlist("files")[:FILES_MAX] if each.filename]
    for name, ref in _kept(runtime, files, room):
        room.add(ref, name)
    # Before the offer's own write: pictures may be large, and nobody shall wait for them.
    runtime.session.commit()
    address = _add_address(sent, room)
    if not files and not address and not room.problems:
        room.problems.append(Problem("pictures_none_chosen", "images"))
    sent = with_pictures(sent, room.added)
    deed = ContentDeed(PICTURES, sent, room.added, room.problems, address=_left_to_type(sent, room))
    return keep(offer_id, sent, deed)


def _kept(runtime: Runtime, files: Sequence[FileStorage], room: _Room) -> Iterator[tuple[str, str]]:
    """Name and ref of each file that is a picture Allegro takes; the others are named in `room.problems`."""
    for file in files:
        # One byte more than allowed is enough to know that it is too much.
        data = file.stream.read(BYTES_MAX + 1)
        kept = keep_offer_image(runtime.session, file.filename or "", data, page_now())
        if isinstance(kept, Problem):
            room.problems.append(kept)
        else:
            yield file_name(file.filename or ""), kept.ref


def _add_address(sent: Sent, room: _Room) -> str:
    """What was typed as an address, and whether the button beside it was pressed, which wants one."""
    typed = sent.get("image_address", "").strip()
    if not typed and sent.get("action") != "address":
        return ""
    if problem := address_problem(typed):
        room.problems.append(problem)
    else:
        room.add(typed, typed)
    return typed


def _left_to_type(sent: Sent, room: _Room) -> str:
    """The address, as long as it has not become a picture."""
    typed = sent.get("image_address", "").strip()
    return "" if typed in room.added else typed


@requires(Permission.VIEW)
def kept_image(image_id: int) -> FlaskResponse:
    """A small copy of a picture that a seller has added; its bytes never change."""
    content = small_copy(offer_image_data(current_runtime().session, image_id))
    if content is None:
        abort(404)
    response = FlaskResponse(content, mimetype="image/jpeg")
    response.cache_control.private = True
    response.cache_control.max_age = A_YEAR
    return response
