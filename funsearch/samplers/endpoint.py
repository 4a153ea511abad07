"""The sampler `openai`: any server that speaks OpenAI's completion or chat protocol."""

from __future__ import annotations

import asyncio
import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from funsearch import randomness
from funsearch.budget import Amount, Budget, Spent
from funsearch.prompts import Prompt
from funsearch.samplers.endpoint_client import BadRequestError, Client, LostError
from funsearch.samplers.endpoint_reply import Choice, Reply, one_line
from funsearch.samplers.limits import PATIENCE_S, Gate
from funsearch.samplers.prices import Price, cost_of, price_of, text_of
from funsearch.samplers.protocol import Failure, Hear, Sample, SamplerError, Unavailable, Usage

HOSTED = "https://api.openai.com/v1"
STOP = ("\ndef ", "\nclass ", "\nif __name__", "\n```")
"""Where a completion has left the function; four, the most that OpenAI takes."""

_PLACEHOLDER = "no-key-needed"
_TEMPLATE_TOKENS = 256
"""Most that a server puts around the text of a prompt: begin and end of messages, a date."""


class Endpoint:
    """Asks a model behind an OpenAI-compatible server: vLLM, llama.cpp, Ollama, or hosted.

    What to know:
      * One request asks for several choices. A server that gives fewer, or refuses to give
        several, is then asked for what it does give, in requests side by side.
      * The seed of a request is drawn from the run's seed, but a server may ignore it, and most
        cannot repeat an answer after a change of version, batch or hardware.
      * Of a request with several choices, a server reports tokens as a sum only: the first
        sample carries it, the others say None.
      * What a request cost is what the server reports, else tokens times the price; the first
        sample carries it, the others "0". Where that cannot be told, all have no cost.
      * When a part of the requests fails, `sample` returns what the others brought, and reports
        the failures (`Reporter`): nothing that was paid for is lost or asked for twice.
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
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        prompt_price: float | None = None,
        completion_price: float | None = None,
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
            timeout_s: seconds until a request is given up.
            max_retries: how often a failed request is repeated, with growing pauses, before
                `sample` raises Unavailable.
            requests_per_minute: most requests that begin in a minute; None for no limit.
            tokens_per_minute: the same of tokens, of prompts and answers together. Until an
                answer is there, the most that it may take is counted.
            prompt_price: of a million tokens of prompts, in US dollars, 0 for a server of one's
                own; None for the list price (`configs/prices.yaml`), if there is one.
            completion_price: the same of answers.
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
        self._rates = requests_per_minute, tokens_per_minute
        self._prices = prompt_price, completion_price
        self._price: Price | None = None
        self._budget = Budget()
        self._gate = Gate(concurrency)
        self._client: Client | None = None
        self._hear: Hear | None = None

    @property
    def name(self) -> str:
        """As records call it."""
        return self._name

    @property
    def concurrency(self) -> int:
        """Most prompts in flight."""
        return self._concurrency

    def spend_from(self, budget: Budget) -> None:
        """Ask this budget before each request."""
        self._budget = budget

    def report_to(self, hear: Hear) -> None:
        """Tell this function of requests that failed beside others that did not."""
        self._hear = hear

    async def start(self) -> None:
        """Check the settings and look up the key; the server is not asked.

        Raises:
            SamplerError: a setting cannot work.
        """
        self._check_numbers()
        host = self._checked_host()
        key = self._looked_up_key(host)
        self._price = price_of(host, self._model, *self._prices)
        self._check_budget(host)
        self._gate = Gate(self._concurrency, *self._rates)
        self._client = Client(
            self._base_url, host, key, self._key_variable, self._model, self._timeout_s
        )

    async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        """Ask for `count` samples of a prompt.

        Returns:
            The samples in order of their index; fewer where the rest failed, never none.

        Raises:
            Unavailable: nothing came back, and later it may.
            SamplerError: nothing came back, and nothing will.
            Spent: nothing was asked for, since the budget does not allow it.
        """
        answered: dict[int, Sample] = {}
        failures: list[Unavailable | SamplerError | Spent] = []
        missing: list[int] = list(range(count))
        while missing and not failures:
            parts = [missing[at : at + self._most] for at in range(0, len(missing), self._most)]
            requests = (self._part(prompt, run_seed, part) for part in parts)
            results = await asyncio.gather(*requests, return_exceptions=True)
            missing = []
            for part, result in zip(parts, results, strict=True):
                if isinstance(result, Unavailable | SamplerError | Spent):
                    failures.append(result)
                elif isinstance(result, BaseException):
                    raise result
                else:
                    samples, rest = result
                    answered.update(zip(part, samples, strict=False))
                    missing.extend(rest)
        for failure in failures:
            if isinstance(failure, Failure):
                failure.model = self._model
        if not answered:
            final = (f for f in failures if not isinstance(f, Unavailable))
            raise next(final, failures[0])
        for failure in failures:
            if self._hear is not None and not isinstance(failure, Spent):
                self._hear(prompt, failure)
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
        try:
            reply, seconds = await self._request(prompt, seed, asked)
        except BadRequestError:
            if asked == 1:
                raise
            # Some servers refuse several choices; one tells that fault from any other.
            asked = 1
            reply, seconds = await self._request(prompt, seed, asked)
            self._most = 1
        samples = [
            self._sample(prompt, choice, reply, seed, asked, number, seconds)
            for number, choice in enumerate(reply.choices)
        ]
        if not reply.answered:
            return samples, ()
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
        cost = cost_of(self._price, reply.usage, reply.cost)
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
                "price": _source(reply, self._price),
            },
            seed=seed,
            usage=reply.usage if number == 0 else Usage(),
            finish=choice.finish,
            seconds=seconds,
            error=choice.error,
            cost=text_of(cost if number == 0 or cost is None else Decimal(0)),
        )

    async def _request(self, prompt: Prompt, seed: int, n: int) -> tuple[Reply, float]:
        """Return the reply to a request for `n` choices, and the seconds that it took."""
        fields = self._fields(prompt, seed, n)
        most = self._most_of(prompt, n)
        for left in reversed(range(self._max_retries + 1)):
            try:
                return await self._try(prompt, fields, n, most)
            except Unavailable as error:
                if not left or (error.retry_after_s or 0.0) > PATIENCE_S:
                    raise
        raise AssertionError("max_retries is at least 0")

    async def _try(
        self, prompt: Prompt, fields: Mapping[str, Any], n: int, most: Amount
    ) -> tuple[Reply, float]:
        """Send a request once, when budget and limits allow it."""
        if self._client is None:
            raise RuntimeError("sample() before start()")
        await self._budget.reserve(most)
        tokens: int | None = 0
        cost: Decimal | None = Decimal(0)
        try:
            passed = await self._gate.enter(most.tokens)
            tokens = cost = None
            begin = time.monotonic()
            try:
                reply = await self._client.ask(prompt.style, fields, n)
                self._gate.answered()
                tokens, cost = _total(reply.usage), cost_of(self._price, reply.usage, reply.cost)
            except Unavailable as error:
                if not isinstance(error, LostError):
                    tokens, cost = 0, Decimal(0)
                self._gate.refused(passed, error.retry_after_s, str(error))
                raise
            except SamplerError:
                tokens, cost = 0, Decimal(0)
                self._gate.answered()
                raise
            finally:
                self._gate.leave(passed, tokens)
        finally:
            self._budget.settle(most, tokens, cost)
        return reply, time.monotonic() - begin

    def _fields(self, prompt: Prompt, seed: int, n: int) -> Mapping[str, Any]:
        """Return the body of a request."""
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
        else:
            fields |= {"prompt": prompt.text, "stop": self._stop or None}
        return {key: value for key, value in fields.items() if value is not None} | self._extra

    def _most_of(self, prompt: Prompt, n: int) -> Amount:
        """Return the most that a request may take: no token is shorter than a byte."""
        bytes_ = len(prompt.system.encode()) + len(prompt.text.encode())
        prompt_tokens = bytes_ + _TEMPLATE_TOKENS
        answer_tokens = n * (self._longest_answer() or 0)
        price = self._price
        cost = price.of(prompt_tokens, answer_tokens) if price else Decimal(0)
        return Amount(prompt_tokens + answer_tokens, cost)

    def _longest_answer(self) -> int | None:
        """Return the most tokens of an answer, by the name that newer models call it too."""
        found = self._extra.get("max_completion_tokens", self._extra.get("max_tokens"))
        return found if type(found) is int else self._max_tokens

    def _check_budget(self, host: str) -> None:
        """Refuse a budget that could not be kept."""
        budget = self._budget
        if not (budget.limits_tokens or budget.limits_cost):
            return
        if self._longest_answer() is None:
            raise SamplerError(
                "a budget needs a bound on answers: set sampler.max_tokens, or take away "
                "run.max_tokens and run.max_cost"
            )
        if several := {"n", "best_of"} & set(self._extra):
            raise SamplerError(
                f"with a budget, sampler.extra cannot set {several.pop()}: use "
                "sampler.n_per_request, which is counted"
            )
        if budget.limits_cost and self._price is None:
            raise SamplerError(
                f"run.max_cost cannot be kept: the price of {one_line(self._model)} at "
                f"{one_line(host)} is not known; set sampler.prompt_price and "
                "sampler.completion_price, in US dollars per million tokens"
            )

    def _check_numbers(self) -> None:
        for name, value, least in (
            ("n_per_request", self._most, 1),
            ("concurrency", self._concurrency, 1),
            ("max_retries", self._max_retries, 0),
        ):
            if value < least:
                raise SamplerError(f"sampler.{name} must be at least {least}, not {value}")
        requests, tokens = self._rates
        for name, rate in (("requests_per_minute", requests), ("tokens_per_minute", tokens)):
            if rate is not None and not 0 < rate < math.inf:
                raise SamplerError(f"sampler.{name} must be above 0, or null, not {rate}")
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


def _total(usage: Usage) -> int | None:
    """Return the tokens of a request, or None if it is not known."""
    if usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    return usage.prompt_tokens + usage.completion_tokens


def _source(reply: Reply, price: Price | None) -> str | None:
    """Return where the cost of a request is from."""
    if reply.cost is not None:
        return "reported"
    return None if price is None else str(price)
