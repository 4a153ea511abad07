"""What a child does: loads the candidate, builds every instance's object, or says why it cannot.

Everything here runs beside the candidate and can be changed by it. Nothing here is believed.
"""

from __future__ import annotations

import ast
import gc
import random
import time
from collections.abc import Callable
from typing import Any

from evaluators import compiled_tier
from evaluators.area import Area, Outcome, Tier
from evaluators.candidate import Interpreted, Tiered, explain, load, parse, where
from evaluators.elsewhere import Elsewhere, KernelNeeded
from evaluators.errand import Errand, How
from evaluators.zygote.inherited import Warm
from problems.contract import Candidate, Invalid

_COMPILE_S = 5.0
"""How long numba may take; ten times what a large candidate takes in a warm zygote."""


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
    except KernelNeeded:
        outcome = Outcome.KERNEL
    except Elsewhere:
        outcome = Outcome.COMPILE
    except Invalid as error:
        outcome, text = Outcome.INVALID, str(error)
    except MemoryError as error:
        # Letting go of the candidate's frames makes room for saying so.
        traceback, error.__traceback__ = error.__traceback__, None
        outcome, text = Outcome.OUT_OF_MEMORY, where(traceback, errand.source)
    except BaseException as error:
        text = explain(error, errand.source)
    finally:
        area.ran_in(_tier(errand, candidate))
    area.fail(outcome, text)
    return 1


def _candidate(
    errand: Errand, warm: Warm, tree: ast.Module, function: Callable[..., Any]
) -> Candidate:
    names = warm.problem.names
    if errand.how is How.EXACT:
        return Interpreted(function)
    if errand.how is How.COMPILED and warm.profile is not None:
        return compiled_tier.compile_candidate(tree, errand.name, names, warm.profile, _COMPILE_S)
    return Tiered(function, tree, names, warm.columns, may_move=True, expected_calls=warm.calls)


def _tier(errand: Errand, candidate: Candidate | None) -> Tier:
    if errand.how is How.COMPILED:
        return Tier.COMPILED
    only_arrays = isinstance(candidate, Tiered) and candidate.only_arrays
    return Tier.ARRAY if only_arrays else Tier.INTERPRETER
