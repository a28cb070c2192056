"""The address Allegro sends the seller back to, against the browser's and the registered ones (SOTE-11).

Allegro shows a page of its own, with an error number, when the address is not registered letter by letter
(facts.md 1.4), and an answer that reaches another address than the panel's finds no session there: better to
see the difference before leaving.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import make_response, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Application
from allegro_module.db.audit import record
from allegro_module.domain.redirects import Difference, Part, compare, nearest, uris_of
from allegro_module.runtime import Runtime
from allegro_module.web.i18n import marked, t

#: The form field of „Połącz mimo to”; its value is the address that the seller vouches for.
ANYWAY = "anyway"

#: `there` is what the browser shows, `here` what the shop takes itself for.
OF_BROWSER = {
    Part.SCHEME: marked("The browser opened the panel by %(there)s, the shop takes it for %(here)s."),
    Part.WWW: marked(
        "The browser is at %(there)s, the shop takes itself for %(here)s: www makes the difference."
    ),
    Part.HOST: marked("The browser is at %(there)s, the shop takes itself for %(here)s."),
    Part.PORT: marked("The browser uses port %(there)s, the shop port %(here)s."),
}
#: `there` is registered at Allegro, `here` is where the panel is open.
OF_REGISTERED = {
    Part.SCHEME: marked("Registered is %(there)s, the panel is open by %(here)s."),
    Part.WWW: marked("Registered is %(there)s, the panel is open at %(here)s: www makes the difference."),
    Part.HOST: marked("Another domain: registered is %(there)s, the panel is open at %(here)s."),
    Part.PORT: marked("Another port: registered is %(there)s, the panel is open at %(here)s."),
    Part.PATH: marked("Another path: registered is %(there)s, the panel has %(here)s."),
    Part.TRAILING_SLASH: marked("One address ends with a slash, the other does not."),
    Part.REST: marked("Behind the path stands %(there)s, the panel has %(here)s there."),
}
#: Which argument makes ProxyFix believe what the proxy says of a part.
TRUSTED_BY = {Part.SCHEME: "x_proto", Part.WWW: "x_host", Part.HOST: "x_host", Part.PORT: "x_port"}
HEADERS = {"x_proto": "X-Forwarded-Proto", "x_host": "X-Forwarded-Host", "x_port": "X-Forwarded-Port"}

_PIECES = re.compile(r"([^:/]+)(://)([^/:]*|\[[^/]*\])(:\d+)?(/[^?#]*)?(.*)", re.DOTALL)
_PART_OF_PIECE = (
    {Part.SCHEME},
    set[Part](),
    {Part.WWW, Part.HOST},
    {Part.PORT},
    {Part.PATH, Part.TRAILING_SLASH},
    {Part.REST},
)


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    is_different: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """`there` is the other address; without differences they agree, or there is nothing to compare with."""

    here: str
    there: str
    differences: Sequence[Difference]
    sentences: Sequence[str]

    def pieces(self, address: str) -> list[Piece]:
        """The address cut so that the parts which differ can be marked."""
        different = {each.part for each in self.differences}
        found = _PIECES.fullmatch(address)
        texts = found.groups("") if found else (address,)
        parts = _PART_OF_PIECE if found else (different,)
        return [Piece(text, bool(part & different)) for text, part in zip(texts, parts, strict=True) if text]


@dataclass(frozen=True, slots=True)
class Proxy:
    """What a server in front of the shop says of the address; `is_trusted`: ProxyFix is in force."""

    headers: Sequence[str]
    arguments: str
    is_trusted: bool


def redirect_uri() -> str:
    """As the seller registers it at Allegro, letter by letter (facts.md 1.4)."""
    return url_for("allegro.connection.callback", _external=True)


def page_instead(runtime: Runtime, application: Application, account_id: int | None) -> Response | None:
    """What the seller sees in the place of Allegro's error page; None when nothing differs."""
    browser = with_browser()
    if browser.differences:
        page = render_template(
            "allegro/linking/other_browser_address.html", found=browser, proxy=_proxy(browser)
        )
        return make_response(page, 409)
    if request.form.get(ANYWAY) == redirect_uri():
        _vouch(runtime, application)
    registered = with_registered(application)
    if not registered.differences:
        return None
    page = render_template(
        "allegro/linking/unregistered_address.html",
        found=registered,
        application=application,
        account_id=account_id,
        panel=_panel_at(registered.there),
        registration_url=runtime.environment(application.environment).registration_url,
    )
    return make_response(page, 409)


def with_browser() -> Comparison:
    """Our redirect URI and the browser's own address, as far as the request tells it."""
    ours = redirect_uri()
    seen = _browser_origin()
    there = seen + urlsplit(ours).path if seen else ours
    return _comparison(there, ours, OF_BROWSER)


def with_registered(application: Application | None) -> Comparison:
    """Our redirect URI and the nearest registered one; nothing differs while none is known."""
    ours = redirect_uri()
    there = nearest(uris_of(application.redirect_uris), ours) if application else None
    return _comparison(there or ours, ours, OF_REGISTERED)


def is_known(application: Application | None) -> bool:
    """Our redirect URI is known to be registered, letter by letter."""
    return application is not None and redirect_uri() in uris_of(application.redirect_uris)


def remember(session: Session, application: Application) -> bool:
    """Allegro has sent somebody back to our address, or the seller says it will; True when that was news."""
    if is_known(application):
        return False
    application.redirect_uris = "\n".join([*uris_of(application.redirect_uris), redirect_uri()])
    session.commit()
    return True


def template_value(application: Application | None) -> dict[str, object]:
    """For `linking/_address.html`, which stands beside the redirect URI on the settings page."""
    parts = urlsplit(redirect_uri())
    browser = with_browser()
    return {
        "origin": f"{parts.scheme}://{parts.netloc}",
        "browser": browser,
        "proxy": _proxy(browser),
        "registered": with_registered(application),
        "is_registered": is_known(application),
    }


def _vouch(runtime: Runtime, application: Application) -> None:
    if remember(runtime.session, application):
        now = runtime.now(application.environment)
        details = {"redirect_uris": f"+ {redirect_uri()}"}
        record(runtime.session, now, runtime.who(), "application_saved", application.client_id, details)
        runtime.session.commit()


def _comparison(there: str, here: str, words: dict[Part, str]) -> Comparison:
    differences = compare(there, here)
    sentences = [
        t(words[each.part], there=each.registered or "–", here=each.current or "–") for each in differences
    ]
    return Comparison(here, there, differences, sentences)


def _browser_origin() -> str:
    """Scheme and host in the browser's address bar: as a form tells them, else as a proxy does; "" if nobody.

    The Referer of a page that was merely opened may be anybody's.
    """
    if request.method == "POST":
        for header in ("Origin", "Referer"):
            parts = urlsplit(request.headers.get(header, ""))
            if parts.scheme in ("http", "https") and parts.netloc:
                return f"{parts.scheme}://{parts.netloc}"
    scheme, host = _first("X-Forwarded-Proto"), _first("X-Forwarded-Host")
    if not (scheme or host):
        return ""
    return f"{(scheme or request.scheme).lower()}://{host or request.host}"


def _first(header: str) -> str:
    """Of several proxies the one nearest to the browser writes first."""
    return request.headers.get(header, "").partition(",")[0].strip()


def _proxy(found: Comparison) -> Proxy:
    wanted = sorted({TRUSTED_BY[each.part] for each in found.differences}) or ["x_proto"]
    return Proxy(
        headers=[HEADERS[each] for each in wanted],
        arguments=", ".join(f"{each}=1" for each in wanted),
        is_trusted="werkzeug.proxy_fix.orig" in request.environ,
    )


def _panel_at(registered: str) -> str:
    """The settings page under the registered address."""
    parts = urlsplit(registered)
    return f"{parts.scheme}://{parts.netloc}{url_for('allegro.connection.index')}"
