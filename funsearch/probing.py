"""Equal behaviour: a program is tried on one training instance before it is tried on all.

Who builds on that probe, byte for byte, what a program of the same island built before, and is not
shorter, is a duplicate of it: rejected, with a pointer, and not run on the other instances.
"""

from __future__ import annotations

from evaluators import certificate
from evaluators.pool import EvaluatorPool
from evaluators.program import Program
from evaluators.verdict import Status
from funsearch import repetition
from funsearch.archive.records import GenerationRecord
from funsearch.behaviours import Behaviours
from funsearch.judging import Judgement
from problems.contract import Problem


async def probe(
    pool: EvaluatorPool,
    problem: Problem,
    instances: tuple[str, ...],
    behaviours: Behaviours,
    generation: GenerationRecord,
    program: Program,
) -> Judgement | None:
    """Return the judgement on a program if its run on the probe decides it, else None.

    It does if the program fails there, as all training instances must succeed, or if it is a
    duplicate. What is compared came out of the sandbox as certificates do; so a program that
    recognises the probe can get itself rejected, and no more.

    Args:
        pool: that runs programs.
        problem: of the run.
        instances: the training instances.
        behaviours: of the islands.
        generation: of the program; of an island.
        program: what to run.

    Raises:
        PoolError: the pool cannot work.
    """
    name = behaviours.probe
    verdict = await pool.evaluate(program, [name])
    layers = pool.containment.names()
    if verdict.status is Status.SANDBOX_ERROR or verdict.beyond_bound is not None:
        return None
    if verdict.score is None:
        # Limits of its own may be narrower than those that hold where all are run together.
        same = problem.limits_for([name]) == problem.limits_for(instances)
        return Judgement(verdict, sandbox=layers) if same else None
    text = certificate.text(problem.name, problem.instance(name), verdict.certificates[name])
    length = len(program.source.encode())
    twin = behaviours.twin(generation, certificate.digest(text), length)
    if twin is None:
        return None
    duplicate = repetition.without_score(verdict, Status.REJECTED, behaviours.reason(twin))
    return Judgement(duplicate, sandbox=layers)
