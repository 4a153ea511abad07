"""Prompts: the programs shown, versioned as in the paper, and the text a model reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evaluators.program import Program


@dataclass(frozen=True)
class Shown:
    """A program that a prompt shows as an example.

    Attributes:
        program: the program.
        score: its aggregate score.
        scores: training instance → score.
    """

    program: Program
    score: float
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Prompt:
    """One numbered choice of examples.

    Attributes:
        draw: number of the draw, from 0.
        island: index of the island that was drawn from.
        epoch: how often that island had been reset.
        registrations: how many registrations the islands had seen at that moment.
        shown: the examples `_v0 … _vk-1`, worst first; at least one.
        header: first line of the version to complete, such as `def priority_v2(el, n):`.
        text: what a language model reads.
        template: digest of the template that made the text.
        digest: SHA-256 of the text, in hex.
    """

    draw: int
    island: int
    epoch: int
    registrations: int
    shown: tuple[Shown, ...]
    header: str
    text: str
    template: str
    digest: str
