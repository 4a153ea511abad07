"""The sampler `openai`: any server that speaks OpenAI's completion or chat protocol."""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from funsearch import randomness
from funsearch.prompts import Prompt
from funsearch.samplers.endpoint_reply import (
    MAX_BODY_BYTES,
    Choice,
    Reply,
    UnreadableError,
    kinds_of,
    message_of,
    nothing,
    one_line,
    read,
    retry_after,
)
from funsearch.samplers.protocol import Sample, SamplerError, Unavailable, Usage

if TYPE_CHECKING:
    import openai

HOSTED = "https://api.openai.com/v1"
STOP = ("\ndef ", "\nclass ", "\nif __name__", "\n```")
"""Where a completion has left the function; four, the most that OpenAI takes."""

_PLACEHOLDER = "no-key-needed"
_CONNECT_S = 10.0
_LONGEST_BACKOFF_S = 120.0
"""The client library waits at most as long between two tries."""
_OF_THE_PROMPT = {
    "content_filter",
    "content_policy_violation",
    "context_length_exceeded",
    "exceed_context_size_error",
    "string_above_max_length",
}
_TOO_LONG = re.compile(r"context (length|size|window)", re.IGNORECASE)


class _BadRequestError(SamplerError):
    """The server takes no request of this form."""


class Endpoint:
    """Asks a model behind an OpenAI-compatible server: vLLM, llama.cpp, Ollama, or hosted.

    What to know:
      * One request asks for several choices. A server that gives fewer, or refuses to give
        several, is then asked for what it does give, in requests side by side.
      * The seed of a request is drawn from the run's seed, but a server may ignore it, and most
        cannot repeat an answer after a change of version, batch or hardware.
      * Of a request with several choices, a server reports tokens as a sum only: the first
        sample carries it, the others say None.
      * When a part of the requests fails, `sample` returns what the others brought: nothing
        that was paid for is lost or asked for twice.
      * A prompt that is too long for the model, or refused by a filter, brings one sample with
        an error. A reply that is no JSON is a wrong address (SamplerError) as long as the
        server never answered properly, and an outage (Unavailable) from then on.
      * The key is read from the environment in `start`, and goes to `base_url`, whatever that
        is. It is never recorded, logged, or shown in a message.
    """

    def __init__(
        self,
        *,
        model: str,
        base_url: str = "",
        key_variable: str = "OPENAI_API_KEY",
        temperature: float | None = 1.0,
        top_p: float | None = 0.95,
        max_tokens: int | None = 1024,
        stop: Sequence[str] = STOP,
        n_per_request: int = 4,
        concurrency: int = 8,
        timeout_s: float = 120.0,
        max_retries: int = 2,
        extra: Mapping[str, Any] | None = None,
        name: str = "openai",
    ) -> None:
        """Configure; nothing is contacted yet.

        Args:
            model: as the server calls it.
            base_url: of the server, usually ending in `/v1`; empty for OpenAI's own.
            key_variable: name of the environment variable that holds the key. Where it is unset,
                a server other than OpenAI's gets a placeholder, for most local ones need none.
            temperature: None leaves it to the server, as do the next two.
            top_p: nucleus sampling.
            max_tokens: most tokens of a sample.
            stop: sequences that end a sample, in completion style.
            n_per_request: most choices asked for at once.
            concurrency: most requests in flight.
            timeout_s: seconds until a request without a sign of life is given up.
            max_retries: how often the client library repeats a failed request, with backoff.
            extra: further fields of the request's body; recorded, so no place for secrets.
            name: as records call the sampler.
        """
        self._name = name
        self._model = model
        self._base_url = base_url or HOSTED
        self._key_variable = key_variable
        self._temperature, self._top_p = temperature, top_p
        self._max_tokens, self._stop = max_tokens, list(stop)
        self._extra = dict(extra or {})
        self._concurrency = concurrency
        self._timeout_s, self._max_retries = timeout_s, max_retries
        self._most = n_per_request
        self._key = _PLACEHOLDER
        self._client: openai.AsyncOpenAI | None = None
        self._slots = asyncio.Semaphore(concurrency)
        self._proven = False

    @property
    def name(self) -> str:
        """As records call it."""
        return self._name

    @property
    def concurrency(self) -> int:
        """Most prompts in flight."""
        return self._concurrency

    async def start(self) -> None:
        """Check the settings and look up the key; the server is not asked.

        Raises:
            SamplerError: a setting cannot work.
        """
        self._check_numbers()
        host = self._checked_host()
        self._key = self._looked_up_key(host)
        import openai

        # A proxy of the environment cannot reach this machine's own loopback.
        loopback = host == "localhost" or host == "::1" or host.startswith("127.")
        self._client = openai.AsyncOpenAI(
            api_key=self._key,
            base_url=self._base_url,
            timeout=openai.Timeout(self._timeout_s, connect=min(_CONNECT_S, self._timeout_s)),
            max_retries=self._max_retries,
            http_client=openai.DefaultAsyncHttpxClient(trust_env=not loopback),
        )
        # Anew, for a semaphore belongs to the event loop it was used in.
        self._slots = asyncio.Semaphore(self._concurrency)

    async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        """Ask for `count` samples of a prompt.

        Returns:
            The samples in order of their index; fewer where the rest failed, never none.

        Raises:
            Unavailable: nothing came back, and later it may.
            SamplerError: nothing came back, and nothing will.
        """
        answered: dict[int, Sample] = {}
        failures: list[Unavailable | SamplerError] = []
        missing: list[int] = list(range(count))
        while missing and not failures:
            parts = [missing[at : at + self._most] for at in range(0, len(missing), self._most)]
            requests = (self._part(prompt, run_seed, part) for part in parts)
            results = await asyncio.gather(*requests, return_exceptions=True)
            missing = []
            for part, result in zip(parts, results, strict=True):
                if isinstance(result, Unavailable | SamplerError):
                    failures.append(result)
                elif isinstance(result, BaseException):
                    raise result
                else:
                    samples, rest = result
                    answered.update(zip(part, samples, strict=False))
                    missing.extend(rest)
        if not answered:
            raise next((f for f in failures if isinstance(f, SamplerError)), failures[0])
        return [answered[index] for index in sorted(answered)]

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _part(
        self, prompt: Prompt, run_seed: int, part: Sequence[int]
    ) -> tuple[list[Sample], Sequence[int]]:
        """Return samples for the first indices of `part`, and the indices still to be asked for."""
        # 31 bits: the widest seed that every server takes.
        seed = int(randomness.for_sample(run_seed, prompt.draw, part[0]).integers(1 << 31))
        asked = len(part)
        async with self._slots:
            begin = time.monotonic()
            try:
                reply = await self._request(prompt, seed, asked)
            except _BadRequestError:
                if asked == 1:
                    raise
                # Some servers refuse several choices; one tells that fault from any other.
                asked = 1
                reply = await self._request(prompt, seed, asked)
                self._most = 1
            seconds = time.monotonic() - begin
        samples = [
            self._sample(prompt, choice, reply, seed, asked, number, seconds)
            for number, choice in enumerate(reply.choices)
        ]
        if not reply.answered:
            return samples, ()
        self._proven = True
        if len(samples) < asked:
            self._most = min(self._most, len(samples))
        return samples, part[len(samples) :]

    def _sample(
        self,
        prompt: Prompt,
        choice: Choice,
        reply: Reply,
        seed: int,
        asked: int,
        number: int,
        seconds: float,
    ) -> Sample:
        return Sample(
            text=choice.text,
            sampler=self._name,
            model=self._model,
            served=reply.served,
            parameters={
                "base_url": self._base_url,
                "style": prompt.style,
                "temperature": None if self._temperature is None else repr(self._temperature),
                "top_p": None if self._top_p is None else repr(self._top_p),
                "max_tokens": self._max_tokens,
                "stop": json.dumps(self._stop) if prompt.style == "completion" else None,
                "extra": json.dumps(self._extra, sort_keys=True) if self._extra else None,
                "n": asked,
                "choice": number,
            },
            seed=seed,
            usage=reply.usage if number == 0 else Usage(),
            finish=choice.finish,
            seconds=seconds,
            error=choice.error,
        )

    async def _request(self, prompt: Prompt, seed: int, n: int) -> Reply:
        """Send one request for `n` choices, with the client library's retries."""
        import openai

        # The library's timeout is about silence; a server that trickles needs a limit of its own.
        tries = self._max_retries + 1
        deadline_s = tries * self._timeout_s + self._max_retries * _LONGEST_BACKOFF_S
        try:
            async with asyncio.timeout(deadline_s):
                body = await self._post(prompt, seed, n)
        except (TimeoutError, openai.APITimeoutError):
            raise Unavailable(f"{self._base_url} gives no answer in time") from None
        except openai.APIConnectionError as error:
            reason = self._shown(str(error.__cause__ or error))
            raise Unavailable(f"{self._base_url} cannot be reached: {reason}") from None
        except openai.APIStatusError as error:
            return self._refused(error)
        if body is None:
            return nothing(f"the reply is larger than {MAX_BODY_BYTES >> 20} MiB")
        try:
            return read(body, prompt.style, n)
        except Unavailable as error:
            raise Unavailable(f"{self._base_url} {self._shown(str(error))}") from None
        except UnreadableError as error:
            if self._proven:
                raise Unavailable(f"{self._base_url} {error}") from None
            raise SamplerError(
                f"{self._base_url} {error}; is the address right? It usually ends in /v1"
            ) from None

    async def _post(self, prompt: Prompt, seed: int, n: int) -> bytes | None:
        """Return the body of a good reply, or None if it is too large."""
        if self._client is None:
            raise RuntimeError("sample() before start()")
        fields: dict[str, Any] = {
            "model": self._model,
            "temperature": self._temperature,
            "top_p": self._top_p,
            "max_tokens": self._max_tokens,
            "seed": seed,
            "n": n if n > 1 else None,
        }
        if prompt.style == "chat":
            system = [{"role": "system", "content": prompt.system}] if prompt.system else []
            fields["messages"] = [*system, {"role": "user", "content": prompt.text}]
            create: Any = self._client.chat.completions.with_streaming_response.create
        else:
            fields |= {"prompt": prompt.text, "stop": self._stop or None}
            create = self._client.completions.with_streaming_response.create
        given = {key: value for key, value in fields.items() if value is not None}
        body = bytearray()
        async with create(**given, extra_body=self._extra) as response:
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
                    raise Unavailable(f"{self._base_url} broke off its reply: {reason}") from None
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
        raise _BadRequestError(f"{where} refuses the request ({status}), change a setting: {said}")

    def _shown(self, text: str) -> str:
        """Return a server's text as it may be shown: one line, without the key."""
        return one_line(text.replace(self._key, "***"))

    def _check_numbers(self) -> None:
        for name, value, least in (
            ("n_per_request", self._most, 1),
            ("concurrency", self._concurrency, 1),
            ("max_retries", self._max_retries, 0),
        ):
            if value < least:
                raise SamplerError(f"sampler.{name} must be at least {least}, not {value}")
        if not self._timeout_s > 0:
            raise SamplerError(f"sampler.timeout_s must be above 0, not {self._timeout_s}")

    def _checked_host(self) -> str:
        if not self._model:
            raise SamplerError("no model: set sampler.model to a name that the server knows")
        try:
            url = urlsplit(self._base_url)
            host, _ = url.hostname, url.port
        except ValueError as error:
            raise SamplerError(f"base_url {one_line(self._base_url)}: {error}") from None
        if url.username or url.password or url.query:
            # Not quoted: it would show the secret.
            raise SamplerError(
                "base_url must hold no password or query: name a variable in key_variable"
            )
        if url.scheme not in ("http", "https") or not host:
            raise SamplerError(f"base_url must begin with http:// or https://: {self._base_url}")
        return host

    def _looked_up_key(self, host: str) -> str:
        variable = self._key_variable
        key = os.environ.get(variable, "").strip()
        if not key and host == urlsplit(HOSTED).hostname:
            raise SamplerError(
                f"no key: set the environment variable {variable}, or sampler.base_url to a "
                "server that needs none"
            )
        if not (key.isascii() and key.isprintable()):
            raise SamplerError(f"{variable} holds characters that no key has")
        return key or _PLACEHOLDER
