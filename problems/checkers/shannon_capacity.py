"""Checks an independent set in the n-th power of the m-cycle, given as a certificate file.

Usage: python3 -I -S shannon_capacity.py FILE (standard library only)
Prints `valid SIZE` (exit 0), `invalid REASON` (1) or a usage line (2), with the digest of the
instance. No two vertices may be equal or neighbours on the cycle in every coordinate.
"""

import hashlib
import itertools
import json
import sys


def judge(m, n, shape, data):
    """Return the exit status and what to print of the vertices."""
    if type(m) is not int or type(n) is not int or not 3 <= m <= 99 or not 1 <= n <= 7:
        return 1, "invalid m is not an integer from 3 to 99, or n none from 1 to 7"
    if not isinstance(data, list) or repr(shape) != repr([len(data) // n, n]) or len(data) % n:
        return 1, f"invalid the shape is not [size, {n}], or the data do not fill it"
    if any(type(x) is not int or not 0 <= x < m for x in data):
        return 1, f"invalid a coordinate is not an integer from 0 to {m - 1}"
    vertices = set()
    for i in range(0, len(data), n):
        vertex = tuple(data[i : i + n])
        # Those taken before are looked for among all that are too near.
        for near in itertools.product(*(((x - 1) % m, x, (x + 1) % m) for x in vertex)):
            if near in vertices:
                return 1, f"invalid too near to each other: {near}, {vertex}"
        vertices.add(vertex)
    return 0, f"valid {len(vertices)}"


def main(arguments):
    """Judge the file; return the exit status."""
    try:
        (path,) = arguments
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if (content["format"], content["problem"]) != (1, "shannon_capacity"):
            raise ValueError("not a certificate of shannon_capacity in format 1")
        instance = content["instance"]
        status, words = judge(**instance["data"], shape=content["shape"], data=content["data"])
        text = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"usage: python3 -I -S shannon_capacity.py FILE; cannot read it: {error!r}"[:300])
        return 2
    print(words, "instance", hashlib.sha256(text.encode()).hexdigest())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
