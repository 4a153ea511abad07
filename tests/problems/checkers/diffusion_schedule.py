"""Noise schedules, right and wrong, for few samples of small mixtures."""

from typing import Any

from tests.problems.checkers.case import Case, Equivalent

_INSTANCE = "invalid a number of the instance is not an integer that it may be"
_ORDER = "invalid the shares do not fall from below 1 to above 0"
_TWO = "invalid there is not one float for each of 2 steps"


def instance(**other: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "steps": 2,
        "centres": [[-1000, 200], [900, -300], [900, -300], [0, 800]],
        "deviation": 150,
        "bandwidth": 250,
        "noise": [[300, -1200], [-500, 700]],
    }
    return data | other


# Three centres at one place, and a kernel so wide that the rest is lost in rounding.
_ALIKE = instance(
    steps=1,
    centres=[[5, -2], [-1, -1], [4, 2]],
    noise=[[1, 4], [-5, 2], [-2, 1]],
    deviation=1,
    bandwidth=10**6,
)

CASES = [
    Case(instance(), [2], ["0.9", "0.1"], "valid 0.451222700745"),
    Case(instance(steps=3), [3], ["0.99", "0.5", "0.01"], "valid 0.546628596109"),
    Case(instance(steps=1), [1], ["0.3"], "valid 0.742574451986"),
    Case(instance(), [2], ["0.5", "5e-324"], "valid 0.659053403855"),
    Case(instance(), [2], ["0.9999999999999999", "0.5"], "valid 0.622230867714"),
    # So narrow that only differences of exponents can be exponents.
    Case(instance(deviation=1), [2], ["0.999999", "0.5"], "valid 0.515189822609"),
    Case(
        instance(bandwidth=10**6, noise=[[10**6, -(10**6)]]),
        [2],
        ["0.9", "0.1"],
        "valid 0.0860296805593",
    ),
    Case(_ALIKE, [1], ["0.5"], "valid 0.0", foreign=True),
    Case(instance(), [2], ["0.1", "0.9"], _ORDER),
    Case(instance(), [2], ["0.5", "0.5"], _ORDER),
    Case(instance(), [2], ["1.0", "0.5"], _ORDER),
    Case(instance(), [2], ["0.5", "0.0"], _ORDER),
    Case(instance(), [2], ["0.5", "-0.5"], _ORDER),
    Case(instance(), [2], ["0.5", "nan"], _ORDER),
    Case(instance(), [2], ["inf", "0.5"], _ORDER),
    Case(instance(), [2], ["0.50", "0.1"], _TWO),
    Case(instance(), [2], [0.5, 0.1], _TWO),
    Case(instance(), [2], [1, 10**400], _TWO),
    Case(instance(), [2], "00", _TWO),
    Case(instance(), [2], {"0.5": 1, "0.1": 1}, _TWO),
    Case(instance(), [2, 1], ["0.5", "0.1"], _TWO),
    Case(instance(), [2.0], ["0.5", "0.1"], _TWO),
    Case(instance(), [2], ["0.5"], _TWO),
    Case(instance(), [1], ["0.5"], _TWO),
    Case(instance(), [2], ["0.5", "0.1", "0.01"], _TWO),
    Case(instance(steps=0), [0], [], _INSTANCE, foreign=True),
    Case(instance(steps=True), [1], ["0.5"], _INSTANCE, foreign=True),
    Case(instance(bandwidth=0), [2], ["0.9", "0.1"], _INSTANCE, foreign=True),
    Case(instance(deviation=0), [2], ["0.9", "0.1"], _INSTANCE, foreign=True),
    Case(instance(deviation=150.0), [2], ["0.9", "0.1"], _INSTANCE, foreign=True),
    Case(instance(bandwidth=10**6 + 1), [2], ["0.9", "0.1"], _INSTANCE, foreign=True),
    Case(instance(noise=[]), [2], ["0.9", "0.1"], _INSTANCE, foreign=True),
    Case(instance(centres=[]), [2], ["0.9", "0.1"], _INSTANCE, foreign=True),
    Case(instance(noise=[[0, 0.5]]), [2], ["0.9", "0.1"], _INSTANCE, foreign=True),
    Case(instance(centres=[[0, -(10**6) - 1]]), [2], ["0.9", "0.1"], _INSTANCE, foreign=True),
]

EQUIVALENT: Equivalent = {}
