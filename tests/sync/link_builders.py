"""A seller at the consent page, and the flow that sends him there and takes him back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import Client

from allegro_module.client import AllegroClient
from allegro_module.client.environment import environment
from allegro_module.client.oauth import OAuth
from allegro_module.client.transport import FixedToken, Transport
from allegro_module.db.accounts import Account, Application
from allegro_module.db.audit import AuditEntry
from allegro_module.domain.accounts import GrantType
from allegro_module.sealing import Seal
from allegro_module.sync.linking import (
    Answer,
    Doors,
    LinkBegun,
    LinkFailed,
    begin_link,
    confirm_link,
    finish_link,
)
from tests.sync.conftest import SIMULATOR_URL, USER_AGENT, BothClocks
from tests.sync.order_builders import SELLER

CALLBACK = "http://localhost:8000/backend/allegro/config/callback"
HERE = environment("simulator", SIMULATOR_URL)


@dataclass
class Browser:
    """The seller: goes to the consent page and comes back with what stands in the address."""

    client: Client

    def consent(self, address: str, seller: str = SELLER, decision: str = "allow") -> dict[str, str]:
        query = urlsplit(address).query
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        page = self.client.get(f"/auth/oauth/authorize?{query}", base_url=SIMULATOR_URL)
        assert page.status_code == 200, page.text
        answer = self.client.post(
            "/auth/oauth/authorize",
            base_url=SIMULATOR_URL,
            data=urlencode({**asked, "seller": seller, "decision": decision}),
            content_type="application/x-www-form-urlencoded",
        )
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


@dataclass
class Linking:
    session: Session
    http: httpx2.Client
    seal: Seal
    clock: BothClocks
    browser: Browser
    application_id: int

    @property
    def oauth(self) -> OAuth:
        return OAuth(HERE, USER_AGENT, self.http)

    def begin(self, account_id: int | None = None) -> LinkBegun:
        application = self.session.get_one(Application, self.application_id)
        return begin_link(
            self.session, self.oauth, self.seal, application, account_id, CALLBACK, "anna", self.clock()
        )

    def finish(self, back: dict[str, str], expected_state: str, doors: Doors | None = None) -> Account:
        answer = Answer(
            state=back.get("state", ""),
            expected_state=expected_state,
            code=back.get("code", ""),
            error=back.get("error", ""),
        )
        self.session.rollback()
        return finish_link(self.session, doors or self.doors, self.seal, answer)

    def _api(self, name: str, token: str, app_name: str) -> AllegroClient:
        return AllegroClient(Transport(HERE, USER_AGENT, FixedToken(token), self.http, self.clock))

    def link(self, seller: str = SELLER, account_id: int | None = None) -> Account:
        begun = self.begin(account_id)
        return self.finish(self.browser.consent(begun.address, seller), begun.state)

    def fails(self, back: dict[str, str], expected_state: str, doors: Doors | None = None) -> str:
        with pytest.raises(LinkFailed) as failed:
            self.finish(back, expected_state, doors)
        self.session.rollback()
        return failed.value.code

    def confirmed(self, seller: str = SELLER, account_id: int | None = None) -> Account:
        """Linked, and said to be the right one."""
        account = self.link(seller, account_id)
        confirm_link(self.session, account, "anna", self.clock())
        return account

    def with_application(self, name: str, grant_type: GrantType = GrantType.AUTHORIZATION_CODE) -> Linking:
        """The same with other keys: `second-client` or `demo-device`."""
        application = Application(
            environment="simulator",
            grant_type=grant_type,
            client_id=f"{name}-id",
            sealed_client_secret=self.seal.close(f"{name}-secret"),
            created_at=self.clock(),
            changed_at=self.clock(),
        )
        self.session.add(application)
        self.session.commit()
        other = replace(self, application_id=application.id)
        self.session.rollback()
        return other

    @property
    def doors(self) -> Doors:
        return Doors(lambda name, app: self.oauth, self._api, lambda name: self.clock())


def accounts(session: Session) -> list[Account]:
    return list(session.scalars(select(Account).order_by(Account.id)))


def actions(session: Session) -> list[str]:
    """Of the audit log, oldest first."""
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
