"""`funsearch diff`: two sources side by side, of one run or of two."""

from __future__ import annotations

from typing import Any

import pytest

from funsearch.archive.archive import Archive
from tests.funsearch.archive.conftest import CONFIG, PACKAGES, Make, digest
from tests.funsearch.cli.shell import Shell


class Hostile(Make):
    """Makes sources that would colour a terminal."""

    def source(self, name: object) -> bytes:
        return f"def priority(el, n):\n    x = '\x1b[31m'\n    return {name!r}\n".encode()


def program(make: Make, name: int) -> str:
    return digest(make.source(name))


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Return a shell in a folder with two runs that share their start."""
    shell, make = Shell(tmp_path_factory.mktemp("shell")), Hostile()
    for run, name, score in (("first", 1, 5.0), ("second", 2, 8.0)):
        with Archive.create(shell.folder / "runs" / run, CONFIG) as archive:
            archive.append(make.run(), [PACKAGES])
            start = make.start(archive, 0).number
            archive.append(make.evaluation(start, 0, 1.0))
            sample = make.generation(name, [0], name)
            number = archive.append(sample, [make.source(name)]).number
            archive.append(make.evaluation(number, name, score))
    return shell


def test_programs_of_two_runs_are_compared_with_their_scores_and_escaped(shell: Shell) -> None:
    first, second = (program(Hostile(), name) for name in (1, 2))
    assert shell("diff", first[:8], second[:8]).splitlines() == [
        f"--- {first[:12]} first score 5",
        f"+++ {second[:12]} second score 8",
        "@@ -1,3 +1,3 @@",
        " def priority(el, n):",
        "     x = '\\x1b[31m'",
        "-    return 1",
        "+    return 2",
    ]


def test_program_of_several_runs_is_compared_in_the_run_that_is_named(shell: Shell) -> None:
    start, first = (program(Hostile(), name) for name in (0, 1))
    shell("diff", start, first, status=2)
    assert "may be any of 2: give more digits, or --run RUN" in shell.errors
    (said,) = shell.json("diff", f"{start}@second", first)
    old: Any = said["old"]
    assert (old["program"], old["run"][-6:], old["score"]) == (start, "second", 1.0)
    assert shell("diff", start, first, "--run", "first").count("\n") == 7


def test_same_program_is_said_to_be_the_same(shell: Shell) -> None:
    first = program(Hostile(), 1)
    assert shell("diff", first, first).splitlines()[-1] == "the sources are the same"
