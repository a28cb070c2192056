"""Webhook: what happened, posted as JSON to the address that the deployer names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx2


class NotPosted(Exception):
    """Nobody took it. The address stays unnamed: it may hold a secret."""


@dataclass(frozen=True, slots=True)
class Webhook:
    address: str = field(repr=False)
    user_agent: str
    http: httpx2.Client

    def post(self, event: Mapping[str, str]) -> None:
        """Raises NotPosted. A redirect is no answer: it might lead the shop anywhere."""
        headers = {"User-Agent": self.user_agent}
        try:
            response = self.http.post(self.address, json=dict(event), headers=headers, follow_redirects=False)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as trouble:
            raise NotPosted(type(trouble).__name__) from None
        if not response.is_success:
            raise NotPosted(f"answered {response.status_code}")
