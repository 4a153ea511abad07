"""How a run in the light zygote says that it must begin again in the one that has numba."""

from __future__ import annotations


class Elsewhere(BaseException):
    """Raised in a child of the light zygote: to be run where there is numba.

    Not an Exception, so that no candidate's `except` catches it by accident. One that catches it
    on purpose only harms itself.
    """


class KernelNeeded(Elsewhere):
    """`construct` called a trusted kernel; whatever ran the candidate may run it there too."""
