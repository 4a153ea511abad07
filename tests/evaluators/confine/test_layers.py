"""Landlock, namespaces and users, in children that give them up for real."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluators.confine import landlock, linux, namespaces, users
from tests.evaluators.confine.children import fork, outcome

_PR_SET_DUMPABLE = 4

PLAIN = 65_533
"""A user without any right, other than the one that `users.drop` becomes."""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="for root")


def as_plain_user() -> None:
    """Become one, if this is root, that could have been started as one."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(PLAIN, PLAIN, PLAIN)
        os.setresuid(PLAIN, PLAIN, PLAIN)
        linux.prctl(_PR_SET_DUMPABLE, 1)


def succeeds(body: Callable[[], None]) -> bool:
    return outcome(body) == "returned"


def _landlocked(body: Callable[[int], object]) -> Callable[[], object]:
    parent = os.getpid()

    def locked() -> object:
        linux.no_new_privs()
        if not landlock.deny_all().works:
            os._exit(0)
        return body(parent)

    return locked


def _abi() -> int:
    try:
        return linux.syscall("landlock_create_ruleset", None, 0, 1)
    except OSError:
        return 0


needs_landlock = pytest.mark.skipif(_abi() < 1, reason="no landlock on this machine")
needs_scopes = pytest.mark.skipif(_abi() < 6, reason="landlock without scopes")


def test_landlock_says_what_is_in_force() -> None:
    def lock() -> None:
        linux.no_new_privs()
        layer = landlock.deny_all()
        assert layer.name == "landlock"
        assert layer.works == (_abi() > 0)
        assert not layer.works or layer.says == f"ABI {_abi()}"

    assert succeeds(lock)


@needs_landlock
def test_landlocked_process_opens_no_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("text")
    assert outcome(_landlocked(lambda _: file.read_text())) == "EACCES"
    assert outcome(_landlocked(lambda _: file.write_text(""))) == "EACCES"
    assert outcome(_landlocked(lambda _: os.listdir(tmp_path))) == "EACCES"  # noqa: PTH208
    assert file.read_text() == "text"


@pytest.mark.skipif(_abi() < 4, reason="landlock without TCP")
def test_landlocked_process_binds_no_port() -> None:
    def bind(_: int) -> None:
        with socket.socket() as end:
            end.bind(("127.0.0.1", 0))

    assert outcome(_landlocked(bind)) == "EACCES"


@needs_scopes
def test_landlocked_process_signals_none_outside() -> None:
    assert outcome(_landlocked(lambda parent: os.kill(parent, 0))) == "EPERM"


@needs_scopes
def test_landlocked_process_reaches_no_abstract_socket() -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("")  # the kernel chooses an abstract address
        server.listen()
        address = server.getsockname()

        def connect(_: int) -> None:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(address)

        assert outcome(lambda: connect(0)) == "returned"
        assert outcome(_landlocked(connect)) == "EPERM"


@pytest.mark.parametrize("nested", [False, True], ids=["same domain", "nested domain"])
def test_landlocked_slot_kills_its_children(nested: bool) -> None:
    def serve(_: int) -> None:
        locked, ready = os.pipe()
        pid = os.fork()
        if pid == 0:
            if nested:
                landlock.deny_all()
            os.write(ready, b"x")
            signal.pause()
        os.read(locked, 1)
        os.kill(pid, signal.SIGKILL)
        assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL

    assert outcome(_landlocked(serve)) == "returned"


def _enter_and_look(prepare: Callable[[], None]) -> str:
    """Return what `enter` says, once a process forked after it agrees; raise if it does not."""
    read, write = os.pipe()

    def body() -> None:
        before = {name: os.readlink(f"/proc/self/ns/{name}") for name in ("net", "ipc", "uts")}  # noqa: PTH115
        prepare()
        user = os.getuid(), os.getgid()
        layer = namespaces.enter()
        os.write(write, layer.says.encode())
        if not layer.works:
            os._exit(77)
        assert (os.getuid(), os.getgid()) == user
        for name, old in before.items():
            assert os.readlink(f"/proc/self/ns/{name}") != old  # noqa: PTH115

        def first() -> None:
            assert os.getpid() == 1
            assert os.getppid() == 0
            linux.die_with_parent(0)

        assert succeeds(first)

    try:
        status = fork(body)
        os.close(write)
        write = -1
        says = os.read(read, 1000).decode()
    finally:
        os.close(read)
        if write >= 0:
            os.close(write)
    if os.waitstatus_to_exitcode(status) == 77:
        assert says
        pytest.skip(f"this machine refuses: {says}")
    assert status == 0
    return says


@as_root
def test_root_enters_namespaces() -> None:
    assert _enter_and_look(lambda: None).endswith("pid net ipc uts")


def test_plain_user_enters_namespaces_through_one_of_users() -> None:
    assert _enter_and_look(as_plain_user) == "user pid net ipc uts"


@pytest.mark.parametrize("refusal", [1, 28], ids=["EPERM", "ENOSPC"])
def test_refused_namespaces_are_explained(monkeypatch: pytest.MonkeyPatch, refusal: int) -> None:
    def refuse(name: str, *_: object) -> int:
        raise OSError(refusal, name)

    monkeypatch.setattr(linux, "syscall", refuse)
    layer = namespaces.enter()
    assert not layer.works
    assert (
        layer.says
        == {
            1: "unshare user: Operation not permitted; normal in a container",
            28: "unshare pid: No space left on device",
        }[refusal]
    )


def _capabilities() -> dict[str, int]:
    lines = Path("/proc/self/status").read_text().splitlines()
    pairs = (line.split(":") for line in lines if line.startswith("Cap"))
    return {name: int(value, 16) for name, value in pairs}


@as_root
def test_root_becomes_nobody_for_good() -> None:
    def drop() -> None:
        layer = users.drop()
        assert (layer.name, layer.works, layer.says) == ("user", True, "nobody")
        assert os.getresuid() == os.getresgid() == (65_534,) * 3
        assert os.getgroups() == []
        assert set(_capabilities().values()) == {0}

    def drop_and_return() -> None:
        users.drop()
        os.setresuid(0, 0, 0)

    assert succeeds(drop)
    assert outcome(drop_and_return) == "EPERM"


def test_plain_user_stays_without_capabilities() -> None:
    def drop() -> None:
        as_plain_user()
        uid = os.getuid()
        namespaces.enter()
        layer = users.drop()
        assert (layer.works, layer.says) == (False, f"uid {uid} kept")
        left = _capabilities()
        assert not left["CapPrm"] | left["CapEff"] | left["CapInh"] | left["CapAmb"]

    assert succeeds(drop)


@as_root
def test_root_that_is_alone_in_its_namespace_keeps_its_number_only() -> None:
    def drop() -> None:
        linux.syscall("unshare", 0x1000_0000)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text("0 0 1")
        Path("/proc/self/gid_map").write_text("0 0 1")
        layer = users.drop()
        assert not layer.works
        assert layer.says.startswith("uid 0 kept")
        assert set(_capabilities().values()) == {0}

    assert succeeds(drop)


def test_process_ends_with_its_parent() -> None:
    read, write = os.pipe()

    def parent() -> None:
        if os.fork() == 0:
            linux.die_with_parent(os.getppid())
            os.write(write, b"x")
            signal.pause()
        os.read(read, 1)

    assert succeeds(parent)
    os.close(write)
    # The grandchild held the other end until it died.
    assert os.read(read, 1) == b""
    os.close(read)


def test_process_whose_parent_is_gone_ends_at_once() -> None:
    assert os.waitstatus_to_exitcode(fork(lambda: linux.die_with_parent(-1))) == 1
