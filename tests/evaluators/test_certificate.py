"""The certificate file: exact both ways, and hard to fool."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from evaluators import certificate as files
from evaluators.certificate import CertificateError, CertificateFile
from evaluators.verdict import Certificate
from problems.contract import Instance

DTYPES = ["bool", "int8", "int64", "uint8", "uint64", "float16", "float32", "float64"]
CAP = Certificate("int8", (2, 3), bytes([0, 1, 2, 2, 1, 0]))
CAP_TEXT = (
    '{"data":[0,1,2,2,1,0],"dtype":"int8","format":1,'
    '"instance":{"data":{"n":3},"name":"n=3"},"problem":"cap_set","shape":[2,3]}\n'
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
printable = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20)


@st.composite
def certificates(draw: st.DrawFn) -> Certificate:
    dtype = draw(st.sampled_from(DTYPES))
    array = draw(
        arrays.arrays(
            dtype,
            arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
            elements={"allow_nan": False, "allow_infinity": False} if "float" in dtype else None,
        )
    )
    return Certificate(dtype, array.shape, array.tobytes())


@given(printable, printable, st.dictionaries(st.text(max_size=5), json_values), certificates())
def test_file_reads_back_exactly(
    problem: str, name: str, data: dict[str, Any], certificate: Certificate
) -> None:
    instance = Instance(name, data)
    text = files.text(problem, instance, certificate)
    assert files.read(text) == CertificateFile(problem, instance, certificate)
    assert text.endswith("}\n")
    assert text.isascii()


def test_file_is_the_text_that_is_documented() -> None:
    assert files.text("cap_set", Instance("n=3", {"n": 3}), CAP) == CAP_TEXT
    assert files.digest(CAP_TEXT) == hashlib.sha256(CAP_TEXT.encode()).hexdigest()


def test_floats_are_written_as_repr_strings() -> None:
    values = [0.1, -0.0, 1e300, 5e-324, 1 / 3]
    certificate = Certificate("float64", (5,), np.array(values).tobytes())
    text = files.text("p", Instance("i", {}), certificate)
    assert json.loads(text)["data"] == ["0.1", "-0.0", "1e+300", "5e-324", "0.3333333333333333"]
    read_back = np.frombuffer(files.read(text).certificate.data)
    assert [math.copysign(1, value) for value in read_back] == [1, -1, 1, 1, 1]


def test_spaces_and_order_of_keys_are_free() -> None:
    pretty = json.dumps(dict(reversed(json.loads(CAP_TEXT).items())), indent=2)
    assert files.read(pretty) == files.read(CAP_TEXT)


def test_instance_digest_depends_on_name_and_data_alone() -> None:
    digest = files.instance_digest(Instance("n=3", {"n": 3, "a": [1]}))
    canonical = b'{"data":{"a":[1],"n":3},"name":"n=3"}'
    assert digest == hashlib.sha256(canonical).hexdigest()
    assert digest == files.instance_digest(Instance("n=3", {"a": [1], "n": 3}))
    assert digest != files.instance_digest(Instance("n=4", {"a": [1], "n": 3}))


def changed(**fields: Any) -> str:
    return json.dumps(json.loads(CAP_TEXT) | fields)


HOSTILE = {
    "": "is not JSON",
    "[]": "the file is not an object",
    "null": "the file is not an object",
    "{}": "must have the keys",
    "[" * 100_000: "nested too deeply",
    "{" * 10: "is not JSON",
    "\ud800": "is not JSON",
    CAP_TEXT[:-10]: "is not JSON",
    CAP_TEXT + CAP_TEXT: "is not JSON",
    CAP_TEXT.replace('"format"', '"dtype"'): "has a key twice",
    CAP_TEXT.replace('"n":3', '"n":3,"n":4'): "has a key twice",
    CAP_TEXT.replace('"n":3', '"n":3.0'): "holds the number '3.0'",
    CAP_TEXT.replace('"n":3', '"n":NaN'): "holds the number 'NaN'",
    CAP_TEXT.replace('"n":3', '"n":' + "9" * 5000): "is not JSON",
    CAP_TEXT.replace("[2,3]", "[2,-3]"): "a length in shape",
    changed(format=2): "format is 2; this reads 1",
    changed(format=True): "format is True",
    changed(extra=1): "must have the keys",
    changed(problem=""): "problem is not a printable text",
    changed(problem="\x1b[31m"): "problem is not a printable text",
    changed(problem="x" * 201): "problem is not a printable text",
    changed(instance=[]): "instance is not an object",
    changed(instance={"name": "n=3"}): "instance must have the keys",
    changed(instance={"name": "n=3", "data": []}): "instance.data is not an object",
    changed(instance={"name": 3, "data": {}}): "instance.name is not a printable text",
    changed(dtype="object"): "dtype is 'object'",
    changed(dtype="\x1b" * 1000): "dtype is ",
    changed(dtype=["int8"]): "dtype is a list",
    changed(shape=6): "shape is not a list",
    changed(shape=[1] * 9): "shape is not a list of at most 8",
    changed(shape=[6]): None,
    changed(shape=[7]): "data has 6 values, shape says 7",
    changed(shape=[True, 6]): "a length in shape",
    changed(shape=[0, 2**60]): "a length in shape",
    changed(shape=[2**40]): "a length in shape",
    changed(data={}): "data is not a list",
    changed(data=[0, 1, 2, 2, 1, 128]): r"data\[5\] is 128, not a int8",
    changed(data=[0, 1, 2, 2, 1, True]): r"data\[5\] is True",
    changed(data=[0, 1, 2, 2, 1, "0"]): r"data\[5\] is '0'",
    changed(data=[0, 1, 2, 2, 1, None]): r"data\[5\] is None",
    changed(data=[0, 1, 2, 2, 1, 10**4000]): r"data\[5\] is a int",
    changed(dtype="bool"): r"data\[0\] is 0, not a bool",
    changed(dtype="float64"): r"data\[0\] is 0, not the repr",
    changed(dtype="float64", data=["nan"] * 6): "not the repr of a finite float",
    changed(dtype="float64", data=["1e999"] * 6): "not the repr of a finite float",
    changed(dtype="float64", data=["1"] * 6): "not the repr of a finite float",
    changed(dtype="float64", data=["1_0.0"] * 6): "not the repr of a finite float",
    changed(dtype="float64", data=["１.0"] * 6): "not the repr of a finite float",
    changed(dtype="float64", data=["0" * 10**6] * 6): "not the repr of a finite float",
    changed(dtype="float32", data=["0.1"] * 6): "a value that no float32 has",
    changed(dtype="float16", data=["1e+300"] * 6): "a value that no float16 has",
}


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_file_is_refused_in_one_line(text: str) -> None:
    message = HOSTILE[text]
    if message is None:
        files.read(text)
        return
    with pytest.raises(CertificateError, match=message) as refusal:
        files.read(text)
    assert len(str(refusal.value)) < 1000
    assert str(refusal.value).isprintable()


def test_file_too_large_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(CertificateError, match="has more than"):
        files.read("[" * (files.MAX_CHARACTERS + 1))


@given(st.text(max_size=200) | json_values.map(json.dumps))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(CertificateError) as refusal:
        files.read(text)
    assert str(refusal.value).isprintable()
