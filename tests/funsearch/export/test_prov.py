"""PROV-JSON, as the package `prov` reads it, against the log."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from prov.model import (
    ProvActivity,
    ProvAgent,
    ProvAssociation,
    ProvDerivation,
    ProvDocument,
    ProvEntity,
    ProvGeneration,
    ProvInvalidation,
    ProvUsage,
)

from funsearch.archive.reader import Reader
from funsearch.archive.records import (
    EvaluationRecord,
    GenerationRecord,
    RetractionRecord,
    VerificationRecord,
)
from funsearch.export.selection import best_of, choose
from tests.funsearch.export.support import exported, records


def load(path: Path) -> ProvDocument:
    found = ProvDocument.deserialize(str(path), format="json")
    assert isinstance(found, ProvDocument)
    return found


def ids(document: ProvDocument, kind: type[Any]) -> list[str]:
    return [str(record.identifier) for record in document.get_records(kind)]


def ends(document: ProvDocument, kind: type[Any]) -> list[tuple[str, ...]]:
    """Return what the relations of a kind relate, in order of their arguments."""
    return [
        tuple(str(value) for value in record.args if value is not None)
        for record in document.get_records(kind)
    ]


@pytest.fixture(scope="module")
def documents(
    found: Path, hostile: Path, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[Path, ProvDocument]:
    out = tmp_path_factory.mktemp("prov")
    return {run: load(exported(run, "prov-json", out / run.name).path) for run in (found, hostile)}


def test_every_record_is_one_activity(documents: Mapping[Path, ProvDocument]) -> None:
    for run, document in documents.items():
        assert ids(document, ProvActivity) == [f"rec:{number}" for number, _ in records(run)]


def test_entities_are_those_on_record(documents: Mapping[Path, ProvDocument]) -> None:
    for run, document in documents.items():
        log = records(run)
        kinds = Counter(name.partition(":")[0] for name in ids(document, ProvEntity))
        generations = [r for _, r in log if isinstance(r, GenerationRecord)]
        evaluations = [r for _, r in log if isinstance(r, EvaluationRecord)]
        verifications = [r for _, r in log if isinstance(r, VerificationRecord)]
        assert kinds["reply"] == len(generations)
        assert kinds["program"] == len({r.program for r in generations} - {None})
        assert kinds["prompt"] == len({r.prompt for r in generations} - {""})
        assert kinds["verdict"] == len(evaluations)
        assert kinds["certificate"] == sum(len(r.scores) for r in evaluations) + sum(
            bool(finding.certificate) for r in verifications for finding in r.findings
        )
        assert kinds["entry"] == sum(isinstance(r, RetractionRecord) for _, r in log)
        assert len(ids(document, ProvEntity)) == len(set(ids(document, ProvEntity)))


def test_programs_come_from_their_first_proposal(documents: Mapping[Path, ProvDocument]) -> None:
    for run, document in documents.items():
        generated = {
            (entity, activity)
            for entity, activity, *_ in ends(document, ProvGeneration)
            if entity.startswith("program:")
        }
        derived = {(a, b) for a, b, *_ in ends(document, ProvDerivation)}
        used = set(ends(document, ProvUsage))
        seen: set[str] = set()
        for number, record in records(run):
            if isinstance(record, GenerationRecord):
                for parent in record.parents:
                    assert (f"rec:{number}", f"program:{parent}") in used
                if record.program is None:
                    continue
                name = f"program:{record.program}"
                assert ((name, f"rec:{number}") in generated) == (name not in seen)
                if name not in seen:
                    assert (name, f"reply:{number}") in derived
                    assert all((name, f"program:{p}") in derived for p in record.parents)
                seen.add(name)
        assert len(generated) == len(seen)


def test_whatever_is_named_is_declared(documents: Mapping[Path, ProvDocument]) -> None:
    for document in documents.values():
        known = {
            *ids(document, ProvEntity),
            *ids(document, ProvActivity),
            *ids(document, ProvAgent),
        }
        for kind in (
            ProvGeneration,
            ProvUsage,
            ProvDerivation,
            ProvAssociation,
            ProvInvalidation,
        ):
            relations = ends(document, kind)
            assert relations
            assert {name for names in relations for name in names} <= known


def test_nothing_is_generated_or_invalidated_twice(
    documents: Mapping[Path, ProvDocument],
) -> None:
    for document in documents.values():
        for kind in (ProvGeneration, ProvInvalidation):
            counts = Counter(entity for entity, *_ in ends(document, kind))
            assert set(counts.values()) == {1}


def test_retractions_invalidate_the_entry_they_mean(
    documents: Mapping[Path, ProvDocument],
) -> None:
    for run, document in documents.items():
        expected = [
            (f"entry:{record.target}", f"rec:{number}")
            for number, record in records(run)
            if isinstance(record, RetractionRecord)
        ]
        assert ends(document, ProvInvalidation) == expected


def test_generations_are_associated_with_sampler_and_engine(
    documents: Mapping[Path, ProvDocument], hostile: Path
) -> None:
    document = documents[hostile]
    associated: dict[str, set[str]] = {}
    for activity, agent, *_ in ends(document, ProvAssociation):
        associated.setdefault(activity, set()).add(agent)
    said = {
        str(agent.identifier): {
            str(next(iter(agent.get_attribute(f"fs:{key}")), ""))
            for key in ("sampler", "model", "served")
        }
        for agent in document.get_records(ProvAgent)
    }
    for number, record in records(hostile):
        if isinstance(record, GenerationRecord):
            sampler, engine = sorted(associated[f"rec:{number}"], reverse=True)
            assert engine == "fs:engine"
            assert said[sampler] == {record.sampler, record.model, record.served}


def test_scores_are_kept_to_the_last_digit(
    documents: Mapping[Path, ProvDocument], found: Path
) -> None:
    by_name = {str(e.identifier): e for e in documents[found].get_records(ProvEntity)}
    for number, record in records(found):
        if isinstance(record, EvaluationRecord) and record.score is not None:
            (score,) = by_name[f"verdict:{number}"].get_attribute("fs:score")
            assert float(str(getattr(score, "value", score))) == record.score


def test_one_program_comes_with_its_ancestors(found: Path, tmp_path: Path) -> None:
    with Reader(found) as reader:
        chosen = choose(reader, best_of(reader, "max"))
    document = load(exported(found, "prov-json", tmp_path / "one", chosen.program).path)
    # Other programs may be named: those that were shown when an ancestor was proposed once more.
    made = {entity for entity, *_ in ends(document, ProvGeneration) if "program:" in entity}
    assert made == {f"program:{step.program.id}" for step in chosen.lineage.steps}
    assert ids(document, ProvActivity) == [f"rec:{number}" for number in chosen.numbers]


def test_no_name_is_written_twice(documents: Mapping[Path, ProvDocument], tmp_path: Path) -> None:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    for run in documents:
        path = exported(run, "prov-json", tmp_path / run.name).path
        json.loads(path.read_text(encoding="ascii"), object_pairs_hook=unique)
