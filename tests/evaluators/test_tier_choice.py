"""When a run moves from the interpreter to where there is numba, and when it stays."""

from __future__ import annotations

import ast
import textwrap
from typing import Any

import pytest

from evaluators import candidate
from evaluators.array_tier.columns import Columns
from evaluators.candidate import Interpreted, Tiered, load
from evaluators.elsewhere import Elsewhere

BEYOND_ARRAYS = "s = [x for x in el]\ns.append(n)\nreturn sum(s)"


def tiered(body: str, *, may_move: bool = True, expected_calls: int = 0) -> Tiered:
    tree = ast.parse("def f(el, n):\n" + textwrap.indent(body, "    "))
    return Tiered(
        load(tree, "f", {}),
        tree,
        {},
        Columns(),
        may_move=may_move,
        expected_calls=expected_calls,
    )


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make compiling cost nothing, so that it pays at once."""
    monkeypatch.setattr(candidate, "_COMPILE_S", 0.0)


@pytest.fixture
def dear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make compiling cost more than any test takes."""
    monkeypatch.setattr(candidate, "_COMPILE_S", 1e9)


@pytest.mark.usefixtures("cheap")
def test_calls_move_once_they_have_cost_what_compiling_does() -> None:
    with pytest.raises(Elsewhere):
        tiered("return el[0] / n")((1, 2), 3)


@pytest.mark.usefixtures("dear")
def test_calls_stay_where_compiling_costs_more() -> None:
    function = tiered("return el[0] / n", expected_calls=1000)
    assert {function((1, 2), 2) for _ in range(1000)} == {0.5}


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("body", ["return el[0] / n + len('')", "return {1: 2}[el[0]]"])
def test_what_cannot_be_compiled_never_moves(body: str) -> None:
    function = tiered(body)
    assert [function((1, 2), 3) for _ in range(100)]


@pytest.mark.usefixtures("cheap")
def test_nothing_moves_where_there_is_no_numba() -> None:
    assert tiered("return el[0]", may_move=False)((1, 2), 3) == 1


@pytest.mark.usefixtures("cheap")
def test_map_that_arrays_cannot_run_moves_after_its_first_rows() -> None:
    rows = [(i, 1) for i in range(1000)]
    with pytest.raises(Elsewhere):
        tiered(BEYOND_ARRAYS).map(rows, 2)
    assert tiered(BEYOND_ARRAYS).map(rows[:100], 2).tolist() == [i + 3.0 for i in range(100)]


@pytest.mark.usefixtures("cheap")
def test_map_that_arrays_can_run_stays() -> None:
    function = tiered("return el[0] * n")
    assert function.map([(i, 1) for i in range(1000)], 2)[-1] == 1998
    assert function.only_arrays


@pytest.mark.usefixtures("dear")
def test_every_row_is_interpreted_once() -> None:
    calls: list[Any] = []
    tree = ast.parse("def f(x):\n    return x")
    function = Tiered(lambda x: calls.append(x) or x, tree, {}, Columns(), may_move=True)
    function.map(list(range(200)))
    assert calls == list(range(200))


def test_elementwise_is_told_from_the_source_but_never_in_exact_mode() -> None:
    tree = ast.parse("def f(item, bins):\n    return bins - item")
    function = load(tree, "f", {})
    assert Tiered(function, tree, {}, Columns()).elementwise
    assert not Interpreted(function).elementwise
    assert not tiered("return el[::-1]").elementwise


def test_only_the_plain_interpreter_knows_nothing_of_a_program() -> None:
    body = "s = -(n - el)\ns[1:] -= s[:-1]\nreturn s"
    function = tiered(body)
    assert (function.elementwise, function.reach) == (False, 1)
    assert tiered("return n - el").elementwise
    # So that a wrong recognition shows when a run is confirmed.
    plain = Interpreted(lambda el, n: n - el)
    assert (plain.elementwise, plain.reach) == (False, None)
