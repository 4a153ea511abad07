"""Checks an admissible set A(n, w), given as a certificate file. Standard library only.

`python3 -I -S admissible_set.py FILE` prints `valid SIZE` (exit 0), `invalid REASON` (1) or a usage
line (2), with the instance's digest. The vectors, over {0, 1, 2}, have w nonzero coordinates each,
never the same ones, and any three have somewhere the values {0, 1, 2}, {0, 0, 1} or {0, 0, 2}.
"""

import collections
import functools
import hashlib
import itertools
import json
import sys


def judge(n, w, shape, data):
    """Return the exit status and what to print of the vectors."""
    if type(n) is not int or type(w) is not int or not 1 <= w <= n <= 20:
        return 1, "invalid n and w are not integers with 1 <= w <= n <= 20"
    if not isinstance(data, list) or repr(shape) != repr([len(data) // n, n]) or len(data) % n:
        return 1, f"invalid the shape is not [size, {n}], or the data do not fill it"
    if any(type(x) is not int or not 0 <= x <= 2 for x in data):
        return 1, "invalid a coordinate is not 0, 1 or 2"
    vectors = [tuple(data[i : i + n]) for i in range(0, len(data), n)]
    supports = {tuple(map(bool, vector)) for vector in vectors}
    if len(supports) != len(vectors) or any(sum(support) != w for support in supports):
        return 1, f"invalid not {w} nonzero coordinates in each vector, or the same ones in two"
    # Per coordinate, of its values in two vectors: the vectors (bits) it does not tell from these.
    alike = [collections.Counter() for _ in range(n)]
    for number, vector in enumerate(vectors):
        for found, c in zip(alike, vector):
            for a, b in itertools.product((0, 1, 2), repeat=2):
                apart = sorted((a, b, c)) in ([0, 1, 2], [0, 0, 1], [0, 0, 2])
                found[a, b] |= (not apart) << number
    for a, b in itertools.combinations(vectors, 2):
        if functools.reduce(int.__and__, map(dict.get, alike, zip(a, b))):
            return 1, f"invalid not told apart, with a third one: {a}, {b}"
    return 0, f"valid {len(vectors)}"


def main(arguments):
    """Judge the file; return the exit status."""
    try:
        (path,) = arguments
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if (content["format"], content["problem"]) != (1, "admissible_set"):
            raise ValueError("not a certificate of admissible_set in format 1")
        instance = content["instance"]
        status, words = judge(**instance["data"], shape=content["shape"], data=content["data"])
        text = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"usage: python3 -I -S admissible_set.py FILE; cannot read it: {error!r}"[:300])
        return 2
    print(words, "instance", hashlib.sha256(text.encode()).hexdigest())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
