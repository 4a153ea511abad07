"""Prices and costs: exact, dated, and unknown where nobody said them."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

import configs
from funsearch.archive import fields
from funsearch.samplers.prices import cost_of, price_of, text_of
from funsearch.samplers.protocol import SamplerError, Usage

HOST = "api.openai.com"


def test_a_listed_model_costs_its_list_price() -> None:
    price = price_of(HOST, "gpt-4o-mini", None, None)
    assert price is not None
    assert text_of(cost_of(price, Usage(1000, 100), None)) == "0.00021"
    assert re.search(r"list price of \d{4}-\d\d-\d\d", str(price))


@pytest.mark.parametrize(
    ("host", "model"), [(HOST, "gpt-4o-mini-2"), ("127.0.0.1", "gpt-4o-mini"), ("", "")]
)
def test_a_name_that_resembles_a_listed_one_has_no_price(host: str, model: str) -> None:
    assert price_of(host, model, None, None) is None


def test_the_configuration_counts_more_than_the_table() -> None:
    price = price_of(HOST, "gpt-4o-mini", 0.1, 3)
    assert text_of(cost_of(price, Usage(7, 1), None)) == "0.0000037"
    assert str(price) == "0.1 + 3, as configured"


def test_what_the_server_reports_counts_more_than_any_price() -> None:
    price = price_of(HOST, "gpt-4o-mini", None, None)
    assert text_of(cost_of(price, Usage(7, 1), 0.00123)) == "0.00123"


@pytest.mark.parametrize("usage", [Usage(), Usage(5, None), Usage(None, 5)])
def test_without_tokens_there_is_no_cost_but_for_what_is_free(usage: Usage) -> None:
    assert text_of(cost_of(price_of("", "m", 1, 1), usage, None)) == ""
    assert text_of(cost_of(price_of("", "m", 0, 0.0), usage, None)) == "0"


@pytest.mark.parametrize(
    ("reported", "text"),
    [
        (0.0, "0"),
        (2, "2"),
        (1e-13, "0.000000000001"),
        (0.1 + 0.2, "0.300000000001"),
        (123456.7, "123456.7"),
        (1e7, ""),
        (1e308, ""),
    ],
)
def test_a_cost_is_what_records_can_hold_or_unknown(reported: float, text: str) -> None:
    assert text_of(cost_of(None, Usage(), reported)) == text
    assert fields.amount("cost", text) == text


def test_a_hostile_count_of_tokens_has_no_cost() -> None:
    assert cost_of(price_of("", "m", 1e5, 1e5), Usage(1 << 52, 1 << 52), None) is None


@pytest.mark.parametrize(
    ("prompt", "completion", "says"),
    [(1.0, None, "both"), (None, 0, "both"), (-1, 1, "prompt_price"), (1, float("nan"), "0 or")],
)
def test_half_a_price_is_a_mistake(
    prompt: float | None, completion: float | None, says: str
) -> None:
    with pytest.raises(SamplerError, match=says):
        price_of(HOST, "m", prompt, completion)


def test_every_entry_of_the_table_is_dated_sourced_and_exact() -> None:
    table = yaml.safe_load((Path(configs.__path__[0]) / "prices.yaml").read_text())
    for host, listed in table.items():
        assert "." in host
        assert isinstance(listed["as_of"], datetime.date)
        assert listed["source"].startswith("https://")
        for entry in listed["models"].values():
            assert set(entry) == {"prompt", "completion"}
            # Text, for a number that went through binary is no longer exact.
            assert all(isinstance(each, str) and Decimal(each) > 0 for each in entry.values())
