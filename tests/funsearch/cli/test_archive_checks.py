"""`archive verify` and `archive witness` as a user meets them: real runs, real processes."""

from __future__ import annotations

import re
import shutil
import stat
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from funsearch.archive import files
from funsearch.archive.log import LogReader
from funsearch.archive.tlog import note
from funsearch.archive.tlog.note import Verifier
from tests.funsearch.cli.shell import Shell

SHORT = ["problem.n=3", "run.samples=40", "run.seconds=null", "run.seed=5"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A shell in a folder with one finished run, `first`, and an older state of it, `older`."""
    shell = Shell(tmp_path_factory.mktemp("shell"))
    runs = shell.folder / "runs"
    shell("run", *SHORT, f"run.dir={runs / 'first'}")
    shutil.copytree(runs / "first", runs / "older")
    shell("resume", "first", "run.samples=60")
    return shell


@pytest.fixture
def shell(finished: Shell, tmp_path: Path) -> Shell:
    """The same in a folder of its own."""
    shutil.copytree(finished.folder, tmp_path / "shell")
    return Shell(tmp_path / "shell")


def run_of(shell: Shell, name: str = "first") -> Path:
    return shell.folder / "runs" / name


def test_a_sound_run_is_verified_and_what_was_looked_at_is_counted(shell: Shell) -> None:
    output = shell("archive", "verify", "first")
    size = LogReader(run_of(shell)).size
    assert output.splitlines()[-1] == f"ok: {size:,} records, {size:,} of them signed"
    for what in ("records", "objects", "checkpoints", "bundles", "tiles", "programs", "index"):
        assert what in output
    assert shell.errors == ""
    (said,) = shell.json("archive", "verify", "first")
    assert said["ok"] is True
    assert said["first"] is None
    assert (said["records"], said["signed"], said["flaws"]) == (size, size, [])


def test_the_first_bad_record_is_named_in_one_line_with_what_to_do(shell: Shell) -> None:
    path = run_of(shell) / files.JOURNAL
    path.write_bytes(path.read_bytes().replace(b'"draw":3', b'"draw":4', 1))
    lines = path.read_bytes().split(b"\n")[1:]
    records = [line for line in lines if line[:2] != b"= "]
    number = next(n for n, line in enumerate(records) if b'"draw":4' in line)
    shell("archive", "verify", "first", status=1)
    *_, last = shell.errors.splitlines()
    said = f"first: record {number}, log/journal: has something else in its line, but [0-9]+ rec"
    assert re.search(said + ".*; restore the folder from a copy", last)
    (report,) = shell.json("archive", "verify", "first", status=1)
    assert report["ok"] is False
    first = report["first"]
    assert isinstance(first, dict)
    assert (first["record"], first["file"]) == (number, files.JOURNAL)


def test_other_files_are_named_too(shell: Shell) -> None:
    (run_of(shell) / files.CONFIG).write_text("problem: {}\n")
    shell("archive", "verify", "first", status=1)
    assert "first: config.yaml is not the file that record 0 names" in shell.errors
    shell("archive", "verify", "nowhere", status=1)
    assert shell.errors.count("\n") == 1


def test_a_later_checkpoint_tells_that_a_folder_was_rolled_back(shell: Shell) -> None:
    shell("archive", "verify", "older")
    later = str(run_of(shell) / files.CHECKPOINT)
    shell("archive", "verify", "older", "--checkpoint", later, status=1)
    assert "the folder was rolled back" in shell.errors
    earlier = str(run_of(shell, "older") / files.CHECKPOINT)
    output = shell("archive", "verify", "first", "--checkpoint", later, "--checkpoint", earlier)
    assert "checkpoints of others" in output


def test_a_witness_co_signs_what_has_grown_and_refuses_what_was_rolled_back(shell: Shell) -> None:
    state = shell.folder / "state"
    shell.environment["XDG_STATE_HOME"] = str(state)
    output = shell("archive", "witness", "first")
    key = state / "funsearch" / "witness" / "key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    witness = Verifier.parse(key.with_name("vkey").read_text())
    assert "first sight of" in shell.errors
    assert f"as {witness.text}" in shell.errors
    assert note.parse_note(output).is_signed_by(witness)
    left = run_of(shell) / "log" / "witness" / witness.id.hex()
    assert left.read_text() == output
    assert "checkpoints of others" in shell("archive", "verify", "first")

    shell("resume", "first", "run.samples=80")
    out = shell.folder / "cosigned"
    assert shell("archive", "witness", "first", "--out", str(out)) == ""
    assert "more than before" in shell.errors
    assert note.parse_note(out.read_text()).is_signed_by(witness)
    (said,) = shell.json("archive", "witness", "first")
    assert said["before"] == said["records"] == LogReader(run_of(shell)).size
    assert said["witness"] == witness.text

    shutil.rmtree(run_of(shell))
    run_of(shell, "older").rename(run_of(shell))
    shell("archive", "witness", "first", status=1)
    assert "was rolled back, or is an old copy" in shell.errors
    assert shell.errors.count("\n") == 1
    shell("archive", "verify", "first", "--checkpoint", str(out), status=1)
    assert "the folder was rolled back" in shell.errors


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def test_a_log_is_witnessed_where_it_is_served(shell: Shell) -> None:
    state = ("--state", str(shell.folder / "state"))
    handler = partial(_Quiet, directory=str(run_of(shell) / "log"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.server_port}"
            output = shell("archive", "witness", address, *state)
            shell("archive", "witness", f"{address}/nothing", *state, status=1)
        finally:
            server.shutdown()
            thread.join()
    assert "has no vkey" in shell.errors
    witness = Verifier.parse((shell.folder / "state" / "vkey").read_text())
    assert note.parse_note(output).is_signed_by(witness)
    assert not (run_of(shell) / "log" / "witness").exists()
    shell("archive", "witness", address, *state, status=1)
    assert "cannot be read" in shell.errors
