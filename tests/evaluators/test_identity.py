"""What a score depends on can be told without loading any of it."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

from evaluators.identity import environment, evaluator_digest

ROOT = Path(__file__).parents[2]


def test_digest_is_stable_and_of_the_sources() -> None:
    assert evaluator_digest() == evaluator_digest()
    assert len(bytes.fromhex(evaluator_digest())) == 32


def test_environment_names_every_version() -> None:
    found = environment()
    assert found.keys() == {
        "python", "machine", "processor", "kernel", "numpy", "numba", "llvmlite", "scipy",
    }  # fmt: skip
    assert all(isinstance(value, str) and value for value in found.values())
    assert found["python"].endswith(platform.python_version())


def test_light_modules_load_nothing_heavy() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import evaluators.identity, evaluators.parser, evaluators.program, evaluators.verdict\n"
        "import evaluators.pool, evaluators.local\n"
        "evaluators.identity.environment(); evaluators.identity.evaluator_digest()\n"
        "heavy = {'numpy', 'numba', 'scipy', 'problems'} & sys.modules.keys()\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script, str(ROOT)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
