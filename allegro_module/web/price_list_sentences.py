"""What is wrong with a delivery price list: the sentences by the codes of `domain.price_list_rules`."""

from __future__ import annotations

from allegro_module.domain.texts import marked

PRICE_LISTS = {
    "price_list_name_character": marked(
        "Remove “%(character)s”: Allegro takes letters, digits, hyphens, dots, commas and spaces only."
    ),
    "price_list_name_taken": marked("Write another name: a price list of this name exists already."),
    "price_list_type_fixed": marked("Allegro does not change the type of an existing price list."),
    "price_list_country_fixed": marked(
        "Allegro does not change the country of dispatch of an existing price list."
    ),
    "price_list_empty": marked("Switch on at least one delivery method."),
    "price_lists_full": marked(
        "Allegro holds at most %(max)s price lists and deletes none. Change one that you have."
    ),
    "method_unknown": marked("Switch this method off: Allegro does not know it."),
    "method_gone": marked("Switch this method off: Allegro has withdrawn it."),
    "method_not_allowed": marked("Switch this method off: Allegro no longer takes it in price lists."),
    "method_wrong_country": marked("Switch this method off: it does not send from %(country)s."),
    "method_price_required": marked("Enter the price of the first item."),
    "method_price_too_high": marked(
        "%(amount)s %(currency)s is over Allegro's limit, at most %(limit)s %(currency)s."
    ),
    "method_is_free": marked("“%(method)s” is free of charge: enter 0."),
    "delivery_price_not_a_number": marked("Write the price as a number, for example 11,99."),
    "method_price_too_low": marked("Enter at least %(limit)s %(currency)s."),
    "price_wrong_currency": marked("Write the price in %(currency)s."),
    "method_quantity_too_large": marked("Enter at most %(max)s pieces."),
    "method_takes_no_weight": marked("Clear the weight: this method takes none."),
    "weight_not_a_number": marked("Write the weight in kilograms, for example 1,5."),
    "weight_too_precise": marked("Write the weight with at most three decimals."),
    "weight_too_large": marked("Enter at most %(max)s kg."),
    "weight_too_small": marked("Enter at least %(min)s kg."),
    "weight_differs_from_twin": marked("Write the same weight as at “%(method)s”: Allegro requires it."),
    "method_takes_no_time": marked("Clear the delivery time: Allegro sets it for this method."),
    "time_half": marked("Fill in both ends of the delivery time, or neither."),
    "time_not_days": marked("Write the number of days, at most %(max)s."),
    "time_upside_down": marked("The delivery time must not end before it begins."),
}
