"""An RO-Crate of one discovery: the program, its lineage, and all that a stranger checks them with.

Follows RO-Crate 1.1 and Process Run Crate 0.5. Everything in it is named by a digest or a number,
except certificates, whose instances may have any name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from funsearch.archive import proofs, queries
from funsearch.archive.errors import Damaged, Missing
from funsearch.archive.proofs import Ground
from funsearch.archive.records import (
    EvaluationRecord,
    GenerationRecord,
    RetractionRecord,
    RunRecord,
    VerificationRecord,
)
from funsearch.export import actions
from funsearch.export.actions import Setting, program_path, prompt_path, reply_path
from funsearch.export.explaining import Contents, readme
from funsearch.export.graph import Graph, Ref, identifier, moment
from funsearch.export.prompts import Prompts, installed_problem
from funsearch.export.selection import Chosen, Item, Selection, retracted
from funsearch.export.writing import file_name, new_folder
from funsearch.text import scored

SUFFIX = "-crate"
CHECK = "check.py"

_PROOFS_AT_ONCE = 256
_PYTHON, _JSON, _TEXT = "text/x-python", "application/json", "text/plain"
_SOURCE = ("SoftwareSourceCode",)
_OWN_LICENSE = "http://spdx.org/licenses/Apache-2.0"


def write(selection: Selection, chosen: Chosen, path: Path, unit: str) -> Contents:
    """Write a crate into a new folder.

    Args:
        selection: of records.
        chosen: what it is limited to.
        path: of the folder.
        unit: of scores.

    Returns:
        What it holds.

    Raises:
        ArchiveError: the archive cannot be read or is not complete, or the folder not be written.
    """
    with new_folder(path) as folder:
        return _Crate(selection, chosen, folder).write(unit)


class _Crate:
    """One crate while it is written."""

    def __init__(self, selection: Selection, chosen: Chosen, folder: Path) -> None:
        self._reader = selection.reader
        self._chosen = chosen
        self._selection = selection
        self._graph = Graph(folder)
        self._items = list(selection.items())
        self._kinds = {item.number: _kind(item) for item in self._items}
        self._records = {item.number: item.record for item in self._items}
        self._run = selection.run()
        self._problem = installed_problem(self._run)
        self._checker_path = f"checkers/{file_name(self._run.problem)}.py"
        self._notes: list[str] = []
        self._prompts = [0, 0]
        self._certificates: dict[str, str] = {}

    def write(self, unit: str) -> Contents:
        """Write all files."""
        self._config()
        for step in self._chosen.lineage.steps:
            self._program(step.program.id)
        setting = self._setting()
        reader = self._reader
        prompts = Prompts(self._run, self._problem, reader.object, self._verdict, reader.record)
        for item in self._items:
            self._describe(item, setting, prompts)
        sessions = [(i.number, i.record) for i in self._items if isinstance(i.record, RunRecord)]
        actions.search(self._graph, setting, sessions)
        contents = self._contents(setting, unit, self._prove())
        times = [record.time for _, record in reversed(sessions)]
        times += [i.record.time for i in self._items if isinstance(i.record, GenerationRecord)]
        self._whole(contents, moment(next(filter(None, times))))
        return contents

    # What the crate is about

    def _config(self) -> None:
        data = self._reader.config().encode()
        if hashlib.sha256(data).hexdigest() != self._run.config:
            raise Damaged(f"{self._reader.folder / 'config.yaml'} is not the one on record")
        self._graph.file(actions.CONFIG, data, "application/yaml", name="Configuration of the run")

    def _program(self, program: str) -> None:
        title = "Program" if program == self._chosen.program else "Ancestor"
        self._graph.file(
            program_path(program),
            self._reader.object(program),
            _PYTHON,
            _SOURCE,
            name=f"{title} {program[:12]}",
        )

    def _setting(self) -> Setting:
        wrong = {
            target: number
            for target, number in retracted(self._reader).items()
            if target in self._kinds and number in self._kinds
        }
        self._notes += [
            f"Record {target} ({kind}) is retracted by record {wrong[target]}: it is declared wrong"
            for target, kind in sorted(self._kinds.items())
            if target in wrong
        ]
        if not self._chosen.complete:
            steps = len(self._chosen.lineage.steps)
            self._notes.append(
                f"This is not the whole lineage: it was cut off after {steps} programs, those "
                "nearest in time, or proposals of one of them were left out"
            )
        return Setting(self._run, self._chosen.program, wrong, self._checker())

    def _checker(self) -> tuple[Ref, str] | None:
        """Add this installation's checker if it is that of the problem on record."""
        path = None if self._problem is None else self._problem.checker
        if path is None:
            self._notes.append(
                "There is no checker here: the one who wrote this had none for the problem with "
                f"the digest on record, {self._run.problem_digest}"
            )
            return None
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        said = {i.record.checker for i in self._items if isinstance(i.record, VerificationRecord)}
        if said - {digest, ""}:
            self._notes.append("The checker here is a later or earlier one than that on record")
        ref = self._graph.file(
            self._checker_path,
            data,
            _PYTHON,
            _SOURCE,
            name="Checker",
            description="Judges certificate files without any code of the evaluator",
            license=self._license(),
        )
        return ref, digest

    def _license(self) -> Ref:
        return self._graph.add(_OWN_LICENSE, "CreativeWork", name="Apache License 2.0")

    def _verdict(self, program: str) -> EvaluationRecord | None:
        """Return the evaluation of any program that counts."""
        try:
            number = queries.program(self._reader.index, program, 1).program.evaluation
        except Missing:
            return None
        if number is None:
            return None
        record = self._records.get(number) or self._reader.record(number)
        return record if isinstance(record, EvaluationRecord) else None

    # Records

    def _describe(self, item: Item, setting: Setting, prompts: Prompts) -> None:
        number, record = item.number, item.record
        match record:
            case GenerationRecord():
                self._reply(record)
                rebuilt = self._prompt(record, prompts)
                actions.generation(self._graph, setting, number, record, rebuilt=rebuilt)
            case EvaluationRecord():
                own = record.program == setting.winner
                certificates = self._built(number, record.certificates) if own else {}
                conditions = record.conditions or self._run.conditions
                self._environment(conditions.environment)
                actions.evaluation(self._graph, setting, number, record, certificates)
            case VerificationRecord():
                own = record.program == setting.winner
                said = {f.instance: f.certificate for f in record.findings if f.certificate}
                certificates = self._built(number, said) if own else {}
                self._environment(record.conditions.environment)
                actions.verification(self._graph, setting, number, record, certificates)
            case RetractionRecord():
                kind = self._kinds[record.target]
                actions.retraction(self._graph, number, record, kind)
            case _:
                pass  # sessions are described together

    def _reply(self, record: GenerationRecord) -> None:
        data = self._reader.object(record.reply)
        self._graph.file(reply_path(record), data, _TEXT, name=f"Raw reply {record.reply[:12]}")

    def _prompt(self, record: GenerationRecord, prompts: Prompts) -> bool:
        """Add the prompt that was answered; return whether it could be made again."""
        if record.draw is None:
            return False
        text = prompts.text(record)
        self._prompts[1] += 1
        if text is None:
            return False
        self._prompts[0] += 1
        self._graph.file(
            prompt_path(record),
            text.encode(),
            _TEXT,
            name=f"Prompt {record.prompt[:12]}",
            description="Made again from the programs it showed; its digest is the one on record",
        )
        return True

    def _built(self, number: int, digests: Mapping[str, str]) -> dict[str, Ref]:
        """Add certificates; one that differs from an earlier of its instance goes by its digest."""
        found: dict[str, Ref] = {}
        for instance, digest in digests.items():
            path = f"certificates/{file_name(instance)}.json"
            if self._certificates.get(path, digest) != digest:
                path = f"certificates/{digest}.json"
            try:
                data = self._reader.object(digest)
            except Missing:
                self._notes.append(f"The certificate {digest} of record {number} was not kept")
                continue
            self._certificates[path] = digest
            found[instance] = self._graph.file(path, data, _JSON, name=f"Certificate of {instance}")
        return found

    def _environment(self, digest: str) -> None:
        path = actions.environment_path(digest)
        if not digest or identifier(path) in self._graph:
            return
        try:
            data = self._reader.object(digest)
        except Missing:
            return
        self._graph.file(path, data, _JSON, name="Environment: processor, versions and packages")

    # Proofs, and the crate as a whole

    def _prove(self) -> Ground:
        """Add a proof of each record, and what they lead to."""
        ground = proofs.choose(self._reader, max(self._kinds))
        wanted = [(actions.proof_name(kind, n), n) for n, kind in self._kinds.items()]
        for start in range(0, len(wanted), _PROOFS_AT_ONCE):
            self._selection.tell("proved", start)
            some = wanted[start : start + _PROOFS_AT_ONCE]
            for proven in proofs.prove(self._reader, some, ground).proven:
                path, title = f"proofs/{proven.name}", f"Record {proven.number}"
                self._graph.file(f"{path}.json", proven.record, _JSON, name=title)
                self._graph.file(
                    f"{path}.tlog-proof",
                    proven.proof.encode(),
                    _TEXT,
                    name=f"Proof that record {proven.number} is in the log",
                )
        self._graph.file("checkpoint", ground.text.encode(), _TEXT, name="Checkpoint of the log")
        key = proofs.key_text(self._reader).encode()
        self._graph.file(proofs.KEY, key, _TEXT, name="Public key of the log")
        self._graph.file(
            proofs.SCRIPT,
            proofs.script(),
            _PYTHON,
            _SOURCE,
            name="Verifier of proofs",
            license=self._license(),
        )
        self._graph.file(
            CHECK,
            Path(__file__).with_name(CHECK).read_bytes(),
            _PYTHON,
            _SOURCE,
            name="Checks this folder",
            license=self._license(),
        )
        return ground

    def _contents(self, setting: Setting, unit: str, ground: Ground) -> Contents:
        row = self._chosen.lineage.steps[0].program
        counts = row.evaluation is not None and row.evaluation in self._kinds
        verdict = f"{row.status}, {scored(row.score, row.flags)} {unit}".strip()
        made, of = self._prompts
        if made < of:
            self._notes.append(
                f"Of {of} prompts {of - made} could not be made again: that takes the problem and "
                "the template in the versions on record"
            )
        log = self._reader.log
        return Contents(
            problem=self._run.problem,
            program=self._chosen.program,
            verdict=verdict if counts else "none yet",
            evaluation=actions.proof_name("evaluation", row.evaluation or 0) if counts else "",
            log=log.verifier.name,
            records=ground.checkpoint.size,
            key=log.verifier.text,
            ancestors=len(self._chosen.lineage.steps) - 1,
            proofs=len(self._kinds),
            prompts=(made, of),
            certificates=len(self._certificates),
            checker=self._checker_path if setting.checker else "",
            notes=tuple(dict.fromkeys(self._notes)),
        )

    def _whole(self, contents: Contents, published: str) -> None:
        self._graph.file("README.txt", readme(contents).encode(), _TEXT, name="How to check this")
        license_note = self._graph.add(
            "#license",
            "CreativeWork",
            name="No licence is stated",
            description="The run does not say under which licence its programs may be used. "
            "Whoever publishes this crate should. verify.py, check.py and the checker are under "
            "the Apache License 2.0.",
        )
        made, of = contents.prompts
        self._graph.write(
            name=f"Program {contents.program[:12]} for {contents.problem}, found by FunSearch",
            description=" ".join(
                [
                    f"A program ({contents.verdict}), its ancestors ({contents.ancestors}), its "
                    f"certificates ({contents.certificates}), and the records of the log "
                    f"{contents.log} that concern them ({contents.proofs}), each with a proof; "
                    f"{made} of {of} prompts were made again.",
                    *(f"{note}." for note in contents.notes),
                ]
            ),
            datePublished=published,
            license=license_note,
            mainEntity={"@id": identifier(program_path(contents.program))},
        )


def _kind(item: Item) -> str:
    """Return what a record is called in the names of proofs."""
    return type(item.record).__name__.removesuffix("Record").lower()
