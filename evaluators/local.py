"""The local pool: evaluates programs on this machine, one worker process a slot.

    pool (asyncio) ─▶ worker (problem, labels, score) ─▶ zygote (warm) ─▶ child (one candidate)

Messages go over socket pairs; what a candidate built comes back through shared memory. Until the
child gives up more than `evaluators.lockdown` takes, this contains accidents, not attacks.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import IO, Any

from evaluators import processes
from evaluators.channel import PREFIX, Malformed, lengths, pack, parse
from evaluators.containment import LAYERS, Containment, Layer
from evaluators.pool import Mode, PoolError
from evaluators.program import Program
from evaluators.reason import clean, decode
from evaluators.verdict import Status, Verdict
from evaluators.wire import unpack_verdict

_CANCEL_S = 0.3
"""How long a worker may take to end a cancelled candidate before it is killed itself."""
_STOP_S = 1.0
"""How long a worker may take to end its zygote and itself."""


class _Lost(Exception):
    """The worker died or answered nonsense."""


class _Worker:
    """One worker process, started again when it is lost."""

    def __init__(self, problem: str, instances: Sequence[str] | None) -> None:
        self._start_message = {"problem": problem, "instances": instances and list(instances)}
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter | None = None
        self._lifeline = -1
        self._stderr: IO[bytes]
        self._certificate_bytes = 0
        self._digest: str | None = None

    async def start(self) -> None:
        """Start the process and wait until it is ready.

        Raises:
            PoolError: it cannot be; the message is for the user.
        """
        ours, theirs = socket.socketpair()
        read_end, self._lifeline = os.pipe()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            try:
                self._process = processes.start(
                    "evaluators.worker",
                    channel=theirs.fileno(),
                    environment=processes.ENVIRONMENT | _cache_variables(),
                    arguments=[str(read_end)],
                    pass_fds=[read_end],
                    stderr=self._stderr,
                )
            finally:
                # Only without its ends here does the worker's death show.
                theirs.close()
                os.close(read_end)
            self._reader, self._writer = await asyncio.open_unix_connection(sock=ours)
            answer, _ = await self._ask(self._start_message, 0)
            self._read_ready(answer)
        except BaseException as error:
            ours.close()
            self.discard()
            if isinstance(error, OSError | _Lost):
                raise PoolError(f"an evaluator could not start: {error}") from None
            raise

    async def evaluate(self, program: Program, instances: Sequence[str], mode: Mode) -> Verdict:
        """Return the verdict on one program.

        Raises:
            _Lost: the worker failed, and is started again by the next call.
            PoolError: it cannot be started, or was asked for what the problem has not.
        """
        if self._process is None:
            await self.start()
        request = {
            "do": "evaluate",
            "name": program.name,
            "source": program.source,
            "instances": list(instances),
            "mode": mode.value,
        }
        largest = self._certificate_bytes * len(instances)
        try:
            message, payload = await self._ask(request, largest)
            if "fault" not in message:
                return unpack_verdict(message, payload)
        except asyncio.CancelledError:
            await self._cancel(largest)
            raise
        except (Malformed, _Lost) as error:
            self.discard()
            raise _Lost(str(error)) from None
        raise PoolError(clean(str(message["fault"])))

    async def stop(self) -> None:
        """End the process, with all below it, in good order if it can still do that."""
        if self._process is not None and self._writer is not None:
            self._writer.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_STOP_S):
                    await _end_of(self._process.pid)
        self.discard()

    def discard(self) -> None:
        """Kill the process; its zygote notices, and ends with all below it."""
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
            self._stderr.close()

    def _read_ready(self, answer: dict[str, Any]) -> None:
        match answer:
            case {"ready": True, "digest": str(digest), "certificate_bytes": int(size)}:
                if self._digest not in (None, digest):
                    raise PoolError("the problem's file has changed since the evaluator started")
                self._digest, self._certificate_bytes = digest, size
            case {"fault": str(fault)}:
                raise PoolError(clean(fault))
            case _:
                raise _Lost("it answered nonsense")

    async def _cancel(self, largest: int) -> None:
        """End the running candidate and wait for that, or lose the worker."""
        try:
            async with asyncio.timeout(_CANCEL_S):
                await self._ask({"do": "cancel"}, largest)
        except (TimeoutError, Malformed, _Lost):
            self.discard()
        except asyncio.CancelledError:
            self.discard()
            raise

    async def _ask(self, message: Mapping[str, Any], largest: int) -> tuple[dict[str, Any], bytes]:
        """Send a message and return the next one that comes, with at most `largest` bytes."""
        if self._writer is None:
            raise _Lost("the worker was ended")
        try:
            self._writer.write(pack(message))
            await self._writer.drain()
            prefix = await self._reader.readexactly(PREFIX.size)
            text, payload = lengths(prefix, largest)
            answer = parse(await self._reader.readexactly(text))
            return answer, await self._reader.readexactly(payload)
        except (asyncio.IncompleteReadError, OSError):
            raise _Lost(f"the worker is gone{self._last_words()}") from None
        except Malformed as error:
            raise _Lost(f"the worker answered nonsense: {error}") from None

    def _last_words(self) -> str:
        """Return the last line on the worker's standard error, if there is one."""
        if self._stderr.closed:
            return ""
        self._stderr.seek(max(0, self._stderr.seek(0, os.SEEK_END) - 1000))
        lines = self._stderr.read().splitlines()
        return f": {decode(lines[-1])}" if lines else ""


def _cache_variables() -> dict[str, str]:
    """Return the variables that say where the user's cache of compiled kernels is."""
    return {key: os.environ[key] for key in ("HOME", "XDG_CACHE_HOME") if key in os.environ}


async def _end_of(pid: int) -> None:
    """Wait until a child of this process ended; it stays to be reaped."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    descriptor = os.pidfd_open(pid)
    try:
        loop.add_reader(descriptor, ended.set)
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


class LocalPool:
    """An `EvaluatorPool` on this machine.

    Belongs to the event loop that called `start`. When this process dies, in whatever way, its
    workers and all below them end by themselves.
    """

    def __init__(
        self,
        problem: str,
        workers: int | None = None,
        instances: Sequence[str] | None = None,
        unsafe_no_sandbox: bool = False,
    ) -> None:
        """Describe a pool; `start` starts it.

        Args:
            problem: a reference for `problems.registry.load`.
            workers: how many; one for each processor this process may use if None.
            instances: those to get ready for; the problem's training instances if None. Others
                can be asked for: the first evaluation on other ones costs a new zygote.
            unsafe_no_sandbox: run candidates with limits on time and memory only.
        """
        if workers is not None and workers < 1:
            raise ValueError(f"workers={workers}: must be at least 1, or null")
        self._unsafe = unsafe_no_sandbox
        count = workers or len(os.sched_getaffinity(0))
        self._workers = [_Worker(problem, instances) for _ in range(count)]
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        self._open = False

    @property
    def slots(self) -> int:
        """How many evaluations run at the same time."""
        return len(self._workers)

    @property
    def containment(self) -> Containment:
        """What holds candidates."""
        return Containment(tuple(Layer(name, name == "limits", "") for name in LAYERS))

    async def start(self) -> None:
        """Start all workers.

        Raises:
            PoolError: one could not be started; none is left.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for worker in self._workers:
                    group.create_task(worker.start())
        except BaseExceptionGroup as group_error:
            await self.close()
            raise group_error.exceptions[0] from None
        except BaseException:
            await self.close()
            raise
        # A new queue: the old one may belong to another event loop, and still hold the workers.
        self._idle = asyncio.LifoQueue()
        for worker in self._workers:
            self._idle.put_nowait(worker)
        self._open = True

    async def evaluate(
        self, program: Program, instances: Sequence[str], mode: Mode = Mode.FAST
    ) -> Verdict:
        """Run the program on all the instances, in that order, and score what it built.

        Args:
            program: what to run.
            instances: names; at least one, each only once.
            mode: how to run it.

        Raises:
            PoolError: the pool is not open, a worker cannot be started again, or the problem has
                no such instances.
        """
        if not self._open:
            raise PoolError("the pool of evaluators is not open")
        idle = self._idle
        worker = await idle.get()
        try:
            return await self._evaluate(worker, program, instances, mode)
        finally:
            idle.put_nowait(worker)

    async def close(self) -> None:
        """Stop every worker; evaluations under way raise PoolError."""
        self._open = False
        await asyncio.gather(*(worker.stop() for worker in self._workers))

    async def _evaluate(
        self, worker: _Worker, program: Program, instances: Sequence[str], mode: Mode
    ) -> Verdict:
        verdict = Verdict(Status.SANDBOX_ERROR)
        for _ in range(2):
            if not self._open:
                raise PoolError("the pool of evaluators was closed")
            try:
                verdict = await worker.evaluate(program, instances, mode)
            except _Lost as error:
                verdict = Verdict(Status.SANDBOX_ERROR, reason=clean(str(error)), tier="")
            if verdict.status is not Status.SANDBOX_ERROR or verdict.tier:
                return verdict  # a candidate that ran to its end would run to the same one again
            worker.discard()
        return verdict
