"""Redirect URIs: what Allegro's registration page takes, and how a registered one differs from the shop's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address

from allegro_module.domain.problems import Problem

FIELD = "redirect_uris"
#: A link attempt remembers the address in a column of this width.
LONGEST = 500
#: Environments in which a shop on the developer's own machine may be registered.
MAY_BE_LOCAL = frozenset({"sandbox", "simulator"})

#: RFC 3986, appendix B: the parts as they are written, so that a capital letter stays a difference.
_PARTS = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)((?:\?[^#]*)?(?:#.*)?)", re.DOTALL)
_AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(.*))?", re.DOTALL)
_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()+,;=%*]+")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.IGNORECASE)


class Part(StrEnum):
    SCHEME = "scheme"
    WWW = "www"
    HOST = "host"
    PORT = "port"
    PATH = "path"
    TRAILING_SLASH = "trailing_slash"
    #: What follows the path: a query or a fragment.
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Difference:
    """Both as they are written; an empty text means that the part is missing."""

    part: Part
    registered: str
    current: str


@dataclass(frozen=True, slots=True)
class _Uri:
    scheme: str
    host: str
    port: str | None
    path: str
    rest: str


def uris_of(text: str) -> tuple[str, ...]:
    """One per line, empty lines left out."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def problems_with(text: str, environment: str) -> list[Problem]:
    """The first complaint about each line (ING-07); `line` counts every line of the field, from 1.

    A warning is the only one that does not stop the address from being stored.
    """
    found = []
    line_by_address: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        uri = line.strip()
        if not uri:
            continue
        code = _complaint(uri, environment)
        first = number if code else line_by_address.setdefault(_address(uri), number)
        if first != number:
            found.append(_problem("uri_twice", number, first=str(first)))
        elif code:
            found.append(_problem(code, number))
        elif _is_open_to_listeners(uri):
            found.append(_problem("uri_not_https", number, is_warning=True))
    return found


def is_loopback(host: str) -> bool:
    """The machine itself, under any of its names."""
    name = host.lower().rstrip(".")
    address = _ip(name)
    if address is None:
        return name == "localhost" or name.endswith(".localhost")
    return address.is_loopback


def compare(registered: str, current: str) -> tuple[Difference, ...]:
    """Nothing when they are the same letter by letter, as Allegro compares them (facts.md 1.4)."""
    ours, theirs = _split(current), _split(registered)
    pairs = (
        (Part.SCHEME, theirs.scheme, ours.scheme),
        (_part_of_host(theirs.host, ours.host), theirs.host, ours.host),
        (Part.PORT, theirs.port, ours.port),
        (_part_of_path(theirs.path, ours.path), theirs.path, ours.path),
        (Part.REST, theirs.rest, ours.rest),
    )
    return tuple(Difference(part, there or "", here or "") for part, there, here in pairs if there != here)


def nearest(registered: Iterable[str], current: str) -> str | None:
    """The registered address with the fewest differences; of several the first."""
    return min(registered, key=lambda uri: len(compare(uri, current)), default=None)


def _problem(code: str, line: int, *, is_warning: bool = False, **params: str) -> Problem:
    return Problem(code, FIELD, {"line": str(line), **params}, is_warning=is_warning)


def _complaint(uri: str, environment: str) -> str | None:
    return next((code for code, is_so in _complaints(uri, environment) if is_so), None)


def _complaints(uri: str, environment: str) -> Iterator[tuple[str, bool]]:
    """In the order in which they help: what is wrong with the form before what is wrong with the place."""
    yield "uri_too_long", len(uri) > LONGEST
    yield "uri_characters", not _CHARACTERS.fullmatch(uri)
    yield "uri_wildcard", "*" in uri
    parts = _split(uri)
    yield "uri_not_absolute", parts.scheme.lower() not in ("http", "https") or not parts.host
    yield "uri_fragment", "#" in uri
    yield "uri_login", "@" in f"{parts.host}{parts.port}"
    yield "uri_host", not _is_host(parts.host)
    yield "uri_port", not _is_port(parts.port)
    yield "uri_dots", any(segment in (".", "..") for segment in parts.path.split("/"))
    is_local = is_loopback(parts.host)
    yield "uri_loopback", is_local and environment not in MAY_BE_LOCAL
    yield "uri_private", not is_local and _is_private(parts.host)


def _is_open_to_listeners(uri: str) -> bool:
    parts = _split(uri)
    return parts.scheme.lower() == "http" and not is_loopback(parts.host)


def _address(uri: str) -> tuple[str, ...]:
    """What a browser would make of it: the same for two spellings of one address."""
    parts = _split(uri)
    scheme = parts.scheme.lower()
    port = str(int(parts.port)) if parts.port else {"http": "80", "https": "443"}[scheme]
    return scheme, parts.host.lower(), port, parts.path or "/", parts.rest


def _split(uri: str) -> _Uri:
    found = _PARTS.fullmatch(uri)
    scheme, authority, path, rest = found.groups() if found else ("", "", uri, "")
    host, port = _host_and_port(authority or "")
    return _Uri(scheme or "", host, port, path, rest)


def _host_and_port(authority: str) -> tuple[str, str | None]:
    found = _AUTHORITY.fullmatch(authority)
    return (found[1], found[2]) if found else (authority, None)


def _is_host(host: str) -> bool:
    name = host.removesuffix(".")
    if host.startswith("[") or _NUMBER.fullmatch(name.rpartition(".")[2]):
        # Browsers read 127.1 or 0x7f000001 as an address too; only the plain spelling is taken.
        return _ip(name) is not None
    return len(name) <= 253 and all(_LABEL.fullmatch(label) for label in name.split("."))


def _is_port(port: str | None) -> bool:
    if port is None:
        return True
    return port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) <= 65535


def _is_private(host: str) -> bool:
    address = _ip(host.lower().rstrip("."))
    return address is not None and (not address.is_global or address.is_multicast)


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    is_bracketed = host.startswith("[") and host.endswith("]")
    try:
        address = ip_address(host[1:-1] if is_bracketed else host)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return None if is_bracketed else address
    # ::ffff:10.0.0.1 leads to 10.0.0.1.
    return (address.ipv4_mapped or address) if is_bracketed else None


def _part_of_host(registered: str, current: str) -> Part:
    only_www = registered.removeprefix("www.") == current.removeprefix("www.")
    return Part.WWW if only_www else Part.HOST


def _part_of_path(registered: str, current: str) -> Part:
    only_slash = registered.removesuffix("/") == current.removesuffix("/")
    return Part.TRAILING_SLASH if only_slash else Part.PATH
