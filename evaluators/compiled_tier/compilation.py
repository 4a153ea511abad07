"""Compiling a translated candidate in the process at hand, within a time. Loads numba."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import numba
from numba.core import types

from evaluators.compiled_tier import numbers, numpy_loops, sequences, vectors
from evaluators.compiled_tier.arrays import loop_name
from evaluators.compiled_tier.kinds import (
    BOOL,
    INT,
    Kind,
    Number,
    Row,
    Untranslatable,
    Vector,
)
from evaluators.compiled_tier.translator import Translation

HELPERS: dict[str, Any] = numbers.HELPERS | sequences.HELPERS | vectors.HELPERS

FILE = "<compiled candidate>"


class _Late(BaseException):
    """The time is over; not an Exception, so that nothing in numba takes it for its own."""


def held(kind: Kind) -> Any:
    """Return numba's type for what compiled code is given."""
    if isinstance(kind, Number):
        return _scalar(kind)
    if isinstance(kind, Row):
        return types.Array(_scalar(kind.item), 1, "C", readonly=True)
    if isinstance(kind, Vector):
        return types.Array(_scalar(kind.item), 1, "A")
    raise Untranslatable("an argument that is a list of the candidate's own")


def _scalar(kind: Number) -> Any:
    return types.boolean if kind is BOOL else types.int64 if kind is INT else types.float64


def returned(translation: Translation) -> Any:
    """Return numba's type for what compiled code returns."""
    return types.Array(types.float64, 1, "C") if translation.returns_array else types.float64


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give up the block after a time.

    Raises:
        Untranslatable: the time is over.
    """

    def give_up(*_: object) -> NoReturn:
        raise _Late

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _Late:
        raise Untranslatable(f"compiling takes longer than {seconds:g} s") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def compiled(translation: Translation, kinds: Sequence[Kind]) -> Any:
    """Return what numba makes of a translated candidate.

    Raises:
        Untranslatable: numba does not take it.
    """
    namespace: dict[str, Any] = dict(HELPERS)
    for name, codes in translation.loops:
        loop = numpy_loops.loop(name, codes)
        assert loop is not None
        namespace[loop_name(name, codes)] = (loop.call, loop.context, loop.auxiliary)
    signature = returned(translation)(*map(held, kinds))
    try:
        # The text was written here, of an allow-list of operations; it is not the candidate's.
        exec(compile(translation.source, FILE, "exec"), namespace)  # noqa: S102
        decorate = numba.njit(signature, boundscheck=True, error_model="python", cache=False)
        return decorate(namespace["translated"])
    except Exception as error:
        raise Untranslatable(f"numba: {type(error).__name__}: {str(error)[:400]}") from None
