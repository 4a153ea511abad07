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
from evaluators.program import Program, canonical
from funsearch.completing import complete, unwrapped
from funsearch.reply import Block, answers, blocks, new_side
from problems.contract import Problem

_MAX_CUTS = 64
"""How often a piece of text is shortened at a syntax error before it is given up."""
_MAX_REPAIRS = 8
"""Lines of a piece in which typeset characters are replaced."""
_MAX_BODIES = 4
"""Fenced blocks, from the last, that may be a bare body."""
_MAX_PIECES = 200
"""Pieces of code of a reply that are read, from the last; a text that loops has thousands."""
_MAX_NOTES = 16

_DIFFS = ("diff", "patch")
_TYPESET = str.maketrans(
    {**dict.fromkeys("\u2018\u2019\u201a", "'"), **dict.fromkeys("\u201c\u201d\u201e", '"')}
    | {**dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"), "\u00d7": "*", "\u00f7": "/"}
    | {"\u2264": "<=", "\u2265": ">=", "\u2260": "!=", "\uff08": "(", "\uff09": ")", "\uff1a": ":"}
    | {"\uff0c": ",", "\uff1d": "=", "\u00b7": "*"}
)
"""Typeset characters that stand for others in a line that is not valid as it is."""
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

    Of several functions the one with the evolved name is meant if it comes after all versions of
    it, else the one with the highest `_vK`, else the one with the evolved name, else the last that
    takes as many arguments. A method or a lambda expression counts where there is no function.

    Raises:
        Refused: it holds none; the message says what is missing, for a model or a person.
    """
    notes: list[str] = []
    said = answers(text, notes)
    misfit = ""
    for statements, cuts in (reading for answer in said for reading in _readings(answer, wanted)):
        for others in (statements, unwrapped(statements)):
            function = _chosen(others, wanted)
            if function is not None:
                notes += cuts
                complete(function, others, wanted.name, notes)
                return Extracted(canonical(function, wanted.name), tuple(notes[:_MAX_NOTES]))
        misfit = misfit or _misfit(statements, wanted)
    if any(map(_is_change, said)):
        raise Refused("the reply is a change to a function; write the whole function")
    if misfit:
        raise Refused(f"{misfit} does not take the arguments ({', '.join(wanted.parameters)})")
    raise Refused(
        f"no function {wanted.name}({', '.join(wanted.parameters)}) and no body with a return "
        "statement was found in the reply"
    )


_Reading = tuple[list[ast.stmt], list[str]]
"""Statements that a text may stand for, and notes on what was cut to get them."""


def _readings(text: str, wanted: Wanted) -> Iterator[_Reading]:
    """Yield what the text may stand for, most likely first."""
    found, outside = blocks(text)
    fenced = [code for block in found if (code := _code_of(block)) is not None]
    if fenced:
        yield _statements("\n".join(fenced))
        for block in reversed(found[-_MAX_BODIES:]):
            if new_side(block.text, marked=block.language in _DIFFS) is None:
                yield from _bodies(block.text, wanted)
    change = new_side(outside)
    if change is not None:
        yield _statements(change)
        return  # lines around a change are no function of their own
    text = _without_prompts(outside)
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


def _is_change(answer: str) -> bool:
    found, outside = blocks(answer)
    changes = [new_side(block.text, marked=block.language in _DIFFS) for block in found]
    return any(change is not None for change in [*changes, new_side(outside)])


def _code_of(block: Block) -> str | None:
    change = new_side(block.text, marked=block.language in _DIFFS)
    return _without_prompts(block.text) if change is None else change


def _without_prompts(text: str) -> str:
    """Return the input of an interpreter's session, or the text as it is."""
    if not text.lstrip().startswith(">>> "):
        return text
    lines = (line.lstrip() for line in text.split("\n"))
    return "\n".join(line[4:] for line in lines if line[:4] in (">>> ", "... ", "..."))


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
    total, repairs = len(lines), 0
    for _ in range(_MAX_CUTS):
        try:
            tree = parse("\n".join(lines))
        except Refused as error:
            if error.line is None:
                return None
            at = min(error.line, len(lines)) - 1
            plain = lines[at].translate(_TYPESET)
            if plain != lines[at] and repairs < _MAX_REPAIRS:
                lines[at] = plain
                repairs += 1
                continue
            lines = "\n".join(lines[:at]).rstrip().split("\n")
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
    fitting = [
        (position, node)
        for position, node in enumerate(functions)
        if _callable_with(node, len(wanted.parameters))
    ]
    named = [position for position, node in fitting if node.name == wanted.name]
    versions = [
        (int(match[1]), position)
        for position, node in fitting
        if (match := re.fullmatch(rf"{re.escape(wanted.name)}_v(\d{{1,9}})", node.name))
    ]
    if versions:
        newest = max(versions)[1]
        # One that follows the versions is the answer to them.
        return functions[named[-1] if named and named[-1] > newest else newest]
    if named:
        return functions[named[-1]]
    return fitting[-1][1] if fitting else None


def _misfit(statements: Sequence[ast.stmt], wanted: Wanted) -> str:
    """Return the name of a version that cannot be called as it must be, or an empty text."""
    for node in statements:
        if isinstance(node, ast.FunctionDef) and re.fullmatch(
            rf"{re.escape(wanted.name)}(_v\d{{1,9}})?", node.name
        ):
            return node.name
    return ""


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
