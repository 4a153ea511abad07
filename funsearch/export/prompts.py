"""Prompts made again from the programs they showed; no template and no code of a stranger is used.

A prompt's text is not on record, only its digest. It is made again with a problem and a template of
this installation, both of the digest on record, and only believed if its own digest is the one on
record too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import configs
from evaluators.program import Program
from funsearch.archive.records import EvaluationRecord, GenerationRecord, Record, RunRecord
from funsearch.attempts import on_record
from funsearch.prompts import Failed, Shown, Template, TemplateError, render
from problems import registry
from problems.registry import Loaded, ProblemError


def installed_problem(run: RunRecord) -> Loaded | None:
    """Return the problem of a run if this installation has it, by name and digest.

    A problem that was given by path is found if its file is an installed one; no other is run.
    """
    try:
        loaded = registry.by_name(run.problem)
    except ProblemError:
        return None
    return loaded if loaded.digest == run.problem_digest else None


class Prompts:
    """Makes prompts of one run again.

    Args:
        run: how it began.
        problem: of the run, or None if it is not to be had; then nothing can be made.
        source: returns the source of a program by its id.
        verdict: returns the evaluation of a program that counts, or None if there is none.
        record: returns a record by its number.
    """

    def __init__(
        self,
        run: RunRecord,
        problem: Loaded | None,
        source: Callable[[str], bytes],
        verdict: Callable[[str], EvaluationRecord | None],
        record: Callable[[int], Record],
    ) -> None:
        self._run = run
        self._problem = problem
        self._source = source
        self._verdict = verdict
        self._record = record

    def text(self, record: GenerationRecord) -> str | None:
        """Return the text that was answered; None if it cannot be made again.

        Raises:
            ArchiveError: a program or a record that it showed cannot be read.
        """
        template = self._templates.get(record.template)
        if self._problem is None or template is None or record.draw is None:
            return None
        shown = [self._shown(parent) for parent in record.parents]
        failures = [self._failed(evaluation) for evaluation in record.failures]
        if None in shown or None in failures:
            return None
        try:
            prompt = render(
                template,
                self._problem.problem,
                record.draw,
                record.island or 0,
                record.epoch,
                record.registrations,
                [example for example in shown if example is not None],
                [attempt for attempt in failures if attempt is not None],
            )
        except TemplateError:
            return None
        return prompt.text if prompt.digest == record.prompt else None

    def _shown(self, program: str) -> Shown | None:
        verdict = self._verdict(program)
        names = self._run.instances
        if self._problem is None or verdict is None or verdict.score is None:
            return None
        if set(verdict.scores) != set(names):
            return None
        source = self._source(program).decode("utf-8", "replace")
        name = self._problem.problem.evolve.__name__
        scores = {instance: verdict.scores[instance] for instance in names}
        return Shown(Program(name, source), verdict.score, scores)

    def _failed(self, number: int) -> Failed | None:
        found = on_record(number, self._record)
        if found is None:
            return None
        program = found[1].program
        source = self._source(program).decode("utf-8", "replace") if program else ""
        return Failed(found[1], source)

    @cached_property
    def _templates(self) -> Mapping[str, Template]:
        """The templates of this installation, by digest."""
        import yaml

        folder = Path(configs.__file__ or "").parent / "prompt"
        found: dict[str, Template] = {}
        for path in sorted(folder.glob("*.yaml")):
            tree: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
            settings = {name: value for name, value in tree.items() if name != "_target_"}
            template = Template(**settings)
            found[template.digest] = template
        return found
