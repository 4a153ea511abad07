"""A certificate, and what a checker must say of it; a mutant, and why it is no different."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """One certificate that a checker must judge.

    Attributes:
        instance: data of the instance; any JSON, right or wrong.
        shape: of the certificate; any JSON.
        data: of the certificate; any JSON.
        says: what the checker prints before the digest of the instance: `valid SCORE` or
            `invalid REASON`.
        foreign: whether the instance is none of the problem's, so that its score is not asked.
    """

    instance: Any
    shape: Any
    data: Any
    says: str
    foreign: bool = False


Equivalent = Mapping[str, str]
"""Mutant, as `line N: before -> after` names it without the line, to why nothing differs."""
