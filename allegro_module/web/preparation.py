"""The card *Przygotowanie*: how far the seller is on the way to the first offer, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from flask import Blueprint, Response, make_response, render_template, request

from allegro_module.db.accounts import Application, list_accounts
from allegro_module.db.cursors import list_cursors
from allegro_module.db.schedule import list_tasks
from allegro_module.db.terms import kinds_by_account
from allegro_module.domain import scopes
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.permissions import Permission
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.local_checks import BEATS
from allegro_module.web import addresses, scope_words
from allegro_module.web.chosen import chosen_application
from allegro_module.web.preparation_steps import Facts, Step, all_steps
from allegro_module.web.preparation_steps import is_safe_address as is_safe_address
from allegro_module.web.security import requires

#: Runs the jobs and ticks the schedule.
COMMAND = "flask allegro worker"


@dataclass(frozen=True, slots=True)
class Preparation:
    steps: Sequence[Step]
    redirect_uri: str
    needed: Sequence[tuple[str, str]]
    command: str = COMMAND

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def is_complete(self) -> bool:
        return self.done == len(self.steps)

    @property
    def digest(self) -> str:
        """Changes with what is shown, so that a page which asks again is answered only when something has."""
        return sha256(repr(self.steps).encode()).hexdigest()[:16]


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/preparation", "preparation", fragment, methods=["GET"])


@requires(Permission.SETTINGS)
def fragment() -> Response:
    """The card alone, for the page that asks again; nothing while nothing has changed."""
    is_named = "application_id" in request.args
    application = chosen_application(current_runtime().session) if is_named else None
    if preparation(application).digest == request.args.get("seen"):
        return Response(status=204)
    return make_response(render_template("allegro/connection/_preparation.html", application=application))


def preparation(application: Application | None) -> Preparation:
    """With the eyes of the application shown; None while there is none."""
    facts = _look(current_runtime(), application)
    return Preparation(
        steps=_with_next(all_steps(facts)),
        redirect_uri=addresses.redirect_uri(),
        needed=[(name, scope_words.why(name)) for name in scopes.NEEDED],
    )


def _look(runtime: Runtime, application: Application | None) -> Facts:
    session = runtime.session
    accounts = list_accounts(session)
    # An account that the seller has disconnected asks for nothing.
    linked = [each for each in accounts if each.seller_id and each.state != LinkState.DISCONNECTED]
    kinds_of = kinds_by_account(session)
    kinds = [kinds_of.get(account.id, set()) for account in linked]
    beats = [task.last_at for task in list_tasks(session) if task.name in BEATS and task.last_at]
    runs = [cursor.last_run_at for cursor in list_cursors(session) if cursor.last_run_at]
    return Facts(
        runtime=runtime,
        application=application,
        linked=linked,
        accounts=accounts,
        terms=frozenset.intersection(*map(frozenset, kinds)) if kinds else frozenset(),
        ticked_at=max(beats, default=None),
        worked_at=max(runs, default=None),
    )


def _with_next(found: Iterable[Step]) -> list[Step]:
    """The first step that is not done is the next one, unless it says by itself that it is bad."""
    result, is_next_given = [], False
    for step in found:
        how = "done" if step.is_done else step.how
        if how == "open" and not is_next_given:
            how, is_next_given = "now", True
        result.append(replace(step, how=how))
    return result
