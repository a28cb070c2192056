"""Who am I, and where may I sell."""

from tests.simulator.conftest import Caller, codes


def test_me_tells_login_and_company(seller: Caller) -> None:
    me = seller.get("/me").json

    assert me["login"] == "bursztyn_i_len"
    assert me["company"]["name"].startswith("Bursztyn i Len")
    assert me["baseMarketplace"] == {"id": "allegro-pl"}


def test_private_person_has_no_company(nobody: Caller) -> None:
    token = nobody.link("jan_prywatny")["access_token"]

    assert nobody.get("/me", headers={"Authorization": f"Bearer {token}"}).json["company"] is None


def test_me_fails_with_the_token_of_an_application(application: Caller) -> None:
    answer = application.get("/me")

    assert (answer.status_code, codes(answer)) == (500, ["INTERNAL_SERVER_ERROR"])


def test_marketplaces_need_no_user(application: Caller, seller: Caller) -> None:
    found = application.get("/marketplaces").json["marketplaces"]

    assert {place["id"]: place["currencies"]["base"]["code"] for place in found} == {
        "allegro-pl": "PLN",
        "allegro-business-pl": "PLN",
        "allegro-cz": "CZK",
        "allegro-business-cz": "CZK",
        "allegro-sk": "EUR",
        "allegro-hu": "HUF",
    }
    assert seller.get("/marketplaces").json["marketplaces"] == found
