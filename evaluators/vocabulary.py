"""What a candidate may use without asking: names that are there, and modules it may import.

Prompts show these names, the extraction of programs keeps imports of these modules, and the
sandbox has them loaded before a candidate runs, since nothing can be loaded afterwards.
"""

from __future__ import annotations

from types import MappingProxyType

PROVIDED = MappingProxyType(
    {
        "np": "numpy",
        "math": "math",
        "itertools": "itertools",
        "functools": "functools",
        "collections": "collections",
    }
)
"""Name → module."""

IMPORTABLE = frozenset(PROVIDED.values()) | {
    "bisect",
    "cmath",
    "copy",
    "dataclasses",
    "enum",
    "fractions",
    "heapq",
    "numpy.linalg",
    "operator",
    "random",
    "statistics",
    "string",
    "typing",
}
"""Modules whose import in a sample is kept; every other import is dropped, with a note."""
