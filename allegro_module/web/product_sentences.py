"""Sentences for problems with the catalogue's products of an offer, sets of them, and the account's lists."""

from __future__ import annotations

from allegro_module.web.i18n import marked

PRODUCTS = {
    "set_pieces": marked("Write the number of pieces as a whole number from 1 to %(max)s."),
    "set_too_many": marked("Leave at most %(max)s products in the set: Allegro takes no more."),
    "set_producer_required": marked("Choose the producer of “%(product)s”: new goods need one (GPSR)."),
    "set_producer_gone": marked(
        "Choose another producer of “%(product)s”: Allegro no longer has the one that is chosen."
    ),
    "set_person_gone": marked(
        "Choose another responsible person for “%(product)s”: Allegro no longer has the one that is chosen."
    ),
    "set_safety_required": marked(
        "Say how you give the safety information of “%(product)s”: new goods need it (GPSR)."
    ),
    "set_safety_files": marked(
        "“%(product)s” needs 1 to %(max)s safety files. Choose another way, for example a text."
    ),
    "set_text_required": marked("Write the safety information of “%(product)s”: new goods need it (GPSR)."),
    "set_text_too_long": marked("Shorten the safety information of “%(product)s” to %(max)s characters."),
    "product_demands": marked(
        "Choose “%(wanted)s”: Allegro demands it in offers of the product “%(product)s”. If you sell "
        "something else, choose another product."
    ),
    "additional_services_gone": marked("Choose other additional services: Allegro no longer has these."),
    "size_table_gone": marked("Choose another size table: Allegro no longer has this one."),
    "package_gone": marked("Choose another package: Allegro does not sell “%(name)s” to this account."),
}
