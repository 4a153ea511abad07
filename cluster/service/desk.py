"""Prompts that wait for remote samplers, those handed out, and the answers taken so far.

Knows nothing of gRPC. Lives in one event loop: no step here can be interrupted by another.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from funsearch.archive.archive import Receipt
from funsearch.archive.errors import ArchiveError
from funsearch.archive.records import GenerationRecord
from funsearch.budget import Reason, Spent
from funsearch.prompts import Prompt
from funsearch.samplers.protocol import Hear, Sample, Unavailable

ID_BYTES = 16
"""Of a lease and of a submission."""
_MOST_KEPT = 65_536
"""Leases, and answers to submissions, that are remembered."""


class Status(Enum):
    """What became of a submission; see `programs.proto`."""

    RECORDED = 1
    ALREADY_TAKEN = 2
    UNKNOWN_LEASE = 3
    INVALID = 4
    ENDING = 5
    RETURNED = 6


@dataclass(frozen=True)
class Result:
    """The answer to a submission.

    Attributes:
        status: what became of it.
        records: numbers of the generation records, by sample.
        reason: more words, where there are any.
    """

    status: Status
    records: tuple[int, ...] = ()
    reason: str = ""


@dataclass(eq=False)
class Place:
    """A prompt that wants answers.

    Attributes:
        prompt: to be answered.
        run_seed: of the randomness of the answers.
        count: how often.
        answer: the samples, once they are there.
        lease: that is good for it now; None while it waits to be handed out.
        holder: name of the client that has the lease.
        expiry: what ends the lease.
        submission: key of the submission that answered.
        receipts: of the records of its samples.
    """

    prompt: Prompt
    run_seed: int
    count: int
    answer: asyncio.Future[Sequence[Sample]]
    lease: bytes | None = None
    holder: str = ""
    expiry: asyncio.TimerHandle | None = None
    submission: tuple[str, bytes] | None = None
    receipts: list[Receipt] = field(default_factory=list[Receipt])


@dataclass(frozen=True)
class Lease:
    """A place, handed out.

    Attributes:
        id: random.
        place: that it is for.
    """

    id: bytes
    place: Place


class Desk:
    """Hands out prompts and takes answers; each prompt is answered once, each answer kept once.

    Args:
        lease_s: seconds until a prompt that was not answered is handed out again.

    Attributes:
        ending: set when the run takes no more answers.
        hear: is told of leases that ran out and of failures.
    """

    def __init__(self, lease_s: float) -> None:
        self.lease_s = lease_s
        self.ending = asyncio.Event()
        self.hear: Hear | None = None
        self._queue: deque[Place] = deque()
        self._leases: OrderedDict[bytes, Place] = OrderedDict()
        self._by_draw: dict[int, Place] = {}
        self._answers: OrderedDict[tuple[str, bytes], asyncio.Future[Result]] = OrderedDict()
        self._filled = asyncio.Event()
        self._spent: Reason | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        """Prompts that nobody has drawn."""
        return sum(place.lease is None for place in self._queue)

    @property
    def handed_out(self) -> int:
        """Prompts that clients are at work on."""
        return sum(place.lease is not None for place in self._by_draw.values())

    # What the run does

    async def ask(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        """Return the samples that some client answers a prompt with.

        Raises:
            Spent: nothing is handed out any more.
        """
        if self._spent is not None:
            raise Spent(self._spent)
        place = Place(prompt, run_seed, count, asyncio.get_running_loop().create_future())
        self._by_draw[prompt.draw] = place
        self._put(place)
        try:
            return await place.answer
        except (asyncio.CancelledError, Spent):
            self._withdraw(place)
            raise

    def recorded(self, prompt: Prompt, index: int, receipt: Receipt) -> None:
        """Hear of the record of a sample; after the last one, its client gets an answer."""
        place = self._by_draw[prompt.draw]
        place.receipts.append(receipt)
        if len(place.receipts) < len(place.answer.result()):
            return
        del self._by_draw[prompt.draw]
        task = asyncio.create_task(self._acknowledge(place))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def remember(self, records: Iterable[tuple[int, GenerationRecord]]) -> None:
        """Know the submissions that an earlier session of the server has on record."""
        found: dict[tuple[str, bytes], list[int]] = {}
        for number, record in records:
            client, name = record.parameters.get("client"), record.parameters.get("submission")
            if isinstance(client, str) and isinstance(name, str):
                found.setdefault((client, bytes.fromhex(name)), []).append(number)
        for key, numbers in found.items():
            future = asyncio.get_running_loop().create_future()
            future.set_result(Result(Status.RECORDED, tuple(numbers)))
            self._note(key, future)

    def hand_out_no_more(self, reason: Reason) -> None:
        """Take back the prompts that nobody has drawn: the budget of the run is used up."""
        self._spent = reason
        for place in self._queue:
            if place.lease is None and not place.answer.done():
                place.answer.set_exception(Spent(reason))
        self._queue.clear()

    def end(self) -> None:
        """Take no more answers, and let everybody who waits go."""
        self.ending.set()
        self._filled.set()

    # What clients do

    async def draw(self, client: str, most: int, wait_s: float) -> list[Lease]:
        """Return up to `most` prompts; none if there are none within `wait_s` seconds."""
        try:
            async with asyncio.timeout(wait_s):
                while not (leases := self._hand_out(client, most)) and not self.ending.is_set():
                    self._filled.clear()
                    await self._filled.wait()
        except TimeoutError:
            return []
        return leases

    async def submit(
        self, client: str, name: bytes, lease: bytes, samples: Sequence[Sample]
    ) -> Result:
        """Take an answer; return when it is on the disk, or why it is not taken.

        Args:
            client: who sends it.
            name: of the submission; of one that is known, the samples are not looked at.
            lease: that it answers.
            samples: in order, checked.
        """
        key = (client, name)
        if (known := self._answers.get(key)) is not None:
            return await asyncio.shield(known)
        refused = self._refusal(lease)
        if refused is not None:
            return refused
        place = self._leases[lease]
        if len(samples) > place.count:
            return Result(Status.INVALID, reason=f"{len(samples)} samples for {place.count}")
        self._release(place)
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._note(key, future)
        place.submission = key
        place.answer.set_result(samples)
        return await asyncio.shield(future)

    def give_back(self, lease: bytes, reason: str) -> Result:
        """Take a prompt back that a client cannot answer; others may."""
        refused = self._refusal(lease)
        if refused is not None:
            return refused
        place = self._leases[lease]
        if place.lease != lease:
            return Result(Status.RETURNED)  # it was taken back before
        self._take_back(place, f"{place.holder}: {reason}")
        return Result(Status.RETURNED)

    def place_of(self, lease: bytes) -> Place | None:
        """Return the place of a lease that still counts."""
        return None if self._refusal(lease) else self._leases[lease]

    def knows(self, client: str, name: bytes) -> bool:
        """Whether a submission was taken, or is being written down."""
        return (client, name) in self._answers

    def _refusal(self, lease: bytes) -> Result | None:
        if self.ending.is_set():
            return Result(Status.ENDING)
        place = self._leases.get(lease)
        if place is None:
            return Result(Status.UNKNOWN_LEASE)
        return Result(Status.ALREADY_TAKEN) if place.answer.done() else None

    def _put(self, place: Place) -> None:
        if self._spent is not None:
            place.answer.set_exception(Spent(self._spent))
            return
        self._queue.append(place)
        self._filled.set()

    def _hand_out(self, client: str, most: int) -> list[Lease]:
        leases: list[Lease] = []
        while self._queue and len(leases) < most and not self.ending.is_set():
            place = self._queue.popleft()
            if place.answer.done() or place.lease is not None:
                continue
            place.lease, place.holder = secrets.token_bytes(ID_BYTES), client
            loop = asyncio.get_running_loop()
            place.expiry = loop.call_later(self.lease_s, self._expire, place, place.lease)
            self._leases[place.lease] = place
            while len(self._leases) > _MOST_KEPT:
                self._leases.popitem(last=False)
            leases.append(Lease(place.lease, place))
        return leases

    def _expire(self, place: Place, lease: bytes) -> None:
        if place.lease == lease and not place.answer.done():
            self._take_back(place, f"{place.holder} did not answer in {self.lease_s:g} s")

    def _take_back(self, place: Place, reason: str) -> None:
        self._release(place)
        self._put(place)
        if self.hear is not None:
            self.hear(place.prompt, Unavailable(reason, 0.0))

    def _release(self, place: Place) -> None:
        if place.expiry is not None:
            place.expiry.cancel()
        place.lease, place.holder, place.expiry = None, "", None

    def _withdraw(self, place: Place) -> None:
        """Forget a prompt that the run does not want answered any more."""
        self._release(place)
        self._by_draw.pop(place.prompt.draw, None)
        place.answer.cancel()
        if place.submission is not None:  # answered, but never written down
            self._answers.pop(place.submission).set_result(Result(Status.ENDING))

    async def _acknowledge(self, place: Place) -> None:
        assert place.submission is not None, "what is recorded was submitted"
        future = self._answers[place.submission]
        try:
            for receipt in place.receipts:
                await asyncio.wrap_future(receipt.acknowledged)
        except ArchiveError as error:
            del self._answers[place.submission]
            future.set_exception(error)
        else:
            numbers = tuple(receipt.number for receipt in place.receipts)
            future.set_result(Result(Status.RECORDED, numbers))

    def _note(self, key: tuple[str, bytes], future: asyncio.Future[Result]) -> None:
        self._answers[key] = future
        while len(self._answers) > _MOST_KEPT and next(iter(self._answers.values())).done():
            self._answers.popitem(last=False)
