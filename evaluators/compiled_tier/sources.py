"""What a loop may go through: something with a length, and an entry at each place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from evaluators.compiled_tier.arithmetic import Value
from evaluators.compiled_tier.kinds import INT, Items, Number, Untranslatable

if TYPE_CHECKING:
    from evaluators.compiled_tier.expressions import Expressions

Entry: TypeAlias = "Value | tuple[Entry, ...]"


@dataclass(frozen=True)
class Source:
    """Something to go through.

    Attributes:
        length: text.
        item: from the text of a place, 0 to the length less one, to what is there.
        items: lists that must not grow meanwhile.
    """

    length: str
    item: Callable[[str], Entry]
    items: tuple[Items, ...] = ()


def of(expressions: Expressions, node: ast.expr) -> Source:
    """Return what a loop goes through."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[*arguments], keywords=keywords) if (
            name in _MAKERS and name not in expressions.bound
        ):
            if keywords and name != "enumerate":
                raise Untranslatable(f"{name} with keywords")
            start = [each.value for each in keywords if each.arg == "start"]
            if len(start) != len(keywords):
                raise Untranslatable(f"{name} with keywords")
            return _MAKERS[name](expressions, [*arguments, *start])
        case ast.GeneratorExp():
            # Made at once, which is the same: an entry has no effect on later ones.
            from evaluators.compiled_tier import calls

            return _values(expressions, calls.collected(expressions, node, "list"))
        case _:
            return _values(expressions, expressions.value(node))


def _values(expressions: Expressions, value: Value) -> Source:
    if isinstance(value.kind, Number):
        raise Untranslatable("a loop over a number")
    name = expressions.code.keep(value.text)
    if name.startswith("v_"):
        # The loop may assign the variable anew and goes through what it was.
        kept = expressions.code.fresh()
        expressions.code.emit(f"{kept} = {name}")
        name = kept
    item = expressions.item(value.kind)
    items = (value.kind,) if isinstance(value.kind, Items) else ()
    return Source(f"len({name})", lambda place: Value(item, f"{name}[{place}]"), items)


def _range(expressions: Expressions, arguments: list[ast.expr]) -> Source:
    values = [expressions.value(each) for each in arguments]
    if any(value.kind is not INT for value in values):
        raise Untranslatable("a range of what are not ints")
    if len(values) == 1:
        return Source(values[0].text, lambda place: Value(INT, place))
    if len(values) == 2:
        start, stop = (expressions.code.keep(value.text) for value in values)
        return Source(
            f"subtract_int({stop}, {start})", lambda place: Value(INT, f"({start} + {place})")
        )
    if len(values) != 3 or not isinstance(values[2].constant, int) or values[2].constant == 0:
        raise Untranslatable("a range whose step is not a constant")
    start, stop = (expressions.code.keep(value.text) for value in values[:2])
    step = values[2].text
    return Source(
        f"range_length({start}, {stop}, {step})",
        lambda place: Value(INT, f"({start} + {place} * {step})"),
    )


def _enumerate(expressions: Expressions, arguments: list[ast.expr]) -> Source:
    if len(arguments) not in (1, 2):
        raise Untranslatable("enumerate of that many arguments")
    source = of(expressions, arguments[0])
    start = expressions.index(arguments[1]) if len(arguments) == 2 else ""

    def entry(place: str) -> Entry:
        count = f"add_int({start}, {place})" if start else place
        return Value(INT, count), source.item(place)

    return Source(source.length, entry, source.items)


def _zip(expressions: Expressions, arguments: list[ast.expr]) -> Source:
    parts = [of(expressions, each) for each in arguments]
    if not parts:
        raise Untranslatable("zip of nothing")
    return Source(
        f"min({', '.join(part.length for part in parts)})" if len(parts) > 1 else parts[0].length,
        lambda place: tuple(part.item(place) for part in parts),
        tuple(items for part in parts for items in part.items),
    )


def _reversed(expressions: Expressions, arguments: list[ast.expr]) -> Source:
    if len(arguments) != 1:
        raise Untranslatable("reversed of that many arguments")
    match arguments[0]:
        case ast.Call(func=ast.Name(id="enumerate" | "zip")) | ast.GeneratorExp():
            raise Untranslatable("reversed of what has no length")
        case _:
            source = of(expressions, arguments[0])
    length = expressions.code.keep(source.length)
    return Source(length, lambda place: source.item(f"({length} - 1 - {place})"), source.items)


_MAKERS: dict[str, Callable[..., Source]] = {
    "range": _range,
    "enumerate": _enumerate,
    "zip": _zip,
    "reversed": _reversed,
}


def unpacked(target: ast.expr, entry: Entry) -> Iterator[tuple[str, Value]]:
    """Yield each name that an entry binds, and its value."""
    match target, entry:
        case ast.Name(id=name), Value():
            yield name, entry
        case ((ast.Tuple(elts=targets) | ast.List(elts=targets)), tuple()) if len(targets) == len(
            entry
        ):
            for each, part in zip(targets, entry, strict=True):
                yield from unpacked(each, part)
        case _:
            raise Untranslatable("a loop with such a target")
