"""Checks a cap set in Z_3^n, given as a certificate file. Standard library only.

Usage: python3 -I -S cap_set.py FILE
Prints `valid SIZE` (exit 0), `invalid REASON` (1) or a usage line (2), with the digest of the
instance. A cap set holds no three different vectors that sum to zero in every coordinate mod 3.
"""

import hashlib
import json
import sys


def fault(n, shape, data):
    """Return what is wrong with the vectors, or None."""
    if type(n) is not int or not 1 <= n <= 20:
        return "n is not an integer from 1 to 20"
    if not isinstance(shape, list) or [type(k) for k in shape] != [int, int] or shape[1] != n:
        return f"the shape is not [size, {n}]"
    if shape[0] < 0 or not isinstance(data, list) or len(data) != shape[0] * n:
        return "the data do not fill the shape"
    if any(type(x) is not int or not 0 <= x <= 2 for x in data):
        return "a coordinate is not 0, 1 or 2"
    vectors = [tuple(data[i * n : (i + 1) * n]) for i in range(shape[0])]
    members = set(vectors)
    if len(members) != len(vectors):
        return "a vector occurs twice"
    for i, a in enumerate(vectors):
        for b in vectors[:i]:
            # The one vector that completes a + b to zero; different from both, since a != b.
            c = tuple(-(x + y) % 3 for x, y in zip(a, b))
            if c in members:
                return f"on one line: {a}, {b}, {c}"
    return None


def main(arguments):
    """Judge the file; return the exit status."""
    if len(arguments) != 1:
        print("usage: python3 -I -S cap_set.py FILE")
        return 2
    try:
        with open(arguments[0], encoding="utf-8") as file:
            content = json.load(file)
        instance = content["instance"]
        if content["format"] != 1 or content["problem"] != "cap_set":
            raise ValueError("not a certificate of cap_set in format 1")
        n, shape, data = instance["data"]["n"], content["shape"], content["data"]
        canonical = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"usage: python3 -I -S cap_set.py FILE; cannot read it: {error!r}"[:300])
        return 2
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    reason = fault(n, shape, data)
    print(f"invalid {reason}" if reason else f"valid {shape[0]}", f"instance {digest}")
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
