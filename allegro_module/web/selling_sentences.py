"""Sentences of problems with the way of selling: auctions, dates, taxes, deposits, the account itself."""

from __future__ import annotations

from allegro_module.web.i18n import marked

SELLING = {
    "account_not_company": marked(
        "Allegro takes offers from company accounts only, and this one is an ordinary account. Change it to "
        "a company account on Allegro, then press “Test the connection” in Account settings."
    ),
    "minutes_range": marked("Write a whole number of minutes from %(min)s to %(max)s."),
    "starting_price_required": marked("Write the price that the auction starts from."),
    "price_below_starting": marked("Write a price that is not below the starting price."),
    "auction_one_piece": marked("An auction sells one piece: write 1."),
    "auction_duration": marked("Choose for how long the auction runs: 1, 3, 5, 7 or 10 days."),
    "start_required": marked("Choose the day and the hour when the offer is to start."),
    "start_unreadable": marked("We cannot read “%(value)s” as a day. Write it as 24.11.2026."),
    "start_without_day": marked("Choose the day as well, or empty the hour."),
    "start_without_hour": marked("Write the hour as well, for example 7 or 7:30."),
    "start_hour_skipped": marked(
        "There is no %(value)s on this day: the clocks go forward. Write another hour."
    ),
    "start_in_the_past": marked("This moment has passed or is too near. Choose a later one."),
    "start_too_late": marked("Choose a day within %(days)s days."),
    "deposit_pieces": marked("Write the number of pieces as a whole number from 1 to %(max)s."),
    "vat_rate_not_here": marked("Allegro does not know this rate in this category. Choose another one."),
    "vat_exemption_required": marked("Choose why no VAT is paid: Allegro asks for it with this rate."),
}
