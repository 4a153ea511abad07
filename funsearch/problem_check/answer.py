"""What `score` or a checker says of one certificate."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """One judgement; a number, a refusal or a fault.

    Attributes:
        score: the number; None otherwise.
        says: the reason of a refusal, or what went wrong.
        fault: whether it went wrong: neither a finite number nor a refusal with a reason.
        silent: whether there was no answer in time.
        seconds: how long it took, measured by whoever answered; 0 where nobody did.
    """

    score: float | None
    says: str = ""
    fault: bool = False
    silent: bool = False
    seconds: float = 0.0

    def line(self) -> str:
        """Return it in a few words."""
        if self.score is not None:
            return f"{self.score:.10g}"
        return self.says if self.fault else f"invalid: {self.says}"
