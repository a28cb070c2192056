"""Fetching an account's selling terms, so that an offer can be made without asking Allegro each time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import NotConnected, Reason, Refused, Unexpected
from allegro_module.db.base import upsert
from allegro_module.db.terms import SellingTerm, TermKind

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Term:
    id: str
    name: str
    details: Mapping[str, Any]


def fetch_terms(session: Session, api: AllegroClient, account_id: int, now: datetime) -> dict[TermKind, int]:
    """How many there are of each kind that Allegro let us read.

    1. Read all kinds, with no transaction open.  2. Save them in one.  A kind that Allegro refuses, or that
    is suddenly empty, stays as it was: absence is not evidence.      Raises NotConnected, Unavailable.
    """
    session.rollback()
    terms_by_kind = {kind: terms for kind, read in READERS.items() if (terms := _read(kind, read, api))}
    for kind, terms in terms_by_kind.items():
        _save(session, account_id, kind, terms, now)
    session.commit()
    return {kind: len(terms) for kind, terms in terms_by_kind.items()}


def _read(
    kind: TermKind, read: Callable[[AllegroClient], Sequence[Term]], api: AllegroClient
) -> Sequence[Term]:
    try:
        return read(api)
    except (Refused, Unexpected) as trouble:
        log.warning("terms of kind %s stay as they were: %s", kind, trouble)
        return ()
    except NotConnected as refusal:
        if refusal.reason is not Reason.SCOPE_MISSING:
            raise
        log.warning("terms of kind %s stay as they were: %s", kind, refusal)
        return ()


def _save(session: Session, account_id: int, kind: TermKind, terms: Sequence[Term], now: datetime) -> None:
    rows = [
        {
            "account_id": account_id,
            "kind": kind,
            "allegro_id": term.id,
            "name": term.name[:255],
            "details": dict(term.details),
            "fetched_at": now,
        }
        for term in terms
    ]
    upsert(session, SellingTerm, ["account_id", "kind", "allegro_id"], rows)
    session.execute(
        delete(SellingTerm).where(
            SellingTerm.account_id == account_id,
            SellingTerm.kind == kind,
            SellingTerm.allegro_id.not_in([term.id for term in terms]),
        ),
        execution_options={"synchronize_session": False},
    )


def _shipping_rates(api: AllegroClient) -> list[Term]:
    return [
        Term(
            each.id,
            each.name,
            {
                "marketplaces": [marketplace.id for marketplace in each.marketplaces or ()],
                "is_managed_by_allegro": bool(each.features and each.features.managed_by_allegro),
            },
        )
        for each in api.delivery.shipping_rates_list()
    ]


def _return_policies(api: AllegroClient) -> list[Term]:
    return [
        Term(each.id, each.name, {"withdrawal_period": each.withdrawal_period})
        for each in api.after_sales.return_policies()
    ]


def _implied_warranties(api: AllegroClient) -> list[Term]:
    return [Term(each.id, each.name, {}) for each in api.after_sales.implied_warranties()]


def _warranties(api: AllegroClient) -> list[Term]:
    return [Term(each.id, each.name, {}) for each in api.after_sales.warranties()]


def _producers(api: AllegroClient) -> list[Term]:
    return [
        Term(each.id, each.name, {"trade_name": each.producer_data and each.producer_data.trade_name})
        for each in api.producers.responsible_producers()
    ]


READERS: Mapping[TermKind, Callable[[AllegroClient], Sequence[Term]]] = {
    TermKind.SHIPPING_RATE: _shipping_rates,
    TermKind.RETURN_POLICY: _return_policies,
    TermKind.IMPLIED_WARRANTY: _implied_warranties,
    TermKind.WARRANTY: _warranties,
    TermKind.RESPONSIBLE_PRODUCER: _producers,
}
