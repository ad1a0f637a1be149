"""The query page: GraphiQL from our own files; no other host is asked for anything.

The files are built by ``tools/graphiql`` and named after their contents, so
that a browser may keep them for good; the page that names them is always new.
"""

from importlib.resources import files
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

# Monaco, the editor within, writes style elements and starts workers from blobs.
POLICY: Final = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; "
    "img-src 'self' data:; "
    "worker-src 'self' blob:; "
    "connect-src 'self'; "
    "base-uri 'none'; "
    "form-action 'none'; "
    "frame-ancestors 'none'"
)

_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept, Authorization",
    "X-Content-Type-Options": "nosniff",
}


async def graphiql(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the page. It holds no data: it asks for a token itself."""
    page = files("web").joinpath("static", "graphiql", "index.html").read_bytes()
    response = Response(page, media_type="text/html; charset=utf-8", headers=_HEADERS)
    await response(scope, receive, send)
