"""The configuration of a run: composed by hydra, checked here, kept as `config.yaml`."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from problems import registry
from problems.registry import Loaded, ProblemError

GROUPS = ("search", "sampler", "prompt", "cluster")
PLUGINS = "funsearch.plugins"
"""Entry-point group: what outside of this project `_target_` may name."""
_TARGETS = {
    "search": (
        "funsearch.islands.make",
        "funsearch.baselines.make_iid",
        "funsearch.baselines.make_greedy",
    ),
    "sampler": (
        "funsearch.samplers.syntax.Syntax",
        "funsearch.samplers.endpoint.Endpoint",
        "funsearch.samplers.local.Local",
        "funsearch.samplers.mix.Mix",
        "funsearch.samplers.mix.Member",
        "funsearch.samplers.bandit.Bandit",
        "funsearch.samplers.cassette.Cassette",
        "cluster.remote.Remote",
    ),
    "prompt": ("funsearch.prompts.Template",),
    "cluster": ("evaluators.local.LocalPool",),
}
"""What each section may build. A `config.yaml` can come from anybody: a list, not a pattern."""


class ConfigError(Exception):
    """The configuration is wrong; the message is one line for the user."""


@dataclass(frozen=True)
class RunSettings:
    """The section `run`.

    Attributes:
        seed: of all randomness, 0 to 2^63 - 1.
        samples: stop after this many, or None.
        seconds: stop after this much time, or None.
        target: stop at this score, or None.
        samples_per_prompt: how often each prompt is answered.
        backlog: samples that may wait for an evaluator, or None for four a worker, or as many as
            are asked for at once if these are more.
        admission: whether samples that `evaluators.admission` refuses are rejected unseen.
        seeds: files with functions to start from.
        dir: folder of the run, or None.
        verify_seconds: most time for verifying the final best program, or None for as long as it
            takes; 0 if it is not to be verified.
        max_tokens: stop before samples have taken more tokens, or None.
        max_cost: stop before they have cost more US dollars, or None.
        probe: training instance that a program is tried on first, so that one which behaves there
            like another of its island is not tried on the rest; None for no such thing.
    """

    seed: int
    samples: int | None
    seconds: float | None
    target: float | None
    samples_per_prompt: int
    backlog: int | None
    admission: bool
    seeds: tuple[str, ...]
    dir: str | None
    verify_seconds: float | None = 60.0
    max_tokens: int | None = None
    max_cost: float | None = None
    probe: str | None = None


_SINCE = {
    key: getattr(RunSettings, key) for key in ("verify_seconds", "max_tokens", "max_cost", "probe")
}
"""Keys of the section `run` that there were not always: what runs without them go on with."""


@dataclass(frozen=True)
class Config:
    """All that a run is made of.

    Attributes:
        tree: the resolved configuration, as plain dicts and lists.
        loaded: the problem.
        instances: training instances.
        run: the section `run`.
    """

    tree: dict[str, Any]
    loaded: Loaded
    instances: tuple[str, ...]
    run: RunSettings

    @property
    def unsafe_no_sandbox(self) -> bool:
        """Whether candidates run with limits on time and memory only."""
        return self.tree["cluster"].get("unsafe_no_sandbox") is True

    def holding(self, *, unsafe_no_sandbox: bool) -> Config:
        """Return the configuration with what holds candidates decided by the user who is here.

        A run's `config.yaml` may come from anybody, and must not say that its candidates need no
        sandbox.

        Raises:
            ConfigError: these evaluators have no such choice.
        """
        cluster = self.tree["cluster"]
        if "unsafe_no_sandbox" not in cluster:
            if unsafe_no_sandbox:
                raise ConfigError("cluster: these evaluators do not run without a sandbox")
            return self
        cluster = {**cluster, "unsafe_no_sandbox": unsafe_no_sandbox}
        return replace(self, tree={**self.tree, "cluster": cluster})

    def build(self, section: str, **arguments: Any) -> Any:
        """Make the object that a section's `_target_` names.

        Raises:
            ConfigError: it is not allowed, or refuses its settings.
        """
        from hydra.errors import InstantiationException
        from hydra.utils import instantiate

        _check_targets(self.tree[section], section)
        try:
            return instantiate(self.tree[section], _convert_="all", **arguments)
        except InstantiationException as error:
            cause = error.__cause__ or error
            raise ConfigError(f"{section}: {cause}") from error


def compose(overrides: Sequence[str]) -> Config:
    """Return the configuration for overrides such as `problem.n=8` or `sampler=openai`.

    Raises:
        ConfigError: one of them is wrong; names what was meant, nearest first.
        ProblemError: the problem cannot be had.
    """
    from hydra import compose as hydra_compose
    from hydra import initialize_config_module
    from hydra.core.global_hydra import GlobalHydra
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    own, problem = _split(overrides)
    GlobalHydra.instance().clear()
    with initialize_config_module("configs", version_base="1.3"):
        choices = [item for item in own if _key(item) in GROUPS]
        for item in choices:
            _check_choice(item)
        try:
            known = OmegaConf.to_container(hydra_compose("config", choices), resolve=False)
            for item in own:
                _check_key(item, _leaves(known))
            tree = OmegaConf.to_container(hydra_compose("config", list(own)), resolve=True)
        except (HydraException, OmegaConfBaseException) as error:
            raise ConfigError(_first_line(error)) from error
    loaded, instances = _problem(problem)
    assert isinstance(tree, dict)
    _check_types(known, tree, "")
    result: dict[str, Any] = {str(key): value for key, value in tree.items()}
    result["problem"] = {"name": loaded.reference, "instances": instances}
    return from_tree(result, loaded)


def from_tree(
    tree: dict[str, Any], loaded: Loaded | None = None, digest: str | None = None
) -> Config:
    """Return the configuration of a resolved tree, such as a run's `config.yaml`.

    Args:
        tree: sections of the configuration.
        loaded: its problem, if it is there already.
        digest: what the source of the problem must have been.

    Raises:
        ConfigError: it is not one.
        ProblemError: its problem cannot be had.
    """
    try:
        problem, run = tree["problem"], tree["run"]
        for group in GROUPS:
            tree[group]["_target_"]
        run = {**_SINCE, **run}
        if set(run) != {field.name for field in fields(RunSettings)}:
            raise ConfigError("the section run has other keys than this version knows")
        loaded = loaded or registry.load(str(problem["name"]), digest)
        instances = registry.select(loaded, problem["instances"])
        _check_probe(run["probe"], instances)
    except (KeyError, TypeError) as error:
        raise ConfigError(f"not the configuration of a run: {error} is missing") from error
    return Config(tree, loaded, tuple(instances), _run_settings(run))


def suggestions(word: str, known: Iterable[str], most: int = 6) -> str:
    """Return the known words as text, nearest first."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=len(names), cutoff=0.0)
    rest = [name for name in names if name not in near]
    shown = [*near, *rest]
    return ", ".join(shown[:most]) + (", …" if len(shown) > most else "")


def choices_of(group: str) -> list[str]:
    """Return the names that a group can be set to."""
    import configs

    folder = Path(configs.__file__ or "").parent / group
    return sorted(path.stem for path in folder.glob("*.yaml"))


def _key(override: str) -> str:
    return override.partition("=")[0]


def _split(overrides: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Separate what concerns the problem, whose keys depend on the problem, from the rest."""
    own: list[str] = []
    problem: dict[str, str] = {}
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals or not key:
            raise ConfigError(f"{override!r} is not of the form key=value")
        if key.startswith(("+", "~")):
            raise ConfigError(f"{override!r}: keys can be set, not added or removed")
        if key == "problem" or key.startswith("problem."):
            problem[key.partition(".")[2] or "name"] = value
        else:
            own.append(_quoted(key, value))
    return own, problem


def _quoted(key: str, value: str) -> str:
    """Return an override that hydra's grammar takes; a value it cannot read is plain text."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        OverridesParser.create().parse_override(f"{key}={value}")
    except HydraException:
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"{key}='{escaped}'"
    return f"{key}={value}"


def _problem(settings: dict[str, str]) -> tuple[Loaded, list[str]]:
    loaded = registry.load(settings.pop("name", "cap_set"))
    chosen: list[str] | None = None
    for key, value in settings.items():
        if chosen is not None:
            raise ConfigError("set the instances once: problem.instances or one shorthand")
        if key == "instances":
            if value == "null":
                continue
            chosen = [name.strip(" '\"") for name in value.strip("[] ").split(",")]
        elif key in loaded.problem.shorthands:
            try:
                chosen = list(loaded.problem.shorthands[key](value))
            except ValueError as error:
                raise ConfigError(f"problem.{key}={value}: {error}") from None
        else:
            known = [f"problem.{name}" for name in ("instances", *loaded.problem.shorthands)]
            raise ConfigError(
                f"no key problem.{key}; there are: {suggestions(f'problem.{key}', known)}"
            )
    return loaded, registry.select(loaded, chosen)


def _check_choice(override: str) -> None:
    group, _, choice = override.partition("=")
    if choice not in choices_of(group):
        raise ConfigError(
            f"no {group} called {choice!r}; there are: {suggestions(choice, choices_of(group))}"
        )


def _check_key(override: str, known: set[str]) -> None:
    key = _key(override)
    if key not in known and key not in GROUPS:
        names = known | {"problem", *GROUPS}
        raise ConfigError(f"no key {key}; there are: {suggestions(key, names)}")


def _check_types(usual: Any, given: Any, prefix: str) -> None:
    """Refuse text where there was a number or a truth value, which parts would stumble over."""
    if isinstance(usual, dict) and isinstance(given, dict):
        for key, value in given.items():
            _check_types(usual.get(key), value, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(usual, (bool, int, float)) and isinstance(given, str):
        kind = "true or false" if isinstance(usual, bool) else "a number"
        raise ConfigError(f"{prefix}={given}: must be {kind}, such as {str(usual).lower()}")


def _leaves(node: Any, prefix: str = "") -> set[str]:
    if not isinstance(node, dict):
        return {prefix} if prefix else set()
    return {prefix} | {
        leaf
        for key, value in node.items()
        if not str(key).startswith("_")
        for leaf in _leaves(value, f"{prefix}.{key}" if prefix else str(key))
    }


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


def _check_targets(node: Any, section: str) -> None:
    """Refuse to build anything that is not on the list, however deep it is named."""
    if isinstance(node, dict):
        target = node.get("_target_")
        plugins = [p.value.replace(":", ".") for p in entry_points(group=PLUGINS)]
        if target is not None and target not in (*_TARGETS[section], *plugins):
            raise ConfigError(
                f"{section}._target_={target}: only this project's own kinds of {section} and "
                f"installed plug-ins (entry-point group {PLUGINS}) can be named"
            )
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        _check_targets(child, section)


def _check_probe(probe: Any, instances: Sequence[str]) -> None:
    if probe is not None and len(instances) == 1:
        raise ConfigError(
            f"run.probe={probe}: with one training instance a probe saves nothing; leave it null"
        )
    if probe is not None and probe not in instances:
        raise ConfigError(
            f"run.probe={probe}: must be null or a training instance: {', '.join(instances)}"
        )


def _run_settings(run: dict[str, Any]) -> RunSettings:
    def number(key: str, kind: type[int] | type[float], low: float, *, optional: bool) -> Any:
        value = run[key]
        if value is None and optional:
            return None
        real = float if kind is float else int
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, real))
            or not low <= value < math.inf
            or value == -math.inf
        ):
            kinds = "a whole number" if kind is int else "a number"
            least = f" from {low:g}" if math.isfinite(low) else ""
            null = ", or null" if optional else ""
            raise ConfigError(f"run.{key}={value}: must be {kinds}{least}{null}")
        return value

    seed = number("seed", int, 0, optional=False)
    if seed >= 1 << 63:
        raise ConfigError(f"run.seed={seed}: must be below 2^63")
    seeds = run["seeds"]
    if not isinstance(seeds, list):
        raise ConfigError(f"run.seeds={seeds}: must be a list of files, such as [first.py]")
    if not isinstance(run["admission"], bool):
        raise ConfigError(f"run.admission={run['admission']}: must be true or false")
    folder = run["dir"]
    if folder == "":
        raise ConfigError("run.dir is empty; name a folder, or leave it out")
    return RunSettings(
        seed=seed,
        samples=number("samples", int, 0, optional=True),
        seconds=number("seconds", float, 0, optional=True),
        target=number("target", float, -math.inf, optional=True),
        samples_per_prompt=number("samples_per_prompt", int, 1, optional=False),
        backlog=number("backlog", int, 1, optional=True),
        admission=run["admission"],
        seeds=tuple(str(path) for path in seeds),
        dir=None if folder is None else str(folder),
        verify_seconds=number("verify_seconds", float, 0, optional=True),
        max_tokens=number("max_tokens", int, 0, optional=True),
        max_cost=number("max_cost", float, 0, optional=True),
        probe=run["probe"],
    )


__all__ = ["Config", "ConfigError", "ProblemError", "RunSettings", "compose", "from_tree"]
