"""The commands and their options; what they do is imported only when one is called."""

from __future__ import annotations

import io
import os
import sys
from importlib.metadata import entry_points
from typing import Annotated

import typer

from funsearch.cli import completion
from funsearch.cli.archive_app import archive
from funsearch.cli.options import Id, IdInRun, InRun, Json, Overrides, Run, Unsafe
from funsearch.cli.problem_app import problem

COMMANDS = "funsearch.commands"
"""Entry-point group whose members become sub-commands: typer applications, or functions."""

INTERRUPTED = 130
"""Exit status after Ctrl-C."""

app = typer.Typer(
    name="funsearch",
    help="Search for programs, score them where they cannot cheat, and keep the whole record.",
    pretty_exceptions_enable=False,
    # Plain help: the decorated kind would triple the time it takes to show.
    rich_markup_mode=None,
)

app.add_typer(problem)
app.add_typer(archive)


@app.command()
def run(overrides: Overrides = None, unsafe: Unsafe = False, json: Json = False) -> None:
    """Search until a limit is reached or Ctrl-C is pressed."""
    from funsearch.cli import search

    search.run(_with(overrides, unsafe=unsafe), json=json)


@app.command()
def resume(
    run: Run, overrides: Overrides = None, unsafe: Unsafe = False, json: Json = False
) -> None:
    """Go on with a run; its limits may be changed, such as run.seconds."""
    from funsearch.cli import search

    search.resume(run, overrides or [], unsafe_no_sandbox=unsafe, json=json)


@app.command()
def evaluate(
    items: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE... [KEY=VALUE]...",
            help="Files with a function each, and problem=NAME.",
        ),
    ],
    out: Annotated[
        str | None, typer.Option("--out", metavar="DIR", help="Write certificates here.")
    ] = None,
    fast: Annotated[
        bool, typer.Option("--fast", help="Run each once; no second run confirms the verdict.")
    ] = False,
    unsafe: Unsafe = False,
    json: Json = False,
) -> None:
    """Score functions from files exactly as a search would a program that is its best."""
    from funsearch.cli import scoring

    scoring.evaluate(_with(items, unsafe=unsafe), out, fast=fast, json=json)


@app.command()
def check(
    certificate: Annotated[str, typer.Argument(metavar="CERTIFICATE", help="A certificate file.")],
    problem: Annotated[
        str | None,
        typer.Option("--problem", metavar="FILE", help="Its problem, if that is a file of yours."),
    ] = None,
    json: Json = False,
) -> None:
    """Judge a certificate by the problem's stand-alone checker and by its score."""
    from funsearch.cli import scoring

    scoring.check(certificate, problem, json=json)


@app.command()
def runs(
    run: Annotated[
        str | None,
        typer.Argument(metavar="[RUN]", help="Only this run.", autocompletion=completion.run_names),
    ] = None,
    json: Json = False,
) -> None:
    """List the runs, or tell more of one."""
    from funsearch.cli import records

    records.runs(run, json=json)


@app.command()
def models(run: Run, json: Json = False) -> None:
    """Say what each sampler and model of a run brought, and what that cost."""
    from funsearch.cli import models as contributions

    contributions.models(run, json=json)


@app.command()
def best(
    run: Run,
    source: Annotated[
        bool, typer.Option("--source", help="Print its source, nothing else.")
    ] = False,
    json: Json = False,
) -> None:
    """Show the best program of a run."""
    from funsearch.cli import records

    records.best(run, source=source, json=json)


@app.command()
def show(program: Id, run: InRun = None, json: Json = False) -> None:
    """Show a program: source, verdict, and where it comes from."""
    from funsearch.cli import records

    records.show(program, run, json=json)


@app.command()
def lineage(program: Id, run: InRun = None, json: Json = False) -> None:
    """List a program and all its ancestors, down to the seed."""
    from funsearch.cli import records

    records.lineage(program, run, json=json)


@app.command()
def diff(old: IdInRun, new: IdInRun, run: InRun = None, json: Json = False) -> None:
    """Show what changed from one program to another, with their scores."""
    from funsearch.cli import diffing

    diffing.diff(old, new, run, json=json)


@app.command()
def top(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN]",
            help="Folder or name; without one, the run that is being written.",
            autocompletion=completion.run_names,
        ),
    ] = None,
    every: Annotated[
        float, typer.Option("--every", metavar="S", min=0.1, help="Seconds between two looks.")
    ] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Look once.")] = False,
    json: Json = False,
) -> None:
    """Watch a run that another process writes: islands, rates, failures, spending."""
    from funsearch.cli import top as watching

    watching.top(run, every_s=every, once=once, json=json)


@app.command()
def verify(program: Id, run: InRun = None, unsafe: Unsafe = False, json: Json = False) -> None:
    """Run a program again, on held-out instances too, check what it builds, and record that."""
    from funsearch.cli import verification

    verification.verify(program, run, unsafe_no_sandbox=unsafe, json=json)


@app.command()
def find(
    run: Run,
    text: Annotated[
        str | None, typer.Option("--text", metavar="WORDS", help="Words that the source holds.")
    ] = None,
    near: Annotated[
        str | None, typer.Option("--near", metavar="ID", help="Nearest to this program.")
    ] = None,
    sampler: Annotated[str | None, typer.Option("--sampler", metavar="NAME")] = None,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME")] = None,
    verdict: Annotated[
        str | None, typer.Option("--verdict", metavar="STATUS", help="ok, crashed, timeout, …")
    ] = None,
    island: Annotated[
        int | None, typer.Option("--island", metavar="NUMBER", help="Best of this island first.")
    ] = None,
    descends: Annotated[
        str | None, typer.Option("--descends-from", metavar="ID", help="Descendants of this one.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 20,
    after: Annotated[
        str | None, typer.Option("--after", metavar="PAGE", help="The next page, as a page said.")
    ] = None,
    json: Json = False,
) -> None:
    """Find programs of a run: by words, likeness, origin or verdict, a page at a time."""
    from funsearch.cli import searching

    searching.find(
        run,
        text=text,
        near=near,
        sampler=sampler,
        model=model,
        verdict=verdict,
        island=island,
        descends_from=descends,
        limit=limit,
        after=after,
        json=json,
    )


@app.command()
def replay(
    run: Run,
    until: Annotated[
        int | None,
        typer.Option("--until", metavar="RECORD", min=0, help="Stop after this record."),
    ] = None,
    rescore: Annotated[
        bool, typer.Option("--rescore", help="Evaluate every program anew, and compare.")
    ] = False,
    json: Json = False,
) -> None:
    """Drive a recorded search again, which must reach the same state; no model is asked."""
    from funsearch.cli import replaying

    replaying.replay(run, until, rescore=rescore, json=json)


@app.command()
def compare(
    items: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME=OVERRIDES... [KEY=VALUE]...",
            help="Settings by name, such as evolution=search=islands 'plain=search=iid "
            "sampler.best=0.5', and what is the same for all, such as problem.n=6. With --runs: "
            "runs, or folders of them.",
        ),
    ],
    samples: Annotated[
        int | None,
        typer.Option("--samples", metavar="N", min=1, help="Samples that each run makes."),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", metavar="S", min=0.0, help="Seconds that each run has."),
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option("--max-tokens", metavar="N", min=1, help="Tokens that each run may take."),
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option("--max-cost", metavar="USD", min=0.0, help="What each run may cost."),
    ] = None,
    seeds: Annotated[
        int,
        typer.Option("--seeds", metavar="N", min=1, help="Runs of each setting, from run.seed on."),
    ] = 5,
    few_seeds: Annotated[
        bool, typer.Option("--few-seeds", help="Go on with fewer than 5 seeds.")
    ] = False,
    out: Annotated[
        str | None,
        typer.Option("--out", metavar="DIR", help="For runs, tables and curves; goes on there."),
    ] = None,
    runs: Annotated[
        bool, typer.Option("--runs", help="Compare runs that are there; nothing is run.")
    ] = False,
    unsafe: Unsafe = False,
    json: Json = False,
) -> None:
    """Run several settings on equal budgets and seeds, and say which differences are noise."""
    from funsearch.cli import comparing

    if runs:
        comparing.look(items, samples, out, json=json)
        return
    limits = {
        "samples": samples,
        "seconds": seconds,
        "max_tokens": max_tokens,
        "max_cost": max_cost,
    }
    items = _with(items, unsafe=unsafe)
    comparing.race(items, limits, seeds, out, few_seeds=few_seeds, json=json)


@app.command()
def browse(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN]...",
            help="Folders or names; all runs if none is named.",
            autocompletion=completion.run_names,
        ),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes any free one.")
    ] = 8765,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Others get in with a link only.")
    ] = "127.0.0.1",
    opens: Annotated[
        bool, typer.Option("--open/--no-open", help="Whether to start a web browser.")
    ] = True,
) -> None:
    """Show runs, programs and where they come from in a web browser, until Ctrl-C."""
    from funsearch.cli import browse as browsing

    browsing.browse(runs or [], port, host, opens=opens)


@app.command()
def doctor(json: Json = False) -> None:
    """Say what works on this machine."""
    from funsearch.cli import health

    health.doctor(json=json)


def _with(overrides: list[str] | None, *, unsafe: bool) -> list[str]:
    """Return the overrides, and what the option stands for."""
    return [*(overrides or []), *(["cluster.unsafe_no_sandbox=true"] if unsafe else [])]


def start() -> int:
    """Run the command line on `sys.argv`; return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its escape, not a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    for point in entry_points(group=COMMANDS):
        found = point.load()
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=point.name)
        else:
            app.command(point.name)(found)
    try:
        # A command that ends early says so by a status; the others return nothing.
        arguments = sys.argv[1:] or ["--help"]
        return int(app(arguments, prog_name="funsearch", standalone_mode=False) or 0)
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough; so has Python at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        from funsearch.cli import failures

        return failures.report(error)
