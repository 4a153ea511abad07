"""Runs one checker on many files, each as if it were started anew. Standard library only.

Usage: python3 -I -S checker_driver.py CHECKER. Reads the path of a file from each line of standard
input, and answers with one line of JSON: exit status (null after an exception) and output.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from types import CodeType


def run(code: CodeType, path: str, file: str) -> tuple[object, str]:
    """Return exit status and output of a checker on a file; no status after an exception."""
    printed = io.StringIO()
    sys.argv = [path, file]
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            exec(code, {"__name__": "__main__", "__file__": path})  # noqa: S102
    except SystemExit as end:
        return 0 if end.code is None else end.code, printed.getvalue()
    except BaseException as error:
        return None, f"{type(error).__name__}: {error}"
    return 0, printed.getvalue()


def main() -> None:
    """Serve until standard input ends."""
    path = sys.argv[1]
    with open(path, "rb") as file:  # noqa: PTH123
        code = compile(file.read(), path, "exec")
    for line in sys.stdin:
        status, output = run(code, path, line.rstrip("\n"))
        sys.stdout.write(json.dumps({"status": status, "output": output[:100_000]}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
