"""Functions taken out of what they stand in, and what they need of it moved inside.

A program stands alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from evaluators.parser import Refused
from evaluators.program import walk
from evaluators.vocabulary import IMPORTABLE, PROVIDED


def unwrapped(statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Return statements with functions for what might have been one, each in its place.

    The methods of a class that need no object of it, and a lambda expression that has a name.
    """
    found: list[ast.stmt] = []
    for node in statements:
        match node:
            case ast.ClassDef():
                found += _methods(node)
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Lambda() as value)
            ):
                body: list[ast.stmt] = [ast.Return(value.body)]
                function = ast.FunctionDef(name, value.args, body, [], lineno=node.lineno)
                found.append(ast.fix_missing_locations(function))
            case _:
                found.append(node)
    return found


def _methods(of: ast.ClassDef) -> list[ast.stmt]:
    methods = [node for node in of.body if isinstance(node, ast.FunctionDef)]
    names = {method.name for method in methods}
    return [method for method in methods if _stands_alone(method, names)]


def _stands_alone(method: ast.FunctionDef, names: set[str]) -> bool:
    """Make a method a function, in place; return whether it needs no object all the same."""
    marks = {node.id for node in method.decorator_list if isinstance(node, ast.Name)}
    method.decorator_list = [
        node
        for node in method.decorator_list
        if not (isinstance(node, ast.Name) and node.id in ("staticmethod", "classmethod"))
    ]
    positional = method.args.posonlyargs or method.args.args
    if "staticmethod" in marks or not positional:
        return True
    owner = positional.pop(0).arg
    _call_plainly(method, owner, names)
    return not any(isinstance(node, ast.Name) and node.id == owner for node in walk(method))


def _call_plainly(method: ast.FunctionDef, owner: str, names: set[str]) -> None:
    """Write `self.helper` as `helper`, in place; trees may be too deep to recurse into."""

    def plain(node: object) -> object:
        match node:
            case ast.Attribute(value=ast.Name(id=of), attr=name) if of == owner and name in names:
                return ast.copy_location(ast.Name(name, ast.Load()), node)
            case _:
                return node

    for node in [*walk(method)]:
        for field, value in ast.iter_fields(node):
            if isinstance(value, list):
                value[:] = map(plain, value)
            else:
                setattr(node, field, plain(value))


def complete(
    function: ast.FunctionDef, statements: Sequence[ast.stmt], name: str, notes: list[str]
) -> None:
    """Move what the function uses of the other statements to the start of its body, in place.

    Args:
        function: that is meant.
        statements: all there are.
        name: of the function to evolve.
        notes: to be told what was moved and dropped.

    Raises:
        Refused: it needs something that cannot move.
    """
    if function.decorator_list:
        notes.append(f"dropped {len(function.decorator_list)} decorators of the function")
    others = [node for node in statements if node is not function]
    needed = _needed_names(function, others)
    kept: list[ast.stmt] = []
    for node in others:
        names = _bound_names(node) & needed
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            kept += _kept_import(node, needed, notes)
        elif names:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                _drop_unknown_decorators(node, notes)
            kept.append(node)
            notes.append(f"moved inside: {', '.join(sorted(names))}")
        elif isinstance(node, ast.FunctionDef):
            notes.append(f"dropped the function {node.name[:80]}")
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            notes.append(f"dropped a statement that {name} does not need")
    function.body[:0] = kept
    moved = {name for node in kept for name in _bound_names(node)} | {function.name}
    for missing in sorted(needed - moved):
        # A program stands alone: it cannot call what only the prompt showed.
        if re.fullmatch(rf"{re.escape(name)}_v\d+", missing):
            raise Refused(f"calls {missing}, which is not part of the reply; repeat its code")


def _needed_names(function: ast.FunctionDef, others: Sequence[ast.stmt]) -> set[str]:
    """Return the names the function reads, and those read by what it needs, and so on.

    Raises:
        Refused: one of them is a parameter too, and could not move inside as it is.
    """
    binding: dict[str, list[ast.stmt]] = {}
    for node in others:
        for name in _bound_names(node):
            binding.setdefault(name, []).append(node)
    parameters = {part.arg for part in ast.walk(function.args) if isinstance(part, ast.arg)}
    needed = _free_names(function)
    pending = list(needed)
    while pending:
        for node in binding.pop(pending.pop(), ()):
            new = _free_names(node) - needed
            needed |= new
            pending += new
    defined = {name for node in others for name in _bound_names(node)}
    for name in sorted(parameters & needed & defined):
        raise Refused(f"needs {name} from outside the function, where it is a parameter too")
    for default in [*function.args.defaults, *filter(None, function.args.kw_defaults)]:
        for name in sorted(_free_names(default) & defined):
            raise Refused(f"needs {name} for the default of a parameter; write the value there")
    return needed


def _bound_names(node: ast.stmt) -> set[str]:
    """Return the names that a top-level statement defines or changes."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return set()
    return {name for part in walk(node) for name in _changed(part)}


def _changed(node: ast.AST) -> Iterator[str]:
    """Yield the name that a node binds, or whose object it changes, as `T[0] = 1` does."""
    target: ast.AST = node
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        target = node.value.func  # `T.append(1)`
        if not isinstance(target, ast.Attribute):
            return
    elif not isinstance(getattr(node, "ctx", None), ast.Store):
        return
    while isinstance(target, (ast.Subscript, ast.Attribute)):
        target = target.value
    if isinstance(target, ast.Name):
        yield target.id


def _free_names(node: ast.AST) -> set[str]:
    """Return all names read in a definition, less those it binds as parameters.

    A local variable with the name of a helper counts as a use: moving the helper inside then
    changes nothing, since the local assignment comes later.
    """
    read: set[str] = set()
    bound: set[str] = set()
    for part in walk(node):
        kind = part.__class__
        if kind is ast.Name:
            if part.ctx.__class__ is ast.Load:  # type: ignore[attr-defined]
                read.add(part.id)  # type: ignore[attr-defined]
        elif kind is ast.arg:
            bound.add(part.arg)  # type: ignore[attr-defined]
        elif kind is ast.Global:
            raise Refused("declares a global variable; nothing outlives a call of the function")
    return read - bound


def _kept_import(
    node: ast.Import | ast.ImportFrom, needed: set[str], notes: list[str]
) -> list[ast.stmt]:
    """Return the import reduced to what is allowed, used, and not there anyway."""
    kept: list[ast.alias] = []
    for alias in node.names:
        bound = alias.asname or alias.name.split(".")[0]
        module = alias.name if isinstance(node, ast.Import) else node.module or ""
        if isinstance(node, ast.ImportFrom) and (node.level or alias.name == "*"):
            notes.append(f"dropped an import from {module[:80] or 'a package'}")
        elif module not in IMPORTABLE:
            notes.append(f"dropped the import of {module[:80]}")
        elif bound in needed and not (
            isinstance(node, ast.Import) and PROVIDED.get(bound) == module
        ):
            kept.append(alias)
    if not kept:
        return []
    node.names = kept
    return [node]


def _drop_unknown_decorators(node: ast.FunctionDef | ast.ClassDef, notes: list[str]) -> None:
    known = []
    for decorator in node.decorator_list:
        names = [name.id for name in ast.walk(decorator) if isinstance(name, ast.Name)]
        if names and names[0] in {"functools", "dataclasses", "dataclass", "lru_cache", "cache"}:
            known.append(decorator)
        else:
            notes.append(f"dropped a decorator of {node.name[:80]}")
    node.decorator_list = known
