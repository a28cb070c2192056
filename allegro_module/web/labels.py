"""What states, flags and problems are called, and how loudly a state speaks (ui.md 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from babel import Locale

from allegro_module.db.accounts import Account
from allegro_module.domain.accounts import HOLDS_TOKENS, LinkState
from allegro_module.domain.offers import OfferState
from allegro_module.domain.orders import Flag, FormStatus, FulfillmentStatus
from allegro_module.domain.shop import PaymentType
from allegro_module.sync.message_words import text_of_message
from allegro_module.web.failure_words import words_of_failure as words_of_failure
from allegro_module.web.i18n import language, marked, n, t
from allegro_module.web.sentences import SENTENCE_BY_CODE as SENTENCE_BY_CODE
from allegro_module.web.sentences import sentence as sentence

#: Allegro forgets an account that was not renewed, or not used, for so long (facts.md 1.3, 2.5).
ACCESS_LASTS = timedelta(days=90)
WARN_BEFORE_END = timedelta(days=30)
LOUD_BEFORE_END = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Label:
    """`tone` is ok, wait or off (quiet), warn or bad (filled); `icon` a name of Bootstrap Icons."""

    text: str
    icon: str
    tone: str

    def translated(self) -> Label:
        return Label(t(self.text), self.icon, self.tone)


LINK_STATES = {
    LinkState.NOT_LINKED: Label(marked("Not linked"), "plug", "off"),
    LinkState.UNCONFIRMED: Label(marked("Waits for your confirmation"), "question-circle-fill", "warn"),
    LinkState.CONNECTED: Label(marked("Connected"), "check-circle-fill", "ok"),
    LinkState.NEEDS_RECONNECT: Label(marked("Must be linked again"), "plug-fill", "bad"),
    LinkState.DISCONNECTED: Label(marked("Disconnected"), "plug", "off"),
}
DISABLED = Label(marked("Switched off"), "dash-circle", "off")

OFFER_STATES = {
    OfferState.DRAFT: Label(marked("Draft"), "pencil", "off"),
    OfferState.WAITING: Label(marked("Queued"), "hourglass", "wait"),
    OfferState.SENDING: Label(marked("Sending"), "cloud-upload", "wait"),
    OfferState.CHECKING: Label(marked("Checking (answer lost)"), "search", "wait"),
    OfferState.VERIFYING: Label(marked("Verified by Allegro"), "smartwatch", "wait"),
    OfferState.ACTIVE: Label(marked("Active"), "check-circle-fill", "ok"),
    OfferState.PLANNED: Label(marked("Planned"), "calendar-event", "wait"),
    OfferState.INACTIVE: Label(marked("Draft on Allegro"), "cloud", "off"),
    OfferState.ENDED: Label(marked("Ended"), "stop-circle", "off"),
    OfferState.REFUSED: Label(marked("Refused"), "x-octagon-fill", "bad"),
}
NEEDS_COMPLETION = Label(marked("Needs completion"), "exclamation-circle-fill", "warn")

FULFILLMENT_STATES = {
    FulfillmentStatus.NEW: Label(marked("New"), "star-fill", "wait"),
    FulfillmentStatus.PROCESSING: Label(marked("In progress"), "box-seam", "wait"),
    FulfillmentStatus.READY_FOR_SHIPMENT: Label(marked("To be sent"), "truck", "wait"),
    FulfillmentStatus.READY_FOR_PICKUP: Label(marked("To be picked up"), "shop", "wait"),
    FulfillmentStatus.SENT: Label(marked("Sent"), "send-check", "ok"),
    FulfillmentStatus.PICKED_UP: Label(marked("Picked up"), "check2-all", "ok"),
    FulfillmentStatus.CANCELLED: Label(marked("Cancelled"), "x-circle", "off"),
    FulfillmentStatus.SUSPENDED: Label(marked("On hold"), "pause-circle-fill", "warn"),
    FulfillmentStatus.RETURNED: Label(marked("Return"), "arrow-return-left", "warn"),
}
CANCELLED = FULFILLMENT_STATES[FulfillmentStatus.CANCELLED]
HELD = FULFILLMENT_STATES[FulfillmentStatus.SUSPENDED]
AWAITING_FORM = Label(marked("Buyer fills in the form"), "hourglass", "off")
AWAITING_PAYMENT = Label(marked("Awaiting payment"), "hourglass", "off")
PAID = Label(marked("Paid"), "check-circle-fill", "ok")
CASH_ON_DELIVERY = Label(marked("Cash on delivery"), "cash-coin", "wait")

ENVIRONMENTS = {
    "production": Label(marked("Production"), "", "off"),
    "sandbox": Label(marked("Sandbox"), "cone-striped", "warn"),
    "simulator": Label(marked("Simulator"), "cpu", "warn"),
}

FLAGS = {
    Flag.SUM_DIFFERS: marked("Sum differs from Allegro's"),
    Flag.UNMATCHED_LINE: marked("Item not recognised"),
    Flag.FULFILLED_BY_ALLEGRO: marked("Packed by Allegro"),
    Flag.SURCHARGE_APART: marked("Surcharge paid later"),
    Flag.CANCELLED_LATE: marked("Cancelled after packing"),
    Flag.ADDRESS_CHANGED: marked("Address changed by the buyer"),
    Flag.TAKEN_UP_AGAIN: marked("Cancelled, then taken up again"),
    Flag.PUSH_REFUSED: marked("Allegro refused a change"),
    Flag.UNKNOWN_STATUS: marked("Unknown state at Allegro"),
}
#: What holds the work up; the others only ask for a look.
BAD_FLAGS = frozenset({Flag.CANCELLED_LATE, Flag.PUSH_REFUSED, Flag.SUM_DIFFERS})


def label_of_link_state(state: str) -> Label:
    return LINK_STATES[LinkState(state)].translated()


def label_of_account(account: Account, now: datetime) -> Label:
    """The link's state, unless the account is about to be forgotten by Allegro, or switched off."""
    ends_at = access_ends_at(account)
    if account.state in HOLDS_TOKENS and ends_at is not None and ends_at - now < WARN_BEFORE_END:
        days = max((ends_at - now).days, 0)
        words = n("Expires in %(num)s day", "Expires in %(num)s days", days)
        return Label(words, "hourglass-split", "bad" if ends_at - now < LOUD_BEFORE_END else "warn")
    if account.state == LinkState.CONNECTED and not account.is_enabled:
        return DISABLED.translated()
    return label_of_link_state(account.state)


def access_ends_at(account: Account) -> datetime | None:
    """When Allegro forgets the account if nothing more happens; None while it is not known."""
    known = [at for at in (account.refreshed_at, account.used_at) if at is not None]
    return min(known) + ACCESS_LASTS if known else None


def label_of_offer_state(state: str) -> Label:
    return OFFER_STATES[OfferState(state)].translated()


def label_of_order(status: str, fulfillment_status: str) -> Label:
    """One word for both of Allegro's statuses; a status it invents later is shown as it came."""
    if status == FormStatus.CANCELLED:
        return CANCELLED.translated()
    if status == FormStatus.BOUGHT:
        return AWAITING_FORM.translated()
    if status == FormStatus.FILLED_IN:
        return AWAITING_PAYMENT.translated()
    if fulfillment_status in FULFILLMENT_STATES:
        return FULFILLMENT_STATES[FulfillmentStatus(fulfillment_status)].translated()
    if not fulfillment_status:
        return FULFILLMENT_STATES[FulfillmentStatus.NEW].translated()
    return Label(t("Other state (%(state)s)", state=fulfillment_status), "question-circle", "off")


def label_of_payment(payment_type: str, is_paid: bool) -> Label:
    if payment_type == PaymentType.CASH_ON_DELIVERY:
        return CASH_ON_DELIVERY.translated()
    return (PAID if is_paid else AWAITING_PAYMENT).translated()


def label_of_environment(name: str) -> Label:
    return ENVIRONMENTS[name].translated()


def words_of_import(message: str) -> str:
    """Of `Cursor.last_message`."""
    text = text_of_message(message)
    return t(text) if text else ""


def word_of_flag(flag: str) -> str:
    return t(FLAGS[Flag(flag)]) if flag in FLAGS else flag


def label_of_flag(flag: str) -> Label:
    if flag in BAD_FLAGS:
        return Label(word_of_flag(flag), "exclamation-octagon-fill", "bad")
    return Label(word_of_flag(flag), "exclamation-circle-fill", "warn")


def country_name(code: str) -> str:
    """„Czechy”; a code that no list knows is shown as it came."""
    return str(Locale.parse(language()).territories.get(code.upper(), code))


def is_country(code: str) -> bool:
    return len(code) == 2 and code.isupper() and code in Locale.parse(language()).territories


def marketplace_name(marketplace: str) -> str:
    """„Allegro Czechy” for allegro-cz, „Allegro Biznes Czechy” for allegro-business-cz (facts.md 1.2)."""
    country = country_name(marketplace.rpartition("-")[2])
    if "-business-" in marketplace:
        return t("Allegro Business %(country)s", country=country)
    return t("Allegro %(country)s", country=country)
