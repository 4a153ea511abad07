"""JSON lines, read as an outsider would."""

import hashlib
import json
from pathlib import Path

import pytest

from funsearch.archive.reader import Reader
from funsearch.archive.records import GenerationRecord
from funsearch.archive.tlog import merkle
from funsearch.export.selection import best_of
from tests.funsearch.export.support import exported, records


def leaves(path: Path) -> list[bytes]:
    """Return the leaf hashes of the entries of a file, computed from its bytes alone."""
    found: list[bytes] = []
    for line in path.read_bytes().splitlines(keepends=True):
        head, entry = line.removesuffix(b"}\n").split(b',"entry":', 1)
        leaf = hashlib.sha256(b"\0" + entry).digest()
        stated = json.loads(head + b"}")
        assert stated["leaf"] == leaf.hex()
        again = json.loads(line)["entry"]
        assert json.dumps(again, sort_keys=True, separators=(",", ":")).encode() == entry
        found.append(leaf)
    return found


def root(hashes: list[bytes]) -> bytes:
    """Return the root over leaf hashes as RFC 6962 defines it."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(hashes[:half]) + root(hashes[half:])).digest()


@pytest.mark.parametrize("run", ["found", "hostile"])
def test_entries_hash_to_the_root_of_the_checkpoint(
    run: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(run)
    done = exported(folder, "jsonl", tmp_path / "all.jsonl")
    hashes = leaves(done.path)
    with Reader(folder) as reader:
        assert reader.log.checkpoint is not None
        assert root(hashes) == reader.log.checkpoint.root
        assert hashes[-1] == merkle.leaf_hash(reader.log.entry(len(hashes) - 1))
    assert done.records == done.end == len(hashes)


def test_numbers_count_from_zero(found: Path, tmp_path: Path) -> None:
    path = exported(found, "jsonl", tmp_path / "all.jsonl").path
    numbers = [json.loads(line)["number"] for line in path.read_text().splitlines()]
    assert numbers == list(range(len(records(found))))


def test_one_program_comes_with_its_ancestors_and_sessions_only(
    found: Path, tmp_path: Path
) -> None:
    with Reader(found) as reader:
        best = best_of(reader, "max")
    done = exported(found, "jsonl", tmp_path / "one.jsonl", best[:10])
    log = records(found)
    firsts: dict[str, GenerationRecord] = {}
    for _, record in log:
        if isinstance(record, GenerationRecord) and record.program:
            firsts.setdefault(record.program, record)
    wanted, rest = set[str](), [best]
    while rest:
        if (program := rest.pop()) not in wanted:
            wanted.add(program)
            rest.extend(firsts[program].parents)
    numbers = [json.loads(line)["number"] for line in done.path.read_text().splitlines()]
    expected = [
        number
        for number, record in log
        if getattr(record, "program", None) in wanted or hasattr(record, "event")
    ]
    # The last record retracts one of them.
    assert numbers == [*expected, log[-1][0]]
    assert len(wanted) > 1
    assert done.records < done.end
    leaves(done.path)
