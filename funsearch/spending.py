"""What a run has spent on its samples, by what their records say."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from funsearch.archive.records import GenerationRecord


@dataclass
class Spending:
    """Sums over generation records.

    Attributes:
        prompt_tokens, completion_tokens: as far as they were reported.
        cost: in US dollars, as far as it is known.
        unpriced: samples of a model whose cost is not known.
        uncounted: replies of a model that do not say how many tokens they took.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal = Decimal(0)
    unpriced: int = 0
    uncounted: int = 0

    @property
    def tokens(self) -> int:
        """Of prompts and answers together."""
        return self.prompt_tokens + self.completion_tokens

    def add(self, record: GenerationRecord) -> None:
        """Count a record in."""
        self.prompt_tokens += record.prompt_tokens or 0
        self.completion_tokens += record.completion_tokens or 0
        # Of several choices in one reply, the first carries the tokens of all.
        if record.model and not record.parameters.get("choice"):
            self.uncounted += record.prompt_tokens is None or record.completion_tokens is None
        if record.cost:
            self.cost += Decimal(record.cost)
        elif record.model:
            self.unpriced += 1
