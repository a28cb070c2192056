"""Pictures that stand at an address in the internet: Allegro fetches them, we never do (facts.md 6.5)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from allegro_module.domain.problems import Problem

SCHEME = "https://"
LENGTH_MAX = 500
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.IGNORECASE)
NUMBERS = re.compile(r"[\d.]+|\[.*\]|0x[0-9a-f.x]+", re.IGNORECASE)
#: Names that no certificate of the internet is given to.
INSIDE = (".localhost", ".local", ".internal", ".lan", ".home", ".intranet", ".corp")


def is_address(ref: str) -> bool:
    return ref.startswith(SCHEME)


def domain_of(ref: str) -> str:
    return urlsplit(ref).hostname or ""


def address_problem(text: str, field: str = "image_address") -> Problem | None:
    """What Allegro would refuse, or nobody should ask it to fetch, as far as the address alone tells."""
    code = _fault(text)
    return Problem(code, field, {"max": str(LENGTH_MAX)}) if code else None


def _fault(text: str) -> str | None:
    if not text:
        return "picture_address_empty"
    if len(text) > LENGTH_MAX:
        return "picture_address_too_long"
    if not text.startswith(SCHEME):
        return "picture_address_not_https"
    if not (text.isascii() and text.isprintable()) or set(text) & set(' "<>\\^`{|}'):
        return "picture_address_characters"
    return _host_fault(text)


def _host_fault(text: str) -> str | None:
    try:
        parts = urlsplit(text)
        host, has_login, port = parts.hostname or "", "@" in parts.netloc, parts.port
    except ValueError:
        return "picture_address_domain"
    if NUMBERS.fullmatch(parts.netloc.rpartition("@")[2].partition(":")[0]) or ":" in host:
        return "picture_address_ip"
    is_name = len(host) <= 253 and DOMAIN.fullmatch(host) and not host.endswith(INSIDE)
    if has_login or port not in (None, 443) or not is_name or len(parts.path) < 2:
        return "picture_address_domain"
    return None
