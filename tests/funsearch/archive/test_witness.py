"""A witness co-signs what extends what it saw, says what it refuses, and forgets nothing."""

from __future__ import annotations

import re
import shutil
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from funsearch.archive import files, log, remote
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError
from funsearch.archive.log import LogReader
from funsearch.archive.tlog import note
from funsearch.archive.tlog.note import Verifier
from funsearch.archive.tlog.tiles import tile_path
from funsearch.archive.tlog.witness import WITNESSED, Refused, Witness, Witnessed, leave

SECONDS = 1_763_881_562


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(tmp_path / "witness")


def look(witness: Witness, run: Path, seconds: int = SECONDS, place: str = "here") -> Witnessed:
    return witness.look(log.fetcher(run), place, seconds)


def add(run: Path, make: Any, *names: object) -> None:
    with Archive.open(run) as archive:
        for name in names:
            make.start(archive, name)


def evidence(witness_folder: Path) -> list[str]:
    return [path.read_text() for path in sorted((witness_folder / "evidence").iterdir())]


def test_a_checkpoint_at_first_sight_is_co_signed_by_a_key_made_for_it(
    run: Path, tmp_path: Path
) -> None:
    witness = Witness(tmp_path / "a" / "witness")
    found = look(witness, run)
    assert found.before is None
    assert found.log == log.read_verifier(run)
    signed = note.parse_note(found.text)
    assert signed.is_signed_by(found.log)
    assert signed.is_signed_by(witness.verifier)
    assert len(signed.lines) == 2
    assert signed.body == note.parse_note((run / files.CHECKPOINT).read_text()).body
    stamp = note.base64_bytes("", signed.lines[1].split()[2])[4:12]
    assert int.from_bytes(stamp) == SECONDS
    key = tmp_path / "a" / "witness" / "key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert re.fullmatch(r"funsearch\.witness/[0-9a-f]{16}", witness.verifier.name)
    assert Verifier.parse((key.with_name("vkey")).read_text()) == witness.verifier
    assert Witness(tmp_path / "a" / "witness").verifier == witness.verifier


def test_a_log_that_has_grown_or_not_is_co_signed_again(
    run: Path, witness: Witness, make: Any
) -> None:
    first = look(witness, run)
    again = look(witness, run, SECONDS + 1)
    assert again.before == again.checkpoint == first.checkpoint
    assert again.text != first.text
    for count in (1, 300, 700):
        add(run, make, *((count, name) for name in range(count)))
        found = look(witness, run)
        assert found.before == again.checkpoint
        assert found.checkpoint.size == again.checkpoint.size + count
        again = found


def test_a_log_that_was_rolled_back_is_refused_and_both_checkpoints_are_kept(
    run: Path, witness: Witness, make: Any, tmp_path: Path
) -> None:
    older = Path(shutil.copytree(run, tmp_path / "older"))
    add(run, make, "more")
    seen = look(witness, run)
    for _ in range(2):
        with pytest.raises(Refused) as refusal:
            look(witness, older)
        assert "here was rolled back, or is an old copy" in str(refusal.value)
        bodies = {note.parse_note(text).body for text in evidence(tmp_path / "witness")}
        assert bodies == {
            seen.checkpoint.body,
            note.parse_note((older / files.CHECKPOINT).read_text()).body,
        }
        for path in (tmp_path / "witness" / "evidence").iterdir():
            assert str(path) in str(refusal.value)
    assert look(witness, run).before == seen.checkpoint


@pytest.mark.parametrize("more", [0, 5])
def test_another_history_is_refused_and_both_checkpoints_are_kept(
    run: Path, witness: Witness, make: Any, tmp_path: Path, more: int
) -> None:
    other = Path(shutil.copytree(run, tmp_path / "other"))
    add(run, make, "one")
    add(other, make, *range(1000, 1001 + more))
    look(witness, run)
    with pytest.raises(Refused, match=r"here shows another history: its [0-9]+ records") as e:
        look(witness, other)
    assert len(evidence(tmp_path / "witness")) == 2
    assert str(tmp_path / "witness" / "evidence") in str(e.value)
    assert look(witness, run)


def test_another_log_in_the_same_place_is_refused_until_its_owner_says_so(
    run: Path, witness: Witness, make: Any, tmp_path: Path
) -> None:
    look(witness, run)
    with Archive.create(tmp_path / "new", make.config) as archive:
        make.start(archive, 1)
    with pytest.raises(Refused, match="if you know that it is a new one, remove") as refusal:
        look(witness, tmp_path / "new")
    Path(str(refusal.value).rpartition(" ")[2]).unlink()
    assert look(witness, tmp_path / "new").before is None
    assert look(witness, run, place="there").before is not None


def test_another_key_under_the_name_of_a_known_log_is_refused(
    run: Path, witness: Witness, tmp_path: Path
) -> None:
    look(witness, run)
    name = log.read_verifier(run).name
    key = note.Signer.generate(name)
    body = note.parse_note((run / files.CHECKPOINT).read_text()).body
    (run / files.CHECKPOINT).write_text(f"{body}\n{key.sign(body)}")
    with pytest.raises(ArchiveError, match="not by the key of its log; nothing"):
        look(witness, run)
    (run / files.VERIFIER).write_text(key.verifier.text)
    with pytest.raises(Refused, match="shows another key than before"):
        look(witness, run, place="elsewhere")


def test_tiles_that_do_not_lead_to_the_checkpoint_are_refused(
    run: Path, witness: Witness, make: Any
) -> None:
    look(witness, run)
    add(run, make, "more")
    size = LogReader(run).size
    path = run / files.LOG / tile_path(0, size // 256, size % 256)
    data = path.read_bytes()
    path.write_bytes(data[::-1])
    with pytest.raises(ArchiveError, match="here: its files do not lead to its checkpoint: the ti"):
        look(witness, run)
    path.unlink()
    with pytest.raises(ArchiveError, match="here: its files do not lead to its checkpoint: tile/0"):
        look(witness, run)


def test_a_run_that_was_never_signed_is_said_to_be(
    tmp_path: Path, witness: Witness, make: Any
) -> None:
    Archive.create(tmp_path / "run", make.config).close()
    with pytest.raises(ArchiveError, match="here has no checkpoint; is it"):
        look(witness, tmp_path / "run")


def test_two_witnesses_at_once_never_sign_in_the_wrong_order(
    run: Path, tmp_path: Path, make: Any
) -> None:
    old = Path(shutil.copytree(run, tmp_path / "old"))
    add(run, make, "more")
    entered, leaving = threading.Event(), threading.Event()
    results: list[object] = []

    def slow(path: str, most: int) -> bytes:
        entered.set()
        leaving.wait()
        return log.fetcher(old)(path, most)

    def first() -> None:
        results.append(Witness(tmp_path / "w").look(slow, "here", SECONDS).checkpoint.size)

    def second() -> None:
        results.append(look(Witness(tmp_path / "w"), run).checkpoint.size)

    Witness(tmp_path / "w")
    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    entered.wait()
    threads[1].start()
    leaving.set()
    for thread in threads:
        thread.join()
    assert results == sorted(results, key=str)
    assert len(results) == 2


def test_what_was_signed_is_remembered_before_it_is_told(
    run: Path, witness: Witness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(files, "replace_durably", full)
        with pytest.raises(ArchiveError, match="cannot be written: No space left"):
            look(witness, run)
    assert look(witness, run).before is None


@pytest.mark.parametrize("name", ["key", "logs"])
def test_a_damaged_memory_is_refused(run: Path, tmp_path: Path, name: str) -> None:
    look(Witness(tmp_path / "w"), run)
    path = tmp_path / "w" / name
    path = next(path.iterdir()) if path.is_dir() else path
    other_digits = str.maketrans("0123456789abcdef", "123456789abcdef0")
    path.write_text(path.read_text().translate(other_digits))
    with pytest.raises(ArchiveError, match=re.escape(str(path))):
        look(Witness(tmp_path / "w"), run)


def test_the_co_signed_checkpoint_is_left_in_the_run_unless_that_leads_elsewhere(
    run: Path, witness: Witness, tmp_path: Path
) -> None:
    found = look(witness, run)
    path = leave(run, found)
    assert path is not None
    assert path == run / WITNESSED / witness.verifier.id.hex()
    assert path.read_text() == found.text
    assert leave(run, look(witness, run, SECONDS + 1)) == path
    shutil.rmtree(run / WITNESSED)
    (tmp_path / "elsewhere").mkdir()
    (run / WITNESSED).symlink_to(tmp_path / "elsewhere")
    assert leave(run, found) is None
    assert not list((tmp_path / "elsewhere").iterdir())
    (run / WITNESSED).unlink()
    (run / WITNESSED).write_text("")
    assert leave(run, found) is None


# Logs on the web.


@contextmanager
def served(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def hostile(answer: Callable[[BaseHTTPRequestHandler], None]) -> type[Quiet]:
    """A server that gives one answer to everything."""

    class Hostile(Quiet):
        def do_GET(self) -> None:
            answer(self)

    return Hostile


def test_a_log_is_witnessed_over_http(run: Path, witness: Witness, make: Any) -> None:
    with served(partial(Quiet, directory=str(run / files.LOG))) as address:
        first = witness.look(remote.fetcher(address), address, SECONDS)
        add(run, make, *range(3000, 3600))
        found = witness.look(remote.fetcher(address + "/"), address, SECONDS)
        assert found.before == first.checkpoint
        assert found.checkpoint.size == first.checkpoint.size + 600
        with pytest.raises(FileNotFoundError):
            remote.fetcher(address)("nothing", 10)
    with pytest.raises(ArchiveError, match=r"cannot be read: .*refused"):
        witness.look(remote.fetcher(address), address, SECONDS)


def endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    try:
        for _ in range(100_000):
            request.wfile.write(b"x" * 10_000)
    except OSError:
        return
    raise AssertionError("all of it was read")


def html(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.end_headers()
    request.wfile.write(b"<html>\x1b[31m</html>")


def redirect(request: BaseHTTPRequestHandler) -> None:
    request.send_response(302)
    request.send_header("Location", "file:///etc/passwd" if "vkey" in request.path else "/vkey")
    request.end_headers()


def elsewhere(request: BaseHTTPRequestHandler) -> None:
    request.send_response(301)
    request.send_header("Location", "http://127.0.0.1:9/log")
    request.end_headers()


def broken(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/9 what\r\n\x00\r\n")


def failing(request: BaseHTTPRequestHandler) -> None:
    request.send_error(503)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (endless, "a verifier key has the form"),
        (html, "a verifier key has the form"),
        (redirect, "cannot be read|leads on to"),
        (elsewhere, "leads on to http://127.0.0.1:9/log; if that is the log, name it instead"),
        (broken, "cannot be read"),
        (failing, "cannot be read: the server answers 503"),
    ],
)
def test_a_hostile_server_gets_one_line(
    witness: Witness, answer: Callable[[BaseHTTPRequestHandler], None], message: str
) -> None:
    with served(hostile(answer)) as address, pytest.raises(ArchiveError, match=message) as refusal:
        witness.look(remote.fetcher(address), address, SECONDS)
    assert str(refusal.value).isprintable()


def test_a_server_that_drips_is_given_up(witness: Witness) -> None:
    stop = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not stop.wait(0.01):
            request.wfile.write(b"x")

    with served(hostile(drip)) as address:
        try:
            with pytest.raises(ArchiveError, match=r"no answer within 0\.2 seconds"):
                witness.look(remote.fetcher(address, timeout_s=0.2), address, SECONDS)
        finally:
            stop.set()


def test_only_addresses_on_the_web_are_some() -> None:
    assert remote.is_address("https://example.org/log")
    for text in ("file:///etc", "ftp://x", "runs/a", "HTTP", ""):
        assert not remote.is_address(text)
