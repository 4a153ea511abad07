"""Which variables are bound at a point of the candidate, and what they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from evaluators.compiled_tier.kinds import (
    INT,
    MIXED,
    Cell,
    Items,
    Kind,
    Number,
    Untranslatable,
    Vector,
    merge_numbers,
)

Bound = dict[str, Kind]


@dataclass
class Cells:
    """What is known of lists, over all passes of the translation.

    Attributes:
        changed: whether something was learnt, so that what was written before may be wrong.
    """

    changed: bool = False
    _made: dict[tuple[int, str], Cell] = field(default_factory=dict[tuple[int, str], Cell])

    def at(self, place: object, use: str = "") -> Cell:
        """Return the cell of the lists made at a node of the syntax tree."""
        return self._made.setdefault((id(place), use), Cell()).root()

    def add(self, cell: Cell, item: Number) -> Number:
        """Note that a list has such an entry; return what its entries are held as."""
        cell = cell.root()
        if cell.item is item:
            return item
        merged = item if cell.item is None else merge_numbers(cell.item, item)
        if merged is None:
            raise Untranslatable("a list holds truth values and numbers")
        if merged is not cell.item:
            cell.item, self.changed = merged, True
        return merged

    def unite(self, one: Cell, other: Cell) -> None:
        """Note that two lists may be the same."""
        one, other = one.root(), other.root()
        if one is other:
            return
        if other.item is not None:
            self.add(one, other.item)
        other.into, self.changed = one, True


def merge(one: Kind, other: Kind, cells: Cells) -> Kind | None:
    """Return the kind of a value that is one or the other, or None if there is none."""
    if isinstance(one, Number) and isinstance(other, Number):
        return merge_numbers(one, other)
    if isinstance(one, Vector) and isinstance(other, Vector) and one.item is other.item:
        return Vector(one.item, one.fresh and other.fresh)
    if isinstance(one, Items) and isinstance(other, Items) and one.form == other.form:
        cells.unite(one.cell, other.cell)
        return one
    return one if one == other else None


def merge_bound(all_bound: Iterable[Bound | None], cells: Cells) -> Bound | None:
    """Return what is bound where ways meet; None for a way that does not get there."""
    merged: Bound | None = None
    for bound in all_bound:
        if bound is None:
            continue
        if merged is None:
            merged = dict(bound)
            continue
        both = {
            name: merge(kind, bound[name], cells) for name, kind in merged.items() if name in bound
        }
        merged = {name: kind for name, kind in both.items() if kind is not None}
    return merged


def conversions(before: Mapping[str, Kind] | None, after: Mapping[str, Kind] | None) -> list[str]:
    """Return what has to be done where a way ends so that variables are what they are after."""
    if before is None or after is None:
        return []
    return [
        f"v_{name} = mixed(v_{name})"
        for name, kind in after.items()
        if kind is MIXED and before[name] is INT
    ]
