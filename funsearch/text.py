"""Hostile text made fit for a terminal: nothing in it can move the cursor or reorder a line."""

from __future__ import annotations

from collections.abc import Collection

from evaluators.verdict import Flag

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def one_line(text: str, most: int = 200) -> str:
    """Return a text as one line of printable characters, cut after `most` of them.

    Control characters, terminal escapes, bidirectional marks and lone surrogates become
    backslash escapes.
    """
    safe = "".join(map(_safe, text[: most + 1]))
    return safe if len(safe) <= most else safe[: most - 1] + "…"


def block(text: str) -> str:
    """Return a text of several lines with everything but line ends and tabs made printable."""
    return "\n".join(
        "".join(c if c == "\t" else _safe(c) for c in line) for line in text.split("\n")
    )


def _safe(character: str) -> str:
    if character.isprintable():
        return character
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


def number(value: float | None) -> str:
    """Return a score for people: whole numbers without a point, others to ten digits."""
    return "–" if value is None else format(value, ".10g")


def scored(value: float | None, flags: Collection[str]) -> str:
    """Return a score for people, with a mark if no other run could confirm it."""
    return f"{number(value)} (unconfirmed)" if Flag.UNCONFIRMED in flags else number(value)


def duration(seconds: float) -> str:
    """Return a time span such as `48 s`, `12:05` or `3:07:30`."""
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
