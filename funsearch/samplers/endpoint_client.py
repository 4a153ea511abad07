"""One request to an OpenAI-compatible server, and what may come of it: a reply, or a clear reason.

A reason is sorted by what follows from it: ask again later, never ask again, or change a setting.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from funsearch.prompts import Style
from funsearch.samplers.endpoint_reply import (
    MAX_BODY_BYTES,
    Reply,
    UnreadableError,
    kinds_of,
    message_of,
    nothing,
    one_line,
    read,
    retry_after,
)
from funsearch.samplers.protocol import SamplerError, Unavailable

if TYPE_CHECKING:
    import openai

_CONNECT_S = 10.0
_UNSENT = {"ConnectError", "ConnectTimeout", "PoolTimeout"}
"""The HTTP library's errors after which the server has seen nothing of the request."""
_OF_THE_PROMPT = {
    "content_filter",
    "content_policy_violation",
    "context_length_exceeded",
    "exceed_context_size_error",
    "string_above_max_length",
}
_TOO_LONG = re.compile(r"context (length|size|window)", re.IGNORECASE)


class BadRequestError(SamplerError):
    """The server takes no request of this form."""


class LostError(Unavailable):
    """The server may have answered, and charged for it, but no reply arrived."""


class Client:
    """Sends requests; knows nothing of retries, limits and prices.

    Args:
        base_url: of the server.
        host: in it.
        key: for the server; never shown.
        key_variable: where the key is from, for messages.
        model: asked for, for messages.
        timeout_s: seconds until a request is given up.
    """

    def __init__(
        self,
        base_url: str,
        host: str,
        key: str,
        key_variable: str,
        model: str,
        timeout_s: float,
    ) -> None:
        import openai

        self._base_url, self._model = base_url, model
        self._key, self._key_variable = key, key_variable
        self._timeout_s = timeout_s
        self._proven = False
        # A proxy of the environment cannot reach this machine's own loopback.
        loopback = host == "localhost" or host == "::1" or host.startswith("127.")
        self._client = openai.AsyncOpenAI(
            api_key=key,
            base_url=base_url,
            timeout=openai.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s)),
            # The library would ask again without regard to what others have just been told.
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(trust_env=not loopback),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def ask(self, style: Style, fields: Mapping[str, Any], n: int) -> Reply:
        """Send one request, once.

        Args:
            style: of the request.
            fields: of its body.
            n: most choices that it asks for.

        Raises:
            LostError: no reply came, though the server may have made one.
            Unavailable: the server is not available.
            BadRequestError: it takes no such request.
            SamplerError: it never will be of use as it is configured.
        """
        import openai

        try:
            # The library's timeout is about silence; a server that trickles needs a limit too.
            async with asyncio.timeout(self._timeout_s):
                body = await self._post(style, fields)
        except (TimeoutError, openai.APITimeoutError) as error:
            kind = Unavailable if _is_unsent(error) else LostError
            raise kind(f"{self._base_url} gives no answer in time") from None
        except openai.APIConnectionError as error:
            reason = self._shown(str(error.__cause__ or error))
            kind = Unavailable if _is_unsent(error) else LostError
            raise kind(f"{self._base_url} cannot be reached: {reason}") from None
        except openai.APIStatusError as error:
            return self._refused(error)
        if body is None:
            return nothing(f"the reply is larger than {MAX_BODY_BYTES >> 20} MiB")
        return self._read(body, style, n)

    def _read(self, body: bytes, style: Style, n: int) -> Reply:
        try:
            reply = read(body, style, n)
        except Unavailable as error:
            raise Unavailable(f"{self._base_url} {self._shown(str(error))}") from None
        except UnreadableError as error:
            if self._proven:
                raise Unavailable(f"{self._base_url} {error}") from None
            raise SamplerError(
                f"{self._base_url} {error}; is the address right? It usually ends in /v1"
            ) from None
        self._proven = self._proven or reply.answered
        return reply

    async def _post(self, style: Style, fields: Mapping[str, Any]) -> bytes | None:
        """Return the body of a good reply, or None if it is too large."""
        # What the library's own parameters carry it would check against types, field by field.
        if style == "chat":
            posting = self._client.chat.completions.with_streaming_response.create(
                model=self._model, messages=[], extra_body=fields
            )
        else:
            posting = self._client.completions.with_streaming_response.create(
                model=self._model, prompt="", extra_body=fields
            )
        body = bytearray()
        async with posting as response:
            chunks = response.iter_bytes()
            while True:
                try:
                    body += await anext(chunks)
                except StopAsyncIteration:
                    return bytes(body)
                except Exception as error:
                    # What breaks here is the HTTP library's own type, and which library that is
                    # differs between versions of the client.
                    reason = self._shown(f"{type(error).__name__}: {error}")
                    raise LostError(f"{self._base_url} broke off its reply: {reason}") from None
                if len(body) > MAX_BODY_BYTES:
                    return None

    def _refused(self, error: openai.APIStatusError) -> Reply:
        """Return a reply where a status concerns this prompt alone; raise for all others."""
        status, where = error.status_code, self._base_url
        said = self._shown(message_of(error.body))
        if status in (408, 409, 425, 429) or status >= 500:
            delay = retry_after(cast("Mapping[str, str]", error.response.headers))
            raise Unavailable(f"{where} answers {status}: {said}", delay)
        if status == 401:
            # What it said may quote the key.
            raise SamplerError(f"{where} refuses the key: set {self._key_variable} to a valid one")
        if status == 403:
            raise SamplerError(f"{where} forbids this key to use model {self._model}: {said}")
        if status == 404:
            raise SamplerError(
                f"{where} knows no model {self._model}, or the address is wrong (it usually ends "
                f"in /v1): {said}"
            )
        if status == 413 or kinds_of(error.body) & _OF_THE_PROMPT or _TOO_LONG.search(said):
            return nothing(f"the server does not take the prompt: {said}")
        raise BadRequestError(f"{where} refuses the request ({status}), change a setting: {said}")

    def _shown(self, text: str) -> str:
        """Return a server's text as it may be shown: one line, without the key."""
        return one_line(text.replace(self._key, "***"))


def _is_unsent(error: Exception) -> bool:
    return type(error.__cause__).__name__ in _UNSENT
