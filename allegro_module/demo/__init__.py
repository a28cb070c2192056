"""A small shop that mounts the plugin as any host would: `flask --app allegro_module.demo …`."""

from __future__ import annotations

from allegro_module.demo.app import create_app

__all__ = ["create_app"]
