"""`flask allegro …`: the command line; each command calls the flow that a job or a page calls."""

from __future__ import annotations

from allegro_module.cli.group import group

from allegro_module.cli import connect, doctor, flows, keys, pushes, tables  # isort: skip

__all__ = ["connect", "doctor", "flows", "group", "keys", "pushes", "tables"]
