"""What the shell offers when a key is completed; silent about all errors."""

from __future__ import annotations

GROUPS = ("search", "sampler", "prompt", "cluster")
_RUN_KEYS = (
    "admission",
    "dir",
    "max_cost",
    "max_tokens",
    "samples",
    "samples_per_prompt",
    "seconds",
    "seed",
    "seeds",
    "target",
    "verify_seconds",
)


def overrides(incomplete: str) -> list[str]:
    """Return overrides that begin so: keys, then the values of a group."""
    key, equals, _ = incomplete.partition("=")
    offers: list[str] = []
    if equals and key == "problem":
        from problems import registry

        offers = [f"problem={name}" for name in registry.names()]
    elif equals and key in GROUPS:
        from funsearch.config import choices_of

        offers = [f"{key}={choice}" for choice in choices_of(key)]
    elif not equals:
        offers = [f"{name}=" for name in ("problem", "problem.n", "problem.instances", *GROUPS)]
        offers += [f"run.{name}=" for name in _RUN_KEYS]
    return [offer for offer in offers if offer.startswith(incomplete)]


def problem_names(incomplete: str) -> list[str]:
    """Return names of problems that begin so."""
    from problems import registry

    return [name for name in registry.names() if name.startswith(incomplete)]


def run_names(incomplete: str) -> list[str]:
    """Return names of runs that begin so, the latest first."""
    from funsearch.archive import runs

    try:
        names = [folder.name for folder in runs.find_runs(runs.runs_root())]
    except Exception:
        return []
    return [name for name in reversed(names) if name.startswith(incomplete)]
