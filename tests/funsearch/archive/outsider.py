"""The outsider's verifier, run or loaded, and logs that a test may forge for it."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from funsearch.archive import proofs
from funsearch.archive.tlog import merkle, proof
from funsearch.archive.tlog.note import Checkpoint, Signer

SCRIPT = Path(proofs.__file__).with_name("verify.py")
SOURCE = SCRIPT.read_text(encoding="utf-8")


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("outsiders_verifier", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verify: Any = _load()


def run_script(*arguments: object, folder: Path) -> tuple[int, list[str]]:
    """Run the script as an outsider would; return its status and what it printed."""
    found = subprocess.run(
        [sys.executable, "-I", "-S", SCRIPT, *map(str, arguments)],
        capture_output=True,
        cwd=folder,
        check=False,
    )
    assert found.stderr == b"" or found.returncode == 2
    return found.returncode, found.stdout.decode("ascii").splitlines()


def check(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> tuple[int, list[str]]:
    """Do what `run_script` does, in this process, which takes less time."""
    monkeypatch.setattr(sys, "argv", ["verify.py", *map(str, arguments)])
    status, printed = 0, io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            verify.main()
        except SystemExit as end:
            status = int(str(end.code))
    text = printed.getvalue()
    assert text.isascii()
    assert all(line.isprintable() for line in text.split("\n"))
    return status, text.splitlines()


Check = Callable[..., tuple[int, list[str]]]


class Forge:
    """A log of whatever entries, signed by whoever tests, with a proof of each."""

    def __init__(self, folder: Path, entries: Sequence[bytes]) -> None:
        self.folder = folder
        self.signer = Signer.generate("example.com/log")
        self.leaves = [merkle.leaf_hash(one) for one in entries]
        (folder / "log.vkey").write_text(f"{self.signer.verifier.text}\n")
        for number, one in enumerate(entries):
            (folder / f"r{number}.json").write_bytes(one)
            (folder / f"r{number}.tlog-proof").write_text(self.inclusion(number).text)

    def subtree(self, height: int, index: int) -> bytes:
        return merkle.complete_root(self.leaves[index << height : (index + 1) << height])

    def note(self, size: int) -> str:
        found = Checkpoint(self.signer.verifier.name, size, merkle.root(size, self.subtree))
        return f"{found.body}\n{self.signer.sign(found.body)}"

    def inclusion(self, number: int) -> proof.Inclusion:
        size = len(self.leaves)
        return proof.prove_inclusion(number, size, self.subtree, self.note(size))

    def consistency(self, old: int, size: int) -> Path:
        made = proof.prove_consistency(old, size, self.subtree, self.note(size))
        path = self.folder / f"{old}-{size}"
        path.write_text(made.text)
        return path

    def checkpoint(self, size: int) -> Path:
        path = self.folder / f"checkpoint-{size}"
        path.write_text(self.note(size))
        return path
