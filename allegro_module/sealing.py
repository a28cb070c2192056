"""Seal: secrets and tokens as they rest in the database."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SealBroken(Exception):
    """A stored secret cannot be opened: its encryption key is missing from ALLEGRO_ENCRYPTION_KEYS."""


class Seal:
    """Closes with the newest key, opens with any."""

    def __init__(self, keys: Sequence[str]) -> None:
        fernets = [Fernet(key) for key in keys]
        self._fernet = MultiFernet(fernets)
        self._newest = fernets[0]

    def close(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises SealBroken."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealBroken from None

    def is_newest(self, sealed: str) -> bool:
        """Whether the newest key has closed it."""
        try:
            self._newest.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True


def new_key() -> str:
    return Fernet.generate_key().decode()


if __name__ == "__main__":
    # The first key is made before the shop can start.
    print(new_key())  # noqa: T201
