"""What is compared: named settings, all with one problem, equal budgets and the same seeds."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from funsearch.config import GROUPS, Config, ConfigError, compose, from_tree

ENOUGH_SEEDS = 5
"""Fewer can hardly show a difference; who wants fewer must say so."""
MOST_RUNS = 10_000
_LIMITS = ("samples", "seconds", "max_tokens", "max_cost")
_SECTIONS = (*GROUPS, "problem", "run")
_name = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}").fullmatch


@dataclass(frozen=True)
class Budget:
    """What each run may use; it ends at the first limit that is not None.

    Attributes:
        samples: how many.
        seconds: of search.
        max_tokens: of prompts and answers.
        max_cost: in US dollars.
    """

    samples: int | None = None
    seconds: float | None = None
    max_tokens: int | None = None
    max_cost: float | None = None

    def text(self) -> str:
        """Return it for people."""
        parts = [
            *([] if self.samples is None else [f"{self.samples} samples"]),
            *([] if self.seconds is None else [f"{self.seconds:g} s"]),
            *([] if self.max_tokens is None else [f"{self.max_tokens} tokens"]),
            *([] if self.max_cost is None else [f"{self.max_cost:g} USD"]),
        ]
        return " or ".join(parts)


@dataclass(frozen=True)
class Setting:
    """What is compared with others.

    Attributes:
        name: by which it is shown.
        config: of its runs, but for seed and folder.
    """

    name: str
    config: Config


@dataclass(frozen=True)
class Task:
    """A run of a comparison.

    Attributes:
        setting: its name.
        seed: of the run.
        config: of the run, with its folder.
    """

    setting: str
    seed: int
    config: Config

    @property
    def folder(self) -> Path:
        """Where the run is, or will be."""
        assert self.config.run.dir is not None
        return Path(self.config.run.dir)


def read(arguments: Sequence[str], budget: Budget) -> list[Setting]:
    """Return the settings of a command line.

    Args:
        arguments: `NAME=OVERRIDES` of each setting, and overrides for all of them. What begins
            with a section of the configuration is never a name.
        budget: of each run.

    Raises:
        ConfigError: one line for the user.
        ProblemError: the problem cannot be had.
    """
    named: dict[str, list[str]] = {}
    common: list[str] = []
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if not equals or key.partition(".")[0] in _SECTIONS:
            common.append(argument)
        elif not _name(key):
            raise ConfigError(
                f"{key[:80]!a} is neither a key of the configuration nor the name of a setting, "
                "which has at most 40 letters, digits, - and _"
            )
        elif key in named:
            raise ConfigError(f"two settings are called {key}")
        else:
            named[key] = _words(key, value)
    if len(named) < 2:
        raise ConfigError(
            "nothing to compare: name two settings or more, such as evolution=search=islands "
            "plain=search=iid"
        )
    _check_common(common)
    settings: list[Setting] = []
    for name, overrides in named.items():
        _check_own(name, overrides)
        settings.append(Setting(name, _config(name, common, overrides, budget)))
    return settings


def tasks(settings: Sequence[Setting], seeds: int, out: Path) -> list[Task]:
    """Return the runs in the order in which they are made.

    Seed by seed, each time with another setting first, so that what makes the machine slow for a
    while hits all alike.

    Raises:
        ConfigError: there are too many.
    """
    if seeds * len(settings) > MOST_RUNS:
        raise ConfigError(f"{seeds} seeds of {len(settings)} settings are more than {MOST_RUNS}")
    result: list[Task] = []
    for step in range(seeds):
        turn = step % len(settings)
        for setting in [*settings[turn:], *settings[:turn]]:
            tree, seed = setting.config.tree, setting.config.run.seed + step
            folder = str(out / "runs" / f"{setting.name}-{seed}")
            run = {**tree["run"], "seed": seed, "dir": folder}
            config = from_tree({**tree, "run": run}, setting.config.loaded)
            result.append(Task(setting.name, seed, config))
    return result


def _words(name: str, text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ConfigError(f"{name}: {text[:200]!a} has {str(error).lower()}") from None


def _check_common(overrides: Sequence[str]) -> None:
    for key in map(_key, overrides):
        if key.removeprefix("run.") in _LIMITS and key.startswith("run."):
            option = "--" + key.removeprefix("run.").replace("_", "-")
            raise ConfigError(f"{key}: the budget of each run is given by the option {option}")
        if key == "run.dir":
            raise ConfigError("run.dir: the folder of all runs is given by the option --out")


def _check_own(name: str, overrides: Sequence[str]) -> None:
    for key in map(_key, overrides):
        if key in ("run.seed", "run.dir", "run.target", *(f"run.{limit}" for limit in _LIMITS)):
            raise ConfigError(f"{name}: {key} is the same for all settings, or nothing is equal")
        if key == "problem" or key.startswith("problem."):
            raise ConfigError(f"{name}: all settings solve one problem; give {key} beside them")


def _config(name: str, common: Sequence[str], own: Sequence[str], budget: Budget) -> Config:
    """Return the configuration of a setting, whose own overrides go before those for all."""
    mine = set(map(_key, own))
    overrides = [each for each in common if _key(each) not in mine]
    given = {_key(each) for each in (*common, *own)}
    limits = {limit: getattr(budget, limit) for limit in _LIMITS}
    # A run has a limit of seconds unless it is told otherwise.
    overrides += [*own, f"run.seconds={_null(limits.pop('seconds'))}"]
    overrides += [f"run.{limit}={value!r}" for limit, value in limits.items() if value is not None]
    if "run.verify_seconds" not in given:
        overrides.append("run.verify_seconds=0")
    try:
        return compose(overrides)
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}" if own else str(error)) from None


def _key(override: str) -> str:
    return override.partition("=")[0]


def _null(value: float | None) -> str:
    return "null" if value is None else repr(value)
