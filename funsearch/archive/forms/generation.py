"""A generation as SLSA provenance: what was asked for is apart from what this project decided."""

from __future__ import annotations

from funsearch.archive import fields
from funsearch.archive.fields import Json
from funsearch.archive.records import GenerationRecord

KIND = "https://slsa.dev/provenance/v1"
MOST_PARENTS = 64
_MOST_FAILURES = 64

_BUILD = "urn:funsearch:generation:v1"
_BUILDER = "urn:funsearch:engine:v1"


def write(record: GenerationRecord) -> tuple[list[Json], Json]:
    """Return subject and predicate; ValueError if the record is incomplete or wrong."""
    _refuse_incomplete(record)
    dependencies = [
        fields.artifact(f"parent {position}", parent)
        for position, parent in enumerate(record.parents)
    ]
    if record.draw is not None:
        dependencies.append(fields.artifact("prompt", record.prompt))
        dependencies.append(fields.artifact("template", record.template))
    requested = {
        "model": fields.string("model", record.model),
        "parameters": fields.scalars("parameter", record.parameters),
        "sampler": fields.string("sampler", record.sampler),
        # As text: readers that keep numbers as doubles would round 64 bits.
        "seed": str(fields.integer("sample_seed", record.sample_seed, 0, 2**64 - 1)),
    }
    decided = {
        "draw": fields.optional("draw", record.draw),
        "epoch": fields.integer("epoch", record.epoch),
        "failures": [fields.integer("failure", number) for number in record.failures],
        "index": fields.integer("index", record.index),
        "island": fields.optional("island", record.island),
        "registrations": fields.integer("registrations", record.registrations),
    }
    predicate = {
        "buildDefinition": fields.kept(
            {
                "buildType": _BUILD,
                "externalParameters": fields.kept(requested),
                "internalParameters": fields.kept(decided),
                "resolvedDependencies": dependencies,
            }
        ),
        "runDetails": fields.kept(
            {
                "builder": {"id": _BUILDER},
                "byproducts": [_reply(record)],
                "metadata": fields.kept({"finishedOn": fields.timestamp(record.time)}),
            }
        ),
    }
    if record.program is None:
        return [fields.artifact("rejected text", record.reply)], predicate
    return [fields.artifact("program", record.program)], predicate


def _reply(record: GenerationRecord) -> Json:
    reply = fields.artifact("reply", record.reply)
    reply["annotations"] = fields.kept(
        {
            "completion_tokens": fields.optional("completion_tokens", record.completion_tokens),
            "cost_usd": fields.amount("cost", record.cost),
            "finish": fields.string("finish", record.finish),
            "notes": [fields.text("note", note) for note in record.notes],
            "prompt_tokens": fields.optional("prompt_tokens", record.prompt_tokens),
            "rejected": fields.text("rejected", record.rejected),
            "seconds": fields.decimal("seconds", record.seconds),
            "served": fields.string("served", record.served),
        }
    )
    return reply


def _refuse_incomplete(record: GenerationRecord) -> None:
    """Refuse an attempt whose origin could not be traced."""
    if (record.program is None) != bool(record.rejected):
        raise ValueError("a generation has either a program or a reason why there is none")
    if not record.sampler:
        raise ValueError("a generation names its sampler")
    if not record.time:
        raise ValueError("a generation says when it was")
    if type(record.parents) is not tuple or len(record.parents) > MOST_PARENTS:
        raise ValueError(f"parents is not a tuple of at most {MOST_PARENTS} ids")
    shown = record.failures
    if type(shown) is not tuple or len(shown) > _MOST_FAILURES:
        raise ValueError(f"failures is not a tuple of at most {_MOST_FAILURES} numbers")
    if shown != tuple(sorted({*shown})):
        raise ValueError("failures do not ascend")
    if record.draw is None:
        if record.parents or record.prompt or record.template or record.island is not None or shown:
            raise ValueError("a starting program has no parents, prompt, template or island")
    elif not (record.parents and record.prompt and record.template):
        raise ValueError("a drawn sample names its parents, prompt and template")


def read(subject: list[Json], predicate: Json) -> GenerationRecord:
    """Undo `write`, for input that may be anybody's; any error of wrong JSON."""
    definition, details = predicate["buildDefinition"], predicate["runDetails"]
    requested, decided = definition["externalParameters"], definition["internalParameters"]
    (reply,) = details["byproducts"]
    said = reply["annotations"]
    dependencies = [
        (item["name"], item["digest"]["sha256"])
        for item in definition.get("resolvedDependencies", ())
    ]
    named = dict(dependencies)
    rejected = said.get("rejected", "")
    return GenerationRecord(
        program=None if rejected else subject[0]["digest"]["sha256"],
        rejected=rejected,
        draw=decided.get("draw"),
        index=decided["index"],
        island=decided.get("island"),
        epoch=decided["epoch"],
        registrations=decided["registrations"],
        parents=tuple(digest for name, digest in dependencies if name[:7] == "parent "),
        prompt=named.get("prompt", ""),
        template=named.get("template", ""),
        reply=reply["digest"]["sha256"],
        sampler=requested["sampler"],
        model=requested.get("model", ""),
        served=said.get("served", ""),
        parameters=requested.get("parameters", {}),
        sample_seed=int(requested["seed"]),
        prompt_tokens=said.get("prompt_tokens"),
        completion_tokens=said.get("completion_tokens"),
        cost=said.get("cost_usd", ""),
        finish=said.get("finish", ""),
        seconds=float(said["seconds"]),
        notes=tuple(said.get("notes", ())),
        failures=tuple(decided.get("failures", ())),
        time=fields.epoch_seconds(details.get("metadata", {}).get("finishedOn", "")),
    )
