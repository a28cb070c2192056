"""Problem → the sentence a seller reads: what, why, what to do (ui.md 12)."""

from __future__ import annotations

from collections import UserDict

from allegro_module.domain.problems import Problem
from allegro_module.domain.scopes import PREFIX
from allegro_module.web.after_sales_sentences import AFTER_SALES
from allegro_module.web.change_sentences import CHANGES_AND_FILES
from allegro_module.web.default_sentences import DEFAULTS
from allegro_module.web.description_sentences import DESCRIPTIONS
from allegro_module.web.i18n import marked, t
from allegro_module.web.mapping_sentences import MAPPING
from allegro_module.web.picture_sentences import PICTURES
from allegro_module.web.price_list_sentences import PRICE_LISTS
from allegro_module.web.product_sentences import PRODUCTS
from allegro_module.web.publish_sentences import ALLEGRO, PUBLISHING
from allegro_module.web.safety_sentences import SAFETY
from allegro_module.web.scope_words import without
from allegro_module.web.selling_sentences import SELLING

SETTINGS = {
    "required": marked("Fill in this field."),
    "post_code_format": marked("Write the postcode as 00-000, for example 80-831."),
    "post_code_format_abroad": marked("Write the postcode as the post of this country does."),
    "province_required": marked("Choose the region the goods are sent from."),
    "client_id_format": marked(
        "Copy the Client ID from your application's page at Allegro: letters and digits, no spaces."
    ),
    "client_secret_required": marked("Enter the Client Secret: it stands beside the Client ID at Allegro."),
    "client_secret_format": marked(
        "Copy the Client Secret from your application's page at Allegro: letters and digits, no spaces."
    ),
    "environment_unknown": marked("Choose one of the environments on the list."),
    "app_name_format": marked(
        "Write the name as registered: 3 to 50 letters without accents, digits, spaces, dots or dashes."
    ),
    "grant_type_unknown": marked("Choose one of the two kinds."),
    "scopes_none": marked("Tick at least one permission."),
    "alias_format": marked("Write exactly two letters from A to Z, for example BL."),
    "alias_taken": marked("Choose other letters: %(alias)s belongs to another account."),
    "text_too_long": marked("Shorten this text to %(max)s characters."),
    "text_not_printable": marked("Remove the signs that cannot be seen: type the text anew."),
}

REDIRECT_URIS = {
    "uri_too_long": marked("Line %(line)s: shorten the address to 500 characters."),
    "uri_characters": marked(
        "Line %(line)s: write the address without spaces and accents (such a domain begins with xn--)."
    ),
    "uri_wildcard": marked("Line %(line)s: write the whole address; Allegro knows no asterisks."),
    "uri_not_absolute": marked(
        "Line %(line)s: write the whole address, beginning with https:// and the domain."
    ),
    "uri_fragment": marked("Line %(line)s: remove the part from # on."),
    "uri_login": marked("Line %(line)s: remove the user and password before @."),
    "uri_host": marked("Line %(line)s: check the domain."),
    "uri_port": marked("Line %(line)s: check the port after the colon: a number from 1 to 65535."),
    "uri_dots": marked("Line %(line)s: write the path without /./ and /../."),
    "uri_loopback": marked(
        "Line %(line)s: this address leads to the visitor's own computer; it will do in the sandbox only."
    ),
    "uri_private": marked(
        "Line %(line)s: this address works only inside a private network. Write the shop's domain."
    ),
    "uri_twice": marked("Line %(line)s: the same address stands in line %(first)s. Remove one of them."),
    "uri_not_https": marked(
        "Line %(line)s: https:// is safer; whoever listens on the way can read this address."
    ),
}

TITLE_AND_GTIN = {
    "title_required": marked("Write the title of the offer."),
    "title_too_long": marked("The title has %(length)s characters, Allegro takes %(max)s. Shorten it."),
    "title_too_short": marked("The title has %(length)s characters, Allegro asks for %(min)s. Lengthen it."),
    "title_too_few_words": marked("Write a title of at least %(min)s words."),
    "title_word_too_long": marked("Shorten the word “%(word)s”: Allegro takes words of %(max)s characters."),
    "title_character": marked("Remove the character “%(character)s”: Allegro does not take it in titles."),
    "gtin_required": marked("Enter the EAN code: this category requires it."),
    "gtin_not_digits": marked("Write the EAN code in digits only."),
    "gtin_wrong_length": marked("Check the EAN code: it has 8, 12, 13 or 14 digits, an ISBN 10 or 13."),
    "gtin_wrong_check_digit": marked("The check digit does not fit. Check the last digit."),
    "gtin_in_store": marked("This code is for use inside a shop only. Enter the producer's code."),
}

CATEGORY = {
    "category_required": marked("Choose a category."),
    "category_unknown": marked("Choose another category: Allegro no longer has this one."),
    "category_not_leaf": marked("Choose a more exact category: this one has categories below it."),
    "category_parameters_missing": marked(
        "The features of this category have not been fetched from Allegro yet. Choose the category once more."
    ),
}

PRICE_AND_QUANTITY = {
    "price_required": marked("Enter the price."),
    "price_not_a_number": marked("Write the price as a number, for example 1249,00."),
    "price_too_low": marked("Enter a price of at least %(min)s."),
    "price_too_high": marked("Enter a price of at most %(max)s."),
    "price_too_precise": marked("Write the price with at most two decimals."),
    "price_not_whole": marked("Write the price in whole crowns."),
    "price_not_in_fives": marked("Write a price in forints that ends in 0 or 5."),
    "quantity_required": marked("Enter the number of pieces."),
    "quantity_not_whole": marked("Write the number of pieces as a whole number, for example 3."),
    "quantity_too_small": marked("Enter at least 1 piece."),
    "quantity_too_large": marked("Enter fewer pieces: Allegro does not take that many."),
}

TERMS = {
    "shipping_rate_required": marked("Choose a delivery price list."),
    "shipping_rate_none": marked("Create a delivery price list at Allegro, then press Refresh."),
    "shipping_rate_gone": marked("Choose another delivery price list: Allegro no longer has this one."),
    "return_policy_required": marked("Choose the terms of returns."),
    "return_policy_none": marked("Create terms of returns at Allegro, then press Refresh."),
    "return_policy_gone": marked("Choose other terms of returns: Allegro no longer has these."),
    "implied_warranty_required": marked("Choose the terms of complaints."),
    "implied_warranty_none": marked("Create terms of complaints at Allegro, then press Refresh."),
    "implied_warranty_gone": marked("Choose other terms of complaints: Allegro no longer has these."),
    "location_required": marked(
        "Complete where you send from: region, town and postcode in account settings."
    ),
    "location_post_code": marked("Correct the postcode in account settings: write it as 00-000."),
    "location_city_too_long": marked("Shorten the town in account settings to %(max)s characters."),
    "responsible_producer_required": marked("Choose the producer: new goods need one (GPSR)."),
    "responsible_producer_none": marked(
        "Add the producer at Allegro, then press Refresh: new goods need one."
    ),
    "responsible_producer_gone": marked("Choose another producer: Allegro no longer has this one."),
    "safety_text_required": marked("Write the safety information: new goods need it (GPSR)."),
    "safety_text_too_long": marked("Shorten the safety information to %(max)s characters."),
}

PICTURES_AND_TEXT = {
    "images_required": marked("Choose at least one picture."),
    "images_too_many": marked("There are %(count)s pictures, Allegro takes %(max)s. Leave some out."),
    "image_unreadable": marked(
        "Picture %(number)s cannot be read. Replace it in the product or leave it out."
    ),
    "image_too_small": marked(
        "Picture %(number)s is too small: %(width)s × %(height)s px. The longer side must have %(min)s px."
    ),
    "image_too_large": marked("Picture %(number)s is too large. Make it smaller or leave it out."),
    "description_too_long": marked("The description has %(size)s bytes, Allegro takes %(max)s. Shorten it."),
}

PARAMETERS = {
    "parameter_required": marked("Fill in this field."),
    "parameter_required_because": marked("Fill in this field, because %(because)s."),
    "parameter_not_a_number": marked("Write a number, for example 2,8."),
    "parameter_not_whole": marked("Write a whole number."),
    "parameter_too_small": marked("Enter at least %(min)s %(unit)s"),
    "parameter_too_large": marked("Enter at most %(max)s %(unit)s"),
    "parameter_too_precise": marked("Decimals allowed: %(precision)s."),
    "parameter_too_long": marked("This text has %(length)s characters, Allegro takes %(max)s. Shorten it."),
    "parameter_too_short": marked("Write at least %(min)s characters."),
    "parameter_too_many_values": marked("Values allowed: %(max)s. Leave some out."),
    "parameter_value_not_allowed": marked("The value “%(value)s” does not fit here. Choose another one."),
    "parameter_own_value_missing": marked("Write what you mean by “%(value)s”."),
    "parameter_illegal_character": marked("Remove the unusual characters: Allegro does not take them here."),
    "range_needs_boundary": marked("Fill in both ends of the range."),
    "range_upside_down": marked("The first number of the range must not be larger than the second."),
}

SCHEDULE = {
    "pause_unknown": marked("Choose one of the pauses on the list."),
    "hour_format": marked("Write an hour from 0:00 to 24:00, for example 7 or 7:30."),
    "hours_half": marked("Fill in both hours, or neither."),
    "hours_same": marked("Write two different hours; leave both empty for the whole day."),
    "days_none": marked("Tick at least one day. To stop the task, switch it off in the table."),
}

LISTING = {
    "scope_not_granted": marked(
        "The permission %(scope)s was not granted. %(without)s "
        "Link the account again on the page Account settings and allow it."
    ),
    "listing_lost": marked("Allegro has dropped this offer. Save and list it once more."),
}

ORDERS = {
    "recipient_required": marked("Write the recipient's last name or the company."),
    "country_code_format": marked("Choose a country from the list."),
    "phone_format": marked("Write the telephone in digits, for example +48 500 000 111."),
    "product_unknown": marked("The shop has no product with the SKU “%(sku)s”. Choose another one."),
    "line_already_sold": marked(
        "The stock of %(sku)s was already taken for this item, so it stays assigned."
    ),
    "shop_status_unknown": marked("Choose one of the shop's statuses."),
    "status_not_sendable": marked("Choose another status: this one is set by Allegro alone."),
    "order_fulfilled_by_allegro": marked("Allegro itself packs and sends this order."),
    "order_left_behind": marked("These purchases were paid in another order. Do it there."),
    "order_is_cancelled": marked("The order is cancelled at Allegro."),
    "waybill_missing": marked("Enter the tracking number."),
    "waybill_format": marked(
        "Write the tracking number in letters without accents, digits, - / and . only, "
        "at most %(max)s characters."
    ),
    "waybill_line_unknown": marked("Tick items of this order only."),
    "carrier_not_supported": marked(
        "Choose the carrier that has the parcel: Allegro no longer takes this one."
    ),
    "carrier_name_format": marked("Write the carrier's name in at most %(max)s characters."),
    "carrier_unknown": marked("Choose a carrier from the list."),
    "order_not_in_shop": marked("The shop has no such order yet: it comes once it is paid."),
    "invoice_refused_by_shop": marked("The shop could not issue the invoice. %(reason)s"),
    "invoice_number_format": marked("Write the number of the invoice in at most %(max)s characters."),
    "invoice_not_pdf": marked("Choose the invoice as a PDF file."),
    "invoice_too_large": marked("The file is too large: Allegro takes %(max)s MB. Save a smaller PDF."),
}

ORDER_RULES = {
    "placeholder_unknown": marked("There is no placeholder {%(name)s}. Take one of those listed below."),
    "placeholder_braces": marked("Braces stand around placeholders only, without blanks: {seller_note}."),
    "number_placeholder_required": marked(
        "Put {number} into the template, else orders would share a number."
    ),
    "number_placeholder_twice": marked("Put {number} into the template only once."),
    "number_template_characters": marked(
        "Besides placeholders use letters without accents, digits and - _ / . # only."
    ),
    "vat_rate_format": marked("Write the rate as a number from 0 to 100, for example 23 or 8,5."),
    "customer_prefix_format": marked(
        "Use at most %(max)s capital letters without accents, digits, dashes, dots."
    ),
    "customer_length_range": marked("Write a whole number from %(min)s to %(max)s."),
    "date_required": marked("Choose a day."),
    "date_in_future": marked("Choose a day that is not in the future."),
    "date_too_old": marked("Choose %(day)s or a later day: Allegro keeps orders for a year."),
}

#: By `Problem.code`; the parameters are the problem's own.
SENTENCE_BY_CODE = {
    **SETTINGS,
    **REDIRECT_URIS,
    **TITLE_AND_GTIN,
    **CATEGORY,
    **PRICE_AND_QUANTITY,
    **TERMS,
    **PICTURES_AND_TEXT,
    **PARAMETERS,
    **SCHEDULE,
    **LISTING,
    **ORDERS,
    **ORDER_RULES,
    **DESCRIPTIONS,
    **PICTURES,
    **PRICE_LISTS,
    **AFTER_SALES,
    **CHANGES_AND_FILES,
    **SAFETY,
    **DEFAULTS,
    **MAPPING,
    **SELLING,
    **PRODUCTS,
    **PUBLISHING,
}


class _Given(UserDict[str, str]):
    """A parameter that a problem does not bring leaves its place empty rather than breaking the page."""

    def __missing__(self, name: str) -> str:
        return ""


def sentence(problem: Problem) -> str:
    """Our sentence for the code, else Allegro's own words, which are shown as they came."""
    code = problem.code
    if code == "parameter_required" and problem.params.get("because"):
        code = "parameter_required_because"
    template = SENTENCE_BY_CODE.get(code)
    if template is None and problem.params.get("technical"):
        template = ALLEGRO.get(code.rpartition(".")[2])
    if template:
        return (t(template) % _Given(_params(problem))).rstrip()
    return problem.text or t("Allegro did not accept this value (%(code)s).", code=problem.code)


def _params(problem: Problem) -> dict[str, str]:
    scope = problem.params.get("scope", "")
    if not scope:
        return dict(problem.params)
    return {**problem.params, "scope": scope.removeprefix(PREFIX), "without": without(scope)}
