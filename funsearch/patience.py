"""How long a run waits for a sampler that is not available."""

from __future__ import annotations

_PAUSE_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""Seconds to wait for an unavailable sampler, attempt by attempt; the last one repeats."""


def pause_s(attempt: int, asked: float | None) -> float:
    """Return the seconds to wait after failures in a row.

    Args:
        attempt: how many there were before.
        asked: what the sampler asked for. That it wants none is believed at first only: each
            failure leaves a record.
    """
    if asked is None:
        return _PAUSE_S[min(attempt, len(_PAUSE_S) - 1)]
    return max(asked, min(0.01 * 2 ** min(attempt, 20), _PAUSE_S[-1]))
