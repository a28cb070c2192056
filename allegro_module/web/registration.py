"""Registering the shop's own application with a code from Allegro (facts.md 2.7)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Application
from allegro_module.domain.permissions import Permission
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.registration import RegistrationFailed, register_application
from allegro_module.web import linking
from allegro_module.web.forms.registration import RegistrationForm
from allegro_module.web.i18n import marked, t
from allegro_module.web.labels import label_of_environment
from allegro_module.web.security import environment_names, first_environment, requires
from allegro_module.web.ui import Note

CODE_PAGE = "/uzytkownik/bezpieczenstwo/wygeneruj-kod"

#: What Allegro answers: the field it stands at ("" for none), and the sentence.
FAILURES = {
    "code_refused": (
        "code",
        marked("Allegro does not take this code. It is good for two minutes and once: make a new one."),
    ),
    "name_taken": (
        "name",
        marked("Another application at Allegro has this name. Choose another one and make a new code."),
    ),
    "unavailable": ("", marked("Allegro does not answer. Make a new code and try again in a few minutes.")),
    "unexpected": (
        "",
        marked(
            "Allegro answered in a way we do not know. This is not your mistake; the answer is in the log."
        ),
    ),
}


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/register", "register", show, methods=["GET"])
    page.add_url_rule("/register", "register_application", register, methods=["POST"])


@requires(Permission.SETTINGS)
def show() -> str:
    runtime = current_runtime()
    statement_of(runtime)
    names = environment_names(runtime)
    form = RegistrationForm(data={"environment": first_environment(names)})
    return render_template("allegro/linking/register.html", **_context(runtime, form))


@requires(Permission.SETTINGS)
def register() -> Response | tuple[str, int]:
    """Store what Allegro hands out, and go on to linking at once."""
    runtime = current_runtime()
    statement = statement_of(runtime)
    form = RegistrationForm(request.form)
    if form.environment.data not in environment_names(runtime):
        abort(400)
    note = None
    if form.validate():
        found = _register(runtime, form, statement)
        if isinstance(found, Application):
            return linking.begin(runtime, found)
        note = found
    return render_template("allegro/linking/register.html", **_context(runtime, form, note)), 422


def statement_of(runtime: Runtime) -> str:
    """The page exists only where the vendor's number is configured."""
    return runtime.settings.software_statement_id or abort(404)


def _register(runtime: Runtime, form: RegistrationForm, statement: str) -> Application | Note | None:
    """The application, or what went wrong: a note, or a sentence put at its field."""
    environment = form.environment.data
    try:
        return register_application(
            runtime.session,
            runtime.oauth(environment, form.name.data),
            runtime.seal,
            environment,
            form.code.data,
            form.name.data,
            [linking.redirect_uri()],
            statement,
            runtime.who(),
            runtime.now(environment),
        )
    except RegistrationFailed as failure:
        return _complain(form, failure)


def _complain(form: RegistrationForm, failure: RegistrationFailed) -> Note | None:
    field, sentence = FAILURES.get(failure.code, FAILURES["unexpected"])
    if failure.is_name_spent:
        # A second try would hear only that the name is taken.
        form.name.errors = [t("Allegro may have registered this name already: choose another one.")]
    if not field:
        return Note("warn", t("Not registered."), t(sentence))
    form[field].errors = [t(sentence)]
    return None


def _context(runtime: Runtime, form: RegistrationForm, note: Note | None = None) -> dict[str, Any]:
    environments = [(name, runtime.environment(name)) for name in environment_names(runtime)]
    words = {"environment": t("Environment"), "name": t("Name of the application"), "code": t("Code")}
    return {
        "form": form,
        "note": note,
        "problems": [(field.name, words[field.name], str(field.errors[0])) for field in form if field.errors],
        "redirect_uri": linking.redirect_uri(),
        "environments": [
            (name, label_of_environment(name).text, urlsplit(environment.web_url).netloc)
            for name, environment in environments
        ],
        "code_pages": [
            (label_of_environment(name).text, environment.web_url + CODE_PAGE)
            for name, environment in environments
        ],
    }
