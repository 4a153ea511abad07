"""Checks a cap set in Z_3^n, built by prescribed symmetry. Standard library only.

Usage: python3 -I -S symmetric_cap_set.py FILE
Prints `valid SIZE` (exit 0), `invalid REASON` (1) or a usage line (2), with the digest of the
instance. A cap set holds no three different vectors on a line, so none midway between two others;
how it was built, and whether it is symmetric, does not matter.
"""

import hashlib
import json
import sys


def judge(n, shape, data):
    """Return the exit status and what to print of the vectors."""
    if type(n) is not int or not 1 <= n <= 20:
        return 1, "invalid n is not an integer from 1 to 20"
    if not isinstance(data, list) or repr(shape) != repr([len(data) // n, n]) or len(data) % n:
        return 1, f"invalid the shape is not [size, {n}], or the data do not fill it"
    if any(type(x) is not int or not 0 <= x <= 2 for x in data):
        return 1, "invalid a coordinate is not 0, 1 or 2"
    vectors = [tuple(data[i : i + n]) for i in range(0, len(data), n)]
    middles = {}
    for i, b in enumerate(vectors):
        # Each point of a line is midway between the others, so the last one is found here.
        if b in middles:
            return 1, f"invalid on one line: {middles[b]} and {b}"
        for a in vectors[:i]:
            if a == b:
                return 1, f"invalid {b} occurs twice"
            # 2 is its own inverse mod 3, so that the point midway is twice the sum.
            middles[tuple(2 * (x + y) % 3 for x, y in zip(a, b))] = a, b
    return 0, f"valid {len(vectors)}"


def main(arguments):
    """Judge the file; return the exit status."""
    try:
        (path,) = arguments
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if (content["format"], content["problem"]) != (1, "symmetric_cap_set"):
            raise ValueError("not a certificate of symmetric_cap_set in format 1")
        instance = content["instance"]
        status, words = judge(**instance["data"], shape=content["shape"], data=content["data"])
        text = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"usage: python3 -I -S symmetric_cap_set.py FILE; cannot read it: {error!r}"[:300])
        return 2
    print(words, "instance", hashlib.sha256(text.encode()).hexdigest())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
