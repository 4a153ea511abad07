"""Checks points without isosceles triangles, given as a certificate file. Standard library only.

Usage: python3 -I -S no_isosceles.py FILE
Prints `valid SIZE` (exit 0), `invalid REASON` (1) or a usage line (2), with the digest of the
instance. No point of the n x n grid may be equally far from two others, that is, on the line
half-way between them; this forbids flat triangles too.
"""

import hashlib
import json
import sys


def judge(n, shape, data):
    """Return the exit status and what to print of the points."""
    if type(n) is not int or not 1 <= n <= 10**6:
        return 1, "invalid n is not an integer from 1 to 10^6"
    if not isinstance(data, list) or repr(shape) != repr([len(data) // 2, 2]) or len(data) % 2:
        return 1, "invalid the shape is not [size, 2], or the data do not fill it"
    if any(type(x) is not int or not 0 <= x < n for x in data):
        return 1, "invalid a coordinate is not from 0 to n - 1"
    points = list(zip(data[::2], data[1::2]))
    if len(set(points)) < len(points):
        return 1, "invalid a point occurs twice"
    for i, (x, y) in enumerate(points):
        for u, v in points[:i]:
            # What a point on the line half-way between them has in common with their middle.
            dx, dy = x - u, y - v
            half = dx * (x + u) + dy * (y + v)
            for a, b in points:
                if 2 * (dx * a + dy * b) == half:
                    return 1, f"invalid {(a, b)} is as far from {(u, v)} as from {(x, y)}"
    return 0, f"valid {len(points)}"


def main(arguments):
    """Judge the file; return the exit status."""
    try:
        (path,) = arguments
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if (content["format"], content["problem"]) != (1, "no_isosceles"):
            raise ValueError("not a certificate of no_isosceles in format 1")
        instance = content["instance"]
        status, words = judge(**instance["data"], shape=content["shape"], data=content["data"])
        text = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"usage: python3 -I -S no_isosceles.py FILE; cannot read it: {error!r}"[:300])
        return 2
    print(words, "instance", hashlib.sha256(text.encode()).hexdigest())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
