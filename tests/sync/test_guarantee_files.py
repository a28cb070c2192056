"""A guarantee whose PDF is still on its way waits for it, and names it as Allegro does."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.attachments import Attachment
from allegro_module.db.terms import TermKind, TermState
from allegro_module.domain.files import GUARANTEE
from allegro_module.simulator import World
from allegro_module.sync.attachments import keep_file, upload_attachments
from tests.sync.conftest import BothClocks
from tests.sync.term_builders import CONTENTS, TermDesk


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def desk(session: Session, api: AllegroClient, account: Account, clock: BothClocks, world: World) -> TermDesk:
    desk = TermDesk(session, api, account, account.id, clock, world)
    desk.furnish()
    return desk


@pytest.fixture
def file(desk: TermDesk) -> Attachment:
    data = b"%PDF-1.7\n%%EOF\n"
    kept = keep_file(desk.session, desk.account_id, GUARANTEE, "karta.pdf", data, "anna", desk.clock())
    assert isinstance(kept, Attachment)
    desk.session.commit()
    return kept


def want_with(desk: TermDesk, file: Attachment) -> int:
    named = {"id": f"file:{file.id}", "name": "karta.pdf"}
    return desk.want({**CONTENTS[TermKind.WARRANTY], "attachment": named}, TermKind.WARRANTY)


def test_it_is_sent_by_itself_as_soon_as_allegro_has_the_file(
    desk: TermDesk, file: Attachment, api: AllegroClient, clock: BothClocks
) -> None:
    term_id = want_with(desk, file)

    assert str(desk.push()) == "1 to try later"
    upload_attachments(desk.session, lambda account: api, lambda environment: clock)
    assert str(desk.push()) == "nothing to send", "it looks again a little later"
    clock.forward(seconds=11)

    assert str(desk.push()) == "1 sent"
    state, base = desk.read(term_id, "state", "base")
    desk.session.refresh(file)
    assert (state, base["attachment"]["id"]) == (TermState.SAME, file.allegro_id)


def test_a_file_that_allegro_refused_is_the_sellers_to_replace(desk: TermDesk, file: Attachment) -> None:
    file.is_refused, file.trouble = True, "Uszkodzony plik."
    desk.session.commit()
    term_id = want_with(desk, file)

    assert str(desk.push()) == "1 refused"
    assert [each.code for each in desk.term(term_id).problems] == ["guarantee_file_refused"]
