"""Replies as models really write them: what each stands for, and the prose beside it."""

from __future__ import annotations

import ast
import contextlib
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import evaluators.parser as parser
from evaluators.parser import Refused
from evaluators.program import read
from funsearch import reply
from funsearch.extraction import Wanted, extract
from problems.cap_set import problem

WANTED = Wanted.of(problem)
GOOD = """\
def priority_v2(el: tuple[int, ...], n: int) -> float:
    \"\"\"Improved version of `priority_v1`.\"\"\"
    total = 0.0
    for i, x in enumerate(el):
        total += x * (i + 1)
    return total - n
"""
BODY = GOOD.partition("\n")[2]
PROGRAM = read(GOOD, "priority_v2").source.replace("priority_v2", "priority")
OLD = "def priority_v{}(el: tuple[int, ...], n: int) -> float:\n    return {}.0\n\n\n"
PREFACE = "import collections\nimport functools\nimport math\n\nimport numpy as np\n\n\n"
METHOD = textwrap.indent(GOOD.replace("priority_v2(", "priority(self, "), "    ")

SAME = {
    # Markers that a server left in the text.
    "end of a chat's turn": f"{BODY.rstrip()}<|im_end|>",
    "end of text, and another document": f"{BODY}<|endoftext|>#!/usr/bin/env python\nimport os\n",
    "repeated end": f"{GOOD}<|EOT|>\n<|EOT|>\n<|EOT|>\n",
    "end of a sentence": f"{GOOD.rstrip()}<｜end▁of▁sentence｜>",
    "end in old style": f"{GOOD.rstrip()}</s>",
    "end without bars": f"{BODY.rstrip()} <EOT>",
    "end of fill-in": f"{BODY}<fim_suffix>\n",
    "another file": f"{BODY}<|file_sep|>test_priority.py\ndef priority_v3(el, n):\n    return 0\n",
    "turn of an assistant": f"<|im_start|>assistant\n```python\n{GOOD}```<|im_end|>",
    "end of an instruction": f" [/INST] ```python\n{GOOD}```",
    "beginning of text": f"<s> {GOOD}",
    # Thoughts.
    "thoughts": f"<think>\n```python\n{OLD.format(3, 1)}```\n</think>\n```python\n{GOOD}```",
    "thoughts begun in the prompt": f"Let me see. def priority_v9(el, n): no.\n</think>\n\n{GOOD}",
    "stray end of thoughts": f"```python\n{GOOD}```\n</think>\n</think>\nThat is it.",
    "thoughts after the answer": f"```python\n{GOOD}```\n<think>\nIs that right? I",
    "channels": f"<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final"
    f"<|message|>```python\n{GOOD}```<|return|>",
    # Fences.
    "fence after prose": f"Sure! Here it is: ```python\n{GOOD}```\nEnjoy.",
    "fence that ends behind the code": f"```python\n{GOOD.rstrip()}```\nEnjoy.",
    "only the end of a fence": f"{BODY}```\n\nThis version weighs each place.",
    "fence in a fence": f"```markdown\n# Answer\n```python\n{GOOD}```\n```\n",
    "fence in a longer fence": f"````markdown\nText.\n```python\n{GOOD}```\n````\n",
    "indented fence": "* So:\n\n" + textwrap.indent(f"```python\n{GOOD}```\n", "      "),
    "fence of another language": f"```text\nscore = 1\n```\n```python\n{GOOD}```\n```bash\nls\n```",
    "upper case": f"```Python\n{GOOD}```",
    "fence with a name": f'```python title="priority.py"\n{GOOD}```',
    "two fences": f"First:\n```python\n{OLD.format(1, 7)}```\nBetter:\n```python\n{GOOD}```",
    "fence that never ends, then prose": f"```python\n{GOOD}\nThis is better: it isn't flat.",
    # Several functions, other names and other wraps.
    "prompt repeated first": PREFACE + OLD.format(0, 0) + OLD.format(1, 1) + GOOD,
    "prompt repeated, then the plain name": PREFACE
    + OLD.format(0, 0)
    + OLD.format(1, 1)
    + GOOD.replace("priority_v2", "priority"),
    "next version half written": GOOD + "\n\ndef priority_v3(el: tuple[int, ...], n: int) ->",
    "tests": GOOD + '\n\nif __name__ == "__main__":\n    print(priority_v2((0, 1), 2))\n',
    "call and output": GOOD + "\nprint(priority_v2((1, 2), 2))  # 3.0\n",
    "wrong name": GOOD.replace("priority_v2", "improved_priority"),
    "class": f"class Solution:\n{METHOD}",
    "static method": "class Solution:\n    @staticmethod\n" + textwrap.indent(GOOD, "    "),
    "imports that are not there": "import torch\nfrom typing import List, Tuple\n" + GOOD,
    "hints that are not there": GOOD.replace("tuple[int, ...]", "Tuple[int]").replace(
        "total = 0.0", "total: torch.Tensor = 0.0"
    ),
    "decorator": "@njit(cache=True)\n" + GOOD,
    # Characters.
    "line ends of DOS": GOOD.replace("\n", "\r\n"),
    "tabs": GOOD.replace("    ", "\t"),
    "byte order mark": "\ufeff" + GOOD,
    "blanks that do not break": GOOD.replace("    ", "\u00a0\u00a0\u00a0\u00a0"),
    "no width": GOOD.replace("total", "to\u200btal"),
    "typeset minus": GOOD.replace("total - n", "total \u2212 n"),
    "typeset quotes": GOOD.replace('"""', "\u201d\u201d\u201d"),
    "comment in another script": GOOD.replace("= 0.0", "= 0.0  # 初期値"),
    # Changes.
    "diff of a new function": "```diff\n@@ -0,0 +1,6 @@\n" + textwrap.indent(GOOD, "+") + "```",
    "diff against nothing": "--- /dev/null\n+++ b/p.py\n@@ -0,0 +1,6 @@\n"
    + textwrap.indent(GOOD, "+"),
    "search and replace": f"<<<<<<< SEARCH\n{OLD.format(1, 1)}=======\n{GOOD}>>>>>>> REPLACE\n",
    "session": "```\n>>> "
    + GOOD.replace("\n    ", "\n...     ").rstrip()
    + "\n...\n>>> priority_v2((0,), 1)\n-1.0\n```",
}


@pytest.mark.parametrize("name", SAME)
def test_reply_stands_for_the_program(name: str) -> None:
    assert extract(SAME[name], WANTED).program.source == PROGRAM


def test_a_lambda_expression_with_a_name_is_a_function() -> None:
    found = extract("```python\npriority_v2 = lambda el, n: sum(el) - n\n```", WANTED)
    assert found.program.source == "def priority(el, n):\n    return sum(el) - n"


def test_methods_that_need_each_other_move_together() -> None:
    text = (
        "class Better:\n"
        "    def weight(self, x):\n        return x * 2\n\n"
        "    def priority(self, el, n):\n"
        "        return self.weight(el[0]) + (self.priority(el[1:], n - 1) if n else 0)\n"
    )
    source = extract(text, WANTED).program.source
    assert "def weight(x):" in source
    assert "return weight(el[0]) + (priority(el[1:], n - 1) if n else 0)" in source


REFUSED = {
    "thoughts that never end": (f"<think>\n```python\n{GOOD}```\nBut wait", "within its thoughts"),
    "only a marker": ("<|im_end|>", "empty"),
    "change of two lines": (
        "```diff\n@@ -3,2 +3,2 @@\n-    return 1.0\n+    return 2.0\n```",
        "write the whole function",
    ),
    "change without a head": (
        "```diff\n-    return 1.0\n+    return 2.0\n```",
        "write the whole function",
    ),
    "search and replace of a line": (
        "<<<<<<< SEARCH\n    return 1\n=======\n    return 2\n>>>>>>> REPLACE",
        "write the whole function",
    ),
    "method that needs its object": (
        "class A:\n    def priority(self, el, n):\n        return self.k * n\n",
        "no function priority",
    ),
    "half a body": ("    total = 0.0\n    for i, x in enum", "no function priority"),
    "wrong signature": (
        "def priority_v2(vectors):\n    return 1\n",
        r"priority_v2 does not take the arguments \(el, n\)",
    ),
    "promise": ("I'd be happy to help! Could you share more of the code?", "no function priority"),
    "another language": (
        "```javascript\nfunction priority(el, n) {\n  return el[0];\n}\n```",
        "no function priority",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_reply_without_a_program_is_refused_with_a_reason(name: str) -> None:
    text, reason = REFUSED[name]
    with pytest.raises(Refused, match=reason):
        extract(text, WANTED)


def test_what_was_cut_at_a_marker_is_noted() -> None:
    assert "cut at <|im_end|>" in extract(f"{BODY.rstrip()}<|im_end|>", WANTED).notes


# Prose

RATIONALES = {
    "before": (f"It weighs places.\n\n```python\n{GOOD}```", "It weighs places."),
    "around": (f"One.\n```python\n{GOOD}```\nTwo.", "One.\nTwo."),
    "no fence": (f"It weighs places.\n\n{PREFACE}{GOOD}", "It weighs places."),
    "thoughts": (f"<think>Secret.</think>\nIt weighs.\n```python\n{GOOD}```", "It weighs."),
    "function": (GOOD, ""),
    "body": (BODY, ""),
    "body, then a function": (BODY + "\n\n" + OLD.format(3, 1), ""),
    "constants": ("TABLE = [1]\n" + GOOD, ""),
    "prose alone": ("I cannot.", ""),
    "nothing": ("", ""),
}


@pytest.mark.parametrize("name", RATIONALES)
def test_prose_is_kept_apart_from_code(name: str) -> None:
    text, prose = RATIONALES[name]
    assert reply.rationale(text) == prose


def test_prose_is_cut() -> None:
    long = reply.rationale("word " * 10_000 + f"\n```python\n{GOOD}```")
    assert len(long) == reply.MAX_RATIONALE
    assert long.endswith("…")


# Any text at all

PIECES = [
    *(
        "```",
        "```python\n",
        "~~~",
        "````",
        "\n",
        "    ",
        "\t",
        "\r\n",
        ">>> ",
        "... ",
        "\u00a0",
        "“",
    ),
    *("<think>", "</think>", "<|im_end|>", "</s>", "[/INST]", "<|channel|>final<|message|>"),
    *("@@ -1 +1 @@\n", "+", "-", "<<<<<<< SEARCH\n", "=======\n", ">>>>>>> REPLACE\n", "diff\n"),
    *("def priority_v2(el, n):\n", "    return n\n", "class A:\n", "self, ", "lambda el, n: n"),
    *("import os\n", "x = 1\n", "(", "'''", "\\", "\x00", "\ud800", "Some words.\n", "priority = "),
]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=200))
def test_any_text_is_a_program_or_refused_and_has_some_prose_or_none(text: str) -> None:
    assert len(reply.rationale(text)) <= reply.MAX_RATIONALE
    try:
        program = extract(text, WANTED).program
    except Refused:
        return
    assert read(program.source, "priority") == program


def work(text: str) -> int:
    """Return how many characters the parser reads of a reply."""
    read_by_it = 0

    def counting(piece: str) -> ast.Module:
        nonlocal read_by_it
        read_by_it += len(piece) if len(piece) <= parser.MAX_CHARACTERS else 0
        return parser.parse(piece)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("funsearch.extraction.parse", counting)
        with contextlib.suppress(Refused):
            extract(text, WANTED)
    return read_by_it


@pytest.mark.parametrize(
    "piece",
    [
        "```python\nx = 1\n",
        "x = \u201c1\u201d\n",
        "try:\n",
        "def priority_v2(el, n):\n",
        "@@ -1 +1 @@\n+x = (\n",
        "<think>",
        "</think>\n",
        '"""',
        ">>> x = (\n",
        "<|im_start|>",
        " \n",
        "class A:\n  def f(self): (\n",
    ],
)
def test_garbage_is_read_in_work_proportional_to_its_length(piece: str) -> None:
    # Counted in characters that the parser reads; other steps pass over the text once each.
    text = piece * (reply.MAX_REPLY // len(piece))
    reply.rationale(text)
    assert work(text) < 10 * len(text)
