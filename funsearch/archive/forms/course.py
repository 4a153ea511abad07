"""What happens to a search as a whole: sessions, resets of islands, and samplers that failed."""

from __future__ import annotations

from funsearch.archive import fields
from funsearch.archive.fields import Json
from funsearch.archive.records import OutageRecord, ResetRecord, RunRecord

OUTAGE = "urn:funsearch:outage:v1"
RESET = "urn:funsearch:reset:v1"
RUN = "urn:funsearch:run:v2"


def write_reset(record: ResetRecord) -> tuple[list[Json], Json]:
    """Return subject and predicate; ValueError if the record is incomplete or wrong."""
    if record.trigger not in ("registrations", "seconds"):
        raise ValueError("trigger is neither registrations nor seconds")
    if not record.founders:
        raise ValueError("a reset names the founder of each island it emptied")
    predicate = {
        "number": fields.integer("number", record.number),
        "registrations": fields.integer("registrations", record.registrations),
        "time": fields.timestamp(record.time),
        "trigger": record.trigger,
    }
    return [
        fields.artifact(f"island {fields.integer('island', island)}", founder)
        for island, founder in record.founders
    ], fields.kept(predicate)


def read_reset(subject: list[Json], predicate: Json) -> ResetRecord:
    """Undo `write_reset`, for input that may be anybody's; any error of wrong JSON."""
    return ResetRecord(
        number=predicate["number"],
        trigger=predicate["trigger"],
        registrations=predicate["registrations"],
        founders=tuple(
            (int(item["name"].removeprefix("island ")), item["digest"]["sha256"])
            for item in subject
        ),
        time=fields.epoch_seconds(predicate.get("time", "")),
    )


def write_run(record: RunRecord) -> tuple[list[Json], Json]:
    """Return subject and predicate; ValueError if the record is incomplete or wrong."""
    if record.event not in ("started", "resumed", "finished"):
        raise ValueError("event is not one of started, resumed, finished")
    predicate = {
        "environment": fields.scalars("environment", record.environment),
        "evaluator": fields.sha256("evaluator", record.evaluator),
        "event": record.event,
        "log": fields.required("log", record.log),
        "instances": [fields.string("instance", name) for name in record.instances],
        "packages": fields.sha256("packages", record.packages),
        "problem": fields.artifact(fields.string("problem", record.problem), record.problem_digest),
        "reason": fields.text("reason", record.reason),
        "seed": str(fields.integer("seed", record.seed, 0, 2**64 - 1)),
        "time": fields.timestamp(record.time),
    }
    return [fields.artifact("config.yaml", record.config)], fields.kept(predicate)


def read_run(subject: list[Json], predicate: Json) -> RunRecord:
    """Undo `write_run`, for input that may be anybody's; any error of wrong JSON."""
    return RunRecord(
        event=predicate["event"],
        problem=predicate["problem"]["name"],
        problem_digest=predicate["problem"]["digest"]["sha256"],
        instances=tuple(predicate.get("instances", ())),
        config=subject[0]["digest"]["sha256"],
        seed=int(predicate["seed"]),
        evaluator=predicate["evaluator"]["sha256"],
        environment=predicate.get("environment", {}),
        packages=predicate["packages"]["sha256"],
        log=predicate["log"],
        reason=predicate.get("reason", ""),
        time=fields.epoch_seconds(predicate.get("time", "")),
    )


def write_outage(record: OutageRecord) -> tuple[list[Json], Json]:
    """Return subject and predicate; ValueError if the record is incomplete or wrong."""
    wait = record.retry_seconds
    if wait is not None and wait < 0:
        raise ValueError("retry_seconds is below 0")
    if not record.reason:
        raise ValueError("an outage says what failed")
    predicate = {
        "draw": fields.integer("draw", record.draw),
        "final": wait is None,
        "model": fields.string("model", record.model),
        "reason": fields.text("reason", record.reason),
        "retry_seconds": None if wait is None else fields.decimal("retry_seconds", wait),
        "sampler": fields.required("sampler", record.sampler),
        "time": fields.timestamp(record.time),
    }
    return [fields.artifact("prompt", record.prompt)], fields.kept(predicate)


def read_outage(subject: list[Json], predicate: Json) -> OutageRecord:
    """Undo `write_outage`, for input that may be anybody's; any error of wrong JSON."""
    wait = predicate.get("retry_seconds")
    return OutageRecord(
        draw=predicate["draw"],
        prompt=subject[0]["digest"]["sha256"],
        sampler=predicate["sampler"],
        model=predicate.get("model", ""),
        reason=predicate["reason"],
        retry_seconds=None if wait is None else float(wait),
        time=fields.epoch_seconds(predicate.get("time", "")),
    )
