"""Tables, read with the csv module and held against log and index."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funsearch.archive import queries
from funsearch.archive.reader import Reader
from funsearch.archive.records import (
    EvaluationRecord,
    GenerationRecord,
    OutageRecord,
    ResetRecord,
    RetractionRecord,
    VerificationRecord,
)
from funsearch.export import tables
from funsearch.export.selection import best_of
from tests.funsearch.archive.conftest import CONFIG, Archive, Make
from tests.funsearch.export.support import exported, records, tree

FORMULA = "=+-@\t\r\n\0＝＋－＠"
Row = Mapping[str, str]


def plain(cell: str) -> str:
    """Return a text as recorded."""
    return cell.removeprefix("'")


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture(scope="module")
def folders(
    found: Path, hostile: Path, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[Path, Path]:
    """Return run → folder of its tables."""
    out = tmp_path_factory.mktemp("tables")
    return {run: exported(run, "csv", out / run.name).path for run in (found, hostile)}


def test_programs_are_those_of_the_index(folders: Mapping[Path, Path]) -> None:
    for run, folder in folders.items():
        with Reader(run) as reader:
            for row in table(folder, "programs"):
                history = queries.program(reader.index, row["program"])
                known = history.program
                assert int(row["first_record"]) == known.first
                assert int(row["generation"]) == known.generation
                assert int(row["proposals"]) == len(history.proposals)
                assert plain(row["sampler"]) == known.sampler
                assert plain(row["model"]) == known.model
                assert row["island"] == ("" if known.island is None else str(known.island))
                assert row["status"] == known.status
                assert row["score"] == ("" if known.score is None else repr(known.score))
                assert row["evaluation_record"] == str(known.evaluation)
                assert row["flags"].split() == list(known.flags)
                assert plain(row["reason"]) == known.reason
                parents = [r for r in table(folder, "parents") if r["program"] == known.id]
                assert tuple(r["parent"] for r in parents) == history.parents
                assert [int(r["position"]) for r in parents] == list(range(len(parents)))
            (count,) = reader.index.execute("SELECT count(*) FROM programs").fetchone()
        assert len(table(folder, "programs")) == count


def test_every_record_has_its_row(folders: Mapping[Path, Path]) -> None:
    kinds = {
        "generations": GenerationRecord,
        "evaluations": EvaluationRecord,
        "verifications": VerificationRecord,
        "retractions": RetractionRecord,
        "resets": ResetRecord,
        "outages": OutageRecord,
    }
    for run, folder in folders.items():
        log = records(run)
        for name, kind in kinds.items():
            numbers = [number for number, record in log if isinstance(record, kind)]
            rows = dict.fromkeys(int(row["record"]) for row in table(folder, name))
            assert list(rows) == numbers, name


def test_texts_come_back_as_recorded(folders: Mapping[Path, Path], hostile: Path) -> None:
    log = dict(records(hostile))
    folder = folders[hostile]
    for row in table(folder, "generations"):
        record = log[int(row["record"])]
        assert isinstance(record, GenerationRecord)
        for column in ("sampler", "model", "served", "finish", "rejected"):
            assert plain(row[column]) == getattr(record, column)
        assert row["seed"] == str(record.sample_seed)
    for row in table(folder, "outages"):
        outage = log[int(row["record"])]
        assert isinstance(outage, OutageRecord)
        for column in ("sampler", "model", "reason", "prompt"):
            assert plain(row[column]) == getattr(outage, column)
        assert row["retry_seconds"] == repr(outage.retry_seconds)
    for row in table(folder, "retractions"):
        record = log[int(row["record"])]
        assert isinstance(record, RetractionRecord)
        assert (plain(row["reason"]), plain(row["by"])) == (record.reason, record.by)
    evaluations = {n: r for n, r in log.items() if isinstance(r, EvaluationRecord)}
    scores = table(folder, "scores")
    found: dict[int, dict[str, float]] = {}
    for row in scores:
        found.setdefault(int(row["evaluation_record"]), {})[plain(row["instance"])] = float(
            row["score"]
        )
    assert found == {n: dict(r.scores) for n, r in evaluations.items() if r.scores}


def test_no_cell_begins_like_a_formula(folders: Mapping[Path, Path]) -> None:
    numeric = {"score", "recorded"}  # ours, and numbers: a minus there is one
    for folder in folders.values():
        for path in folder.glob("*.csv"):
            for row in table(folder, path.stem):
                for column, cell in row.items():
                    if column not in numeric:
                        assert cell[:1] not in set(FORMULA), (path, column, cell)


def test_files_are_as_the_rfc_has_them(folders: Mapping[Path, Path]) -> None:
    for folder in folders.values():
        for path in folder.glob("*.csv"):
            data = path.read_bytes()
            assert data.endswith(b"\r\n")
            columns = len(tables.TABLES[path.stem].split())
            rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
            assert {len(row) for row in rows} == {columns}
            assert rows[0] == tables.TABLES[path.stem].split()
        assert set(tree(folder)) == {"README.txt", *(f"{name}.csv" for name in tables.TABLES)}


def test_readme_names_every_table(folders: Mapping[Path, Path]) -> None:
    for folder in folders.values():
        text = (folder / "README.txt").read_text()
        assert all(name in text for name in tables.TABLES)


@given(st.text())
def test_one_apostrophe_less_is_the_text(value: str) -> None:
    cell = tables.text(value)
    assert cell[:1] not in set(FORMULA)
    assert plain(cell) == value


def test_ancestors_keep_their_generations_when_exported_alone(found: Path, tmp_path: Path) -> None:
    with Reader(found) as reader:
        best = best_of(reader, "max")
        steps = queries.lineage(reader.index, best).steps
    folder = exported(found, "csv", tmp_path / "one", best).path
    rows: Sequence[Row] = table(folder, "programs")
    assert {row["program"]: int(row["generation"]) for row in rows} == {
        step.program.id: step.program.generation for step in steps
    }
    assert rows[-1]["program"] == best


def test_long_search_agrees_with_the_index(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "run", CONFIG) as archive:
        Make().search(archive, 300)
    folder = exported(tmp_path / "run", "csv", tmp_path / "tables").path
    rows = table(folder, "programs")
    with Reader(tmp_path / "run") as reader:
        (count,) = reader.index.execute("SELECT count(*) FROM programs").fetchone()
        for row in rows:
            known = queries.program(reader.index, row["program"]).program
            assert int(row["generation"]) == known.generation
            assert int(row["first_record"]) == known.first
    assert len(rows) == count
