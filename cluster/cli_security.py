"""`funsearch cluster`: tokens and certificates; what makes them is imported only when called."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="cluster",
    help="Tokens and certificates for a search over many machines.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
token = typer.Typer(
    name="token", help="Say who may call a service, and as what.", rich_markup_mode=None
)
app.add_typer(token)

Store = Annotated[
    Path, typer.Option("--file", metavar="FILE", help="The list of clients that a server reads.")
]
_DEFAULT_STORE = Path("clients.json")
_DAY_S = 86400


@token.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the client, for the record.")],
    role: Annotated[
        str, typer.Option("--role", metavar="ROLE", help="sampler, reader or admin.")
    ] = "sampler",
    days: Annotated[
        float | None, typer.Option("--days", metavar="N", min=0.001, help="After which it expires.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the token here, do not show it."),
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            "--certificate", metavar="FILE", help="Admit the owner of this instead of a token."
        ),
    ] = None,
    file: Store = _DEFAULT_STORE,
) -> None:
    """Make a token, which is shown this once and kept nowhere."""
    from cluster.security import certificates, files
    from cluster.security.errors import SecurityError
    from cluster.security.tokens import Kind, Role, TokenStore
    from funsearch.cli.failures import say

    try:
        chosen = Role(role)
    except ValueError:
        raise SecurityError(f"--role is sampler, reader or admin, not {role[:40]!a}") from None
    store = TokenStore(file)
    if certificate is not None:
        if days is not None or out is not None:
            raise SecurityError("--certificate goes with neither --days nor --out")
        try:
            proof = certificates.der(files.read(certificate, 1 << 20))
        except ValueError:
            raise SecurityError(f"{certificate} holds no certificate in PEM") from None
        store.add_certificate(name, chosen, proof)
        say(f"{file}: {name} is a {chosen}, known by {certificate}")
        return
    if out is not None and out.exists():
        raise SecurityError(f"{out} is there already")
    text = store.add_token(name, chosen, None if days is None else days * _DAY_S)
    if out is None:
        typer.echo(text)
        say(f"{file}: {name} is a {chosen}; the token above is shown this once")
    else:
        try:
            files.replace(out, f"{text}\n".encode())
        except SecurityError:
            # Nobody has it, and nobody shall find it.
            entry = store.identify(Kind.TOKEN, text.encode())
            if entry is not None:
                store.revoke(entry.id)
            raise
        say(f"{file}: {name} is a {chosen}; its token is in {out}")


@token.command("list")
def list_all(file: Store = _DEFAULT_STORE) -> None:
    """List who may call, and who no longer may."""
    import time

    from cluster.security.tokens import TokenStore

    now = time.time()
    for entry in TokenStore(file).entries():
        if entry.revoked is not None:
            state = f"revoked {_day(entry.revoked)}"
        elif entry.expires is None:
            state = "valid"
        else:
            word = "valid until" if entry.valid(now) else "expired"
            state = f"{word} {_day(entry.expires)}"
        typer.echo(f"{entry.id}  {entry.role:7}  {entry.kind:11}  {entry.name}  {state}")


@token.command()
def revoke(
    which: Annotated[str, typer.Argument(metavar="NAME|ID", help="All of a name, or one entry.")],
    file: Store = _DEFAULT_STORE,
) -> None:
    """Shut a client out; running servers notice at its next call, open streams in a second."""
    from cluster.security.tokens import TokenStore

    for entry in TokenStore(file).revoke(which):
        typer.echo(f"revoked {entry.id}  {entry.name}")


@app.command()
def certs(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the files.")],
    host: Annotated[
        list[str] | None,
        typer.Option("--host", metavar="NAME", help="Of the server, or its address; repeatable."),
    ] = None,
    client: Annotated[
        list[str] | None,
        typer.Option("--client", metavar="NAME", help="For mutual TLS; repeatable."),
    ] = None,
    days: Annotated[float, typer.Option("--days", metavar="N", min=0.001)] = 397,
) -> None:
    """Make certificates for a server and its clients, and the CA that vouches for them.

    A CA that is in the folder is used again, so this renews certificates too.
    """
    from cluster.security import issuing
    from cluster.security.errors import SecurityError

    if not host and not client:
        raise SecurityError("name at least one --host, or a --client")
    now = datetime.datetime.now(datetime.UTC)
    for path in issuing.issue(out, host or [], client or [], now, days):
        typer.echo(str(path))


def _day(moment: int) -> str:
    return f"{datetime.datetime.fromtimestamp(moment, datetime.UTC):%Y-%m-%d}"


@app.command()
def top(
    target: Annotated[str, typer.Argument(metavar="HOST:PORT", help="Address of the service.")],
    ca: Annotated[
        Path | None, typer.Option("--ca", metavar="FILE", help="Who vouches for the service.")
    ] = None,
    cert: Annotated[
        Path | None, typer.Option("--cert", metavar="FILE", help="Certificate of this client.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="Its private key.")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option("--token-file", metavar="FILE", help="The token to show.")
    ] = None,
    every: Annotated[
        float, typer.Option("--every", metavar="S", min=0.1, help="Seconds between two looks.")
    ] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Look once.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Watch the run of a service until it ends."""
    from cluster.client import watching
    from cluster.client.process import Proof
    from cluster.security.errors import SecurityError
    from funsearch.config import ConfigError

    try:
        watching.top(target, Proof(ca, cert, key, token_file), every_s=every, once=once, json=json)
    except SecurityError as error:
        raise ConfigError(str(error)) from None
