"""Trusted numerical kernels: compiled by numba on first use, kept on disk for this user alone.

A kernel is never imported by anything that a candidate runs in: decorating costs nothing, and
numba is loaded by the first call. A candidate's code is never compiled here.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
from collections.abc import Callable
from functools import update_wrapper
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class _Kernel(Generic[P, R]):
    """Stands for a function until its first call, which compiles it."""

    def __init__(self, function: Callable[P, R]) -> None:
        self._function = function
        self._compiled: Callable[P, R] | None = None
        update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if self._compiled is None:
            self._compiled = _compile(self._function)
        return self._compiled(*args, **kwargs)


def kernel(function: Callable[P, R]) -> _Kernel[P, R]:
    """Mark a function of arrays and numbers as a trusted kernel; it may not call another one."""
    return _Kernel(function)


def _compile(function: Callable[P, R]) -> Callable[P, R]:
    import numba.core.config

    folder = cache_folder(Path(function.__code__.co_filename))
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
