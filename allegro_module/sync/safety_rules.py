"""Safety data of a brand, a product or an account: written into its profile; duplicates put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.profiles import Profile, find_profile, list_profiles, profiles_for
from allegro_module.db.safety import FIELD_BY_KIND, count_drafts, move_drafts
from allegro_module.db.terms import SellingTerm, TermKind, TermState
from allegro_module.domain.profiles import SAFETY_FIELDS, Found, Scope, resolve
from allegro_module.domain.shop import ShopProduct
from allegro_module.sync.term_wishes import archive_term, drop_wish


@dataclass(frozen=True, slots=True)
class Place:
    """Whose safety data they are; `key` as in `Profile`."""

    account_id: int
    scope: Scope
    key: str = ""
    label: str = ""
    product: ShopProduct | None = None


def own_values(session: Session, place: Place) -> dict[str, Any]:
    profile = find_profile(session, place.account_id, place.scope, place.key)
    return {name: value for name, value in _values(profile).items() if name in SAFETY_FIELDS}


def inherited(session: Session, place: Place) -> dict[str, Found]:
    """What holds where the place itself says nothing, and where that comes from."""
    if place.scope is Scope.ACCOUNT:
        return {}
    if place.product is not None:
        profiles = profiles_for(session, place.account_id, [place.product])
    else:
        profiles = list_profiles(session, place.account_id, Scope.ACCOUNT)
    return resolve([profile.layer for profile in profiles if profile.scope != place.scope])


def save_rule(session: Session, place: Place, values: Mapping[str, Any], who: str, now: datetime) -> bool:
    """Only the safety fields: what else the profile says stays. True when something changed."""
    profile = find_profile(session, place.account_id, place.scope, place.key)
    before = _values(profile)
    after = {name: value for name, value in before.items() if name not in SAFETY_FIELDS} | dict(values)
    if after == before:
        return False
    if profile is not None and not after and place.scope is not Scope.ACCOUNT:
        session.delete(profile)
        session.flush()
        return True
    if profile is None:
        profile = Profile(account_id=place.account_id, scope=place.scope, key=place.key, label=place.label)
        session.add(profile)
    profile.values = after
    profile.changed_at, profile.changed_by = now, who[:100]
    session.flush()
    return True


def _values(profile: Profile | None) -> dict[str, Any]:
    return dict(profile.values) if profile is not None else {}


@dataclass(frozen=True, slots=True)
class Uses:
    """Of an entry of the book: profiles that name it, and drafts that are not at Allegro yet."""

    profiles: Sequence[Profile] = ()
    drafts: int = 0


def uses_of_party(session: Session, term: SellingTerm) -> Uses:
    """What a merge would move; listed offers keep the entry, as Allegro keeps it for good."""
    if not term.allegro_id:
        return Uses()
    field = FIELD_BY_KIND[TermKind(term.kind)]
    profiles = list_profiles(session, term.account_id)
    return Uses(
        [profile for profile in profiles if profile.values.get(field) == term.allegro_id],
        count_drafts(session, term.account_id, field, term.allegro_id),
    )


def may_take_over(gone: SellingTerm, kept: SellingTerm) -> bool:
    is_usable = bool(kept.allegro_id) and kept.state != TermState.GONE and not kept.is_archived
    return is_usable and gone.id != kept.id and (gone.account_id, gone.kind) == (kept.account_id, kept.kind)


def merge_parties(session: Session, gone: SellingTerm, kept: SellingTerm, who: str, now: datetime) -> Uses:
    """Let `kept` stand wherever `gone` was named, and hide that one: Allegro deletes none (facts.md 6.10).

    Raises ValueError for entries that cannot stand for each other.
    """
    if not may_take_over(gone, kept):
        raise ValueError(f"{kept.id} cannot stand for {gone.id}")
    uses = uses_of_party(session, gone)
    field = FIELD_BY_KIND[TermKind(gone.kind)]
    for profile in uses.profiles:
        profile.values = {**profile.values, field: kept.allegro_id}
        profile.changed_at, profile.changed_by = now, who[:100]
    if gone.allegro_id:
        move_drafts(session, gone.account_id, field, gone.allegro_id, kept.known_id)
        archive_term(gone, True, who, now)
    else:
        drop_wish(gone, who, now)
    session.flush()
    return uses
