"""What a child does: loads the candidate, builds every instance's object, or says why it cannot.

Everything here runs beside the candidate and can be changed by it. Nothing here is believed.
"""

from __future__ import annotations

import ast
import gc
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from evaluators.area import Area, Outcome, Tier
from evaluators.candidate import Interpreted, Tiered, explain, load, parse, where
from evaluators.elsewhere import Elsewhere
from evaluators.zygote.inherited import Warm
from problems.contract import Invalid


@dataclass(frozen=True)
class Errand:
    """What a slot is asked to run.

    Attributes:
        name: of the function.
        source: of the program.
        exact: whether the interpreter alone runs it.
        wall_s: seconds for one instance.
    """

    name: str
    source: str
    exact: bool
    wall_s: float


def run(errand: Errand, warm: Warm, area: Area) -> int:
    """Run the candidate on every instance in order; return 0 if all have a result, else 1."""
    random.seed(0)
    gc.enable()
    outcome, text = Outcome.CRASHED, ""
    candidate = None
    try:
        tree = parse(errand.source)
        function = load(tree, errand.name, warm.problem.names)
        candidate = _candidate(errand, warm, tree, function)
        for index, instance in enumerate(warm.instances):
            area.begin(index, time.monotonic_ns())
            area.put(index, warm.problem.construct(candidate, instance))
        return 0
    except Elsewhere:
        outcome = Outcome.ELSEWHERE
    except Invalid as error:
        outcome, text = Outcome.INVALID, str(error)
    except MemoryError as error:
        # Letting go of the candidate's frames makes room for saying so.
        traceback, error.__traceback__ = error.__traceback__, None
        outcome, text = Outcome.OUT_OF_MEMORY, where(traceback, errand.source)
    except BaseException as error:
        text = explain(error, errand.source)
    finally:
        if isinstance(candidate, Tiered) and candidate.only_arrays:
            area.ran_in(Tier.ARRAY)
    area.fail(outcome, text)
    return 1


def _candidate(
    errand: Errand, warm: Warm, tree: ast.Module, function: Callable[..., Any]
) -> Interpreted:
    if errand.exact:
        return Interpreted(function)
    return Tiered(function, tree, warm.problem.names, warm.columns)
