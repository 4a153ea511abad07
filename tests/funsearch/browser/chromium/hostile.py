"""A run whose every text that others can write tries to become markup, script or a request."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from funsearch.archive.archive import Archive
from funsearch.archive.records import EvaluationRecord, Finding
from tests.funsearch.archive.conftest import PACKAGES, Make, digest

STRINGS = (
    "<script>window.hacked = 1</script>",
    "</script><script>window.hacked = 2</script>",
    "<img src=x onerror='window.hacked = 3'>",
    '"><svg onload=window.hacked=4>',
    "' autofocus onfocus='window.hacked = 5",
    "javascript:window.hacked=6",
    "<a href='javascript:window.hacked=7'>here</a>",
    "<iframe srcdoc='<script>top.hacked = 8</script>'></iframe>",
    "<style>* { display: none }</style>",
    "<base href='http://127.0.0.1:9/'>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "<form action='http://127.0.0.1:9/'><button>go</button></form>",
    "<link rel=stylesheet href='http://127.0.0.1:9/x.css'>",
    "<div hx-get='/' hx-trigger='load' hx-on:load='window.hacked = 14'>x</div>",
    "{{ 7 * 191 }}{% raw %}${7 * 191}",
    "]]><!--<textarea><title><plaintext>",
    "&lt;script&gt;window.hacked = 17&lt;/script&gt;&#x3c;b&#x3e;",
    "data:text/html,<script>window.hacked = 18</script>",
    "\u202egnp.exe\u2066\u200f \x1b]0;title\x07 \x00 \u2028",
    "../../../../etc/passwd?a=b&c=d#%2e%2e%00",
)
NAME = "run <b onclick='window.hacked = 21'> & \"co\""
"""Of the folder: whoever hands on an archive chooses it."""


class _Hostile(Make):
    config = "".join(
        [
            "problem:\n  name: cap_set\n",
            "metric:\n",
            f"  name: {json.dumps(STRINGS[0])}\n",
            f"  unit: {json.dumps(STRINGS[2])}\n",
            "  direction: max\n",
            "  best_known: 9.0\n",
        ]
    )

    def source(self, name: object) -> bytes:
        return f"def priority(el, n):\n    return {name!r}\n".encode("utf-8", "backslashreplace")


def write(folder: Path) -> list[str]:
    """Write the run; return the ids of its programs, one a string, in order."""
    make = _Hostile()
    with Archive.create(folder, make.config) as archive:
        config = digest(make.config)
        archive.append(make.run(config=config, log=archive.verifier), [PACKAGES])
        start = archive.append(make.seed(), [make.source(0)]).number
        archive.append(make.evaluation(start, 0, 1.0))
        for index, text in enumerate(STRINGS):
            _attempt(archive, make, index, text)
        archive.append(make.run(event="finished", reason=STRINGS[0], config=config), [PACKAGES])
    return [digest(make.source(text)) for text in STRINGS]


def _attempt(archive: Archive, make: Make, index: int, text: str) -> None:
    """Append all kinds of records about a program, each with the text wherever one fits."""
    draw = 2 * index + 1
    parents = [0] if index == 0 else [0, STRINGS[index - 1]]
    prompt = f"{text}\ndef priority_v0(el, n):\n    {text}\n".encode()
    reply = f"{text}\n```python\n{text}\n```\n{text}".encode()
    words = {
        "sampler": text,
        "model": text,
        "served": text,
        "parameters": {text: text},
        "finish": text,
        "notes": (text,),
        "prompt": digest(prompt.decode()),
        "reply": digest(reply.decode()),
        "island": index % 3,
    }
    made = make.generation(text, parents, draw, **words)
    number = archive.append(made, [make.source(text), prompt, reply]).number
    score = None if index % 4 == 3 else 2.0 + index
    scores = {} if score is None else {text: score}
    verdict = make.evaluation(number, text, score, reason=text, scores=scores)
    evaluation = archive.append(verdict).number
    if score is not None:
        finding = Finding(text, held_out=True, status="ok", score=score, reason=text, checked=text)
        verification = make.verification(text, evaluation, findings=(finding,))
        archive.append(replace(verification, agreed=index % 2 == 0))
    refused = f"{text} refused".encode()
    rejected = make.generation(
        text,
        parents,
        draw + 1,
        **words | {"program": None, "rejected": text, "reply": digest(refused.decode())},
    )
    number = archive.append(rejected, [prompt, refused]).number
    archive.append(
        EvaluationRecord(
            number, None, "rejected", make.conditions, digest(refused.decode()), reason=text
        )
    )
    archive.append(make.outage(draw, sampler=text, model=text, reason=text))
    archive.append(make.retraction(evaluation, reason=text, by=text))
