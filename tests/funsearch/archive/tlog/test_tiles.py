"""Tiles are those that c2sp.org/tlog-tiles asks for, and none that was altered is believed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funsearch.archive.tlog import merkle, tiles
from funsearch.archive.tlog.merkle import leaf_hash
from funsearch.archive.tlog.tiles import WIDTH, BadLog, Tree, bundle_path, tile_path
from funsearch.archive.weaver import Weaver
from tests.funsearch.archive.tlog.support import as_specified, entry, root, stored

SPECIFIED = 70_000


def open_tree(files: dict[str, bytes], size: int, of: bytes | None = None) -> Tree:
    def fetch(path: str, most: int) -> bytes:
        if path not in files:
            raise FileNotFoundError(path)
        return files[path][: most + 1]

    return Tree(fetch, size, root(size) if of is None else of)


def weave(folder: Path, size: int) -> Weaver:
    weaver = Weaver(folder, 0)
    entries = [entry(number) for number in range(size)]
    weaver.add(entries, [leaf_hash(one) for one in entries])
    weaver.write_edge()
    return weaver


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (tile_path(0, 1234067), "tile/0/x001/x234/067"),
        (tile_path(3, 0), "tile/3/000"),
        (tile_path(0, 999), "tile/0/999"),
        (tile_path(0, 1000), "tile/0/x001/000"),
        (tile_path(1, 273, 112), "tile/1/273.p/112"),
        (tile_path(0, 1234067, 1), "tile/0/x001/x234/067.p/1"),
        (bundle_path(1234067), "tile/entries/x001/x234/067"),
        (bundle_path(5, 255), "tile/entries/005.p/255"),
        (tile_path(63, 10**6), "tile/63/x001/x000/000"),
    ],
)
def test_paths_are_as_specified(path: str, name: str) -> None:
    assert path == name


@pytest.mark.parametrize(
    ("size", "widths"),
    [(0, []), (1, [1]), (255, [255]), (256, [0, 1]), (257, [1, 1]), (SPECIFIED, [112, 17, 1])],
)
def test_partial_tiles_are_as_wide_as_specified(size: int, widths: list[int]) -> None:
    assert tiles.levels(size) == len(widths)
    assert [tiles.partial_width(size, level) for level in range(len(widths))] == widths


def test_the_specified_example_is_written_and_read(tmp_path: Path) -> None:
    weaver = weave(tmp_path, SPECIFIED)
    files = stored(tmp_path)
    assert files == as_specified(SPECIFIED)
    count = dict.fromkeys(range(3), 0)
    for path, data in files.items():
        if not path.startswith("tile/entries") and ".p/" not in path:
            count[int(path.split("/")[1])] += 1
            assert len(data) == 8192
    assert count == {0: 273, 1: 1, 2: 0}
    assert {path for path in files if ".p/" in path} == {
        "tile/0/273.p/112",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
        "tile/entries/273.p/112",
    }
    assert weaver.root() == root(SPECIFIED)
    tree = open_tree(files, SPECIFIED)
    for number in (0, 255, 256, 65_535, 65_536, 69_887, 69_888, SPECIFIED - 1):
        assert tree.leaf(number) == leaf_hash(entry(number))
        assert tree.entries(number // WIDTH)[number % WIDTH] == entry(number)
        proof = merkle.inclusion_proof(number, SPECIFIED, tree.subtree)
        leaf = leaf_hash(entry(number))
        assert merkle.root_from_inclusion(number, SPECIFIED, leaf, proof) == root(SPECIFIED)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 512, 600])
def test_a_tree_grows_into_the_files_that_it_has_when_it_is_made_at_once(
    tmp_path: Path, size: int
) -> None:
    weaver = Weaver(tmp_path, 0)
    for number in range(size):
        weaver.add([entry(number)], [leaf_hash(entry(number))])
    weaver.write_edge()
    assert stored(tmp_path) == as_specified(size)
    assert weaver.root() == root(size)


def test_partial_files_stay_until_the_full_one_is_there(tmp_path: Path) -> None:
    weaver = weave(tmp_path, 100)
    for size in (200, 256):
        entries = [entry(number) for number in range(weaver.size, size)]
        weaver.add(entries, [leaf_hash(one) for one in entries])
        weaver.write_edge()
        names = {path for path in stored(tmp_path) if path.startswith("tile/0")}
        partial = {"tile/0/000.p/100", "tile/0/000.p/200"}
        assert names == (partial if size == 200 else {"tile/0/000"})
    # Who has opened the log at an earlier checkpoint goes on with the full files.
    for size in (100, 200):
        tree = open_tree(stored(tmp_path), size)
        assert tree.entries(0) == [entry(number) for number in range(size)]


def damages(data: bytes) -> list[bytes | None]:
    """Return a file altered at its ends and inside, cut off, extended, empty, and missing."""
    middle = len(data) // 2
    flipped = [
        data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        for place in (0, middle, len(data) - 1)
    ]
    return [*flipped, data[:-1], data[:middle], b"", data + b"\x00", data + data, None]


def read_all(files: dict[str, bytes], size: int) -> int | None:
    """Read all of a tree; return the number of the first entry that cannot be vouched for."""
    try:
        tree = open_tree(files, size)
        for bundle in range(-(-size // WIDTH)):
            found = tree.entries(bundle)
            assert found == [
                entry(number) for number in range(bundle * WIDTH, bundle * WIDTH + len(found))
            ]
    except BadLog as error:
        return error.entry
    return None


@pytest.mark.parametrize("size", [1, 200, 256, 600, 700])
def test_each_altered_or_missing_file_is_named(size: int) -> None:
    files = as_specified(size)
    assert read_all(files, size) is None
    for path, data in files.items():
        for other in damages(data):
            changed = {name: one for name, one in files.items() if name != path}
            if other is not None:
                changed[path] = other
            first = read_all(changed, size)
            assert first is not None, path
            assert 0 <= first < size
            if not path.startswith("tile/0") and not path.startswith("tile/entries"):
                continue
            index = int(path.split("/")[2].removesuffix(".p"))
            at_edge = path.startswith("tile/0") and ".p/" in path
            assert first // WIDTH == index or (at_edge and first == 0), path


def test_the_first_altered_entry_of_a_bundle_is_named() -> None:
    files = as_specified(600)
    for number in (256, 300, 511, 512, 599):
        bundle = [entry(other) for other in range(number - number % WIDTH, 600)][:WIDTH]
        bundle[number % WIDTH] = b"another"
        path = bundle_path(number // WIDTH, len(bundle))
        assert read_all({**files, path: tiles.pack(bundle)}, 600) == number


def test_tiles_of_another_log_are_not_believed() -> None:
    with pytest.raises(BadLog, match="do not lead to its root"):
        open_tree(as_specified(600), 600, of=root(601))
    with pytest.raises(BadLog, match=r"is missing"):
        open_tree(as_specified(600), 601)


def test_files_are_read_no_further_than_they_may_reach() -> None:
    wanted: dict[str, int] = {}
    files = as_specified(600)

    def fetch(path: str, most: int) -> bytes:
        wanted[path] = most
        return files[path]

    tree = Tree(fetch, 600, root(600))
    tree.entries(0)
    assert wanted["tile/0/002.p/88"] == wanted["tile/0/000"] == 8192
    assert wanted["tile/entries/000"] == WIDTH * 65_537


@given(st.lists(st.binary(max_size=300), max_size=40))
def test_bundles_come_back(entries: Sequence[bytes]) -> None:
    assert list(tiles.unpack(tiles.pack(entries))) == entries


def test_an_entry_may_be_as_long_as_sixteen_bits_say() -> None:
    entries = [bytes(tiles.MOST_ENTRY_BYTES), b"", b"x"]
    assert list(tiles.unpack(tiles.pack(entries))) == entries
    with pytest.raises(OverflowError):
        tiles.pack([bytes(tiles.MOST_ENTRY_BYTES + 1)])


@given(st.binary(max_size=2000))
def test_any_bytes_are_a_bundle_or_refused(data: bytes) -> None:
    try:
        assert tiles.pack(list(tiles.unpack(data))) == data
    except ValueError as error:
        assert "cut off" in str(error)  # noqa: PT017 - only some inputs are refused
