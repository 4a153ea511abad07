"""From a sampler's raw text to one program.

A reply may be a bare body, a whole function, several of them, a fenced block, or any of these in
prose. What the text says outside of the chosen function is kept only as far as that function
needs it; everything dropped or moved is noted.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluators.parser import Refused, parse
from evaluators.program import Program, canonical, walk
from evaluators.vocabulary import IMPORTABLE, PROVIDED
from problems.contract import Problem

MAX_REPLY = 262_144
"""Characters of a reply that are looked at."""
_MAX_CUTS = 64
"""How often a piece of text is shortened at a syntax error before it is given up."""
_MAX_NOTES = 16

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n]*\n(.*?)(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.M | re.S)
_THOUGHTS = re.compile(r"\A.*</think(?:ing)?>", re.S)
_STARTS_CODE = re.compile(
    r"(?:async\s+def|def|class|import|from)\s|@\w|[A-Za-z_]\w*\s*(?::[^=]*)?=[^=]"
)


@dataclass(frozen=True)
class Extracted:
    """A program and what was done to the text it came from."""

    program: Program
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """The function a sample should hold.

    Attributes:
        name: of the function to evolve.
        parameters: their names, in order.
    """

    name: str
    parameters: tuple[str, ...]

    @classmethod
    def of(cls, problem: Problem) -> Wanted:
        """Return what samples for a problem should hold."""
        code = problem.evolve.__code__
        return cls(problem.evolve.__name__, code.co_varnames[: code.co_argcount])


def extract(text: str, wanted: Wanted) -> Extracted:
    """Return the program that a reply stands for.

    Of several functions the one with the highest `_vK` is meant, else the one with the evolved
    name, else the last that takes as many arguments.

    Raises:
        Refused: it holds none; the message says what is missing, for a model or a person.
    """
    notes: list[str] = []
    if len(text) > MAX_REPLY:
        notes.append(f"cut after {MAX_REPLY} of {len(text)} characters")
        text = text[:MAX_REPLY]
    text = _THOUGHTS.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise Refused("the reply is empty")
    for statements, cuts in _readings(text, wanted):
        function = _chosen(statements, wanted)
        if function is not None:
            notes += cuts
            _complete(function, statements, wanted, notes)
            return Extracted(canonical(function, wanted.name), tuple(notes[:_MAX_NOTES]))
    raise Refused(
        f"no function {wanted.name}({', '.join(wanted.parameters)}) and no body with a return "
        "statement was found in the reply"
    )


_Reading = tuple[list[ast.stmt], list[str]]
"""Statements that a text may stand for, and notes on what was cut to get them."""


def _readings(text: str, wanted: Wanted) -> Iterator[_Reading]:
    """Yield what the text may stand for, most likely first."""
    fenced = [textwrap.dedent(match[2]) for match in _FENCE.finditer(text)]
    if fenced:
        yield _statements("\n".join(fenced))
        for block in reversed(fenced):
            yield from _bodies(block, wanted)
        text = _FENCE.sub("\n", text)
    first = next((line for line in text.split("\n") if line.strip()), "")
    own = re.match(rf"\s*(?:async\s+)?def\s+{re.escape(wanted.name)}(?:_v\d+)?\b", first)
    indented = first[:1].isspace() and not own
    if indented:
        yield from _bodies(text, wanted)
    yield _statements(textwrap.dedent(text))
    if not indented:
        yield from _bodies(text, wanted)
    if "\t" in text:
        yield _statements(textwrap.dedent(text.expandtabs()))


def _statements(text: str) -> _Reading:
    """Return the top-level statements of all pieces of the text that parse."""
    statements: list[ast.stmt] = []
    cuts: list[str] = []
    for piece in _pieces(text):
        tree = _longest_parse(piece, cuts)
        statements += tree.body if tree else []
    return statements, cuts


def _pieces(text: str) -> Iterator[str]:
    """Cut a text at each unindented line that looks like code; what comes before goes."""
    piece: list[str] = []
    for line in text.split("\n"):
        starts = _STARTS_CODE.match(line) is not None
        if starts and piece and not piece[-1].startswith("@"):
            yield "\n".join(piece)
            piece = []
        if piece or starts:
            piece.append(line)
    if piece:
        yield "\n".join(piece)


def _bodies(text: str, wanted: Wanted) -> Iterator[_Reading]:
    """Yield the function whose body the text is, under each reading of its indentation."""
    header = f"def {wanted.name}({', '.join(wanted.parameters)}):\n"
    text = text.strip("\n")
    first, _, rest = text.partition("\n")
    readings = [
        text,  # a completion as it stands
        textwrap.indent(textwrap.dedent(text), " " * 4),
        textwrap.indent(f"{first.strip()}\n{textwrap.dedent(rest)}", " " * 4),  # lost its blanks
        textwrap.indent(textwrap.dedent(text.expandtabs()), " " * 4),
    ]
    for reading in readings:
        cuts: list[str] = []
        tree = _longest_parse(header + reading, cuts)
        if tree and isinstance(tree.body[0], ast.FunctionDef) and _returns(tree.body[0]):
            yield tree.body[:1], cuts


def _longest_parse(text: str, notes: list[str]) -> ast.Module | None:
    """Parse the longest run of lines from the start that is valid, or return None."""
    lines = text.rstrip().split("\n")
    total = len(lines)
    for _ in range(_MAX_CUTS):
        try:
            tree = parse("\n".join(lines))
        except Refused as error:
            if error.line is None:
                return None
            lines = "\n".join(lines[: min(error.line, len(lines)) - 1]).rstrip().split("\n")
            if lines == [""]:
                return None
            continue
        if len(lines) < total:
            notes.append(f"cut {total - len(lines)} lines that are not part of valid code")
        return tree
    return None


def _chosen(statements: Sequence[ast.stmt], wanted: Wanted) -> ast.FunctionDef | None:
    """Return the function that is meant, or None."""
    functions = [node for node in statements if isinstance(node, ast.FunctionDef)]
    versions = [
        (int(match[1]), position)
        for position, node in enumerate(functions)
        if (match := re.fullmatch(rf"{re.escape(wanted.name)}_v(\d{{1,9}})", node.name))
        and _callable_with(node, len(wanted.parameters))
    ]
    if versions:
        return functions[max(versions)[1]]
    fitting = [node for node in functions if _callable_with(node, len(wanted.parameters))]
    named = [node for node in fitting if node.name == wanted.name]
    return (named or fitting or [None])[-1]


def _callable_with(function: ast.FunctionDef, arguments: int) -> bool:
    given = function.args
    positional = len(given.posonlyargs) + len(given.args)
    required = positional - len(given.defaults)
    missing = any(default is None for default in given.kw_defaults)
    most = arguments if given.vararg else positional
    return required <= arguments <= most and not missing


def _returns(function: ast.FunctionDef) -> bool:
    """Whether the function itself, not one inside it, has a return statement."""
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Return):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            pending += ast.iter_child_nodes(node)
    return False


def _complete(
    function: ast.FunctionDef, statements: Sequence[ast.stmt], wanted: Wanted, notes: list[str]
) -> None:
    """Move what the function uses of the other statements to the start of its body, in place.

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
            notes.append(f"dropped a statement that {wanted.name} does not need")
    function.body[:0] = kept
    moved = {name for node in kept for name in _bound_names(node)} | {function.name}
    for name in sorted(needed - moved):
        # A program stands alone: it cannot call what only the prompt showed.
        if re.fullmatch(rf"{re.escape(wanted.name)}_v\d+", name):
            raise Refused(f"calls {name}, which is not part of the reply; repeat its code")


def _needed_names(function: ast.FunctionDef, others: Sequence[ast.stmt]) -> set[str]:
    """Return the names the function reads, and those read by what it needs, and so on."""
    needed = _free_names(function)
    open_nodes = [node for node in others if not isinstance(node, (ast.Import, ast.ImportFrom))]
    while used := [node for node in open_nodes if _bound_names(node) & needed]:
        for node in used:
            needed |= _free_names(node)
        open_nodes = [node for node in open_nodes if node not in used]
    return needed


def _bound_names(node: ast.stmt) -> set[str]:
    """Return the names that a top-level statement defines or changes."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {
            name.id
            for target in targets
            for name in ast.walk(target)
            if isinstance(name, ast.Name) and not _is_index(name, target)
        }
    return set()


def _is_index(name: ast.Name, target: ast.expr) -> bool:
    return any(
        isinstance(node, ast.Subscript) and name in ast.walk(node.slice)
        for node in ast.walk(target)
    )


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
