"""Errors as a user meets them: one line, what was wrong and what to do, and an exit status."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Collection

from evaluators.certificate import CertificateError
from evaluators.pool import PoolError, Uncontained
from funsearch.api import UsageError
from funsearch.archive.errors import ArchiveError
from funsearch.config import ConfigError
from funsearch.parts import RunError
from funsearch.prompts import TemplateError
from funsearch.samplers.protocol import SamplerError
from funsearch.text import one_line
from problems.registry import ProblemError

USAGE = (ConfigError, ProblemError, UsageError, TemplateError, Uncontained)
FAILURE = (ArchiveError, CertificateError, PoolError, RunError, SamplerError)


def report(error: Exception) -> int:
    """Print an error and return the exit status: 2 for usage, 1 for failure.

    Anything unexpected is a bug, and shows its traceback.
    """
    usage_of_typer = hasattr(error, "format_message") and hasattr(error, "exit_code")
    if usage_of_typer:
        say(str(error.format_message()))  # type: ignore[attr-defined]
        return int(error.exit_code)  # type: ignore[attr-defined]
    if isinstance(error, (*USAGE, *FAILURE)):
        say(str(error))
        return 2 if isinstance(error, USAGE) else 1
    traceback.print_exception(error)
    say("this is a bug; the lines above say where")
    return 1


def warn_if_unsafe(sandbox: Collection[str]) -> None:
    """Warn of candidates that ran, or will run, where nothing holds them.

    Args:
        sandbox: names of the layers in force.
    """
    if "seccomp" not in sandbox:
        say(
            "WARNING: candidates run without a sandbox, with limits on time and memory only; "
            "what a model writes can do on this machine what you can"
        )


def say(message: str) -> None:
    """Print a line for the user on standard error."""
    sys.stderr.write(f"funsearch: {one_line(message, 1000)}\n")
