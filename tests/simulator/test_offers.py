"""Creating offers: what is demanded, what is refused and how it is said."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from allegro_module.simulator import World
from tests.openapi import OpenApiCheck
from tests.simulator.conftest import Caller, codes
from tests.simulator.goods import (
    BOOK,
    BOX,
    CREAM,
    NEW,
    PRODUCER,
    RING,
    SAFETY,
    SERVICE,
    USED,
    VAGUE,
    a_ring,
    chosen,
    create,
    faults,
    listed,
    of_product,
    product_called,
    read,
    said,
    uploaded,
)

CV = "ConstraintViolationException."
PRODUCT = "productSet[0].product"
PARAMETERS = f"{PRODUCT}.parameters"
NECKLACE = "d7187e51-36cc-4999-861e-a4336aa165f0"
NO_CODE = "8ff859fc-09fa-44f9-bada-0366126cb556"
INCOMPLETE = "df7e4db9-0dc6-4708-af86-84360469a152"
OWN_VALUE = "5222c367-c86d-44d7-8840-c1adec7d4178"

Spoil = Callable[[dict[str, Any]], object]


def put(path: str, value: Any) -> Spoil:
    """Set a member deep in the body, `a.0.b` being the b of the first a."""

    def spoil(body: dict[str, Any]) -> None:
        *way, last = path.split(".")
        place: Any = body
        for step in way:
            place = place[int(step)] if step.isdigit() else place.setdefault(step, {})
        place[int(last) if last.isdigit() else last] = value

    return spoil


def drop(path: str) -> Spoil:
    def spoil(body: dict[str, Any]) -> None:
        *way, last = path.split(".")
        place: Any = body
        for step in way:
            place = place[int(step)] if step.isdigit() else place[step]
        del place[last]

    return spoil


def parameter(parameter_id: str, **item: Any) -> Spoil:
    """Replace one of the product's parameters, or take it away."""

    def spoil(body: dict[str, Any]) -> None:
        product = body["productSet"][0]["product"]
        others = [entry for entry in product["parameters"] if entry["id"] != parameter_id]
        product["parameters"] = [*others, {"id": parameter_id, **item}] if item else others

    return spoil


def text(content: str) -> dict[str, Any]:
    return {"sections": [{"items": [{"type": "TEXT", "content": content}]}]}


def test_offer_made_from_data_becomes_active_after_its_operation(seller: Caller, world: World) -> None:
    answer = create(seller, a_ring(seller))

    assert answer.status_code == 202
    assert answer.headers["Retry-After"] == "5"
    assert answer.json["publication"]["status"] == "INACTIVE"
    running = seller.get(answer.headers["Location"])
    assert running.status_code == 202
    assert running.json["operation"]["status"] == "IN_PROGRESS"

    world.clock.advance(2)
    done = seller.get(answer.headers["Location"])

    assert done.status_code == 303
    offer = seller.get(done.headers["Location"]).json
    assert offer["id"] == answer.json["id"]
    assert offer["publication"]["status"] == "ACTIVE"


def test_offer_is_active_at_once_when_allegro_is_quick(seller: Caller, world: World) -> None:
    world.switches.offer_creation = "created"

    answer = create(seller, a_ring(seller))

    assert answer.status_code == 201
    assert answer.json["publication"]["status"] == "ACTIVE"
    assert "Location" not in answer.headers


def test_offer_that_fails_late_stays_a_draft_with_its_error(seller: Caller, world: World) -> None:
    world.switches.late_failure = True

    offer = read(seller, listed(seller, world, a_ring(seller)))

    assert offer["publication"]["status"] == "INACTIVE"
    assert [error["code"] for error in offer["validation"]["errors"]] == ["OFFER_SERVICE_ERROR"]


def test_what_is_left_out_takes_allegros_defaults(seller: Caller, world: World) -> None:
    body = of_product(product_called(world, "Obrus lniany"))

    offer = read(seller, listed(seller, world, body))

    terms = world.terms.return_policies
    assert offer["name"].startswith("Obrus lniany")
    assert offer["sellingMode"]["format"] == "BUY_NOW"
    assert offer["stock"]["unit"] == "UNIT"
    assert offer["delivery"]["handlingTime"] == "PT24H"
    assert offer["delivery"]["shippingRates"]["id"] == world.delivery.of("44100101")[0].id
    assert offer["afterSalesServices"]["returnPolicy"]["id"] in terms
    assert offer["afterSalesServices"]["warranty"] is None
    assert offer["payments"]["invoice"] == "VAT"
    assert offer["language"] == "pl-PL"
    assert offer["location"]["province"] == "POMORSKIE"
    assert len(offer["images"]) == 2
    assert offer["description"]["sections"]
    assert offer["additionalMarketplaces"]["allegro-cz"]["publication"]["state"] == "NOT_REQUESTED"


def test_periods_are_answered_in_hours(seller: Caller, world: World) -> None:
    body = a_ring(seller, delivery={"handlingTime": "P14D"}, publication={"duration": "P30D"})

    offer = read(seller, listed(seller, world, body))

    assert offer["delivery"]["handlingTime"] == "PT336H"
    assert offer["publication"]["duration"] == "PT720H"
    assert offer["publication"]["endingAt"] == "2026-12-20T12:00:02.000Z"


def test_terms_are_chosen_by_name_too(seller: Caller, world: World) -> None:
    body = a_ring(
        seller,
        delivery={"shippingRates": {"name": "Paczka do 1 kg"}},
        afterSalesServices={"warranty": {"name": "Gwarancja 24 miesiące"}},
    )

    offer = read(seller, listed(seller, world, body))

    assert offer["delivery"]["shippingRates"]["id"] == world.delivery.of("44100101")[1].id
    assert offer["afterSalesServices"]["warranty"]["id"] in world.terms.warranties


# Each fault with its code and place


@pytest.mark.parametrize(
    ("spoil", "code", "path"),
    [
        (put("name", "Za krótki t"), CV + "StringLength", "name"),
        (
            put("name", "Pierścionek & bursztyn & złoto & srebro & próba & rozmiar & kolor x"),
            CV + "StringLength",
            "name",
        ),
        (put("name", "Pierścionek bursztynowy"), CV + "OfferValidation", "name"),
        (put("name", "Pierścionek " + "a" * 31 + " złoty"), CV + "MaxWordLength", "name"),
        (put("name", "Pierścionek złoty ❤ z bursztynem"), CV + "CharacterNotAllowed", "name"),
        (put("stock.available", -1), "AvailableStockMustEqualToZeroOrBeGreaterThanZero", "stock.available"),
        (put("stock.available", 0), "AvailableStockMustEqualToOneOrBeGreaterThanOne", "stock.available"),
        (put("stock.unit", "KILO"), "VALIDATION_FAILED", "stock.unit"),
        (drop("sellingMode"), CV + "Price", "sellingMode.price"),
        (put("sellingMode.price.amount", "0.99"), CV + "Price", "sellingMode.price.amount"),
        (put("sellingMode.price.amount", "1000000000.01"), CV + "Price", "sellingMode.price.amount"),
        (put("sellingMode.price.amount", "12,50"), "VALIDATION_FAILED", "sellingMode.price.amount"),
        (put("sellingMode.price.amount", "12.505"), "InvalidPricePrecision", "sellingMode.price.amount"),
        (put("sellingMode.price.currency", "EUR"), "VALIDATION_FAILED", "sellingMode.price.currency"),
        (put("sellingMode.format", "LOTTERY"), "VALIDATION_FAILED", "sellingMode.format"),
        (
            put("sellingMode.format", "ADVERTISEMENT"),
            CV + "CategorySellingRestrictions",
            "sellingMode.format",
        ),
        (put("publication.duration", "P4D"), "VALIDATION_FAILED", "publication.duration"),
        (
            put("publication.startingAt", "2026-11-20T11:00:00Z"),
            "VALIDATION_FAILED",
            "publication.startingAt",
        ),
        (put("publication.startingAt", "jutro"), "VALIDATION_FAILED", "publication.startingAt"),
        (put("publication.status", "ENDED"), "VALIDATION_FAILED", "publication.status"),
        (put("publication.status", "SOLD"), "VALIDATION_FAILED", "publication.status"),
        (put("delivery.handlingTime", "P6D"), "VALIDATION_FAILED", "delivery.handlingTime"),
        (put("delivery.additionalInfo", "x" * 651), CV + "StringLength", "delivery.additionalInfo"),
        (
            put("delivery.shippingRates.name", "brak"),
            "ShippingRatesNotFoundException",
            "delivery.shippingRates",
        ),
        (
            put("afterSalesServices.returnPolicy.name", "brak"),
            "ReturnPolicyNotFoundException",
            "afterSalesServices.returnPolicy",
        ),
        (
            put("afterSalesServices.impliedWarranty.name", "brak"),
            "ImpliedWarrantyNotFoundException",
            "afterSalesServices.impliedWarranty",
        ),
        (
            put("afterSalesServices.warranty.name", "x"),
            "WarrantyNotFoundException",
            "afterSalesServices.warranty",
        ),
        (put("payments.invoice", "MAYBE"), "VALIDATION_FAILED", "payments.invoice"),
        (
            put("taxSettings", {"rates": [{"rate": "7.00", "countryCode": "PL"}]}),
            "SETTING_NOT_SUPPORTED_IN_CATEGORY",
            "taxSettings.rates[0].rate",
        ),
        (
            put("taxSettings", {"rates": [{"rate": "23.00", "countryCode": "DE"}]}),
            "SETTING_NOT_SUPPORTED_IN_CATEGORY",
            "taxSettings.rates[0].countryCode",
        ),
        (
            put("taxSettings", {"rates": [{"rate": "EXEMPT", "countryCode": "PL"}]}),
            "SETTING_NOT_SUPPORTED_IN_CATEGORY",
            "taxSettings.exemption",
        ),
        (
            put("taxSettings", {"rates": [], "subject": "SERVICES"}),
            "SETTING_NOT_SUPPORTED_IN_CATEGORY",
            "taxSettings.subject",
        ),
        (
            put(
                "location",
                {"countryCode": "PL", "city": "Gdańsk", "postCode": "80833", "province": "POMORSKIE"},
            ),
            "VALIDATION_FAILED",
            "location.postCode",
        ),
        (
            put(
                "location",
                {"countryCode": "PL", "city": "Gdańsk", "postCode": "80-833", "province": "POMORZE"},
            ),
            "VALIDATION_FAILED",
            "location.province",
        ),
        (put("external.id", "x" * 101), CV + "StringLength", "external.id"),
        (put("language", "de-DE"), "UnsupportedLanguageException", "language"),
        (
            put("messageToSellerSettings", {"mode": "REQUIRED"}),
            "VALIDATION_FAILED",
            "messageToSellerSettings.mode",
        ),
        (put("sizeTable", {"name": "Rozmiary"}), "SizeTableNotFoundException", "sizeTable"),
        (put("contact", {"name": "Piotr"}), "ContactNotFoundException", "contact"),
        (
            put("additionalServices", {"name": "Grawer"}),
            "AdditionalServicesGroupNotFoundException",
            "additionalServices",
        ),
        (
            put("fundraisingCampaign", {"name": "Cel"}),
            "FundraisingCampaignNotFoundException",
            "fundraisingCampaign",
        ),
        (
            put("discounts", {"wholesalePriceList": {"name": "Hurt"}}),
            "WholesalePriceListNotFoundException",
            "discounts.wholesalePriceList",
        ),
        (put("attachments", [{"id": "x"}]), "AttachmentNotFoundException", "attachments[0]"),
        (
            put("additionalMarketplaces", {"allegro-pl": {}}),
            "BaseMarketplaceInAdditionalMarketplacesException",
            "additionalMarketplaces.allegro-pl",
        ),
        (
            put("additionalMarketplaces", {"allegro-de": {}}),
            "UnsupportedAdditionalMarketplaceException",
            "additionalMarketplaces.allegro-de",
        ),
        (put("images", ["https://example.com/a.jpg"]), "OfferImagesNotAvailableException", "images[0]"),
        (put("images", ["http://localhost/img/none"]), "OfferImagesNotAvailableException", "images[0]"),
        (drop("productSet.0.product.images"), "OfferImagesNotFoundException", "images"),
        (
            put("description", text("Tekst luzem")),
            CV + "OfferValidation",
            "description.sections[0].items[0].content",
        ),
        (
            put(
                "description",
                {"sections": [{"items": [{"type": "IMAGE", "url": "http://localhost/img/none"}]}]},
            ),
            CV + "OfferValidation",
            "description.sections[0].items[0].url",
        ),
        (
            put("description", {"sections": [{"items": []}]}),
            CV + "OfferValidation",
            "description.sections[0].items",
        ),
        (
            put("description", {"sections": [{"items": [{"type": "VIDEO"}]}]}),
            CV + "OfferValidation",
            "description.sections[0].items[0].type",
        ),
        (drop("productSet.0.product.category"), "MissedCategoryIdException", "category"),
        (put("category", {"id": "1"}), "CATEGORY_NOT_EXISTS", "category.id"),
        (put("productSet.0.product.category.id", "123425"), "INVALID_CATEGORY_ID", f"{PRODUCT}.category.id"),
        (drop("productSet.0.product.name"), "RequiredProductName", f"{PRODUCT}.name"),
        (put("productSet.0.product.name", "x" * 76), CV + "StringLength", f"{PRODUCT}.name"),
        (put("productSet.0.product.id", "nie ma"), "ProductNotFoundException", f"{PRODUCT}.id"),
        (put("parameters", []), CV + "MissingRequiredParameters", "parameters"),
        (parameter("206653"), "MissingRequiredParameters", PARAMETERS),
        (parameter("206650"), "MissingRequiredParameters", PARAMETERS),
        (parameter("999", values=["x"]), "ParameterIdNotFoundException", PARAMETERS),
        (parameter("11323", valuesIds=[NEW]), "ParameterCategoryException", PARAMETERS),
        (
            put("parameters", [chosen("11323", NEW), chosen("206653", "206653_1")]),
            "ParameterCategoryException",
            "parameters",
        ),
        (parameter("206653", valuesIds=["206653_99"]), "DictionaryParameterIdNotFound", PARAMETERS),
        (parameter("206653", values=["99"]), "DictionaryParameterValueNotFound", PARAMETERS),
        (parameter("206656", valuesIds=[]), CV + "NoValueInDictionaryParameter", PARAMETERS),
        (parameter("206655", values=[]), "IncompleteParameterDefinition", PARAMETERS),
        (parameter("206655", values=["ciężki"]), "NonNumericValueInNumberParameter", PARAMETERS),
        (parameter("206655", values=["0"]), CV + "NumberOutOfRange", PARAMETERS),
        (parameter("206648", valuesIds=["206648_3"]), CV + "DependencyValidator", PARAMETERS),
        (parameter("206651", valuesIds=["206651_4"]), CV + "DependencyValidator", PARAMETERS),
        (parameter("225693", values=["5901234123450"]), CV + "WrongChecksumInGtinParameter", PARAMETERS),
        (parameter("225693", values=["12345"]), "NotStandardLengthInGtinParameter", PARAMETERS),
        (
            drop("productSet.0.responsibleProducer"),
            "PRODUCT_SAFETY_EMPTY",
            "productSet[0].responsibleProducer",
        ),
        (drop("productSet.0.safetyInformation"), "PRODUCT_SAFETY_EMPTY", "productSet[0].safetyInformation"),
        (
            put("productSet.0.responsibleProducer", {"type": "NAME", "name": "Nikt"}),
            "RESPONSIBLE_PRODUCER_NOT_FOUND",
            "productSet[0].responsibleProducer",
        ),
        (
            put("productSet.0.responsiblePerson", {"name": "Nikt"}),
            "RESPONSIBLE_PERSON_NOT_FOUND",
            "productSet[0].responsiblePerson",
        ),
        (
            put("productSet.0.marketedBeforeGPSRObligation", True),
            "PRODUCT_MARKETED_BEFORE_GPSR_OBLIGATION_OPTION_NOT_ALLOWED",
            "productSet[0].marketedBeforeGPSRObligation",
        ),
        (
            put("productSet.0.safetyInformation", {"type": "TEXT", "description": "x" * 5001}),
            CV + "StringLength",
            "productSet[0].safetyInformation.description",
        ),
        (
            put("productSet.0.safetyInformation", {"type": "ATTACHMENTS", "attachments": [{"id": "x"}]}),
            "AttachmentNotFoundException",
            "productSet[0].safetyInformation.attachments[0]",
        ),
    ],
)
def test_fault_is_refused_with_its_code_and_place(
    seller: Caller, checked: OpenApiCheck, world: World, spoil: Spoil, code: str, path: str
) -> None:
    body = a_ring(seller)
    spoil(body)

    with checked.expecting_violations():
        answer = create(seller, body)

    assert answer.status_code == 422, answer.text
    assert faults(answer) == [(code, path)]
    assert world.offers.offers == {}


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (put("name", 12), "name"),
        (put("stock.available", "3"), "stock.available"),
        (put("sellingMode.price.amount", 12.5), "sellingMode.price.amount"),
        (put("images", "one"), "images"),
        (put("productSet", {}), "productSet"),
        (put("language", None), "language"),
        (put("description", None), "description"),
        (put("b2b", {"buyableOnlyByBusiness": "yes"}), "b2b.buyableOnlyByBusiness"),
    ],
)
def test_member_of_a_wrong_kind_is_malformed(
    seller: Caller, checked: OpenApiCheck, spoil: Spoil, path: str
) -> None:
    body = a_ring(seller)
    spoil(body)

    with checked.expecting_violations():
        answer = create(seller, body)

    assert (answer.status_code, faults(answer)) == (400, [("JsonMappingException", path)])


@pytest.mark.parametrize(
    ("spoil", "name"),
    [
        (put("nazwa", "x"), "nazwa"),
        (put("stock.quantity", 1), "quantity"),
        (put("productSet.0.product.ean", "x"), "ean"),
    ],
)
def test_unknown_member_is_refused_by_name(
    seller: Caller, checked: OpenApiCheck, spoil: Spoil, name: str
) -> None:
    body = a_ring(seller)
    spoil(body)

    with checked.expecting_violations():
        answer = create(seller, body)

    (error,) = answer.json["errors"]
    assert error["code"] == "UnknownJSONProperty"
    assert error["metadata"]["propertyName"] == name


def test_all_faults_are_told_at_once_in_the_callers_language(seller: Caller) -> None:
    body = a_ring(
        seller, name="Pierścionek złoty", sellingMode={"price": {"amount": "0.50", "currency": "PLN"}}
    )
    parameter("206653")(body)

    polish = create(seller, body)
    english = create(seller, body, headers={"Accept-Language": "en-US"})

    assert set(codes(polish)) == {"MissingRequiredParameters", CV + "OfferValidation", CV + "Price"}
    assert "Tytuł musi mieć co najmniej 3 słowa." in [error["userMessage"] for error in polish.json["errors"]]
    assert "The title needs at least 3 words" in [error["userMessage"] for error in english.json["errors"]]
    missing = next(error for error in english.json["errors"] if error["code"] == "MissingRequiredParameters")
    assert missing["metadata"] == {"missingParameterIds": "206653", "missingParameterNames": "Size"}


# Who may list what, and with which terms


def test_private_account_may_not_list(nobody: Caller, checked: OpenApiCheck, seller: Caller) -> None:
    private = Caller(checked, nobody.link("jan_prywatny")["access_token"])

    answer = create(private, a_ring(seller))

    assert (answer.status_code, codes(answer)) == (403, ["OfferAccessDeniedException"])


def test_application_without_a_user_may_not_list(application: Caller, seller: Caller) -> None:
    assert create(application, a_ring(seller)).status_code == 401


def test_terms_of_another_seller_are_refused(seller: Caller, world: World) -> None:
    foreign = world.delivery.of("44100102")[0].id
    policy = next(item.id for item in world.terms.return_policies.values() if item.seller_id == "44100102")
    body = a_ring(
        seller,
        delivery={"shippingRates": {"id": foreign}},
        afterSalesServices={"returnPolicy": {"id": policy}},
    )

    assert codes(create(seller, body)) == [
        "SHIPPING_RATES_ACCESS_DENIED",
        "AfterSalesServiceConditionsOwnedBySeller",
    ]


def test_account_without_terms_is_told_what_it_lacks(seller: Caller, world: World) -> None:
    body = a_ring(seller)
    world.delivery.price_lists.clear()
    world.terms.return_policies.clear()
    world.terms.implied_warranties.clear()

    assert codes(create(seller, body)) == [
        "DefaultShippingRatesNotFoundException",
        "ReturnPolicyNotDefinedException",
        "ImpliedWarrantyNotDefinedException",
    ]


# Products


def test_existing_product_is_linked_and_its_safety_data_fill_in(seller: Caller, world: World) -> None:
    sony = product_called(world, "Słuchawki bezprzewodowe Sony")
    body = of_product(sony, productSet=[{"product": {"id": sony}}])

    element = read(seller, listed(seller, world, body))["productSet"][0]

    assert element["product"]["id"] == sony
    assert element["product"]["publication"]["status"] == "LISTED"
    assert element["responsibleProducer"]["id"]
    assert element["safetyInformation"]["type"] == "TEXT"


def test_product_is_found_by_its_code(seller: Caller, world: World) -> None:
    sony = world.catalogue.products[product_called(world, "Słuchawki bezprzewodowe Sony")]
    by_gtin = of_product(
        "", productSet=[{"product": {"id": world.catalogue.gtins_of(sony)[0], "idType": "GTIN"}}]
    )
    by_mpn = of_product(
        "", productSet=[{"product": {"id": world.catalogue.mpns_of(sony)[0], "idType": "MPN"}}]
    )

    for body in (by_gtin, by_mpn):
        assert create(seller, body).json["productSet"][0]["product"]["id"] == sony.id


def test_code_of_several_products_names_them(seller: Caller, world: World) -> None:
    gtin = world.catalogue.gtins_of(world.catalogue.products[NECKLACE])[0]
    body = of_product("", productSet=[{"product": {"id": gtin, "idType": "GTIN"}}])

    (error,) = create(seller, body).json["errors"][:1]

    assert error["code"] == "MultipleProductsFoundException"
    assert NECKLACE in error["metadata"]["foundProductsIds"].split(",")


def test_data_too_few_to_tell_products_apart_are_refused(seller: Caller, world: World) -> None:
    gtin = world.catalogue.gtins_of(world.catalogue.products[NECKLACE])[0]
    body = a_ring(seller)
    body["productSet"][0]["product"] |= {"category": {"id": "123430"}, "parameters": [said("225693", gtin)]}

    answer = create(seller, body)
    body["productSet"][0]["product"]["parameters"] += [
        chosen("248811", "248811_4"),
        chosen("206646", "206646_5"),
    ]
    with_more = create(seller, body)

    assert "DuplicateDetectionMissingParametersException" in codes(answer)
    assert "Marka, Materiał" in answer.text
    assert "MultipleProductsFoundException" in codes(with_more)


def test_unknown_code_without_data_builds_nothing(seller: Caller) -> None:
    body = of_product("", productSet=[{"product": {"id": "5900000000008", "idType": "GTIN"}}])

    assert "MatchingProductForDataNotFoundException" in codes(create(seller, body))


def test_unknown_code_with_data_makes_a_product(seller: Caller, world: World) -> None:
    body = a_ring(seller)
    body["productSet"][0]["product"] |= {"id": "5900000000008", "idType": "GTIN"}

    product_id = create(seller, body).json["productSet"][0]["product"]["id"]

    assert world.catalogue.gtins_of(world.catalogue.products[product_id]) == ["5900000000008"]
    assert world.catalogue.products[product_id].status == "PROPOSED"


def test_same_data_mean_the_same_product(seller: Caller, world: World) -> None:
    body = a_ring(seller)

    first, second = create(seller, body).json, create(seller, body).json

    assert first["id"] != second["id"]
    assert first["productSet"][0]["product"]["id"] == second["productSet"][0]["product"]["id"]


def ring_data(world: World, seller: Caller, **changes: Any) -> dict[str, Any]:
    """An offer by data whose GTIN is that of the ring in the catalogue."""
    ring = world.catalogue.products[product_called(world, "Pierścionek złoty")]
    body = a_ring(seller)
    body["productSet"][0]["product"]["parameters"].append(said("225693", world.catalogue.gtins_of(ring)[0]))
    return body | changes


def test_data_with_a_known_gtin_are_matched(seller: Caller, world: World) -> None:
    answer = create(seller, ring_data(world, seller))

    assert answer.json["productSet"][0]["product"]["id"] == product_called(world, "Pierścionek złoty")


def test_data_that_differ_from_the_matched_product_are_refused(seller: Caller, world: World) -> None:
    body = ring_data(world, seller)
    parameter("206646", valuesIds=["206646_2"])(body)

    (error,) = create(seller, body).json["errors"]

    assert error["code"] == "PARAMETER_MISMATCH"
    assert error["metadata"] == {
        "productId": product_called(world, "Pierścionek złoty"),
        "parameterId": "206646",
        "parameterName": "Materiał",
        "expectedParameterValue": "złoto żółte",
        "expectedParameterValueId": "206646_3",
        "currentParameterValue": "złoto białe",
        "currentParameterValueId": "206646_2",
    }


def test_category_other_than_the_products_is_refused(seller: Caller, world: World) -> None:
    body = of_product(product_called(world, "Kubek ceramiczny"), category={"id": BOX})

    error = next(item for item in create(seller, body).json["errors"] if item["code"] == "CATEGORY_MISMATCH")

    assert error["metadata"]["requestedCategoryName"] == "Pudełka i organizery"
    assert error["metadata"]["existingCategoryId"] == "110130"


def test_similar_category_is_allowed(seller: Caller, world: World) -> None:
    body = of_product(product_called(world, "Obrus lniany"), category={"id": "110111"})

    assert "CATEGORY_MISMATCH" not in create(seller, body).text


def test_product_card_may_itself_be_incomplete(seller: Caller) -> None:
    (error,) = create(seller, of_product(INCOMPLETE)).json["errors"]

    assert error["code"] == "MissingRequiredParameters"
    assert error["metadata"]["productId"] == INCOMPLETE
    assert error["metadata"]["missingParameterNames"] == "Próba srebra"


def test_gap_of_a_card_is_filled_by_the_request(seller: Caller) -> None:
    body = of_product(INCOMPLETE)
    body["productSet"][0]["product"]["parameters"] = [chosen("206648", "206648_3")]

    assert create(seller, body).status_code == 202


def test_own_value_of_a_card_where_none_is_allowed(seller: Caller) -> None:
    assert codes(create(seller, of_product(OWN_VALUE))) == ["OfferCustomParametersException"]


def test_product_without_a_code_can_be_sold(seller: Caller) -> None:
    assert create(seller, of_product(NO_CODE)).status_code == 202


def test_requirement_of_a_product_binds_the_offer(seller: Caller, world: World) -> None:
    body = of_product(product_called(world, "Krem do twarzy"), parameters=[chosen("11323", USED)])

    assert codes(create(seller, body)) == ["ProductConstraintViolationException.DataIntegrity"]


def test_six_offers_of_one_new_product_are_too_many(seller: Caller, world: World) -> None:
    body = of_product(product_called(world, "Kubek ceramiczny"))
    for _ in range(5):
        assert create(seller, body).status_code == 202

    sixth = create(seller, body)

    assert faults(sixth) == [("offerCounter", f"{PRODUCT}.id")]
    assert create(seller, body | {"parameters": [chosen("11323", USED)]}).status_code == 202


def test_category_demands_a_product(seller: Caller) -> None:
    body = a_ring(seller, category={"id": RING}, productSet=[], images=[uploaded(seller)])

    assert faults(create(seller, body)) == [
        (CV + "ProductizationMinLimitReached", "productSet"),
    ]


def test_vague_category_takes_offers_without_a_product(seller: Caller) -> None:
    body = a_ring(
        seller,
        category={"id": VAGUE},
        productSet=[],
        images=[uploaded(seller)],
        parameters=[chosen("11323", NEW), said("260003", "Figurka")],
    )

    answer = create(seller, body)

    assert answer.status_code == 202, answer.text
    assert answer.json["productSet"] == []


def test_service_is_listed_as_an_advertisement_only(seller: Caller) -> None:
    body = a_ring(
        seller,
        category={"id": SERVICE},
        productSet=[],
        images=[uploaded(seller)],
        parameters=[chosen("260001", "260001_1")],
    )
    advertisement = body | {
        "sellingMode": {"format": "ADVERTISEMENT", "price": {"amount": "100.00", "currency": "PLN"}}
    }

    assert faults(create(seller, body)) == [(CV + "CategorySellingRestrictions", "sellingMode.format")]
    assert create(seller, advertisement).status_code == 202


# Parameters over the union of product and offer


def a_book(seller: Caller, state: str, *more: dict[str, Any]) -> dict[str, Any]:
    body = a_ring(seller, name="Powieść o morzu i bursztynie", parameters=[chosen("11323", state)])
    body["productSet"][0]["product"] |= {
        "name": "Powieść o morzu i bursztynie",
        "category": {"id": BOOK},
        "parameters": [
            said("223489", "Anna Kowal", "Jan Nowak"),
            said("223541", "O morzu"),
            said("223545", "2026"),
            chosen("223542", "223542_1"),
            *more,
        ],
    }
    return body


def test_isbn_is_demanded_of_new_books_only(seller: Caller) -> None:
    new, used = create(seller, a_book(seller, NEW)), create(seller, a_book(seller, USED))

    assert new.json["errors"][0]["metadata"]["missingParameterNames"] == "ISBN"
    assert used.status_code == 202
    assert create(seller, a_book(seller, NEW, said("245669", "9788324054121"))).status_code in (202, 422)


def test_ean_is_demanded_where_the_category_always_wants_it(seller: Caller) -> None:
    body = a_ring(seller)
    body["productSet"][0]["product"] |= {
        "category": {"id": CREAM},
        "parameters": [chosen("248811", "248811_7"), said("250001", "50"), chosen("250002", "250002_1")],
    }

    (error,) = create(seller, body).json["errors"]

    assert error["metadata"] == {"missingParameterIds": "225693", "missingParameterNames": "EAN (GTIN)"}


def test_own_brand_goes_with_the_ambiguous_value(seller: Caller) -> None:
    body = a_ring(seller)
    parameter("248811", valuesIds=["248811_10"], values=["Moja pracownia"])(body)

    brand = create(seller, body).json["productSet"][0]["product"]["parameters"]

    assert next(item for item in brand if item["id"] == "248811")["values"] == ["Moja pracownia"]


def test_used_goods_need_no_safety_data(seller: Caller) -> None:
    body = a_ring(seller, parameters=[chosen("11323", USED)])
    body["productSet"][0].pop("responsibleProducer")
    body["productSet"][0].pop("safetyInformation")
    body["productSet"][0]["marketedBeforeGPSRObligation"] = True

    assert create(seller, body).status_code == 202


def test_withdrawn_safety_option_is_refused(seller: Caller, checked: OpenApiCheck) -> None:
    body = a_ring(seller)
    body["productSet"][0]["safetyInformation"] = {"type": "NO_SAFETY_INFORMATION"}

    with checked.expecting_violations():
        answer = create(seller, body)

    assert codes(answer) == ["NO_SAFETY_INFORMATION_OPTION_NOT_ALLOWED"]


# Pictures and prices


def test_pictures_of_the_product_are_counted_in(seller: Caller, world: World) -> None:
    pictures = [uploaded(seller) for _ in range(15)]
    body = of_product(product_called(world, "Obrus lniany"), images=pictures)

    answer = create(seller, body)
    without = deepcopy(body)
    without["productSet"][0]["product"]["images"] = []

    assert faults(answer) == [("GallerySizeException", "images")]
    assert len(create(seller, without).json["images"]) == 15


def test_picture_that_expired_before_the_offer_is_refused(seller: Caller, world: World) -> None:
    body = a_ring(seller)

    world.clock.advance(86_400)
    seller.headers["Authorization"] = "Bearer " + seller.link()["access_token"]

    assert codes(create(seller, body)) == ["OfferImagesNotAvailableException"]


def test_picture_of_another_seller_is_refused(seller: Caller, other_seller: Caller) -> None:
    body = a_ring(seller, images=[uploaded(other_seller)])

    assert faults(create(seller, body)) == [("OfferImagesNotAvailableException", "images[0]")]


@pytest.mark.parametrize(
    ("marketplace", "amount", "currency", "code"),
    [
        ("allegro-cz", "250", "CZK", None),
        ("allegro-cz", "250.00", "CZK", None),
        ("allegro-cz", "250.50", "CZK", "InvalidPricePrecision"),
        ("allegro-hu", "1995", "HUF", None),
        ("allegro-hu", "1997", "HUF", "InvalidPricePrecision"),
        ("allegro-sk", "9.99", "EUR", None),
        ("allegro-sk", "9.999", "EUR", "InvalidPricePrecision"),
        ("allegro-sk", "9.99", "PLN", "VALIDATION_FAILED"),
        ("allegro-business-cz", "250.50", "CZK", "InvalidPricePrecision"),
    ],
)
def test_price_abroad_is_in_the_coins_of_the_country(
    seller: Caller, marketplace: str, amount: str, currency: str, code: str | None
) -> None:
    price = {"amount": amount, "currency": currency}

    answer = create(
        seller, a_ring(seller, additionalMarketplaces={marketplace: {"sellingMode": {"price": price}}})
    )

    assert codes(answer) == [code] if code else answer.status_code == 202


def an_auction(seller: Caller, **changes: Any) -> dict[str, Any]:
    mode = {"format": "AUCTION", "startingPrice": {"amount": "10.00", "currency": "PLN"}}
    usual = {"sellingMode": mode, "stock": {"available": 1}, "publication": {"duration": "P7D"}}
    return a_ring(seller, **{**usual, **changes})


def test_auction_is_listed_with_its_starting_price(seller: Caller, world: World) -> None:
    offer = read(seller, listed(seller, world, an_auction(seller)))

    assert offer["sellingMode"]["startingPrice"]["amount"] == "10.00"
    assert offer["sellingMode"]["price"] is None
    assert offer["publication"]["endingAt"] == "2026-11-27T12:00:02.000Z"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"stock": {"available": 3}}, "stock.available"),
        ({"publication": {}}, "publication.duration"),
        ({"publication": {"duration": "P30D"}}, "publication.duration"),
    ],
)
def test_auction_has_one_piece_and_ends_in_days(seller: Caller, changes: dict[str, Any], path: str) -> None:
    assert faults(create(seller, an_auction(seller, **changes))) == [("VALIDATION_FAILED", path)]


def test_minimal_price_lies_above_the_starting_one(seller: Caller) -> None:
    body = an_auction(seller)
    body["sellingMode"]["minimalPrice"] = {"amount": "9.00", "currency": "PLN"}

    assert faults(create(seller, body)) == [("VALIDATION_FAILED", "sellingMode.minimalPrice")]


# Drafts


def test_draft_with_gaps_is_kept_with_its_errors(seller: Caller, world: World) -> None:
    body = {
        "stock": {"available": 0},
        "publication": {"status": "INACTIVE"},
        "name": "Szkic oferty bez niczego",
    }

    offer = read(seller, listed(seller, world, body))

    assert offer["publication"]["status"] == "INACTIVE"
    assert {error["code"] for error in offer["validation"]["errors"]} == {
        "MissedCategoryIdException",
        "OfferImagesNotFoundException",
        CV + "Price",
        "AvailableStockMustEqualToOneOrBeGreaterThanOne",
    }


def test_draft_with_a_wrong_value_is_refused_all_the_same(seller: Caller) -> None:
    body = a_ring(seller, publication={"status": "INACTIVE"}, name="Pierścionek złoty")

    assert create(seller, body).status_code == 422


def test_stock_is_the_one_thing_always_needed(seller: Caller, checked: OpenApiCheck) -> None:
    with checked.expecting_violations():
        answer = create(seller, {"publication": {"status": "INACTIVE"}})

    assert faults(answer) == [("VALIDATION_FAILED", "stock.available")]


def test_safety_and_producer_are_answered_by_id(seller: Caller, world: World) -> None:
    element = create(seller, a_ring(seller)).json["productSet"][0]

    producer = world.terms.producers[element["responsibleProducer"]["id"]]
    assert producer.name == PRODUCER["name"]
    assert element["safetyInformation"] == SAFETY
