"""Archives to export: of a real small search, and of one who writes the worst into each text."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from funsearch import api
from funsearch.archive.archive import Archive
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord, Finding, RetractionRecord
from funsearch.export.selection import best_of, choose
from tests.funsearch.archive.conftest import PACKAGES, Make, digest

WORST = (
    '=HYPERLINK("http://example.org/"&A1,"here")',
    "+1\r\n-2",
    "@SUM(1)",
    '"quoted", with a\nline end',
    "\x1b[2J\x1b]0;title\x07",
    "</script><script>alert(1)</script>",
    "'already",
    "\N{FULLWIDTH EQUALS SIGN}1+1",
    "../../../etc/passwd",
    "\N{RIGHT-TO-LEFT OVERRIDE}txt.exe",
    "\0nul",
    "\tTab, \\ and %2e%2e/",
    "-rf ~",
    "~",
    ".",
    "{{ 7 * 7 }} $(id) `id`",
    "é" * 256,
)


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a real search, one ancestor of whose best program was retracted later."""
    folder = tmp_path_factory.mktemp("export") / "found"
    # Until it is better than its seed, which is 8.
    api.run("problem.n=3", "run.samples=2000", "run.target=9", f"run.dir={folder}")
    with Reader(folder) as reader:
        chosen = choose(reader, best_of(reader, "max"))
        number = chosen.lineage.steps[-1].program.evaluation
        assert number is not None
        assert isinstance(reader.record(number), EvaluationRecord)
        entry = hashlib.sha256(reader.log.entry(number)).hexdigest()
    with Archive.open(folder) as archive:
        archive.append(RetractionRecord(number, entry, "a slip", "me", "1763881599.25"))
    return folder


def certificate(instance: str) -> bytes:
    return f'{{"of":{instance!a}}}'.encode()


def wicked(folder: Path, texts: Sequence[str] = WORST) -> Path:
    """Make an archive that has these texts wherever a text can be."""
    make = Make()
    names = tuple(dict.fromkeys(texts))
    built = {name: certificate(name) for name in names}
    digests = {name: digest(data) for name, data in built.items()}
    with Archive.create(folder, make.config) as archive:
        record = make.run(problem=names[0], instances=names, reason=names[1])
        archive.append(record, [PACKAGES])
        archive.append(make.seed(), [make.source(0)])
        archive.append(make.evaluation(1, 0, 1.0, scores={"n=8": 1.0}))
        last = 0
        for draw, text in enumerate(names, 1):
            said = make.generation(
                draw,
                [last],
                draw,
                sampler=text,
                model=text,
                served=text,
                parameters={text: text, "n": -1, "flag": True, "none": None, "": ""},
                finish=text,
                notes=(text, text),
                prompt_tokens=3,
                completion_tokens=4,
                cost="0.25",
            )
            receipt = archive.append(said, [make.source(draw)])
            archive.append(make.evaluation(receipt.number, draw, None, reason=text, tier=text))
            # Rejected, and an `ok` that was found later: it counts.
            again = archive.append(said)
            archive.append(
                make.evaluation(
                    again.number,
                    draw,
                    float(draw),
                    scores=dict.fromkeys(names, -float(draw)),
                    certificates=digests,
                    reason=text,
                ),
                built.values(),
            )
            archive.append(
                make.generation(
                    0, [last], draw, program=None, rejected=text, reply=digest(text), finish=text
                ),
                [text.encode()],
            )
            outage = make.outage(draw, sampler=text, model=text, reason=text)
            archive.append(replace(outage, retry_seconds=draw / 2))
            last = draw
        findings = tuple(
            Finding(name, True, "ok", 1.0, None, name[:100], name[:100], digests[name])
            for name in names
        )
        archive.append(make.verification(last, 4, findings=findings))
        archive.flush()
        with Reader(folder) as reader:
            for number, text in enumerate(names, 1):
                entry = hashlib.sha256(reader.log.entry(number)).hexdigest()
                archive.append(make.retraction(number, entry=entry, reason=text, by=text))
    return folder


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wicked(tmp_path_factory.mktemp("export") / "hostile")
