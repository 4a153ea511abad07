"""What people are told while a run goes on: what holds candidates, and what is not certain."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from evaluators.containment import LAYERS, Containment, Layer
from evaluators.pool import PoolError, Uncontained
from funsearch.cli import failures
from funsearch.cli.live import Display, spent
from funsearch.config import compose
from funsearch.loop import Progress
from funsearch.spending import Spending
from funsearch.state import Best
from funsearch.text import scored


def progress(*flags: str) -> Progress:
    best = Best("0" * 64, 20.0, {"n=4": 20.0}, 2, flags)
    return Progress(1.0, 5, 6, 0, best, {"ok": 6}, (), 0, "")


def containment(*works: str) -> Containment:
    return Containment(tuple(Layer(name, name in works, "") for name in LAYERS))


@pytest.mark.parametrize(
    ("flags", "shown"),
    [
        ((), "best 20 ·"),
        (("tier_divergence",), "best 20 ·"),
        (("unconfirmed",), "best 20 (unconfirmed) ·"),
    ],
)
def test_best_that_is_not_confirmed_is_never_shown_without_saying_so(
    capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], shown: str
) -> None:
    Display(quiet=False).observing().progress(progress(*flags))
    assert shown in capsys.readouterr().err


@pytest.mark.parametrize(
    ("spending", "shown"),
    [
        (Spending(), ""),
        (Spending(1000, 200, Decimal("0.0031")), "1,200 tokens, $0.0031"),
        (Spending(10, 2, Decimal(0)), "12 tokens, $0.00"),
        (Spending(10, 2, Decimal(0), 3), "12 tokens, cost of 3 samples unknown"),
        (Spending(10, 2, Decimal(1), 3), "12 tokens, $1.00, cost of 3 samples unknown"),
    ],
)
def test_spending_is_shown_for_samplers_with_a_model_and_never_guessed(
    spending: Spending, shown: str
) -> None:
    assert spent(spending) == shown


def test_no_score_is_a_dash() -> None:
    assert scored(None, ()) == "–"


@pytest.mark.parametrize("quiet", [True, False])
def test_first_lines_say_what_holds_candidates(
    capsys: pytest.CaptureFixture[str], quiet: bool
) -> None:
    display = Display(quiet=quiet).observing()
    display.started(Path("run"), compose([]), containment(*LAYERS))
    said = capsys.readouterr().err
    assert (f"sandbox {containment(*LAYERS).line()}\n" in said) is not quiet
    assert "WARNING" not in said


@pytest.mark.parametrize("quiet", [True, False])
def test_run_without_a_sandbox_warns_however_quiet(
    capsys: pytest.CaptureFixture[str], quiet: bool
) -> None:
    display = Display(quiet=quiet).observing()
    display.started(Path("run"), compose([]), containment("limits"))
    assert "WARNING: candidates run without a sandbox" in capsys.readouterr().err


def test_machine_that_cannot_hold_candidates_is_a_refusal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert failures.report(Uncontained("this machine cannot hold code that attacks")) == 2
    assert capsys.readouterr().err == "funsearch: this machine cannot hold code that attacks\n"
    assert failures.report(PoolError("no worker could be started")) == 1
