"""Whatever is done to a record, the first one that is not what was logged is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from funsearch.archive import files, journal, kept
from funsearch.archive.examination.examine import examine
from funsearch.archive.examination.tree import Suspicion, narrowest
from funsearch.archive.log import LogReader
from funsearch.archive.statement import decode, encode
from funsearch.archive.tlog import merkle, tiles
from funsearch.archive.tlog.tiles import tile_path
from tests.funsearch.archive.examination.support import (
    BUNDLE,
    bad,
    entries_of,
    rewrite,
)


def test_a_changed_byte_of_any_record_names_it(run: Path) -> None:
    whole = (run / BUNDLE).read_bytes()
    entries = entries_of(run, BUNDLE)
    for place in (0, 1, 100, 255):
        start = sum(len(entry) + 2 for entry in entries[:place]) + 2
        (run / BUNDLE).write_bytes(whole[: start + 90] + b"#" + whole[start + 91 :])
        bad(run, 256 + place, BUNDLE, "is not the entry that was logged")


@pytest.mark.parametrize(
    ("change", "record"),
    [
        (lambda e: [*e[:10], e[11], e[10], *e[12:]], 266),
        (lambda e: e[:10] + e[11:], 266),
        (lambda e: [*e[:10], e[9], *e[10:]], 266),
        (lambda e: [*e[:10], e[9], *e[11:]], 266),
        (lambda e: e[:-1], 511),
        (lambda e: e[:200], 456),
        (lambda e: e[1:], 256),
        (lambda e: e[::-1], 256),
        (lambda e: [], 256),
    ],
)
def test_entries_moved_doubled_or_lost_name_the_first(
    run: Path, change: Callable[[list[bytes]], list[bytes]], record: int
) -> None:
    (run / BUNDLE).write_bytes(tiles.pack(change(entries_of(run, BUNDLE))))
    bad(run, record, BUNDLE, "")


def test_a_cut_bundle_names_the_first_entry_that_is_not_whole(run: Path) -> None:
    rewrite(run, BUNDLE, lambda data: data[: len(tiles.pack(entries_of(run, BUNDLE)[:77])) + 5])
    bad(run, 256 + 77, BUNDLE, "lacks the entry")
    (run / BUNDLE).unlink()
    bad(run, 256, BUNDLE, "is missing")


def test_more_entries_than_a_bundle_holds_are_named(run: Path) -> None:
    rewrite(run, BUNDLE, lambda data: data + tiles.pack([b"{}"]))
    bad(run, None, BUNDLE, "holds more than 256 entries")


@pytest.fixture
def forge(run: Path) -> Callable[[int], None]:
    """Changes a record in every place of it that needs no key: bundle, journal, tiles above."""

    def forge(number: int) -> None:
        entries = [entry.data for entry in LogReader(run).entries()]
        changed = encode(replace(decode(entries[number]), time="1763881569.0"))  # type: ignore[arg-type]
        entries[number] = changed
        for path in (run / files.LOG / "tile/entries").rglob("*"):
            if path.is_file():
                first = 256 * int(
                    path.name if path.parent.name == "entries" else path.parent.name[:3]
                )
                width = 256 if path.parent.name == "entries" else int(path.name)
                path.write_bytes(tiles.pack(entries[first : first + width]))
        start = int((run / files.JOURNAL).read_bytes().split(b"\n")[0].split()[-1])
        lines = [journal.line_of(entry) for entry in entries[start:]]
        (run / files.JOURNAL).write_bytes(journal.beginning(start, lines))
        leaves = [merkle.leaf_hash(entry) for entry in entries]
        for path in (run / files.LOG / "tile/0").rglob("*"):
            if path.is_file():
                first = 256 * int(path.name if path.parent.name == "0" else path.parent.name[:3])
                width = 256 if path.parent.name == "0" else int(path.name)
                path.write_bytes(b"".join(leaves[first : first + width]))

    return forge


def test_a_record_forged_in_all_files_is_found_by_the_tile_above(
    run: Path, forge: Callable[[int], None]
) -> None:
    checkpoints = [
        found.size for found in kept.read(run / files.CHECKPOINTS, LogReader(run).verifier)
    ]
    forge(300)
    before = max(size for size in checkpoints if size <= 300)
    low = max(256, before)
    bad(run, low, f"{files.LOG}/{tile_path(1, 0, 2)}", f"one of the records {low} to [0-9]+, ")


def test_a_record_forged_in_all_files_of_the_edge_is_found_by_the_checkpoints(
    run: Path, forge: Callable[[int], None]
) -> None:
    log = LogReader(run)
    sizes = [found.size for found in kept.read(run / files.CHECKPOINTS, log.verifier)]
    forge(log.size - 1)
    before = max(size for size in sizes if size < log.size)
    bad(run, before, files.CHECKPOINTS, f"one of the records {before} to {log.size - 1}, ")


def test_a_changed_line_of_the_journal_names_its_record(run: Path) -> None:
    lines = (run / files.JOURNAL).read_bytes().splitlines(keepends=True)
    place = len(lines) - 3
    number = 512 + sum(line[:2] != b"= " for line in lines[1:place])
    text = b"".join(lines)
    start = len(b"".join(lines[:place]))
    rewrite(run, files.JOURNAL, lambda data: data[: start + 99] + b"#" + data[start + 100 :])
    bad(run, number, files.JOURNAL, "has something else in its line")
    changed = journal.line_of(lines[place][65:-1].replace(b"v1", b"v2", 1))
    (run / files.JOURNAL).write_bytes(text.replace(lines[place], changed))
    bad(run, number, files.JOURNAL, "is not the entry that was logged")
    (run / files.JOURNAL).write_bytes(b"".join(lines[:place]))
    bad(run, number, files.JOURNAL, "ends before it")


@pytest.mark.parametrize("text", [b"", b"x\n", b"funsearch journal 511\n", b"\0" * 900])
def test_a_journal_with_another_beginning_is_named(run: Path, text: bytes) -> None:
    first, rest = (run / files.JOURNAL).read_bytes().split(b"\n", 1)
    assert first == b"funsearch journal 512"
    (run / files.JOURNAL).write_bytes(text + rest)
    report = examine(run)
    assert report.first is not None
    assert report.first.file == files.JOURNAL
    assert report.first.record in (None, 511)


def test_a_range_that_holds_a_narrower_one_says_nothing_more() -> None:
    wide, other, narrow = (
        Suspicion(0, 65536, "2"),
        Suspicion(65536, 131072, "2"),
        Suspicion(300, 301, "0"),
    )
    assert narrowest([wide, other, narrow], 0) == narrow
    assert narrowest([wide, other, narrow], 400) == Suspicion(400, 65536, "2")
    assert narrowest([other], 70_000) == Suspicion(70_000, 131072, "2")
    assert narrowest([narrow], 301) is None
