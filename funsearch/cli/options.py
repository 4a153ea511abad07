"""Arguments and options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

from funsearch.cli import completion

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Overrides = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[KEY=VALUE]...",
        help="What to change, such as problem.n=8 sampler=openai run.seconds=600.",
        autocompletion=completion.overrides,
    ),
]
Unsafe = Annotated[
    bool,
    typer.Option(
        "--unsafe-no-sandbox",
        help="Run candidates with limits on time and memory only, where the kernel cannot hold "
        "them: code that a model wrote can then do on this machine what you can. For machines "
        "you can throw away; every record says so.",
    ),
]
Run = Annotated[
    str,
    typer.Argument(metavar="RUN", help="Folder or name.", autocompletion=completion.run_names),
]
Id = Annotated[str, typer.Argument(metavar="ID", help="At least six hex digits of a program's ID.")]
IdInRun = Annotated[
    str, typer.Argument(metavar="ID[@RUN]", help="A program's ID, and the run that it is in.")
]
InRun = Annotated[
    str | None,
    typer.Option(
        "--run",
        metavar="RUN",
        help="Look in this run only.",
        autocompletion=completion.run_names,
    ),
]
