"""Page or fragment: the same view serves a browser without scripts and `static/allegro/js/fragments.js`."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

HEADER = "X-Allegro-Fragment"
#: Tells fragments.js to open this address instead of swapping anything in.
GO_HEADER = "X-Allegro-Go"
#: Tells fragments.js what to write in the address bar after swapping.
ADDRESS_HEADER = "X-Allegro-Address"


def wants_fragment() -> bool:
    return HEADER in request.headers


def page_or_fragment(
    page: str, *fragments: str, status: int = 200, address: str | None = None, **context: Any
) -> Response:
    """Render the `fragments` for fragments.js, else the `page`, which includes the same fragments.

    Each fragment has one root element with an id: that is what it replaces. `address` is where the result
    can be found again, when it is not where the form was sent. Fragments answer 200 even when the form has
    problems: browsers report anything else in their console as a failed load.
    """
    if wants_fragment():
        response = make_response("\n".join(render_template(name, **context) for name in fragments))
    else:
        response = make_response(render_template(page, **context), status)
    if address:
        response.headers[ADDRESS_HEADER] = address
    response.vary.add(HEADER)
    return response


def go(address: str) -> BaseResponse:
    """Send the visitor to `address`, out of a fragment as well."""
    if not wants_fragment():
        return redirect(address, 303)
    response = Response(status=204)
    response.headers[GO_HEADER] = address
    response.vary.add(HEADER)
    return response
