"""Checks a set with a combinatorial degeneration of its corners. Standard library only.

Usage: python3 -I -S corners.py FILE
Prints `valid SIZE` (exit 0), `invalid REASON` (1) or a usage line (2), with the digest of the
instance. Rows are x, y, u1, u2, u3: a vertex of Z_p^n × Z_p^n, once, and integers that sum to 0.
For a = (x, y), b = (x + l, y), c = (x, y + l) of the set, l ≠ 0: u1(a) + u2(b) + u3(c) >= 1.
"""

import hashlib
import json
import sys


def judge(p, n, shape, data):
    """Return the exit status and what to print of the rows."""
    if type(p) is not int or p not in (2, 3) or type(n) is not int or not 1 <= n <= 9:
        return 1, "invalid p is not 2 or 3, or n is not an integer from 1 to 9"
    width = 2 * n + 3
    if not isinstance(data, list) or repr(shape) != repr([len(data) // width, width]):
        return 1, f"invalid the shape is not [size, {width}]"
    if len(data) % width or any(type(k) is not int or abs(k) > 10**12 for k in data):
        return 1, "invalid the data do not fill the shape with integers up to 10^12"
    u = {}
    for row in [data[i : i + width] for i in range(0, len(data), width)]:
        if sum(row[-3:]) or not set(row[:-3]) <= set(range(p)):
            return 1, f"invalid no vertex, or u1 + u2 + u3 is not 0: {row}"
        u[tuple(row[:n]), tuple(row[n:-3])] = row[-3:]
    if len(u) * width != len(data):
        return 1, "invalid a vertex occurs twice"
    for x, y in u:
        for other in [x_b for x_b, y_b in u if y_b == y and x_b != x]:
            third = x, tuple((k + b - a) % p for a, b, k in zip(x, other, y))
            if third in u and u[x, y][0] + u[other, y][1] + u[third][2] < 1:
                return 1, f"invalid u1 + u2 + u3 is below 1 on the corner {x, y}, {other, y}"
    return 0, f"valid {len(u)}"


def main(arguments):
    """Judge the file; return the exit status."""
    try:
        (path,) = arguments
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if (content["format"], content["problem"]) != (1, "corners"):
            raise ValueError("not a certificate of corners in format 1")
        instance = content["instance"]
        status, words = judge(**instance["data"], shape=content["shape"], data=content["data"])
        text = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"usage: python3 -I -S corners.py FILE; cannot read it: {error!r}"[:300])
        return 2
    print(words, "instance", hashlib.sha256(text.encode()).hexdigest())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
