"""Ringing the queue: a job is only a doorbell, what is to be done stands in a row.

When Redis is down nothing is lost: the schedule finds the row as soon as it is back.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from redis.exceptions import RedisError
from rq.exceptions import DuplicateJobError
from rq.job import Job, JobStatus

from allegro_module.runtime import Runtime

log = logging.getLogger(__name__)

TASKS = "allegro_module.jobs.tasks"
#: Tasks that stand in another module than `TASKS`.
MODULES = {
    "preview_fees": "allegro_module.jobs.fees",
    "push_terms": "allegro_module.jobs.term_tasks",
    "fetch_whole_term": "allegro_module.jobs.term_tasks",
    "push_offer_changes": "allegro_module.jobs.change_tasks",
    "upload_attachments": "allegro_module.jobs.change_tasks",
    "refresh_categories": "allegro_module.jobs.category_tasks",
    "fetch_mapped_parameters": "allegro_module.jobs.mapping",
    "match_product": "allegro_module.jobs.products",
    "match_products": "allegro_module.jobs.products",
    "prepare_quick_list": "allegro_module.jobs.quick",
    "make_quick_offers": "allegro_module.jobs.quick",
}
#: A first import of many thousand orders takes minutes; nothing takes an hour.
LONGEST_JOB_SECONDS = 3600
#: A failed job would block its id: rows say what failed, the queue may forget.
FAILED_JOB_SECONDS = 30
#: The worker says every half a minute that a job still runs.
JOB_IS_DEAD_AFTER = timedelta(seconds=100)


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"


def enqueue(runtime: Runtime, task: str, *args: int) -> bool:
    """Ask a worker to run `tasks.<task>(*args)`; False when the queue cannot be reached.

    A task that waits or runs already is not rung again. The queue repeats nothing: each flow remembers in its
    row when it wants to be called again, and the schedule calls it.
    """
    job_id = job_id_of(task, *args)
    try:
        runtime.queue.enqueue(
            f"{MODULES.get(task, TASKS)}.{task}",
            *args,
            job_id=job_id,
            unique=True,
            result_ttl=0,
            failure_ttl=FAILED_JOB_SECONDS,
            job_timeout=LONGEST_JOB_SECONDS,
        )
    except DuplicateJobError:
        return True
    except (RedisError, OSError) as trouble:
        log.warning(
            "the job queue cannot be reached (%s): %s waits for the schedule", type(trouble).__name__, job_id
        )
        return False
    return True


def job_id_of(task: str, *args: int) -> str:
    return "-".join([task.replace("_", "-"), *map(str, args)])


def look_at_jobs(runtime: Runtime, job_ids: Sequence[str]) -> dict[str, JobState] | None:
    """Those that wait or run; None when the queue cannot be reached."""
    try:
        jobs = Job.fetch_many(job_ids, connection=runtime.redis)
    except (RedisError, OSError) as trouble:
        log.warning("the job queue cannot be reached (%s)", type(trouble).__name__)
        return None
    states = {job.id: _state(job) for job in jobs if job is not None}
    return {job_id: state for job_id, state in states.items() if state is not None}


def _state(job: Job) -> JobState | None:
    status = job.get_status(refresh=False)
    if status in (JobStatus.QUEUED, JobStatus.CREATED):
        return JobState.WAITING
    # A worker that died with its machine leaves the job as it was.
    is_alive = job.last_heartbeat is None or _age(job.last_heartbeat) < JOB_IS_DEAD_AFTER
    return JobState.RUNNING if status == JobStatus.STARTED and is_alive else None


def _age(moment: datetime) -> timedelta:
    return datetime.now(UTC) - (moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def ring_publish(runtime: Runtime, offer_id: int) -> bool:
    return enqueue(runtime, "publish_offer", offer_id)


def ring_import(runtime: Runtime, account_id: int) -> bool:
    return enqueue(runtime, "import_orders", account_id)


def ring_fetch_terms(runtime: Runtime, account_id: int) -> bool:
    return enqueue(runtime, "fetch_terms", account_id)


def ring_fetch_categories(runtime: Runtime, account_id: int) -> bool:
    return enqueue(runtime, "fetch_categories", account_id)


def ring_push_terms(runtime: Runtime) -> bool:
    return enqueue(runtime, "push_terms")


def ring_fetch_whole(runtime: Runtime, term_id: int) -> bool:
    return enqueue(runtime, "fetch_whole_term", term_id)


def ring_offer_changes(runtime: Runtime) -> bool:
    return enqueue(runtime, "push_offer_changes")


def ring_upload_attachments(runtime: Runtime) -> bool:
    return enqueue(runtime, "upload_attachments")
