"""Sentences for what is wrong with producers, responsible persons and safety information."""

from __future__ import annotations

from allegro_module.domain.texts import marked

SAFETY = {
    "safety_contact_required": marked("Enter an e-mail or the address of a contact form: one is required."),
    "safety_name_spaces": marked("Leave single spaces between the words only."),
    "safety_name_taken": marked("Choose another name: the account has an entry with this one."),
    "safety_person_outside_eu": marked(
        "Choose a country of the European Union: the responsible person has to sit there."
    ),
    "safety_email_format": marked("Write the e-mail as name@domain, for example biuro@firma.pl."),
    "safety_form_url_format": marked("Write the whole address of the form, beginning with https://."),
    "safety_producer_unknown": marked("Choose a producer from the list."),
    "safety_person_unknown": marked("Choose a person from the list."),
    "safety_brand_required": marked("Write the brand as it stands in the shop's products."),
    "safety_files_required": marked("Choose at least one file, or take another way of information."),
    "safety_files_too_many": marked("Leave at most %(max)s files: Allegro takes no more for one product."),
    "safety_changed_meanwhile": marked(
        "Somebody has saved other data here meanwhile. Yours are below: save once more to put them in place."
    ),
}
