"""Forms: how the domains that a return annotation names are put together in the returned value."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from funsearch.samplers.syntax.tidy import literal
from funsearch.samplers.syntax.trees import walk
from problems.domains import DOMAINS, Domain

Sizes = Mapping[str, int]
"""Parameters whose value is known."""


@dataclass(frozen=True)
class Leaf:
    """A value of a domain."""

    domain: Domain


@dataclass(frozen=True)
class Row:
    """Any number of values of one form: `list[X]` or `tuple[X, ...]`."""

    item: Form


@dataclass(frozen=True)
class Group:
    """One value each of several forms, None where there is no domain: `tuple[X, Y]`."""

    items: tuple[Form | None, ...]


Form = Leaf | Row | Group


def of_annotation(node: ast.expr | None, sizes: Sizes) -> Form | None:
    """Return the form that an annotation describes, None where it names no domain."""
    match node:
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[_, *others])):
            domains = [domain for other in others if (domain := _domain(other, sizes))]
            return Leaf(domains[0]) if domains else None
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=[inner, last])) if (
            isinstance(last, ast.Constant) and last.value is Ellipsis
        ):
            return _row(inner, sizes)
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=parts)):
            items = tuple(of_annotation(part, sizes) for part in parts)
            return Group(items) if any(items) else None
        case ast.Subscript(value=ast.Name(id="list" | "Sequence"), slice=inner):
            return _row(inner, sizes)
        case _:
            return None


def kinds(form: Form | None) -> tuple[Form, ...]:
    """Return the different forms of values and of lists' elements in a form, in order."""
    match form:
        case Leaf():
            return (form,)
        case Row(item=item):
            return tuple(dict.fromkeys((item, *kinds(item))))
        case Group(items=items):
            return tuple(dict.fromkeys(kind for item in items for kind in kinds(item)))
        case None:
            return ()


def _row(inner: ast.expr, sizes: Sizes) -> Row | None:
    item = of_annotation(inner, sizes)
    return Row(item) if item else None


def domains(note: ast.expr, sizes: Sizes) -> list[Domain]:
    """Return all domains that an annotation names, in parameters too."""
    found = [_domain(part, sizes) for part in walk(note) if isinstance(part, ast.Call)]
    return [domain for domain in found if domain]


def _domain(node: ast.expr, sizes: Sizes) -> Domain | None:
    """Return a domain as written, None for other metadata and where a size is not known."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in DOMAINS:
            known = [_size(argument, sizes) for argument in arguments]
        case _:
            return None
    try:
        return None if None in known else DOMAINS[name](*known)
    except TypeError:
        raise ValueError(f"not a domain: {ast.unparse(node)}") from None


def _size(node: ast.expr, sizes: Sizes) -> int | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return sizes.get(node.value)
    value = literal(node)
    return value if isinstance(value, int) else None


_NAMED = re.compile(r"\b([A-Za-z_]\w*)=(\d{1,9})\b")


def sizes_of(instances: Sequence[str]) -> dict[str, int]:
    """Return the parameters to which the names of all instances give one value, as in `n=8`."""
    each = [dict(_NAMED.findall(name)) for name in instances]
    first = each[0] if each else {}
    return {
        name: int(value)
        for name, value in first.items()
        if all(other.get(name) == value for other in each)
    }
