"""Who am I, and which marketplaces are there."""

from flask import Response

from allegro_module.simulator.http import Call, Problem, Refusal, Room, answer

room = Room()

# id, languages of offers, base currency, further currencies, countries of delivery
MARKETPLACES = (
    ("allegro-pl", ("pl-PL", "en-US", "uk-UA"), "PLN", (), ("PL", "CZ", "SK", "HU", "DE", "LT")),
    ("allegro-business-pl", ("pl-PL",), "PLN", (), ("PL",)),
    ("allegro-cz", ("cs-CZ", "en-US"), "CZK", (), ("CZ",)),
    ("allegro-business-cz", ("cs-CZ",), "CZK", (), ("CZ",)),
    ("allegro-sk", ("sk-SK", "en-US"), "EUR", (), ("SK",)),
    ("allegro-hu", ("hu-HU", "en-US"), "HUF", (), ("HU",)),
)


@room.route("GET", "/me", scope="profile:read", app_token=True)
def me(call: Call) -> Response:
    """With an application's token the real resource fails rather than refuses (seen in July 2026)."""
    if call.seller is None:
        raise Refusal(500, Problem("INTERNAL_SERVER_ERROR", "Internal server error", path="/me"))
    seller = call.seller
    company = {"name": seller.company.name, "taxId": seller.company.tax_id} if seller.company else None
    return answer(
        {
            "id": seller.id,
            "login": seller.login,
            "firstName": seller.first_name,
            "lastName": seller.last_name,
            "email": seller.email,
            "baseMarketplace": {"id": seller.base_marketplace},
            "company": company,
            "features": list(seller.features),
        }
    )


@room.route("GET", "/marketplaces", app_token=True)
def marketplaces(call: Call) -> Response:
    return answer({"marketplaces": [_marketplace(*row) for row in MARKETPLACES]})


def _marketplace(
    marketplace_id: str,
    languages: tuple[str, ...],
    currency: str,
    more_currencies: tuple[str, ...],
    countries: tuple[str, ...],
) -> dict[str, object]:
    return {
        "id": marketplace_id,
        "languages": {
            "offerCreation": _codes(languages[:1]),
            "offerDisplay": _codes(languages),
        },
        "currencies": {"base": {"code": currency}, "additional": _codes(more_currencies)},
        "shippingCountries": _codes(countries),
    }


def _codes(values: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"code": value} for value in values]
