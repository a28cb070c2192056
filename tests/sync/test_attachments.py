"""Files: kept once, declared and sent once, whatever happens on the way."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import Unavailable
from allegro_module.db.accounts import Account
from allegro_module.db.attachments import Attachment, has_due_attachments
from allegro_module.domain.files import GUARANTEE, SAFETY
from allegro_module.domain.problems import Problem
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.faults import Kind
from allegro_module.sync.attachments import (
    UploadCounts,
    attachments_of,
    ensure_uploaded,
    keep_file,
    upload_attachments,
)
from tests.sync.conftest import BothClocks, Wire
from tests.sync.push_builders import DeadlyWire, Killed

PDF = b"%PDF-1.7\n% a manual\n%%EOF\n"
DECLARE = "POST /sale/offer-attachments"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def keep(
    session: Session, account: Account, clock: BothClocks, name: str = "instrukcja.pdf", kind: str = SAFETY
) -> int:
    kept = keep_file(session, account.id, kind, name, PDF, "anna", clock())
    assert isinstance(kept, Attachment)
    session.commit()
    attachment_id = kept.id
    session.rollback()
    return attachment_id


def upload(session: Session, api: AllegroClient, clock: BothClocks) -> UploadCounts:
    session.rollback()
    return upload_attachments(session, lambda account: api, lambda name: clock)


def row(session: Session, attachment_id: int) -> tuple[str | None, bool, bool]:
    session.rollback()
    found = session.get_one(Attachment, attachment_id, populate_existing=True)
    shown = found.allegro_id, found.uploaded_at is not None, found.data is not None
    session.rollback()
    return shown


def sent(world: World) -> list[str]:
    return [file.id for file in world.attachments.files.values() if file.size is not None]


def test_a_file_is_uploaded_once_and_its_bytes_are_dropped(
    session: Session, api: AllegroClient, account: Account, clock: BothClocks, world: World, wire: Wire
) -> None:
    attachment_id = keep(session, account, clock)
    assert has_due_attachments(session, clock())

    assert upload(session, api, clock) == UploadCounts(done=1)

    assert upload(session, api, clock) == UploadCounts()
    assert row(session, attachment_id) == (sent(world)[0], True, False)
    assert wire.count(DECLARE) == 1
    assert not has_due_attachments(session, clock())
    assert ensure_uploaded(session, api, [attachment_id], clock) == sent(world)


def test_the_same_file_again_is_the_same_row(
    session: Session, account: Account, clock: BothClocks, api: AllegroClient
) -> None:
    first = keep(session, account, clock)

    assert keep(session, account, clock, "other name.pdf") == first
    assert keep(session, account, clock, "gwarancja.pdf", GUARANTEE) != first
    assert set(attachments_of(session, [first])) == {first}


def test_a_guarantee_goes_to_its_own_place(
    session: Session, api: AllegroClient, account: Account, clock: BothClocks, wire: Wire
) -> None:
    keep(session, account, clock, "gwarancja.pdf", GUARANTEE)

    assert upload(session, api, clock) == UploadCounts(done=1)
    assert wire.count("POST /after-sales-service-conditions/attachments") == 1


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        (SAFETY, b"", "file_empty"),
        (SAFETY, b"PK\x03\x04 a document", "file_type"),
        (SAFETY, PDF.removesuffix(b"%%EOF\n"), "file_type"),
        (GUARANTEE, b"\xff\xd8\xff\xe0", "file_not_pdf"),
        ("ENERGY_LABEL", PDF, "file_not_picture"),
        (SAFETY, PDF + b" " * (21 * 1024 * 1024), "file_too_large"),
    ],
)
def test_what_allegro_would_not_take_is_not_kept(
    session: Session, account: Account, clock: BothClocks, kind: str, data: bytes, code: str
) -> None:
    found = keep_file(session, account.id, kind, "plik.pdf", data, "anna", clock())

    assert isinstance(found, Problem)
    assert found.code == code


def test_a_lying_name_gets_the_ending_of_its_content(
    session: Session, account: Account, clock: BothClocks
) -> None:
    attachment_id = keep(session, account, clock, "C:\\Pliki\\Karta: produktu.PNG")

    assert session.get_one(Attachment, attachment_id).name == "Karta produktu.pdf"


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize("afterwards", [False, True])
def test_a_killed_upload_is_finished_by_the_next_worker(
    session: Session,
    api: AllegroClient,
    account: Account,
    clock: BothClocks,
    world: World,
    wire: Wire,
    call: int,
    afterwards: bool,
) -> None:
    attachment_id = keep(session, account, clock)
    DeadlyWire(wire, call, afterwards)
    with pytest.raises(Killed):
        upload(session, api, clock)

    clock.forward(minutes=6)

    assert upload(session, api, clock) == UploadCounts(done=1)
    allegro_id, is_uploaded, _ = row(session, attachment_id)
    assert is_uploaded
    assert allegro_id in sent(world)


def test_a_file_that_allegro_refuses_is_told_and_may_be_brought_again(
    session: Session, api: AllegroClient, account: Account, clock: BothClocks
) -> None:
    attachment_id = keep(session, account, clock)
    session.get_one(Attachment, attachment_id).name = "x.exe"
    session.commit()

    assert upload(session, api, clock) == UploadCounts(refused=1)

    problems = ensure_uploaded(session, api, [attachment_id], clock)
    assert [each.code for each in problems if isinstance(each, Problem)] == ["file_refused"]
    assert upload(session, api, clock) == UploadCounts()
    assert keep(session, account, clock) == attachment_id
    assert upload(session, api, clock) == UploadCounts(refused=1)


def test_allegro_being_away_is_waited_for(
    session: Session, api: AllegroClient, account: Account, clock: BothClocks, simulator: Simulator
) -> None:
    attachment_id = keep(session, account, clock)
    simulator.faults.add(DECLARE, Kind.STATUS, times=2)

    assert upload(session, api, clock) == UploadCounts(later=1)
    assert upload(session, api, clock) == UploadCounts()
    with pytest.raises(Unavailable):
        ensure_uploaded(session, api, [attachment_id], clock)
    clock.forward(minutes=2)
    assert upload(session, api, clock) == UploadCounts(done=1)
