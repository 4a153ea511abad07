"""Proofs are written and read as c2sp.org/tlog-proof and tlog-witness have it."""

from __future__ import annotations

import base64
import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funsearch.archive.tlog import merkle, note
from funsearch.archive.tlog.note import BadNote
from funsearch.archive.tlog.proof import (
    Consistency,
    Inclusion,
    parse_consistency,
    parse_inclusion,
    prove_consistency,
    prove_inclusion,
)
from tests.funsearch.archive.tlog import published

LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(300)]
CHECKPOINT = "example.com/log\n300\nroot\n\n— example.com/log AAAA\n— example.com/witness BBBB\n"
HASH = base64.b64encode(LEAVES[0]).decode()


def subtree(height: int, index: int) -> bytes:
    return merkle.complete_root(LEAVES[index << height : (index + 1) << height])


def test_a_published_proof_verifies() -> None:
    found = parse_inclusion(published.GO_PROOF)
    assert found.text == published.GO_PROOF
    assert found.index == 43930254
    checkpoint = note.parse_note(found.checkpoint)
    assert checkpoint.is_signed_by(note.Verifier.parse(published.GO_KEY))
    size, root = checkpoint.body.split("\n")[1:3]
    leaf = merkle.leaf_hash(published.GO_RECORD.encode())
    assert leaf.hex() == published.GO_RECORD_LEAF
    reached = merkle.root_from_inclusion(found.index, int(size), leaf, found.hashes)
    assert base64.b64encode(reached).decode() == root


@pytest.mark.parametrize("index", [0, 1, 63, 255, 256, 299])
def test_inclusion_proofs_come_back_with_the_checkpoint_as_it_was(index: int) -> None:
    made = prove_inclusion(index, 300, subtree, CHECKPOINT)
    assert made.text.startswith(f"c2sp.org/tlog-proof@v1\nindex {index}\n")
    assert made.text.endswith(f"\n\n{CHECKPOINT}")
    assert parse_inclusion(made.text) == made
    root = merkle.root(300, subtree)
    assert merkle.root_from_inclusion(index, 300, LEAVES[index], made.hashes) == root


@pytest.mark.parametrize("old", [0, 1, 256, 299, 300])
def test_consistency_proofs_come_back_with_the_checkpoint_as_it_was(old: int) -> None:
    made = prove_consistency(old, 300, subtree, CHECKPOINT)
    assert made.text.startswith(f"old {old}\n")
    assert made.text.endswith(f"\n\n{CHECKPOINT}")
    assert parse_consistency(made.text) == made
    roots = merkle.root(old, subtree), merkle.root(300, subtree)
    assert merkle.is_consistent(old, roots[0], 300, roots[1], made.hashes)


def test_the_only_entry_of_a_tree_needs_no_hash() -> None:
    made = prove_inclusion(0, 1, subtree, CHECKPOINT)
    assert made.text == f"c2sp.org/tlog-proof@v1\nindex 0\n\n{CHECKPOINT}"
    assert parse_inclusion(made.text) == made


def test_extra_data_are_passed_over() -> None:
    text = f"c2sp.org/tlog-proof@v1\nextra AAAA\nindex 7\n{HASH}\n\n{CHECKPOINT}"
    assert parse_inclusion(text) == Inclusion(7, (LEAVES[0],), CHECKPOINT)


@pytest.mark.parametrize(
    "head",
    [
        "",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v2\nindex 7",
        "index 7",
        "c2sp.org/tlog-proof@v1\nindex",
        "c2sp.org/tlog-proof@v1\nindex ",
        "c2sp.org/tlog-proof@v1\nindex -7",
        "c2sp.org/tlog-proof@v1\nindex 07",
        "c2sp.org/tlog-proof@v1\nindex 7 ",
        f"c2sp.org/tlog-proof@v1\nindex {2**63}",
        "c2sp.org/tlog-proof@v1\nindex 7\nindex 7",
        "c2sp.org/tlog-proof@v1\nextra AAA\nindex 7",
        "c2sp.org/tlog-proof@v1\nextra AAAA\nextra AAAA\nindex 7",
        f"c2sp.org/tlog-proof@v1\nindex 7\n{HASH}\nextra AAAA",
        f"c2sp.org/tlog-proof@v1\nindex 7\n{HASH[:-4]}",
        f"c2sp.org/tlog-proof@v1\nindex 7\n{HASH.rstrip('=')}",
        f"c2sp.org/tlog-proof@v1\nindex 7\n{HASH} ",
        f"c2sp.org/tlog-proof@v1\r\nindex 7\r\n{HASH}",
        "c2sp.org/tlog-proof@v1\nindex 7" + f"\n{HASH}" * 64,
        "c2sp.org/tlog-proof@v1\nindex 7" + "\n" + "A" * 100_000,
    ],
)
def test_what_is_no_inclusion_proof_is_refused_in_a_line(head: str) -> None:
    with pytest.raises(BadNote) as caught:
        parse_inclusion(f"{head}\n\n{CHECKPOINT}")
    assert str(caught.value).isprintable()
    with pytest.raises(BadNote):
        parse_inclusion(head)


@pytest.mark.parametrize("head", ["", "old", "old x", "old 07", f"index 7\n{HASH}", "old 7\nx"])
def test_what_is_no_consistency_proof_is_refused_in_a_line(head: str) -> None:
    with pytest.raises(BadNote) as caught:
        parse_consistency(f"{head}\n\n{CHECKPOINT}")
    assert str(caught.value).isprintable()
    with pytest.raises(BadNote):
        parse_consistency("old 7\n")


@given(st.text())
def test_any_text_is_a_proof_or_refused(text: str) -> None:
    good = prove_inclusion(5, 300, subtree, CHECKPOINT).text
    for candidate in (text, good[:40] + text + good[40:], f"old 7\n{text}\n\n{text}"):
        for parse in (parse_inclusion, parse_consistency):
            with contextlib.suppress(BadNote):
                assert isinstance(parse(candidate), Inclusion | Consistency)


def test_proofs_are_made_of_what_is_there_only() -> None:
    with pytest.raises(ValueError, match="has no entry 300"):
        prove_inclusion(300, 300, subtree, CHECKPOINT)
    with pytest.raises(ValueError, match="has no beginning of 301"):
        prove_consistency(301, 300, subtree, CHECKPOINT)
    assert hashlib.sha256(b"\x00" + b"0").digest() == LEAVES[0]
