"""Sellers that change: another login, a company founded or closed."""

from allegro_module.simulator import World
from tests.simulator.conftest import Caller, Remote, codes, status_of

SELLER = "bursztyn_i_len"


def me(nobody: Caller, token: str) -> dict[str, object]:
    found: dict[str, object] = nobody.get("/me", headers={"Authorization": f"Bearer {token}"}).json
    return found


def test_company_of_allegro_cz_is_there_and_is_a_new_one(nobody: Caller, checked: object) -> None:
    caller = Caller(checked, nobody.link("jantar_praha")["access_token"])

    found = caller.get("/me").json

    assert found["baseMarketplace"] == {"id": "allegro-cz"}
    assert found["company"]["name"] == "Jantar Praha s.r.o."
    assert caller.get("/sale/shipping-rates").json["shippingRates"] == []
    assert caller.get("/after-sales-service-conditions/return-policies").json["count"] == 0


def test_renamed_seller_keeps_his_links_and_his_place(nobody: Caller, remote: Remote, world: World) -> None:
    tokens = nobody.link()
    before = list(world.sellers)

    remote.post(f"/sellers/{SELLER}", login="bursztyn")

    assert me(nobody, tokens["access_token"])["login"] == "bursztyn"
    assert list(world.sellers) == ["bursztyn", *before[1:]]
    assert status_of(nobody, nobody.link("bursztyn")) == 200


def test_taken_login_is_refused(remote: Remote, world: World) -> None:
    assert "errors" in remote.post(f"/sellers/{SELLER}", login="drugi_sklep")
    assert "errors" in remote.post("/sellers/nobody", login="somebody")
    assert "errors" in remote.post(f"/sellers/{SELLER}", nonsense=1)
    assert len(world.sellers) == 4


def test_private_person_founds_a_company_and_closes_it(nobody: Caller, remote: Remote) -> None:
    token = nobody.link("jan_prywatny")["access_token"]

    remote.post("/sellers/jan_prywatny", company={"name": "Jan Handel", "tax_id": "5252674798"})
    founded = me(nobody, token)["company"]
    remote.post("/sellers/jan_prywatny", company=None)
    closed = me(nobody, token)["company"]
    remote.post("/sellers/jan_prywatny", company=True)

    assert (founded, closed) == ({"name": "Jan Handel", "taxId": "5252674798"}, None)
    assert me(nobody, token)["company"] is not None


def test_company_made_private_may_list_no_longer(nobody: Caller, remote: Remote, checked: object) -> None:
    caller = Caller(checked, nobody.link()["access_token"])
    remote.post(f"/sellers/{SELLER}", company=False)

    answer = caller.call("POST", "/sale/product-offers", json={"stock": {"available": 1}})

    assert (answer.status_code, codes(answer)) == (403, ["OfferAccessDeniedException"])


def test_base_marketplace_can_be_changed(nobody: Caller, remote: Remote) -> None:
    remote.post(f"/sellers/{SELLER}", base_marketplace="allegro-sk")

    token = nobody.link()["access_token"]

    assert me(nobody, token)["baseMarketplace"] == {"id": "allegro-sk"}
