"""Jobs that carry changes of many offers, promotion and files to Allegro."""

from __future__ import annotations

from allegro_module.client.governor import Lane
from allegro_module.domain.texts import marked
from allegro_module.jobs.reporting import reported
from allegro_module.jobs.running import job
from allegro_module.runtime import Runtime
from allegro_module.sync import attachments, offer_changes, promotion

NOTHING_TO_CHANGE = marked("Nothing to change")
CHANGES_LOOKED_AT = marked("Changes of offers finished: %(done)s, under way: %(later)s")
CHANGES_FAILED = marked("Changes of offers finished: %(done)s, failed: %(failed)s, under way: %(later)s")
NOTHING_TO_UPLOAD = marked("Nothing to upload")
FILES_UPLOADED = marked("Files uploaded: %(done)s")
FILES_REFUSED = marked("Files uploaded: %(done)s, refused: %(refused)s")


def push_offer_changes() -> None:
    with job() as runtime, reported("push_offer_changes") as report:
        counts = push_changes_now(runtime)
        promoted = promotion.apply_promotion(runtime.session, runtime.api, runtime.clock)
        done, failed = counts.done + promoted.done, counts.failed + promoted.failed
        later = counts.later + promoted.later
        if failed:
            report.partly(CHANGES_FAILED, done=done, failed=failed, later=later)
        elif done or later:
            report.done(CHANGES_LOOKED_AT, done=done, later=later)
        else:
            report.done(NOTHING_TO_CHANGE)


def upload_attachments() -> None:
    with job() as runtime, reported("upload_attachments") as report:
        counts = attachments.upload_attachments(runtime.session, runtime.api_in(Lane.BULK), runtime.clock)
        if counts.refused:
            report.partly(FILES_REFUSED, done=counts.done, refused=counts.refused)
        elif counts.done:
            report.done(FILES_UPLOADED, done=counts.done)
        else:
            report.done(NOTHING_TO_UPLOAD)


def push_changes_now(runtime: Runtime) -> offer_changes.ChangeCounts:
    return offer_changes.push_changes(runtime.session, runtime.api_in(Lane.BULK), runtime.clock)
