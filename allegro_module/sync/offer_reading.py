"""Allegro's details of an offer → what became of what was wanted (facts.md 6.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from allegro_module.client.offers import OfferStatus, ProductOffer
from allegro_module.domain.offers import OfferState, Wanted
from allegro_module.domain.parameters import Parameter
from allegro_module.domain.problems import Problem
from allegro_module.sync.objections import problems_at_fields


@dataclass(frozen=True, slots=True)
class Outcome:
    """`state` is None while Allegro has not made up its mind; problems of an active offer are warnings."""

    state: OfferState | None
    status: str
    problems: list[Problem] = field(default_factory=list)


def to_outcome(
    details: ProductOffer,
    parameters: Sequence[Parameter],
    wanted: Wanted,
    now: datetime,
    rate_fields: Sequence[str] = (),
) -> Outcome:
    status = details.status
    problems = problems_at_fields(details.objections, parameters, rate_fields)
    if status is OfferStatus.ACTIVE:
        if wanted == Wanted.END:
            return Outcome(None, status)
        cautions = details.validation.cautions if details.validation else ()
        remarks = [*problems, *problems_at_fields(cautions, parameters, rate_fields)]
        return Outcome(OfferState.ACTIVE, status, _as_warnings(remarks))
    if status is OfferStatus.ENDED and (wanted == Wanted.END or not problems):
        return Outcome(OfferState.ENDED, status)
    if status is OfferStatus.INACTIVE and wanted not in (Wanted.LIST, Wanted.RESUME):
        return Outcome(OfferState.INACTIVE, status, problems)
    if status is OfferStatus.ACTIVATING and _is_planned(details, now):
        return Outcome(OfferState.PLANNED, status, _as_warnings(problems))
    if problems:
        return Outcome(OfferState.REFUSED, status, problems)
    return Outcome(None, status)


def _as_warnings(problems: Sequence[Problem]) -> list[Problem]:
    return [replace(each, is_warning=True) for each in problems]


def _is_planned(details: ProductOffer, now: datetime) -> bool:
    starting_at = starts_at(details)
    return starting_at is not None and starting_at > now


def starts_at(details: ProductOffer) -> datetime | None:
    return details.publication.starting_at if details.publication else None


def ended_by(details: ProductOffer) -> str:
    return (details.publication and details.publication.ended_by) or ""
