"""Writes the files of a new problem: a small one that works, to be changed into what is wanted."""

from __future__ import annotations

import keyword
from importlib.resources import files
from pathlib import Path
from string import Template

from problems.registry import ProblemError


def create(name: str, folder: Path) -> list[Path]:
    """Write a problem, its checker and its test; return their paths, in this order.

    Args:
        name: of the problem, a Python name.
        folder: where the problem's file will be; made if it is not there.

    Raises:
        ProblemError: the name is none, a file is there already, or one cannot be written.
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ProblemError(f"{name!r} is no name for a problem: use letters, digits and _")
    targets = {
        folder / f"{name}.py": "problem.py.template",
        folder / "checkers" / f"{name}.py": "checker.py.template",
        folder / f"test_{name}.py": "test.py.template",
    }
    for path in targets:
        if path.exists():
            raise ProblemError(f"{path} is there already; nothing was written")
    for path, template in targets.items():
        text = files(__name__).joinpath(template).read_text(encoding="utf-8")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(Template(text).substitute(name=name))
        except OSError as error:
            raise ProblemError(f"{path} cannot be written: {error.strerror}") from None
    return list(targets)
