"""Sentences of publishing: of ours, and for Allegro's codes that came without words a seller understands."""

from __future__ import annotations

from allegro_module.web.i18n import marked

PUBLISHING = {
    "changed_on_allegro": marked(
        "Changed on Allegro too: there it is “%(theirs)s”, here “%(mine)s”. Nothing was sent; the "
        "blue button sends yours."
    ),
    "not_ended": marked("Allegro has not ended the offer. Try once more."),
}
#: By the last part of Allegro's code (facts.md 4.3); Allegro's own words for sellers go before.
ALLEGRO = {
    "ProductizationMinLimitReached": marked(
        "This category sells products of Allegro's catalogue only. Choose one."
    ),
    "ProductNotFoundException": marked("Allegro's catalogue no longer has this product. Choose another one."),
    "MultipleProductsFoundException": marked(
        "Several products of the catalogue have this code. Choose the right one."
    ),
    "DuplicateDetectionMissingParametersException": marked(
        "These data fit several products of the catalogue. Fill in more features or choose one."
    ),
    "MatchingProductForDataNotFoundException": marked(
        "The catalogue has no product with this code. Fill in the features so that one can be made."
    ),
    "brandBlock": marked("Allegro does not let this account sell this brand. Ask Allegro's support."),
    "NoSellBlockades": marked("Allegro has blocked selling for this account. Ask Allegro's support."),
    "SellerAccountWithSellBlockadeException": marked(
        "Allegro has blocked selling for this account. Ask Allegro's support."
    ),
    "CategorySellingRestrictions": marked("This account may not sell in this category."),
    "offerCounter": marked("You have as many offers of this product in state New as Allegro allows."),
    "MaxInactiveOffers": marked("The account has as many drafts as Allegro allows. Delete some."),
    "MaxActiveOffers": marked("The account has as many active offers as Allegro allows."),
    "B2B_OFFER_LIMIT_EXCEEDED": marked(
        "The account has as many offers for companies only as Allegro allows."
    ),
    "RequiredProductName": marked("Write a title: the product gets it as its name."),
    "MissingRequiredParameters": marked("Fill in this feature: Allegro demands it."),
    "PARAMETER_MISMATCH": marked(
        "The catalogue has another value of this feature. Choose the product or correct the value."
    ),
    "CATEGORY_MISMATCH": marked(
        "In the catalogue this product stands in another category. Choose the product or change the code."
    ),
    "DependencyValidator": marked("This value does not go with the other features."),
    "CATEGORY_NOT_EXISTS": marked("Allegro no longer has this category. Choose another one."),
    "IllegalChangeCategoryId": marked(
        "The category can be changed within 12 hours after the first listing only."
    ),
    "OfferImagesNotFoundException": marked("Allegro no longer has this picture. List once more."),
    "OfferImagesNotAvailableException": marked("Allegro no longer has this picture. List once more."),
    "GallerySizeException": marked("There are too many pictures: those of the product count too."),
    "SETTING_NOT_SUPPORTED_IN_CATEGORY": marked("Allegro does not take this VAT setting in this category."),
    "PriceMustBeSet": marked("Enter a price."),
    "OfferNotFoundException": marked("Allegro no longer has this offer."),
    "OFFER_SERVICE_ERROR": marked(
        "Allegro could not carry out the change. Try once more; if it fails again, send the "
        "trace-id to Allegro's support."
    ),
    "OfferAccessDeniedException": marked("Only company accounts may list by this way."),
    "IllegalOfferStatusException": marked("Only a draft can be deleted."),
}
