"""Records as executions of tools, in the words of the Process Run Crate.

A generation is a CreateAction whose instrument is the sampler with its model, an evaluation one
whose instrument is the evaluator, a verification one that also has the checker; a retraction is a
comment that corrects one. The agent of all is the engine: that a person began the search is not on
record. Texts of samplers, problems and models are values of members here, and never names.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluators.verdict import Status
from funsearch.archive.records import (
    Conditions,
    EvaluationRecord,
    Finding,
    GenerationRecord,
    RetractionRecord,
    RunRecord,
    VerificationRecord,
)
from funsearch.export.graph import Graph, Ref, identifier, moment
from funsearch.text import number as shown

CONFIG = "config.yaml"
_COMPLETED = "http://schema.org/CompletedActionStatus"
_FAILED = "http://schema.org/FailedActionStatus"


@dataclass(frozen=True)
class Setting:
    """What all records of a crate share.

    Attributes:
        run: how the run began.
        winner: id of the program that the crate is about.
        retracted: number of a record → number of the retraction that says it is wrong.
        checker: of the problem, a file of the crate, with its digest; None if there is none.
    """

    run: RunRecord
    winner: str
    retracted: Mapping[int, int]
    checker: tuple[Ref, str] | None


def program_path(program: str) -> str:
    """Return where the source of a program lies in a crate."""
    return f"programs/{program}.py"


def reply_path(record: GenerationRecord) -> str:
    """Return where a raw reply lies in a crate."""
    return f"replies/{record.reply}.txt"


def prompt_path(record: GenerationRecord) -> str:
    """Return where a prompt lies in a crate."""
    return f"prompts/{record.prompt}.txt"


def environment_path(digest: str) -> str:
    """Return where what the digest of an environment covers lies in a crate."""
    return f"environments/{digest}.json"


def proof_name(kind: str, number: int) -> str:
    """Return the name, without suffix, of a record and its proof in a crate."""
    return f"{kind}-{number}"


def _common(graph: Graph, setting: Setting, kind: str, number: int) -> dict[str, object]:
    """Return the members that the action of any record has."""
    name = proof_name(kind, number)
    wrong = setting.retracted.get(number)
    return {
        "agent": graph.add("#engine", "SoftwareApplication", name="FunSearch engine"),
        "subjectOf": [{"@id": f"proofs/{name}.{suffix}"} for suffix in ("json", "tlog-proof")],
        "comment": None if wrong is None else {"@id": f"#{proof_name('retraction', wrong)}"},
    }


def search(graph: Graph, setting: Setting, sessions: Sequence[tuple[int, RunRecord]]) -> None:
    """Describe the run itself: all of its sessions."""
    run = setting.run
    problem = _problem(graph, setting, run.problem_digest)
    last = sessions[-1][1]
    common = [_common(graph, setting, "run", number) for number, _ in sessions]
    said = [
        f"{record.event} {moment(record.time)}: {record.reason}".rstrip(": ")
        for _, record in sessions
    ]
    graph.action(
        "#search",
        name=f"Search for {run.problem}",
        description=f"Seed {run.seed}, instances {', '.join(run.instances)}; {'; '.join(said)}",
        startTime=moment(run.time),
        endTime=moment(last.time),
        instrument=common[0]["agent"],
        agent=common[0]["agent"],
        object=[{"@id": CONFIG}, problem],
        result={"@id": identifier(program_path(setting.winner))},
        subjectOf=[ref for members in common for ref in _refs(members["subjectOf"])],
    )


def _refs(value: object) -> list[Ref]:
    assert isinstance(value, list)
    return value  # pyright: ignore[reportUnknownVariableType]


def generation(
    graph: Graph, setting: Setting, number: int, record: GenerationRecord, *, rebuilt: bool
) -> None:
    """Describe a proposal; its reply, and its prompt if that was rebuilt, are in the crate."""
    used: list[Ref] = [_program(graph, parent) for parent in dict.fromkeys(record.parents)]
    if record.draw is not None:
        prompt = {"@id": prompt_path(record)}
        if not rebuilt:
            prompt = graph.add(
                f"#prompt-{record.prompt}",
                "CreativeWork",
                name="Prompt",
                description="Its text is not on record, and was not made again from its parts",
                sha256=record.prompt,
            )
        template = graph.add(
            f"#template-{record.template}",
            "CreativeWork",
            name="Template of prompts",
            description=f"Its text is in {CONFIG}; the digest is over name, style and texts",
            sha256=record.template,
        )
        used += [prompt, template, {"@id": CONFIG}]
    settings = {**record.parameters, "seed": str(record.sample_seed)}
    used += [_parameter(graph, name, value) for name, value in sorted(settings.items())]
    place = "a program to start from"
    if record.draw is not None:
        place = f"draw {record.draw}, sample {record.index}, island {record.island}"
        place += f", epoch {record.epoch}"
    spent = [f"{record.prompt_tokens} tokens read"] if record.prompt_tokens is not None else []
    if record.completion_tokens is not None:
        spent.append(f"{record.completion_tokens} tokens written")
    spent += [f"{record.cost} US dollars"] if record.cost else []
    result: list[Ref] = [{"@id": reply_path(record)}]
    if record.program is not None:
        result.insert(0, _program(graph, record.program))
    graph.action(
        f"#{proof_name('generation', number)}",
        name=f"Proposal of program {(record.program or 'none')[:12]}",
        description="; ".join([f"Record {number}: {place}", *spent, *record.notes]),
        endTime=moment(record.time),
        instrument=_sampler(graph, record),
        object=used,
        result=result,
        actionStatus=_COMPLETED,
        **_common(graph, setting, "generation", number),
    )


def _program(graph: Graph, program: str) -> Ref:
    name = identifier(program_path(program))
    if name in graph:
        return {"@id": name}
    return graph.add(
        f"#program-{program}",
        "CreativeWork",
        name=f"Program {program[:12]}",
        description="Not in this crate",
        sha256=program,
    )


def _sampler(graph: Graph, record: GenerationRecord) -> Ref:
    known = json.dumps([record.sampler, record.model, record.served])
    asked = f"{record.sampler}: {record.model}" if record.model else record.sampler
    return graph.add(
        f"#sampler-{hashlib.sha256(known.encode()).hexdigest()[:16]}",
        "SoftwareApplication",
        name=asked,
        description=f"Model as asked for: {record.model}" if record.model else None,
        version=record.served,
    )


def _parameter(graph: Graph, name: str, value: object) -> Ref:
    known = json.dumps([name, value])
    digest = hashlib.sha256(known.encode()).hexdigest()[:16]
    said = json.dumps(value) if value in (None, "") else value
    return graph.value(f"#parameter-{digest}", name, said)


def _problem(graph: Graph, setting: Setting, digest: str) -> Ref:
    own = digest == setting.run.problem_digest
    return graph.add(
        f"#problem-{digest}",
        "SoftwareSourceCode",
        name=setting.run.problem if own else "problem",
        sha256=digest,
    )


def _evaluator(graph: Graph, conditions: Conditions) -> Ref:
    return graph.add(
        f"#evaluator-{conditions.evaluator}",
        "SoftwareApplication",
        name="FunSearch evaluator",
        description="The version is the SHA-256 of its source",
        version=conditions.evaluator,
    )


def _under(graph: Graph, setting: Setting, conditions: Conditions) -> list[Ref]:
    """Return what a verdict depends on besides its program."""
    found = [_problem(graph, setting, conditions.problem)]
    name = identifier(environment_path(conditions.environment))
    return [*found, {"@id": name}] if name in graph else found


def evaluation(
    graph: Graph,
    setting: Setting,
    number: int,
    record: EvaluationRecord,
    certificates: Mapping[str, Ref],
) -> None:
    """Describe a verdict; scores by instance are those of the program that the crate is about.

    Args:
        graph: of the crate.
        setting: of the crate.
        number: of the record.
        record: the verdict.
        certificates: instance → certificate file of the crate.
    """
    name = proof_name("evaluation", number)
    conditions = record.conditions or setting.run.conditions
    said = [record.reason] if record.reason else []
    said += [f"flags: {', '.join(record.flags)}"] if record.flags else []
    result = [graph.value(f"#{name}-verdict", "verdict", record.status, description=said)]
    if record.score is not None:
        result.append(graph.value(f"#{name}-score", "score", repr(record.score)))
    if record.program == setting.winner:
        result += [
            graph.value(f"#{name}-score-{place}", f"score of {instance}", repr(score))
            for place, (instance, score) in enumerate(record.scores.items())
        ]
    broken = record.status == Status.SANDBOX_ERROR
    graph.action(
        f"#{name}",
        name=f"Evaluation of program {(record.program or 'none')[:12]}",
        description=f"Record {number}: {record.status}, score {shown(record.score)}, run by "
        f"{record.tier or 'nobody'}; held by {', '.join(record.sandbox) or 'nothing'}",
        endTime=moment(record.time),
        instrument=_evaluator(graph, conditions),
        object=[_program(graph, record.program or ""), *_under(graph, setting, conditions)],
        result=[*result, *certificates.values()],
        actionStatus=_FAILED if broken else _COMPLETED,
        error=record.reason if broken else None,
        **_common(graph, setting, "evaluation", number),
    )


def verification(
    graph: Graph,
    setting: Setting,
    number: int,
    record: VerificationRecord,
    certificates: Mapping[str, Ref],
) -> None:
    """Describe a verification; see `evaluation`."""
    name = proof_name("verification", number)
    tools = [_evaluator(graph, record.conditions)]
    if record.checker:
        tools.append(_checker(graph, setting, record.checker))
    agreed = graph.value(f"#{name}-agreed", "all scores on record came out again", record.agreed)
    findings = [
        graph.value(
            f"#{name}-{place}", f"score of {found.instance}", _score(found), description=said
        )
        for place, found in enumerate(record.findings)
        if (said := _said(found))
    ]
    graph.action(
        f"#{name}",
        name=f"Verification of program {record.program[:12]}",
        description=f"Record {number}: evaluated again beside record {record.evaluation}, on "
        "instances that were held out too, and the certificates checked",
        endTime=moment(record.time),
        instrument=tools,
        object=[_program(graph, record.program), *_under(graph, setting, record.conditions)],
        result=[agreed, *findings, *certificates.values()],
        actionStatus=_COMPLETED,
        **_common(graph, setting, "verification", number),
    )


def _checker(graph: Graph, setting: Setting, digest: str) -> Ref:
    if setting.checker is not None and setting.checker[1] == digest:
        return setting.checker[0]
    return graph.add(
        f"#checker-{digest}",
        "SoftwareSourceCode",
        name="Checker",
        description="Not in this crate",
        sha256=digest,
    )


def _score(finding: Finding) -> str:
    return "none" if finding.score is None else repr(finding.score)


def _said(finding: Finding) -> str:
    parts = ["held out" if finding.held_out else "training", finding.status]
    parts += [f"recorded {finding.recorded!r}"] if finding.recorded is not None else []
    parts += [f"checker: {finding.checked}"] if finding.checked else []
    parts += [finding.reason] if finding.reason else []
    return "; ".join(parts)


def retraction(graph: Graph, number: int, record: RetractionRecord, kind: str) -> None:
    """Describe that a record of the crate was declared wrong.

    Args:
        graph: of the crate.
        number: of the retraction.
        record: the retraction.
        kind: of the record that is meant.
    """
    digest = hashlib.sha256(record.by.encode()).hexdigest()[:16]
    name = proof_name("retraction", number)
    about = "#search" if kind == "run" else f"#{proof_name(kind, record.target)}"
    comment = graph.add(
        f"#{name}",
        "CorrectionComment",
        name=f"Retraction of record {record.target}",
        text=record.reason,
        about={"@id": about},
        author=graph.add(f"#person-{digest}", "Person", name=record.by),
        dateCreated=moment(record.time),
        subjectOf=[{"@id": f"proofs/{name}.{suffix}"} for suffix in ("json", "tlog-proof")],
    )
    graph.actions.append(comment)
