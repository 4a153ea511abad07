"""Roots and proofs are those of RFC 6962's own definition, and nothing else is let through."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funsearch.archive.tlog import merkle
from funsearch.archive.tlog.merkle import is_consistent, leaf_hash, node_hash, root_from_inclusion

MOST = 1500
SMALL = 70
ENTRIES = [f"entry {number}".encode() for number in range(MOST)]


# RFC 6962, section 2.1, as it stands there: D[n] is `entries`.


def defined_root(entries: Sequence[bytes]) -> bytes:
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = split(len(entries))
    parts = defined_root(entries[:k]) + defined_root(entries[k:])
    return hashlib.sha256(b"\x01" + parts).digest()


def defined_path(m: int, entries: Sequence[bytes]) -> list[bytes]:
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*defined_path(m, entries[:k]), defined_root(entries[k:])]
    return [*defined_path(m - k, entries[k:]), defined_root(entries[:k])]


def defined_subproof(m: int, entries: Sequence[bytes], b: bool) -> list[bytes]:
    if m == len(entries):
        return [] if b else [defined_root(entries)]
    k = split(len(entries))
    if m <= k:
        return [*defined_subproof(m, entries[:k], b), defined_root(entries[k:])]
    return [*defined_subproof(m - k, entries[k:], False), defined_root(entries[:k])]


def split(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


@cache
def subtree(height: int, index: int) -> bytes:
    return defined_root(ENTRIES[index << height : (index + 1) << height])


@cache
def root(size: int) -> bytes:
    return merkle.root(size, subtree)


@cache
def inclusion(index: int, size: int) -> tuple[bytes, ...]:
    return tuple(merkle.inclusion_proof(index, size, subtree))


@cache
def consistency(old: int, new: int) -> tuple[bytes, ...]:
    return tuple(merkle.consistency_proof(old, new, subtree))


def leads_to(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes | None:
    """Return the root that a proof leads to, None if it is refused."""
    try:
        return root_from_inclusion(index, size, leaf, proof)
    except ValueError:
        return None


@pytest.mark.parametrize("size", range(SMALL))
def test_small_trees_are_as_defined(size: int) -> None:
    entries = ENTRIES[:size]
    assert root(size) == defined_root(entries)
    for index in range(size):
        proof = inclusion(index, size)
        assert list(proof) == defined_path(index, entries)
        assert leads_to(index, size, leaf_hash(ENTRIES[index]), proof) == root(size)
    for old in range(size + 1):
        proof = consistency(old, size)
        if old:
            assert list(proof) == defined_subproof(old, entries, True)
        assert is_consistent(old, root(old), size, root(size), proof)


@given(st.data(), st.integers(1, MOST))
def test_larger_trees_are_as_defined(data: st.DataObject, size: int) -> None:
    entries = ENTRIES[:size]
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    assert root(size) == defined_root(entries)
    assert list(inclusion(index, size)) == defined_path(index, entries)
    assert list(consistency(old, size)) == defined_subproof(old, entries, True)
    assert leads_to(index, size, leaf_hash(ENTRIES[index]), inclusion(index, size)) == root(size)
    assert is_consistent(old, root(old), size, root(size), consistency(old, size))


# Vectors of the Certificate Transparency project (transparency-dev/merkle).
CT_ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
CT_01 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
CT_23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
CT_47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
CT_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
CT_67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
CT_45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
CT_6 = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
CT_INCLUSION = {
    (0, 1): (),
    (0, 8): (CT_01, CT_23, CT_47),
    (5, 8): (CT_4, CT_67, CT_ROOTS[4]),
    (2, 3): (CT_ROOTS[2],),
    (1, 5): (CT_ROOTS[1], CT_23, CT_4),
}
CT_CONSISTENCY = {
    (1, 1): (),
    (1, 8): (CT_01, CT_23, CT_47),
    (6, 8): (CT_45, CT_67, CT_ROOTS[4]),
    (2, 5): (CT_23, CT_4),
    (6, 7): (CT_45, CT_6, CT_ROOTS[4]),
}


def ct_subtree(height: int, index: int) -> bytes:
    return defined_root(CT_ENTRIES[index << height : (index + 1) << height])


def from_hex(texts: Sequence[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


@pytest.mark.parametrize("size", range(9))
def test_published_roots_come_out(size: int) -> None:
    assert merkle.root(size, ct_subtree).hex() == CT_ROOTS[size]
    assert merkle.EMPTY_ROOT.hex() == CT_ROOTS[0]


@pytest.mark.parametrize(("index", "size"), CT_INCLUSION)
def test_published_inclusion_proofs_come_out(index: int, size: int) -> None:
    proof = from_hex(CT_INCLUSION[index, size])
    assert merkle.inclusion_proof(index, size, ct_subtree) == proof
    found = root_from_inclusion(index, size, leaf_hash(CT_ENTRIES[index]), proof)
    assert found.hex() == CT_ROOTS[size]


@pytest.mark.parametrize(("old", "new"), CT_CONSISTENCY)
def test_published_consistency_proofs_come_out(old: int, new: int) -> None:
    proof = from_hex(CT_CONSISTENCY[old, new])
    assert merkle.consistency_proof(old, new, ct_subtree) == proof
    roots = from_hex([CT_ROOTS[old], CT_ROOTS[new]])
    assert is_consistent(old, roots[0], new, roots[1], proof)


def damaged(proof: Sequence[bytes]) -> list[list[bytes]]:
    """Return proofs with a hash changed, taken out, doubled or added, or two swapped."""
    found: list[list[bytes]] = []
    for place, value in enumerate(proof):
        flipped = bytes([value[0] ^ 1]) + value[1:]
        found += [
            [*proof[:place], *middle, *proof[place + 1 :]]
            for middle in ([flipped], [], [value, value], [b""], [value[:31]], [value + b"\x00"])
        ]
        found.append([*proof[:place], *reversed(proof[place : place + 2]), *proof[place + 2 :]])
    for extra in (bytes(32), b"", root(5)):
        found += [[extra, *proof], [*proof, extra]]
    return [other for other in found if tuple(other) != tuple(proof)]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 21])
def test_a_changed_inclusion_proof_is_refused(size: int) -> None:
    for index in range(size):
        leaf = leaf_hash(ENTRIES[index])
        for other in damaged(inclusion(index, size)):
            assert leads_to(index, size, leaf, other) != root(size)
        assert leads_to(index, size, leaf_hash(b"other"), inclusion(index, size)) != root(size)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 21])
def test_an_inclusion_proof_holds_for_its_index_and_size_only(size: int) -> None:
    for index in range(size):
        leaf, proof = leaf_hash(ENTRIES[index]), inclusion(index, size)
        for other in {-1, *range(size + 2), 2 * size, 2**40} - {index}:
            assert leads_to(other, size, leaf, proof) != root(size)
        for other in set(range(1, 40)) - {size}:
            assert leads_to(index, other, leaf, proof) != root(other)


@pytest.mark.parametrize("new", [1, 2, 3, 5, 8, 13, 21])
def test_a_changed_consistency_proof_is_refused(new: int) -> None:
    for old in range(1, new + 1):
        proof = consistency(old, new)
        for other in damaged(proof):
            assert not is_consistent(old, root(old), new, root(new), other)
        other = root(new + 1)
        assert not is_consistent(old, other, new, root(new), proof)
        assert not is_consistent(old, root(old), new, other, proof)
        assert old == new or not is_consistent(old, root(new), new, root(old), proof)


def test_a_consistency_proof_holds_for_its_sizes_only() -> None:
    pairs = [(old, new) for new in range(1, 14) for old in range(1, new + 1)]
    for old, new in pairs:
        proof = consistency(old, new)
        for a in range(15):
            for b in range(15):
                right = 0 < a <= b and proof == consistency(a, b)
                assert is_consistent(a, root(a), b, root(b), proof) == (
                    right or (a == 0 and not proof)
                )


def test_an_empty_tree_begins_every_tree_and_needs_no_proof() -> None:
    assert is_consistent(0, merkle.EMPTY_ROOT, 5, root(5), [])
    assert is_consistent(0, merkle.EMPTY_ROOT, 0, merkle.EMPTY_ROOT, [])
    assert not is_consistent(0, root(1), 5, root(5), [])
    assert not is_consistent(0, merkle.EMPTY_ROOT, 5, root(5), [root(5)])
    assert merkle.consistency_proof(0, 5, subtree) == []


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 3), (3, 3)])
def test_there_is_no_proof_of_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="has no entry"):
        merkle.inclusion_proof(index, size, subtree)
    with pytest.raises(ValueError, match="has no entry"):
        root_from_inclusion(index, size, bytes(32), [])


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
def test_a_tree_has_no_larger_beginning(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="has no beginning"):
        merkle.consistency_proof(old, new, subtree)
    assert not is_consistent(old, root(3), new, root(3), [])


@given(st.integers(0, 2**62), st.integers(1, 2**62), st.lists(st.binary(max_size=40), max_size=70))
def test_any_proof_of_any_tree_has_an_answer(index: int, size: int, proof: Sequence[bytes]) -> None:
    leads_to(index, size, bytes(32), proof)
    assert not is_consistent(index, bytes(32), size, bytes(32), proof) or index == size


ALIKE = [leaf_hash(b"")]
for _ in range(62):
    ALIKE.append(node_hash(ALIKE[-1], ALIKE[-1]))


@given(st.integers(1, 2**62), st.data())
def test_proofs_of_huge_trees_verify(size: int, data: st.DataObject) -> None:
    """All entries are alike, so that the hash of a subtree depends on its height alone."""

    def alike(height: int, index: int) -> bytes:
        assert (index + 1) << height <= size
        return ALIKE[height]

    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    whole = merkle.root(size, alike)
    proof = merkle.inclusion_proof(index, size, alike)
    assert leads_to(index, size, ALIKE[0], proof) == whole
    extension = merkle.consistency_proof(old, size, alike)
    assert is_consistent(old, merkle.root(old, alike), size, whole, extension)
    assert len(proof) <= 62
    assert len(extension) <= 63


def test_hashes_of_another_length_are_refused_even_if_their_sum_is_right() -> None:
    first, second, *rest = consistency(6, 8)
    joined = second + first
    shifted = [joined[33:], joined[:33], *rest]
    assert not is_consistent(6, root(6), 8, root(8), shifted)
    assert leads_to(0, 2, leaf_hash(ENTRIES[0]), [leaf_hash(ENTRIES[1])[:31]]) is None
