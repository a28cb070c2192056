"""Addresses as this shop keeps them: lines of text, as they would be printed."""

from __future__ import annotations

from allegro_module import Address


def print_address(address: Address) -> str:
    """As on a parcel: name, company, street, town; nothing for an empty one."""
    town = f"{address.post_code} {address.city}".strip()
    country = "" if address.country_code == "PL" else address.country_code
    name = f"{address.first_name} {address.last_name}".strip()
    parts = (name, address.company, address.street, town, country)
    return "\n".join(part for part in parts if part)
