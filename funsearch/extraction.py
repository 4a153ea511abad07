"""From a sampler's raw text to one program.

A reply may be a bare body, a whole function, several of them, a fenced block, or any of these in
prose. What the text says outside of the chosen function is kept only as far as that function
needs it; everything dropped or moved is noted.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections import deque
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
_MAX_BODIES = 4
"""Fenced blocks, from the last, that may be a bare body."""
_MAX_PIECES = 200
"""Pieces of code of a reply that are read, from the last; a text that loops has thousands."""
_MAX_NOTES = 16

_FENCE = re.compile(r"[ \t]*+(`{3,}+|~{3,}+)")
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
    fenced, text = _fences(text)
    if fenced:
        yield _statements("\n".join(fenced))
        for block in reversed(fenced[-_MAX_BODIES:]):
            yield from _bodies(block, wanted)
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


def _fences(text: str) -> tuple[list[str], str]:
    """Return the contents of fenced blocks, dedented, and the text around them.

    A fence ends at a line that begins with the same marks, or with the text.
    """
    inside: list[list[str]] = []
    outside: list[str] = []
    marks = ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if marks:
            if found and found[1].startswith(marks):
                marks = ""
            else:
                inside[-1].append(line)
        elif found:
            marks = found[1]
            inside.append([])
        else:
            outside.append(line)
    return [textwrap.dedent("\n".join(lines) + "\n") for lines in inside], "\n".join(outside)


def _statements(text: str) -> _Reading:
    """Return the top-level statements of all pieces of the text that parse."""
    statements: list[ast.stmt] = []
    cuts: list[str] = []
    for piece in deque(_pieces(text), maxlen=_MAX_PIECES):
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
