"""What tasks, their times and their outcomes are called on the page *Harmonogram zadań*."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from allegro_module.domain.texts import marked
from allegro_module.domain.timetable import EVERY_DAY, Timetable
from allegro_module.jobs import reporting
from allegro_module.jobs.reporting import Result
from allegro_module.jobs.schedule import Wait
from allegro_module.web.i18n import n, t
from allegro_module.web.labels import Label

NAMES = {
    "import_orders": marked("Importing orders"),
    "reconcile_orders": marked("Reconciling orders"),
    "prove_orders": marked("Completeness of orders"),
    "keep_tokens": marked("Renewing access"),
    "fetch_terms": marked("Terms and delivery price lists"),
    "fetch_categories": marked("Categories and dictionaries"),
    "refresh_categories": marked("Changes of categories"),
    "fetch_carriers": marked("Carriers"),
    "match_products": marked("Products of Allegro's catalogue"),
    "push_orders": marked("Statuses and parcels to Allegro"),
    "push_terms": marked("Price lists and terms to Allegro"),
    "push_offer_changes": marked("Changes of many offers"),
    "upload_attachments": marked("Files for offers and guarantees"),
    "settle": marked("Checking listings"),
    "send_alarms": marked("Sending alarms"),
    "tidy": marked("Tidying up"),
}
SUBLINES = {
    "import_orders": marked("new and changed ones, from the journal"),
    "reconcile_orders": marked("looks for those the journal does not mention"),
    "prove_orders": marked("compares Allegro's orders with the shop's"),
    "keep_tokens": marked("cannot be switched off"),
    "fetch_terms": marked("returns, complaints, warranties, delivery"),
    "refresh_categories": marked("renamed, moved, deleted; requirements to come"),
    "fetch_carriers": marked("for tracking numbers"),
    "match_products": marked("EANs not looked up yet, products waiting for verification"),
    "push_orders": marked("statuses, tracking numbers, invoices"),
    "push_terms": marked("what you have changed in the shop"),
    "push_offer_changes": marked("price list, dispatch time, producer, promotion"),
    "upload_attachments": marked("safety information, guarantees"),
    "settle": marked("what became of offers sent to Allegro"),
    "send_alarms": marked("cannot be switched off"),
    "tidy": marked("entries older than two years"),
}
#: Rung as soon as there is something to do.
AFTER_CHANGES = frozenset(
    {"push_orders", "push_terms", "push_offer_changes", "upload_attachments", "settle", "send_alarms"}
)
DAYS = (
    marked("Mon."),
    marked("Tue."),
    marked("Wed."),
    marked("Thu."),
    marked("Fri."),
    marked("Sat."),
    marked("Sun."),
)
NIGHTFALL = 24 * 60

UNDER_WAY = Label(marked("Under way"), "arrow-repeat", "wait")
QUEUED = Label(marked("Queued"), "hourglass", "wait")
INTERRUPTED = Label(marked("Broken off"), "exclamation-triangle", "warn")
NEVER = Label(marked("Not run yet"), "dash-circle", "off")
WENT_WELL = Label(marked("Successful"), "check-circle-fill", "ok")
WENT_PARTLY = Label(marked("Done in part"), "exclamation-triangle", "warn")
FAILED = Label(marked("Did not succeed"), "x-octagon-fill", "bad")
#: What is nobody's mistake, or passes by itself, is told calmly.
CALM = {
    reporting.ALLEGRO_SILENT: ("cloud-slash", "wait"),
    reporting.ALLEGRO_BUSY: ("hourglass", "wait"),
    reporting.DATABASE_BUSY: ("hourglass", "wait"),
    reporting.STOPPED: ("stop-circle", "off"),
    reporting.NOT_CONNECTED: ("plug", "warn"),
}
WAITS = {
    Wait.UNKNOWN: Label(marked("Unknown to this version"), "question-circle", "off"),
    Wait.CONNECTION: Label(marked("Waits for the link"), "plug", "warn"),
    Wait.SWITCHED_OFF: Label(marked("Account switched off"), "dash-circle", "off"),
    Wait.SCOPE: Label(marked("A permission is missing"), "key", "warn"),
    Wait.OTHER_ACCOUNT: Label(marked("Done by another account"), "check-circle", "off"),
}


def name_of_task(name: str) -> str:
    return t(NAMES[name]) if name in NAMES else name


def words_of_setting(name: str, value: str) -> str:
    """Of the audit log."""
    if name == "task":
        return name_of_task(value)
    if name == "pause" and value.isdecimal():
        return words_of_pause(timedelta(seconds=int(value)))
    return words_of_days(value) or t("every day") if name == "weekdays" else value


def words_of_pause(pause: timedelta) -> str:
    seconds = int(pause.total_seconds())
    if seconds % 86400 == 0:
        return n("%(num)s day", "%(num)s days", seconds // 86400)
    if seconds % 3600 == 0:
        return n("%(num)s hour", "%(num)s hours", seconds // 3600)
    if seconds % 60 == 0:
        return n("%(num)s minute", "%(num)s minutes", seconds // 60)
    return n("%(num)s second", "%(num)s seconds", seconds)


def words_of_rhythm(pause: timedelta) -> str:
    seconds = int(pause.total_seconds())
    if seconds == 86400:
        return t("once a day")
    if seconds % 86400 == 0:
        return n("every %(num)s day", "every %(num)s days", seconds // 86400)
    if seconds % 3600 == 0:
        return n("every %(num)s hour", "every %(num)s hours", seconds // 3600)
    if seconds % 60 == 0:
        return n("every %(num)s minute", "every %(num)s minutes", seconds // 60)
    return n("every %(num)s second", "every %(num)s seconds", seconds)


def words_of_timetable(task: str, table: Timetable) -> str:
    """„co 30 minut, 7:00–22:00, pn.–sob.”; „co 1 minutę, zawsze”."""
    if task == "keep_tokens":
        return t("before it runs out")
    rhythm = t("after each change") if task in AFTER_CHANGES else words_of_rhythm(table.pause)
    parts = [rhythm, words_of_hours(table.from_minute, table.to_minute), words_of_days(table.days)]
    if table.is_always and task not in AFTER_CHANGES:
        parts.append(t("always"))
    return ", ".join(part for part in parts if part)


def words_of_hours(from_minute: int | None, to_minute: int | None) -> str:
    if from_minute is None and to_minute is None:
        return ""
    return f"{clock_words(from_minute or 0)}–{clock_words(NIGHTFALL if to_minute is None else to_minute)}"


def clock_words(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def words_of_days(days: str) -> str:
    """Empty for every day; three or more in a row are told by the first and the last."""
    if not set(EVERY_DAY) - set(days):
        return ""
    numbers = sorted(int(day) for day in days)
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{t(DAYS[numbers[0] - 1])}–{t(DAYS[numbers[-1] - 1])}"
    return ", ".join(t(DAYS[number - 1]) for number in numbers)


def words_of_message(message: Mapping[str, Any]) -> str:
    """As a version of ours wrote it, perhaps a later one."""
    text, params = str(message.get("text", "")), message.get("params", {})
    if not text:
        return ""
    try:
        return t(text, **params)
    except (KeyError, TypeError, ValueError):
        return text


def label_of_result(result: str, message: Mapping[str, Any]) -> Label:
    words = words_of_message(message)
    if result == Result.DONE:
        return Label(words or t(WENT_WELL.text), WENT_WELL.icon, WENT_WELL.tone)
    if result == Result.PARTLY:
        return Label(words or t(WENT_PARTLY.text), WENT_PARTLY.icon, WENT_PARTLY.tone)
    calm = CALM.get(str(message.get("text", "")))
    if calm is not None:
        return Label(words.rstrip("."), *calm)
    return FAILED.translated() if result else NEVER.translated()
