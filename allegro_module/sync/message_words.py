"""What a seller reads of the last import; nothing is said of a run that went well."""

from __future__ import annotations

from allegro_module.domain.texts import marked
from allegro_module.sync.orders import Message

TEXT_BY_MESSAGE = {
    Message.NOTHING_NEW: "",
    Message.IMPORTED: "",
    Message.SET_ASIDE: marked("Some orders were set aside."),
    Message.UNAVAILABLE: marked("Allegro cannot be reached; we try again every minute."),
    Message.NOT_CONNECTED: marked("The account is not connected."),
    Message.SCOPE_MISSING: marked(
        "Orders are not imported: the permission orders:read was not granted. "
        "Link the account again on the page Account settings and allow it."
    ),
    Message.UNEXPECTED: marked("Allegro's answer was not understood; it is in the log."),
    Message.TAKEN_OVER: "",
    Message.NOT_LINKED: marked("The account was never linked."),
    Message.RESTING: marked("The import stopped: the account was switched off, or its link ended."),
    Message.CRASHED: marked("The import was interrupted; it goes on within a minute."),
}


def text_of_message(message: str) -> str:
    """Of `Cursor.last_message`; words of another version are shown as they stand."""
    return TEXT_BY_MESSAGE[Message(message)] if message in list(Message) else message
