"""The protocol of a sampler: a prompt in, raw texts out, with where they came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from funsearch.archive.archive import Receipt
from funsearch.prompts import Prompt


@dataclass(frozen=True)
class Usage:
    """What a request cost, as the endpoint reported it; None where it said nothing."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True)
class Sample:
    """What a sampler returned.

    Attributes:
        text: the raw reply, untouched. Hostile: never shown unescaped, never run as it is.
        sampler: name of the sampler, such as `syntax` or `openai`.
        model: as asked for; empty where there is none.
        served: model as the endpoint named it in its reply; empty where there is none.
        parameters: sampling parameters as sent: strings, ints, bools and None only (a float as
            its repr), so that they can be recorded.
        seed: 64-bit seed that this sample was drawn with.
        usage: of this sample alone; where a request returned several, the first carries the
            prompt's tokens.
        finish: why the model stopped, such as `stop` or `length`; empty where there is none.
        seconds: wall time of the request.
        error: empty, or why a request that was answered gave no text (an empty choice, a
            refusal); such a sample is recorded as rejected.
        cost: of this sample alone, in US dollars, as a decimal string without exponent; empty
            where the price is not known. Where a request returned several, the first carries
            the prompt's.
    """

    text: str
    sampler: str
    model: str = ""
    served: str = ""
    parameters: Mapping[str, str | int | bool | None] = field(
        default_factory=dict[str, "str | int | bool | None"]
    )
    seed: int = 0
    usage: Usage = Usage()
    finish: str = ""
    seconds: float = 0.0
    error: str = ""
    cost: str = ""


class Failure(Exception):
    """A prompt was not answered; the message is one line for the user, without secrets.

    Attributes:
        sampler: name of the sampler that failed; empty if it is the run's only one.
        model: that was asked; empty where there is none.
    """

    sampler = ""
    model = ""


class Unavailable(Failure):
    """The sampler cannot answer at the moment: the run pauses, then asks the same prompt again.

    Attributes:
        retry_after_s: seconds to wait, as the endpoint asked for, or None.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class SamplerError(Failure):
    """The sampler will never answer as it is configured; the message says what to change."""


Hear = Callable[[Prompt, Unavailable | SamplerError], None]
"""Called with a prompt, and with what failed of it."""


@runtime_checkable
class Reporter(Protocol):
    """A sampler that may answer although a part of it failed, and then says what did."""

    def report_to(self, hear: Hear) -> None:
        """Tell this function of each such failure, before the samples."""
        ...


@runtime_checkable
class Acknowledged(Protocol):
    """A sampler that owes others word of when its samples are safe."""

    def recorded(self, prompt: Prompt, index: int, receipt: Receipt) -> None:
        """Hear that the `index`-th sample of the last answer to a prompt was written down.

        Called for each sample of an answer, in their order and in the step in which `sample`
        returned; the record is on the disk once the receipt is acknowledged.
        """
        ...


class Sampler(Protocol):
    """Answers prompts.

    Every implementation owes:
      * `sample` returns `count` samples, or fewer where the endpoint gave fewer, never none;
      * it may be called `concurrency` times at once;
      * two calls with equal prompt, seeds and parameters are answered alike where the sampler is
        deterministic (`syntax` is, a remote model is not);
      * it keeps no state that its answers depend on, so that a run can be resumed, but for what
        it learns as a `learning.Learner`;
      * a cancelled call leaves nothing behind.
    """

    @property
    def name(self) -> str:
        """As records call it."""
        ...

    @property
    def concurrency(self) -> int:
        """Most prompts in flight."""
        ...

    async def start(self) -> None:
        """Make ready (start a server, look up a key).

        Raises:
            SamplerError: it cannot work; one line for the user.
        """
        ...

    async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        """Answer a prompt `count` times.

        The i-th sample's randomness is `randomness.for_sample(run_seed, prompt.draw, i)`.

        Raises:
            Unavailable: not now.
            SamplerError: not ever.
        """
        ...

    async def close(self) -> None:
        """Give everything back; may be called twice."""
        ...
