"""The form that registers an application with a one-time code."""

from __future__ import annotations

from wtforms import Form

from allegro_module.web.forms.connection import APP_NAME, at_most
from allegro_module.web.forms.fields import Text, filled, shaped


class RegistrationForm(Form):
    environment = Text(validators=[filled()])
    code = Text(validators=[filled(), at_most(200)])
    name = Text(validators=[filled(), shaped(APP_NAME, "app_name_format")])
