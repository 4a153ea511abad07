"""A reply of an OpenAI-compatible server, read as what it is: hostile input of any shape."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import mktime_tz, parsedate_tz
from typing import Any, cast

from funsearch.prompts import Style
from funsearch.samplers.protocol import Unavailable, Usage

MAX_CHARACTERS = 256 << 10
"""Longest text of a sample; the rest is dropped, and `finish` says so."""
MAX_BODY_BYTES = 32 << 20
"""Largest reply that is read at all."""
_MAX_TOKENS = 1 << 53
_LONGEST_DELAY_S = 24 * 3600.0


class UnreadableError(Exception):
    """The reply is not one of this protocol; the message says how, in one line."""


@dataclass(frozen=True)
class Choice:
    """One answer: a text, or why there is none.

    Attributes:
        text: as received, but for lone surrogates, which no UTF-8 file can hold: U+FFFD.
        finish: why the model stopped, as the server put it; `cut at …` if the text was.
        error: empty, or why there is no text.
    """

    text: str = ""
    finish: str = ""
    error: str = ""


@dataclass(frozen=True)
class Reply:
    """What a request brought.

    Attributes:
        choices: at least one.
        answered: False where the one choice stands for a request that brought none.
        served: the model, as the server named it.
        usage: of the whole request.
        cost: of the whole request, in US dollars, where the server reports it, as OpenRouter does.
    """

    choices: tuple[Choice, ...]
    answered: bool = True
    served: str = ""
    usage: Usage = field(default_factory=Usage)
    cost: float | None = None


def nothing(error: str) -> Reply:
    """Return the reply that stands for a request which was answered without a choice."""
    return Reply((Choice(error=error),), answered=False)


def read(body: bytes, style: Style, most: int) -> Reply:
    """Read a reply with status 200.

    Args:
        body: as received.
        style: what was asked for.
        most: how many choices were asked for; more are dropped.

    Raises:
        UnreadableError: it is not a completion.
        Unavailable: it is an error message in disguise, as gateways send them.
    """
    try:
        reply: Any = json.loads(body)
    except (ValueError, RecursionError):
        kind = "HTML" if body.lstrip()[:1] == b"<" else "something"
        raise UnreadableError(f"answers {kind} that is not JSON") from None
    fields = _mapping(reply)
    choices = fields.get("choices")
    if not isinstance(choices, list):
        if fields.get("error"):
            raise Unavailable(f"reports an error: {one_line(message_of(reply))}")
        raise UnreadableError("answers JSON that is no completion")
    if not choices:
        return nothing("the reply holds no choice")
    usage = _mapping(fields.get("usage"))
    return Reply(
        tuple(_choice(choice, style) for choice in cast("list[Any]", choices)[:most]),
        served=one_line(_text(fields.get("model"))),
        usage=Usage(_tokens(usage.get("prompt_tokens")), _tokens(usage.get("completion_tokens"))),
        cost=_amount(usage.get("cost")),
    )


def message_of(body: object) -> str:
    """Return the message of an error reply, whatever its shape; hostile text."""
    fields = _mapping(body)
    error = fields.get("error", fields)
    for holder in (error, fields):
        if isinstance(holder, str):
            return holder
        message = _mapping(holder).get("message") or _mapping(holder).get("detail")
        if isinstance(message, str):
            return message
    return "" if body is None else str(body)


def kinds_of(body: object) -> set[str]:
    """Return what an error reply gives as its code and type."""
    error = _mapping(_mapping(body).get("error", body))
    return {value for value in (error.get("code"), error.get("type")) if isinstance(value, str)}


def one_line(text: str, most: int = 200) -> str:
    """Return hostile text as one printable line of at most `most` characters."""
    text = text[: 4 * most]
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds after which the server wants to be asked again, at most a day."""
    for header, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        try:
            seconds = float(headers[header]) * unit
        except (KeyError, ValueError):
            continue
        return min(max(seconds, 0.0), _LONGEST_DELAY_S) if math.isfinite(seconds) else None
    try:
        date = parsedate_tz(headers.get("retry-after", ""))
        seconds = mktime_tz(date) - time.time() if date else None
    except (ValueError, OverflowError):
        return None
    return None if seconds is None else min(max(seconds, 0.0), _LONGEST_DELAY_S)


def _choice(choice: object, style: Style) -> Choice:
    fields = _mapping(choice)
    finish = one_line(_text(fields.get("finish_reason")))
    message = _mapping(fields.get("message"))
    text = message.get("content") if style == "chat" else fields.get("text")
    if not isinstance(text, str) or not text:
        refusal = one_line(_text(message.get("refusal")))
        return Choice(
            finish=finish, error=f"refused: {refusal}" if refusal else "the choice is empty"
        )
    if len(text) > MAX_CHARACTERS:
        text, finish = text[:MAX_CHARACTERS], f"cut at {MAX_CHARACTERS} characters"
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return Choice(text, finish)


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _tokens(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < _MAX_TOKENS else None


def _amount(value: object) -> float | None:
    number = float(value) if type(value) is int and value < _MAX_TOKENS else value
    return number if type(number) is float and math.isfinite(number) and number >= 0 else None
