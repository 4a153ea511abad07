"""Files that appear whole or not at all, and names that stay where they belong."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funsearch.archive.errors import ArchiveError
from funsearch.export.writing import Once, file_name, new_file, new_folder

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(TEXTS)
def test_any_text_makes_one_plain_file_name(text: str) -> None:
    name = file_name(text)
    assert re.fullmatch(r"[A-Za-z0-9_%=,+.~ -]+", name)
    assert name[0] not in ".-~ "
    assert len(name) <= 160


@given(TEXTS, TEXTS)
def test_different_texts_have_different_names(first: str, second: str) -> None:
    assert (file_name(first) == file_name(second)) == (first == second)


def test_usual_names_stay_as_they_are() -> None:
    for name in ("n=8", "u120_00", "n=3,w=4", "cap_set", "a b"):
        assert file_name(name) == name


def test_long_names_are_cut_and_stay_apart() -> None:
    long = "é" * 200
    assert file_name(long + "a") != file_name(long + "b")


def fill(path: Path, error: Exception) -> None:
    with new_file(path) as file:
        file.write(b"half")
        raise error


def fill_folder(path: Path, error: Exception) -> None:
    with new_folder(path) as folder:
        (folder / "a").write_text("half")
        raise error


@pytest.mark.parametrize("fails", [fill, fill_folder])
def test_nothing_is_left_of_what_failed(
    tmp_path: Path, fails: Callable[[Path, Exception], None]
) -> None:
    with pytest.raises(RuntimeError):
        fails(tmp_path / "x", RuntimeError())
    with pytest.raises(ArchiveError, match="x cannot be written: No space"):
        fails(tmp_path / "x", OSError(28, "No space left on device"))
    assert list(tmp_path.iterdir()) == []


def test_folder_is_not_there_before_it_is_whole(tmp_path: Path) -> None:
    with new_folder(tmp_path / "x") as folder:
        (folder / "a").write_text("whole")
        assert not (tmp_path / "x").exists()
    assert (tmp_path / "x" / "a").read_text() == "whole"


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    with pytest.raises(ArchiveError, match="exists already"), new_folder(tmp_path / "link"):
        pass
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ArchiveError, match="exists already"), new_file(tmp_path / "dangling"):
        pass


def test_once_tells_the_first_time(tmp_path: Path) -> None:
    once = Once(tmp_path / "seen")
    assert [once(key) for key in ("a", "b", "a", "", "b", "")] == [
        True,
        True,
        False,
        True,
        False,
        False,
    ]
    once.close()
