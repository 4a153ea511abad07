"""What a worker asks a slot to run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class How(StrEnum):
    """Who runs the candidate."""

    TIERED = "tiered"
    """The tier that is done first; where that is the compiled one, the run ends and says so."""
    COMPILED = "compiled"
    EXACT = "exact"
    """The interpreter alone."""


@dataclass(frozen=True)
class Errand:
    """What a slot is asked to run.

    Attributes:
        name: of the function.
        source: of the program.
        how: who runs it.
        wall_s: seconds for one instance.
    """

    name: str
    source: str
    how: How
    wall_s: float


def pack_errand(errand: Errand) -> dict[str, Any]:
    """Return an errand as a JSON object."""
    return {"do": "run", **vars(errand)}


def read_errand(message: Mapping[str, Any]) -> Errand:
    """Return the errand of a message from our own worker."""
    return Errand(message["name"], message["source"], How(message["how"]), message["wall_s"])
