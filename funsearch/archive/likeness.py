"""Canonical forms of programs, and how alike two are: a matter of words, as nothing is parsed.

Programs that differ only by constants and by the names that they give have one form.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from evaluators.parser import MAX_CHARACTERS

FORM_BYTES = 16
"""Of the SHA-256 of a form: so many are kept."""
WINDOW = 4
"""Tokens that are compared as one."""
_SHORT = 128
"""Characters of a line whose tokens are worth remembering."""

# In the order of how often they occur: names, with the `=` that makes one an argument; line ends
# with what indents the next line; brackets; attributes; numbers, a minus sign that touches one
# included, since between two values it has blanks on both sides; strings; the rest. A triple quote
# that is never closed reaches to the end, another to the end of its line: so each character is
# looked at once, whatever the text is.
split_at_once = re.compile(
    r""" ?([^\W\d]\w*+(?!['"])(?:=(?!=))?|\n *|[()\[\],]|\.[^\W\d]\w*"""
    r"""|-?\d(?:\w|\.(?=\d)|(?<=[eE])[-+])*"""
    r"""|[bfrBFR]{0,2}(?:'''(?:[^\\']|\\.|'(?!''))*+(?:''')?|"{3}(?:[^\\"]|\\.|"(?!""))*+(?:"{3})?"""
    r"""|'(?:[^\\'\n]|\\.)*+'?|"(?:[^\\"\n]|\\.)*+"?)|[^\s\w]=?)""",
    re.DOTALL,
).findall

_CONSTANT, _OWN = "#", "$"
_listed = re.compile(r"\S+").findall
_KEYWORDS = _listed(
    "and as assert async await break class continue def del elif else except finally for from "
    "global if import in is lambda nonlocal not or pass raise return try while with yield"
)
# Listed here, as another version of Python must not give the same program another form.
_GIVEN = frozenset(
    _listed(
        "abs all any bin bool bytes chr complex dict divmod enumerate filter float frozenset hash "
        "hex int isinstance iter len list map max min next ord pow print range repr reversed round "
        "set slice sorted str sum tuple type zip np math itertools functools collections"
    )
)
_ASSIGNS = frozenset(_listed("= := += -= *= /= %= @= &= |= ^="))
_KEPT = {word: word for word in (*_KEYWORDS, *_GIVEN, *_ASSIGNS, *"()[],:.+-*/")} | dict.fromkeys(
    ("True", "False", "None"), _CONSTANT
)
_own = re.compile(rb"\$\d+").sub


class Form(NamedTuple):
    """What is kept of a program's form.

    Attributes:
        digest: the same for programs of the same form.
        statements: checksums of its lines, all own names alike.
    """

    digest: bytes
    statements: frozenset[int]


def form(source: str) -> Form:
    """Return the form of a program.

    Constants become alike, and the names that the program gives are numbered in the order in
    which they appear. Kept are the built-in functions and modules that programs have, attributes,
    and the names of arguments that are passed by name; so a program that passes one to a function
    of its own keeps that one too. A built-in function's name is the program's own where the
    program binds it.

    Args:
        source: as `ast.unparse` writes it; of any other text the result says little. Nothing
            beyond `MAX_CHARACTERS` is looked at.
    """
    numbered = " ".join(_abstract(source)).encode("utf-8", "replace")
    lines = {line.strip() for line in _own(_OWN.encode(), numbered).split(b"\n")} - {b""}
    return Form(hashlib.sha256(numbered).digest()[:FORM_BYTES], frozenset(map(zlib.crc32, lines)))


def windows(source: str) -> Counter[tuple[str, ...]]:
    """Return how often each run of `WINDOW` tokens occurs in a program, all own names alike."""
    tokens = [_OWN if token[0] == _OWN else token for token in _abstract(source)]
    tokens += [""] * (WINDOW - len(tokens))
    return Counter(zip(*(tokens[start:] for start in range(WINDOW)), strict=False))


def similarity(one: Counter[tuple[str, ...]], other: Counter[tuple[str, ...]]) -> float:
    """Return how alike two programs are, by their windows: 1 if these are the same, 0 if none is.

    It is the Jaccard index: those in both, over those in either, each as often as it occurs.
    """
    both = (one & other).total()
    return both / (one.total() + other.total() - both)


def _abstract(source: str) -> list[str]:
    """Return the tokens of a program, or what stands for them."""
    tokens = split(source[:MAX_CHARACTERS])
    different = dict.fromkeys(tokens)
    bound = _bound(tokens, different)
    heads = None
    found: dict[str, str] = {}
    count = 0
    for token in different:
        if token in found:
            continue
        kept = _KEPT.get(token)
        if kept is not None and token not in bound:
            found[token] = kept
        elif token.isidentifier():
            found[token] = f"{_OWN}{count}"
            count += 1
        elif token[-1] == "=":
            heads = _heads(tokens) if heads is None else heads
            name = token[:-1]
            if name in heads and name not in found:
                found[name] = f"{_OWN}{count}"
                count += 1
            found[token] = f"{found[name]}=" if name in heads else token
        elif token[0] in "'\"" or token[-1] in "'\"" or token.lstrip("-")[:1].isdigit():
            found[token] = _CONSTANT
        else:
            found[token] = token
    return list(map(found.__getitem__, tokens))


def split(source: str) -> list[str]:
    """Return the tokens of a program.

    Most lines of a program are those of its parents, so the tokens of short ones are remembered,
    but where a string may reach over the end of a line.
    """
    if "'''" in source or '"""' in source or "\\\n" in source:
        return split_at_once(source)
    first, *others = source.split("\n")
    tokens = split_at_once(first)
    for line in others:
        tokens += _tokens_of(line) if len(line) <= _SHORT else split_at_once(f"\n{line}")
    return tokens


@lru_cache(maxsize=32_768)
def _tokens_of(line: str) -> tuple[str, ...]:
    """Return the tokens of the end of a line and of the next line."""
    return tuple(map(sys.intern, split_at_once(f"\n{line}")))


def _bound(tokens: Sequence[str], different: Iterable[str]) -> set[str]:
    """Return those of the given names that a program binds itself."""
    found: set[str] = set()
    given = _GIVEN.intersection(different)
    for place in [place for place, token in enumerate(tokens) if token in given] if given else ():
        before, token = tokens[place - 1 : place + 1] if place else ("\n", tokens[0])
        after = tokens[place + 1] if place + 1 < len(tokens) else ""
        if after in ("(", "."):
            continue
        if (
            after in _ASSIGNS
            or before in ("for", "as")
            or (before[0] == "\n" and after == ",")
            or (before == "," and after == "in")
            or (after in (",", ")", ":") and token in _heads(tokens))
        ):
            found.add(token)
    return found


def _heads(tokens: Sequence[str]) -> set[str]:
    """Return the words in the heads of functions, but for those that are defaults alone."""
    found: set[str] = set()
    for word in ("def", "lambda"):
        for head in _after(tokens, word):
            pairs = zip(("", *head), head, strict=False)
            found.update([token.rstrip("=") for before, token in pairs if before[-1:] != "="])
    return found


def _after(tokens: Sequence[str], word: str) -> Iterator[Sequence[str]]:
    """Yield what stands between each occurrence of a word and the next colon."""
    place = -1
    with contextlib.suppress(ValueError):
        while True:
            place = tokens.index(word, place + 1)
            yield tokens[place + 1 : tokens.index(":", place)]
