"""The access of linked accounts: used by everybody, renewed by one process at a time, kept alive."""

from __future__ import annotations

from allegro_module.tokens.stored import StoredTokens

__all__ = ["StoredTokens"]
