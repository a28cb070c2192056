"""Files of offers and guarantees: kept as rows, brought to Allegro once, used again by id."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from allegro_module.claims import new_claim
from allegro_module.client import AllegroClient
from allegro_module.client.errors import AllegroError, Busy, NotConnected, Refused, Unavailable
from allegro_module.db.accounts import Account, list_working_accounts
from allegro_module.db.attachments import (
    Attachment,
    claim_attachment,
    find_attachment,
    keep_attachment,
    list_attachments,
    list_due_attachments,
)
from allegro_module.domain.files import GUARANTEE, clean_name, file_problem, media_type_of
from allegro_module.domain.pauses import BEFORE_PUSHING, pause_after
from allegro_module.domain.problems import Problem
from allegro_module.sync.faults import put_aside
from allegro_module.sync.push_claims import UNTIL_CONNECTED, code_of, words_of

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
CLAIM_LASTS = timedelta(minutes=5)
LONGEST_TROUBLE = 500


class UploadLost(Exception):
    """Another worker took the upload over, because this one had been silent for too long."""


def keep_file(
    session: Session, account_id: int, kind: str, name: str, data: bytes, who: str, now: datetime
) -> Attachment | Problem:
    """The row of the file, ready to be uploaded; the same file again is the same row."""
    if problem := file_problem(kind, data):
        return problem
    sha256, media_type = hashlib.sha256(data).hexdigest(), media_type_of(data) or ""
    known = find_attachment(session, account_id, kind, sha256)
    if known is not None:
        _try_again(known, data)
        return known
    attachment = Attachment(
        account_id=account_id,
        kind=kind,
        name=clean_name(name, media_type),
        media_type=media_type,
        size=len(data),
        sha256=sha256,
        data=data,
        created_at=now,
        created_by=who[:100],
    )
    session.add(attachment)
    session.flush()
    return attachment


def _try_again(attachment: Attachment, data: bytes) -> None:
    """The seller brings a file again that Allegro refused."""
    if attachment.uploaded_at is None and attachment.is_refused:
        attachment.data = data
        attachment.is_refused = False
        attachment.trouble = ""
        attachment.tries = 0
        attachment.next_try_at = None


def attachments_of(session: Session, ids: Collection[int]) -> dict[int, Attachment]:
    return {each.id: each for each in list_attachments(session, ids)} if ids else {}


@dataclass(slots=True)
class UploadCounts:
    done: int = 0
    refused: int = 0
    later: int = 0

    def __str__(self) -> str:
        counts = ((self.done, "uploaded"), (self.refused, "refused"), (self.later, "to try later"))
        return ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing to upload"


def upload_attachments(
    session: Session,
    api_of: Callable[[Account], AllegroClient],
    clock_of: Callable[[str], Clock],
    ids: Collection[int] | None = None,
) -> UploadCounts:
    """Upload what is due, or these. An account that cannot be reached is left alone until the next run."""
    counts = UploadCounts()
    clocks = {account.id: clock_of(account.environment) for account in list_working_accounts(session)}
    session.rollback()
    for account_id, now in clocks.items():
        due = list_due_attachments(session, now(), account_id, ids)
        session.rollback()
        for attachment_id in due:
            api = api_of(session.get_one(Account, account_id))
            session.rollback()
            if _upload_safely(session, api, attachment_id, now, counts):
                break
    return counts


def _upload_safely(
    session: Session, api: AllegroClient, attachment_id: int, now: Clock, counts: UploadCounts
) -> bool:
    """True when the account cannot be reached."""
    try:
        problem = _upload(session, api, attachment_id, now)
    except (UploadLost, Busy) as trouble:
        log.info("attachment %s: %s", attachment_id, type(trouble).__name__)
    except AllegroError as trouble:
        counts.later += 1
        return isinstance(trouble, Unavailable | NotConnected)
    except Exception as fault:
        put_aside(session, log, f"attachment {attachment_id}", fault)
    else:
        counts.refused += problem is not None
        counts.done += problem is None
    return False


def ensure_uploaded(
    session: Session, api: AllegroClient, ids: Sequence[int], now: Clock
) -> list[str] | list[Problem]:
    """Allegro's ids of the files, in their order; or why it does not take them. Commits on its way.

    Raises AllegroError; Busy while somebody else uploads one of them.
    """
    session.rollback()
    missing = {each.id for each in list_attachments(session, ids) if each.uploaded_at is None}
    session.rollback()
    problems = [_upload(session, api, each, now) for each in dict.fromkeys(ids) if each in missing]
    found = attachments_of(session, ids)
    answers = [found[each].allegro_id or "" for each in ids if each in found]
    session.rollback()
    return [problem for problem in problems if problem] or answers


@dataclass(frozen=True, slots=True)
class _Claimed:
    session: Session
    attachment_id: int
    claim: str
    now: Clock

    @contextmanager
    def change(self) -> Iterator[Attachment]:
        """One transaction that proves and prolongs the claim. Raises UploadLost."""
        session = self.session
        try:
            if not keep_attachment(session, self.attachment_id, self.claim, self.now() + CLAIM_LASTS):
                raise UploadLost(self.attachment_id)
            yield session.get_one(Attachment, self.attachment_id, populate_existing=True)
            session.commit()
        except BaseException:
            session.rollback()
            raise


@dataclass(frozen=True, slots=True)
class _File:
    kind: str
    name: str
    media_type: str
    data: bytes
    #: Of an earlier declaration, whose upload may have arrived unseen.
    upload_url: str


def _upload(session: Session, api: AllegroClient, attachment_id: int, now: Clock) -> Problem | None:
    """1. Claim it.  2. Declare it.  3. Remember id and address.  4. Send the bytes.  5. Remember it.

    An answer lost on the way is no harm: a declaration that nothing uses shows nowhere, and where the
    one-time address is used up, the file is declared anew. A Problem when Allegro does not take the file.
    Raises AllegroError; Busy while somebody else uploads it.
    """
    session.rollback()
    claim, at = new_claim(), now()
    is_ours = claim_attachment(session, attachment_id, claim, at, at + CLAIM_LASTS)
    session.commit()
    if not is_ours:
        return _what_became_of(session, attachment_id)
    work = _Claimed(session, attachment_id, claim, now)
    try:
        _declare_and_send(work, api)
    except Refused as refusal:
        return _remember_refusal(work, refusal)
    except AllegroError as trouble:
        _remember_trouble(work, trouble)
        raise
    with work.change() as attachment:
        attachment.uploaded_at = now()
        attachment.data = None
        attachment.upload_url = ""
        _leave(attachment)
    return None


def _what_became_of(session: Session, attachment_id: int) -> Problem | None:
    row = session.get(Attachment, attachment_id, populate_existing=True)
    is_done = row is None or row.uploaded_at is not None
    problem = None if row is None else _problem(row)
    session.rollback()
    if problem is None and not is_done:
        raise Busy("the file is being uploaded")
    return problem


def _problem(attachment: Attachment) -> Problem | None:
    if not attachment.is_refused:
        return None
    params = {"name": attachment.name, "words": attachment.trouble}
    return Problem("file_refused", "safety_attachments", params)


def _declare_and_send(work: _Claimed, api: AllegroClient) -> None:
    with work.change() as attachment:
        file = _File(
            attachment.kind,
            attachment.name,
            attachment.media_type,
            attachment.data or b"",
            attachment.upload_url,
        )
    if file.upload_url:
        try:
            api.attachments.upload(file.upload_url, file.data, file.media_type)
        except Refused as refusal:
            log.info("attachment %s is declared anew: %s", work.attachment_id, refusal)
        else:
            return
    api.attachments.upload(_declare(work, api, file), file.data, file.media_type)


def _declare(work: _Claimed, api: AllegroClient, file: _File) -> str:
    if file.kind == GUARANTEE:
        declared = api.attachments.declare_for_guarantees(file.name)
    else:
        declared = api.attachments.declare_for_offers(file.kind, file.name)
    with work.change() as attachment:
        attachment.allegro_id = declared.id
        attachment.upload_url = declared.upload_url
    return declared.upload_url


def _remember_refusal(work: _Claimed, refusal: Refused) -> Problem | None:
    log.warning("attachment %s: %s", work.attachment_id, refusal)
    with work.change() as attachment:
        attachment.is_refused = True
        attachment.allegro_id = None
        attachment.upload_url = ""
        _leave(attachment, trouble=words_of(refusal))
        return _problem(attachment)


def _remember_trouble(work: _Claimed, trouble: AllegroError) -> None:
    log.warning("attachment %s: %s", work.attachment_id, trouble)
    with work.change() as attachment:
        wished = trouble.retry_after if isinstance(trouble, Unavailable) else None
        pause = pause_after(BEFORE_PUSHING, attachment.tries, wished)
        attachment.tries += 1
        pause = UNTIL_CONNECTED if isinstance(trouble, NotConnected) else pause
        _leave(attachment, work.now() + pause, code_of(trouble))


def _leave(attachment: Attachment, next_try_at: datetime | None = None, trouble: str = "") -> None:
    attachment.next_try_at = next_try_at
    attachment.trouble = trouble[:LONGEST_TROUBLE]
    attachment.claim = None
    attachment.claimed_until = None
