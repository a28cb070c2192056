"""`flask allegro new-key`, `rotate-keys`: the keys that seal what rests in the database."""

from __future__ import annotations

import click

from allegro_module import sealing
from allegro_module.cli.group import group


@group.command("new-key")
def new_key() -> None:
    """Print a new encryption key for ALLEGRO_ENCRYPTION_KEYS."""
    click.echo(sealing.new_key())
