"""`flask shop …`: the shop's own commands."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from allegro_module.demo.database import init_shop
from allegro_module.demo.models import Product, db

shop = AppGroup("shop", help="The demo shop itself.")


@shop.command("init")
@click.option("--reset", is_flag=True, help="Drop the shop's products and orders first.")
def init(reset: bool) -> None:
    """Make the shop's tables and fill them with products; harmless when done before."""
    init_shop(reset)
    count = db.session.scalar(select(func.count()).select_from(Product))
    click.echo(f"Sklep gotowy, produktów: {count} / shop ready, products: {count}")
