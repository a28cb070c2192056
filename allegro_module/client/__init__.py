"""Allegro's REST API: payloads and calls, one module per remote resource."""

from __future__ import annotations

from allegro_module.client.account import AccountResource
from allegro_module.client.after_sales import AfterSalesResource
from allegro_module.client.attachments import AttachmentsResource
from allegro_module.client.categories import CategoriesResource
from allegro_module.client.commands import CommandsResource
from allegro_module.client.delivery import DeliveryResource
from allegro_module.client.deposits import DepositsResource
from allegro_module.client.images import ImagesResource
from allegro_module.client.invoices import InvoicesResource
from allegro_module.client.offers import OffersResource
from allegro_module.client.orders import OrdersResource
from allegro_module.client.pricing import PricingResource
from allegro_module.client.producers import ProducersResource
from allegro_module.client.products import ProductsResource
from allegro_module.client.promotion import PromotionResource
from allegro_module.client.shipments import ShipmentsResource
from allegro_module.client.transport import Transport


class AllegroClient:
    """All calls, made with the token of one account. Every call raises `errors.AllegroError`."""

    def __init__(self, transport: Transport) -> None:
        self.environment = transport.environment
        self.account = AccountResource(transport)
        self.categories = CategoriesResource(transport)
        self.products = ProductsResource(transport)
        self.images = ImagesResource(transport)
        self.offers = OffersResource(transport)
        self.delivery = DeliveryResource(transport)
        self.after_sales = AfterSalesResource(transport)
        self.producers = ProducersResource(transport)
        self.orders = OrdersResource(transport)
        self.shipments = ShipmentsResource(transport)
        self.invoices = InvoicesResource(transport)
        self.commands = CommandsResource(transport)
        self.attachments = AttachmentsResource(transport)
        self.promotion = PromotionResource(transport)
        self.deposits = DepositsResource(transport)
        self.pricing = PricingResource(transport)
