"""`archive proof` as a user runs it, and what it writes as somebody else checks it."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from funsearch.archive import queries
from funsearch.archive.archive import Archive
from funsearch.archive.reader import Reader
from tests.funsearch.archive.conftest import Make
from tests.funsearch.cli.shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell in a folder with one finished run."""
    (tmp_path / "runs").mkdir()
    with Archive.create(tmp_path / "runs" / "first", Make.config) as archive:
        Make().search(archive, 40)
    return Shell(tmp_path)


def best(shell: Shell) -> str:
    with Reader(shell.folder / "runs" / "first") as reader:
        return queries.best(reader.index, "max")[0].id


def commands(output: str) -> list[list[str]]:
    """Return the commands that a page of output proposes."""
    return [shlex.split(line) for line in output.splitlines() if line.startswith("  python3 ")]


def checked(shell: Shell, command: list[str]) -> str:
    """Run a proposed command; return the last line of what it prints."""
    found = subprocess.run(
        [sys.executable, *command[1:]],
        cwd=shell.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stderr == ""
    return found.stdout.splitlines()[-1]


def test_what_it_proposes_verifies_what_it_wrote(shell: Shell) -> None:
    program = best(shell)
    output = shell("archive", "proof", program[:8])
    folder = shell.folder / f"{program[:12]}-proof"
    assert {path.name for path in folder.iterdir()} >= {"verify.py", "log.vkey", f"{program}.py"}
    proposed = commands(output)
    assert len(proposed) == 2
    for command in proposed:
        assert checked(shell, command).startswith("valid: record ")
    key = (folder / "log.vkey").read_text().strip()
    assert key in output
    (evaluation,) = folder.glob("evaluation-*.json")
    evaluation.write_bytes(evaluation.read_bytes().replace(b'"ok"', b'"OK"'))
    assert checked(shell, proposed[-1]).startswith("invalid ")


def test_an_older_checkpoint_is_shown_to_be_a_beginning(shell: Shell) -> None:
    run = shell.folder / "runs" / "first"
    old = (run / "log/checkpoint").read_text()
    (shell.folder / "old one").write_text(old)
    with Archive.open(run) as archive:
        Make().start(archive, "one more")
    output = shell("archive", "proof", "--run", "first", "--since", "old one")
    size = int(old.split("\n")[1])
    assert (shell.folder / f"{size}-{size + 1}.consistency").is_file()
    (command,) = commands(output)
    command[command.index("verify.py")] = str(_script())
    assert checked(shell, command) == f"valid: first {size} records of {size + 1}"
    shell("archive", "proof", "--run", "first", "--since", "old one", "--out", "elsewhere")
    assert (shell.folder / "elsewhere").is_file()


def _script() -> Path:
    from funsearch.archive import proofs

    return Path(proofs.__file__).with_name(proofs.SCRIPT)


def test_nothing_is_overwritten(shell: Shell) -> None:
    program = best(shell)
    shell("archive", "proof", program, "--out", "proof")
    before = sorted(path.read_bytes() for path in (shell.folder / "proof").iterdir())
    shell("archive", "proof", program, "--out", "proof", status=2)
    assert "is not empty" in shell.errors
    assert sorted(path.read_bytes() for path in (shell.folder / "proof").iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ((), 2, "name a program"),
        (("--run", "first"), 2, "name a program"),
        (("--since", "x"), 2, "name a program"),
        (("abcdef", "--since", "x", "--run", "first"), 2, "name a program"),
        (("xyz",), 2, "no program's ID"),
        (("0123456789",), 1, "no program"),
        (("--since", "nowhere", "--run", "first"), 2, "nowhere cannot be read"),
        (("--since", "runs/first/config.yaml", "--run", "first"), 1, "is no checkpoint of"),
        (("--since", "runs", "--run", "first"), 2, "is not a regular file"),
    ],
)
def test_what_cannot_be_proven_is_said_in_a_line(
    shell: Shell, arguments: tuple[str, ...], status: int, words: str
) -> None:
    shell("archive", "proof", *arguments, status=status)
    (line,) = shell.errors.splitlines()
    assert words in line
