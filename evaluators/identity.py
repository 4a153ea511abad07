"""What a score depends on besides program and problem: this package's source, and the machine."""

from __future__ import annotations

import hashlib
import platform
import re
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_SHARED = tuple(
    f"problems/{name}.py" for name in ["contract", "data", "domains", "kernels", "order"]
)
_PACKAGES = ("numpy", "numba", "llvmlite", "scipy")


def evaluator_digest() -> str:
    """Return the SHA-256, in hex, over the sources that turn a program into a verdict.

    These are the modules of this package, those in folders too, and those of `problems` that
    every problem may run through, sorted by path; path and content go in, each with its length.
    """
    paths = [*Path(__file__).parent.rglob("*.py"), *(_ROOT / name for name in _SHARED)]
    total = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.relative_to(_ROOT).as_posix()):
        for part in (path.relative_to(_ROOT).as_posix().encode(), path.read_bytes()):
            total.update(len(part).to_bytes(8, "little") + part)
    return total.hexdigest()


def environment() -> dict[str, str]:
    """Return versions of what a score may depend on, and the processor; nothing is imported.

    A package that is not installed has the version `absent`.
    """
    found = {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "machine": platform.machine(),
        "processor": _processor(),
        "kernel": f"{platform.system()} {platform.release()}",
    }
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found


def packages() -> tuple[str, ...]:
    """Return every installed package as `name==version`, sorted: what a lock file would pin."""
    found = {
        f"{re.sub(r'[-_.]+', '-', name).lower()}=={package.version}"
        for package in distributions()
        if (name := package.name)
    }
    return tuple(sorted(found))


def _processor() -> str:
    """Return the processor's model as Linux names it, else what the platform says."""
    try:
        with Path("/proc/cpuinfo").open(errors="replace") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"
