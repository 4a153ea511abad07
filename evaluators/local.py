"""The local pool: evaluates programs on this machine, one worker process a slot.

    pool (asyncio) ─▶ steward ─▶ worker (problem, labels, score) ─▶ slot ─▶ child (one candidate)

Messages go over socket pairs; what a candidate built comes back through shared memory.
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
from evaluators.channel import PREFIX, Channel, Closed, Malformed, lengths, pack, parse
from evaluators.containment import Containment, unpack_containment
from evaluators.pool import Mode, PoolError, Uncontained
from evaluators.program import Program
from evaluators.reason import clean, decode
from evaluators.verdict import Status, Verdict
from evaluators.wire import unpack_verdict

_CANCEL_S = 0.3
"""How long a worker may take to end a cancelled candidate before it is killed itself."""
_ENDING_S = 3.0
"""How long a steward that fails may take to be gone, with all below it."""
_STOP_S = 2.0
"""How long the steward may take to end all below it and itself."""


class _Lost(Exception):
    """A process died or answered nonsense."""


class _Steward:
    """The process from which workers are forked, started again when it is lost."""

    def __init__(self, problem: str, instances: Sequence[str] | None, unsafe: bool) -> None:
        self._start_message = {
            "problem": problem,
            "instances": instances and list(instances),
            "unsafe": unsafe,
        }
        self._unsafe = unsafe
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel
        self._lifeline = -1
        self._stderr: IO[bytes]
        self._digest: str | None = None
        self._starting = asyncio.Lock()
        self._stopped = False
        self.certificate_bytes = 0
        self.containment: Containment | None = None

    async def start(self) -> None:
        """Start the process, unless it runs, and wait until it is ready.

        Raises:
            PoolError: it cannot be; the message is for the user.
        """
        async with self._starting:
            if self._stopped:
                raise PoolError("the pool of evaluators was closed")
            if self._process is not None and self._process.poll() is None:
                return
            self.discard()
            try:
                await self._start()
            except BaseException:
                self.discard()
                raise

    async def worker(self, end: int, lifeline: int) -> None:
        """Have a worker forked, which gets copies of the descriptors.

        Raises:
            PoolError: there can be none.
        """
        await self.start()
        with contextlib.suppress(Closed):  # then the worker's end shows that
            self._channel.send({}, descriptors=[end, lifeline])

    async def has_ended(self) -> bool:
        """Whether the process has ended, or does so in a moment."""
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_ENDING_S):
                    await _end_of(self._process.pid)
        return self._process is None or self._process.poll() is not None

    async def stop(self) -> None:
        """End the process for good, with all below it, in good order if it can still do that."""
        self._stopped = True
        if self._starting.locked() and self._process is not None:
            # Whoever waits for it to be ready sees its end.
            self._process.kill()
        async with self._starting:
            if self._process is not None:
                self._channel.close()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_STOP_S):
                        await _end_of(self._process.pid)
            self.discard()

    def discard(self) -> None:
        """Kill the process; all below it ends with it."""
        if self._process is not None:
            self._channel.close()
            self._process.kill()
            self._process.wait()
            self._process = None
            os.close(self._lifeline)
            self._stderr.close()

    def last_words(self) -> str:
        """Return the last line on the process's standard error, if there is one."""
        if self._process is None or self._stderr.closed:
            return ""
        self._stderr.seek(max(0, self._stderr.seek(0, os.SEEK_END) - 1000))
        lines = self._stderr.read().splitlines()
        return f": {decode(lines[-1])}" if lines else ""

    async def _start(self) -> None:
        # Loaded late: it comes with numpy, which whoever holds a pool need not have.
        from problems import data

        ours, theirs = socket.socketpair()
        read_end, write_end = os.pipe()
        stderr = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            process = processes.start(
                "evaluators.steward",
                channel=theirs.fileno(),
                environment=processes.ENVIRONMENT
                | processes.own_variables(*processes.CACHE_VARIABLES, data.VARIABLE),
                arguments=[str(read_end)],
                pass_fds=[read_end],
                stderr=stderr,
            )
        except OSError as error:
            ours.close()
            os.close(write_end)
            stderr.close()
            raise PoolError(f"an evaluator could not start: {error}") from None
        finally:
            # Only without its ends here does its death show.
            theirs.close()
            os.close(read_end)
        self._process, self._channel = process, Channel(ours)
        self._lifeline, self._stderr = write_end, stderr
        try:
            self._channel.send(self._start_message)
            await _readable(self._channel)
            answer, _ = self._channel.receive()
        except (Closed, Malformed):
            raise PoolError(f"an evaluator could not start{self.last_words()}") from None
        self._read_ready(answer)

    def _read_ready(self, answer: dict[str, Any]) -> None:
        match answer:
            case {
                "ready": True,
                "digest": str(digest),
                "certificate_bytes": int(size),
                "containment": {**containment},
            }:
                if self._digest not in (None, digest):
                    raise PoolError("the problem's file has changed since the evaluator started")
                self._digest, self.certificate_bytes = digest, size
                self.containment = unpack_containment(containment)
            case {"fault": str(fault)}:
                raise PoolError(clean(fault))
            case _:
                raise PoolError("an evaluator could not start: it answered nonsense")
        if not self._unsafe and not self.containment.safe:
            raise Uncontained(
                f"this machine cannot hold code that attacks: {self.containment.line()}. Use a "
                "Linux kernel with CONFIG_SECCOMP_FILTER, or, on a machine you can throw away, "
                "--unsafe-no-sandbox"
            )


class _Worker:
    """One worker process, forked again when it is lost."""

    def __init__(self, steward: _Steward) -> None:
        self._steward = steward
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter | None = None
        self._lifeline = -1

    async def start(self) -> None:
        """Have the process forked and wait until it is ready.

        Raises:
            PoolError: it cannot be; the message is for the user.
        """
        try:
            try:
                await self._start()
            except _Lost:
                # The steward can have died as it was asked, and shows it only now.
                if not await self._steward.has_ended():
                    raise
                await self._start()
        except (OSError, _Lost) as error:
            raise PoolError(f"an evaluator could not start: {error}") from None

    async def _start(self) -> None:
        ours, theirs = socket.socketpair()
        read_end, self._lifeline = os.pipe()
        try:
            try:
                await self._steward.worker(theirs.fileno(), read_end)
            finally:
                # Only without its ends here does the worker's death show.
                theirs.close()
                os.close(read_end)
            self._reader, self._writer = await asyncio.open_unix_connection(sock=ours)
            answer, _ = await self._receive(0)
            if answer.get("ready") is not True:
                raise _Lost("it answered nonsense")
        except BaseException:
            ours.close()
            self.discard()
            raise

    async def evaluate(self, program: Program, instances: Sequence[str], mode: Mode) -> Verdict:
        """Return the verdict on one program.

        Raises:
            _Lost: the worker failed, and is started again by the next call.
            PoolError: it cannot be started, or was asked for what the problem has not.
        """
        if self._writer is None:
            await self.start()
        request = {
            "do": "evaluate",
            "name": program.name,
            "source": program.source,
            "instances": list(instances),
            "mode": mode.value,
        }
        largest = self._steward.certificate_bytes * len(instances)
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

    def discard(self) -> None:
        """End the process, whatever it does; its slots notice, and end with all below them."""
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

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
        except OSError:
            raise _Lost(f"the worker is gone{self._steward.last_words()}") from None
        return await self._receive(largest)

    async def _receive(self, largest: int) -> tuple[dict[str, Any], bytes]:
        try:
            prefix = await self._reader.readexactly(PREFIX.size)
            text, payload = lengths(prefix, largest)
            answer = parse(await self._reader.readexactly(text))
            return answer, await self._reader.readexactly(payload)
        except (asyncio.IncompleteReadError, OSError):
            raise _Lost(f"the worker is gone{self._steward.last_words()}") from None
        except Malformed as error:
            raise _Lost(f"the worker answered nonsense: {error}") from None


async def _readable(channel: Channel) -> None:
    """Wait until there is something to receive."""
    loop, there = asyncio.get_running_loop(), asyncio.Event()
    try:
        loop.add_reader(channel, there.set)
        await there.wait()
    finally:
        loop.remove_reader(channel)


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
        self._count = workers or len(os.sched_getaffinity(0))
        self._describe = (problem, instances, unsafe_no_sandbox)
        self._renew()
        self._open = False

    def _renew(self) -> None:
        """Forget everything that may belong to the event loop of an earlier start."""
        self._steward = _Steward(*self._describe)
        self._workers = [_Worker(self._steward) for _ in range(self._count)]
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()

    @property
    def slots(self) -> int:
        """How many evaluations run at the same time."""
        return self._count

    @property
    def containment(self) -> Containment:
        """What holds candidates, tried out when the pool started.

        Raises:
            PoolError: it never did.
        """
        if self._steward.containment is None:
            raise PoolError("the pool of evaluators has not started")
        return self._steward.containment

    async def start(self) -> None:
        """Start all workers.

        Raises:
            Uncontained: candidates cannot be held here.
            PoolError: one could not be started; none is left.
        """
        self._renew()
        try:
            await self._steward.start()
            async with asyncio.TaskGroup() as group:
                for worker in self._workers:
                    group.create_task(worker.start())
        except BaseExceptionGroup as group_error:
            await self.close()
            raise group_error.exceptions[0] from None
        except BaseException:
            await self.close()
            raise
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
        for worker in self._workers:
            worker.discard()
        await self._steward.stop()

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
