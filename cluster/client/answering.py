"""Answers prompts with an ordinary sampler until the run ends or somebody says stop."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cluster.client.calls import Calls
from cluster.client.unheard import Unheard
from cluster.proto import programs_pb2 as pb
from cluster.service import wire
from cluster.service.desk import ID_BYTES
from funsearch.samplers.protocol import Sampler, SamplerError, Unavailable

_WAIT_S = 20.0
"""Seconds that a draw waits for a prompt."""
_PAUSE_S = 5.0
"""Seconds until an unavailable model is asked again, if it does not say."""


@dataclass
class Tally:
    """What a sampler process did.

    Attributes:
        prompts: answered.
        recorded: samples that are on the run's disk.
        refused: answers that came too late, or to a server that no longer knew of them.
        failed: prompts given back.
    """

    prompts: int = 0
    recorded: int = 0
    refused: int = 0
    failed: int = 0


class Answering:
    """Draws, answers and submits, as many at once as the sampler can.

    Args:
        calls: to the service.
        sampler: which answers; started.
        batch: most prompts drawn, and answers submitted, in one call.
    """

    def __init__(self, calls: Calls, sampler: Sampler, batch: int) -> None:
        self._calls, self._sampler, self._batch = calls, sampler, batch
        self.tally = Tally()
        self._unheard = Unheard(sampler)  # verdicts stay with the server

    async def run(self, stop: asyncio.Event) -> None:
        """Work until the run ends, or until `stop`: then prompts not answered are given back.

        Raises:
            SamplerError: the service or the model cannot be used.
        """
        workers = [asyncio.create_task(self._work()) for _ in range(self._sampler.concurrency)]
        stopped = asyncio.create_task(stop.wait())
        try:
            # The first worker that ends knows that the run does, or that it cannot go on.
            await asyncio.wait({stopped, *workers}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (stopped, *workers):
                task.cancel()
            results = await asyncio.gather(*workers, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _work(self) -> None:
        while True:
            drawn = await self._calls.draw(self._batch, _WAIT_S)
            if drawn.ending:
                return
            if not drawn.leases:
                await asyncio.sleep(min(max(drawn.retry_after_s, 0.0), _WAIT_S))
                continue
            if await self._answer(drawn.leases):
                return

    async def _answer(self, leases: Sequence[pb.Lease]) -> bool:
        """Answer prompts one by one and submit all; return whether the run ends."""
        done: list[pb.Submission] = []
        pause_s, final = 0.0, None
        for lease in leases:
            reason = "the sampler before this one failed"
            if final is None and not pause_s:
                try:
                    done.append(await self._samples(lease))
                    continue
                except Unavailable as error:
                    pause_s = _PAUSE_S if error.retry_after_s is None else error.retry_after_s
                    pause_s, reason = max(pause_s, 0.1), str(error)
                except SamplerError as error:
                    final, reason = error, str(error)
                except asyncio.CancelledError:
                    await self._submit([*done, *map(_stopped, leases[len(done) :])])
                    raise
            done.append(_failed(lease, reason))
        ending = await self._submit(done)
        if final is not None:
            raise final
        await asyncio.sleep(pause_s)
        return ending

    async def _samples(self, lease: pb.Lease) -> pb.Submission:
        prompt = wire.to_prompt(lease.prompt)
        samples = await self._unheard.sample(prompt, lease.run_seed, lease.count)
        return pb.Submission(
            id=secrets.token_bytes(ID_BYTES),
            lease=lease.id,
            samples=[wire.of_sample(sample) for sample in samples],
        )

    async def _submit(self, submissions: Sequence[pb.Submission]) -> bool:
        results = await self._calls.submit(submissions)
        ending = False
        for result in results:
            match result.status:
                case pb.Result.RECORDED:
                    self.tally.prompts += 1
                    self.tally.recorded += len(result.records)
                case pb.Result.RETURNED:
                    self.tally.failed += 1
                case pb.Result.INVALID:
                    raise SamplerError(f"the service refuses an answer: {result.reason}")
                case pb.Result.ENDING:
                    ending = True
                case _:
                    self.tally.refused += 1
        return ending


def _failed(lease: pb.Lease, reason: str) -> pb.Submission:
    reason = reason.encode("utf-8", "replace").decode() or "it failed"
    return pb.Submission(id=secrets.token_bytes(ID_BYTES), lease=lease.id, failure=reason)


def _stopped(lease: pb.Lease) -> pb.Submission:
    return _failed(lease, "the sampler was stopped")
