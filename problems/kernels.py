"""Trusted numerical kernels: compiled by numba on first use, kept on disk for this user alone.

Decorating costs nothing, and numba is loaded by the first call. A process that has no numba says
what becomes of a call instead (`answer_calls_with`), and one that is about to lose the disk says
so (`keep_in_memory`). A candidate's code is never compiled here.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import update_wrapper
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


@dataclass
class _Process:
    """What holds for all kernels of this process and of those it forks.

    Attributes:
        answer: called in place of every kernel, if any.
        on_disk: whether what is compiled is kept on the disk.
        compiled: what numba made of kernels.
        running: whether a kernel is being compiled or run.
    """

    answer: Callable[[], Any] | None = None
    on_disk: bool = True
    compiled: list[Any] = field(default_factory=list[Any])
    running: bool = False


_process = _Process()


class _Kernel(Generic[P, R]):
    """Stands for a function until its first call, which compiles it."""

    def __init__(self, function: Callable[P, R]) -> None:
        self._function = function
        self._compiled: Callable[P, R] | None = None
        update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if _process.answer is not None:
            return _process.answer()
        _process.running = True
        try:
            if self._compiled is None:
                self._compiled = _compile(self._function)
                _process.compiled.append(self._compiled)
            return self._compiled(*args, **kwargs)
        finally:
            _process.running = False


def kernel(function: Callable[P, R]) -> _Kernel[P, R]:
    """Mark a function of arrays and numbers as a trusted kernel; it may not call another one."""
    return _Kernel(function)


def running() -> bool:
    """Whether this process is inside a call of a kernel.

    Then a signal's handler must not raise: numba, when it is interrupted while it compiles, cannot
    compile anything else afterwards.
    """
    return _process.running


def answer_calls_with(answer: Callable[[], Any] | None) -> None:
    """Have every call of a kernel answered by something else; None makes kernels compute again.

    Holds in this process and those it forks.
    """
    _process.answer = answer


def keep_in_memory() -> None:
    """Neither read from the disk nor write to it from now on: the folder will be out of reach.

    What has been compiled stays; a call with other types is compiled in memory. Holds in this
    process and those it forks.
    """
    from numba.core.caching import NullCache

    _process.on_disk = False
    for compiled in _process.compiled:
        compiled._cache = NullCache()


def _compile(function: Callable[P, R]) -> Callable[P, R]:
    import numba.core.config

    folder = cache_folder(Path(function.__code__.co_filename)) if _process.on_disk else None
    if folder is None:
        return numba.njit(function)
    settings: Any = numba.core.config
    before = settings.CACHE_DIR
    try:
        # numba reads the folder when the function is decorated, not when it is compiled.
        settings.CACHE_DIR = str(folder)
        return numba.njit(cache=True)(function)
    finally:
        settings.CACHE_DIR = before


def cache_folder(source: Path) -> Path | None:
    """Return the folder for what is compiled from a source file, or None if none is safe.

    Its name depends on the source text, the versions of Python, numpy, numba and llvmlite, and
    the processor. numba's cache holds pickles and machine code, so a folder that somebody else
    owns, or could write to or read, is not used.
    """
    import llvmlite
    import llvmlite.binding
    import numba
    import numpy

    key = hashlib.sha256()
    for part in (
        source.read_bytes(),
        sys.version.encode(),
        numpy.__version__.encode(),
        numba.__version__.encode(),
        llvmlite.__version__.encode(),
        platform.machine().encode(),
        llvmlite.binding.get_host_cpu_name().encode(),
        llvmlite.binding.get_host_cpu_features().flatten().encode(),
    ):
        key.update(len(part).to_bytes(8, "little") + part)
    try:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        root.mkdir(parents=True, exist_ok=True)
        folder = root
        for name in ("funsearch", "kernels", key.hexdigest()[:32]):
            folder = folder / name
            folder.mkdir(mode=0o700, exist_ok=True)
            if not _private(folder):
                return None
    except (OSError, RuntimeError):
        return None
    return folder


def _private(folder: Path) -> bool:
    found = folder.lstat()
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.geteuid()
        and stat.S_IMODE(found.st_mode) & 0o077 == 0
    )
