"""A verdict as a message, between a worker and its pool."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

from evaluators.channel import Malformed
from evaluators.reason import clean
from evaluators.verdict import Certificate, Flag, Status, Verdict


def pack_verdict(verdict: Verdict) -> tuple[dict[str, Any], bytes]:
    """Return a verdict as a JSON object and the bytes of its certificates, one after the other."""
    message: dict[str, Any] = {
        "status": verdict.status.value,
        "score": verdict.score,
        "scores": dict(verdict.scores),
        "reason": verdict.reason,
        "flags": sorted(verdict.flags),
        "tier": verdict.tier,
        "seconds": verdict.seconds,
        "cpu_seconds": verdict.cpu_seconds,
        "beyond_bound": verdict.beyond_bound,
        "certificates": [
            {
                "instance": name,
                "dtype": certificate.dtype,
                "shape": list(certificate.shape),
                "bytes": len(certificate.data),
            }
            for name, certificate in verdict.certificates.items()
        ],
    }
    return message, b"".join(each.data for each in verdict.certificates.values())


def unpack_verdict(message: Mapping[str, Any], payload: bytes) -> Verdict:
    """Return the verdict of a message.

    Raises:
        Malformed: it is none.
    """
    try:
        status = Status(message["status"])
        scores = {
            _text(name): _number(value)
            for name, value in cast("dict[object, object]", message["scores"]).items()
        }
        beyond = message["beyond_bound"]
        verdict = Verdict(
            status=status,
            score=_number(message["score"]) if status is Status.OK else None,
            scores=scores,
            reason=clean(_text(message["reason"])),
            flags=frozenset(Flag(flag) for flag in message["flags"]),
            tier=_text(message["tier"]),
            seconds=_number(message["seconds"]),
            cpu_seconds=_number(message["cpu_seconds"]),
            certificates=_certificates(message["certificates"], payload),
            beyond_bound=None if beyond is None else _text(beyond),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(f"not a verdict: {type(error).__name__}: {error}") from None
    if (status is Status.OK) != bool(scores) or scores.keys() != verdict.certificates.keys():
        raise Malformed("a verdict that contradicts itself")
    return verdict


def _certificates(entries: list[dict[str, Any]], payload: bytes) -> dict[str, Certificate]:
    certificates: dict[str, Certificate] = {}
    start = 0
    for entry in entries:
        size = entry["bytes"]
        if type(size) is not int or not 0 <= size <= len(payload) - start:
            raise ValueError("lengths of certificates")
        shape = tuple(entry["shape"])
        if not all(type(length) is int and length >= 0 for length in shape):
            raise ValueError("shape of a certificate")
        data = payload[start : start + size]
        certificates[_text(entry["instance"])] = Certificate(_text(entry["dtype"]), shape, data)
        start += size
    if start != len(payload):
        raise ValueError("lengths of certificates")
    return certificates


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise TypeError("not a finite number")
    return float(value)
