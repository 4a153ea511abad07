"""Fields of a statement: each check returns the value as JSON has it, or says what is wrong.

All raise ValueError, with one line that names the field and quotes nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast

from funsearch.archive.records import Conditions

NAME_CHARACTERS = 256
"""Most characters of a name: of a sampler, a model, an instance, a parameter."""
TEXT_CHARACTERS = 4_096
"""Most characters of a reason, a note or a parameter's value."""

_digest = re.compile(r"[0-9a-f]{64}").fullmatch
_amount = re.compile(r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,12})?").fullmatch
_seconds = re.compile(r"(0|[1-9][0-9]{0,10})(\.[0-9]{1,9})?").fullmatch

Json = dict[str, Any]


def integer(name: str, value: int, low: int = 0, high: int = 2**53 - 1) -> int:
    """Return an integer within bounds; a bool or a numpy integer is none."""
    # Not isinstance, which lets them pass; they have another text.
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"{name} is not an integer from {low} to {high}")
    return value


def optional(name: str, value: int | None) -> int | None:
    """Return a count, or None."""
    return None if value is None else integer(name, value)


def flag(name: str, value: bool) -> bool:
    """Return a truth value."""
    if type(value) is not bool:
        raise ValueError(f"{name} is neither true nor false")
    return value


def string(name: str, value: str, most: int = NAME_CHARACTERS) -> str:
    """Return a string of bounded length that UTF-8 can carry."""
    if type(value) is not str:
        raise ValueError(f"{name} is not a string")
    if len(value) > most:
        raise ValueError(f"{name} has more than {most} characters")
    if not value.isascii():
        value.encode()  # half a surrogate pair is no text, and does not survive JSON
    return value


def text(name: str, value: str) -> str:
    """Return a string as long as a reason or a note may be."""
    return string(name, value, TEXT_CHARACTERS)


def decimal(name: str, value: float) -> str:
    """Return a finite number as the shortest decimal string that reads back as the same double."""
    if not math.isfinite(value):
        raise ValueError(f"{name} is not finite")
    return float.__repr__(float(value))


def sha256(name: str, digest: str) -> dict[str, str]:
    """Return a digest as a set of digests with one member."""
    if type(digest) is not str or not _digest(digest):
        raise ValueError(f"{name} is not a SHA-256 digest in hex")
    return {"sha256": digest}


def artifact(name: str, digest: str) -> Json:
    """Return what statements call a resource: a name for us, a digest for everybody."""
    return {"name": name, "digest": sha256(name, digest)}


def timestamp(time: str) -> str:
    """Return seconds since the epoch as an RFC 3339 time of the same precision."""
    if time == "":
        return ""
    if type(time) is not str or not (parts := _seconds(time)):
        raise ValueError("time is not a decimal string of seconds")
    return f"{_whole_seconds(int(parts[1]))}{parts[2] or ''}Z"


@lru_cache(maxsize=64)
def _whole_seconds(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()


def epoch_seconds(stamp: str) -> str:
    """Undo `timestamp`."""
    if stamp == "":
        return ""
    whole, point, fraction = stamp.removesuffix("Z").partition(".")
    return f"{_since_epoch(whole)}{point}{fraction}"


@lru_cache(maxsize=64)
def _since_epoch(stamp: str) -> int:
    return int(datetime.fromisoformat(stamp + "+00:00").timestamp())


def kept(members: Json) -> Json:
    """Drop what says nothing: None and what is empty, but neither 0 nor false."""
    return {name: value for name, value in members.items() if value or value == 0}


def required(name: str, value: str) -> str:
    """Return a string of bounded length that is not empty."""
    if not value:
        raise ValueError(f"{name} is empty")
    return string(name, value)


def amount(name: str, value: str) -> str:
    """Return an amount of money as a decimal string, or an empty one where it is not known."""
    if value and not (type(value) is str and _amount(value)):
        raise ValueError(f"{name} is not a decimal string")
    return value


@lru_cache(maxsize=64)
def conditions(value: Conditions) -> Json:
    """Return what a verdict depends on as three sets of digests; not to be changed."""
    return {
        "environment": sha256("environment", value.environment),
        "evaluator": sha256("evaluator", value.evaluator),
        "problem": sha256("problem", value.problem),
    }


def read_conditions(value: Json) -> Conditions:
    """Undo `conditions`."""
    return Conditions(
        problem=value["problem"]["sha256"],
        evaluator=value["evaluator"]["sha256"],
        environment=value["environment"]["sha256"],
    )


def scalars(name: str, values: Mapping[str, str | int | bool | None]) -> Json:
    """Return a mapping of bounded strings, integers of 64 bits, truth values and None."""
    for key, value in values.items():
        string(name, key)
        if type(value) is str:
            text(f"{name} {key}", value)
        elif value is not None and type(value) is not bool:
            integer(f"{name} {key}", cast("int", value), -(2**63), 2**64 - 1)
    return dict(values)
