"""`archive proof`: a folder that proves what is on record about a program, to anybody."""

from __future__ import annotations

import shlex
from pathlib import Path

from funsearch.api import UsageError
from funsearch.archive import files, proofs
from funsearch.archive import runs as folders
from funsearch.archive.errors import ArchiveError
from funsearch.archive.proofs import KEY, SCRIPT
from funsearch.archive.reader import Reader
from funsearch.archive.tlog import note, proof
from funsearch.cli import output
from funsearch.cli.failures import say
from funsearch.cli.records import found_program
from funsearch.text import one_line

_SHORT = 12
"""Hex digits of an ID in the name of a folder."""
_CHECK = "python3 -I -S"


def write(program: str | None, run: str | None, since: str | None, out: str | None) -> None:
    """Prove what is on record about a program, or that the log has kept what it had.

    Args:
        program: beginning of its ID.
        run: name or folder of its run.
        since: file with an older checkpoint of the run; instead of a program.
        out: where to write.

    Raises:
        UsageError: these do not say what to prove, or there is something where it would go.
        ArchiveError: it cannot be proven.
    """
    if (program is None) == (since is None) or (since is not None and run is None):
        raise UsageError("name a program to prove, or give --run and --since CHECKPOINT")
    if program is not None:
        _of_program(program, run, out)
    elif run is not None and since is not None:
        _of_log(run, Path(since), out)


def _of_program(prefix: str, run: str | None, out: str | None) -> None:
    with found_program(prefix, run) as (reader, program):
        found = proofs.proofs_of(reader, program)
        contents = {
            KEY: proofs.key_text(reader).encode(),
            SCRIPT: proofs.script(),
            f"{program}.py": reader.object(program),
        }
        for one in found.proven:
            contents[f"{one.name}.json"] = one.record
            contents[f"{one.name}{proof.SUFFIX}"] = one.proof.encode()
        folder = Path(out or f"{program[:_SHORT]}-proof")
        _write_folder(folder, contents)
        for number in found.pending:
            say(
                f"record {number} is left out: no checkpoint covers it yet; one is signed every "
                "second of the run, or when a killed one is resumed"
            )
        output.line(f"wrote {_shown(folder)}; to check it, anybody may run:")
        for one in found.proven:
            name = _shown(folder / f"{one.name}{proof.SUFFIX}")
            output.line(f"  {_CHECK} {_shown(folder / SCRIPT)} {name}")
        _ask_for_key(reader)


def _of_log(run: str, since: Path, out: str | None) -> None:
    try:
        text = files.read_bounded(since, note.NOTE_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise UsageError(f"{since} cannot be read: {error.strerror}") from None
    with Reader(folders.resolve_run(run, folders.runs_root())) as reader:
        newest, found = proofs.extends(reader, text)
        path = Path(out or f"{found.old}-{newest.size}.consistency")
        try:
            path.write_text(found.text, encoding="utf-8")
        except OSError as error:
            raise ArchiveError(f"{path} cannot be written: {error.strerror}") from None
        script = Path(proofs.__file__).with_name(SCRIPT)
        output.line(f"wrote {_shown(path)}; to check it, with a copy of {_shown(script)}:")
        key = reader.log.verifier.text
        output.line(
            f"  {_CHECK} {SCRIPT} --consistency {_shown(since)} {_shown(path)} --key '{key}'"
        )
        _ask_for_key(reader)


def _write_folder(folder: Path, contents: dict[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty; name another folder with --out")
        for name, data in contents.items():
            (folder / name).write_bytes(data)
    except OSError as error:
        raise ArchiveError(f"{folder} cannot be written: {error.strerror}") from None


def _ask_for_key(reader: Reader) -> None:
    output.line("publish the log's key where its readers will find it by another way:")
    output.line(f"  {reader.log.verifier.text}")


def _shown(path: Path) -> str:
    """Return a path as it can be pasted into a shell."""
    return one_line(shlex.quote(str(path)), 1000)
