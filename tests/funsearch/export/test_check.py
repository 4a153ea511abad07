"""The outsider's check of an exported folder: whatever is altered in it is noticed, and by name."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.funsearch.export.support import exported

Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def crate(found: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(found, "ro-crate", tmp_path_factory.mktemp("check") / "crate").path


@pytest.fixture
def copy(crate: Path, tmp_path: Path) -> Path:
    shutil.copytree(crate, tmp_path / "copy")
    return tmp_path / "copy"


def check(folder: Path, *options: str) -> tuple[int, list[str]]:
    command = [sys.executable, "-I", "-S", str(folder / "check.py"), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def one(folder: Path, pattern: str) -> Path:
    return sorted(folder.glob(pattern))[0]


def longer(pattern: str) -> Change:
    def change(folder: Path) -> None:
        path = one(folder, pattern)
        path.write_bytes(path.read_bytes() + b"\n")

    return change


def gone(pattern: str) -> Change:
    return lambda folder: one(folder, pattern).unlink()


def swapped(pattern: str) -> Change:
    def change(folder: Path) -> None:
        first, second = sorted(folder.glob(pattern))[:2]
        for suffix in (".json", ".tlog-proof"):
            a, b = first.with_suffix(suffix), second.with_suffix(suffix)
            data = a.read_bytes()
            a.write_bytes(b.read_bytes())
            b.write_bytes(data)

    return change


def forged_certificate(folder: Path) -> None:
    """Alter a certificate, and put a record beside the others that names it."""
    path = one(folder, "certificates/*.json")
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    record = one(folder, "proofs/verification-*.json")
    text = record.read_text(encoding="ascii")
    digest = json.loads(text)["predicate"]["findings"][0]["certificate"]["sha256"]
    forged = text.replace(digest, hashlib.sha256(path.read_bytes()).hexdigest())
    (folder / "proofs/verification-999.json").write_text(forged, encoding="ascii")


def forged_and_borrowed(folder: Path) -> None:
    """The same, with the proof of another record."""
    forged_certificate(folder)
    proof = one(folder, "proofs/verification-*.tlog-proof")
    shutil.copy(proof, folder / "proofs/verification-999.tlog-proof")


def forgotten_ancestor(folder: Path) -> None:
    """Take a program away, and all that is on record of it."""
    seed = one(folder, "proofs/generation-1.json")
    record = json.loads(seed.read_text())
    name = record["subject"][0]["digest"]["sha256"]
    (folder / f"programs/{name}.py").unlink()
    (reply,) = record["predicate"]["runDetails"]["byproducts"]
    one(folder, f"replies/{reply['digest']['sha256']}*").unlink()
    for path in folder.glob("proofs/*.json"):
        subject = json.loads(path.read_text())["subject"]
        if subject and subject[0]["digest"]["sha256"] == name:
            path.unlink()
            path.with_suffix(".tlog-proof").unlink()


def larger_log(folder: Path) -> None:
    path = folder / "checkpoint"
    lines = path.read_text().split("\n")
    lines[1] = str(int(lines[1]) + 1)
    path.write_text("\n".join(lines))


ALTERED: dict[str, tuple[Change, str]] = {
    "a program": (longer("programs/*.py"), "is not the program that the record names"),
    "a reply": (longer("replies/*"), "replies/.* is not what a record here names"),
    "a prompt": (longer("prompts/*"), "prompts/.* is not what a record here names"),
    "an environment": (longer("environments/*"), "environments/.* is not what a record"),
    "a certificate": (longer("certificates/*"), "certificates/.* is not what a record"),
    "the checker": (longer("checkers/*"), "sound, but the checker that is here is on no record: "),
    "the configuration": (longer("config.yaml"), "config.yaml is not the configuration on record"),
    "the checkpoint": (larger_log, "under another checkpoint"),
    "the key": (longer("log.vkey"), "sound: "),  # white space says nothing
    "a record": (longer("proofs/evaluation-*.json"), "not an in-toto statement in canonical"),
    "a proof": (longer("proofs/run-0.tlog-proof"), "holds no checkpoint of the log"),
    "a record gone": (gone("proofs/evaluation-*.json"), "is not a file of at most"),
    "a proof gone": (gone("proofs/evaluation-*.tlog-proof"), "is not a file of at most"),
    "a program gone": (gone("programs/*.py"), "programs and the records of their proposals"),
    "verify.py gone": (gone("verify.py"), "No such file"),
    "records swapped": (swapped("proofs/evaluation-*.json"), "is the evaluation that is record"),
    "a record forged": (forged_certificate, "verification-999.tlog-proof is not a file"),
    "a record forged, with a proof": (forged_and_borrowed, "verification-999.json is not in the"),
    "an ancestor forgotten": (forgotten_ancestor, "sound, but 1 ancestors are not here"),
}


@pytest.mark.parametrize("what", ALTERED)
def test_what_is_altered_is_noticed(copy: Path, what: str) -> None:
    change, expected = ALTERED[what]
    change(copy)
    status, lines = check(copy)
    assert status == (0 if expected.startswith("sound") else 1), lines
    pattern = expected if status == 0 else f"NOT sound: .*{expected}"
    assert re.match(pattern, lines[-1]), lines[-1]


def test_a_checker_that_says_otherwise_is_noticed(copy: Path) -> None:
    record = json.loads(one(copy, "proofs/verification-*.json").read_text())
    finding = record["predicate"]["findings"][0]
    assert check(copy, "--checker")[0] == 0
    # The checker is held against its digest before it is run.
    path = one(copy, "checkers/*.py")
    path.write_text("print('valid 1000')\n", encoding="utf-8")
    status, lines = check(copy, "--checker")
    assert (status, lines[-1][:17]) == (0, "sound, but the ch")
    assert not any("valid 1000" in line for line in lines)
    assert finding["checked"].startswith("valid ")


def test_another_key_is_not_that_of_the_log(copy: Path) -> None:
    key = (copy / "log.vkey").read_text().strip()
    status, lines = check(copy, "--key", key)
    assert status == 0
    assert "compare another copy" not in lines[-2]
    name, stated, _ = key.split("+", 2)
    status, lines = check(copy, "--key", f"{name}+{stated}+{'A' * 44}")
    assert status == 1
    assert "is not an Ed25519 verifier key" in lines[-1]


def test_what_is_said_of_the_program_is_what_is_on_record(crate: Path) -> None:
    _, lines = check(crate)
    verification = json.loads(one(crate, "proofs/verification-*.json").read_text())
    program = verification["subject"][0]["digest"]["sha256"]
    assert any(line.startswith(f"program {program}, proposed in record ") for line in lines)
    assert any(line.endswith(": agreed") for line in lines)
    assert any(line.startswith("RETRACTED by record ") and "a slip" in line for line in lines)
    for finding in verification["predicate"]["findings"]:
        assert any(finding["instance"] in line and finding["score"] in line for line in lines)


def test_an_old_python_reads_it(crate: Path) -> None:
    source = (crate / "check.py").read_text(encoding="utf-8")
    assert ast.parse(source, feature_version=(3, 8))


def test_it_is_short_enough_to_be_read(crate: Path) -> None:
    lines = (crate / "check.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 190
    assert max(map(len, lines)) <= 100
