"""Finds problems: by name here, by path, or in the entry-point group `funsearch.problems`."""

from __future__ import annotations

import ast
import difflib
import hashlib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from problems import validation
from problems.contract import Problem
from problems.validation import Fault

GROUP = "funsearch.problems"
_NOT_PROBLEMS = {"contract", "data", "domains", "kernels", "order", "registry", "validation"}


class ProblemError(Exception):
    """The problem cannot be had; the message is one line for the user."""


@dataclass(frozen=True)
class Loaded:
    """A problem and where it came from.

    Attributes:
        problem: the problem.
        reference: what `load` takes to find it again, in any process on this machine.
        source: the module's file.
        digest: of the module's source, as `digest_of` returns it.
        checker: the stand-alone checker, or None if there is none.
    """

    problem: Problem
    reference: str
    source: Path
    digest: str
    checker: Path | None


def names() -> list[str]:
    """Return the names that `load` knows, sorted."""
    own = {path.stem for path in Path(__file__).parent.glob("[!_]*.py")} - _NOT_PROBLEMS
    return sorted(own | {point.name for point in entry_points(group=GROUP)})


def load(reference: str, digest: str | None = None) -> Loaded:
    """Load a problem by name or by the path of its file.

    Args:
        reference: name or path.
        digest: what the module's source must have been; a file with another one is not run.

    Raises:
        ProblemError: there is none, its module does not hold one, or it is another one.
    """
    if reference.endswith(".py") or "/" in reference:
        try:
            path = Path(reference).expanduser().resolve()
            there = path.is_file()
        except (OSError, RuntimeError) as error:
            raise ProblemError(f"no problem at {reference}: {error}") from None
        if not there:
            raise ProblemError(f"no problem at {path}: there is no such file")
        if digest is not None:
            _check_digest(path, digest)
        return _loaded(_from_file(path), str(path), path)
    loaded = by_name(reference)
    if digest is not None:
        _check_digest(loaded.source, digest)
    return loaded


def digest_of(source: Path) -> str:
    """Return the SHA-256, in hex, over a problem's source, read without running any of it.

    If it imports from other problems, theirs go in too, sorted by name, each with its length; what
    all problems run through belongs to the evaluator.
    """
    texts = [source.read_bytes()]
    found: dict[str, bytes] = {}
    while texts:
        for name in _imported(texts.pop()) - found.keys() - _NOT_PROBLEMS:
            path = Path(__file__).parent / f"{name}.py"
            if path.is_file() and path != source:
                found[name] = path.read_bytes()
                texts.append(found[name])
    total = hashlib.sha256(source.read_bytes())
    for name in sorted(found):
        total.update(len(found[name]).to_bytes(8, "little") + found[name])
    return total.hexdigest()


def _imported(text: bytes) -> set[str]:
    """Return the names of modules in `problems` that a module mentions in an import."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError):
        return set()
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module == "problems":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("problems."):
            found.add(str(node.module).split(".")[1])
        elif isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
            found |= {name[1] for name in names if name[0] == "problems" and len(name) > 1}
    return found


def _check_digest(source: Path, digest: str) -> None:
    if digest_of(source) != digest:
        raise ProblemError(
            f"{source} is not the problem that was recorded; restore that version of it, or start "
            "a new run"
        )


def by_name(reference: str) -> Loaded:
    """Load a problem that is installed; text from anywhere may be given, it is never a path.

    Raises:
        ProblemError: there is none of that name, or its module does not hold one.
    """
    if reference not in names():
        close = difflib.get_close_matches(reference, names(), n=len(names()), cutoff=0.0)
        raise ProblemError(f"no problem called {reference!r}; there are: {', '.join(close)}")
    points = [point for point in entry_points(group=GROUP) if point.name == reference]
    where = points[0].module if points else f"problems.{reference}"
    try:
        module = importlib.import_module(where)
        found = points[0].load() if points else module.problem
    except (Exception, SystemExit) as error:
        raise ProblemError(f"problem {reference}: {_failure(error, None)}") from error
    if not isinstance(found, Problem):
        raise ProblemError(f"problem {reference}: {where} holds no `problem = Problem(...)`")
    return _loaded(found, reference, Path(str(module.__file__)))


def select(loaded: Loaded, instances: Sequence[str] | None) -> list[str]:
    """Return the names of the instances to use: those asked for, else the training ones.

    Raises:
        ProblemError: there is no such instance, or one of the problem's is not as it must be.
    """
    problem = loaded.problem
    try:
        known = validation.check_instances(problem, loaded.source)
    except Fault as fault:
        raise ProblemError(str(fault)) from fault.__cause__
    if instances is None:
        instances = list(problem.training)
    for name in instances:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=8, cutoff=0.0)
            raise ProblemError(
                f"problem {problem.name} has no instance {name!r}; there are: {', '.join(close)}"
            )
    if not instances or len(set(instances)) != len(instances):
        raise ProblemError("problem.instances must name at least one instance, each only once")
    return list(instances)


def _from_file(path: Path) -> Problem:
    name = f"funsearch_problem_{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ProblemError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise ProblemError(_failure(error, path)) from error
    if not isinstance(getattr(module, "problem", None), Problem):
        raise ProblemError(f"{path} holds no `problem = Problem(...)`")
    return module.problem


def _failure(error: BaseException, path: Path | None) -> str:
    """Return where loading failed, in that file if it was there, and why."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if path is None or frame.filename == str(path)]
    place = f"{own[-1].filename}:{own[-1].lineno}" if own else str(path)
    if isinstance(error, SyntaxError) and error.lineno is not None:
        place = f"{error.filename}:{error.lineno}"
    return f"{place}: fails to load: {type(error).__name__}: {error}"


def _loaded(problem: Problem, reference: str, source: Path) -> Loaded:
    try:
        validation.check_statement(problem, source)
    except Fault as fault:
        raise ProblemError(str(fault)) from None
    checker = source.parent / "checkers" / f"{problem.name}.py"
    return Loaded(
        problem=problem,
        reference=reference,
        source=source,
        digest=digest_of(source),
        checker=checker if checker.is_file() else None,
    )
