"""The files of a log that somebody serves on the web, fetched without trust in who serves them."""

from __future__ import annotations

import http.client
import threading
import urllib.error
import urllib.request
from concurrent.futures import Future
from email.message import Message
from typing import IO

from funsearch.archive.errors import ArchiveError
from funsearch.archive.tlog.tiles import Fetch
from funsearch.text import one_line

TIMEOUT_S = 30.0
"""Longest time for one file."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Says where a redirect leads, and does not follow it."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> None:
        fp.close()
        raise ArchiveError(
            f"{one_line(req.full_url)} leads on to {one_line(newurl)}; if that is the log, name "
            "it instead"
        )


def is_address(text: str) -> bool:
    """Whether a text is the address of something on the web."""
    return text.startswith(("http://", "https://"))


def fetcher(address: str, timeout_s: float = TIMEOUT_S) -> Fetch:
    """Return what reads the files of a log under an address.

    Args:
        address: in front of `/checkpoint` and `/tile/…`; http or https.
        timeout_s: longest time for one file.
    """
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        _NoRedirects(),
    ):
        opener.add_handler(handler)

    def fetch(path: str, most: int) -> bytes:
        url = f"{address.rstrip('/')}/{path}"
        done: Future[bytes] = Future()
        # A server can drip bytes, a name server be silent: no timeout of a socket bounds that.
        threading.Thread(
            target=_answer, args=(done, opener, url, most, timeout_s), daemon=True
        ).start()
        try:
            return done.result(timeout_s)
        except TimeoutError:
            raise ArchiveError(
                f"{one_line(url)} cannot be read: no answer within {timeout_s:g} seconds"
            ) from None
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in (404, 410):
                raise FileNotFoundError(url) from None
            raise ArchiveError(
                f"{one_line(url)} cannot be read: the server answers {error.code}"
            ) from None
        except urllib.error.URLError as error:
            reason = one_line(str(error.reason))
            raise ArchiveError(f"{one_line(url)} cannot be read: {reason}") from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise ArchiveError(f"{one_line(url)} cannot be read: {one_line(str(error))}") from None

    return fetch


def _answer(
    done: Future[bytes],
    opener: urllib.request.OpenerDirector,
    url: str,
    most: int,
    timeout_s: float,
) -> None:
    """Fetch at most one byte more than wanted."""
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "funsearch"})  # noqa: S310
        with opener.open(request, timeout=timeout_s) as answer:
            data = b""
            while len(data) <= most and (chunk := answer.read(most + 1 - len(data))):
                data += chunk
        done.set_result(data)
    except BaseException as error:
        # Whatever it is, who waits must hear of it.
        done.set_exception(error)
