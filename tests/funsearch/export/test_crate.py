"""Crates: the rules of RO-Crate 1.1 and Process Run Crate 0.5, and what strangers do with one."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from funsearch.archive import queries
from funsearch.archive.archive import Archive
from funsearch.archive.errors import Damaged
from funsearch.archive.migration import migrate
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord, GenerationRecord
from funsearch.export import prompts
from funsearch.export.exporting import FORMS
from funsearch.export.selection import best_of, choose
from tests.funsearch.archive.conftest import CONFIG, PACKAGES, Make, digest
from tests.funsearch.archive.test_migration import OLD
from tests.funsearch.export.conftest import WORST
from tests.funsearch.export.support import exported, records, tree

Entity = dict[str, Any]
DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?\+\d{2}:\d{2}").fullmatch


class Crate:
    """A crate as its metadata describe it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        text = (folder / "ro-crate-metadata.json").read_text(encoding="utf-8")
        self.document: Entity = json.loads(text)
        self.graph: list[Entity] = self.document["@graph"]
        self.by_id: dict[str, Entity] = {entity["@id"]: entity for entity in self.graph}
        self.root = self.by_id["./"]

    def of_kind(self, *kinds: str) -> list[Entity]:
        return [e for e in self.graph if set(kinds) & set(listed(e["@type"]))]

    def the(self, entity: Entity, key: str) -> list[Entity]:
        """Return the entities that a member refers to."""
        return [self.by_id[ref["@id"]] for ref in listed(entity.get(key, []))]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def references(value: Any) -> Iterator[str]:
    """Yield what an entity refers to; nested entities would fail, as the graph is flat."""
    for item in listed(value):
        if isinstance(item, dict):
            assert list(item) == ["@id"], item
            yield item["@id"]
        else:
            assert isinstance(item, str | int | float | bool), item


@pytest.fixture(scope="module")
def crates(
    found: Path, hostile: Path, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[Path, Crate]:
    out = tmp_path_factory.mktemp("crates")
    return {run: Crate(exported(run, "ro-crate", out / run.name).path) for run in (found, hostile)}


@pytest.fixture
def real(crates: Mapping[Path, Crate], found: Path) -> Crate:
    return crates[found]


def in_shell(command: str, folder: Path) -> list[str]:
    """Run a command of the README as a stranger would, and return the lines it prints."""
    python = f'PATH="{Path(sys.executable).parent}:$PATH"; '
    done = subprocess.run(
        ["/bin/sh", "-c", python + command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done
    assert done.stderr == ""
    return done.stdout.splitlines()


def commands(crate: Crate) -> list[str]:
    text = (crate.folder / "README.txt").read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.startswith("       python3 ")]


# RO-Crate 1.1


def test_metadata_are_flat_and_each_entity_is_there_once(crates: Mapping[Path, Crate]) -> None:
    for crate in crates.values():
        assert len(crate.by_id) == len(crate.graph)
        for entity in crate.graph:
            for key, value in entity.items():
                if key not in ("@id", "@type"):
                    list(references(value))


def test_every_entity_referred_to_is_described(crates: Mapping[Path, Crate]) -> None:
    outside = {"https://w3id.org/ro/crate/1.1"}
    for crate in crates.values():
        for entity in crate.graph:
            for key, value in entity.items():
                if key not in ("@id", "@type"):
                    assert set(references(value)) <= crate.by_id.keys() | outside, (key, value)


def test_descriptor_and_root_have_what_they_must(crates: Mapping[Path, Crate]) -> None:
    for crate in crates.values():
        about = crate.by_id["ro-crate-metadata.json"]
        assert about["@type"] == "CreativeWork"
        assert about["about"] == {"@id": "./"}
        assert about["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
        assert crate.document["@context"] == [
            "https://w3id.org/ro/crate/1.1/context",
            "https://w3id.org/ro/terms/workflow-run/context",
        ]
        assert crate.root["@type"] == "Dataset"
        assert crate.root["name"]
        assert crate.root["description"]
        assert DATE(crate.root["datePublished"])
        (note,) = crate.the(crate.root, "license")
        assert note["name"]
        assert note["description"]


def test_files_are_those_described_to_the_byte(crates: Mapping[Path, Crate]) -> None:
    for crate in crates.values():
        files = tree(crate.folder)
        described: set[str] = set()
        for entity in crate.of_kind("File"):
            path = unquote(entity["@id"])
            described.add(path)
            assert entity["sha256"] == hashlib.sha256(files[path]).hexdigest()
            assert entity["contentSize"] == str(len(files[path]))
            assert re.fullmatch(r"[\w./%=,+~-]+", entity["@id"])
        assert described == files.keys() - {"ro-crate-metadata.json"}
        parts = [ref["@id"] for ref in crate.root["hasPart"]]
        assert [unquote(part) for part in sorted(parts)] == sorted(described)


# Process Run Crate 0.5


def test_root_conforms_to_the_profile(crates: Mapping[Path, Crate]) -> None:
    for crate in crates.values():
        (profile,) = crate.the(crate.root, "conformsTo")
        assert profile["@id"] == "https://w3id.org/ro/wfrun/process/0.5"
        assert profile["@type"] == "CreativeWork"


def test_every_action_names_the_tool_that_was_executed(crates: Mapping[Path, Crate]) -> None:
    for crate in crates.values():
        actions = crate.of_kind("CreateAction")
        assert actions
        for action in actions:
            tools = crate.the(action, "instrument")
            assert tools
            for tool in tools:
                assert {"SoftwareApplication", "SoftwareSourceCode"} & set(listed(tool["@type"]))
                assert tool["name"]


def test_actions_have_what_they_should(crates: Mapping[Path, Crate]) -> None:
    allowed = {"File", "Dataset", "Collection", "CreativeWork", "PropertyValue"}
    for run, crate in crates.items():
        mentioned = {ref["@id"] for ref in crate.root["mentions"]}
        for action in crate.of_kind("CreateAction"):
            assert action["@id"] in mentioned
            assert action["name"]
            assert action["description"]
            assert crate.the(action, "result")
            assert crate.the(action, "agent")
            # Made-up evaluations have no times.
            assert DATE(action["endTime"]) if run.name == "found" else True
            for entity in crate.the(action, "object") + crate.the(action, "result"):
                code = "SoftwareSourceCode" in listed(entity["@type"])
                assert allowed & set(listed(entity["@type"])) or code
            if "error" in action:
                assert action["actionStatus"] == "http://schema.org/FailedActionStatus"


def test_structure_of_a_crate(real: Crate) -> None:
    kinds = sorted({name.split("/")[0] for name in tree(real.folder)})
    assert kinds == [
        "README.txt",
        "certificates",
        "check.py",
        "checkers",
        "checkpoint",
        "config.yaml",
        "environments",
        "log.vkey",
        "programs",
        "prompts",
        "proofs",
        "replies",
        "ro-crate-metadata.json",
        "verify.py",
    ]


# What it says of the search


def test_lineage_can_be_walked_through_the_actions(real: Crate, found: Path) -> None:
    made = {
        result["@id"]: action
        for action in real.of_kind("CreateAction")
        if action["@id"].startswith("#generation-")
        for result in real.the(action, "result")
    }
    (winner,) = real.the(real.root, "mainEntity")
    with Reader(found) as reader:
        chosen = choose(reader, best_of(reader, "max"))
    steps = {step.program.id: set(step.parents) for step in chosen.lineage.steps}
    seen, rest = set[str](), [winner["@id"]]
    while rest:
        name = rest.pop()
        if name in seen:
            continue
        seen.add(name)
        parents = {
            e["@id"] for e in real.the(made[name], "object") if e["@id"].startswith("programs/")
        }
        identity = name.removeprefix("programs/").removesuffix(".py")
        assert parents == {f"programs/{parent}.py" for parent in steps[identity]}
        rest.extend(parents)
    assert seen == {f"programs/{program}.py" for program in steps}
    assert winner["@id"] == f"programs/{chosen.program}.py"


def test_texts_hash_to_their_names(crates: Mapping[Path, Crate]) -> None:
    for crate in crates.values():
        for name, data in tree(crate.folder).items():
            if name.split("/")[0] in ("programs", "replies", "prompts", "environments"):
                assert Path(name).stem == hashlib.sha256(data).hexdigest()


def test_prompts_are_made_again(real: Crate, found: Path) -> None:
    with Reader(found) as reader:
        chosen = choose(reader, best_of(reader, "max"), repetitions=False)
    log = dict(records(found))
    asked = {
        record.prompt
        for number in chosen.numbers
        if isinstance(record := log[number], GenerationRecord) and record.prompt
    }
    assert asked
    assert {path.stem for path in (real.folder / "prompts").iterdir()} == asked


def test_scores_and_certificates_are_those_on_record(real: Crate, found: Path) -> None:
    with Reader(found) as reader:
        row = choose(reader, best_of(reader, "max")).lineage.steps[0].program
        record = reader.record(row.evaluation or 0)
    assert isinstance(record, EvaluationRecord)
    action = real.by_id[f"#evaluation-{row.evaluation}"]
    results = real.the(action, "result")
    values = {e["name"]: e["value"] for e in results if e["@type"] == "PropertyValue"}
    assert values["score"] == repr(record.score)
    assert {values[f"score of {name}"] for name in record.scores} == {
        repr(score) for score in record.scores.values()
    }
    certificates = {e["sha256"] for e in results if e["@type"] == "File"}
    assert certificates == set(record.certificates.values())


def test_retraction_is_said_where_the_record_is_and_in_the_readme(real: Crate, found: Path) -> None:
    number, record = records(found)[-1]
    target = real.by_id[f"#evaluation-{record.target}"]  # type: ignore[union-attr]
    (comment,) = real.the(target, "comment")
    assert comment["@id"] == f"#retraction-{number}"
    assert comment["@type"] == "CorrectionComment"
    assert comment["text"] == "a slip"
    assert comment["about"] == {"@id": target["@id"]}
    assert f"is retracted by record {number}" in (real.folder / "README.txt").read_text()


def test_retracted_best_gives_way_to_the_next(tmp_path: Path) -> None:
    make = Make()
    with Archive.create(tmp_path / "run", CONFIG) as archive:
        archive.append(make.run(), [PACKAGES])
        for name, score in ((0, 1.0), (1, 9.0)):
            number = make.start(archive, name).number
            archive.append(make.evaluation(number, name, score))
        archive.flush()
        with Reader(tmp_path / "run") as reader:
            entry = hashlib.sha256(reader.log.entry(4)).hexdigest()
        archive.append(make.retraction(4, entry=entry))
    crate = Crate(exported(tmp_path / "run", "ro-crate", tmp_path / "crate").path)
    assert crate.root["mainEntity"] == {"@id": f"programs/{digest(make.source(0))}.py"}


# What a stranger does with it


def test_readme_commands_find_everything_sound(real: Crate, tmp_path: Path) -> None:
    check, checker, consistency = commands(real)
    proofs = len(list((real.folder / "proofs").glob("*.tlog-proof")))
    certificates = len(list((real.folder / "certificates").iterdir()))
    assert certificates
    assert in_shell(check, real.folder)[-1] == f"sound: {proofs} records"
    lines = in_shell(checker, real.folder)
    assert sum("the checker now says 'valid " in line for line in lines) == certificates
    assert lines[-1] == f"sound: {proofs} records"
    (tmp_path / "theirs").write_bytes((real.folder / "checkpoint").read_bytes())
    compared = in_shell(consistency.replace("THEIRS", str(tmp_path / "theirs")), real.folder)
    assert compared[-1].startswith("valid: first ")


def test_every_record_in_it_has_a_proof(crates: Mapping[Path, Crate]) -> None:
    for run, crate in crates.items():
        with Reader(run) as reader:
            chosen = choose(reader, best_of(reader, "max"), repetitions=False)
            for number in chosen.numbers:
                (path,) = (crate.folder / "proofs").glob(f"*-{number}.json")
                assert path.read_bytes() == reader.log.entry(number)
                assert path.with_suffix(".tlog-proof").is_file()
        assert len(list((crate.folder / "proofs").iterdir())) == 2 * len(chosen.numbers)


def test_checkpoint_and_key_are_those_of_the_log(real: Crate, found: Path) -> None:
    assert (real.folder / "checkpoint").read_bytes() == (found / "log/checkpoint").read_bytes()
    assert (real.folder / "log.vkey").read_bytes() == (found / "log/vkey").read_bytes()


# What may be anybody's


def test_hostile_texts_stay_values(crates: Mapping[Path, Crate], hostile: Path) -> None:
    crate = crates[hostile]
    samplers = [e for e in crate.of_kind("SoftwareApplication") if e["@id"].startswith("#sampler")]
    assert {e["version"] for e in samplers if "version" in e} == set(WORST)
    comments = crate.of_kind("CorrectionComment")
    assert {comment["text"] for comment in comments} <= set(WORST)
    assert comments
    assert b"<" not in (crate.folder / "ro-crate-metadata.json").read_bytes()


def test_hostile_names_make_plain_file_names(crates: Mapping[Path, Crate], hostile: Path) -> None:
    crate = crates[hostile]
    names = sorted(path.name for path in (crate.folder / "certificates").iterdir())
    assert len(names) == len(set(WORST))
    for name in names:
        assert re.fullmatch(r"[\w%=,+][\w%=,+. ~-]*\.json", name), name
        assert len(name) < 200
    assert {path.name for path in crate.folder.parent.iterdir()} <= {"found", "hostile"}


def test_readme_is_fit_for_a_terminal(crates: Mapping[Path, Crate]) -> None:
    for crate in crates.values():
        text = (crate.folder / "README.txt").read_text(encoding="utf-8")
        assert all(line.isprintable() for line in text.split("\n"))


def test_readme_commands_hold_for_hostile_names(
    crates: Mapping[Path, Crate], hostile: Path
) -> None:
    crate = crates[hostile]
    check, _ = commands(crate)  # there is no checker for what nobody has
    lines = in_shell(check, crate.folder)
    assert lines[-1].startswith("sound: ")
    assert all(line.isascii() and line.isprintable() for line in lines)


def test_problem_of_another_digest_is_not_used(
    found: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another(run: object) -> None:
        return None

    monkeypatch.setattr("funsearch.export.crate.installed_problem", another)
    crate = Crate(exported(found, "ro-crate", tmp_path / "crate").path)
    names = tree(crate.folder)
    assert not any(name.startswith(("prompts/", "checkers/")) for name in names)
    text = names["README.txt"].decode()
    assert "could not be made again" in text
    assert "There is no checker here" in text


def test_problem_is_found_by_name_and_digest_only(found: Path) -> None:
    make = Make()
    run = records(found)[0][1]
    assert prompts.installed_problem(run) is not None  # type: ignore[arg-type]
    assert prompts.installed_problem(make.run()) is None
    for name in ("../cap_set", "/etc/passwd", "cap_set.py", "os", ""):
        assert prompts.installed_problem(make.run(problem=name)) is None


def test_lineage_beyond_the_bound_is_cut_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Archive.create(tmp_path / "run", CONFIG) as archive:
        Make().search(archive, 60)
    with Reader(tmp_path / "run") as reader:
        programs = [r.program for _, r in reader.records() if isinstance(r, GenerationRecord)]
        program = programs[-1] or ""
        assert len(queries.lineage(reader.index, program).steps) > 4
    monkeypatch.setattr(queries, "lineage", partial(queries.lineage, limit=4))
    done = exported(tmp_path / "run", "ro-crate", tmp_path / "crate", program)
    crate = Crate(done.path)
    assert not done.complete
    assert len(list((crate.folder / "programs").iterdir())) == 4
    assert "cut off after 4 programs" in crate.root["description"]
    assert "cut off after 4 programs" in (crate.folder / "README.txt").read_text()
    strangers = [e for e in crate.of_kind("CreativeWork") if e["@id"].startswith("#program-")]
    assert strangers
    for entity in crate.graph:
        for key, value in entity.items():
            if key not in ("@id", "@type", "conformsTo"):
                assert set(references(value)) <= crate.by_id.keys()


def test_run_of_the_format_before_is_exported_once_it_is_migrated(tmp_path: Path) -> None:
    run = Path(shutil.copytree(OLD, tmp_path / "run"))
    migrate(run)
    crate = Crate(exported(run, "ro-crate", tmp_path / "crate").path)
    lines = in_shell(commands(crate)[0], crate.folder)
    proofs = list((crate.folder / "proofs").glob("*.tlog-proof"))
    assert len(proofs) > 3
    # Nothing was verified then, so that no record names a checker.
    assert lines[-1] == (
        f"sound, but the checker that is here is on no record: {len(proofs)} records"
    )
    for form in FORMS[1:]:
        assert exported(run, form, tmp_path / form).records == 86


def test_altered_configuration_is_refused(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "run", CONFIG) as archive:
        Make().search(archive, 5)
    (tmp_path / "run" / "config.yaml").write_text("problem: another\n")
    with pytest.raises(Damaged, match=r"config\.yaml is not the one on record"):
        exported(tmp_path / "run", "ro-crate", tmp_path / "crate")
    assert {path.name for path in tmp_path.iterdir()} == {"run"}


def test_forged_index_is_noticed(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "run", CONFIG) as archive:
        Make().search(archive, 30)
    with closing(sqlite3.connect(tmp_path / "run" / "index.db", isolation_level=None)) as index:
        (number,) = index.execute("SELECT program FROM parents WHERE parent > 1").fetchone()
        found = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'parents'"
        )
        guards = index.execute(found).fetchall()
        for name, _ in guards:
            index.execute(f"DROP TRIGGER {name}")
        index.execute("UPDATE parents SET parent = 1 WHERE program = ?", (number,))
        for _, guard in guards:
            index.execute(guard)
    record = dict(records(tmp_path / "run"))[number]
    assert isinstance(record, GenerationRecord)
    with pytest.raises(Damaged, match="archive rebuild"):
        exported(tmp_path / "run", "ro-crate", tmp_path / "crate", record.program)
