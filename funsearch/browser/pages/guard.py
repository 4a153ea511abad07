"""What every request must pass, and what every answer says: read-only, for this page's user alone.

No page writes, so there is nothing to forge; Host and Origin keep other sites from reading.
"""

from __future__ import annotations

import hmac
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "funsearch"
ENTER = "/enter"
LONGEST_QUERY = 4096
"""Bytes of a query, and of a path."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_SAID = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass
class Token:
    """What lets a person in where others can reach the server: a link that works once, a cookie.

    Attributes:
        link: called with the next key whenever the last one was used.
        key: of the link that is valid now.
        cookie: value that the link leaves in the browser.
    """

    link: Callable[[str], None]
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def enter(self, key: str) -> bool:
        """Return whether a key is the valid one, which it then no longer is."""
        if not _equal(key, self.key):
            return False
        self.key = secrets.token_urlsafe(32)
        self.link(self.key)
        return True

    def admits(self, header: str) -> bool:
        """Return whether the header `Cookie` holds ours."""
        cookies: SimpleCookie = SimpleCookie()
        try:
            cookies.load(header)
        except CookieError:
            return False
        return COOKIE in cookies and _equal(cookies[COOKIE].value, self.cookie)


class Guard:
    """Lets requests through that are fit, and puts what must be said on every answer."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str], token: Token | None = None) -> None:
        """Guard an application.

        Args:
            app: what answers.
            hosts: values of `Host` that mean this server, in small letters, with the port.
            token: asked for if there is one.
        """
        self._app, self._hosts, self._token = app, hosts, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_SAID)
            await send(message)

        refused = self._refused(scope)
        await (refused or self._app)(scope, receive, say)

    def _refused(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return _plain("This server is not called so; use the address that it printed.", 421)
        origins = headers.getlist("origin")
        if any(origin.lower() not in self._origins() for origin in origins):
            return _plain("Other sites may not ask here.", 403)
        if scope["method"] not in ("GET", "HEAD"):
            refused = _plain("Nothing can be written here.", 405)
            refused.headers["Allow"] = "GET, HEAD"
            return refused
        if len(scope["query_string"]) > LONGEST_QUERY or len(scope["path"]) > LONGEST_QUERY:
            return _plain(f"An address has at most {LONGEST_QUERY} characters.", 414)
        return None if self._token is None else self._stranger(self._token, scope, headers)

    def _origins(self) -> frozenset[str]:
        return frozenset(f"http://{host}" for host in self._hosts)

    @staticmethod
    def _stranger(token: Token, scope: Scope, headers: Headers) -> Response | None:
        if token.admits("; ".join(headers.getlist("cookie"))):
            return RedirectResponse("/", 303) if scope["path"] == ENTER else None
        key = QueryParams(scope["query_string"]).get("key", "")
        # A look ahead at the link (HEAD) does not use it up.
        if scope["path"] == ENTER and scope["method"] == "GET" and token.enter(key):
            entered = RedirectResponse("/", 303)
            entered.set_cookie(COOKIE, token.cookie, httponly=True, samesite="strict")
            entered.headers["Cache-Control"] = "no-store"
            return entered
        return _plain(
            "This needs the link that funsearch browse printed; each link works once, and the "
            "next one is printed when it was used.",
            403,
        )


def _equal(given: str, ours: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), ours.encode())


def _plain(message: str, status: int) -> Response:
    return PlainTextResponse(f"{message}\n", status, {"Cache-Control": "no-store"})


def print_link(address: str) -> Callable[[str], None]:
    """Return what prints the next link on standard output."""

    def link(key: str) -> None:
        sys.stdout.write(f"{address}{ENTER}?key={key}\n")
        sys.stdout.flush()

    return link
