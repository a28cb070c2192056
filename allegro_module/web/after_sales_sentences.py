"""Sentences for what is wrong with returns, complaints and guarantees."""

from __future__ import annotations

from allegro_module.domain.texts import marked

AFTER_SALES = {
    "choice_required": marked("Choose one of these."),
    "term_name_taken": marked("Choose another name: other terms of this kind have it already."),
    "fulfillment_unchangeable": marked("Allegro never changes whether terms are for One Fulfillment offers."),
    "return_cause_required": marked("Choose the reason why returns are restricted or impossible."),
    "return_cause_not_with_full": marked("Leave out the reason: everything can be returned."),
    "return_cause_not_for_range": marked(
        "Choose another reason: this one does not go with the choice above."
    ),
    "return_cause_outdated": marked("Choose another reason: Allegro takes this one no longer."),
    "return_cause_only_in_poland": marked("Choose another reason: this one holds on allegro.pl only."),
    "city_letters": marked("Write the town in letters only."),
    "days_not_whole": marked("Write the time in whole days, for example 14."),
    "days_too_few": marked("Enter at least %(min)s days: the law gives buyers that long."),
    "years_not_whole": marked("Write the time in whole years, for example 2."),
    "years_too_few": marked("Enter at least %(min)s years: Allegro takes no less."),
    "months_not_whole": marked("Write the time in whole months, for example 24, or choose for life."),
    "guarantee_file_unknown": marked("This file is not there any more. Choose it once more."),
    "guarantee_file_refused": marked("Allegro did not take the file: %(reason)s Choose another one."),
    "post_code_format_cz": marked("Write the postcode as 000 00, for example 110 00."),
    "email_format": marked("Write the e-mail in full, for example zwroty@sklep.pl."),
}
