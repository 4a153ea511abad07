"""What holds a candidate on this machine: the layers in force, tried out and not guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evaluators.channel import Malformed

LAYERS = ("seccomp", "landlock", "namespaces", "user", "limits")
"""From the one that is required to those that any machine has."""


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes:
        name: one of `LAYERS`.
        works: whether it is in force.
        says: what exactly is in force, such as `ABI 7` or `pid net ipc uts`, or why nothing is.
    """

    name: str
    works: bool
    says: str


@dataclass(frozen=True)
class Containment:
    """What holds candidates.

    Attributes:
        layers: all of `LAYERS`, in that order.
        tests: self-test → what went wrong; empty text for one that passed.
        milliseconds: median time of a candidate that does nothing, forked, run and reaped.
    """

    layers: tuple[Layer, ...]
    tests: Mapping[str, str] = field(default_factory=dict[str, str])
    milliseconds: float = 0.0

    @property
    def safe(self) -> bool:
        """Whether code that attacks may be run: the kernel filter is there, and nothing leaked."""
        return any(each.name == "seccomp" and each.works for each in self.layers) and not any(
            self.tests.values()
        )

    @property
    def grade(self) -> str:
        """`STRONG` with every layer, `GOOD` without some that are not required, else `NONE`."""
        if not self.safe:
            return "NONE"
        return "STRONG" if all(each.works for each in self.layers) else "GOOD"

    def line(self) -> str:
        """Return one line for the user."""
        parts = [
            f"{each.name} {each.says}".strip() if each.works else f"no {each.name} ({each.says})"
            for each in self.layers
        ]
        failed = [f"{name}: {says}" for name, says in self.tests.items() if says]
        if failed:
            parts.append(f"SELF-TEST FAILED: {'; '.join(failed)}")
        elif self.tests:
            parts.append(f"self-test {len(self.tests)}/{len(self.tests)}")
        if self.milliseconds:
            parts.append(f"{self.milliseconds:.1f} ms per candidate")
        return f"{self.grade}: {', '.join(parts)}"

    def names(self) -> tuple[str, ...]:
        """Return the names of the layers in force, for the record of an evaluation."""
        return tuple(each.name for each in self.layers if each.works)


def pack_containment(containment: Containment) -> dict[str, Any]:
    """Return it as a JSON object."""
    return {
        "layers": [vars(each) for each in containment.layers],
        "tests": dict(containment.tests),
        "milliseconds": containment.milliseconds,
    }


def unpack_containment(message: Mapping[str, Any]) -> Containment:
    """Return what a message says.

    Raises:
        Malformed: it is not what holds candidates.
    """
    try:
        layers = tuple(
            Layer(str(each["name"]), each["works"] is True, str(each["says"]))
            for each in message["layers"]
        )
        tests = {str(name): str(says) for name, says in message["tests"].items()}
        milliseconds = float(message["milliseconds"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(f"not a containment: {error}") from None
    if tuple(each.name for each in layers) != LAYERS:
        raise Malformed("a containment with other layers")
    return Containment(layers, tests, milliseconds)
