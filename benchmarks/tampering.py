"""Random tampering with a run's folder: what `funsearch archive verify` finds, and what it names.

    python -m benchmarks.tampering [EDITS] [SEED]

A real search in three sessions is spoilt in so many ways (default 1,000), each on a fresh copy.
What is altered is found out without the verifier: a tampering that it passes counts as missed,
unless records, objects, checkpoints, configuration and the answers of queries are all as before.
Prints one JSON line; what was missed or named wrongly goes to standard error.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.tamper import sound, truth
from benchmarks.tamper.edits import EDITS
from benchmarks.tamper.sound import Sound
from benchmarks.tamper.truth import Content
from funsearch.archive import log
from funsearch.archive.errors import ArchiveError
from funsearch.archive.examination.examine import examine
from funsearch.archive.examination.report import Flaw
from funsearch.archive.tlog.witness import Refused, Witness

_RIGHT = ("first_bad_record", "range_with_it", "no_record_bad", "other_key")


@dataclass
class Tally:
    """What became of the tamperings."""

    found: Counter[str] = field(default_factory=Counter[str])
    kinds: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    named: Counter[str] = field(default_factory=Counter[str])

    def count(self, kind: str, result: str) -> None:
        self.found[result] += 1
        self.kinds.setdefault(kind, Counter())[result] += 1


def first_flaw(folder: Path) -> Flaw | None:
    """Return the first flaw that the verifier finds."""
    try:
        return examine(folder).first
    except ArchiveError as error:
        return Flaw("", str(error))


def naming(flaw: Flaw, bad: int | None, *, other_key: bool) -> str:
    """Say how well a flaw names what is bad."""
    if other_key and flaw.file == "log/vkey":
        return "other_key"
    if bad is None:
        return "no_record_bad" if flaw.record is None else "record_blamed_for_a_file"
    if flaw.record is None:
        return "file_blamed_for_a_record"
    if flaw.record == bad and flaw.until is None:
        return "first_bad_record"
    return "range_with_it" if flaw.record <= bad <= (flaw.until or -1) else "other_record"


class Bench:
    """One archive, spoilt again and again."""

    def __init__(self, base: Path, made: Sound) -> None:
        self._base = base
        self._sound = made
        self._content: Content = truth.content(made.folder)
        self._answers = truth.answers(made.folder, base / "spare")
        self.tally = Tally()

    @property
    def records(self) -> int:
        return len(self._content.entries)

    def spoil(self, random: Random) -> None:
        """Spoil a copy in one way, and see what is found."""
        copy = self._base / "copy"
        while True:
            shutil.rmtree(copy, ignore_errors=True)
            subprocess.run(["cp", "-a", "--reflink=auto", self._sound.folder, copy], check=True)
            (edit,) = random.choices([e for _, e in EDITS], [weight for weight, _ in EDITS])
            file = edit(copy, random, self._sound)
            if file is not None and _differs(copy, self._sound.folder):
                break
        kind = edit.__name__
        after = truth.content(copy, self._content.objects)
        flaw = first_flaw(copy)
        if flaw is not None:
            self.tally.count(kind, "detected")
            bad = truth.first_bad(self._content, after)
            other_key = after.texts["log/vkey"] != self._content.texts["log/vkey"]
            how = naming(flaw, bad, other_key=other_key)
            self.tally.named[how] += 1
            if how not in _RIGHT:
                _tell(f"{kind} of {file}: {how}: record {bad} is the first bad one, said: {flaw}")
            return
        altered = truth.altered(self._content, after)
        if not altered:
            answers = truth.answers(copy, self._base / "spare")
            keys = {*answers, *self._answers}
            altered = sorted(k for k in keys if answers.get(k) != self._answers.get(k))
        self.tally.count(kind, "missed" if altered else "altered_nothing")
        if altered:
            _tell(f"{kind} of {file} was missed: {', '.join(altered)}")


def _differs(one: Path, other: Path) -> bool:
    def contents(folder: Path) -> dict[str, bytes]:
        return {
            str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()
        }

    return contents(one) != contents(other)


def rolled_back(made: Sound) -> dict[str, str]:
    """Roll the whole folder back, and say who notices."""
    older = made.older[-1]
    alone = examine(older).first
    with_later = examine(older, [str(made.folder / "log/checkpoint")]).first
    try:
        Witness(made.witness).look(log.fetcher(older), "the run", int(time.time()))
        refused = False
    except Refused:
        refused = True
    return {
        "alone": "detected" if alone else "undetected, as is to be expected",
        "with_a_later_checkpoint": "detected" if with_later else "MISSED",
        "by_the_witness": "detected" if refused else "MISSED",
    }


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> None:
    """Spoil, verify, count and print."""
    edits = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    random = Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    with tempfile.TemporaryDirectory() as name:
        made = sound.make(Path(name))
        for folder in (made.folder, made.later, *made.older):
            assert first_flaw(folder) is None, first_flaw(folder)
        bench = Bench(Path(name), made)
        start = time.monotonic()
        for _ in range(edits):
            bench.spoil(random)
        seconds = time.monotonic() - start
        rollback = rolled_back(made)
    tally = bench.tally
    print(
        json.dumps(
            {
                "benchmark": "tampering",
                "records": bench.records,
                "edits": edits,
                **{key: tally.found[key] for key in ("detected", "altered_nothing", "missed")},
                "named": dict(sorted(tally.named.items())),
                "kinds": {kind: dict(found) for kind, found in sorted(tally.kinds.items())},
                "whole_folder_rolled_back": rollback,
                "seconds": round(seconds),
                "goal": {"missed": 0},
            }
        )
    )


if __name__ == "__main__":
    main()
