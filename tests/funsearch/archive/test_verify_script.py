"""The outsider's verifier accepts good proofs, refuses others in a line, and survives attacks."""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

from funsearch.archive import proofs, queries
from funsearch.archive.reader import Reader
from funsearch.archive.tlog import note
from funsearch.archive.tlog.note import Signer, Verifier
from tests.funsearch.archive.outsider import SOURCE, Check, Forge, check, run_script


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Check:
    return lambda *arguments: check(monkeypatch, *arguments)


WITNESS = Signer.generate("example.com/witness", witness=True)


@pytest.fixture
def folder(run: Path, tmp_path: Path) -> Path:
    """A folder with proofs of the best program of a run, whose log was witnessed."""
    text = (run / "log/checkpoint").read_text()
    line = WITNESS.cosign(note.parse_note(text).body, 1763881562)
    (run / "log/witness").mkdir()
    (run / "log/witness" / WITNESS.verifier.id.hex()).write_text(text + line)
    found = tmp_path / "proofs"
    found.mkdir()
    with Reader(run) as reader:
        program = queries.best(reader.index, "max")[0].id
        (found / proofs.KEY).write_text(proofs.key_text(reader))
        (found / f"{program}.py").write_bytes(reader.object(program))
        for one in proofs.proofs_of(reader, program).proven:
            (found / f"{one.name}.json").write_bytes(one.record)
            (found / f"{one.name}.tlog-proof").write_text(one.proof)
    return found


def evaluation(folder: Path) -> Path:
    (path,) = folder.glob("evaluation-*.tlog-proof")
    return path


def program(folder: Path) -> Path:
    (path,) = folder.glob("*.py")
    return path


# The file itself


def test_it_is_one_short_file_of_the_standard_library() -> None:
    lines = SOURCE.splitlines()
    assert len(lines) <= 150
    assert max(map(len, lines)) <= 100
    tree = ast.parse(SOURCE, feature_version=(3, 8))
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    }
    assert imported <= sys.stdlib_module_names
    assert not any(isinstance(node, ast.Assert) for node in ast.walk(tree))


# Good proofs


def test_all_proofs_of_a_program_verify_as_outsiders_run_it(folder: Path) -> None:
    names = sorted(path.name for path in folder.glob("*.tlog-proof"))
    assert [name.partition("-")[0] for name in names] == ["evaluation", "generation"]
    for name in names:
        status, printed = run_script(name, folder=folder)
        number = name.partition("-")[2].partition(".")[0]
        assert status == 0
        assert printed[-1].startswith(f"valid: record {number} of ")
        assert any(program(folder).stem in line and "compared" in line for line in printed)
        assert any("came with the proof" in line for line in printed)


def test_it_says_what_the_record_says(folder: Path, here: Check) -> None:
    status, printed = here(evaluation(folder))
    assert status == 0
    (line,) = [line for line in printed if line.startswith("'urn:funsearch:evaluation:")]
    facts = json.loads(line.partition(" ")[2])
    record = json.loads(evaluation(folder).with_suffix(".json").read_text())
    assert facts == record["predicate"]
    assert facts["status"] == "ok"
    assert float(facts["score"])


def test_it_can_be_run_from_elsewhere_and_with_a_key_from_elsewhere(
    folder: Path, tmp_path: Path
) -> None:
    key = (folder / "log.vkey").read_text().strip()
    (folder / "log.vkey").rename(tmp_path / "its.vkey")
    for given in (key, tmp_path / "its.vkey"):
        status, printed = run_script(evaluation(folder), "--key", given, folder=tmp_path.parent)
        assert status == 0
        assert not any("came with" in line for line in printed)
    status, printed = run_script(evaluation(folder), folder=tmp_path)
    assert (status, len(printed)) == (1, 1)
    assert printed[0].startswith("invalid log.vkey")


def test_key_and_program_may_lie_one_folder_up(folder: Path) -> None:
    (folder / "programs").mkdir()
    (folder / "proofs").mkdir()
    program(folder).rename(folder / "programs" / program(folder).name)
    for path in [*folder.glob("*.tlog-proof"), *folder.glob("*.json")]:
        path.rename(folder / "proofs" / path.name)
    (inner,) = folder.glob("proofs/evaluation-*.tlog-proof")
    for where, name in ((folder, f"proofs/{inner.name}"), (inner.parent, inner.name)):
        status, printed = run_script(name, folder=where)
        assert status == 0
        assert any("compared" in line for line in printed)


def test_without_the_program_it_says_so(folder: Path, here: Check) -> None:
    program(folder).unlink()
    status, printed = here(evaluation(folder))
    assert status == 0
    assert any("no source here" in line for line in printed)


def test_a_witness_is_believed_by_his_own_key_only(folder: Path, here: Check) -> None:
    status, printed = here(evaluation(folder), "--witness", WITNESS.verifier.text)
    assert status == 0
    assert any("'example.com/witness' 1763881562 s" in line for line in printed)
    stranger = Signer.generate("example.com/witness", witness=True).verifier
    for key in (stranger.text, Verifier(stranger.name, 1, WITNESS.verifier.public).text):
        status, printed = here(evaluation(folder), "--witness", key)
        assert status == 1
        assert printed[-1].startswith("invalid")


@pytest.mark.parametrize("what", ["time", "line", "both"])
def test_a_cosignature_that_was_altered_is_refused(folder: Path, here: Check, what: str) -> None:
    path = evaluation(folder)
    *rest, line = path.read_text().splitlines(keepends=True)
    data = bytearray(base64.b64decode(line.split(" ")[2]))
    data[{"time": 11, "line": 40, "both": 11}[what]] ^= 1
    altered = f"{line.rpartition(' ')[0]} {base64.b64encode(data).decode()}\n"
    path.write_text("".join(rest) + (line if what == "both" else "") + altered)
    assert here(path)[0] == 0
    assert here(path, "--witness", WITNESS.verifier.text)[0] == 1


# Damage


def test_each_altered_line_of_a_proof_is_refused(folder: Path, here: Check) -> None:
    path = evaluation(folder)
    *lines, cosignature = path.read_text().splitlines(keepends=True)
    assert "example.com/witness" in cosignature
    path.write_text("".join(lines))
    assert here(path)[0] == 0
    for number, line in enumerate(lines):
        changed = [line[:-1], f"{line}\n", ""]
        # A signature may well be there twice.
        changed += [line + line] if line is not lines[-1] else []
        for place in {0, len(line) // 2, len(line) - 2} if line.strip() else ():
            other = "A" if line[place] != "A" else "B"
            changed += [line[:place] + other + line[place + 1 :]]
        for other in changed:
            path.write_text("".join([*lines[:number], other, *lines[number + 1 :]]))
            status, printed = here(path)
            assert (status, printed[-1][:8]) == (1, "invalid "), (number, other)


@pytest.mark.parametrize("suffix", [".json", ".py", ".vkey"])
def test_each_altered_file_beside_a_proof_is_refused(
    folder: Path, here: Check, suffix: str
) -> None:
    path = evaluation(folder)
    beside = {
        ".json": path.with_suffix(".json"),
        ".py": program(folder),
        ".vkey": folder / "log.vkey",
    }[suffix]
    data = beside.read_bytes()
    middle = len(data) // 2
    flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    for other in (flipped, data[:-3], b"", b"x" + data, data + b"x", b"\xff" + data):
        beside.write_bytes(other)
        status, printed = here(path)
        assert (status, printed[-1][:8]) == (1, "invalid ")
    beside.unlink()
    assert here(path)[0] == (0 if suffix == ".py" else 1)


def test_the_record_of_another_proof_is_refused(folder: Path, here: Check) -> None:
    path = evaluation(folder)
    (other,) = folder.glob("generation-*.json")
    path.with_suffix(".json").write_bytes(other.read_bytes())
    status, printed = here(path)
    assert status == 1
    assert printed[-1] == "invalid the proof does not lead to the root of the checkpoint"


# Records that a log has, but should not have

GOOD = {
    "_type": "https://in-toto.io/Statement/v1",
    "predicate": {"status": "ok"},
    "predicateType": "urn:funsearch:evaluation:v3",
    "subject": [{"digest": {"sha256": "0" * 64}, "name": "program"}],
}


def canonical(statement: object) -> bytes:
    return json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"not json",
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"a":' * 12_000,
        b"1" * 20_000,
        canonical(GOOD).decode().encode("utf-16"),
        canonical(GOOD) + b"\n",
        json.dumps(GOOD).encode(),
        json.dumps(dict(reversed(GOOD.items())), separators=(",", ":")).encode(),
        canonical(GOOD)[:-1] + b',"subject":[]}',
        canonical({**GOOD, "_type": "https://in-toto.io/Statement/v0.1"}),
        canonical({**GOOD, "subject": None}),
        canonical({**GOOD, "subject": [{"digest": {}, "name": "program"}]}),
        canonical({**GOOD, "subject": ["program"]}),
        canonical({**GOOD, "predicate": ["ok"]}),
        canonical({key: value for key, value in GOOD.items() if key != "predicateType"}),
    ],
)
def test_an_entry_that_is_no_statement_is_refused_though_the_log_has_it(
    tmp_path: Path, here: Check, record: bytes
) -> None:
    Forge(tmp_path, [b"first", record, b"last"])
    status, printed = here(tmp_path / "r1.tlog-proof")
    assert (status, printed[-1][:8]) == (1, "invalid ")


def test_a_forged_record_cannot_ride_on_the_proof_of_the_real_one(
    tmp_path: Path, here: Check
) -> None:
    """The hash of the real record goes into the proof as if it were the first sibling."""
    forge = Forge(tmp_path, [b"first", canonical(GOOD), b"last"])
    real = base64.b64encode(forge.leaves[1]).decode()
    text = forge.inclusion(1).text
    (tmp_path / "r1.tlog-proof").write_text(text.replace("index 1\n", f"index 1\n{real}\n"))
    (tmp_path / "r1.json").write_bytes(canonical({**GOOD, "predicate": {"status": "forged"}}))
    assert here(tmp_path / "r1.tlog-proof")[0] == 1


def test_a_checkpoint_alone_proves_no_record(tmp_path: Path, here: Check) -> None:
    forge = Forge(tmp_path, [canonical(GOOD)])
    assert here(tmp_path / "r0.tlog-proof")[0] == 0
    (tmp_path / "r0.tlog-proof").write_text(forge.note(1))
    status, printed = here(tmp_path / "r0.tlog-proof")
    assert (status, printed[-1][:8]) == (1, "invalid ")


def test_a_program_may_be_long(tmp_path: Path, here: Check) -> None:
    source = b"# long\n" * 100_000
    digest = hashlib.sha256(source).hexdigest()
    record = {**GOOD, "subject": [{"digest": {"sha256": digest}, "name": "program"}]}
    Forge(tmp_path, [canonical(record)])
    (tmp_path / f"{digest}.py").write_bytes(source)
    status, printed = here(tmp_path / "r0.tlog-proof")
    assert status == 0
    assert any("compared" in line for line in printed)


def test_nothing_of_a_hostile_record_moves_a_terminal(tmp_path: Path) -> None:
    hostile = "\x1b[2J\x07\u202e\x9b\n\u2028 é"
    record = canonical(
        {
            **GOOD,
            "predicate": {hostile: hostile, "flags": [hostile]},
            "predicateType": hostile,
            "subject": [{"digest": {"sha256": hostile}, "name": hostile}],
        }
    )
    Forge(tmp_path, [record])
    status, printed = run_script("r0.tlog-proof", folder=tmp_path)
    assert status == 0
    assert len(printed) == 5
    assert all(line.isprintable() for line in printed)


@pytest.mark.parametrize("digest", ["../secret", "/etc/passwd", "x" * 5000, "a\x00b", 7, None])
def test_a_digest_that_is_a_path_leads_nowhere(tmp_path: Path, here: Check, digest: object) -> None:
    folder = tmp_path / "proof"
    folder.mkdir()
    (tmp_path / "secret.py").write_text("secret")
    Forge(folder, [canonical({**GOOD, "subject": [{"digest": {"sha256": digest}, "name": "x"}]})])
    status, printed = here(folder / "r0.tlog-proof")
    assert "compared" not in " ".join(printed)
    assert status == (1 if digest in ("../secret", "x" * 5000) else 0)


@pytest.mark.parametrize("what", ["fifo", "folder", "large", "zero", "binary"])
@pytest.mark.parametrize("suffix", [".tlog-proof", ".json"])
def test_hostile_files_are_refused(tmp_path: Path, what: str, suffix: str) -> None:
    Forge(tmp_path, [canonical(GOOD)])
    path = tmp_path / f"r0{suffix}"
    path.unlink()
    match what:
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "large":
            with path.open("wb") as file:
                file.truncate(1 << 40)
        case "zero":
            path.symlink_to("/dev/zero")
        case _:
            path.write_bytes(bytes(range(256)) * 20)
    status, printed = run_script("r0.tlog-proof", folder=tmp_path)
    assert (status, printed[-1][:8]) == (1, "invalid ")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--consistency", "one"),
        ("proof", "--consistency", "old", "new"),
        ("proof", "another"),
        ("proof", "--nonsense"),
    ],
)
def test_what_was_not_meant_is_answered_with_the_usage(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert run_script(*arguments, folder=tmp_path) == (2, [])


@pytest.mark.parametrize("key", ["", "x", "nosuchfile", "a+b+c", "\x1b[2J", "a" * 5000])
def test_what_is_no_key_is_refused(tmp_path: Path, here: Check, key: str) -> None:
    forge = Forge(tmp_path, [canonical(GOOD)])
    path = tmp_path / "r0.tlog-proof"
    status, printed = here(path, "--witness", key or "+")
    assert (status, printed[-1][:8]) == (1, "invalid ")
    if key:
        assert here(path, "--key", key)[0] == 1
    small = (2**255 - 19 + 1).to_bytes(32, "little")
    for public in (small, bytes(31) + b"\x80", b"\x02" + bytes(31)):
        odd = Verifier(forge.signer.verifier.name, 1, public)
        assert here(path, "--key", odd.text)[0] == 1
    for other in (
        Verifier("example.com/log", 4, forge.signer.verifier.public),
        Verifier("example.com/lag", 1, forge.signer.verifier.public),
        Signer.generate("example.com/log").verifier,
    ):
        assert here(path, "--key", other.text)[0] == 1
