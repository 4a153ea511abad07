"""The certificate file: one self-contained JSON object that anyone can check without this project.

`{"format": 1, "problem", "instance": {"name", "data"}, "dtype", "shape", "data": […]}`, the array
flat in C order, floats as `repr` strings, so that no reader rounds them.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, cast

import numpy as np

from evaluators.reason import clean
from evaluators.verdict import Certificate
from problems.contract import JSON, MAX_NDIM, Data, Instance

FORMAT = 1
MAX_CHARACTERS = 64 << 20
"""Longest text that is read."""
MAX_ELEMENTS = 8 << 20
MAX_NAME = 200

_DTYPES = frozenset(
    ["bool", "float16", "float32", "float64"]
    + [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
)


class CertificateError(ValueError):
    """The text is not a certificate file; the message is one line that says where it fails."""


@dataclass(frozen=True)
class CertificateFile:
    """What a certificate file holds.

    Attributes:
        problem: name of the problem.
        instance: the input it is an answer to, complete.
        certificate: the built object.
    """

    problem: str
    instance: Instance
    certificate: Certificate


def text(problem: str, instance: Instance, certificate: Certificate) -> str:
    """Return the file: canonical JSON (ASCII, sorted keys, no spaces) and a newline."""
    kind = np.dtype(certificate.dtype)
    values: list[Any] = np.frombuffer(certificate.data, kind.newbyteorder("<")).tolist()
    return (
        _canonical(
            {
                "format": FORMAT,
                "problem": problem,
                "instance": _instance_object(instance),
                "dtype": certificate.dtype,
                "shape": list(certificate.shape),
                "data": [repr(value) for value in values] if kind.kind == "f" else values,
            }
        )
        + "\n"
    )


def digest(text: str) -> str:
    """Return the SHA-256 of a file's text, in hex."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def instance_digest(instance: Instance) -> str:
    """Return the SHA-256 of the canonical JSON of an instance's name and data, in hex."""
    return hashlib.sha256(_canonical(_instance_object(instance)).encode()).hexdigest()


def read(text: str) -> CertificateFile:
    """Read a certificate file from anywhere.

    Spaces and the order of keys are free; everything else is not. Whether the object is right for
    the problem is `score`'s to say.

    Raises:
        CertificateError: it is not one.
    """
    if len(text) > MAX_CHARACTERS:
        raise CertificateError(f"the file has more than {MAX_CHARACTERS} characters")
    try:
        content = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except RecursionError:
        raise CertificateError("the file is nested too deeply") from None
    except CertificateError:
        raise
    except ValueError as error:
        raise CertificateError(f"the file is not JSON: {clean(str(error), 200)}") from None
    fields = _object(content, "the file", "format problem instance dtype shape data")
    if type(fields["format"]) is not int or fields["format"] != FORMAT:
        raise CertificateError(f"format is {_shown(fields['format'])}; this reads {FORMAT}")
    instance = _object(fields["instance"], "instance", "name data")
    if not isinstance(instance["data"], dict):
        raise CertificateError("instance.data is not an object")
    return CertificateFile(
        problem=_name(fields["problem"], "problem"),
        instance=Instance(_name(instance["name"], "instance.name"), cast("Data", instance["data"])),
        certificate=_certificate(fields["dtype"], fields["shape"], fields["data"]),
    )


def _certificate(dtype: object, shape: object, values: object) -> Certificate:
    if not isinstance(dtype, str) or dtype not in _DTYPES:
        raise CertificateError(f"dtype is {_shown(dtype)}; it may be {', '.join(sorted(_DTYPES))}")
    if not isinstance(shape, list) or len(cast("list[object]", shape)) > MAX_NDIM:
        raise CertificateError(f"shape is not a list of at most {MAX_NDIM} lengths")
    lengths = tuple(cast("list[int]", shape))
    if not all(type(length) is int and 0 <= length <= MAX_ELEMENTS for length in lengths):
        raise CertificateError(f"a length in shape is not an int from 0 to {MAX_ELEMENTS}")
    if not isinstance(values, list):
        raise CertificateError("data is not a list")
    flat = cast("list[object]", values)
    if math.prod(lengths) != len(flat):
        raise CertificateError(f"data has {len(flat)} values, shape says {math.prod(lengths)}")
    return Certificate(dtype, lengths, _packed(np.dtype(dtype), flat))


def _packed(kind: np.dtype[Any], values: Sequence[object]) -> bytes:
    """Return the values as little-endian bytes; each must be exactly one of that type."""
    if kind.kind == "f":
        floats = [_float(index, value) for index, value in enumerate(values)]
        # A value beyond the type becomes an infinity, which the comparison catches.
        with np.errstate(over="ignore"):
            array = np.array(floats, dtype=kind)
        if array.astype(np.float64).tolist() != floats:
            raise CertificateError(f"data holds a value that no {kind.name} has")
    else:
        wanted = bool if kind.kind == "b" else int
        low, high = (0, 1) if kind.kind == "b" else (np.iinfo(kind).min, np.iinfo(kind).max)
        for index, value in enumerate(values):
            if type(value) is not wanted or not low <= cast("int", value) <= high:
                raise CertificateError(f"data[{index}] is {_shown(value)}, not a {kind.name}")
        array = np.array(values, dtype=kind)
    return array.astype(kind.newbyteorder("<")).tobytes()


def _float(index: int, value: object) -> float:
    try:
        if isinstance(value, str) and len(value) <= 32:
            number = float(value)
            if repr(number) == value and math.isfinite(number):
                return number
    except ValueError:
        pass
    raise CertificateError(f"data[{index}] is {_shown(value)}, not the repr of a finite float")


def _object(value: object, where: str, keys: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise CertificateError(f"{where} is not an object")
    found = cast("dict[str, object]", value)
    if found.keys() != set(keys.split()):
        names = ", ".join(_shown(key) for key in list(found)[:10])
        raise CertificateError(f"{where} must have the keys {keys}; it has {names}")
    return found


def _name(value: object, where: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME or not value.isprintable():
        raise CertificateError(f"{where} is not a printable text of 1 to {MAX_NAME} characters")
    return value


def _shown(value: object) -> str:
    # Neither the repr of a huge int (refused by Python) nor that of a huge list is wanted.
    if isinstance(value, str | bool | None) or (isinstance(value, int) and abs(value) < 10**30):
        return clean(repr(value[:40] if isinstance(value, str) else value), 200)
    return f"a {type(value).__name__}"


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise CertificateError("an object in the file has a key twice")
    return found


def _no_float(literal: str) -> NoReturn:
    raise CertificateError(
        f"the file holds the number {_shown(literal)}; floats are written as text"
    )


def _instance_object(instance: Instance) -> dict[str, JSON]:
    return {"name": instance.name, "data": instance.data}


def _canonical(value: JSON) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
