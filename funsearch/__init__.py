"""Floor 3: the search. Prompts out of earlier programs, programs out of samples, all on record.

`funsearch.run("problem=cap_set", "run.seconds=60")` searches, `funsearch.resume(folder)` goes on,
`funsearch.evaluate(["priority.py"], "problem=cap_set")` scores functions from files,
`funsearch.replay(folder)` proves that a log is that of one search, `funsearch.rescore(folder)`
scores its programs anew; `funsearch.verify(program, folder)` verifies one of them,
`funsearch.retract(record, folder, reason)` declares a record wrong, and `funsearch.compare(…)`
compares settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from funsearch.api import compare, evaluate, replay, rescore, resume, retract, run, verify

__all__ = ["compare", "evaluate", "replay", "rescore", "resume", "retract", "run", "verify"]


def __getattr__(name: str) -> Any:
    # Imported on first use: importing the package must stay cheap.
    if name in __all__:
        from funsearch import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
