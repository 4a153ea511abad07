"""Checks circles in the unit square, given as a certificate file. Standard library only.

Usage: python3 -I -S circle_packing.py FILE
Prints `valid SUM` (exit 0), `invalid REASON` (1) or a usage line (2), with the digest of the
instance. Rows are x, y and radius; circles lie in the square and share no inner point, exactly.
"""

import fractions
import hashlib
import json
import math
import sys


def judge(n, shape, data):
    """Return the exit status and what to print of the circles."""
    if type(n) is not int or not 1 <= n <= 1000:
        return 1, "invalid n is not an integer from 1 to 1000"
    if not isinstance(data, list) or len(data) != 3 * n or repr(shape) != repr([n, 3]):
        return 1, f"invalid the shape is not [{n}, 3], or the data do not fill it"
    try:
        numbers = [float(text) for text in data]
    except (TypeError, ValueError, OverflowError):
        numbers = []
    if [repr(each) for each in numbers] != data or not all(map(math.isfinite, numbers)):
        return 1, "invalid a number is not the repr of a finite float"
    exact = [fractions.Fraction(each) for each in numbers]
    circles = list(zip(exact[::3], exact[1::3], exact[2::3]))
    for i, (x, y, r) in enumerate(circles):
        if not 0 <= r <= min(x, y, 1 - x, 1 - y):
            return 1, f"invalid circle {i} is not in the square"
        for j, (a, b, s) in enumerate(circles[:i]):
            if (a - x) ** 2 + (b - y) ** 2 < (r + s) ** 2:
                return 1, f"invalid circles {j} and {i} overlap"
    return 0, f"valid {math.fsum(numbers[2::3])}"


def main(arguments):
    """Judge the file; return the exit status."""
    try:
        (path,) = arguments
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if (content["format"], content["problem"]) != (1, "circle_packing"):
            raise ValueError("not a certificate of circle_packing in format 1")
        instance = content["instance"]
        status, words = judge(**instance["data"], shape=content["shape"], data=content["data"])
        text = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"usage: python3 -I -S circle_packing.py FILE; cannot read it: {error!r}"[:300])
        return 2
    print(words, "instance", hashlib.sha256(text.encode()).hexdigest())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
