"""Text that came out of a sandbox, cut to size and made harmless to store and to show."""

from __future__ import annotations

from evaluators.verdict import REASON_BYTES


def clean(text: str, limit: int = REASON_BYTES) -> str:
    """Return the text on one line, without control characters, in at most `limit` UTF-8 bytes.

    Whitespace becomes a space; what Unicode calls not printable (control, format and bidirectional
    marks, lone surrogates, private use) becomes U+FFFD. What is left may still look like markup:
    escape it where it is shown.
    """
    # A character has at least one byte, so nothing beyond `limit` characters can be kept.
    kept = [
        character if character.isprintable() else " " if character.isspace() else "\ufffd"
        for character in text[:limit]
    ]
    return "".join(kept).encode()[:limit].decode(errors="ignore").strip()


def decode(data: bytes) -> str:
    """Return `clean` of bytes that claim to be UTF-8."""
    return clean(data[:REASON_BYTES].decode(errors="replace"))
