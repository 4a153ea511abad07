"""`funsearch serve` and `funsearch sample`; what they do is imported only when one is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from funsearch.cli.options import Json, Overrides, Unsafe

_PORT = 7711


def serve(
    overrides: Overrides = None,
    listen: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="Where samplers connect.")
    ] = f"127.0.0.1:{_PORT}",
    cert: Annotated[
        Path | None, typer.Option("--cert", metavar="FILE", help="Certificate of the server.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="Its private key.")
    ] = None,
    client_ca: Annotated[
        Path | None,
        typer.Option("--client-ca", metavar="FILE", help="Who vouches for clients."),
    ] = None,
    tokens: Annotated[
        Path | None, typer.Option("--tokens", metavar="FILE", help="Who may come in.")
    ] = None,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="RUN", help="Go on with this run.")
    ] = None,
    unsafe: Unsafe = False,
    json: Json = False,
) -> None:
    """Search as `run` does, with samplers elsewhere that connect: `funsearch sample`."""
    from cluster import serving

    files = serving.Files(cert, key, client_ca, tokens)
    serving.serve(overrides or [], listen, files, resume, unsafe_no_sandbox=unsafe, json=json)


def sample(
    overrides: Overrides = None,
    connect: Annotated[
        str, typer.Option("--connect", metavar="HOST:PORT", help="Address of the service.")
    ] = f"127.0.0.1:{_PORT}",
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
    batch: Annotated[
        int, typer.Option("--batch", metavar="N", min=1, max=256, help="Prompts in one call.")
    ] = 1,
    patience: Annotated[
        float,
        typer.Option(
            "--patience", metavar="S", min=0.0, help="How long to wait for a service that is away."
        ),
    ] = 300.0,
) -> None:
    """Answer the prompts of a service with a sampler, such as sampler=openai."""
    from cluster.client import process

    proof = process.Proof(ca, cert, key, token_file)
    process.sample(overrides or [], connect, proof, batch, patience)
