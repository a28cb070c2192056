"""Who uses a description template: offers and profiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.offers import Offer
from allegro_module.db.profiles import Profile
from allegro_module.domain.profiles import Scope

MOST_NAMES = 20


@dataclass(slots=True)
class Uses:
    """`profiles` are the first few, each as (scope, the account's alias, label); both counts are of all."""

    offers: int = 0
    profile_count: int = 0
    profiles: list[tuple[Scope, str, str]] = field(default_factory=list)

    @property
    def are_none(self) -> bool:
        return not self.offers and not self.profile_count


def uses_of_templates(session: Session) -> Mapping[int, Uses]:
    """By the template's id, in two statements; those that nobody uses are left out."""
    found: dict[int, Uses] = {}
    offers = (
        select(Offer.description_template_id, func.count())
        .where(Offer.description_template_id.is_not(None))
        .group_by(Offer.description_template_id)
    )
    for template_id, count in session.execute(offers):
        found.setdefault(template_id or 0, Uses()).offers = count
    chosen = Profile.values["description_template_id"].as_string()
    profiles = (
        select(chosen, Profile.scope, Account.alias, Profile.label)
        .join(Account, Account.id == Profile.account_id)
        .where(chosen.is_not(None))
        .order_by(Profile.scope, Profile.label)
    )
    for template_id, scope, alias, label in session.execute(profiles):
        if str(template_id).isdigit():
            _count(found.setdefault(int(template_id), Uses()), (Scope(scope), alias, label))
    return found


def _count(uses: Uses, profile: tuple[Scope, str, str]) -> None:
    uses.profile_count += 1
    if len(uses.profiles) < MOST_NAMES:
        uses.profiles.append(profile)


def list_offers_with_template(session: Session, template_id: int, limit: int = 5) -> list[tuple[int, str]]:
    """(id, title) of the newest."""
    rows = session.execute(
        select(Offer.id, Offer.title)
        .where(Offer.description_template_id == template_id)
        .order_by(Offer.id.desc())
        .limit(limit)
    )
    return [(row.id, row.title) for row in rows]
