"""`funsearch problem` as a user meets it: stated, begun from nothing, tried, and from a package."""

from __future__ import annotations

import ast
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from funsearch.problem_new import create
from problems import registry
from problems.registry import ProblemError
from tests.funsearch.cli.shell import Shell

CODE_LINES = 20
"""Most lines of code of a minimal problem, as it is written by `problem new`."""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_list_has_every_problem_and_its_object(shell: Shell) -> None:
    table = shell("problem", "list")
    assert "Cap sets" in table
    assert "online, self-design" in table
    rows = {row["problem"]: row for row in shell.json("problem", "list")}
    assert set(rows) == set(registry.names())
    assert rows["cap_set"]["best_known"] == 512
    assert rows["cap_set"]["training"] == ["n=8"]
    assert rows["online_bin_packing"]["online"] == "items"


def test_show_states_the_problem(shell: Shell) -> None:
    text = shell("problem", "show", "cap_set")
    for wanted in (
        "no three different ones that sum to zero",
        "def priority(el: tuple[int, ...], n: int) -> float:",
        "Minus infinity means never.",
        "size in vectors, more is better",
        "OEIS A090245",
        "problem.n=",
        "checkers/cap_set.py",
        "held out",
        "1082",
    ):
        assert wanted in text
    assert "return 0.0" not in text
    (record,) = shell.json("problem", "show", "cap_set")
    assert record["bounds"]["n=4"]["value"] == 20  # type: ignore[index]
    assert record["instances"]["n=3"] == {"n": 3}  # type: ignore[index]


def test_mistakes_are_one_line(shell: Shell) -> None:
    for arguments, message in (
        (["show", "capset"], "no problem called 'capset'"),
        (["check", "cap_set", "capset"], "no problem called 'capset'"),
        (["check"], "name problems to check, or say --all"),
        (["check", "--all", "cap_set"], "name problems to check, or say --all"),
        (["new", "two words"], "is no name for a problem"),
        (["show", "./nowhere.py"], "there is no such file"),
    ):
        shell("problem", *arguments, status=2)
        assert message in shell.errors
        assert len(shell.errors.strip().splitlines()) == 1


def test_new_problem_is_checked_tested_linted_and_run_as_it_stands(shell: Shell) -> None:
    written = shell("problem", "new", "tried_here")
    assert "funsearch problem check ./tried_here.py" in written
    for command in (
        ["-m", "ruff", "check", "--isolated", "."],
        ["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_tried_here.py"],
    ):
        subprocess.run([shell.python, *command], cwd=shell.folder, check=True, capture_output=True)
    findings = shell.json("problem", "check", "./tried_here.py", "--seconds", "1")
    results = {str(row["check"]): row for row in findings}
    assert "FAIL" not in {row["result"] for row in findings}, findings
    assert {"seed", "repeatable", "gate", "score", "checker", "bound", "speed"} <= set(results)
    assert "agrees with score on" in str(results["checker"]["detail"])
    (ended,) = shell.json("run", "problem=./tried_here.py", "run.samples=20", "run.seconds=null")
    assert ended["samples"] == 20


def test_new_overwrites_nothing(tmp_path: Path) -> None:
    mine = tmp_path / "checkers" / "mine.py"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(ProblemError, match=r"mine\.py is there already"):
        create("mine", tmp_path)
    assert mine.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [mine.parent]


def test_minimal_problem_has_at_most_twenty_lines(tmp_path: Path) -> None:
    path = create("small", tmp_path)[0]
    tree = ast.parse(path.read_text())
    docstrings = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    code = [
        number
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if line.strip() and number not in docstrings
    ]
    assert len(code) <= CODE_LINES


def test_failed_check_is_the_exit_status(shell: Shell) -> None:
    path = create("broken", shell.folder)[0]
    path.write_text(path.read_text().replace("range(1, n))", "range(1, n)) + 1"))
    output = shell("problem", "check", "./broken.py", "--seconds", "0.5", status=1)
    assert "FAILED: ./broken.py" in output
    assert "score says" in output
    assert "feeding certificates" in shell.errors


def test_problem_that_fails_to_load_hides_no_other(shell: Shell, tmp_path: Path) -> None:
    package = installed(tmp_path, "raise RuntimeError('not today')\n")
    rows = {row["problem"]: row for row in package.json("problem", "list")}
    assert "not today" in str(rows["from_a_package"]["error"])
    assert rows["cap_set"]["name"] == "cap_set"
    assert "fails to load" in package("problem", "list")


def test_problem_of_an_installed_package_is_listed_shown_and_run(tmp_path: Path) -> None:
    source = create("from_a_package", tmp_path / "written")[0]
    package = installed(tmp_path, source.read_text())
    assert "from_a_package" in package("problem", "list")
    assert "look unlike themselves" in package("problem", "show", "from_a_package")
    (ended,) = package.json("run", "problem=from_a_package", "run.samples=6", "run.seconds=null")
    assert ended["samples"] == 6


def installed(folder: Path, module: str) -> Shell:
    """Return a shell of an environment where a small package with one problem is installed."""
    root = folder / "package"
    root.mkdir()
    (root / "a_package.py").write_text(module)
    (root / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "a-package"\nversion = "1"\n'
        '[project.entry-points."funsearch.problems"]\nfrom_a_package = "a_package:problem"\n'
        '[tool.hatch.build.targets.wheel]\nonly-include = ["a_package.py"]\n'
    )
    home = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    (packages,) = home.glob("lib/python3*/site-packages")
    # All that is installed here is there too, this project included.
    here = [path for path in sys.path if path.endswith("site-packages")]
    lines = [f"import site; site.addsitedir({path!r})" for path in here]
    (packages / "here.pth").write_text("\n".join([*lines, str(Path(registry.__file__).parents[1])]))
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", *options, str(root)],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    return Shell(folder, str(python))


def test_ctrl_c_ends_a_check_at_once_and_leaves_no_process(shell: Shell) -> None:
    process = shell.start("problem", "check", "cap_set")
    assert process.stderr is not None
    # Both while candidates run and while certificates are fed there are processes below.
    for line in process.stderr:
        if "running trivial candidates" in line:
            break
    below = descendants(process.pid)
    assert below
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    for pid in below:
        assert not Path(f"/proc/{pid}").exists() or ended(pid)


def descendants(parent: int) -> list[int]:
    found: list[int] = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            pid = int(status.parent.name)
            found += [pid, *descendants(pid)]
    return found


def ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
