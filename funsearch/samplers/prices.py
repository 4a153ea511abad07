"""What tokens cost: from the configuration, or from a small dated table; never guessed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any

from funsearch.samplers.protocol import SamplerError, Usage

_MILLION = Decimal(1_000_000)
_SMALLEST = Decimal("1e-12")
_LARGEST = Decimal(1_000_000)
"""No request costs more, whatever a server reports."""


@dataclass(frozen=True)
class Price:
    """What tokens of a model cost.

    Attributes:
        prompt: US dollars for a million tokens of prompts.
        completion: the same of answers.
        source: where the price is from, for records.
    """

    prompt: Decimal
    completion: Decimal
    source: str

    def of(self, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """Return what so many tokens cost, in US dollars."""
        return (self.prompt * prompt_tokens + self.completion * completion_tokens) / _MILLION

    def __str__(self) -> str:
        return f"{self.prompt:f} + {self.completion:f}, {self.source}"


def price_of(host: str, model: str, prompt: float | None, completion: float | None) -> Price | None:
    """Return the price of a model, or None if it is not known.

    Args:
        host: of the server.
        model: as the server calls it.
        prompt: price of a million tokens of prompts, as configured; None for the table's.
        completion: the same of answers.

    Raises:
        SamplerError: only one of them is set, or one is no price.
    """
    if (prompt is None) != (completion is None):
        raise SamplerError("set both sampler.prompt_price and sampler.completion_price, or neither")
    if prompt is not None and completion is not None:
        for name, value in (("prompt_price", prompt), ("completion_price", completion)):
            if not (math.isfinite(value) and 0 <= value < 1e6):
                raise SamplerError(
                    f"sampler.{name} must be US dollars per million tokens, 0 or more, not {value}"
                )
        return Price(Decimal(repr(prompt)), Decimal(repr(completion)), "as configured")
    listed = _table().get(host, {})
    found = listed.get("models", {}).get(model)
    if found is None:
        return None
    return Price(
        Decimal(found["prompt"]), Decimal(found["completion"]), f"list price of {listed['as_of']}"
    )


def cost_of(price: Price | None, usage: Usage, reported: float | None) -> Decimal | None:
    """Return what a request cost, in US dollars, or None if that is not known.

    Args:
        price: of the model, if it is known.
        usage: tokens of the request, as far as the server reported them.
        reported: cost, where the server reports it: the bill counts more than any table.
    """
    if reported is not None:
        return _recordable(Decimal(repr(reported)))
    if price is None:
        return None
    if not (price.prompt or price.completion):
        return Decimal(0)
    if usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    return _recordable(price.of(usage.prompt_tokens, usage.completion_tokens))


def text_of(cost: Decimal | None) -> str:
    """Return an amount as records have it: a decimal string; empty if it is not known."""
    if cost is None:
        return ""
    text = f"{cost:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _recordable(cost: Decimal) -> Decimal | None:
    """Return an amount as records can hold it, rounded up, or None if it is none."""
    if not (cost.is_finite() and 0 <= cost <= _LARGEST):
        return None
    return cost.quantize(_SMALLEST, ROUND_CEILING)


def _table() -> dict[str, Any]:
    # Late, for a command that asks no model should not wait for them.
    import yaml

    import configs

    return yaml.safe_load((Path(configs.__path__[0]) / "prices.yaml").read_text(encoding="utf-8"))
