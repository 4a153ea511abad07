"""Problems are found by name and by path, and refused with one line that helps."""

import hashlib
from pathlib import Path

import pytest

from problems import registry
from problems.registry import ProblemError

MINIMAL = """
from problems import Array, Metric, Problem
import numpy as np

def f(x: int) -> float:
    \"\"\"Return anything.\"\"\"
    return 1.0

problem = Problem(
    name="tiny",
    evolve=f,
    construct=lambda candidate, instance: np.array([candidate(1)]),
    score=lambda instance, certificate: float(certificate[0]),
    metric=Metric("value", "units"),
    certificate=Array("float64", 1, 1),
    instances=lambda: {"only": {}, "other": {}},
    training=["only"],
)
"""


def test_known_problem_comes_with_digest_and_checker() -> None:
    loaded = registry.load("cap_set")
    assert loaded.problem.name == "cap_set"
    assert len(loaded.digest) == 64
    assert loaded.checker is not None
    assert "cap_set" in registry.names()


def test_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ProblemError, match="no problem called 'capset'; there are: cap_set"):
        registry.load("capset")


def test_problem_is_loaded_by_path(tmp_path: Path) -> None:
    path = tmp_path / "tiny.py"
    path.write_text(MINIMAL)
    loaded = registry.load(str(path))
    assert loaded.problem.name == "tiny"
    assert loaded.checker is None
    assert registry.load(loaded.reference, loaded.digest).digest == loaded.digest


def test_file_with_another_digest_is_not_run(tmp_path: Path) -> None:
    path, witness = tmp_path / "tiny.py", tmp_path / "witness"
    path.write_text(f"open({str(witness)!r}, 'w').close()\n" + MINIMAL)
    with pytest.raises(ProblemError, match="is not the problem that was recorded"):
        registry.load(str(path), "0" * 64)
    assert not witness.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def f(:", "fails to load: SyntaxError"),
        ("import nothing_of_that_name", "fails to load: ModuleNotFoundError"),
        ("x = 1", "holds no `problem = Problem"),
    ],
)
def test_bad_file_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.py"
    path.write_text(text)
    with pytest.raises(ProblemError, match=message):
        registry.load(str(path))


def test_instances_are_selected_by_name() -> None:
    loaded = registry.load("cap_set")
    assert registry.select(loaded, None) == ["n=8"]
    assert registry.select(loaded, ["n=3", "n=4"]) == ["n=3", "n=4"]
    for wrong in (["n=12"], [], ["n=3", "n=3"]):
        with pytest.raises(ProblemError):
            registry.select(loaded, wrong)


def test_digest_of_a_problem_covers_the_problems_it_imports_from(tmp_path: Path) -> None:
    path = tmp_path / "tiny.py"
    path.write_text(MINIMAL)
    alone = registry.load(str(path)).digest
    assert alone == hashlib.sha256(path.read_bytes()).hexdigest()
    digests = {alone}
    for line in (
        "from problems import cap_set",
        "import problems.cap_set",
        "def late():\n    from problems.cap_set import score",
    ):
        path.write_text(f"{line}\n{MINIMAL}")
        text = path.read_bytes()
        digests.add(registry.digest_of(path))
        assert registry.digest_of(path) != hashlib.sha256(text).hexdigest()
    assert len(digests) == 4
    path.write_text(f"from problems import kernels, contract\n{MINIMAL}")
    assert registry.digest_of(path) == hashlib.sha256(path.read_bytes()).hexdigest()
