"""Notes are read and signed as others do it, and hostile ones are refused in one line."""

from __future__ import annotations

import base64
import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funsearch.archive.tlog import note
from funsearch.archive.tlog.note import (
    BadNote,
    Checkpoint,
    Note,
    Signer,
    Verifier,
    open_checkpoint,
    parse_checkpoint,
    parse_note,
    split_notes,
)
from tests.funsearch.archive.tlog import published

LOG = Signer.generate("example.com/log")
WITNESS = Signer.generate("example.com/witness", witness=True)
SEEN = Checkpoint("example.com/log", 1234567, hashlib.sha256(b"root").digest())
SIGNED = f"{SEEN.body}\n{LOG.sign(SEEN.body)}"


def verifies(text: str, key: str) -> bool:
    return parse_note(text).is_signed_by(Verifier.parse(key))


PETER = f"{published.PETER_TEXT}\n{published.PETER_LINE}"
BOTH = f"{PETER}{published.ENOCH_LINE}"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (published.EXAMPLE, published.EXAMPLE_KEY),
        (PETER, published.PETER_KEY),
        (BOTH, published.PETER_KEY),
        (BOTH, published.ENOCH_KEY),
        (published.GO_CHECKPOINT, published.GO_KEY),
        (published.ARCHE_CHECKPOINT, published.ARCHE_KEY),
        (published.ARCHE_CHECKPOINT, published.REMORA_KEY),
    ],
)
def test_published_notes_verify_and_altered_ones_do_not(text: str, key: str) -> None:
    assert verifies(text, key)
    verifier = Verifier.parse(key)
    found = parse_note(text)
    body, lines = found.body, found.lines
    for place in range(len(body)):
        other = body[:place] + chr(ord(body[place]) ^ 1) + body[place + 1 :]
        assert not Note(other, lines).is_signed_by(verifier)
    mine = [line for line in lines if _key_id(line) == verifier.id]
    (line,) = mine
    signature = base64.b64decode(line.split(" ")[2])
    for place in range(4, len(signature)):
        other = signature[:place] + bytes([signature[place] ^ 0x40]) + signature[place + 1 :]
        assert not verifier.verifies(body, other[4:])
    assert not Note(body, tuple(set(lines) - set(mine))).is_signed_by(verifier)


def _key_id(line: str) -> bytes:
    return base64.b64decode(line.split(" ")[2])[:4]


def test_the_example_of_checkpoints_is_one_of_the_go_checksum_database() -> None:
    found = parse_note(published.SOFA)
    seen = parse_checkpoint(found.body)
    assert (seen.origin, seen.size) == ("example.com/behind-the-sofa", 20852163)
    assert seen.body == published.SOFA_BODY
    assert found.text == published.SOFA
    database = Verifier.parse(published.GO_KEY)
    assert _key_id(found.lines[0]) == database.id
    body = found.body.replace("example.com/behind-the-sofa", "go.sum database tree")
    signature = base64.b64decode(found.lines[0].split(" ")[2])[4:]
    assert database.verifies(body, signature)
    assert not database.verifies(found.body, signature)


def test_a_published_private_key_makes_the_published_signature() -> None:
    signer = Signer.parse(published.PETER_PRIVATE)
    assert signer.verifier.text == published.PETER_KEY
    assert signer.text == published.PETER_PRIVATE
    assert signer.sign(published.PETER_TEXT) == published.PETER_LINE


@pytest.mark.parametrize(
    "text",
    [published.EXAMPLE_KEY, published.PETER_KEY, published.GO_KEY, published.REMORA_KEY],
)
def test_keys_have_the_published_ids(text: str) -> None:
    verifier = Verifier.parse(f"{text}\n")
    assert verifier.text == text
    name, stated, _ = text.split("+", 2)
    assert (verifier.name, verifier.id.hex()) == (name, stated)
    assert verifier.kind == (4 if text == published.REMORA_KEY else 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2l",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k=",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "rekor+c0d23d6a+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNhtmPtrWm3U1eQXBogSMdGvXwBcK5AW",
        "two words+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "\udcff+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "\x1b[31m+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "n" * 300 + "+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "a+b+ÿÿÿ",
    ],
)
def test_what_is_no_key_is_refused_in_a_line(text: str) -> None:
    for parse in (Verifier.parse, Signer.parse):
        with pytest.raises(BadNote) as caught:
            parse(text)
        assert "\n" not in str(caught.value)
        assert str(caught.value).isprintable()


def test_a_private_key_that_is_refused_is_not_quoted() -> None:
    secret = LOG.text.rpartition("+")[2]
    for text in (LOG.text[:-4], LOG.text + "AAAA", LOG.text.replace("log", "lob")):
        with pytest.raises(BadNote) as caught:
            Signer.parse(text)
        assert secret[:10] not in str(caught.value)
    assert secret not in repr(LOG)


def test_a_checkpoint_is_opened_with_the_key_of_its_log_only() -> None:
    assert open_checkpoint(SIGNED, LOG.verifier) == SEEN
    stranger = Signer.generate("example.com/log").verifier
    with pytest.raises(BadNote, match="not by the key of its log"):
        open_checkpoint(SIGNED, stranger)
    with pytest.raises(BadNote, match=r"is of the log 'example\.com/log'"):
        open_checkpoint(SIGNED, Verifier("example.com/other", 1, LOG.verifier.public))


def test_one_wrong_signature_of_a_known_key_is_one_too_many() -> None:
    other = LOG.sign("something else\n")
    assert not parse_note(SIGNED + other).is_signed_by(LOG.verifier)
    assert parse_note(SIGNED + Signer.generate("example.com/log").sign("x\n")).is_signed_by(
        LOG.verifier
    )


def test_a_witness_signs_time_and_checkpoint_and_no_log_key_can_pass_for_it() -> None:
    line = WITNESS.cosign(SEEN.body, 1763881562)
    text = SIGNED + line
    assert parse_note(text).is_signed_by(WITNESS.verifier)
    assert open_checkpoint(text, LOG.verifier) == SEEN
    data = base64.b64decode(line.split(" ")[2])
    assert int.from_bytes(data[4:12]) == 1763881562
    later = data[4:12][:-1] + bytes([data[11] ^ 1]) + data[12:]
    assert not WITNESS.verifier.verifies(SEEN.body, later)
    plain = Verifier(WITNESS.verifier.name, 1, WITNESS.verifier.public)
    assert plain.id != WITNESS.verifier.id
    assert not parse_note(text).is_signed_by(plain)
    assert not plain.verifies(SEEN.body, data[12:])


def test_a_witness_cannot_sign_beyond_the_end_of_time() -> None:
    data = base64.b64decode(WITNESS.cosign(SEEN.body, 2**63).split(" ")[2])
    assert not WITNESS.verifier.verifies(SEEN.body, data[4:])


HOSTILE = [
    "",
    "\n",
    "\n\n",
    "a\n",
    "a\n\n",
    "a\n\nb\n",
    f"{SEEN.body}{LOG.sign(SEEN.body)}",
    SIGNED[:-1],
    SIGNED + "\n",
    SIGNED + "x\n",
    SIGNED.replace("— ", "- "),
    SIGNED.replace("\n\n", "\n\x00\n\n"),
    SIGNED.replace("\n\n", "\n\t\n\n"),
    SIGNED.replace("\n", "\r\n"),
    SIGNED.rstrip("\n") + "\u2028" + "— example.com/log AAAA\n",
    SIGNED.rstrip("\n") + "\x85— example.com/log AAAA\n",
    SIGNED + "\udcff\n",
    SIGNED + LOG.sign(SEEN.body) * 40,
    "x" * note.NOTE_BYTES + SIGNED,
    SIGNED + "— example.com/log ????\n",
    SIGNED + "— example.com/log AAB=\n",
    SIGNED + "— example.com/log ÿ\n",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_notes_are_refused_in_a_line(text: str) -> None:
    with pytest.raises(BadNote) as caught:
        open_checkpoint(text, LOG.verifier)
    assert str(caught.value).isprintable()


def test_signatures_of_unknown_keys_and_kinds_are_passed_over() -> None:
    lines = [
        "— example.com/log\n",
        "— example.com/log AAAA\n",
        "— example.com/other " + "AAAA" * 300 + "\n",
        Signer.generate("example.com/other").sign(SEEN.body),
    ]
    assert open_checkpoint(SIGNED + "".join(lines), LOG.verifier) == SEEN
    assert open_checkpoint(SIGNED + lines[3] * 15, LOG.verifier) == SEEN


ROOT = base64.b64encode(SEEN.root).decode()


@pytest.mark.parametrize(
    "body",
    [
        "example.com/log\n1\n",
        f"example.com/log\n1\n{ROOT}",
        f"example.com/log\n1\n{ROOT}\nextension\n",
        f"example.com/log\n1\n{ROOT}\n\n",
        f"\n1\n{ROOT}\n",
        f"two words\n1\n{ROOT}\n",
        f"example.com/log\n\n{ROOT}\n",
        f"example.com/log\n01\n{ROOT}\n",
        f"example.com/log\n+1\n{ROOT}\n",
        f"example.com/log\n-1\n{ROOT}\n",
        f"example.com/log\n1_0\n{ROOT}\n",
        f"example.com/log\n1.0\n{ROOT}\n",
        f"example.com/log\n1 \n{ROOT}\n",
        f"example.com/log\n²\n{ROOT}\n",
        f"example.com/log\n１\n{ROOT}\n",
        f"example.com/log\n{2**63}\n{ROOT}\n",
        f"example.com/log\n{'9' * 10_000}\n{ROOT}\n",
        f"example.com/log\n1\n{ROOT[:-4]}\n",
        f"example.com/log\n1\n{ROOT.rstrip('=')}\n",
        f"example.com/log\n1\n{ROOT[:-2]}B=\n",
        f"example.com/log\n1\n {ROOT}\n",
    ],
)
def test_what_is_no_checkpoint_is_refused_even_if_it_is_signed(body: str) -> None:
    with pytest.raises(BadNote):
        parse_checkpoint(body)
    with pytest.raises(BadNote):
        open_checkpoint(f"{body}\n{LOG.sign(body)}", LOG.verifier)


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_checkpoints_come_back(size: int, root: bytes) -> None:
    seen = Checkpoint("example.com/log", size, root)
    assert parse_checkpoint(seen.body) == seen


@given(st.text())
def test_any_text_is_a_note_or_refused(text: str) -> None:
    for candidate in (text, f"{SIGNED}{text}", f"{text}{SIGNED}"):
        with contextlib.suppress(BadNote):
            assert open_checkpoint(candidate, LOG.verifier) == SEEN


@given(st.integers(0, len(SIGNED) - 1), st.characters())
def test_a_changed_character_never_goes_unnoticed(place: int, character: str) -> None:
    changed = SIGNED[:place] + character + SIGNED[place + 1 :]
    if changed != SIGNED:
        with pytest.raises(BadNote):
            open_checkpoint(changed, LOG.verifier)


def test_notes_of_one_file_are_told_apart_and_a_torn_end_is_left_out() -> None:
    notes = [SIGNED, SIGNED + WITNESS.cosign(SEEN.body, 5), SIGNED]
    data = "".join(f"{text}\n" for text in notes).encode()
    found = split_notes(data)
    assert [text for text, _ in found] == notes
    assert found[-1][1] == len(data)
    ends = [0, *(end for _, end in found)]
    for cut in range(len(data)):
        whole = split_notes(data[:cut])
        assert [text for text, _ in whole] == notes[: len(whole)]
        assert (whole[-1][1] if whole else 0) == max(end for end in ends if end <= cut)
