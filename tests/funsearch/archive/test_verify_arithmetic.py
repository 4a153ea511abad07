"""The arithmetic of the outsider's verifier, against the archive's and another implementation's."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from funsearch.archive.tlog import merkle
from tests.funsearch.archive.outsider import verify


def climb(count: int, size: int, hashes: Sequence[bytes], *, whole: bool) -> Any:
    try:
        rest = list(hashes)
        found = verify.climb(count, size, rest, whole)
        return None if rest else tuple(found)
    except ValueError:
        return None


def test_roots_of_random_trees_agree_with_the_archive() -> None:
    draws = random.Random(1)
    leaves = [merkle.leaf_hash(b"%d" % number) for number in range(2000)]

    def subtree(height: int, index: int) -> bytes:
        return merkle.complete_root(leaves[index << height : (index + 1) << height])

    pairs = [(old, size) for size in range(1, 20) for old in range(1, size + 1)]
    pairs += [(draws.randint(1, size), size) for size in draws.sample(range(20, 2000), 40)]
    for old, size in pairs:
        root = merkle.root(size, subtree)
        path = merkle.inclusion_proof(old - 1, size, subtree)
        assert climb(old, size, [leaves[old - 1], *path], whole=False)[1] == root
        for other in (path[1:], [*path, bytes(32)], [bytes(32), *path], path[::-1]):
            found = climb(old, size, [leaves[old - 1], *other], whole=False)
            assert found is None or found[1] != root or other == path
        before = merkle.root(old, subtree)
        hashes = merkle.consistency_proof(old, size, subtree)
        start = [before] if old & (old - 1) == 0 or old == size else []
        assert climb(old, size, [*start, *hashes], whole=True) == (before, root)
        for other in (hashes[1:], [*hashes, bytes(32)], [bytes(32), *hashes], hashes[::-1]):
            found = climb(old, size, [*start, *other], whole=True)
            assert found != (before, root) or other == hashes


@pytest.mark.parametrize(("count", "size"), [(0, 0), (0, 5), (6, 5), (-1, 5), (1, 0)])
def test_there_are_no_proofs_beyond_a_tree(count: int, size: int) -> None:
    for whole in (False, True):
        assert climb(count, size, [bytes(32)] * 5, whole=whole) is None


# Signatures: RFC 8032, section 7.1, and against another implementation

VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
        "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1"
        "8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b5890"
        "9351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc_verify(public: str, message: str, signature: str) -> None:
    key, data = bytes.fromhex(public), bytes.fromhex(signature)
    assert verify.is_signed(key, bytes.fromhex(message), data)
    assert not verify.is_signed(key, bytes.fromhex(message) + b"x", data)


def accepted(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_signatures_are_judged_as_another_implementation_does() -> None:
    draws = random.Random(2)
    for _ in range(15):
        private = Ed25519PrivateKey.from_private_bytes(draws.randbytes(32))
        public, message = private.public_key().public_bytes_raw(), draws.randbytes(40)
        good = private.sign(message)
        place = draws.randrange(64)
        flipped = good[:place] + bytes([good[place] ^ 1 << draws.randrange(8)]) + good[place + 1 :]
        s = int.from_bytes(good[32:], "little")
        larger = good[:32] + (s + verify.ORDER).to_bytes(32, "little")
        negative = good[:32] + (verify.ORDER - s).to_bytes(32, "little")
        others = (flipped, larger, negative, good[:63], good + b"\x00", good[:32], b"")
        assert verify.is_signed(public, message, good)
        assert accepted(public, message, good)
        for other in others:
            assert not verify.is_signed(public, message, other)
            assert not accepted(public, message, other)


def test_points_have_one_proper_form() -> None:
    """With the neutral point as key, s*B is R whatever the message is."""
    neutral = (1).to_bytes(32, "little")
    good = neutral + bytes(32)
    assert verify.is_signed(neutral, b"message", good)
    for other in (verify.P, verify.P + 1, 1 + 2**255, verify.P + 1 + 2**255, 2**256 - 1, 2):
        data = other.to_bytes(32, "little")
        assert verify.decode_point(data) is None
        assert not verify.is_signed(neutral, b"message", data + bytes(32))
    assert verify.decode_point(neutral) == (0, 1)
