"""Powiązane aplikacje: which applications hold a seller's consent, and what he does that ends it."""

from dataclasses import dataclass
from datetime import datetime

from allegro_module.simulator.accounts import Application, Seller
from allegro_module.simulator.tokens import Cause, Session
from allegro_module.simulator.world import World

CAUSE_LABELS = {
    Cause.PASSWORD_CHANGED: "zmień hasło",
    Cause.EMAIL_CHANGED: "zmień e-mail",
    Cause.LOGGED_OUT: "wyloguj wszystkie urządzenia",
    Cause.SALES_BLOCK: "blokada sprzedaży",
    Cause.IDLE: "90 dni bez użycia",
    Cause.APP_REMOVED: "odepnij",
}
# Those that end the links of every application at once.
OF_ALL_APPLICATIONS = tuple(cause for cause in Cause if cause is not Cause.APP_REMOVED)


@dataclass(frozen=True)
class Link:
    """The open sessions of one application at one seller."""

    application: Application
    sessions: int
    scopes: int
    used_at: datetime


def links_of(world: World, seller: Seller) -> list[Link]:
    found: dict[str, list[Session]] = {}
    for session in world.tokens.open_sessions(seller.id):
        if session.is_open(world.now()):
            found.setdefault(session.consent.client_id, []).append(session)
    return [
        Link(
            world.applications[client_id],
            len(sessions),
            len(sessions[-1].consent.scopes),
            max(session.used_at for session in sessions),
        )
        for client_id, sessions in found.items()
        if client_id in world.applications
    ]
