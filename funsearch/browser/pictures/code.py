"""Source as coloured pieces: the lexer says what a piece is, a template escapes and shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from funsearch.text import block

if TYPE_CHECKING:
    from pygments.token import _TokenType as TokenType  # pyright: ignore[reportPrivateUsage]

MOST_COLOURED = 100_000
"""Characters; a longer source is shown plain, since a lexer may be slow on what is made for it."""
MOST_LINES = 5000
"""That are shown; sources of programs are far shorter."""
LONGEST_LINE = 20_000
"""Characters."""


class Piece(NamedTuple):
    """Part of a line.

    Attributes:
        kind: class name, such as `keyword`; empty for plain text.
        text: hostile, but printable: escape it wherever it is shown.
    """

    kind: str
    text: str


Line = tuple[Piece, ...]


def lines(source: str) -> tuple[Line, ...]:
    """Return the lines of a Python source, of which each is made of pieces.

    What is not printable becomes a backslash escape, so nothing in it reorders a line. Lines are
    those of the source; the empty one after a last line end is left out. After `MOST_LINES`, and
    within a line after `LONGEST_LINE`, the rest is left out, which an ellipsis says.
    """
    text = block(source).removesuffix("\n")
    kept = text.split("\n")
    cut = [_shortened(line) for line in kept[:MOST_LINES]]
    if len(kept) > MOST_LINES:
        cut.append("…")
    text = "\n".join(cut)
    pieces = _coloured(text) if len(text) <= MOST_COLOURED else iter([Piece("", text)])
    return tuple(_by_line(pieces))


def _shortened(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"


def _coloured(text: str) -> Iterator[Piece]:
    from pygments.lexers.python import PythonLexer

    for _, token, part in PythonLexer().get_tokens_unprocessed(text):
        yield Piece(_kind(token), part)


def _kind(token: TokenType) -> str:
    from pygments.token import Token

    known = (
        (Token.Comment, "comment"),
        (Token.Keyword, "keyword"),
        (Token.Operator.Word, "keyword"),
        (Token.Name.Function, "function"),
        (Token.Name.Builtin, "builtin"),
        (Token.Name.Decorator, "function"),
        (Token.Literal.String, "string"),
        (Token.Literal.Number, "number"),
    )
    return next((kind for parent, kind in known if token in parent), "")


def _by_line(pieces: Iterator[Piece]) -> Iterator[Line]:
    """Yield lines; neighbours of one kind become one piece."""
    line: list[Piece] = []
    for kind, text in pieces:
        for place, part in enumerate(text.split("\n")):
            if place:
                yield tuple(line)
                line = []
            if not part:
                continue
            if line and line[-1].kind == kind:
                line[-1] = Piece(kind, line[-1].text + part)
            else:
                line.append(Piece(kind, part))
    yield tuple(line)
