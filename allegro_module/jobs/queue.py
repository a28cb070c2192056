"""Ringing the queue: a job is only a doorbell, what is to be done stands in a row.

When Redis is down nothing is lost: the schedule finds the row as soon as it is back.
"""

from __future__ import annotations

import logging

from redis.exceptions import RedisError
from rq.exceptions import DuplicateJobError

from allegro_module.runtime import Runtime

log = logging.getLogger(__name__)

TASKS = "allegro_module.jobs.tasks"
#: A first import of many thousand orders takes minutes; nothing takes an hour.
LONGEST_JOB_SECONDS = 3600
#: A failed job would block its id: rows say what failed, the queue may forget.
FAILED_JOB_SECONDS = 30


def enqueue(runtime: Runtime, task: str, *args: int) -> bool:
    """Ask a worker to run `tasks.<task>(*args)`; False when the queue cannot be reached.

    A task that waits or runs already is not rung again. The queue repeats nothing: each flow remembers in its
    row when it wants to be called again, and the schedule calls it.
    """
    job_id = "-".join([task.replace("_", "-"), *map(str, args)])
    try:
        runtime.queue.enqueue(
            f"{TASKS}.{task}",
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


def ring_publish(runtime: Runtime, offer_id: int) -> bool:
    return enqueue(runtime, "publish_offer", offer_id)


def ring_import(runtime: Runtime, account_id: int) -> bool:
    return enqueue(runtime, "import_orders", account_id)


def ring_fetch_terms(runtime: Runtime, account_id: int) -> bool:
    return enqueue(runtime, "fetch_terms", account_id)


def ring_fetch_categories(runtime: Runtime, account_id: int) -> bool:
    return enqueue(runtime, "fetch_categories", account_id)
