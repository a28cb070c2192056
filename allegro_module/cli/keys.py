"""`flask allegro new-key`, `rotate-keys`: the keys that seal what rests in the database."""

from __future__ import annotations

import sys

import click

from allegro_module import sealing
from allegro_module.cli.group import group, ready_runtime
from allegro_module.sync import rotation


@group.command("new-key")
def new_key() -> None:
    """Print a new encryption key for ALLEGRO_ENCRYPTION_KEYS."""
    click.echo(sealing.new_key())


@group.command("rotate-keys")
def rotate_keys() -> None:
    """Seal stored secrets anew with the first of ALLEGRO_ENCRYPTION_KEYS; exit 1 when one cannot be opened.

    Put the new key before the old one, restart every process of the shop, run this, then drop the old key.
    """
    runtime = ready_runtime()
    done = rotation.rotate_keys(
        runtime.session, runtime.seal, "flask allegro rotate-keys", runtime.wall_clock()
    )
    click.echo(
        f"{done.resealed} sealed anew, {done.already_new} already with the newest key, "
        f"{len(done.unreadable)} cannot be opened"
    )
    for each in done.unreadable:
        click.echo(f"cannot be opened: {each}", err=True)
    if done.unreadable:
        sys.exit(1)
