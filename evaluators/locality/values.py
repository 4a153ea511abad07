"""What is known of a value: how many entries it has, and how far each of them looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto


class Refused(Exception):
    """Something that might look at any place, or is not known not to."""


class Shape(Enum):
    """How many entries a value has."""

    ONE = auto()
    """Certainly a plain number, or what numpy makes of one."""
    WHOLE = auto()
    """Perhaps an array of as many entries as the array arguments, place by place."""
    PART = auto()
    """Perhaps those entries of such an array where the mask of this statement is true."""
    CUT = auto()
    """Certainly an array, of all places but some at the start and some at the end."""


@dataclass(frozen=True)
class Value:
    """What is known of a value.

    Attributes:
        shape: how many entries it has.
        boolean: whether it is certainly made of Booleans, so that it selects places.
        shared: whether it may be an argument itself, which must not be written to.
        integer: whether it is certainly made of integers or Booleans, which have one zero only.
        cut: how many places it lacks at the start and at the end, if its shape is `CUT`.
        radius: how many places to either side an entry may depend on. The two ends of the array
            are seen from there, too.
    """

    shape: Shape
    boolean: bool = False
    shared: bool = False
    integer: bool = False
    cut: tuple[int, int] = (0, 0)
    radius: int = 0

    def or_else(self, other: Value) -> Value:
        """Return what is known of a value that is one of the two."""
        if self.cut != other.cut or (self.shape is Shape.CUT) != (other.shape is Shape.CUT):
            raise Refused
        return Value(
            joined([self, other]).shape,
            boolean=self.boolean and other.boolean,
            shared=self.shared or other.shared,
            integer=self.integer and other.integer,
            cut=self.cut,
            radius=max(self.radius, other.radius),
        )

    def entries(self, *, boolean: bool = False, integer: bool = False) -> Value:
        """Return what is known of a new array, or number, with an entry for each of these."""
        return replace(self, boolean=boolean, integer=integer or boolean, shared=False)

    def number(self) -> Value:
        """Return what is known of a single number of the same type."""
        return Value(Shape.ONE, boolean=self.boolean, integer=self.integer)


NUMBER = Value(Shape.ONE)
ARGUMENT = Value(Shape.WHOLE, shared=True, integer=True)


def joined(values: Sequence[Value]) -> Value:
    """Return what is known of an operation's result, its type apart.

    Places are those of the first operand that is cut. A whole array beside it would not fit, which
    raises whatever the length, so what is not cut is a number.
    """
    cuts = [value for value in values if value.shape is Shape.CUT]
    shapes = {value.shape for value in values} - {Shape.ONE}
    if cuts:
        if Shape.PART in shapes or len({sum(value.cut) for value in cuts}) > 1:
            raise Refused
        start = cuts[0].cut[0]
        radius = max(value.radius + abs(value.cut[0] - start) for value in cuts)
        return Value(Shape.CUT, cut=cuts[0].cut, radius=radius)
    if len(shapes) > 1:
        raise Refused
    shape = shapes.pop() if shapes else Shape.ONE
    return Value(shape, radius=max(value.radius for value in values))
