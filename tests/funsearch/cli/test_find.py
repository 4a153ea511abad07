"""`funsearch find` and `funsearch archive rebuild`, as a user meets them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from funsearch.archive.archive import Archive
from funsearch.archive.log import LogReader
from tests.funsearch.archive.conftest import CONFIG, digest
from tests.funsearch.archive.histories import Sources, history
from tests.funsearch.cli.shell import Shell


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Return a shell in a folder with one run, `first`, whose program of record 1 is retracted."""
    shell = Shell(tmp_path_factory.mktemp("shell"))
    make = Sources()
    folder = shell.folder / "runs" / "first"
    with Archive.create(folder, CONFIG) as archive:
        history(archive, seed=1)
        archive.flush()
        entry = digest(LogReader(folder).entry(1))
        archive.append(make.retraction(1, entry=entry, reason="\x1b[31mforged", by="me"))
    return shell


def one_line(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    return lines[0]


def test_find_lists_programs_by_words(shell: Shell) -> None:
    rows = shell.json("find", "first", "--text", "total range", "--limit", "1000")
    assert len(rows) > 3
    for row in rows:
        assert list(row) == [
            "program", "record", "evaluation", "verdict", "score", "flags", "island", "sampler",
            "model", "reason", "retracted_by",
        ]  # fmt: skip
        assert "total" in shell("show", str(row["program"]), "--run", "first")
    table = shell("find", "first", "--text", "total range", "--limit", "1000")
    assert [line.split()[0] for line in table.splitlines()[1:]] == [
        str(row["program"])[:12] for row in rows
    ]


def test_pages_follow_each_other(shell: Shell) -> None:
    whole = shell.json("find", "first", "--limit", "1000")
    found: list[dict[str, object]] = []
    after: list[str] = []
    while True:
        *rows, last = shell.json("find", "first", "--limit", "25", *after)
        found += rows
        if "after" not in last:
            found.append(last)
            break
        after = ["--after", str(last["after"])]
        assert f"add --after {last['after']}" in shell("find", "first", "--limit", str(len(found)))
    assert found == whole


def test_nearest_say_how_like_they_are(shell: Shell) -> None:
    program = str(shell.json("find", "first", "--limit", "1")[0]["program"])
    *rows, last = shell.json("find", "first", "--near", program[:8], "--limit", "30")
    assert "after" in last
    shares = [float(str(row["similarity"])) for row in rows]
    assert shares == sorted(shares, reverse=True)
    assert program not in [row["program"] for row in rows]
    assert "similarity" in shell("find", "first", "--near", program)


def test_failures_are_listed_with_what_held_no_program(shell: Shell) -> None:
    rows = shell.json("find", "first", "--verdict", "rejected")
    assert [(row["program"], row["verdict"]) for row in rows] == [(None, "rejected")]
    crashed = shell.json("find", "first", "--verdict", "crashed", "--island", "3", "--limit", "5")
    assert {row["verdict"] for row in crashed[:-1]} == {"crashed"}
    assert "ZeroDivisionError" in shell("find", "first", "--verdict", "crashed")


def test_an_island_shows_its_best_first(shell: Shell) -> None:
    rows = shell.json("find", "first", "--island", "3", "--limit", "1000")
    scores = [float(str(row["score"])) for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert shell("find", "first", "--island", "99") == "no such program\n"


def test_a_retracted_program_is_shown_as_one(shell: Shell) -> None:
    seed = next(row for row in shell.json("find", "first", "--limit", "1000") if row["record"] == 1)
    (retraction,) = seed["retracted_by"]  # type: ignore[misc]
    output = shell("find", "first", "--sampler", "seed")
    assert f"retracted by record {retraction}" in output
    children = shell.json("find", "first", "--descends-from", str(seed["program"])[:6])
    assert 1 not in [row.get("record") for row in children]


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (["--text", "+"], 1, "'+' has no word to look for"),
        (["--near", "abc"], 1, "'abc' is no program's ID: give at least 6 hex digits of it"),
        (["--near", "abcdef"], 2, "'abcdef' is no program's ID in "),
        (["--after", "\x1b[31m"], 1, r"'\x1b[31m' is no page of this list"),
        (["--text", "a", "--near", "abcdef"], 2, "give one of --text, --near"),
        (["--limit", "0"], 2, "limit"),
    ],
)
def test_mistakes_take_one_line(shell: Shell, options: list[str], status: int, said: str) -> None:
    assert shell("find", "first", *options, status=status) == ""
    assert said in one_line(shell.errors)


def test_rebuild_and_its_check(shell: Shell, tmp_path: Path) -> None:
    index = shell.folder / "runs" / "first" / "index.db"
    assert "says what the records say" in shell("archive", "rebuild", "first", "--check")
    with closing(sqlite3.connect(index, isolation_level=None)) as connection:
        connection.execute("INSERT INTO resets VALUES (9999, 0, '\x1b[31m', 0, 0)")
    forged = index.read_bytes()
    assert shell("archive", "rebuild", "first", "--check", status=1) == ""
    assert "resets: the row with number 9999 is in no record" in one_line(shell.errors)
    (said,) = shell.json("archive", "rebuild", "first", "--check", status=1)
    assert said["same"] is False
    assert index.read_bytes() == forged
    (done,) = shell.json("archive", "rebuild", "first")
    assert said["run"] == done["run"]
    assert shell("archive", "rebuild", "first").startswith(f"{index}: {done['records']} records in")
    (said,) = shell.json("archive", "rebuild", "first", "--check")
    assert (said["index"], said["same"], said["difference"]) == (True, True, None)
    index.unlink()
    assert "has no index yet" in shell("archive", "rebuild", "first", "--check")
    assert not index.exists()
