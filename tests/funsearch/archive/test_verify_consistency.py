"""The outsider's verifier tells a log that kept what it had from one that did not."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from funsearch.archive.tlog import note
from funsearch.archive.tlog.note import Signer
from tests.funsearch.archive.outsider import Check, Forge, check, run_script

WITNESS = Signer.generate("example.com/witness", witness=True)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Check:
    return lambda *arguments: check(monkeypatch, *arguments)


@pytest.mark.parametrize(("old", "new"), [(1, 9), (4, 9), (6, 9), (8, 9), (9, 9), (3, 4)])
def test_a_log_that_kept_what_it_had_is_told_from_one_that_did_not(
    tmp_path: Path, here: Check, old: int, new: int
) -> None:
    forge = Forge(tmp_path, [b"%d" % number for number in range(9)])
    before, after = forge.checkpoint(old), forge.consistency(old, new)
    status, printed = here("--consistency", before, after)
    assert status == 0
    assert printed[-1] == f"valid: first {old} records of {new}"
    forge.leaves[old - 1] = bytes(32)
    status, printed = here("--consistency", before, forge.consistency(old, new))
    assert (status, printed[-1][:8]) == (1, "invalid ")
    assert old == new or here("--consistency", after, before)[0] == 1


def test_an_older_root_cannot_ride_on_the_proof_of_the_real_one(
    tmp_path: Path, here: Check
) -> None:
    forge = Forge(tmp_path, [b"%d" % number for number in range(9)])
    after = forge.consistency(4, 9)
    real = base64.b64encode(forge.subtree(2, 0)).decode()
    after.write_text(after.read_text().replace("old 4\n", f"old 4\n{real}\n"))
    forge.leaves[0] = bytes(32)
    assert here("--consistency", forge.checkpoint(4), after)[0] == 1


def test_the_witness_must_have_seen_the_newer_checkpoint(tmp_path: Path, here: Check) -> None:
    forge = Forge(tmp_path, [b"%d" % number for number in range(9)])
    before, after = forge.checkpoint(6), forge.consistency(6, 9)
    seen = ("--witness", WITNESS.verifier.text)
    before.write_text(before.read_text() + WITNESS.cosign(note.parse_note(forge.note(6)).body, 1))
    assert here("--consistency", before, after, *seen)[0] == 1
    after.write_text(after.read_text() + WITNESS.cosign(note.parse_note(forge.note(9)).body, 1))
    before.write_text(forge.note(6))
    assert here("--consistency", before, after, *seen)[0] == 0


def test_consistency_is_checked_as_outsiders_run_it(tmp_path: Path) -> None:
    forge = Forge(tmp_path, [b"%d" % number for number in range(9)])
    old, new = forge.checkpoint(5).name, forge.consistency(5, 9).name
    key = forge.signer.verifier.text
    assert run_script("--consistency", old, new, "--key", key, folder=tmp_path)[0] == 0
    status, printed = run_script("--consistency", new, old, folder=tmp_path)
    assert (status, printed[-1][:8]) == (1, "invalid ")
    (tmp_path / old).write_text(Forge(tmp_path, [b"0"]).note(1))
    assert run_script("--consistency", old, new, "--key", key, folder=tmp_path)[0] == 1


def test_each_altered_line_of_a_consistency_proof_is_refused(tmp_path: Path, here: Check) -> None:
    forge = Forge(tmp_path, [b"%d" % number for number in range(9)])
    before, after = forge.checkpoint(6), forge.consistency(6, 9)
    lines = after.read_text().splitlines(keepends=True)
    for number, line in enumerate(lines[1:], 1):
        for other in ("", f"{line}\n", f"{'B' if line[0] == 'A' else 'A'}{line[1:]}"):
            after.write_text("".join([*lines[:number], other, *lines[number + 1 :]]))
            assert here("--consistency", before, after)[0] == 1
