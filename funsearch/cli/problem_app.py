"""The commands of `funsearch problem`; what they do is imported only when one is called."""

from __future__ import annotations

from typing import Annotated

import typer

from funsearch.cli import completion
from funsearch.cli.options import Json, Unsafe

problem = typer.Typer(
    name="problem",
    help="List, state, begin and try problems.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ProblemName = Annotated[
    str,
    typer.Argument(metavar="NAME|FILE", help="A problem.", autocompletion=completion.problem_names),
]


@problem.command("list")
def problem_list(json: Json = False) -> None:
    """List the problems that are found by name."""
    from funsearch.cli import problems

    problems.list_problems(json=json)


@problem.command("show")
def problem_show(name: ProblemName, json: Json = False) -> None:
    """State a problem: function to evolve, score, instances, what is known."""
    from funsearch.cli import problems

    problems.show(name, json=json)


@problem.command("new")
def problem_new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A Python name.")],
    folder: Annotated[str, typer.Option("--dir", metavar="DIR", help="Where to write.")] = ".",
) -> None:
    """Write a small problem that works, with its checker and its test, to start from."""
    from funsearch.cli import problems

    problems.new(name, folder)


@problem.command("check")
def problem_check(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME|FILE]...",
            help="Problems to try.",
            autocompletion=completion.problem_names,
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Try every problem that is found by name.")
    ] = False,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--seconds",
            metavar="S",
            min=0.0,
            help="How long certificates of one problem are fed (20 if not given).",
        ),
    ] = None,
    instance: Annotated[
        list[str] | None,
        typer.Option("--instance", metavar="INSTANCE", help="Feed certificates of this one."),
    ] = None,
    unsafe: Unsafe = False,
    json: Json = False,
) -> None:
    """Try a problem's evaluator with bad certificates, odd candidates and its checker."""
    from funsearch.cli import problems

    problems.check(
        names or [],
        instance or [],
        everything=everything,
        seconds=seconds,
        unsafe=unsafe,
        json=json,
    )
