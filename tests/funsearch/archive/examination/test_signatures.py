"""Tiles, checkpoints and keys: what is not what was signed is named."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from funsearch.archive import files, kept, sealed
from funsearch.archive.archive import Archive
from funsearch.archive.log import LogReader
from funsearch.archive.tlog.note import Checkpoint, Note, Signer
from tests.funsearch.archive.conftest import Make
from tests.funsearch.archive.examination.support import (
    CONFIG,
    TILE,
    Maker,
    bad,
    good,
    rewrite,
)


@pytest.mark.parametrize("place", [3, 4000, 8191])
def test_a_changed_tile_is_named_and_no_record_blamed(run: Path, place: int) -> None:
    rewrite(run, TILE, lambda data: data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    bad(run, None, TILE, "is not what records [0-9]+ to [0-9]+ imply")


@pytest.mark.parametrize("size", [0, 31, 8160, 9000])
def test_a_tile_of_another_length_is_named(run: Path, size: int) -> None:
    rewrite(run, TILE, lambda data: (data * 2)[:size])
    bad(run, None, TILE, f"has {min(size, 8193)} bytes in place of 8192")


def test_lost_tiles_and_those_of_earlier_sizes_count_too(run: Path) -> None:
    partial = sorted((run / files.LOG / "tile/0/002.p").iterdir(), key=lambda path: int(path.name))
    assert len(partial) > 1
    partial[0].write_bytes(partial[0].read_bytes()[::-1])
    name = partial[0].relative_to(run).as_posix()
    bad(run, None, name, "is not what records")
    partial[0].unlink()
    good(run)
    partial[-1].unlink()
    bad(run, None, partial[-1].relative_to(run).as_posix(), "is missing")


def test_tiles_of_records_that_are_gone_are_named(run: Path) -> None:
    shutil.copy(run / TILE, run / files.LOG / "tile/0/002")
    bad(run, None, f"{files.LOG}/tile/0/002", "records that are gone")
    (run / files.LOG / "tile/0/002").rename(run / files.LOG / "tile/0/007")
    bad(run, None, f"{files.LOG}/tile/0/007", "which are gone")


def signed_by(key: Signer, checkpoint: Checkpoint) -> Note:
    body = replace(checkpoint, origin=key.verifier.name).body
    return Note(body, (key.sign(body),))


def test_a_checkpoint_signed_by_another_key_is_named(run: Path) -> None:
    log = LogReader(run)
    assert log.checkpoint is not None
    other = Signer.generate(log.verifier.name)
    (run / files.CHECKPOINT).write_text(signed_by(other, log.checkpoint).text)
    bad(run, None, files.CHECKPOINT, "not by the key of its log")


def resign(run: Path, key: Signer) -> None:
    """Sign all checkpoints anew, as somebody who owns another key."""
    before, text = hashlib.sha256(), ""
    log = LogReader(run)
    for found in list(kept.read(run / files.CHECKPOINTS, log.verifier)):
        text = kept.pinned(key, before.digest(), signed_by(key, found))
        with (run / "anew").open("a") as file:
            file.write(text)
        before.update(text.encode())
        (run / files.CHECKPOINT).write_text(signed_by(key, found).text)
    (run / "anew").rename(run / files.CHECKPOINTS)
    (run / files.VERIFIER).write_text(f"{key.verifier.text}\n")
    (run / files.PRIVATE_KEY).write_text(f"{key.text}\n")
    (run / sealed.NAME).unlink()


def test_a_log_signed_anew_with_another_key_is_not_the_one_its_first_record_names(
    run: Path,
) -> None:
    resign(run, Signer.generate("funsearch.run/"))
    bad(run, None, files.VERIFIER, "is not the key that record 0 names")


@pytest.mark.parametrize(
    ("which", "what"),
    [(0, "does not follow"), (1, "does not follow"), (-1, "lacks the last checkpoint")],
)
def test_a_checkpoint_that_was_taken_out_is_missed(run: Path, which: int, what: str) -> None:
    paragraphs = (run / files.CHECKPOINTS).read_bytes().split(b"\n\n")
    pairs = [b"\n\n".join(paragraphs[i : i + 2]) for i in range(0, len(paragraphs) - 1, 2)]
    del pairs[which]
    (run / files.CHECKPOINTS).write_bytes(b"".join(pair + b"\n\n" for pair in pairs))
    bad(run, None, files.CHECKPOINTS, what)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (files.CHECKPOINT, b""),
        (files.CHECKPOINT, b"\xff" * 99),
        (files.CHECKPOINTS, b"\n\n" * 999),
        (files.CHECKPOINTS, b"x" * 100_000),
        (files.VERIFIER, b"a+b+c"),
        (files.PRIVATE_KEY, b"PRIVATE+KEY+a+b+c"),
        (sealed.NAME, b"funsearch state\n1\n"),
    ],
)
def test_garbage_in_a_file_names_it(run: Path, name: str, text: bytes) -> None:
    (run / name).write_bytes(text)
    bad(run, None, name, "")


def test_a_checkpoint_that_was_rolled_back_is_named(run: Path) -> None:
    older = (run / files.CHECKPOINTS).read_text().split("\n\n")[2:4]
    (run / files.CHECKPOINT).write_text("\n\n".join(older).rsplit("\n", 1)[0] + "\n")
    bad(run, None, files.CHECKPOINT, "is an older one|was rolled back")


def test_a_checkpoint_kept_elsewhere_shows_that_the_folder_was_rolled_back(
    run: Path, tmp_path: Path
) -> None:
    older = Path(shutil.copytree(run, tmp_path / "older"))
    size = LogReader(run).size
    with Archive.open(run) as archive:
        archive.append(Maker(archive).run(event="resumed"))
    later = str(run / files.CHECKPOINT)
    good(run, later, str(older / files.CHECKPOINT))
    good(older)
    said = f"ends with {size} records, but the checkpoint in {later} has {size + 1}: .*rolled back"
    bad(older, None, files.CHECKPOINTS, said, later)


def test_two_histories_signed_by_one_key_are_told_apart(run: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(run, tmp_path / "other"))
    for folder, reason in ((run, "one"), (other, "another")):
        with Archive.open(folder) as archive:
            archive.append(Maker(archive).run(event="resumed", reason=reason))
    good(run)
    shown = str(other / files.CHECKPOINT)
    bad(run, None, shown, "is of another history", shown)


def test_checkpoints_of_other_logs_and_other_files_are_refused(run: Path, tmp_path: Path) -> None:
    Archive.create(tmp_path / "other", CONFIG).close()
    with Archive.open(tmp_path / "other") as archive:
        archive.append(Make().run(), [Make.packages])
    shown = str(tmp_path / "other" / files.CHECKPOINT)
    bad(run, None, shown, "is no checkpoint of this log: the checkpoint is of the log", shown)
    bad(run, None, str(tmp_path), "cannot be read", str(tmp_path))
    bad(run, None, "nowhere", "cannot be read: No such file", "nowhere")
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"\xff" * 100_000)
    bad(run, None, str(garbage), "is no checkpoint of this log", str(garbage))
