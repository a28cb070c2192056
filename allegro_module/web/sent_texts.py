"""What a browser sends, before any page reads it: without NUL, which PostgreSQL takes in no text."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

NUL = "\x00"


def drop_nul() -> None:
    """From the address, the form and the names of files; pages then need not think of it."""
    request.args = _without_nul(request.args)
    request.form = _without_nul(request.form)
    for file in request.files.values():
        if file.filename and NUL in file.filename:
            file.filename = file.filename.replace(NUL, "")


def _without_nul(sent: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict(
        (name.replace(NUL, ""), text.replace(NUL, "")) for name, text in sent.items(multi=True)
    )
