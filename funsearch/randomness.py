"""All randomness of a search, as a function of the run's seed and a number.

No generator state lives across draws, so a draw can be repeated years later from the log alone.
"""

from __future__ import annotations

import numpy as np

# The last word of Philox's counter tells the streams apart: each may use 2^192 blocks.
_DRAW, _SAMPLE, _RESET, _MEMBER, _CONFIRMATION = range(5)


def _philox(seed: int, number: int, stream: int, part: int = 0) -> np.random.Generator:
    key = np.array([seed, number], dtype=np.uint64)
    counter = np.array([0, 0, part, stream], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


def for_draw(seed: int, draw: int) -> np.random.Generator:
    """Return the generator that chooses island and examples of a draw."""
    return _philox(seed, draw, _DRAW)


def for_sample(seed: int, draw: int, index: int) -> np.random.Generator:
    """Return the generator of the `index`-th sample of a draw."""
    return _philox(seed, draw, _SAMPLE, index)


def for_reset(seed: int, number: int) -> np.random.Generator:
    """Return the generator of the `number`-th reset: ties and founders."""
    return _philox(seed, number, _RESET)


def for_member(seed: int, draw: int) -> np.random.Generator:
    """Return the generator that chooses which of several samplers answers a draw."""
    return _philox(seed, draw, _MEMBER)


def for_confirmation(seed: int, draw: int, index: int) -> np.random.Generator:
    """Return the generator that decides whether a sample's verdict is to be confirmed."""
    return _philox(seed, draw, _CONFIRMATION, index)
