"""The twins of pages: JSON that any reader takes, and tables that no spreadsheet runs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from funsearch.browser.facts import programs, runs
from funsearch.browser.facts.attached import Attached
from funsearch.browser.facts.model import Count, Programs, Question
from funsearch.browser.facts.plain import PROGRAM_COLUMNS, RUN_COLUMNS, csv_rows, plain


def test_what_json_cannot_hold_becomes_text() -> None:
    odd = {"b": float("inf"), "a": (float("nan"), -float("inf"), b"\x00\xff", 2**64, "\udc80")}
    found = plain(odd)
    assert found == {"a": ["nan", "-inf", "00ff", str(2**64), "?"], "b": "inf"}
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_keys_of_a_dataclass_are_in_the_order_of_its_fields() -> None:
    assert list(plain(Count(3))) == ["number", "exact"]
    assert list(plain({"b": 1, "a": True})) == ["a", "b"]


def test_what_is_no_fact_is_refused() -> None:
    with pytest.raises(TypeError, match="object is no kind of fact"):
        plain({"a": object()})


def test_a_table_has_a_head_and_a_row_for_each_program(attached: Attached) -> None:
    page = programs.page(attached, Question(limit=200))
    head, *rows = csv_rows(page)
    assert head == list(PROGRAM_COLUMNS)
    assert [row[0] for row in rows] == [row.id for row in page.rows]
    assert all(len(row) == len(head) for row in rows)
    head, row = csv_rows(runs.page([attached]))
    assert head == list(RUN_COLUMNS)
    assert row[0] == "a-run"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(attached: Attached, start: str) -> None:
    page = programs.page(attached, Question(limit=1))
    hostile = replace(page.rows[0], reason=f"{start}cmd()", model=f"{start}1", score=-1.0)
    odd: Programs = replace(page, rows=(hostile,))
    _, row = csv_rows(odd)
    cells = dict(zip(PROGRAM_COLUMNS, row, strict=True))
    assert cells["reason"] == f"'{start}cmd()"
    assert cells["model"] == f"'{start}1"
    assert cells["score"] == "-1.0"
