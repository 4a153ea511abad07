"""The command `funsearch`, also as `python -m funsearch`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path


def main() -> None:
    """Run the command line and exit with its status."""
    stranger = _stranger()
    if stranger:
        print(f"funsearch: {stranger}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    from funsearch.cli.app import start

    sys.exit(start())


def _stranger() -> str:
    """Say which package of somebody else stands in the way of one of ours, if any does.

    Our packages have everyday names, and Python takes the first one on its path.
    """
    home = Path(__file__).resolve().parent.parent
    for name in ("evaluators", "problems", "cluster", "configs"):
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            return f"its package {name!r} is missing; install funsearch again"
        if Path(spec.origin).resolve().parent.parent != home:
            return (
                f"{Path(spec.origin).parent} hides the package {name!r} that belongs to {home}; "
                "start from another folder, or use an environment without it"
            )
    return ""


if __name__ == "__main__":
    main()
