"""Sentences for what is wrong with default settings."""

from __future__ import annotations

from allegro_module.web.i18n import marked

DEFAULTS = {
    "choice_unknown": marked("Choose one of those on the list."),
    "price_factor": marked("Write a number above 0 and at most %(max)s, for example 1,10."),
    "price_addition": marked("Write an amount with at most two decimals, for example 2,00 or -5,00."),
    "price_rounding": marked("Choose one of those on the list."),
    "price_margin": marked("Write a number of per cent from 0 to %(max)s, for example 15."),
    "pieces_not_whole": marked("Write a whole number, for example 3."),
    "pieces_range": marked("Write a whole number from %(min)s to %(max)s."),
    "responsible_person_gone": marked("Choose another person: Allegro no longer has this one."),
}
