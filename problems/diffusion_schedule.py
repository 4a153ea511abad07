"""Noise schedules for diffusion models that sample a mixture of Gaussians in the plane.

There is nothing to learn: the score of a noisy mixture is known exactly, so what is left of the
error comes from the schedule. The sampler is DDIM without noise (Song, Meng and Ermon, ICLR 2021);
the distance to the data is a maximum mean discrepancy (Gretton et al., JMLR 13, 2012), exact too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from problems.contract import (
    Array,
    Candidate,
    Data,
    Instance,
    Invalid,
    Known,
    Limits,
    Metric,
    Problem,
)

Floats = NDArray[np.float64]
SAMPLES = 377
_GENERATOR = 233
"""Makes 377 points a Fibonacci lattice, which fills the square more evenly than chance does."""
_BANDWIDTH = 250
_UNIT = 1000
"""Lengths in instances are thousandths."""


def alpha_bar(t: float, steps: int) -> float:
    """Return the share of signal, between 0 and 1, at time t of a diffusion.

    At time t a point x of the data has become sqrt(a) * x + sqrt(1 - a) * noise with a =
    alpha_bar(t). A sampler that knows the exact score starts from pure noise at t = 1 and goes
    through t = 1 - 1 / steps, 1 - 2 / steps, … to the data at t = 0, where a = 1. The values at
    t = 1 / steps, …, 1 must fall strictly, and lie strictly between 0 and 1; `steps` is 10 or 20.
    The goal is samples that are distributed as the data are: points in the plane, in narrow
    clusters at distances of about 1.
    """
    return math.exp(-0.1 * t - 9.95 * t * t)


def construct(candidate: Candidate, instance: Instance) -> Floats:
    """Return the share of signal at the times 1 / steps, 2 / steps, …, 1.

    Returns:
        float64 array, shape (steps,).
    """
    steps = cast("int", instance.data["steps"])
    return candidate.map([step / steps for step in range(1, steps + 1)], steps)


def denoise(points: Floats, centres: Floats, variance: float, now: float, then: float) -> Floats:
    """Return noisy points with less noise: one step of DDIM.

    Given a noisy point, the point without noise is expected between the noisy one and the centres,
    weighted by how likely each of them is; the noise is what the noisy point has beside it.

    Args:
        points: shape (samples, 2).
        centres: of the Gaussians that the points without noise are distributed as, all with the
            same weight; shape (components, 2).
        variance: of each Gaussian in each coordinate, above 0.
        now: the points' share of signal, above 0 and below 1.
        then: the share of signal that they are to have, at most 1.
    """
    signal, noise = math.sqrt(now), 1 - now
    total = now * variance + noise
    squares = ((points[:, None, :] - signal * centres) ** 2).sum(axis=2)
    odds = np.exp((squares.min(axis=1, keepdims=True) - squares) / (2 * total))
    centre = odds @ centres / odds.sum(axis=1, keepdims=True)
    clean = (signal * variance * points + noise * centre) / total
    direction = math.sqrt(noise) * (points - signal * centre) / total
    return math.sqrt(then) * clean + math.sqrt(1 - then) * direction


def discrepancy(points: Floats, centres: Floats, variance: float, bandwidth: float) -> float:
    """Return the maximum mean discrepancy between points and a mixture of Gaussians.

    The mean of a Gaussian kernel over two Gaussians is a Gaussian of the distance of their
    centres, so there is nothing to estimate.

    Args:
        points: shape (samples, 2).
        centres: as in `denoise`.
        variance: as in `denoise`.
        bandwidth: of the kernel.
    """

    def likeness(a: Floats, b: Floats, spread: float) -> float:
        width = bandwidth**2 + spread
        squares = ((a[:, None, :] - b) ** 2).sum(axis=2)
        return bandwidth**2 / width * float(np.exp(-squares / (2 * width)).mean())

    square = (
        likeness(points, points, 0.0)
        - 2 * likeness(points, centres, variance)
        + likeness(centres, centres, 2 * variance)
    )
    return math.sqrt(max(square, 0.0))


def score(instance: Instance, certificate: Floats) -> float:
    """Return the maximum mean discrepancy between samples and data.

    Args:
        instance: with the mixture, the noise that samples start from, and the kernel's bandwidth.
        certificate: float64, shape (steps,): the share of signal at each step, from data to noise.

    Raises:
        Invalid: there are not as many as steps, or they do not fall strictly, from below 1 to
            above 0.
    """
    data = instance.data
    if len(certificate) != data["steps"]:
        raise Invalid(f"there are {len(certificate)} shares of signal, not {data['steps']}")
    shares = [1.0, *certificate.tolist(), 0.0]
    for step in range(1, len(shares)):
        if not shares[step] < shares[step - 1]:
            raise Invalid(_fault(shares, step))
    points, centres, variance = _array(data["noise"]), _array(data["centres"]), _variance(data)
    for step in range(len(certificate), 0, -1):
        points = denoise(points, centres, variance, shares[step], shares[step - 1])
    return discrepancy(points, centres, variance, cast("int", data["bandwidth"]) / _UNIT)


def _fault(shares: Sequence[float], step: int) -> str:
    last = len(shares) - 2
    if step > last:
        return f"the share of signal at step {last}, {shares[last]!r}, is not above 0"
    below = "1" if step == 1 else f"{shares[step - 1]!r}, that at step {step - 1}"
    return f"the share of signal at step {step}, {shares[step]!r}, is not below {below}"


def _array(rows: object) -> Floats:
    return np.array(rows, dtype=np.float64) / _UNIT


def _variance(data: Data) -> float:
    return (cast("int", data["deviation"]) / _UNIT) ** 2


def noise(seed: int) -> list[list[int]]:
    """Return standard normal points: a lattice moved by chance, mapped by Box and Muller.

    Chance is two words of Philox with the key (points, seed). A lattice, since the luck of 377
    independent points would hide what good schedules differ by.
    """
    key = np.array([SAMPLES, seed], dtype=np.uint64)
    words = np.random.Philox(key=key).random_raw(2)
    u, v = (words >> np.uint64(11)).astype(np.float64) / 2**53
    index = np.arange(SAMPLES)
    radii = np.sqrt(-2 * np.log1p(-((index / SAMPLES + u) % 1)))
    angles = 2 * np.pi * ((index * _GENERATOR / SAMPLES + v) % 1)
    points = np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])
    return np.rint(_UNIT * points).astype(int).tolist()


Points = Sequence[tuple[float, float]]


def _circle(radius: float, angles: Sequence[float]) -> Points:
    return [(radius * math.cos(a), radius * math.sin(a)) for a in angles]


def _mixtures() -> Mapping[str, tuple[int, Points]]:
    """Return deviation and centres of each mixture; centres may occur several times."""
    moon = [(x - 600, y - 300) for x, y in _circle(1200, [math.pi * k / 12 for k in range(13)])]
    return {
        "ring": (100, _circle(1200, [math.tau * k / 8 for k in range(8)])),
        "moons": (100, [*moon, *((-x, -y) for x, y in moon)]),
        "grid": (80, [(x, y) for x in (-1100, 0, 1100) for y in (-1100, 0, 1100)]),
        "spiral": (60, [_circle(200 + 60 * k, [math.pi * k / 8])[0] for k in range(24)]),
        "uneven": (
            120,
            [(-900, -400)] * 5 + [(1000, 700)] * 3 + [(300, -1300)] * 2 + [(-700, 1400)],
        ),
    }


MIXTURES = tuple(_mixtures())


def data(mixture: str, steps: int, seed: int) -> Data:
    """Return the data of an instance."""
    deviation, centres = _mixtures()[mixture]
    return {
        "steps": steps,
        "centres": [[round(x), round(y)] for x, y in centres],
        "deviation": deviation,
        "bandwidth": _BANDWIDTH,
        "noise": noise(seed),
    }


_TRAINING = [f"{mixture}_{steps}_0" for mixture in ("ring", "moons") for steps in (10, 20)]
_HELD_OUT = [
    *[f"{mixture}_{steps}_1" for mixture in ("ring", "moons") for steps in (10, 20)],
    *[f"{mixture}_{steps}_0" for mixture in ("grid", "spiral", "uneven") for steps in (10, 20)],
]


@lru_cache(maxsize=1)
def _instances() -> Mapping[str, Data]:
    parts = {name: name.split("_") for name in [*_TRAINING, *_HELD_OUT]}
    return {name: data(kind, int(steps), int(seed)) for name, (kind, steps, seed) in parts.items()}


def _by_mixture(text: str) -> Sequence[str]:
    if text not in MIXTURES:
        raise ValueError(f"mixture must be one of {', '.join(MIXTURES)}, not {text}")
    return [name for name in _instances() if name.startswith(f"{text}_")]


_NORM = "the square is that of a norm in the kernel's Hilbert space: Gretton et al., JMLR 13 (2012)"

problem = Problem(
    name="diffusion_schedule",
    evolve=alpha_bar,
    construct=construct,
    score=score,
    metric=Metric(
        name="distance",
        unit="MMD",
        direction="min",
        # Trajectories that pass between clusters enlarge the last digit of a float.
        tolerance=1e-9,
        bound={name: Known(0.0, _NORM) for name in [*_TRAINING, *_HELD_OUT]},
    ),
    certificate=Array("float64", ndim=1, max_elements=20),
    limits=Limits(wall_s=5.0),
    instances=_instances,
    training=_TRAINING,
    held_out=_HELD_OUT,
    visible=lambda instance: {"steps": instance.data["steps"]},
    shorthands={"mixture": _by_mixture},
    self_design=True,
)
