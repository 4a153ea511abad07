"""One call for all forms of an export."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from funsearch.archive.queries import Direction
from funsearch.archive.reader import Reader
from funsearch.export import crate, lines, prov, tables
from funsearch.export.explaining import Contents
from funsearch.export.selection import Progress, Selection, best_of, choose, find

Form = Literal["ro-crate", "prov-json", "csv", "jsonl"]
FORMS: tuple[Form, ...] = get_args(Form)

_SUFFIXES = {
    "ro-crate": crate.SUFFIX,
    "prov-json": prov.SUFFIX,
    "csv": tables.SUFFIX,
    "jsonl": lines.SUFFIX,
}
_WRITERS = {"prov-json": prov.write, "csv": tables.write, "jsonl": lines.write}
_DIGITS = 12


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        path: of the file or folder.
        records: how many of the log's records are in it.
        end: how many the last checkpoint covers.
        complete: whether no bound left out an ancestor or a proposal.
        contents: of a crate; None for other forms.
    """

    path: Path
    records: int
    end: int
    complete: bool
    contents: Contents | None


def export(
    folder: Path,
    form: Form,
    program: str | None,
    out: Path | None,
    direction: Direction,
    unit: str,
    progress: Progress | None = None,
) -> Exported:
    """Write what is on record in a form that others read, as of the last checkpoint.

    The same archive gives the same bytes. No code and no template of the run's is used.

    Args:
        folder: of the run.
        form: which one.
        program: at least six hex digits of a program's id, to export only it and its ancestors;
            or None for all, which for a crate means the best program.
        out: where to; None for a name in the present folder made of the run's.
        direction: in which scores get better.
        unit: of scores.
        progress: who wants to hear.

    Raises:
        Missing: there is no such program, or no checkpoint yet.
        ArchiveError: the archive cannot be read, or what is to be written is there already, or
            cannot be written.
    """
    with Reader(folder) as reader:
        chosen = None
        if program is not None or form == "ro-crate":
            name = best_of(reader, direction) if program is None else find(reader, program)
            chosen = choose(reader, name, repetitions=form != "ro-crate")
        selection = Selection(reader, chosen, progress)
        if out is None:
            part = f"-{chosen.program[:_DIGITS]}" if chosen is not None and program else ""
            out = Path(f"{folder.resolve().name}{part}{_SUFFIXES[form]}")
        path = out.absolute()
        contents = None
        if form != "ro-crate":
            _WRITERS[form](selection, path)
        elif chosen is not None:
            contents = crate.write(selection, chosen, path, unit)
        complete = chosen is None or chosen.complete
        return Exported(out, selection.size, selection.end, complete, contents)
