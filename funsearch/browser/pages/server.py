"""The application: routes to views, which run on a few threads, each within its time."""

from __future__ import annotations

import asyncio
import functools
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from funsearch.archive.errors import ArchiveError, Missing
from funsearch.browser.pages import answers, assets, downloads, events, views
from funsearch.browser.pages.guard import Guard, Token
from funsearch.browser.pages.shelf import Shelf, TooLong
from funsearch.browser.pages.views import Asked, Form, View
from funsearch.text import one_line

_THREADS = 4
_SECONDS = 20.0
"""That somebody waits for an answer; queries are stopped much earlier."""
_KINDS = {"html": answers.HTML, "json": "application/json", "csv": "text/csv; charset=utf-8"}
_TOO_LONG = (
    "This took too long and was stopped. Ask for less, such as fewer filters at once, or try "
    "again when the run is less busy."
)

Endpoint = Callable[[Request], Awaitable[Response]]


class Site:
    """The pages over a shelf of runs."""

    def __init__(self, shelf: Shelf) -> None:
        """Show the runs of a shelf."""
        self.shelf = shelf
        self.closing = asyncio.Event()
        self._threads = ThreadPoolExecutor(_THREADS, "page")
        self._listeners = 0

    def application(self, hosts: frozenset[str], token: Token | None = None) -> ASGIApp:
        """Return the application.

        Args:
            hosts: values of `Host` that mean this server.
            token: asked for if there is one.
        """
        routes = [
            Route("/static/{digest}/{name}", assets.serve),
            Route("/runs/{run}/events", self._events),
            Route("/runs/{run}/objects/{digest}", self._file(downloads.content, "{digest}.txt")),
            Route("/runs/{run}/proof/{id}", self._file(downloads.proof_files, "{id}-proof.zip")),
            *self._page("/", views.all_runs, "json", "csv"),
            *self._page("/compare", views.two_runs, "json"),
            *self._page("/runs/{run}/", views.one_run, "json"),
            *self._page("/runs/{run}/programs", views.table, "json", "csv"),
            *self._page("/runs/{run}/programs/{id}", views.one_program, "json"),
            *self._page("/runs/{run}/lineage/{id}", views.one_lineage, "json"),
            *self._page("/runs/{run}/compare", views.two_programs, "json"),
            *self._page("/runs/{run}/problem", views.one_problem, "json"),
        ]

        @asynccontextmanager
        async def living(_: Starlette) -> AsyncIterator[None]:
            yield
            self.closing.set()
            self._threads.shutdown(wait=True, cancel_futures=True)
            self.shelf.close()

        handlers: dict[Any, Any] = {HTTPException: _not_found, Exception: _bug, Missing: _not_found}
        return Guard(
            Starlette(routes=routes, lifespan=living, exception_handlers=handlers), hosts, token
        )

    def _page(self, path: str, view: View, *twins: Form) -> list[Route]:
        base = f"{path}index" if path.endswith("/") else path
        data = [Route(f"{base}.{form}", self._endpoint(view, form)) for form in twins]
        return [*data, Route(path, self._endpoint(view, "html"))]

    def _endpoint(self, view: View, form: Form) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            asked = self._asked(request, form)
            status, content = await self._within(functools.partial(_tried, view, asked))
            return answers.answer(request, content, _KINDS[form], status=status)

        return endpoint

    def _file(self, make: View, name: str) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            asked = self._asked(request, "html")
            status, content = await self._within(functools.partial(_tried, make, asked))
            if status != 200:
                return answers.answer(request, content, answers.HTML, status=status)
            digits = {key: value[:12] for key, value in asked.path.items() if key != "run"}
            kind = "application/zip" if name.endswith(".zip") else answers.PLAIN
            return answers.answer(request, content, kind, attachment=name.format(**digits))

        return endpoint

    def _asked(self, request: Request, form: Form) -> Asked:
        path = {key: str(value) for key, value in request.path_params.items()}
        return Asked(self.shelf, path, dict(request.query_params), form)

    async def _within(self, work: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes]:
        """Do work on a thread; who asked waits no longer than so, even if the work goes on."""
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.wait_for(asyncio.shield(running), _SECONDS)
        except TimeoutError:
            return 503, views.failure(_TOO_LONG, "html", 503)

    async def _events(self, request: Request) -> Response:
        name = str(request.path_params["run"])
        last = request.headers.get("last-event-id", "") or request.query_params.get("since", "")
        since = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else 0
        if name not in self.shelf.folders():
            return Response("no run of that name is attached\n", 404, media_type="text/plain")
        if self._listeners >= events.MOST_LISTENERS:
            return Response("too many are listening\n", 503, media_type="text/plain")

        async def look(since: int) -> dict[str, Any]:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, events.news, self.shelf, name, since)

        async def told() -> AsyncIterator[bytes]:
            self._listeners += 1
            try:
                async for event in events.stream(look, since, self.closing):
                    yield event
            finally:
                self._listeners -= 1

        return StreamingResponse(
            told(), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )


def _tried(view: View, asked: Asked) -> tuple[int, bytes]:
    """Return status and content of a view, or of what went wrong."""
    try:
        return 200, view(asked)
    except Missing as error:
        status, message = 404, str(error)
    except (TooLong, sqlite3.OperationalError):
        status, message = 503, _TOO_LONG
    except ArchiveError as error:
        status, message = 400, str(error)
    return status, views.failure(one_line(message, 1000), asked.form, status)


async def _not_found(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    form: Form = cast("Form", "json") if request.url.path.endswith(".json") else "html"
    content = views.failure("There is no such page.", form, status)
    return answers.answer(request, content, _KINDS[form], status=status)


async def _bug(request: Request, _: Exception) -> Response:
    content = views.failure(
        "This is a bug; the terminal that runs funsearch browse says where.", "html", 500
    )
    return answers.answer(request, content, answers.HTML, status=500)
