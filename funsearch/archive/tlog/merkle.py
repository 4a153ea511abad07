"""Merkle trees of RFC 6962: hashes, roots and proofs over whatever gives the hashes of subtrees.

A *subtree* here is a complete one: the subtree of height h and index i covers the 2**h entries
from i * 2**h on. `Subtree` returns its hash; proofs ask for the O(log n) they need.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

Subtree = Callable[[int, int], bytes]
"""Height and index of a complete subtree → its hash."""

EMPTY_ROOT = hashlib.sha256().digest()
"""Root of the tree without entries."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """Return the hash of a complete subtree from those of 2**k subtrees that make it up."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


def root(size: int, subtree: Subtree) -> bytes:
    """Return the root of the tree over the first `size` entries."""
    return _range(0, size, subtree) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """Return the proof that entry `index` is in the tree of `size` (RFC 6962, 2.1.1).

    From the leaf's sibling up to the child of the root.

    Raises:
        ValueError: the tree has no such entry.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} entries has no entry {index}")
    proof: list[bytes] = []
    start = 0
    while size > 1:
        half = _half(size)
        if index - start < half:
            proof.append(_range(start + half, size - half, subtree))
            size = half
        else:
            proof.append(_range(start, half, subtree))
            start, size = start + half, size - half
    return proof[::-1]


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """Return the proof that the tree of `old` is a beginning of that of `new` (RFC 6962, 2.1.2).

    Empty if they are the same, or the old one is empty.

    Raises:
        ValueError: the old one is larger.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} entries has no beginning of {old}")
    proof: list[bytes] = []
    start, whole = 0, True
    while 0 < old < new:
        half = _half(new)
        if old <= half:
            proof.append(_range(start + half, new - half, subtree))
            new = half
        else:
            proof.append(_range(start, half, subtree))
            start, old, new, whole = start + half, old - half, new - half, False
    if not whole:
        proof.append(_range(start, new, subtree))
    return proof[::-1]


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Return the root that an inclusion proof leads to (RFC 9162, 2.1.3.2).

    Raises:
        ValueError: it is no proof for that place in a tree of that size.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} entries has no entry {index}")
    if not _are_hashes(proof):
        raise ValueError("a hash of the proof has not 32 bytes")
    first, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ValueError("the proof is too long")
        if first & 1 or first == last:
            found = node_hash(sibling, found)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        first, last = first >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return found


def is_consistent(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether a proof shows that one tree is a beginning of another (RFC 9162, 2.1.4.2)."""
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new or not proof or not _are_hashes(proof):
        return old == 0 and old_root == EMPTY_ROOT and not proof
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old_found = new_found = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old_found, new_found = node_hash(sibling, old_found), node_hash(sibling, new_found)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new_found = node_hash(new_found, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and old_found == old_root and new_found == new_root


def _are_hashes(proof: Sequence[bytes]) -> bool:
    """Whether no byte of one can pass for a byte of the next."""
    return all(len(value) == 32 for value in proof)


def _half(size: int) -> int:
    """Return the largest power of two below a size of at least two."""
    return 1 << (size - 1).bit_length() - 1


def _range(start: int, size: int, subtree: Subtree) -> bytes:
    """Return the hash over `size` entries from `start`, which a half of some tree begins with."""
    if size & (size - 1) == 0:
        height = size.bit_length() - 1
        return subtree(height, start >> height)
    half = _half(size)
    return node_hash(_range(start, half, subtree), _range(start + half, size - half, subtree))
