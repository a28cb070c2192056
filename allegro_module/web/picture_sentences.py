"""Sentences for problems of an offer's pictures that the seller adds."""

from __future__ import annotations

from allegro_module.web.i18n import marked

PICTURES = {
    "pictures_none_chosen": marked("Choose a file with a picture."),
    "pictures_full": marked(
        "“%(name)s” was not added: the offer has %(max)s pictures already. Leave one out first."
    ),
    "picture_address_empty": marked("Enter the address of a picture."),
    "picture_address_too_long": marked("Shorten the address to %(max)s characters."),
    "picture_address_not_https": marked("Write an address that begins with https://."),
    "picture_address_characters": marked(
        "Write the address without spaces and accents, as the browser copies it."
    ),
    "picture_address_ip": marked("Write an address with a domain: Allegro takes no IP addresses."),
    "picture_address_domain": marked(
        "Check the address: a public domain and the path of the picture, with no login and no port."
    ),
    "description_image_refused": marked(
        "Picture %(number)s of the description cannot be sent: it is gone, too small, too large or no "
        "picture. Choose another one."
    ),
}
