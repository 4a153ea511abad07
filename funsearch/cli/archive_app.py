"""The commands of `funsearch archive`; what they do is imported only when one is called."""

from __future__ import annotations

from typing import Annotated

import typer

from funsearch.cli.options import InRun, Json, Run

archive = typer.Typer(
    name="archive",
    help="Verify, witness, prove, export, rebuild, migrate and correct what is on record.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Out = Annotated[str | None, typer.Option("--out", metavar="PATH", help="Where to write.")]


@archive.command()
def verify(
    run: Run,
    checkpoint: Annotated[
        list[str] | None,
        typer.Option(
            "--checkpoint",
            metavar="FILE",
            help="A checkpoint of this log from elsewhere, such as a witness's; repeat for more.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Verify every file of a run's folder; name the first record that is not what was logged."""
    from funsearch.cli import archive_checks

    archive_checks.verify(run, checkpoint or [], json=json)


@archive.command()
def witness(
    log: Annotated[str, typer.Argument(metavar="RUN|URL", help="A run, or where a log is served.")],
    state: Annotated[
        str | None,
        typer.Option("--state", metavar="DIR", help="Where the witness keeps its key and memory."),
    ] = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Co-sign the checkpoint of a log if it extends what this witness saw before."""
    from funsearch.cli import archive_checks

    archive_checks.witness(log, state, out, json=json)


@archive.command()
def proof(
    program: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="At least six hex digits of a program's ID."),
    ] = None,
    run: InRun = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="CHECKPOINT",
            help="Prove instead that the log of --run extends this older checkpoint.",
        ),
    ] = None,
    out: Out = None,
) -> None:
    """Write proofs for verify.py, which anybody can run: of a program, or of a checkpoint."""
    from funsearch.cli import proofs

    proofs.write(program, run, since, out)


@archive.command()
def export(
    run: Run,
    form: Annotated[
        str,
        typer.Option("--format", metavar="FORMAT", help="ro-crate, prov-json, csv or jsonl."),
    ] = "ro-crate",
    program: Annotated[
        str | None,
        typer.Option("--program", metavar="ID", help="Only this program and its ancestors."),
    ] = None,
    out: Out = None,
) -> None:
    """Write what is on record in a form that others read, with what they need to check it."""
    from funsearch.cli import exporting

    exporting.export(run, form, program, out)


@archive.command()
def rebuild(
    run: Run,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; say whether any row would differ.")
    ] = False,
    json: Json = False,
) -> None:
    """Make the index anew from log and objects."""
    from funsearch.cli import searching

    searching.rebuild(run, check=check, json=json)


@archive.command()
def retract(
    record: Annotated[int, typer.Argument(metavar="RECORD", help="Number of the wrong record.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="What is wrong.")],
    run: Annotated[str, typer.Option("--run", metavar="RUN", help="Of this run.")],
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="NAME", help="Who says so (else your login)."),
    ] = None,
) -> None:
    """Declare a record wrong by another record; both are kept and shown."""
    from funsearch.cli import verification

    verification.retract(record, run, reason, by)


@archive.command()
def migrate(run: Run) -> None:
    """Bring a run of an older format to this one; its entries stay as they were written."""
    from funsearch.cli import migration

    migration.migrate(run)
