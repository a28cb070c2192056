"""Changes of offers and files are rung when something is due, carried out by their jobs, and reported."""

from __future__ import annotations

from sqlalchemy import select

from allegro_module.db.attachments import Attachment
from allegro_module.db.schedule import ScheduledTask
from allegro_module.domain.files import SAFETY
from allegro_module.jobs import change_tasks
from allegro_module.jobs.queue import MODULES
from allegro_module.jobs.schedule import tick
from allegro_module.sync.attachments import keep_file
from tests.jobs.host import Host

PDF = b"%PDF-1.7\n%%EOF\n"


def message_of(host: Host, task: str) -> str:
    host.runtime.session.rollback()
    row = host.runtime.session.scalars(select(ScheduledTask).where(ScheduledTask.name == task)).one()
    return str(row.message["text"])


def test_a_file_is_rung_for_and_uploaded_by_the_job(ringing_host: Host) -> None:
    account_id = ringing_host.link()
    session = ringing_host.runtime.session
    assert "upload_attachments" not in rung(ringing_host)
    keep_file(session, account_id, SAFETY, "a.pdf", PDF, "anna", ringing_host.world.now())
    session.commit()
    ringing_host.world.clock.advance(60)

    assert "upload_attachments" in rung(ringing_host)
    change_tasks.upload_attachments()

    assert session.scalars(select(Attachment.uploaded_at)).one() is not None
    assert message_of(ringing_host, "upload_attachments") == change_tasks.FILES_UPLOADED
    ringing_host.world.clock.advance(60)
    assert "upload_attachments" not in rung(ringing_host)


def test_without_a_change_the_job_says_so(ringing_host: Host) -> None:
    ringing_host.link()
    assert "push_offer_changes" not in rung(ringing_host)

    change_tasks.push_offer_changes()
    change_tasks.upload_attachments()

    assert message_of(ringing_host, "push_offer_changes") == change_tasks.NOTHING_TO_CHANGE
    assert message_of(ringing_host, "upload_attachments") == change_tasks.NOTHING_TO_UPLOAD


def test_the_queue_knows_where_the_jobs_stand() -> None:
    for task in ("push_offer_changes", "upload_attachments"):
        assert MODULES[task] == change_tasks.__name__
        assert callable(getattr(change_tasks, task))


def rung(host: Host) -> set[str]:
    return set(tick(host.runtime))
