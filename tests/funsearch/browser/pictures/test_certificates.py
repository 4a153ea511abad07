from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluators.certificate import CertificateFile
from evaluators.verdict import Certificate
from funsearch.browser.pictures.certificates import PICTURES, draw
from problems.contract import JSON, Data, Instance
from tests.funsearch.browser.pictures.reading import of_class, read

GOOD: dict[str, tuple[Data, list[Any], str]] = {
    "cap_set": ({"n": 3}, [[0, 0, 0], [0, 0, 1], [2, 1, 0]], "int8"),
    "circle_packing": ({"n": 2}, [[0.25, 0.25, 0.25], [0.75, 0.75, 0.25]], "float64"),
    "corners": ({"p": 2, "n": 1}, [[0, 0, 1, 2, -3], [1, 0, 0, 0, 0]], "int64"),
    "difference_basis": ({"n": 9}, [0, 1, 4, 9], "int32"),
    "diffusion_schedule": ({"steps": 3}, [0.9, 0.5, 0.1], "float64"),
    "golay_merit": ({"n": 3}, [1, 1, -1], "int8"),
    "no_isosceles": ({"n": 4}, [[0, 0], [0, 1], [3, 2]], "int16"),
    "online_bin_packing": ({"items": [3, 4, 5], "capacity": 8}, [0, 0, 1], "int32"),
    "sorting_network": ({"n": 3}, [[0, 1], [1, 2], [0, 1]], "int8"),
    "symmetric_cap_set": ({"n": 3}, [[0, 0, 0], [0, 0, 1]], "int8"),
}


def file_of(problem: str, data: Data, array: NDArray[Any]) -> CertificateFile:
    kept = Certificate(str(array.dtype), array.shape, array.tobytes())
    return CertificateFile(problem, Instance("i", data), kept)


def good(problem: str) -> CertificateFile:
    data, values, dtype = GOOD[problem]
    return file_of(problem, data, np.array(values, dtype=dtype))


def drawn(file: CertificateFile) -> str:
    picture = draw(file)
    assert picture is not None
    return picture


def test_each_picture_is_tried_here() -> None:
    assert GOOD.keys() == PICTURES.keys()


@pytest.mark.parametrize("problem", GOOD)
def test_a_good_certificate_has_a_picture_with_words(problem: str) -> None:
    picture = drawn(good(problem))
    root = read(picture)
    assert root[0].text
    assert root[1].text
    assert picture == draw(good(problem))


numbers = st.integers(-(2**70), 2**70)
anything: st.SearchStrategy[JSON] = st.one_of(
    st.none(), st.booleans(), numbers, st.text(max_size=3), st.lists(numbers, max_size=4)
)
keys = st.sampled_from(["n", "p", "steps", "items", "capacity"])
dtypes = st.sampled_from(["bool", "int8", "uint8", "int64", "uint64", "float16", "float64"])
shapes = st.lists(st.integers(0, 4), max_size=3).map(tuple)


@given(st.sampled_from(sorted(GOOD)), st.dictionaries(keys, anything), dtypes, shapes, st.data())
def test_any_certificate_has_a_picture_or_none(
    problem: str, data: Data, dtype: str, shape: tuple[int, ...], more: st.DataObject
) -> None:
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = more.draw(st.binary(min_size=size, max_size=size))
    kept = GOOD[problem][0] if more.draw(st.booleans()) else data
    if dtype == "bool":
        raw = bytes(b % 2 for b in raw)
    file = CertificateFile(problem, Instance("i", kept), Certificate(dtype, shape, raw))
    picture = draw(file)
    if picture is not None:
        read(picture)


def test_a_problem_without_a_picture_has_none() -> None:
    assert draw(file_of("attention", {}, np.zeros(3))) is None


@pytest.mark.parametrize(
    ("problem", "data", "values"),
    [
        ("cap_set", {"n": 3}, [[0, 0, 3]]),
        ("circle_packing", {"n": 1}, [[0.5, 0.5, 1.5]]),
        ("circle_packing", {"n": 1}, [[0.5, 0.5, float("nan")]]),
        ("circle_packing", {"n": 2}, [[0.5, 0.5, 0.5]]),
        ("no_isosceles", {"n": 10**9}, [[0, 0]]),
        ("online_bin_packing", {"items": [3, 4], "capacity": 5}, [0, 0]),
        ("online_bin_packing", {"items": [3, 4], "capacity": 5}, [0, -1]),
        ("online_bin_packing", {"items": [3, "4"], "capacity": 5}, [0, 1]),
        ("sorting_network", {"n": 3}, [[1, 0]]),
        ("golay_merit", {"n": 2}, [1, 0]),
        ("diffusion_schedule", {"steps": 1}, [float("inf")]),
    ],
)
def test_what_is_no_such_object_has_none(problem: str, data: Data, values: list[Any]) -> None:
    assert draw(file_of(problem, data, np.array(values))) is None


def test_circles_lie_where_the_certificate_says() -> None:
    circles = of_class(read(drawn(good("circle_packing"))), "shape")
    places = [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in circles]
    (x0, y0), (x1, y1) = places
    assert x0 < x1
    assert y0 > y1
    assert {float(c.attrib["r"]) for c in circles} == {120.0}


def test_comparators_on_different_wires_share_a_layer() -> None:
    network = np.array([[0, 1], [2, 3], [0, 2], [1, 3], [1, 2]], dtype=np.int8)
    root = read(drawn(file_of("sorting_network", {"n": 4}, network)))
    assert (root[1].text or "").startswith("5 comparators in 3 layers")
    xs = [float(stem.attrib["x1"]) for stem in of_class(root, "stem")]
    assert xs[0] == xs[1] < xs[2] < xs[3] < xs[4]


def test_each_item_of_few_is_a_box_in_its_bin() -> None:
    boxes = of_class(read(drawn(good("online_bin_packing"))), "shape")
    left, above, right = ((float(b.attrib["x"]), float(b.attrib["y"])) for b in boxes)
    assert left[0] == above[0] < right[0]
    assert above[1] < left[1]


def test_many_bins_are_one_outline() -> None:
    count = 100_000
    items: list[JSON] = [7] * count
    file = file_of(
        "online_bin_packing",
        {"items": items, "capacity": 10},
        np.arange(count, dtype=np.int32),
    )
    root = read(drawn(file))
    (outline,) = of_class(root, "plain")
    assert len(outline.attrib["points"].split()) < 1500
    assert "30.00% of the room is empty" in (root[1].text or "")
