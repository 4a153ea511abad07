"""What a run is made of, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass

from evaluators.pool import EvaluatorPool
from funsearch.archive.archive import Archive
from funsearch.archive.records import Conditions
from funsearch.config import RunSettings
from funsearch.prompts import Template
from funsearch.samplers.protocol import Sampler
from funsearch.state import SearchState
from problems.contract import Problem


class RunError(Exception):
    """The run cannot go on; the message is one line for the user."""


@dataclass(frozen=True)
class Parts:
    """What a loop drives. Whoever built the parts starts and closes them."""

    problem: Problem
    instances: tuple[str, ...]
    settings: RunSettings
    template: Template
    archive: Archive
    pool: EvaluatorPool
    sampler: Sampler
    state: SearchState
    conditions: Conditions
