"""Who exists in the simulated world: sellers and the applications they registered."""

from dataclasses import dataclass

LOOPBACK = ("http://localhost", "http://127.0.0.1")


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
    client_id: str
    client_secret: str
    name: str
    redirect_uris: tuple[str, ...] = ()

    def redirects_to(self, uri: str, *, any_loopback: bool) -> bool:
        """Allegro compares whole addresses; a deeper path or another query is another address."""
        return uri in self.redirect_uris or (any_loopback and _is_loopback(uri))


def _is_loopback(uri: str) -> bool:
    return any(uri == start or uri.startswith((f"{start}:", f"{start}/", f"{start}?")) for start in LOOPBACK)


def first_sellers() -> dict[str, Seller]:
    """Two companies and a private person, by login."""
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
    )
    return {seller.login: seller for seller in sellers}


def first_applications() -> dict[str, Application]:
    demo = Application("demo-client-id", "demo-client-secret", "Sklep-Demo")
    return {demo.client_id: demo}
