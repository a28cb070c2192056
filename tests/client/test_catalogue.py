"""Account, categories, products and pictures, read from the simulator."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

import pytest
from PIL import Image

from allegro_module.client import AllegroClient
from allegro_module.client.categories import CategoryParameter, ParameterType, parameters_from
from allegro_module.client.errors import NotConnected, Reason, Refused, Unavailable
from allegro_module.client.images import media_type_of
from allegro_module.client.products import ProductStatus, SearchMode
from allegro_module.client.transport import FixedToken
from tests.client.conftest import PUBLIC, Remote, client_of
from tests.openapi import OpenApiCheck

BOOKS = "260019"
RINGS = "123428"
MUG = "5904002003500"


def picture(format_: str, size: tuple[int, int] = (600, 600)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, "orange").save(file, format_)
    return file.getvalue()


def by_id(parameters: tuple[CategoryParameter, ...]) -> dict[str, CategoryParameter]:
    return {parameter.id: parameter for parameter in parameters}


def test_a_company_seller_is_known_by_id_and_login(api: AllegroClient) -> None:
    me = api.account.me()

    assert (me.id, me.login, me.is_company) == ("44100101", "bursztyn_i_len", True)
    assert me.base_marketplace is not None
    assert me.base_marketplace.id == "allegro-pl"


def test_a_private_seller_is_no_company(wire: OpenApiCheck, token_of: Callable[..., str]) -> None:
    assert not client_of(wire, FixedToken(token_of("jan_prywatny"))).account.me().is_company


def test_an_application_alone_has_no_account(wire: OpenApiCheck, token_of: Callable[..., str]) -> None:
    with pytest.raises(Unavailable):
        client_of(wire, FixedToken(token_of(None))).account.me()


def test_an_application_alone_reads_categories(wire: OpenApiCheck, token_of: Callable[..., str]) -> None:
    assert client_of(wire, FixedToken(token_of(None))).categories.children()


def test_an_account_without_the_scope_must_connect_again(
    wire: OpenApiCheck, token_of: Callable[..., str]
) -> None:
    narrow = client_of(wire, FixedToken(token_of(scopes=("allegro:api:profile:read",))))

    with pytest.raises(NotConnected) as raised:
        narrow.orders.event_stats()

    assert raised.value.reason is Reason.SCOPE_MISSING


def test_marketplaces_tell_their_currency(api: AllegroClient) -> None:
    currencies = {
        each.id: each.currencies.base.code
        for each in api.account.marketplaces()
        if each.currencies and each.currencies.base
    }

    assert currencies["allegro-pl"] == "PLN"


def test_the_tree_is_walked_from_the_roots_to_the_leaves(api: AllegroClient) -> None:
    root = next(each for each in api.categories.children() if each.name == "Kultura i rozrywka")
    branch = api.categories.children(root.id)[0]
    leaves = api.categories.children(branch.id)

    assert root.parent is None
    assert not branch.leaf
    assert {leaf.id for leaf in leaves if leaf.leaf} >= {BOOKS}
    assert api.categories.category(BOOKS).parent is not None


def test_a_category_that_is_not_there_is_missing(api: AllegroClient) -> None:
    with pytest.raises(Refused) as raised:
        api.categories.parameters("999999999")

    assert raised.value.is_missing


def test_parameters_come_with_types_restrictions_and_conditions(api: AllegroClient) -> None:
    parameters = by_id(api.categories.parameters(BOOKS).parameters)

    condition, isbn = parameters["11323"], parameters["245669"]
    assert condition.type is ParameterType.DICTIONARY
    assert {value.id for value in condition.dictionary or ()} >= {"11323_1"}
    assert isbn.required_if is not None
    assert [(each.id, each.one_of_value_ids) for each in isbn.required_if.parameters_with_value or ()] == [
        ("11323", ("11323_1",))
    ]


def test_parameters_kept_as_they_came_read_the_same(api: AllegroClient) -> None:
    answer = api.categories.parameters(RINGS)

    assert parameters_from(answer.raw) == answer.parameters
    assert all("id" in entry for entry in answer.raw)


def test_parameters_of_a_product_are_a_list_of_their_own(api: AllegroClient) -> None:
    whole = by_id(api.categories.parameters(RINGS).parameters)
    product = by_id(api.categories.product_parameters(RINGS).parameters)

    describing = {
        each.id for each in whole.values() if each.options is not None and each.options.describes_product
    }
    assert product
    assert product.keys() & whole.keys() <= describing


def test_a_parameter_of_a_new_type_does_not_spoil_the_list(remote: Remote, remote_api: AllegroClient) -> None:
    entry = {"id": "1", "name": "Zapach", "type": "smell", "restrictions": {"min": 0.1, "strength": "high"}}
    remote.will_answer(200, {"parameters": [entry]})

    answer = remote_api.categories.parameters("7")

    assert answer.parameters[0].type is ParameterType.UNKNOWN
    assert answer.parameters[0].restrictions is not None
    assert answer.parameters[0].restrictions.min == Decimal("0.1")
    assert answer.raw == [entry]


def test_a_title_suggests_categories_with_their_path(api: AllegroClient) -> None:
    found = api.categories.matching_categories("kubek ceramiczny")

    assert found[0].path == ("Dom i Ogród", "Wyposażenie", "Naczynia", "Kubki i filiżanki")


def test_taxes_of_a_category_are_told_per_country(api: AllegroClient) -> None:
    taxes = api.categories.taxes(BOOKS, "PL", "CZ")

    rates = {each.country_code: {rate.value for rate in each.values or ()} for each in taxes.rates or ()}
    assert set(rates) == {"PL", "CZ"}
    assert "5.00" in rates["PL"]


def test_a_product_is_found_by_its_gtin(api: AllegroClient) -> None:
    page = api.products.search(MUG, SearchMode.GTIN)

    product = api.products.product(page.products[0].id)
    gtins = [each for each in product.parameters or () if each.options and each.options.is_gtin]
    assert product.name.startswith("Kubek ceramiczny")
    assert product.publication is not None
    assert product.publication.status is ProductStatus.LISTED
    assert [each.values for each in gtins] in ([(MUG,)], [])


def test_a_product_that_is_not_there_is_missing(api: AllegroClient) -> None:
    with pytest.raises(Refused) as raised:
        api.products.product("00000000-0000-4000-8000-000000000000")

    assert raised.value.is_missing


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_uploaded_as_what_it_is(api: AllegroClient, format_: str) -> None:
    content = picture(format_)
    media_type = media_type_of(content)
    assert media_type == f"image/{format_.lower()}"

    uploaded = api.images.upload(content, media_type)

    assert uploaded.location.startswith("http://allegro.test/img/")
    assert uploaded.expires_at is not None


def test_a_picture_goes_to_the_upload_host_with_its_own_type(
    remote: Remote, remote_api: AllegroClient
) -> None:
    remote.will_answer(201, {"location": "https://a.allegroimg.com/1", "expiresAt": None})

    remote_api.images.upload(b"\xff\xd8\xff", "image/jpeg")

    headers = remote.asked[0].headers
    assert (headers["Content-Type"], headers["Accept"]) == ("image/jpeg", PUBLIC)


def test_a_picture_that_is_too_small_is_refused(api: AllegroClient) -> None:
    with pytest.raises(Refused) as raised:
        api.images.upload(picture("JPEG", (380, 300)), "image/jpeg")

    assert raised.value.objections[0].text


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"RIFF1234WAVE", b"<svg/>"])
def test_other_pictures_have_no_media_type(content: bytes) -> None:
    assert media_type_of(content) is None
