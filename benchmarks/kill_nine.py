"""Kills a search with SIGKILL at ten random moments and resumes it each time.

Counts what was acknowledged before each kill and is there afterwards, looks for processes that
outlive their run, and at the end makes every draw of the log again. Prints one JSON line.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import funsearch
from funsearch.archive.archive import Archive
from funsearch.archive.records import EvaluationRecord, GenerationRecord

KILLS = 10
EXTRA_SAMPLES = 100
"""Samples of the last session, which ends by itself."""


def descendants(pid: int) -> set[int]:
    """Return the processes below a process."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found: set[int] = set()
    pending = [pid]
    while pending:
        for child in children.get(pending.pop(), []):
            found.add(child)
            pending.append(child)
    return found


def alive(pids: set[int]) -> set[int]:
    """Return those that still run."""
    result: set[int] = set()
    for pid in pids:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                result.add(pid)
        except OSError:
            continue
    return result


def whole_lines(journal: Path) -> list[bytes]:
    """Return the complete lines of a journal: at least everything that was acknowledged."""
    return journal.read_bytes().splitlines(keepends=True) if journal.is_file() else []


def session(folder: Path, moment: float) -> tuple[int, int, set[int]]:
    """Run or resume, kill after some seconds of search; return lines before, lost, left over."""
    command = ["resume", str(folder)] if folder.exists() else ["run", f"run.dir={folder}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "funsearch", *command, "run.seconds=100000"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    journal = folder / "log" / "journal"
    began = len(whole_lines(journal))
    while len(whole_lines(journal)) < began + 20:
        if process.poll() is not None:
            raise RuntimeError("the run ended by itself")
        time.sleep(0.01)
    time.sleep(moment)
    family = descendants(process.pid)
    # Complete lines may be ahead of what is acknowledged, never behind; the last may be torn.
    before = [line for line in whole_lines(journal) if line.endswith(b"\n")]
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 5
    while alive(family) and time.monotonic() < deadline:
        time.sleep(0.05)
    after = whole_lines(journal)
    lost = sum(a != b for a, b in zip(before, after, strict=False)) + max(
        0, len(before) - len(after)
    )
    return len(before), lost, alive(family)


def finish(folder: Path) -> dict[str, int]:
    """Let a last session end by itself; check the whole log."""
    with Archive.open(folder) as archive:
        made = sum(isinstance(r, GenerationRecord) for _, r in archive.records())
    limits = ["run.seconds=null", f"run.samples={made + EXTRA_SAMPLES}"]
    subprocess.run(
        [sys.executable, "-m", "funsearch", "resume", str(folder), *limits],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with Archive.open(folder) as archive:
        log = list(archive.records())
    replayed = funsearch.replay(folder)
    generations = {n for n, r in log if isinstance(r, GenerationRecord)}
    evaluated = [r.generation for _, r in log if isinstance(r, EvaluationRecord)]
    return {
        "records": len(log),
        "generations": len(generations),
        "without_exactly_one_evaluation": len(generations ^ set(evaluated))
        + len(evaluated)
        - len(set(evaluated)),
        "draws_made_again": replayed.draws,
        "differences_in_replay": int(replayed.difference is not None),
    }


def main() -> None:
    """Kill, resume, check and print."""
    moments = random.Random(9)
    lines = lost = left = 0
    os.environ.pop("FUNSEARCH_RUNS", None)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as base:
        folder = Path(base) / "run"
        for number in range(KILLS):
            there, gone, over = session(folder, moments.uniform(0.0, 3.0))
            lines, lost, left = there, lost + gone, left + len(over)
            sys.stderr.write(f"kill {number + 1}: {there} records, {gone} lost\n")
        result = finish(folder)
    print(
        json.dumps(
            {
                "benchmark": "kill_nine",
                "kills": KILLS,
                "records_at_last_kill": lines,
                "lost": lost,
                "processes_left": left,
                **result,
                "goal": {"lost": 0, "processes_left": 0, "without_exactly_one_evaluation": 0},
            }
        )
    )


if __name__ == "__main__":
    main()
