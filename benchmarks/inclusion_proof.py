"""Size and time of the proof that a record is in a large log; prints one JSON line.

python -m benchmarks.inclusion_proof [ENTRIES]

The log is woven at once, from entries like those of a run. The proof is made by a process that has
read nothing of the log, and checked by the outsider's verifier, the start of Python included.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from funsearch.archive import files, journal, log_writer, proofs
from funsearch.archive.log import LogReader
from funsearch.archive.records import Conditions, EvaluationRecord, GenerationRecord
from funsearch.archive.statement import encode
from funsearch.archive.tlog import proof
from funsearch.archive.tlog.merkle import leaf_hash
from funsearch.archive.tlog.note import Checkpoint, Signer
from funsearch.archive.weaver import Weaver

ENTRIES = 1_000_000
BATCH = 1024
ROUNDS = 5

_PROGRAM = "1" * 64
_NUMBER = 8_888_888


def entries(count: int) -> Iterator[bytes]:
    """Yield the two entries of each of many programs: generation and evaluation."""
    digest = "2" * 64
    generation = encode(
        GenerationRecord(
            program=_PROGRAM,
            rejected="",
            draw=_NUMBER,
            index=2,
            island=7,
            epoch=3,
            registrations=_NUMBER,
            parents=(digest, digest),
            prompt=digest,
            template=digest,
            reply=_PROGRAM,
            sampler="syntax",
            parameters={"operators": "wrap, constant"},
            sample_seed=2**63,
            finish="stop",
            seconds=0.0008210660016629845,
            time="1763881562.829",
        )
    )
    evaluation = encode(
        EvaluationRecord(
            generation=_NUMBER,
            program=_PROGRAM,
            status="ok",
            conditions=Conditions(digest, digest, digest),
            score=316.0,
            scores={"n=8": 316.0},
            tier="array",
            sandbox=("seccomp", "landlock", "namespaces", "user", "limits"),
            seconds=0.034364918,
            cpu_seconds=0.008067,
            certificates={"n=8": digest},
            registered=True,
            time="1763881563.451",
        )
    )
    for number in range(count):
        text = (generation, evaluation)[number % 2]
        program = b"%064x" % (number // 2)
        yield text.replace(_PROGRAM.encode(), program).replace(b"%d" % _NUMBER, b"%d" % number)


def build(run: Path, count: int) -> int:
    """Write a log of so many entries; return their bytes."""
    log_writer.create(run)
    signer = Signer.parse((run / files.PRIVATE_KEY).read_text())
    weaver = Weaver(run / files.LOG, 0)
    stream, size = entries(count), 0
    tail: list[bytes] = []
    while batch := list(islice(stream, BATCH)):
        weaver.add(batch, [leaf_hash(entry) for entry in batch])
        size += sum(map(len, batch))
        tail = batch
    weaver.write_edge()
    rest = weaver.sync()
    assert rest == tail[len(tail) - len(rest) :]
    (run / files.JOURNAL).write_bytes(
        journal.beginning(weaver.durable, [journal.line_of(entry) for entry in rest])
    )
    body = Checkpoint(signer.verifier.name, count, weaver.root()).body
    (run / files.CHECKPOINT).write_text(f"{body}\n{signer.sign(body)}", encoding="utf-8")
    return size


def prove(run: Path, number: int, folder: Path) -> tuple[Path, float]:
    """Write the proof of an entry; return its file, and the seconds that making it took."""
    start = time.perf_counter()
    log = LogReader(run)
    text = (run / files.CHECKPOINT).read_text(encoding="utf-8")
    record = log.entry(number)
    made = proof.prove_inclusion(number, log.tree.size, log.tree.subtree, text).text
    seconds = time.perf_counter() - start
    path = folder / f"record-{number}{proof.SUFFIX}"
    path.write_text(made, encoding="utf-8")
    path.with_suffix(".json").write_bytes(record)
    (folder / proofs.KEY).write_text(f"{log.verifier.text}\n")
    (folder / proofs.SCRIPT).write_bytes(proofs.script())
    return path, seconds


def check(path: Path) -> float:
    """Check a proof as an outsider does; return the seconds that took."""
    start = time.perf_counter()
    found = subprocess.run(
        [sys.executable, "-I", "-S", path.with_name(proofs.SCRIPT), path],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - start
    assert found.stdout.splitlines()[-1].startswith("valid: record ")
    return seconds


def main() -> None:
    """Measure, and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES
    with tempfile.TemporaryDirectory() as name:
        run, folder = Path(name) / "run", Path(name) / "proof"
        run.mkdir()
        folder.mkdir()
        start = time.perf_counter()
        size = build(run, count)
        built = time.perf_counter() - start
        made = [prove(run, number, folder) for number in (0, count // 3, count - 1)]
        paths = [path for path, _ in made]
        checks = [check(paths[1]) for _ in range(ROUNDS)]
        result = {
            "benchmark": "inclusion_proof",
            "entries": count,
            "bytes_per_entry": round(size / count),
            "build_seconds": round(built, 1),
            "proof_bytes": max(path.stat().st_size for path in paths),
            "check_seconds": round(statistics.median(checks), 3),
            "prove_seconds": round(statistics.median(seconds for _, seconds in made), 4),
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
