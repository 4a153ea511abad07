"""`funsearch cluster` in a real shell, and what its files are then good for."""

from __future__ import annotations

import datetime
import os
import stat
from pathlib import Path

import pytest

from cluster.security import certificates, transport
from cluster.security.errors import SecurityError
from cluster.security.tokens import Kind, Role, TokenStore
from cluster.security.transport import ServerTls, check_address, read_token
from tests.funsearch.cli.shell import Shell


def _private(path: Path) -> bool:
    return stat.S_IMODE(path.stat().st_mode) == 0o600


def test_token_is_made_listed_and_revoked(tmp_path: Path) -> None:
    shell, store = Shell(tmp_path), TokenStore(tmp_path / "clients.json")
    token = shell("cluster", "token", "add", "mill", "--role", "reader", "--days", "30").strip()
    assert token not in shell.errors
    entry = store.identify(Kind.TOKEN, token.encode())
    assert entry is not None
    assert (entry.name, entry.role) == ("mill", Role.READER)
    kept = tmp_path / "clients.json"
    assert _private(kept)
    assert token not in kept.read_text()

    (line,) = shell("cluster", "token", "list").splitlines()
    assert line.split()[:6] == [entry.id, "reader", "token", "mill", "valid", "until"]
    assert shell("cluster", "token", "revoke", "mill") == f"revoked {entry.id}  mill\n"
    assert store.identify(Kind.TOKEN, token.encode()) is None
    assert "  mill  revoked " in shell("cluster", "token", "list")
    shell("cluster", "token", "revoke", "mill", status=2)
    assert len(shell.errors.splitlines()) == 1


def test_token_goes_into_a_file_of_its_own_which_a_client_can_read(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    arguments = ("cluster", "token", "add", "mill", "--out", "mill.token", "--file", "known.json")
    assert shell(*arguments) == ""
    assert _private(tmp_path / "mill.token")
    token = read_token(tmp_path / "mill.token", {})
    assert token is not None
    assert token not in shell.errors
    entry = TokenStore(tmp_path / "known.json").identify(Kind.TOKEN, token.encode())
    assert entry is not None
    assert entry.role is Role.SAMPLER
    shell(*arguments, status=2)
    assert "mill.token is there already" in shell.errors
    assert read_token(tmp_path / "mill.token", {}) == token


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("token", "add", "mill", "--role", "boss"), "sampler, reader or admin"),
        (("token", "add", "a\x1b[2Jb"), "a client's name is"),
        (("token", "list", "--file", "open.json"), "chmod 600"),
        (("certs", "--out", "certs"), "--host"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    shell = Shell(tmp_path)
    (tmp_path / "open.json").write_text('{"format": 1, "clients": []}')
    (tmp_path / "open.json").chmod(0o644)
    assert shell("cluster", *arguments, status=2) == ""
    (line,) = shell.errors.splitlines()
    assert said in line
    assert line.isprintable()


def test_token_that_could_not_be_handed_over_admits_nobody(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell("cluster", "token", "add", "mill", "--out", "nowhere/mill.token", status=2)
    assert len(shell.errors.splitlines()) == 1
    (entry,) = TokenStore(tmp_path / "clients.json").entries()
    assert entry.revoked is not None


def test_certificates_are_made_renewed_under_the_same_ca_and_admitted(tmp_path: Path) -> None:
    shell, folder = Shell(tmp_path), tmp_path / "certs"
    made = shell("cluster", "certs", "--out", "certs", "--host", "127.0.0.1", "--client", "mill")
    names = ["ca.pem", "ca.key", "server.pem", "server.key", "client-mill.pem", "client-mill.key"]
    assert made.splitlines() == [f"certs/{name}" for name in names]
    assert all(_private(path) for path in folder.glob("*.key"))
    first = {path.name: path.read_bytes() for path in folder.iterdir()}

    again = shell("cluster", "certs", "--out", "certs", "--host", "127.0.0.1")
    assert again.splitlines() == ["certs/server.pem", "certs/server.key"]
    assert (folder / "ca.pem").read_bytes() == first["ca.pem"]
    assert (folder / "server.pem").read_bytes() != first["server.pem"]
    transport.server_credentials(
        ServerTls(folder / "server.pem", folder / "server.key", folder / "ca.pem")
    )

    shell("cluster", "token", "add", "mill", "--certificate", "certs/client-mill.pem")
    proof = certificates.der(first["client-mill.pem"])
    entry = TokenStore(tmp_path / "clients.json").identify(Kind.CERTIFICATE, proof)
    assert entry is not None
    assert entry.name == "mill"


def test_token_that_expires_admits_until_then(tmp_path: Path) -> None:
    now = 1000.0
    store = TokenStore(tmp_path / "clients.json", lambda: now)
    token = store.add_token("mill", Role.SAMPLER, lifetime_s=10).encode()
    now = 1009.0
    assert store.identify(Kind.TOKEN, token) is not None
    now = 1010.0
    assert store.identify(Kind.TOKEN, token) is None


def test_certificate_that_has_expired_or_is_none_is_not_admitted(tmp_path: Path) -> None:
    then = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=2)
    ca = certificates.make_ca(then)
    certificates.make_client(ca, "mill", then, days=1).save(tmp_path, "mill")
    store = TokenStore(tmp_path / "clients.json")
    old = certificates.der((tmp_path / "mill.pem").read_bytes())
    with pytest.raises(SecurityError, match="has expired"):
        store.add_certificate("mill", Role.SAMPLER, old)
    with pytest.raises(SecurityError, match="is no certificate"):
        store.add_certificate("mill", Role.SAMPLER, b"\x30\x82garbage")
    assert not (tmp_path / "clients.json").exists()


# --- the token of a client ---


def _kept(path: Path, text: str, mode: int = 0o600) -> Path:
    path.touch(mode)
    path.write_text(text)
    return path


def test_token_of_a_client_comes_from_its_file_before_any_variable(tmp_path: Path) -> None:
    one = _kept(tmp_path / "one", "fst_one\n")
    two = _kept(tmp_path / "two", "fst_two\n")
    variables = {"FUNSEARCH_TOKEN_FILE": str(two), "FUNSEARCH_TOKEN": "fst_three"}
    assert read_token(one, variables) == "fst_one"
    assert read_token(None, variables) == "fst_two"
    assert read_token(None, {"FUNSEARCH_TOKEN": " fst_three\n"}) == "fst_three"
    assert read_token(None, {}) is None


@pytest.mark.parametrize(
    "text", ["", "hello", "fst_a b", "fst_a\nx-other: 1", "fst_é\x1b", "fst_" + "x" * 2000]
)
def test_file_that_holds_no_token_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    path = _kept(tmp_path / "token", text)
    with pytest.raises(SecurityError) as raised:
        read_token(path, {})
    assert str(path) in str(raised.value)
    assert not text or text not in str(raised.value)


def test_token_that_others_can_open_or_that_is_a_link_is_refused(tmp_path: Path) -> None:
    path = _kept(tmp_path / "token", "fst_one")
    path.chmod(0o640)
    with pytest.raises(SecurityError, match="chmod 600"):
        read_token(path, {})
    path.chmod(0o600)
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(SecurityError, match="cannot be read"):
        read_token(tmp_path / "link", {})
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(SecurityError, match="cannot be read"):
        read_token(tmp_path / "pipe", {})


# --- where a server may listen ---

_TLS = ServerTls(Path("server.pem"), Path("server.key"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost"])
def test_loopback_needs_neither_tls_nor_tokens(host: str) -> None:
    check_address(host, tls=None, tokens=False)


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "[::]", "10.0.0.1", "127.0.0.1.evil.org", "LOCALHOST.", "2130706433", ""],
)
def test_any_other_address_needs_tls_and_tokens(host: str) -> None:
    with pytest.raises(SecurityError, match="needs TLS"):
        check_address(host, tls=None, tokens=True)
    with pytest.raises(SecurityError, match="needs a file of tokens"):
        check_address(host, tls=_TLS, tokens=False)
    check_address(host, tls=_TLS, tokens=True)


@pytest.mark.parametrize("target", ["10.0.0.1:7711", "example.org:7711", "0.0.0.0:7711"])
def test_client_sends_nothing_to_another_machine_without_tls(target: str) -> None:
    with pytest.raises(SecurityError, match="needs TLS"):
        transport.channel(target, token="fst_one")
