"""A record has one text, and only that text is read."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.containment import LAYERS
from evaluators.verdict import Flag, Status
from funsearch.archive.errors import Unrecordable
from funsearch.archive.records import (
    Conditions,
    EvaluationRecord,
    Finding,
    GenerationRecord,
    OutageRecord,
    Record,
    ResetRecord,
    RetractionRecord,
    RunRecord,
    VerificationRecord,
)
from funsearch.archive.statement import ENTRY_BYTES, decode, encode
from tests.funsearch.archive.conftest import Make

repeatable = settings(derandomize=True, deadline=None)

digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
counts = st.integers(0, 2**53 - 1)
seeds = st.integers(0, 2**64 - 1)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
numbers = st.floats(allow_nan=False, allow_infinity=False)
times = st.one_of(
    st.just(""),
    st.integers(0, 99_999_999_999).map(str),
    st.tuples(st.integers(0, 2**33), st.integers(0, 999_999)).map(lambda t: f"{t[0]}.{t[1]:06}"),
)
costs = st.one_of(st.just(""), st.decimals(0, 10**6, places=6).map(lambda d: f"{d:f}"))
scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), texts)


conditions = st.builds(Conditions, digests, digests, digests)


@st.composite
def generations(draw: st.DrawFn) -> GenerationRecord:
    program = draw(st.none() | digests)
    started = draw(st.booleans())
    return GenerationRecord(
        program=program,
        rejected="" if program else draw(texts.filter(bool)),
        draw=None if started else draw(counts),
        index=draw(counts),
        island=None if started else draw(counts),
        epoch=draw(counts),
        registrations=draw(counts),
        parents=() if started else tuple(draw(st.lists(digests, min_size=1, max_size=4))),
        prompt="" if started else draw(digests),
        template="" if started else draw(digests),
        reply=draw(digests),
        sampler=draw(names.filter(bool)),
        model=draw(names),
        served=draw(names),
        parameters=draw(st.dictionaries(names, scalars, max_size=4)),
        sample_seed=draw(seeds),
        prompt_tokens=draw(st.none() | counts),
        completion_tokens=draw(st.none() | counts),
        cost=draw(costs),
        finish=draw(names),
        seconds=draw(numbers),
        notes=tuple(draw(st.lists(texts, max_size=3))),
        failures=() if started else tuple(sorted(draw(st.sets(counts, max_size=3)))),
        time=draw(times.filter(bool)),
    )


@st.composite
def evaluations(draw: st.DrawFn) -> EvaluationRecord:
    status = draw(st.sampled_from(list(Status)))
    ok = status is Status.OK
    program = draw(st.none() | digests)
    return EvaluationRecord(
        generation=draw(counts),
        program=program,
        status=str(status),
        conditions=draw(conditions),
        reply="" if program else draw(digests),
        score=draw(numbers) if ok else None,
        scores=draw(st.dictionaries(names, numbers, max_size=3)) if ok else {},
        reason=draw(texts),
        flags=tuple(sorted(str(flag) for flag in draw(st.sets(st.sampled_from(list(Flag)))))),
        tier=draw(names),
        confirmed=tuple(sorted(draw(st.sets(st.sampled_from(["again", "exact", "altered"]))))),
        sandbox=tuple(filter(draw(st.sets(st.sampled_from(LAYERS))).__contains__, LAYERS)),
        seconds=draw(numbers),
        cpu_seconds=draw(numbers),
        certificates=draw(st.dictionaries(names, digests, max_size=3)) if ok else {},
        registered=draw(st.booleans()),
        late=draw(st.booleans()),
        time=draw(times),
    )


resets = st.builds(
    ResetRecord,
    number=counts,
    trigger=st.sampled_from(["registrations", "seconds"]),
    registrations=counts,
    founders=st.lists(st.tuples(counts, digests), min_size=1, max_size=5).map(tuple),
    time=times,
)
runs = st.builds(
    RunRecord,
    event=st.sampled_from(["started", "resumed", "finished"]),
    problem=names,
    problem_digest=digests,
    instances=st.lists(names, max_size=4).map(tuple),
    config=digests,
    seed=seeds,
    evaluator=digests,
    environment=st.dictionaries(names, texts, max_size=4),
    packages=digests,
    log=names.filter(bool),
    reason=texts,
    time=times,
)
findings = st.builds(
    Finding,
    instance=names.filter(bool),
    held_out=st.booleans(),
    status=st.sampled_from([str(status) for status in Status]),
    score=st.none() | numbers,
    recorded=st.none() | numbers,
    checked=names,
    reason=names,
    certificate=st.just("") | digests,
)
verifications = st.builds(
    VerificationRecord,
    program=digests,
    evaluation=counts,
    conditions=conditions,
    checker=st.just("") | digests,
    agreed=st.booleans(),
    findings=st.lists(findings, min_size=1, max_size=4).map(tuple),
    sandbox=st.just(LAYERS),
    seconds=numbers,
    time=times,
)
retractions = st.builds(
    RetractionRecord,
    target=counts,
    entry=digests,
    reason=texts.filter(bool),
    by=names.filter(bool),
    time=times,
)
outages = st.builds(
    OutageRecord,
    draw=counts,
    prompt=digests,
    sampler=names.filter(bool),
    model=names,
    reason=texts.filter(bool),
    retry_seconds=st.none() | numbers.map(abs),
    time=times,
)
records = st.one_of(outages, generations(), evaluations(), resets, runs, verifications, retractions)


@repeatable
@given(records)
def test_a_record_reads_back_as_it_was(record: Record) -> None:
    data = encode(record)
    assert decode(data) == record
    assert data.isascii()
    statement = json.loads(data)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert all(len(subject["digest"]["sha256"]) == 64 for subject in statement["subject"])
    assert statement["subject"]


@repeatable
@given(records, st.data())
def test_a_changed_text_is_refused_or_another_record(record: Record, data: st.DataObject) -> None:
    text = bytearray(encode(record))
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] ^= data.draw(st.integers(1, 255))
    try:
        read = decode(bytes(text))
    except ValueError:
        return
    assert encode(read) == bytes(text)


@repeatable
@given(st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(names, inner)))
def test_any_json_gives_one_line(value: Any) -> None:
    for text in (
        json.dumps(value),
        json.dumps({"predicateType": "urn:funsearch:run:v1", "x": value}),
    ):
        with pytest.raises(ValueError, match=r"\A[^\n]{1,300}\Z"):
            decode(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff" * 100,
        b"[" * ENTRY_BYTES,
        b'{"a":' * 10_000,
        b"9" * ENTRY_BYTES,
        b"NaN",
        b"1.5",
        b'{"predicateType":[]}',
        b'{"predicateType":"urn:funsearch:run:v2","previous":"","subject":[],"predicate":{}}',
        b"x" * (ENTRY_BYTES + 1),
    ],
)
def test_hostile_text_gives_one_line(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]{1,300}\Z"):
        decode(text)


def test_generation_follows_slsa_provenance(make: Any) -> None:
    record = make.generation("child", ["a", "b"])
    statement = json.loads(encode(record))
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    assert statement["subject"] == [{"name": "program", "digest": {"sha256": record.program}}]
    definition = statement["predicate"]["buildDefinition"]
    assert [
        (item["name"], item["digest"]["sha256"]) for item in definition["resolvedDependencies"]
    ] == [
        ("parent 0", record.parents[0]),
        ("parent 1", record.parents[1]),
        ("prompt", record.prompt),
        ("template", record.template),
    ]
    (reply,) = statement["predicate"]["runDetails"]["byproducts"]
    assert reply["digest"]["sha256"] == record.reply
    assert (
        statement["predicate"]["runDetails"]["metadata"]["finishedOn"]
        == "2025-11-23T07:06:02.123456Z"
    )


def test_a_generation_names_failures_only_if_its_prompt_showed_some(make: Any) -> None:
    record = make.generation("child", ["a"])
    assert b"failures" not in encode(record)
    statement = json.loads(encode(replace(record, failures=(2, 5))))
    decided = statement["predicate"]["buildDefinition"]["internalParameters"]
    assert decided["failures"] == [2, 5]
    with pytest.raises(Unrecordable, match="a starting program has no parents"):
        encode(make.seed(failures=(2,)))


def test_times_are_those_of_the_calendar(make: Any) -> None:
    text = encode(make.run(time="951782400"))
    assert b'"2000-02-29T00:00:00Z"' in text


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"prompt": ""}, "parents, prompt and template"),
        ({"parents": ()}, "parents, prompt and template"),
        ({"program": None}, "either a program or a reason"),
        ({"rejected": "no code"}, "either a program or a reason"),
        ({"sampler": ""}, "sampler"),
        ({"reply": "abc"}, "reply is not a SHA-256 digest"),
        ({"reply": "A" * 64}, "reply is not a SHA-256 digest"),
        ({"epoch": True}, "epoch is not an integer"),
        ({"epoch": -1}, "epoch is not an integer"),
        ({"draw": 2**53}, "draw is not an integer"),
        ({"seconds": float("nan")}, "seconds is not finite"),
        ({"seconds": float("inf")}, "seconds is not finite"),
        ({"finish": "\ud800"}, "surrogates not allowed"),
        ({"finish": "x" * 257}, "finish has more than 256"),
        ({"notes": ("x" * 4097,)}, "note has more than 4096"),
        ({"notes": ("x" * 4096,) * 16}, "the most is 65535"),
        ({"failures": (7, 3)}, "failures do not ascend"),
        ({"failures": (3, 3)}, "failures do not ascend"),
        ({"failures": (True,)}, "failure is not an integer"),
        ({"failures": tuple(range(65))}, "failures is not a tuple of at most 64"),
        ({"failures": [3]}, "failures is not a tuple"),
        ({"parameters": {"temperature": 0.5}}, "parameter temperature is not an integer"),
        ({"time": "now"}, "time is not a decimal string"),
        ({"time": "1e9"}, "time is not a decimal string"),
    ],
)
def test_incomplete_or_unfit_generation_is_refused(
    make: Any, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Unrecordable, match=reason) as refusal:
        encode(replace(make.generation("child", ["a"]), **changes))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"score": None, "scores": {}},
        {"status": "crashed"},
        {"status": "great"},
        {"flags": ("unconfirmed", "reused")},
        {"flags": ("odd",)},
        {"confirmed": ("exact", "again")},
        {"confirmed": ("fast",)},
        {"sandbox": ("limits", "seccomp")},
        {"sandbox": ("prayer",)},
        {"score": float("nan")},
        {"certificates": {"n=8": "short"}},
        {"registered": 1},
    ],
)
def test_contradictory_evaluation_is_refused(make: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(Unrecordable):
        encode(replace(make.evaluation(0, "child", 1.0), **changes))


def test_a_kind_of_a_later_version_is_said_to_be_one(make: Make) -> None:
    later = encode(make.outage(1)).replace(b"outage:v1", b"outage:v9")
    with pytest.raises(ValueError, match=r"of kind urn:funsearch:outage:v9, which this version"):
        decode(later)
