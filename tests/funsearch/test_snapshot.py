"""A state that was dumped and loaded goes on exactly as it would have; a bad file is refused."""

import copy
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import funsearch
from funsearch import columns, snapshot
from funsearch.archive import statement
from funsearch.archive.records import GenerationRecord, Record
from funsearch.columns import Stale
from funsearch.config import compose
from funsearch.islands import Islands
from funsearch.population import Population
from funsearch.state import Inconsistent, SearchState
from tests.funsearch.histories import KINDS, History, fresh

CONTEXT = "seed 3\nsearch islands\n"


def seen(state: SearchState) -> dict[str, Any]:
    """Return all that can be asked of a state; NaN is equal to itself here."""
    population, search = state.population, state.search
    islands = range(search.size)
    return {
        "draws": [_draw(state, number) for number in range(state.next_draw, state.next_draw + 5)],
        "overview": repr(search.overview()),
        "search": (search.registrations, search.resets, [search.epoch(i) for i in islands]),
        "due": search.reset_due(),
        "plan": _plan(state),
        "counts": (state.samples, state.evaluations, state.next_draw, list(state.verdicts.items())),
        "best": (state.best, repr(state.best and state.best.score)),
        "pending": list(state.pending.items()),
        "starts": state.starts,
        "failure": state.last_failure,
        "unconfirmed": state.unconfirmed,
        "clock": (state.clock, state.clock.seconds),
        "programs": [
            (
                population.id(number),
                population.find(population.id(number)),
                population.status(number),
                population.record(number),
                population.length(number),
                population.score(number),
                repr(population.signature(number)),
                [population.marked(number, island) for island in islands],
            )
            for number in range(len(population))
        ],
    }


def _draw(state: SearchState, number: int) -> object:
    try:
        return state.search.draw(number)
    except LookupError:
        return None


def _plan(state: SearchState) -> object:
    try:
        return state.search.plan_reset()
    except LookupError:
        return None


def applied(kind: str, log: list[tuple[int, Record]]) -> SearchState:
    state = fresh(kind)
    for number, record in log:
        state.apply(number, record)
    return state


def history(kind: str, seed: int, steps: int) -> History:
    result = History(kind, seed)
    result.go_on(steps)
    return result


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(KINDS), st.integers(0, 2**32), st.integers(0, 150), st.floats(0.0, 1.0))
def test_a_state_goes_on_from_a_snapshot_as_if_nothing_had_been(
    kind: str, seed: int, steps: int, where: float
) -> None:
    lived = history(kind, seed, steps)
    cut = round(where * len(lived.log))
    before, after = lived.log[:cut], lived.log[cut:]
    state = applied(kind, before)
    data = snapshot.dump(state, cut, CONTEXT)
    loaded = fresh(kind)
    assert snapshot.load(data, loaded, CONTEXT) == cut
    assert seen(loaded) == seen(state)
    assert snapshot.dump(loaded, cut, CONTEXT) == data
    for number, record in after:
        loaded.apply(number, record)
    assert seen(loaded) == seen(lived.state)
    whole = len(lived.log)
    assert snapshot.dump(loaded, whole, CONTEXT) == snapshot.dump(lived.state, whole, CONTEXT)


@pytest.mark.parametrize("kind", KINDS)
def test_histories_are_of_every_sort(kind: str) -> None:
    """Tests by the others, if a state that they load holds nothing, say nothing."""
    state = history(kind, seed=0, steps=400).state
    assert state.search.resets > 5 or kind in ("iid", "greedy")
    assert {"ok", "crashed", "rejected", "sandbox_error"} <= set(state.verdicts)
    assert state.pending
    assert state.best
    assert state.unconfirmed
    assert state.clock.past > 0
    assert len(state.starts) > 0
    assert [*state.attempts]


@pytest.fixture(scope="module")
def data() -> bytes:
    lived = history("islands", seed=1, steps=60)
    assert lived.state.pending
    return snapshot.dump(lived.state, len(lived.log), CONTEXT)


def test_a_snapshot_cut_short_is_refused(data: bytes) -> None:
    for length in {*range(0, len(data), 37), *range(120), len(data) - 1}:
        with pytest.raises(ValueError, match=r"layout|damaged"):
            snapshot.load(data[:length], fresh("islands"), CONTEXT)
    with pytest.raises(ValueError, match="damaged"):
        snapshot.load(data + b"\0", fresh("islands"), CONTEXT)


def test_a_changed_byte_is_refused(data: bytes) -> None:
    for at in {*range(0, len(data), 23), *range(60), *range(len(data) - 40, len(data))}:
        changed = bytearray(data)
        changed[at] ^= 1 << at % 8
        with pytest.raises(ValueError, match=r"layout|damaged"):
            snapshot.load(bytes(changed), fresh("islands"), CONTEXT)


def test_a_snapshot_of_other_conditions_is_stale_and_says_which(data: bytes) -> None:
    with pytest.raises(Stale, match=r"under other conditions: seed$"):
        snapshot.load(data, fresh("islands"), CONTEXT.replace("seed 3", "seed 4"))


def test_a_snapshot_of_another_layout_is_stale(data: bytes) -> None:
    with pytest.raises(Stale, match="layout"):
        snapshot.load(data.replace(b" 1\n", b" 2\n", 1), fresh("islands"), CONTEXT)


@pytest.mark.parametrize("kind", ["iid", "greedy"])
def test_a_snapshot_of_another_search_is_refused(data: bytes, kind: str) -> None:
    with pytest.raises(ValueError, match="lacks the column"):
        snapshot.load(data, fresh(kind), CONTEXT)


def test_a_run_that_has_begun_takes_no_snapshot(data: bytes) -> None:
    with pytest.raises(ValueError, match="has begun"):
        snapshot.load(data, history("islands", 0, 3).state, CONTEXT)


def usable_or_refused(kind: str, facts: columns.Json, found: columns.Columns) -> None:
    """Load what somebody made: either it is refused, or all that follows works."""
    state, said = fresh(kind), ""
    try:
        number = snapshot.load(columns.pack(facts, found), state, CONTEXT)
    except ValueError as error:
        number, said = 0, str(error)
    assert "\n" not in said
    assert len(said) < 200
    if said:
        return
    seen(state)
    for program in range(len(state.population)):
        if state.population.score(program) is not None:
            state.search.register(program, None, 0)
    _draw(state, 0)
    if state.search.reset_due():
        state.search.reset()
    for _, record in history(kind, 5, 40).log:
        with suppress(Inconsistent):
            state.apply(number, record)


EXTREMES = (0, 1, -1, 2, 3, 63, 64, 255, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63), 2**64 - 1)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(KINDS), st.integers(0, 20), st.data())
def test_no_value_of_a_column_does_harm_later(kind: str, seed: int, chosen: st.DataObject) -> None:
    lived = history(kind, seed, 40)
    facts, given_columns = columns.unpack(snapshot.dump(lived.state, len(lived.log), CONTEXT))
    found = {name: column.copy() for name, column in given_columns.items()}
    name = chosen.draw(st.sampled_from(sorted(found)))
    column = found[name].reshape(-1)
    if column.size:
        place = chosen.draw(st.integers(0, column.size - 1))
        if column.dtype.kind == "f":
            column[place] = chosen.draw(st.floats())
        else:
            value = chosen.draw(st.sampled_from(EXTREMES))
            column[place] = np.array(value & 2**64 - 1, np.uint64).astype(column.dtype)
    usable_or_refused(kind, facts, found)


def shortened(column: NDArray[Any]) -> NDArray[Any]:
    return column[:-1]


def lengthened(column: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([column, column[-1:]])


def flattened(column: NDArray[Any]) -> NDArray[Any]:
    return column.reshape(-1) if column.ndim == 2 else column.reshape(-1, 1)


def retyped(column: NDArray[Any]) -> NDArray[Any]:
    return column.astype(np.float64 if column.dtype.kind != "f" else np.int64)


@pytest.mark.parametrize("change", [shortened, lengthened, flattened, retyped])
@pytest.mark.parametrize("kind", ["islands", "greedy"])
def test_a_column_of_another_form_is_refused(kind: str, change: Any) -> None:
    lived = history(kind, 3, 60)
    assert lived.state.search.registrations > 5
    facts, found = columns.unpack(snapshot.dump(lived.state, len(lived.log), CONTEXT))
    for name, column in found.items():
        if change in (shortened, lengthened) and name in ("search.kept", "unconfirmed"):
            continue  # of any length: nothing else tells how many there are
        if name == "search.signatures" and kind == "greedy" and change is shortened:
            continue
        with np.errstate(invalid="ignore"):
            changed = {**found, name: change(column)}
        with pytest.raises(ValueError, match=r"column|sizes|twice"):
            snapshot.load(columns.pack(facts, changed), fresh(kind), CONTEXT)


@pytest.mark.parametrize("name", ["population.scores", "population.signatures"])
def test_a_score_that_is_not_finite_is_refused(data: bytes, name: str) -> None:
    facts, found = columns.unpack(data)
    changed = found[name].copy()
    changed[np.isfinite(changed)] = np.inf
    with pytest.raises(ValueError, match="not finite"):
        snapshot.load(columns.pack(facts, {**found, name: changed}), fresh("islands"), CONTEXT)


def test_a_sample_that_waits_on_no_island_is_refused(data: bytes) -> None:
    facts, found = columns.unpack(data)
    waiting = facts["pending"][0]
    record = statement.decode(waiting[2].encode())
    assert isinstance(record, GenerationRecord)
    waiting[2] = statement.encode(replace(record, island=3)).decode()
    with pytest.raises(ValueError, match="island that is none"):
        snapshot.load(columns.pack(facts, found), fresh("islands"), CONTEXT)


def test_a_missing_column_is_refused(data: bytes) -> None:
    facts, found = columns.unpack(data)
    for name in found:
        rest = {other: column for other, column in found.items() if other != name}
        with pytest.raises(ValueError, match="lacks the column"):
            snapshot.load(columns.pack(facts, rest), fresh("islands"), CONTEXT)


STRANGE = (None, True, -1, 0.5, 2**70, "", "x", "\ud800", {}, {"one": "x"}, [], [1], ["x"], [[]],
           [[0]], [[0, False, "{}"]], [["ok", -1]], [["ok", 1, 2]], ["unconfirmed", 7])  # fmt: skip


@pytest.mark.parametrize("inside", ["", "best", "clock"])
def test_no_fact_does_harm_later(data: bytes, inside: str) -> None:
    facts, found = columns.unpack(data)
    facts["clock"]["since"] = 0.0
    for name in facts[inside] if inside else facts:
        for value in STRANGE:
            changed = copy.deepcopy(facts)
            (changed[inside] if inside else changed)[name] = value
            usable_or_refused("islands", changed, found)
        changed = copy.deepcopy(facts)
        del (changed[inside] if inside else changed)[name]
        with pytest.raises(ValueError, match=r"of the form|other conditions"):
            snapshot.load(columns.pack(changed, found), fresh("islands"), CONTEXT)


def test_a_number_too_large_for_a_float_is_refused(data: bytes) -> None:
    facts, found = columns.unpack(data)
    facts["clock"]["past"] = 0.125
    text = columns.pack(facts, found)[:-32].replace(b'"past":0.125', b'"past":1e999')
    with pytest.raises(ValueError, match="past is not a finite number"):
        snapshot.load(text + sha256(text).digest(), fresh("islands"), CONTEXT)


def test_context_names_what_a_state_depends_on() -> None:
    def context(*overrides: str) -> str:
        config = compose(["problem=cap_set", *overrides])
        search = config.build(
            "search", seed=config.run.seed, population=Population(1), maximise=True
        )
        return snapshot.context_of(config, search)

    usual = set(context().splitlines())

    def differing(*overrides: str) -> list[str]:
        lines = set(context(*overrides).splitlines()) - usual
        return sorted(line.partition(" ")[0] for line in lines)

    assert differing("run.samples=7", "cluster.workers=1") == []
    assert differing("run.seed=7") == ["seed"]
    assert differing("search.islands=4") == ["search"]
    assert differing("search=iid") == ["search"]
    assert differing("problem.instances=[n=3,n=4]") == ["instances"]


def test_context_covers_the_source_of_a_plug_in() -> None:
    class Other(Islands):
        pass

    config = compose(["problem=cap_set"])
    search = config.build("search", seed=0, population=Population(1), maximise=True)
    other = Other(search.config, 0, Population(1), maximise=True)
    first, second = (snapshot.context_of(config, each).splitlines() for each in (search, other))
    assert [line.split()[0] for line in set(first) ^ set(second)] == ["source", "source"]


def test_context_covers_every_module_that_a_state_imports() -> None:
    code = (
        "import sys; import funsearch.state, funsearch.baselines, funsearch.archive.statement\n"
        "print(*(m.__file__ for m in sys.modules.values() if getattr(m, '__file__', None)))"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    here = Path(funsearch.__file__).parent
    inside = [Path(name) for name in said.stdout.split() if Path(name).is_relative_to(here)]
    assert here / "island.py" in inside
    assert {path.parent for path in inside} <= {here, here / "archive", here / "archive/forms"}
