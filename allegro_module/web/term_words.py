"""What selling terms and their states against Allegro are called, on all pages that show them."""

from __future__ import annotations

from collections.abc import Mapping

from allegro_module.db.terms import SellingTerm
from allegro_module.domain.terms import TermKind, TermState
from allegro_module.web.i18n import marked, t
from allegro_module.web.labels import Label

KINDS: Mapping[TermKind, str] = {
    TermKind.SHIPPING_RATE: marked("Delivery price list"),
    TermKind.RETURN_POLICY: marked("Terms of returns"),
    TermKind.IMPLIED_WARRANTY: marked("Terms of complaints"),
    TermKind.WARRANTY: marked("Warranty"),
    TermKind.RESPONSIBLE_PRODUCER: marked("Producer"),
    TermKind.RESPONSIBLE_PERSON: marked("Responsible person"),
}
STATES: Mapping[TermState, Label] = {
    TermState.SAME: Label(marked("Same as on Allegro"), "check-circle-fill", "ok"),
    TermState.WAITING: Label(marked("Waits to be sent"), "hourglass", "wait"),
    TermState.REFUSED: Label(marked("Allegro refused it"), "x-octagon-fill", "bad"),
    TermState.CONFLICT: Label(marked("Changed on both sides"), "exclamation-triangle-fill", "warn"),
    TermState.GONE: Label(marked("Not on Allegro any more"), "dash-circle", "off"),
}
SAME_IN_LIST = Label(marked("In agreement"), "check-circle-fill", "ok")
SENDING = Label(marked("Sending the changes"), "cloud-upload", "wait")
#: What the state asks of the seller, or tells him.
SENTENCES: Mapping[TermState, str] = {
    TermState.SAME: "",
    TermState.WAITING: marked("What you saved goes to Allegro by itself; you may leave this page."),
    TermState.REFUSED: marked("Nothing that you typed is lost: correct it and save once more."),
    TermState.CONFLICT: marked("Choose what shall hold. Until then nothing is sent to Allegro."),
    TermState.GONE: marked("Offers cannot use it. Duplicate it to make it anew."),
}


def kind_name(kind: TermKind | str) -> str:
    return t(KINDS[TermKind(kind)])


def label_of_term(term: SellingTerm) -> Label:
    """While a worker holds a waiting one, it is being sent."""
    if is_being_sent(term):
        return SENDING.translated()
    return STATES[TermState(term.state)].translated()


def label_in_list(term: SellingTerm) -> Label:
    """As `label_of_term`, in a column that says already what it is compared with."""
    if term.state == TermState.SAME:
        return SAME_IN_LIST.translated()
    return label_of_term(term)


def is_being_sent(term: SellingTerm) -> bool:
    return term.state == TermState.WAITING and term.claim is not None


def is_under_way(term: SellingTerm) -> bool:
    """Its state changes by itself: a page that shows it looks again."""
    return term.state == TermState.WAITING


def sentence_of_term(term: SellingTerm) -> str:
    text = SENTENCES[TermState(term.state)]
    return t(text) if text else ""
