"""Floor 1: what a problem is, and one module for each problem."""

from problems.contract import (
    Array,
    Candidate,
    Instance,
    Invalid,
    Known,
    Limits,
    Metric,
    Problem,
)

__all__ = ["Array", "Candidate", "Instance", "Invalid", "Known", "Limits", "Metric", "Problem"]
