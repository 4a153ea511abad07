"""The doorkeeper of a server: who calls, whether they may, and how much of it.

No handler is reached, and no request read, before the caller is known.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Never

import grpc
import grpc.aio

from cluster.security import certificates
from cluster.security.errors import SecurityError
from cluster.security.limits import Bucket, Limits, Meter, Meters
from cluster.security.tokens import Client, Entry, Kind, Role, TokenStore

Rights = Mapping[str, frozenset[Role]]
"""Which roles may call a method, by its full name, such as `/grpc.health.v1.Health/Check`."""

LOCAL = Client("local", Role.ADMIN)
"""Whoever calls a server without a token store, which listens on loopback alone."""

_LINES_PER_S = 20
_BEARER = "bearer "

_CALLER: contextvars.ContextVar[Client] = contextvars.ContextVar("caller")

_log = logging.getLogger(__name__)


def caller() -> Client:
    """Return who calls, inside the handler of a guarded method."""
    return _CALLER.get()


class Guard(grpc.aio.ServerInterceptor):
    """Lets in who may come in.

    Handlers must be asynchronous, and take what a client streams from their iterator. Methods that
    are not in the table are refused.

    Args:
        store: of those who are known; None makes every caller `LOCAL`.
        rights: which roles may call which method.
        limits: for each client.
        public: methods that anybody may call; what they use counts for their address.
        now: a clock that only goes forward, in seconds.
    """

    def __init__(
        self,
        store: TokenStore | None,
        rights: Rights,
        limits: Limits | None = None,
        *,
        public: frozenset[str] = frozenset(),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._rights = rights
        self._limits = limits or Limits()
        self._public = public
        self._meters = Meters(self._limits, now)
        self._lines = Bucket(_LINES_PER_S, 5 * _LINES_PER_S, now)
        self._unsaid = 0

    async def intercept_service(  # noqa: D102
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        method = handler_call_details.method
        if method not in self._rights and method not in self._public:
            return grpc.stream_stream_rpc_method_handler(functools.partial(self._unknown, method))
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        # Requests are taken as a stream of bytes, so that waiting for them can come to an end.
        if handler.response_streaming:
            return grpc.stream_stream_rpc_method_handler(
                functools.partial(self._streaming, method, handler),
                response_serializer=handler.response_serializer,
            )
        return grpc.stream_unary_rpc_method_handler(
            functools.partial(self._single, method, handler),
            response_serializer=handler.response_serializer,
        )

    async def _unknown(self, method: str, _: Any, context: Any) -> None:
        await self._refuse(
            context, method, None, grpc.StatusCode.PERMISSION_DENIED, "no such method is offered"
        )

    async def _single(self, method: str, handler: Any, _: Any, context: Any) -> Any:
        meter, entry = await self._admit(method, context)
        with _counted(meter):
            requests = self._requests(method, handler, context, meter, entry)
            if handler.request_streaming:
                return await handler.stream_unary(requests, context)
            return await handler.unary_unary(await anext(requests), context)

    async def _streaming(
        self, method: str, handler: Any, _: Any, context: Any
    ) -> AsyncIterator[Any]:
        meter, entry = await self._admit(method, context)
        with _counted(meter):
            requests = self._requests(method, handler, context, meter, entry)
            if handler.request_streaming:
                responses = handler.stream_stream(requests, context)
            else:
                responses = handler.unary_stream(await anext(requests), context)
            async for response in self._while_admitted(responses, method, context, entry):
                yield response

    async def _while_admitted(
        self, responses: AsyncIterator[Any], method: str, context: Any, entry: Entry | None
    ) -> AsyncIterator[Any]:
        """Pass on what a handler streams, until its caller is revoked."""
        following = asyncio.ensure_future(anext(responses))
        try:
            while True:
                await asyncio.wait({following}, timeout=self._limits.recheck_s)
                if not self._still(entry):
                    await self._refuse(
                        context,
                        method,
                        caller().name,
                        grpc.StatusCode.UNAUTHENTICATED,
                        "the token or certificate was revoked, or has expired",
                    )
                if following.done():
                    try:
                        response = following.result()
                    except StopAsyncIteration:
                        return
                    yield response
                    following = asyncio.ensure_future(anext(responses))
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            close = getattr(responses, "aclose", None)
            if close is not None:
                await close()

    def _still(self, entry: Entry | None) -> bool:
        try:
            return entry is None or self._store is None or self._store.admits(entry)
        except SecurityError:
            return False

    async def _admit(self, method: str, context: Any) -> tuple[Meter, Entry | None]:
        """Find out who calls; refuse whoever may not.

        Returns:
            What the caller has used, and by which entry of the store it was let in.
        """
        who, entry = f"address {_address(context)}", None
        if self._store is None:
            _CALLER.set(LOCAL)
            who = LOCAL.name
        elif method not in self._public:
            entry = await self._identify(self._store, method, context)
            if entry.role not in self._rights[method]:
                await self._refuse(
                    context,
                    method,
                    entry.name,
                    grpc.StatusCode.PERMISSION_DENIED,
                    f"a {entry.role} may not call this",
                )
            _CALLER.set(Client(entry.name, entry.role))
            who = f"client {entry.name}"
        name = None if entry is None else entry.name
        meter = self._meters.of(who)
        if meter.open >= self._limits.open_calls:
            await self._slow_down(context, method, name, "too many calls are open", 1.0)
        wait_s = meter.calls.take(1)
        if wait_s:
            await self._slow_down(context, method, name, "too many calls per second", wait_s)
        return meter, entry

    async def _identify(self, store: TokenStore, method: str, context: Any) -> Entry:
        proof = _proof(context)
        if proof is None:
            await self._refuse(
                context, method, None, grpc.StatusCode.UNAUTHENTICATED, "a token is needed"
            )
        try:
            entry = store.identify(*proof)
        except SecurityError as error:
            _log.error("%s", error)
            await self._refuse(
                context,
                method,
                None,
                grpc.StatusCode.UNAVAILABLE,
                "the server cannot read its list of clients",
            )
        if entry is None:
            await self._refuse(
                context,
                method,
                None,
                grpc.StatusCode.UNAUTHENTICATED,
                f"this {proof[0]} is not known, was revoked, or has expired",
            )
        return entry

    async def _requests(
        self, method: str, handler: Any, context: Any, meter: Meter, entry: Entry | None
    ) -> AsyncIterator[Any]:
        """Yield what the client sends, each message bounded in size, rate and time."""
        who = None if entry is None else entry.name
        first = True
        while True:
            try:
                async with asyncio.timeout(self._limits.receive_s):
                    data = await context.read()
            except TimeoutError:
                await self._refuse(
                    context, method, who, grpc.StatusCode.DEADLINE_EXCEEDED, "no request came in"
                )
            if data is grpc.aio.EOF:
                if first and not handler.request_streaming:
                    await self._refuse(
                        context,
                        method,
                        who,
                        grpc.StatusCode.INVALID_ARGUMENT,
                        "the call brought no request that can be taken",
                    )
                return
            first = False
            wait_s = meter.bytes.take(len(data))
            if wait_s:
                await self._slow_down(context, method, who, "too many bytes per second", wait_s)
            try:
                deserialize = handler.request_deserializer
                message = deserialize(data) if deserialize else data
            except Exception:
                await self._refuse(
                    context,
                    method,
                    who,
                    grpc.StatusCode.INVALID_ARGUMENT,
                    "the request is not the message of this method",
                )
            yield message

    async def _slow_down(
        self, context: Any, method: str, who: str | None, reason: str, wait_s: float
    ) -> Never:
        hint = (("grpc-retry-pushback-ms", str(int(1000 * wait_s) + 1)),)
        await self._refuse(
            context, method, who, grpc.StatusCode.RESOURCE_EXHAUSTED, reason, trailing=hint
        )

    async def _refuse(
        self,
        context: Any,
        method: str,
        who: str | None,
        code: grpc.StatusCode,
        reason: str,
        *,
        trailing: tuple[tuple[str, str], ...] = (),
    ) -> Never:
        """Log a refusal, without anything secret, and end the call."""
        if self._lines.take(1):
            self._unsaid += 1
        else:
            line = {
                "event": "refused",
                "code": code.name,
                "reason": reason,
                "method": method[:100],
                "client": who,
                "peer": context.peer()[:100],
                "unsaid": self._unsaid,
            }
            self._unsaid = 0
            # JSON in ASCII: nothing that a caller chose can begin a line or move a cursor.
            _log.warning("%s", json.dumps(line))
        await context.abort(code, reason, trailing)
        raise AssertionError("abort does not return")


@contextlib.contextmanager
def _counted(meter: Meter) -> Any:
    meter.open += 1
    try:
        yield
    finally:
        meter.open -= 1


def _proof(context: Any) -> tuple[Kind, bytes] | None:
    """Return what a caller shows: a token, or else the certificate of its connection."""
    for key, value in context.invocation_metadata() or ():
        if key == "authorization":
            text = value if isinstance(value, str) else value.decode("latin-1")
            if not text.lower().startswith(_BEARER):
                return None
            return Kind.TOKEN, text[len(_BEARER) :].strip().encode()
    for pem in context.auth_context().get("x509_pem_cert", ()):
        return Kind.CERTIFICATE, _der(bytes(pem))
    return None


@functools.lru_cache(maxsize=1024)
def _der(pem: bytes) -> bytes:
    return certificates.der(pem)


def _address(context: Any) -> str:
    return str(context.peer()).rpartition(":")[0]
