"""The compiled tier: a candidate translated, operation by operation, for numba, or not at all.

Python is the truth. Every operation has a type before numba sees it, and an implementation that
returns bit for bit what Python and numpy return, or raises; whatever is raised, and whatever is
not translated, is left to the interpreter. Importing this package does not load numba; the
functions here do.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evaluators.compiled_tier.kinds import Untranslatable
from problems.contract import Candidate, Instance, Problem

if TYPE_CHECKING:
    from evaluators.compiled_tier.profile import Profile

__all__ = ["Untranslatable", "compile_candidate", "prepare", "warm_up"]


def warm_up() -> Iterator[str]:
    """Compile what candidates often use, so that forked processes inherit it; yield each step."""
    from evaluators.compiled_tier.warm_up import steps

    yield from steps()


def prepare(problem: Problem, instances: Sequence[Instance]) -> Profile:
    """Run the seed, and compile what all candidates on these instances share.

    Trusted code; called once in the process from which candidates' processes are forked.
    """
    from evaluators.compiled_tier.profile import prepare as prepare_profile

    return prepare_profile(problem, instances)


def compile_candidate(
    tree: ast.Module,
    name: str,
    names: Mapping[str, Any],
    profile: Profile,
    limit_s: float,
) -> Candidate:
    """Compile a candidate, in the process that will run it.

    Args:
        tree: of the program.
        name: of the function.
        names: what the problem gives candidates beyond `vocabulary.PROVIDED`.
        profile: what `prepare` returned.
        limit_s: seconds that numba may take; it uses SIGALRM, and what LLVM does in one go cannot
            be stopped by it.

    Raises:
        Untranslatable: the interpreter must run it; the message says why.
    """
    from evaluators.compiled_tier.compilation import within
    from evaluators.compiled_tier.profile import candidate_of
    from evaluators.locality import elementwise, reach

    with within(limit_s):
        return candidate_of(
            tree,
            name,
            names,
            profile,
            elementwise=elementwise(tree, name),
            reach=reach(tree, name),
        )
