"""Proofs for those who have nothing of a run but these: records, proofs, key, and their verifier.

They lead to a checkpoint that a witness has signed too, wherever there is one that reaches so far.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from funsearch.archive import files, judgements, queries
from funsearch.archive.errors import ArchiveError, Damaged, Missing
from funsearch.archive.log import damaged, fetcher
from funsearch.archive.reader import Reader
from funsearch.archive.tlog import merkle, note, proof
from funsearch.archive.tlog.note import BadNote, Checkpoint, Note, Verifier
from funsearch.archive.tlog.proof import Consistency
from funsearch.archive.tlog.tiles import BadLog, Tree
from funsearch.archive.tlog.witness import WITNESSED

KEY = "log.vkey"
"""Name of the file with the log's public key, beside the proofs or one folder up."""
SCRIPT = "verify.py"
"""Name of the file with the verifier."""

_MOST_WITNESSES = 30
"""Signatures of a checkpoint are bounded, and those of the log are among them."""


class Proven(NamedTuple):
    """A record with its proof.

    Attributes:
        name: of the two files, without what they end with, such as `generation-12`.
        number: of the record.
        record: content of `NAME.json`.
        proof: content of `NAME.tlog-proof`.
    """

    name: str
    number: int
    record: bytes
    proof: str


@dataclass(frozen=True)
class Proofs:
    """Proofs of some records.

    Attributes:
        proven: in the order asked for.
        pending: numbers of those that no checkpoint covers yet, since the run is being written,
            or its writer was killed.
    """

    proven: tuple[Proven, ...]
    pending: tuple[int, ...]


@dataclass(frozen=True)
class Ground:
    """What proofs lead to.

    Attributes:
        checkpoint: whose tree they are of.
        text: its note, with the signatures of witnesses.
        tree: of the newest checkpoint, of which that of this one is a beginning.
    """

    checkpoint: Checkpoint
    text: str
    tree: Tree


def proofs_of(reader: Reader, program: str) -> Proofs:
    """Prove what is on record about a program.

    That is its first generation, the evaluation that counts, all verifications, and the
    retractions of any of these.

    Raises:
        Missing: there is no such program, or no checkpoint.
        Damaged: the log is not what was signed, or not what a witness saw.
    """
    row = queries.program(reader.index, program).program
    names = {row.first: "generation"}
    if row.evaluation is not None:
        names[row.evaluation] = "evaluation"
    names.update(
        (number, "verification") for number, _ in judgements.verifications(reader, program)
    )
    for retraction in reversed(judgements.retractions(reader)):
        if retraction.record.target in names:
            names[retraction.number] = "retraction"
    return prove(reader, [(f"{names[number]}-{number}", number) for number in sorted(names)])


def prove(
    reader: Reader, records: Sequence[tuple[str, int]], ground: Ground | None = None
) -> Proofs:
    """Prove that records are in the log.

    Args:
        reader: of the run.
        records: name of the files, and number, of each.
        ground: what to lead to; else what `choose` gives for the last of these records.

    Raises:
        Missing: there is no such record, or no checkpoint.
        Damaged: the log is not what was signed, or not what a witness saw.
    """
    if ground is None:
        ground = choose(reader, max((number for _, number in records), default=0))
    size, tree = ground.checkpoint.size, ground.tree
    proven: list[Proven] = []
    try:
        for name, number in records:
            if number >= reader.log.size:
                reader.log.refresh()
            record = reader.log.entry(number)
            if number < size:
                if tree.leaf(number) != merkle.leaf_hash(record):
                    raise BadLog("is not the entry that was logged", number)
                found = proof.prove_inclusion(number, size, tree.subtree, ground.text)
                proven.append(Proven(name, number, record, found.text))
    except BadLog as error:
        raise damaged(reader.folder, error) from None
    return Proofs(tuple(proven), tuple(number for _, number in records if number >= size))


def choose(reader: Reader, last: int | None) -> Ground:
    """Return the largest checkpoint that a witness has signed too, if it covers a record.

    Args:
        reader: of the run.
        last: number of the record; None if only the newest checkpoint will do.

    Returns:
        That checkpoint, or else the newest.

    Raises:
        Missing: there is no checkpoint.
        Damaged: the log is not what was signed, or not what a witness saw.
    """
    folder, verifier = reader.folder, reader.log.verifier
    # Before the log's own: who saw more than that has then seen another log.
    witnessed = list(_read_witnessed(folder, verifier))
    newest, text, tree = _read_newest(folder, verifier)
    lines: dict[Checkpoint, list[str]] = {newest: list(note.parse_note(text).lines)}
    for path, seen, signed in witnessed:
        if seen not in lines and not _begins(folder, tree, seen):
            raise Damaged(
                f"{path}: this witness saw another log, of {seen.size} records; "
                f"`funsearch archive verify {folder}` says more"
            )
        known = lines.setdefault(seen, [])
        known += [line for line in signed.lines if line not in known][:_MOST_WITNESSES]
    able = [seen for _, seen, _ in witnessed if last is not None and seen.size > last]
    chosen = max(able, key=lambda seen: seen.size, default=newest)
    return Ground(chosen, Note(chosen.body, tuple(lines[chosen])).text, tree)


def extends(reader: Reader, text: str) -> tuple[Checkpoint, Consistency]:
    """Prove that a log has kept all that it had at an older checkpoint.

    Args:
        reader: of the run.
        text: note of the older checkpoint.

    Returns:
        The newest checkpoint, and the proof that its tree begins with that of the older one.

    Raises:
        Missing: there is no checkpoint.
        Damaged: the log is not what was signed, or not what a witness saw, or does not begin with
            what the older checkpoint covers.
        ArchiveError: the older one is no checkpoint of this log.
    """
    try:
        older = note.open_checkpoint(text, reader.log.verifier)
    except BadNote as error:
        raise ArchiveError(f"that is no checkpoint of {reader.folder}: {error}") from None
    ground = choose(reader, None)
    newest, subtree = ground.checkpoint, ground.tree.subtree
    if not _begins(reader.folder, ground.tree, older):
        raise Damaged(
            f"{reader.folder / files.LOG} has {newest.size} records, and they do not begin "
            f"with the {older.size} of that checkpoint, which its key has signed"
        )
    try:
        return newest, proof.prove_consistency(older.size, newest.size, subtree, ground.text)
    except BadLog as error:
        raise damaged(reader.folder, error) from None


def key_text(reader: Reader) -> str:
    """Return the log's public key as a file."""
    return f"{reader.log.verifier.text}\n"


def script() -> bytes:
    """Return the source of the verifier, which needs nothing of this project."""
    return Path(__file__).with_name(SCRIPT).read_bytes()


def _begins(folder: Path, tree: Tree, older: Checkpoint) -> bool:
    """Whether a tree begins with that of a checkpoint."""
    try:
        return older.size <= tree.size and merkle.root(older.size, tree.subtree) == older.root
    except BadLog as error:
        raise damaged(folder, error) from None


def _read_newest(folder: Path, verifier: Verifier) -> tuple[Checkpoint, str, Tree]:
    path = folder / files.CHECKPOINT
    try:
        text = files.read_bounded(path, note.NOTE_BYTES).decode("utf-8", "replace")
        newest = note.open_checkpoint(text, verifier)
        return newest, text, Tree(fetcher(folder), newest.size, newest.root)
    except FileNotFoundError:
        raise Missing(f"{folder} has no checkpoint yet; close the run first") from None
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}") from None
    except BadNote as error:
        raise Damaged(f"{path} is damaged: {error}") from None
    except BadLog as error:
        raise damaged(folder, error) from None


def _read_witnessed(folder: Path, verifier: Verifier) -> Iterator[tuple[Path, Checkpoint, Note]]:
    """Yield what witnesses have left in the folder; what is no checkpoint of this log, is not.

    Whether it is the witness who signed is for those to find out who know the witness's key.
    """
    try:
        paths = sorted((folder / WITNESSED).iterdir())[: 2 * _MOST_WITNESSES]
    except OSError:
        return
    for path in paths:
        try:
            text = files.read_bounded(path, note.NOTE_BYTES).decode("utf-8", "replace")
            yield path, note.open_checkpoint(text, verifier), note.parse_note(text)
        except (BadNote, OSError):
            continue
