"""The one bounded parser: hostile text in, a syntax tree or a reason out.

Every parse and unparse of text that a model, a user's file or an archive supplied goes through
here. Size, line length and nesting are capped before CPython sees the text; whatever CPython then
raises becomes a `Refused` with a reason. CPython's own `tokenize` is never used: it needs over a
gigabyte for some texts of 50 kB (python/cpython issue 119654).
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from evaluators import unparse as fast

MAX_CHARACTERS = 32_768
"""Longest text that is parsed."""
MAX_LINE = 8_192
"""Longest line, in characters."""
MAX_NESTING = 64
"""Most brackets open at once, those in strings and comments counted too. CPython itself stops at
100 levels of indentation."""

_BRACKETS = re.compile(r"[()\[\]{}]")


class Refused(ValueError):
    """The text is not taken; the message says why, in words for a model or a person.

    Attributes:
        line: number of the line at fault, from 1, where it is a matter of one line.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def check_size(text: str) -> None:
    """Raise `Refused` if the text is too large, or too deeply nested, to be parsed."""
    if len(text) > MAX_CHARACTERS:
        raise Refused(f"the text has {len(text)} characters; at most {MAX_CHARACTERS} are read")
    longest = max(map(len, text.split("\n")))
    if longest > MAX_LINE:
        raise Refused(f"a line has {longest} characters; at most {MAX_LINE} are read")
    depth = deepest = 0
    for bracket in _BRACKETS.findall(text):
        if bracket in "([{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth = max(0, depth - 1)
    if deepest > MAX_NESTING:
        raise Refused(f"brackets are nested {deepest} deep; at most {MAX_NESTING} are read")


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """Turn all that CPython raises over a hostile text or tree into `Refused`."""
    try:
        yield
    except SyntaxError as error:
        where = f", line {error.lineno}" if error.lineno else ""
        raise Refused(f"{what}: {error.msg}{where}", error.lineno) from None
    except RecursionError:
        raise Refused(f"{what}: nested too deeply") from None
    except MemoryError:
        raise Refused(f"{what}: too complex for the parser") from None
    except UnicodeError:
        raise Refused(f"{what}: holds characters that are not valid text") from None
    except (ValueError, OverflowError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"{what}: {error}") from None


def parse(text: str) -> ast.Module:
    """Parse a module.

    Raises:
        Refused: the text is too large or is not Python; the message names the line.
    """
    check_size(text)
    with refusing("does not parse"), warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        return ast.parse(text)


def unparse(tree: ast.AST) -> str:
    """Return the text of a tree as `ast.unparse` gives it, of a size that `parse` takes.

    Raises:
        Refused: it has no such text.
    """
    with refusing("has no canonical form"):
        text = fast.unparse(tree)
    check_size(text)
    return text
