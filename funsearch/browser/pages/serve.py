"""Runs the server until Ctrl-C: one listening socket, quiet, and gone within a second."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Callable

import uvicorn

from funsearch.browser.pages.guard import Token, print_link
from funsearch.browser.pages.server import Site
from funsearch.browser.pages.shelf import Shelf

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_EVERY = ("0.0.0.0", "::")  # noqa: S104 - compared with, never listened on by default


class _Server(uvicorn.Server):
    """Tells those who listen to a run that the server ends, so that it need not wait for them."""

    def __init__(self, config: uvicorn.Config, site: Site) -> None:
        super().__init__(config)
        self._site = site

    async def on_tick(self, counter: int) -> bool:
        ends = await super().on_tick(counter)
        if ends:
            self._site.closing.set()
        return ends


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        OSError: the address is taken, or is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(128)
    except BaseException:
        made.close()
        raise
    return made


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(
    shelf: Shelf, listening: socket.socket, host: str, started: Callable[[str], None]
) -> None:
    """Serve until the process is told to end.

    Args:
        shelf: of runs; closed at the end.
        listening: socket.
        host: under which people reach it.
        started: called with the address to open, once it answers.
    """
    port = listening.getsockname()[1]
    shown = "127.0.0.1" if host in _EVERY else f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}"
    hosts = frozenset(
        f"{name}:{port}".lower() for name in (*_LOOPBACK, *_names(host), shown) if name
    )
    token = None if is_loopback(host) else Token(print_link(address))

    async def run() -> None:
        site = Site(shelf)
        config = uvicorn.Config(
            site.application(hosts, token),
            log_level="error",
            access_log=False,
            server_header=False,
            ws="none",
            h11_max_incomplete_event_size=16_384,
            limit_concurrency=256,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=1,
        )
        server = _Server(config, site)
        serving = asyncio.create_task(server.serve([listening]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.005)
        if server.started:
            started(address if token is None else f"{address}/enter?key={token.key}")
        await serving

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())


def _names(host: str) -> list[str]:
    """Return the names that others may use for this machine where it listens for them."""
    if host not in _EVERY:
        return [f"[{host}]" if ":" in host else host]
    named = socket.gethostname()
    found = [named, socket.getfqdn()]
    with contextlib.suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(named, None, socket.AF_INET)]
    return found
