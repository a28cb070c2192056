"""Who exists in the simulated world: sellers and the applications they registered."""

from dataclasses import dataclass

from allegro_module.simulator.tokens import SCOPES

LOOPBACK = ("http://localhost", "http://127.0.0.1")

AUTHORIZATION_CODE = "authorization_code"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
# Chosen at registration and not changeable later; these two work with either kind.
COMMON_GRANTS = ("refresh_token", "client_credentials")
BROWSER = (AUTHORIZATION_CODE, *COMMON_GRANTS)
DEVICE = (DEVICE_CODE, *COMMON_GRANTS)


@dataclass(frozen=True)
class Company:
    name: str
    tax_id: str


@dataclass(frozen=True)
class Seller:
    """An account that sells; without a company it may not list by API (since 2022-07-12)."""

    id: str
    login: str
    first_name: str
    last_name: str
    email: str
    company: Company | None
    base_marketplace: str = "allegro-pl"
    features: tuple[str, ...] = ()

    @property
    def is_company(self) -> bool:
        return self.company is not None


@dataclass(frozen=True)
class Application:
    """`scopes` are those declared for it; `grant_types` tell the kind, a browser's or a device's."""

    client_id: str
    client_secret: str
    name: str
    redirect_uris: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = BROWSER
    scopes: tuple[str, ...] = SCOPES

    def grants(self, grant_type: str) -> bool:
        return grant_type in self.grant_types or grant_type in COMMON_GRANTS

    @property
    def is_for_devices(self) -> bool:
        return DEVICE_CODE in self.grant_types

    def granted(self, asked: str) -> tuple[str, ...]:
        """Asking for nothing gives everything declared; asking for more gives only what is declared."""
        wanted = set(asked.split())
        return tuple(scope for scope in self.scopes if scope in wanted) if wanted else self.scopes

    def redirects_to(self, uri: str, *, any_loopback: bool) -> bool:
        """Allegro compares whole addresses; a deeper path or another query is another address."""
        return uri in self.redirect_uris or (any_loopback and _is_loopback(uri))


def _is_loopback(uri: str) -> bool:
    return any(uri == start or uri.startswith((f"{start}:", f"{start}/", f"{start}?")) for start in LOOPBACK)


def first_sellers() -> dict[str, Seller]:
    """Two companies, a private person and a company registered on allegro.cz, by login."""
    sellers = (
        Seller(
            "44100101",
            "bursztyn_i_len",
            "Hanna",
            "Jantarska",
            "kontakt@bursztyn-i-len.example",
            Company("Bursztyn i Len Hanna Jantarska", "5833215674"),
            features=("SUPER_SELLER",),
        ),
        Seller(
            "44100102",
            "drugi_sklep",
            "Paweł",
            "Wierzbicki",
            "biuro@drugi-sklep.example",
            Company("Drugi Sklep sp. z o.o.", "7792468139"),
        ),
        Seller("44100103", "jan_prywatny", "Jan", "Prywatny", "jan@poczta.example", None),
        Seller(
            "44100104",
            "jantar_praha",
            "Eliška",
            "Jantarová",
            "info@jantar-praha.example",
            Company("Jantar Praha s.r.o.", "27604977"),
            base_marketplace="allegro-cz",
        ),
    )
    return {seller.login: seller for seller in sellers}


def first_applications() -> dict[str, Application]:
    """One for browsers, one for devices, and one more for browsers, by client id."""
    applications = (
        Application("demo-client-id", "demo-client-secret", "Sklep-Demo"),
        Application("demo-device-id", "demo-device-secret", "Sklep-Demo-Urzadzenie", grant_types=DEVICE),
        Application("second-client-id", "second-client-secret", "Sklep-Demo-Drugi"),
    )
    return {application.client_id: application for application in applications}
