"""What a reply says: its answer without thoughts and markers, its code blocks, its prose.

All of it is one pass over the text for each step, whatever the text is.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from evaluators.parser import Refused

MAX_REPLY = 262_144
"""Characters of a reply that are looked at."""
MAX_RATIONALE = 2_000
"""Characters of the prose that are shown."""
_MAX_DEPTH = 3
"""How deep blocks may stand in blocks."""

# A token of a chat's format that the server left in the text: not Python, whatever is in it.
_MARKER = (
    r"(?:<[|｜][^<>|｜\s]{1,40}[|｜]>|</s>|<</?SYS>>|\[/INST\]"
    r"|<(?:EOT|eos|end_of_turn|start_of_turn|fim_(?:prefix|middle|suffix|pad))>(?=[ \t]*$))"
)
_STOP = re.compile(_MARKER, re.M)
_LEADING = re.compile(
    rf"\A(?:\s*+(?:{_MARKER}|<(?:s|bos|start_of_turn)>)(?:[ \t]*(?:assistant|model)\b)?)+", re.M
)
_THOUGHT = re.compile(
    r"(?P<begins><(?:think|thinking|thought|reasoning)>|\[THINK\]|◁think▷"
    r"|<\|channel\|>analysis<\|message\|>)"
    r"|</(?:think|thinking|thought|reasoning)>|\[/THINK\]|◁/think▷"
    r"|<\|channel\|>final<\|message\|>"
)
_FENCE = re.compile(r"[ \t]*+(`{3,}+|~{3,}+)[ \t]*+(.*+)")
_LANGUAGE = re.compile(r"[\w+#.{}=-]+[ \t]*")
_OPENS_AFTER_PROSE = re.compile(r"[^`\n]++(`{3,}+)(?:python3?|py)[ \t]*+", re.I)
_DIFF_HEADERS = ("@@", "---", "+++", "diff --git", "index ", "\\ No newline")
_DEFINES = re.compile(r"[ \t]*+(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(")
_BELONGS_TO_CODE = re.compile(r"import \w|from \S+ import |@\w|#|\w+ *(?::[^=]*)?=[^=]")

_INVISIBLE = {
    **dict.fromkeys(map(ord, "\u00a0\u1680\u202f\u205f\u3000"), " "),
    **dict.fromkeys(range(0x2000, 0x200B), " "),
    **dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff")),
}
"""Blanks that Python takes for errors, and characters that nobody sees."""


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        language: as its fence says, in lower case; empty if it says nothing.
        text: dedented.
    """

    language: str
    text: str


def answers(text: str, notes: list[str]) -> list[str]:
    """Return what a reply may mean as its answer, most likely first.

    That is what follows its thoughts. An end of thoughts that nothing began may also stand behind
    the answer; where thoughts do not end, what came before them is the answer.

    Args:
        text: raw.
        notes: to be told what was cut.

    Raises:
        Refused: there is no answer.
    """
    if len(text) > MAX_REPLY:
        notes.append(f"cut after {MAX_REPLY} of {len(text)} characters")
        text = text[:MAX_REPLY]
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_INVISIBLE)
    marks = list(_THOUGHT.finditer(text))
    found = [text]
    if marks and marks[-1]["begins"]:
        ends = [mark.end() for mark in marks if not mark["begins"]]
        after = ends[-1] if ends else 0
        first = next(m for m in marks if m["begins"] and m.start() >= after)
        found = [text[after : first.start()]]
        if not found[0].strip():
            raise Refused("the reply ends within its thoughts; answer sooner, or allow more tokens")
    elif marks:
        found = [text[marks[-1].end() :]]
        if not any(mark["begins"] for mark in marks):
            found.append(text[: marks[0].start()])
    found = [each for each in (_until_stop(each, notes) for each in found) if each.strip()]
    if not found:
        raise Refused("the reply is empty")
    return found


def _until_stop(text: str, notes: list[str]) -> str:
    if leading := _LEADING.match(text):
        text = text[leading.end() :]
    if stop := _STOP.search(text):
        notes.append(f"cut at {stop[0]}")
        return text[: stop.start()]
    return text


def blocks(text: str, depth: int = 0) -> tuple[list[Block], str]:
    """Return the fenced blocks of an answer, and the text around them.

    A block ends at a line that begins or ends with its marks, where another one begins, or with
    the text. A block in a block counts alone.
    """
    found: list[tuple[str, list[str]]] = []
    outside: list[str] = []
    marks = ""
    for line in text.split("\n"):
        fence = _FENCE.match(line)
        if (fence and not marks) or (fence and _begins_another(fence, marks)):
            marks, rest = fence[1], fence[2]
            whole = rest.rstrip().endswith(marks)  # it ends on the line where it begins
            language, _, code = rest.partition(" ") if whole else (rest, "", "")
            found.append((language, [code.rstrip(" `~")] if whole else []))
            marks = "" if whole else marks
        elif marks and fence and fence[1].startswith(marks):
            marks = ""
        elif marks:
            ended = line.rstrip().endswith(marks)
            found[-1][1].append(line.rstrip(" \t`~") if ended else line)
            marks = "" if ended else marks
        elif opening := _OPENS_AFTER_PROSE.fullmatch(line):
            marks = opening[1]
            outside.append(line[: opening.start(1)])
            found.append(("python", []))
        else:
            outside.append(line)
    result: list[Block] = []
    for language, lines in found:
        content = "\n".join(lines) + "\n"
        inner = blocks(content, depth + 1)[0] if depth < _MAX_DEPTH and _holds_one(lines) else []
        word = language.strip().partition(" ")[0].lower()
        result += inner or [Block(word, textwrap.dedent(content))]
    return result, "\n".join(outside)


def _begins_another(fence: re.Match[str], marks: str) -> bool:
    """Whether a line in a block begins the next one; what only ends one names no language."""
    return fence[1].startswith(marks) and _LANGUAGE.fullmatch(fence[2]) is not None


def _holds_one(lines: list[str]) -> bool:
    return any((fence := _FENCE.match(line)) and fence[2] for line in lines)


def new_side(text: str, *, marked: bool = False) -> str | None:
    """Return what a change makes of the lines it names; None if the text is no change.

    Args:
        text: perhaps a unified diff, or blocks of what to search and what to put there.
        marked: whether it is said to be a diff.
    """
    lines = text.split("\n")
    if any(line.startswith("<<<<<<<") for line in lines):
        return _replacements(lines)
    hunks = sum(line.startswith("@@") for line in lines)
    if not hunks and not (marked and any(line[:1] in ("+", "-") for line in lines)):
        return None
    kept = [line for line in lines if not line.startswith(("-", *_DIFF_HEADERS))]
    new = "\n".join(line[1:] if line[:1] in ("+", " ") else line for line in kept)
    return textwrap.dedent(new) if hunks <= 1 else ""


def _replacements(lines: list[str]) -> str:
    kept: list[str] = []
    replacing = False
    for line in lines:
        if line.startswith("======="):
            replacing = True
        elif line.startswith((">>>>>>>", "<<<<<<<")):
            replacing = False
        elif replacing:
            kept.append(line)
    return "\n".join(kept)


def rationale(text: str) -> str:
    """Return what a reply says beside its code, cut; empty if it says nothing, or holds no code.

    It is a model's text, unverified: to be escaped wherever it is shown, and for people alone.
    """
    try:
        answer = answers(text, [])[0]
    except Refused:
        return ""
    fenced, outside = blocks(answer)
    prose = outside if fenced else _before_code(answer)
    prose = re.sub(r"\n{3,}", "\n\n", prose).strip()
    return prose if len(prose) <= MAX_RATIONALE else prose[: MAX_RATIONALE - 1] + "…"


def _before_code(text: str) -> str:
    lines = text.split("\n")
    code = next((number for number, line in enumerate(lines) if _DEFINES.match(line)), 0)
    before = lines[:code]
    if any(line.startswith(("    ", "\t")) for line in before):
        return ""  # the rest of a function comes first
    return "\n".join(line for line in before if not _BELONGS_TO_CODE.match(line))
