"""What the entries of the audit log and the alarms are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from allegro_module.db.alarms import CONNECTION_LOST, CONNECTION_RESTORED, Alarm
from allegro_module.db.audit import AuditFilter
from allegro_module.db.tokens import KEEP_TOKENS
from allegro_module.domain.accounts import GrantType
from allegro_module.domain.link_loss import Loss, loss_of
from allegro_module.domain.terms import TermKind
from allegro_module.web.default_words import FIELD_NAMES as DEFAULT_NAMES
from allegro_module.web.i18n import marked, t
from allegro_module.web.labels import ENVIRONMENTS, Label
from allegro_module.web.offer_words import field_name, side_words
from allegro_module.web.regions import country_choices, province_choices
from allegro_module.web.schedule_words import words_of_setting
from allegro_module.web.term_words import kind_name

ARROW = " → "
EMPTY = "–"
OTHER = "other"

#: By kind, as the filter offers them: what each action did.
ACTIONS = {
    "links": {
        "account_linked": marked("Account linked"),
        "account_linked_again": marked("Account linked again"),
        "account_confirmed": marked("Account confirmed as the right one"),
        "account_rejected": marked("Account rejected as the wrong one, access forgotten"),
        "account_disconnected": marked("Account disconnected, access forgotten"),
        "account_restored": marked("Access restored by itself"),
    },
    "accounts": {
        "account_saved": marked("Account's settings changed"),
        "settings_copied": marked("Account's settings copied from another account"),
        "seller_changed": marked("Seller's data changed at Allegro"),
    },
    "orders": {
        "order_rules_saved": marked("Order settings changed"),
        "order_statuses_saved": marked("Pairs of statuses shop – Allegro changed"),
        "history_imported": marked("Import of older orders started"),
    },
    "terms": {
        "term_saved": marked("Terms saved"),
        "term_settled": marked("Terms changed on both sides: settled"),
        "term_tried_again": marked("Terms sent to Allegro once more"),
        "term_wish_dropped": marked("Change of terms given up"),
        "term_default_set": marked("Terms made the default"),
        "term_default_unset": marked("Terms no longer the default"),
        "term_hidden": marked("Terms hidden"),
        "term_shown": marked("Terms shown again"),
    },
    "offers": {
        "offers_changed": marked("Many offers changed together"),
        "offer_cloned": marked("Similar offer made"),
        "offer_end_asked": marked("Asked Allegro to end an offer"),
        "offer_resume_asked": marked("Asked Allegro to resume an offer"),
        "offer_draft_deleted": marked("Draft of an offer deleted"),
        "offer_mine_kept": marked("Changed on both sides: our value kept"),
        "offer_theirs_taken": marked("Changed on both sides: Allegro's value taken"),
        "product_chosen": marked("Product of Allegro chosen for an offer"),
        "product_declined": marked("Offer not linked with Allegro's catalogue"),
        "quick_listed": marked("Offers made by EAN"),
    },
    "price_lists": {
        "price_list_added": marked("Delivery price list added"),
        "price_list_saved": marked("Delivery price list changed"),
        "price_list_discarded": marked("Changes of a delivery price list discarded"),
        "price_list_deleted": marked("Delivery price list deleted before it reached Allegro"),
        "price_list_settled": marked("Delivery price list joined with Allegro's version"),
        "price_list_default": marked("Delivery price list made the default"),
        "price_list_hidden": marked("Delivery price list hidden"),
        "price_list_shown": marked("Delivery price list shown again"),
    },
    "safety": {
        "safety_entry_saved": marked("Producer or responsible person saved"),
        "safety_entry_dropped": marked("Change of a producer or responsible person given up"),
        "safety_entry_archived": marked("Producer or responsible person hidden"),
        "safety_entry_restored": marked("Producer or responsible person shown again"),
        "safety_entries_merged": marked("Producers or responsible persons merged"),
        "safety_rule_saved": marked("Safety data of products saved"),
    },
    "templates": {
        "template_saved": marked("Description template saved"),
        "template_deleted": marked("Description template deleted"),
        "template_image_added": marked("Picture for description templates added"),
        "template_image_removed": marked("Picture for description templates removed"),
    },
    "defaults": {
        "defaults_added": marked("Default settings of a category or product added"),
        "defaults_saved": marked("Default settings of offers changed"),
        "defaults_deleted": marked("Default settings of a category or product deleted"),
    },
    "offer_templates": {
        "offer_template_saved": marked("Offer template saved"),
        "offer_template_renamed": marked("Offer template renamed"),
        "offer_template_deleted": marked("Offer template deleted"),
    },
    "mapping": {
        "mapping_saved": marked("Mapping set by hand"),
        "mapping_accepted": marked("Suggested categories accepted"),
        "mapping_deleted": marked("Mapping deleted"),
        "mapping_imported": marked("Mapping imported from a file"),
    },
    "schedule": {
        "task_changed": marked("Task of the schedule changed"),
    },
    "applications": {
        "application_added": marked("Application added"),
        "application_saved": marked("Application changed"),
        "application_registered": marked("Application registered at Allegro by this module"),
        "application_deleted": marked("Application deleted here"),
    },
    "tokens": {
        "tokens_renewed": marked("Tokens renewed by hand"),
        "keys_rotated": marked("Secrets sealed anew with the newest key"),
    },
}
KINDS = {
    "links": marked("Links"),
    "accounts": marked("Accounts' settings"),
    "orders": marked("Orders"),
    "terms": marked("Terms"),
    "offers": marked("Offers"),
    "price_lists": marked("Delivery price lists"),
    "safety": marked("Product safety"),
    "templates": marked("Description templates"),
    "defaults": marked("Offer defaults"),
    "offer_templates": marked("Offer templates"),
    "mapping": marked("Mapping"),
    "schedule": marked("Schedule"),
    "applications": marked("Applications"),
    "tokens": marked("Tokens and keys"),
    OTHER: marked("Other"),
}
FIELDS = {
    "environment": marked("Environment"),
    "client_id": "Client ID",
    "client_secret": "Client Secret",
    "grant_type": marked("Kind of application"),
    "scopes": marked("Rights"),
    "redirect_uris": marked("Redirect URIs"),
    "name": marked("Name"),
    "alias": marked("Alias"),
    "is_enabled": marked("Switched on"),
    "country": marked("Country"),
    "province": marked("Region"),
    "city": marked("Town"),
    "post_code": marked("Postcode"),
    "wait_minutes": marked("Wait for the outcome of offers"),
    "search_minutes": marked("Look for a lost offer"),
    "from": marked("Copied from"),
    "login": marked("Login"),
    "company": marked("Company"),
    "is_company": marked("Company account"),
    "resealed": marked("Sealed anew"),
    "already_new": marked("Sealed with the newest key before"),
    "unreadable": marked("Could not be opened"),
    "task": marked("Task"),
    "pause": marked("Pause between runs"),
    "hours": marked("In the hours"),
    "weekdays": marked("Days of the week"),
    "reserves_stock": marked("Reserve the pieces at the purchase"),
    "accepts_at_import": marked("“In progress” at the import"),
    "delivery_vat": marked("VAT rate of delivery"),
    "delivery_vat_rate": marked("Rate"),
    "number_template": marked("Template of the number"),
    "notes_template": marked("Template of the notes"),
    "list_note": marked("Note on the list of orders"),
    "customers": marked("Customers"),
    "customer_key": marked("Symbol made of"),
    "customer_prefix": marked("Prefix"),
    "customer_length": marked("Longest symbol"),
    "mails_buyers": marked("Mails to buyers"),
    "since": marked("From the day"),
    "entry": marked("Producer/person"),
    "brand": marked("Brand"),
    "product": marked("Product"),
    "shipping_rate_id": marked("Delivery price list"),
    "handling_time": marked("Handling time"),
    "responsible_producer_id": marked("Producer"),
    "responsible_person_id": marked("Responsible person"),
    "safety_text": marked("Safety information"),
    "offers": marked("Offers"),
    "title": marked("Title"),
    "reference": marked("Reference"),
    "quantity": marked("Number of pieces"),
    "kind": marked("Kind"),
    **DEFAULT_NAMES,
    "goods_vat_rate": marked("Rate of goods without one"),
}
GRANT_TYPES = {
    GrantType.AUTHORIZATION_CODE: marked("with a browser"),
    GrantType.DEVICE_CODE: marked("without a browser (code)"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """`old` and `new` are empty when it is not told what was there, or what came."""

    field: str
    old: str
    new: str

    def __str__(self) -> str:
        values = f"{self.old}{ARROW}{self.new}" if self.old else self.new
        return f"{self.field}: {values}"


def name_of(who: str) -> str:
    return t("the module itself") if who in ("", KEEP_TOKENS) else who


def sentence_of_action(action: str) -> str:
    """An action that a later version invented is shown by its name."""
    known = {name: text for actions in ACTIONS.values() for name, text in actions.items()}
    return t(known[action]) if action in known else action


def kind_choices() -> list[tuple[str, str]]:
    return [(kind, t(text)) for kind, text in KINDS.items()]


def filter_of(subject: str, kind: str) -> AuditFilter:
    """A kind that does not exist filters nothing."""
    if kind == OTHER:
        return AuditFilter(subject, but_actions=[name for actions in ACTIONS.values() for name in actions])
    return AuditFilter(subject, list(ACTIONS[kind]) if kind in ACTIONS else None)


def changes_of(details: Mapping[str, str]) -> Iterator[Change]:
    for name, value in details.items():
        field = t(FIELDS[name]) if name in FIELDS else field_name(name)
        old, arrow, new = str(value).partition(ARROW)
        if arrow:
            yield Change(field, _in_words(name, old) or EMPTY, _in_words(name, new) or EMPTY)
        elif value:
            yield Change(field, "", _in_words(name, old))


def _in_words(name: str, value: str) -> str:
    words: Mapping[str, str] = {}
    if name in ("is_enabled", "is_company", "reserves_stock", "accepts_at_import", "mails_buyers"):
        words = {"True": t("yes"), "False": t("no"), "": t("no")}
    elif name == "environment":
        words = {key: t(label.text) for key, label in ENVIRONMENTS.items()}
    elif name == "province":
        words = dict(province_choices())
    elif name == "country":
        words = dict(country_choices((value,))) if value else {}
    elif name == "grant_type":
        words = {key: t(text) for key, text in GRANT_TYPES.items()}
    elif name in ("task", "pause", "weekdays"):
        words = {value: words_of_setting(name, value)}
    elif name == "kind" and value in set(TermKind):
        words = {value: kind_name(value)}
    elif name == "entry":
        words = {value: t("no. %(number)s", number=value.removeprefix("#"))}
    elif name == "safety_text" and value == "changed":
        words = {"changed": t("rewritten")}
    elif value == "changed":
        words = {"changed": t("changed")}
    return words.get(value) or side_words(name, value)


def label_of_alarm(alarm: Alarm) -> Label:
    if alarm.kind == CONNECTION_LOST:
        return Label(t("Access lost"), "plug-fill", "bad")
    if alarm.kind == CONNECTION_RESTORED:
        return Label(t("Access restored"), "check-circle-fill", "ok")
    return Label(alarm.kind, "bell", "off")


def reason_of_alarm(alarm: Alarm) -> str:
    if alarm.kind != CONNECTION_LOST:
        return ""
    return {
        Loss.CONSENT: t("Allegro refused to renew the access."),
        Loss.KEYS: t("Allegro does not know the application's keys."),
        Loss.FRESH: t("Allegro refuses even access that it has just renewed."),
    }[loss_of(alarm.reason)]
