"""Where Allegro lives: production, the sandbox, or a simulator behind one address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Environment:
    """`image_source` is where pictures of offers are served from, written as a CSP source."""

    name: str
    auth_url: str
    api_url: str
    upload_url: str
    web_url: str
    registration_url: str
    image_source: str

    def offer_url(self, offer_id: str) -> str:
        """The page buyers see."""
        return f"{self.web_url}/oferta/{quote(offer_id, safe='')}"


# developer.allegro.pl, "Uwierzytelnianie i autoryzacja"; hosts as in facts.md 1.1.
PRODUCTION = Environment(
    name="production",
    auth_url="https://allegro.pl",
    api_url="https://api.allegro.pl",
    upload_url="https://upload.allegro.pl",
    web_url="https://allegro.pl",
    registration_url="https://apps.developer.allegro.pl",
    image_source="https://*.allegroimg.com",
)
SANDBOX = Environment(
    name="sandbox",
    auth_url="https://allegro.pl.allegrosandbox.pl",
    api_url="https://api.allegro.pl.allegrosandbox.pl",
    upload_url="https://upload.allegro.pl.allegrosandbox.pl",
    web_url="https://allegro.pl.allegrosandbox.pl",
    registration_url="https://apps.developer.allegro.pl.allegrosandbox.pl",
    image_source="https://*.allegroimg.allegrosandbox.pl",
)


def environment(name: str, simulator_url: str | None = None) -> Environment:
    """Raises ValueError for an unknown name, or for the simulator without an address."""
    if name == "simulator" and simulator_url:
        return _simulator(simulator_url.rstrip("/"))
    for known in (PRODUCTION, SANDBOX):
        if known.name == name:
            return known
    raise ValueError(f"no environment {name!r}" if name != "simulator" else "the simulator has no address")


def _simulator(base: str) -> Environment:
    return Environment(
        name="simulator",
        auth_url=base,
        api_url=base,
        upload_url=base,
        web_url=base,
        registration_url=base,
        image_source=base,
    )
