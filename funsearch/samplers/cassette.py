"""The sampler `cassette`: gives the replies of a recorded run again; no endpoint, model or key."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from funsearch.archive import files, runs
from funsearch.archive.errors import ArchiveError
from funsearch.archive.log import LogReader, read_records, record_of
from funsearch.archive.objects import ObjectReader
from funsearch.archive.records import GenerationRecord, Record
from funsearch.learning import Outcome
from funsearch.prompts import Prompt
from funsearch.samplers.endpoint_reply import MAX_CHARACTERS
from funsearch.samplers.protocol import Sample, SamplerError

MOST_SAMPLES = 1_000_000
"""Of a recorded run; it takes about 300 bytes of memory for each."""
_NAME = "cassette"

Key = tuple[bytes, str]
"""Digests of a prompt and of its template."""


@dataclass(slots=True)
class Take:
    """What a draw of the recorded run brought.

    Attributes:
        draw: its number.
        key: of its prompt.
        samples: numbers of their records.
    """

    draw: int
    key: Key
    samples: list[int] = field(default_factory=list[int])


class Cassette:
    """Answers a prompt with what was recorded for it.

    A prompt is known by the digests of its text and template. The recording of the same draw is
    preferred; else those of equal prompts are given in the order of their draws. Nothing is given
    twice in a run, also after it was resumed: what was given is learned from the run's records.

    A draw is a function of the run's seed, of its number and of what the islands registered
    before. So a run with equal settings asks for the same prompts, and finds the same, if verdicts
    come in one order and before the next draw: with `cluster.workers=1 run.backlog=1` and one
    request in flight, for the recorded run too. Otherwise prompts soon show other programs, and
    strict mode ends the run at the first that was not recorded. Without it every reply is given
    once whatever is asked, so the same programs are scored and the same best score is found, by a
    search that took another course.

    Samples carry the recorded text, model, served name, parameters, seed, finish, seconds and
    error. Their sampler is `cassette`, their cost is 0 and their tokens are unknown, since nothing
    was asked or paid for: what was recorded of these is among the parameters, as `recorded_…`.
    Failures on record are not played back.
    """

    def __init__(self, *, run: str, strict: bool = True, concurrency: int = 1) -> None:
        """Configure; nothing is read yet.

        Args:
            run: folder of the recorded run, or its name under FUNSEARCH_RUNS.
            strict: whether a prompt that was not recorded ends the run; else it gets the recorded
                replies that come next.
            concurrency: most prompts in flight; that of the recorded sampler.
        """
        self._run = run
        self._strict = strict
        self._concurrency = concurrency
        self._resources = ExitStack()
        self._folder = Path()
        self._takes: list[Take] = []
        self._draws: Mapping[int, Take] = {}
        self._prompts: dict[Key, deque[Take]] = {}
        self._next = 0
        self._given: set[int] = set()

    @property
    def name(self) -> str:
        """As records call it."""
        return _NAME

    @property
    def concurrency(self) -> int:
        """Most prompts in flight."""
        return self._concurrency

    async def start(self) -> None:
        """Read the recorded run, which may be anybody's, through.

        Raises:
            SamplerError: there is none, or it cannot be read.
        """
        if not self._run:
            raise SamplerError("no recorded run: set sampler.run to its folder or name")
        if self._concurrency < 1:
            raise SamplerError(f"sampler.concurrency must be at least 1, not {self._concurrency}")
        try:
            # Not by its index, which would be made anew in somebody else's folder.
            self._folder = runs.resolve_run(self._run, runs.runs_root())
            files.check_format(self._folder)
            self._objects = ObjectReader(self._folder / files.OBJECTS)
            self._resources.callback(self._objects.close)
            self._log = LogReader(self._folder)
            self._takes = _takes_of(read_records(self._log), self._folder)
        except ArchiveError as error:
            await self.close()
            raise SamplerError(f"sampler.run: {error}") from None
        self._draws = {take.draw: take for take in self._takes}
        for take in self._takes:
            self._prompts.setdefault(take.key, deque()).append(take)

    async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        """Return the recorded samples of a prompt, at most `count`.

        Raises:
            SamplerError: none is recorded, or left.
        """
        take = self._choose(prompt)
        self._given.add(take.draw)
        try:
            return [self._sample(take, number) for number in take.samples[:count]]
        except ArchiveError as error:
            raise SamplerError(f"sampler.run: {error}") from None

    async def close(self) -> None:
        """Close the recorded run."""
        self._resources.close()

    def _choose(self, prompt: Prompt) -> Take:
        """Return the recording to play for a prompt."""
        key = _key(prompt.digest, prompt.template)
        same = self._draws.get(prompt.draw)
        if same is not None and same.key == key and same.draw not in self._given:
            return same
        equal = self._prompts.get(key, deque())
        while equal and equal[0].draw in self._given:
            equal.popleft()
        if equal:
            return equal[0]
        while self._next < len(self._takes) and self._takes[self._next].draw in self._given:
            self._next += 1
        if self._next == len(self._takes):
            samples = sum(len(take.samples) for take in self._takes)
            raise SamplerError(
                f"{self._folder} has no reply left for draw {prompt.draw}: all {samples} were "
                f"played back; set run.samples={samples} to end there"
            )
        if self._strict:
            raise SamplerError(
                f"{self._folder} has no reply to draw {prompt.draw}, prompt {prompt.digest[:12]}: "
                "seed, problem, search and prompt must be as recorded, both runs with "
                "cluster.workers=1 run.backlog=1; or set "
                "sampler.strict=false, to take the replies that come next"
            )
        return self._takes[self._next]

    def _sample(self, take: Take, number: int) -> Sample:
        record = record_of(self._folder, number, self._log.entry(number))
        if not isinstance(record, GenerationRecord):
            raise ArchiveError(f"record {number} of {self._folder} has changed meanwhile")
        text = self._objects.get(record.reply).decode("utf-8", "replace")[:MAX_CHARACTERS]
        recorded: dict[str, str | int | bool | None] = {
            "recorded_run": self._log.verifier.name,
            "recorded_number": number,
            "recorded_draw": take.draw,
        }
        if record.sampler != _NAME:  # else it says already what the first recording was
            recorded |= {
                "recorded_sampler": record.sampler,
                "recorded_cost": record.cost,
                "recorded_prompt_tokens": record.prompt_tokens,
                "recorded_completion_tokens": record.completion_tokens,
            }
        return Sample(
            text=text,
            sampler=_NAME,
            model=record.model,
            served=record.served,
            parameters={**record.parameters, **recorded},
            seed=record.sample_seed,
            finish=record.finish,
            seconds=record.seconds,
            error="" if text else record.rejected,
            cost="0",
        )

    # What was given, by the records of this run

    def meet(self, known: Callable[[str], bool]) -> None:
        """Be told of nothing that is needed here."""

    def learn(self, outcome: Outcome) -> None:
        """Note what was given, also in an earlier session."""
        draw = outcome.sample.parameters.get("recorded_draw")
        if outcome.sample.sampler == _NAME and type(draw) is int:
            self._given.add(draw)

    def memory(self) -> str:
        """Return what was given."""
        return json.dumps(sorted(self._given))

    def recall(self, memory: str) -> None:
        """Know what another knew.

        Raises:
            ValueError: the text is no such memory.
        """
        given = json.loads(memory) if memory else []
        if type(given) is not list or {*map(type, given)} - {int}:
            raise ValueError("is not what a cassette remembers")
        self._given = set(given)


def _key(prompt: str, template: str) -> Key:
    return bytes.fromhex(prompt), sys.intern(template)


def _takes_of(records: Iterable[tuple[int, Record]], folder: Path) -> list[Take]:
    """Return what was recorded, in the order of the draws.

    Raises:
        ArchiveError: the log cannot be read.
        SamplerError: there is nothing in it to play back, or too much.
    """
    takes: dict[int, Take] = {}
    samples = 0
    for number, record in records:
        if not isinstance(record, GenerationRecord) or record.draw is None:
            continue
        samples += 1
        if samples > MOST_SAMPLES:
            raise SamplerError(f"{folder} has more than {MOST_SAMPLES} samples")
        key = _key(record.prompt, record.template)
        takes.setdefault(record.draw, Take(record.draw, key)).samples.append(number)
    if not takes:
        raise SamplerError(f"{folder} has no samples to play back")
    return [takes[draw] for draw in sorted(takes)]
