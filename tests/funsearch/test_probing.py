"""Equal behaviour: who is rejected for it, who is not, and that the log alone says so again."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import funsearch
from evaluators import certificate
from evaluators.local import LocalPool
from evaluators.program import read
from evaluators.verdict import Status
from funsearch import restoring, snapshot
from funsearch.archive.archive import Archive
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord, GenerationRecord
from funsearch.behaviours import Behaviours
from funsearch.config import ConfigError, compose
from funsearch.population import Population
from funsearch.probing import probe
from funsearch.replaying.replay import recorded_config, replay
from funsearch.replaying.rescoring import rescore
from problems.cap_set import problem
from tests.funsearch.helpers import digest
from tests.funsearch.replaying.recorded import Log, forge, log_of

PAIR = ("n=3", "n=4")
SEED = "def priority(el, n):\n    return 0.0"
LONGER = "def priority(el, n):\n    return 0.0 + 0.0 * n"
DETECTS = "def priority(el, n):\n    return 0.0 if n == 3 else float(sum(el))"
DIFFERS_ON_PROBE = "def priority(el, n):\n    return float(sum(el)) if n == 3 else 0.0"
SAMPLE = GenerationRecord(digest(1), "", 0, 0, 2, 0, 1, (), "p", "t", "r", "answers")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a search with a probe, in real sandboxes, in two sessions."""
    folder = tmp_path_factory.mktemp("probing") / "run"
    funsearch.run(
        *("problem.instances=[n=3,n=4]", "run.probe=n=3", "run.samples=100", "run.seconds=null"),
        *("search.islands=2", "search.reset_registrations=20", "cluster.workers=1"),
        *("run.verify_seconds=0", f"run.dir={folder}"),
    )
    funsearch.resume(folder, "run.samples=130")
    return folder


def duplicates(log: Log) -> list[tuple[GenerationRecord, EvaluationRecord]]:
    """Return what was rejected for its behaviour."""
    generations = {n: r for n, r in log if isinstance(r, GenerationRecord)}
    return [
        (generations[r.generation], r)
        for _, r in log
        if isinstance(r, EvaluationRecord) and "behaves like" in r.reason
    ]


def test_duplicates_point_to_a_program_of_their_island_that_is_not_longer(run: Path) -> None:
    log = log_of(run)
    generations = dict(log)
    found = duplicates(log)
    assert len(found) > 10
    with Reader(run) as reader:
        for generation, record in found:
            twin = dict(log)[int(record.reason.rpartition(" ")[2].rstrip(")"))]
            assert isinstance(twin, EvaluationRecord)
            assert str(twin.program) in record.reason
            assert twin.status == "ok"
            assert twin.certificates["n=3"]
            origin = generations[twin.generation]
            assert isinstance(origin, GenerationRecord)
            assert origin.island in (None, generation.island)
            assert origin.epoch == generation.epoch or origin.island is None
            assert record.status == "rejected"
            assert record.tier
            assert record.sandbox
            lengths = [len(reader.object(p)) for p in (str(twin.program), str(record.program))]
            assert lengths[0] <= lengths[1]


def test_replay_finds_the_same_duplicates(run: Path) -> None:
    assert replay(run).difference is None


def test_replay_refuses_a_duplicate_of_nobody(run: Path, tmp_path: Path) -> None:
    wrong: list[Callable[[str], str]] = [
        lambda reason: "duplicate: I say so",
        lambda reason: reason.replace("(record ", "(record 1"),
        lambda reason: reason.replace("probe n=3", "probe n=4"),
    ]
    for number, change in enumerate(wrong):

        def changed(log: Log, change: Callable[[str], str] = change) -> Log:
            victim = duplicates(log)[0][1]
            forged = replace(victim, reason=change(victim.reason))
            return [(n, forged if r is victim else r) for n, r in log]

        difference = replay(forge(run, tmp_path / str(number), changed)).difference
        assert difference is not None
        assert "no program it is a duplicate of" in difference.what


def test_kept_state_is_that_of_the_log(run: Path) -> None:
    with Reader(run) as reader:
        config = recorded_config(reader)
    with Archive.open(run) as archive:
        kept = restoring.restored(config, archive)
        read = restoring.new_state(config, archive)
        restoring.restore(read, archive, config.loaded.digest)
    assert snapshot.dump(kept, 0, "") == snapshot.dump(read, 0, "")
    assert read.behaviours is not None
    assert len(read.behaviours.columns()["programs"]) > 10


def test_rescoring_leaves_duplicates_out(run: Path) -> None:
    until = 60
    early = [(n, r) for n, r in log_of(run) if n <= until]
    assert duplicates(early)
    scored = {
        r.program
        for _, r in early
        if isinstance(r, EvaluationRecord) and r.tier and r.status != "rejected"
    }
    found = rescore(run, until)
    assert (found.programs, found.differing) == (len(scored), 0)


def judged(sources: Sequence[str]) -> list[str]:
    """Return what a probe says of programs, each on an island that holds the seed alone."""

    async def work() -> list[str]:
        population = Population(2)
        behaviours = Behaviours("n=3", population)
        seed = read(SEED, "priority")
        number = population.propose(seed.id)
        population.judge(number, Status.OK, 2, len(seed.source), (8.0, 16.0), 12.0)
        pool = LocalPool("cap_set", workers=1, instances=["n=3"])
        await pool.start()
        try:
            built = (await pool.evaluate(seed, ["n=3"])).certificates["n=3"]
            text = certificate.text("cap_set", problem.instance("n=3"), built)
            record = EvaluationRecord(
                1, seed.id, "ok", None, certificates={"n=3": certificate.digest(text)}
            )
            behaviours.note([(2, 0)], record, number)
            said: list[str] = []
            for source in sources:
                program = read(source, "priority")
                found = await probe(pool, problem, PAIR, behaviours, SAMPLE, program)
                said.append("" if found is None else found.verdict.status.value)
            return said
        finally:
            await pool.close()

    return asyncio.run(work())


def test_who_recognises_the_probe_gains_nothing() -> None:
    shorter = "def priority(el, n):\n    return 0"
    crashes = "def priority(el, n):\n    return 1 / 0"
    found = judged([LONGER, DETECTS, DIFFERS_ON_PROBE, shorter, crashes])
    assert found == ["rejected", "rejected", "", "", "crashed"]


def behaviours_of(lengths: Sequence[int]) -> tuple[Population, Behaviours]:
    population = Population(1)
    for number, length in enumerate(lengths):
        population.propose(digest(number))
        population.judge(number, Status.OK, 10 + number, length, (1.0,), 1.0)
    return population, Behaviours("one", population)


def ok(program: int, built: int) -> EvaluationRecord:
    return EvaluationRecord(1, digest(program), "ok", None, certificates={"one": digest(built)})


def test_behaviour_is_that_of_one_island_and_epoch() -> None:
    _, behaviours = behaviours_of([5])
    behaviours.note([(2, 0), (3, 1)], ok(0, built=7), 0)
    assert behaviours.twin(SAMPLE, digest(7), 5) == 0
    assert behaviours.twin(SAMPLE, digest(8), 5) is None
    assert behaviours.twin(replace(SAMPLE, island=3), digest(7), 5) is None
    assert behaviours.twin(replace(SAMPLE, island=3, epoch=1), digest(7), 5) == 0


def test_shortest_program_is_the_one_to_beat() -> None:
    _, behaviours = behaviours_of([5, 4, 6])
    for program in range(3):
        behaviours.note([(2, 0)], ok(program, built=7), program)
    assert behaviours.twin(SAMPLE, digest(7), 4) == 1
    assert behaviours.twin(SAMPLE, digest(7), 3) is None


def test_columns_of_no_behaviours_are_refused() -> None:
    _, behaviours = behaviours_of([5])
    behaviours.note([(2, 0)], ok(0, built=7), 0)
    columns = behaviours.columns()
    for wrong in (
        {**columns, "programs": np.array([1], np.int32)},
        {**columns, "programs": np.zeros(2, np.int32)},
        {"programs": columns["programs"]},
    ):
        with pytest.raises(ValueError, match="column"):
            behaviours.restore(wrong)


def test_probe_must_be_one_of_several_training_instances() -> None:
    assert compose(["problem.instances=[n=3,n=4]", "run.probe=n=4"]).run.probe == "n=4"
    with pytest.raises(ConfigError, match=r"null or a training instance: n=3, n=4$"):
        compose(["problem.instances=[n=3,n=4]", "run.probe=n=5"])
    with pytest.raises(ConfigError, match="with one training instance"):
        compose(["problem.n=3", "run.probe=n=3"])
