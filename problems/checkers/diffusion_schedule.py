"""Checks a noise schedule for diffusion, given as a certificate file. Standard library only.

Usage: python3 -I -S diffusion_schedule.py FILE
Prints `valid DISCREPANCY` (exit 0), `invalid REASON` (1) or a usage line (2), with the digest of
the instance. Entry k is the share of signal after k + 1 steps to noise; points are complex.
"""

import hashlib
import json
import math
import sys


def judge(steps, centres, deviation, bandwidth, noise, shape, data):
    """Return the exit status and what to print of the schedule."""
    sizes = [steps, deviation, bandwidth, len(centres), len(noise)]
    numbers = [*sizes, *(x for point in centres + noise for x in point)]
    if any(type(x) is not int or abs(x) > 10**6 for x in numbers) or min(sizes) < 1:
        return 1, "invalid a number of the instance is not an integer that it may be"
    shares = [1.0, *(float(str(x)) for x in data), 0.0]
    if repr(shape) != f"[{steps}]" or [*map(repr, shares)][1:-1] != data or len(data) != steps:
        return 1, f"invalid there is not one float for each of {steps} steps"
    if not all(shares[k] > shares[k + 1] for k in range(steps + 1)):
        return 1, "invalid the shares do not fall from below 1 to above 0"
    mus, points = ([complex(x, y) / 1000 for x, y in rows] for rows in (centres, noise))
    s, h = (deviation / 1000) ** 2, (bandwidth / 1000) ** 2
    for a, b in zip(shares[-2::-1], shares[-3::-1]):
        r, u, v = math.sqrt(a), math.sqrt((1 - b) * (1 - a)), a * s + 1 - a
        for i, z in enumerate(points):
            far = [abs(z - r * m) ** 2 / (2 * v) for m in mus]
            odds = [math.exp(min(far) - x) for x in far]
            mean = sum(x * m for x, m in zip(odds, mus)) / sum(odds)
            points[i] = (math.sqrt(b) * (r * s * z + (1 - a) * mean) + u * (z - r * mean)) / v
    square = 0
    for f, p, q, w in (1, points, points, h), (-2, points, mus, h + s), (1, mus, mus, h + 2 * s):
        kernel = math.fsum(math.exp(-(abs(x - y) ** 2) / (2 * w)) for x in p for y in q)
        square += f * h / w * kernel / len(p) / len(q)
    return 0, f"valid {float(f'{math.sqrt(max(square, 0)):.12g}')!r}"


def main(arguments):
    """Judge the file; return the exit status."""
    try:
        (path,) = arguments
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if (content["format"], content["problem"]) != (1, "diffusion_schedule"):
            raise ValueError("not a certificate of diffusion_schedule in format 1")
        instance = content["instance"]
        status, words = judge(**instance["data"], shape=content["shape"], data=content["data"])
        text = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"usage: python3 -I -S diffusion_schedule.py FILE; cannot read it: {error!r}"[:300])
        return 2
    print(words, "instance", hashlib.sha256(text.encode()).hexdigest())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
