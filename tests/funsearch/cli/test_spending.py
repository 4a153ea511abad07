"""A budget as a user meets it: a run that ends before it is exceeded, and goes on with more."""

from __future__ import annotations

from pathlib import Path

from funsearch.archive.reader import Reader
from funsearch.archive.records import GenerationRecord, RunRecord
from tests.funsearch.cli.shell import Shell
from tests.funsearch.samplers.test_endpoint import Body, Reply, completion, serving

USED = {"prompt_tokens": 900, "completion_tokens": 100}


def spent(folder: Path) -> tuple[int, list[str]]:
    """Return the tokens on record, and why the sessions ended."""
    with Reader(folder) as reader:
        records = [record for _, record in reader.records()]
    samples = [record for record in records if isinstance(record, GenerationRecord)]
    tokens = sum((each.prompt_tokens or 0) + (each.completion_tokens or 0) for each in samples)
    ends = [each.reason for each in records if isinstance(each, RunRecord)]
    return tokens, [reason for reason in ends if not reason.startswith("run.")]


def test_a_run_that_used_up_its_budget_goes_on_with_a_larger_one(tmp_path: Path) -> None:
    def answer(body: Body) -> Reply:
        return completion([f"    return {len(fake.asked)}\n"], usage=USED)

    shell, folder = Shell(tmp_path), tmp_path / "run"
    with serving(answer) as fake:
        shell(
            "run", "sampler=openai", "sampler.model=some-model", f"sampler.base_url={fake.url}",
            "sampler.n_per_request=1", "sampler.max_tokens=100", "sampler.key_variable=NO_KEY",
            "run.samples_per_prompt=1", "run.max_tokens=6000", "run.seconds=null",
            "run.verify_seconds=0", "problem.n=3", "cluster.workers=1", f"run.dir={folder}",
        )  # fmt: skip
        first, reasons = spent(folder)
        assert 1000 <= first <= 6000
        assert first == 1000 * len(fake.asked)
        shell("resume", str(folder), "run.max_tokens=12000", "run.seconds=null")
        second, both = spent(folder)
    assert first < second <= 12000
    assert (reasons, both) == (["tokens"], ["tokens", "tokens"])
