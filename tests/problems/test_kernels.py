"""Trusted kernels: right, cached for the user alone, and cached nowhere else."""

import os
import stat
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluators.processes import TooSlow, time_limit
from problems import kernels
from problems.kernels import cache_folder, kernel

SOURCE = Path(__file__)


@kernel
def total(a: int, b: int) -> int:
    return a + b


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_kernel_computes_and_is_kept_in_a_private_folder(cache: Path) -> None:
    assert total(2, 3) == 5
    folder = cache_folder(SOURCE)
    assert folder is not None
    assert any(folder.rglob("*.nbi"))
    for path in (folder, folder.parent, folder.parent.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_folder_depends_on_the_source(cache: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_text("x = 1\n")
    second.write_text("x = 2\n")
    assert cache_folder(first) != cache_folder(second)


def test_folder_that_others_can_reach_is_not_used(cache: Path) -> None:
    folder = cache_folder(SOURCE)
    assert folder is not None
    folder.chmod(0o750)
    assert cache_folder(SOURCE) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_folder_of_somebody_else_is_not_used(cache: Path) -> None:
    folder = cache_folder(SOURCE)
    assert folder is not None
    os.chown(folder, 65534, 65534)
    assert cache_folder(SOURCE) is None


def test_link_is_not_followed(cache: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (cache / "funsearch").symlink_to(elsewhere)
    assert cache_folder(SOURCE) is None


def test_without_a_safe_folder_a_kernel_still_computes(cache: Path) -> None:
    (cache / "funsearch").write_text("in the way")

    @kernel
    def difference(a: int, b: int) -> int:
        return a - b

    assert difference(5, 3) == 2


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = kernels._Process()  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(kernels, "_process", fresh)


@pytest.mark.usefixtures("process")
def test_process_without_numba_answers_calls_otherwise() -> None:
    def refuse() -> None:
        raise LookupError("not here")

    kernels.answer_calls_with(refuse)
    with pytest.raises(LookupError, match="not here"):
        total(2, 3)
    kernels.answer_calls_with(None)
    assert total(2, 3) == 5


@pytest.mark.usefixtures("process")
def test_out_of_reach_of_the_disk_kernels_are_compiled_in_memory(cache: Path) -> None:
    @kernel
    def product(a: float, b: float) -> float:
        return a * b

    @kernel
    def quotient(a: float, b: float) -> float:
        return a / b

    assert product(2, 3) == 6
    folder = cache_folder(SOURCE)
    assert folder is not None
    before = sorted(folder.rglob("*"))
    kernels.keep_in_memory()
    assert (product(0.5, 3.0), quotient(1.0, 2.0)) == (1.5, 0.5)
    assert sorted(folder.rglob("*")) == before


@kernel
def twice(numbers: NDArray[np.float64]) -> float:
    found = 0.0
    for number in numbers:
        found += number * 2.0
    return found


@kernel
def product(numbers: NDArray[np.float64]) -> float:
    found = 1.0
    for number in numbers:
        found *= number
    return found


def test_an_alarm_does_not_interrupt_the_compiler(cache: Path) -> None:
    # Interrupted, numba could compile nothing else in this process.
    numbers = np.arange(1.0, 4.0)

    def wait() -> None:
        while twice(numbers) == 12.0:
            pass

    with pytest.raises(TooSlow), time_limit(0.001, kernels.running):
        wait()
    assert (twice(numbers), product(numbers)) == (12.0, 6.0)
    assert not kernels.running()
