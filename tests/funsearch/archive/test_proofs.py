"""Proofs of what is on record about a program, and of what a log had at an older checkpoint."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from funsearch.archive import files, journal, proofs, queries
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError, Damaged, Missing
from funsearch.archive.log_writer import LogWriter
from funsearch.archive.reader import Reader
from funsearch.archive.records import Finding, RetractionRecord, VerificationRecord
from funsearch.archive.statement import encode
from funsearch.archive.tlog import merkle, note
from funsearch.archive.tlog.note import Checkpoint, Note, Signer
from funsearch.archive.tlog.proof import parse_inclusion
from tests.funsearch.archive.conftest import Make
from tests.funsearch.archive.outsider import Forge

WITNESSES = [Signer.generate(f"example.com/w{n}", witness=True) for n in range(3)]


def signed(run: Path) -> Note:
    return note.parse_note((run / files.CHECKPOINT).read_text())


def witness(run: Path, signer: Signer, checkpoint: Note, seconds: int = 1763881562) -> None:
    """Leave a checkpoint in the folder as a witness does who has signed it."""
    folder = run / "log/witness"
    folder.mkdir(exist_ok=True)
    line = signer.cosign(checkpoint.body, seconds)
    (folder / signer.verifier.id.hex()).write_text(checkpoint.text + line)
    (folder / f"{signer.verifier.id.hex()}.vkey").write_text(f"{signer.verifier.text}\n")


def leads_to(run: Path, one: proofs.Proven) -> Checkpoint:
    """Return the checkpoint that a proof leads to, verified."""
    found = parse_inclusion(one.proof)
    with Reader(run) as reader:
        checkpoint = note.open_checkpoint(found.checkpoint, reader.log.verifier)
    leaf = merkle.leaf_hash(one.record)
    reached = merkle.root_from_inclusion(found.index, checkpoint.size, leaf, found.hashes)
    assert (found.index, reached) == (one.number, checkpoint.root)
    return checkpoint


def best(reader: Reader) -> queries.ProgramRow:
    return queries.best(reader.index, "max")[0]


def append(run: Path, *records: VerificationRecord | RetractionRecord) -> None:
    with Archive.open(run) as archive:
        for record in records:
            archive.append(record)


def grow(run: Path, make: Make, count: int, name: str = "more") -> None:
    with Archive.open(run) as archive:
        for number in range(count):
            make.start(archive, f"{name} {number}")


def verification(make: Make, row: queries.ProgramRow) -> VerificationRecord:
    assert row.evaluation is not None
    return VerificationRecord(
        program=row.id,
        evaluation=row.evaluation,
        conditions=make.conditions,
        checker=make.digest("checker"),
        agreed=True,
        findings=(Finding("n=8", held_out=False, status="ok", score=8.0, recorded=8.0),),
        time="1763881600.0",
    )


def test_generation_and_the_evaluation_that_counts_are_proven(run: Path) -> None:
    with Reader(run) as reader:
        row = best(reader)
        found = proofs.proofs_of(reader, row.id)
        assert found.pending == ()
        assert [one.name for one in found.proven] == [
            f"generation-{row.first}",
            f"evaluation-{row.evaluation}",
        ]
        for one in found.proven:
            assert one.record == encode(reader.record(one.number))
            assert leads_to(run, one) == reader.log.checkpoint


def test_what_was_said_later_of_any_of_these_is_proven_too(run: Path, make: Make) -> None:
    with Reader(run) as reader:
        row = best(reader)
        another = queries.best(reader.index, "max")[1]
        size = reader.log.size
        entries = {n: hashlib.sha256(reader.log.entry(n)).hexdigest() for n in range(size)}
    assert row.evaluation is not None
    append(run, verification(make, row), verification(make, another))
    with Reader(run) as reader:
        entries[size] = hashlib.sha256(reader.log.entry(size)).hexdigest()
    retractions = [
        RetractionRecord(target, entries[target], "it is wrong", "somebody", "1763881600.0")
        for target in (row.evaluation, another.first, size)
    ]
    append(run, *retractions)
    with Reader(run) as reader:
        entry = hashlib.sha256(reader.log.entry(size + 2)).hexdigest()
    append(run, replace(retractions[0], target=size + 2, entry=entry))
    with Reader(run) as reader:
        names = [one.name for one in proofs.proofs_of(reader, row.id).proven]
    assert names[2:] == [
        f"verification-{size}",
        f"retraction-{size + 2}",
        f"retraction-{size + 4}",
        f"retraction-{size + 5}",
    ]


def test_there_is_no_proof_of_a_program_that_is_not_there(run: Path) -> None:
    with Reader(run) as reader, pytest.raises(Missing, match="there is no program"):
        proofs.proofs_of(reader, "0" * 64)


def test_records_that_no_checkpoint_covers_are_left_out_and_said(run: Path, make: Make) -> None:
    with Reader(run) as reader:
        size = reader.log.size
    entry = encode(make.seed("late"))
    writer = LogWriter(run)
    writer.commit([entry], [merkle.leaf_hash(entry)], [journal.line_of(entry)])
    with Reader(run) as reader:
        found = proofs.prove(reader, [("first", 0), ("late", size)])
        assert [one.number for one in found.proven] == [0]
        assert found.pending == (size,)
        writer.publish()
        found = proofs.prove(reader, [("first", 0), ("late", size)])
        assert [one.number for one in found.proven] == [0, size]
        assert leads_to(run, found.proven[1]).size == size + 1
        with pytest.raises(Missing, match="has no record"):
            proofs.prove(reader, [("beyond", size + 1)])
    writer.close()


def test_without_a_checkpoint_there_is_no_proof(tmp_path: Path, make: Make) -> None:
    Archive.create(tmp_path / "empty", make.config).close()
    with Reader(tmp_path / "empty") as reader, pytest.raises(Missing, match="no checkpoint yet"):
        proofs.choose(reader, None)


# Witnesses


def test_the_signatures_of_all_who_saw_the_newest_checkpoint_are_taken_along(run: Path) -> None:
    for signer in WITNESSES:
        witness(run, signer, signed(run))
    with Reader(run) as reader:
        (one,) = proofs.prove(reader, [("first", 0)]).proven
    found = note.parse_note(parse_inclusion(one.proof).checkpoint)
    assert all(found.is_signed_by(signer.verifier) for signer in WITNESSES)
    assert len(found.lines) == 1 + len(WITNESSES)
    leads_to(run, one)


def test_a_witnessed_checkpoint_is_preferred_where_it_reaches_so_far(run: Path, make: Make) -> None:
    older = signed(run)
    size = note.parse_checkpoint(older.body).size
    witness(run, WITNESSES[0], older)
    grow(run, make, 300)
    middle = signed(run)
    witness(run, WITNESSES[1], middle)
    grow(run, make, 5, "last")
    with Reader(run) as reader:
        total = reader.log.size
        for number, expected in [
            (0, size + 300),
            (size + 299, size + 300),
            (size + 300, size + 305),
        ]:
            (one,) = proofs.prove(reader, [("one", number)]).proven
            assert leads_to(run, one).size == expected
        first, last = proofs.prove(reader, [("first", 0), ("last", total - 1)]).proven
        assert leads_to(run, first).size == leads_to(run, last).size == total
        ground = proofs.choose(reader, size)
        found = proofs.prove(reader, [("first", 0), ("late", total - 1)], ground)
        assert leads_to(run, found.proven[0]).size == size + 300
        assert found.pending == (total - 1,)


def test_what_is_no_checkpoint_of_this_log_is_passed_over(run: Path, tmp_path: Path) -> None:
    folder = run / "log/witness"
    folder.mkdir()
    forge = Forge(tmp_path, [b"0"])
    (folder / "00000000").write_text(forge.note(1))
    (folder / "11111111").write_bytes(b"\xff" * 100)
    (folder / "22222222").mkdir()
    (folder / "33333333").write_text(signed(run).text.replace("A", "B"))
    with Reader(run) as reader:
        (one,) = proofs.prove(reader, [("first", 0)]).proven
        assert parse_inclusion(one.proof).checkpoint == signed(run).text


def test_a_witness_who_saw_another_history_is_a_reason_to_stop(run: Path) -> None:
    private = Signer.parse((run / files.PRIVATE_KEY).read_text())
    size = note.parse_checkpoint(signed(run).body).size
    for seen in (size - 1, size, size + 1):
        body = Checkpoint(private.verifier.name, seen, bytes(32)).body
        witness(run, WITNESSES[0], Note(body, (private.sign(body),)))
        with Reader(run) as reader, pytest.raises(Damaged, match="this witness saw another log"):
            proofs.prove(reader, [("first", 0)])


# Damage


def test_damaged_tiles_and_checkpoints_are_named(run: Path, make: Make) -> None:
    grow(run, make, 300)
    path = run / "log/tile/0/000"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with Reader(run) as reader, pytest.raises(Damaged, match="tile/0/000"):
        proofs.prove(reader, [("first", 0)])
    path.write_bytes(data)
    with Reader(run) as reader:
        (run / files.CHECKPOINT).write_text(signed(run).text.replace("\n", "\n\n", 1))
        with pytest.raises(Damaged, match="checkpoint is damaged"):
            proofs.prove(reader, [("first", 0)])


# Older checkpoints


def test_a_log_extends_each_of_its_checkpoints(run: Path, make: Make) -> None:
    notes = [signed(run)]
    for count in (1, 200, 60):
        grow(run, make, count, f"after {len(notes)}")
        notes.append(signed(run))
    newest = note.parse_checkpoint(notes[-1].body)
    with Reader(run) as reader:
        for older in notes:
            seen = note.parse_checkpoint(older.body)
            found, made = proofs.extends(reader, older.text)
            assert (found, made.old) == (newest, seen.size)
            assert merkle.is_consistent(seen.size, seen.root, newest.size, newest.root, made.hashes)
            assert made.checkpoint == notes[-1].text


def test_a_log_that_was_rolled_back_or_rewritten_cannot_prove_that_it_was_not(
    run: Path, tmp_path: Path
) -> None:
    private = Signer.parse((run / files.PRIVATE_KEY).read_text())
    size = note.parse_checkpoint(signed(run).body).size
    with Reader(run) as reader:
        for seen in (size - 1, size, size + 1):
            body = Checkpoint(private.verifier.name, seen, bytes(32)).body
            with pytest.raises(Damaged, match="they do not begin with"):
                proofs.extends(reader, Note(body, (private.sign(body),)).text)
        for text in ("", "nonsense", Forge(tmp_path, [b"0"]).note(1)):
            with pytest.raises(ArchiveError, match="is no checkpoint of"):
                proofs.extends(reader, text)
