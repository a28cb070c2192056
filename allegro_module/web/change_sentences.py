"""Sentences of changes of many offers, and of files."""

from __future__ import annotations

from allegro_module.web.i18n import marked

CHANGES = {
    "change_not_on_allegro": marked("Allegro no longer has this offer, so nothing was changed at it."),
    "change_not_told": marked("Allegro did not say what became of this offer. Try once more."),
    "change_nothing_ticked": marked("Tick the offers that it shall concern."),
    "change_value_unknown": marked("Choose what the offers shall get: it must be on Allegro."),
}
FILES = {
    "file_empty": marked("The file is empty. Choose another one."),
    "file_too_large": marked("The file is too large: at most %(max)s MB."),
    "file_not_pdf": marked("This must be a whole PDF file; its name does not matter, its content does."),
    "file_not_picture": marked("This must be a JPG or PNG; its name does not matter, its content does."),
    "file_refused": marked("Allegro refused the file “%(name)s”. %(words)s"),
    "file_type": marked("This must be a whole PDF, JPG or PNG; its name does not matter, its content does."),
}
CHANGES_AND_FILES = {**CHANGES, **FILES}
