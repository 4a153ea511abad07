"""Checks a kissing configuration, given as a certificate file. Standard library only.

Usage: python3 -I -S kissing_number.py FILE
Prints `valid SIZE` (exit 0), `invalid REASON` (1) or a usage line (2), with the digest of the
instance. No two of the integer vectors are closer to each other than the longest is to zero. The
first 2 * hexagonal axes meet in pairs at 60 degrees; all others are perpendicular.
"""

import hashlib
import json
import sys


def judge(n, hexagonal, shape, data):
    """Return the exit status and what to print of the vectors."""
    if type(n) is not int or not 1 <= n <= 100:
        return 1, "invalid n is not an integer from 1 to 100"
    if type(hexagonal) is not int or not 0 <= hexagonal <= n // 2:
        return 1, "invalid there are not 0 to n / 2 pairs of hexagonal axes"
    if not isinstance(data, list) or repr(shape) != repr([len(data) // n, n]) or len(data) % n:
        return 1, f"invalid the shape is not [size, {n}], or the data do not fill it"
    if any(type(x) is not int for x in data):
        return 1, "invalid a coordinate is not an integer"
    vectors = [data[i : i + n] for i in range(0, len(data), n)]
    # The sum of products with a dual is twice the inner product.
    paired = [i < 2 * hexagonal for i in range(n)]
    duals = [[2 * x + (paired[i] and v[i ^ 1]) for i, x in enumerate(v)] for v in vectors]
    lengths = [sum(map(int.__mul__, v, dual)) for v, dual in zip(vectors, duals)]
    if 0 in lengths:
        return 1, f"invalid vector {lengths.index(0)} is zero"
    for i, v in enumerate(vectors):
        longest = max(lengths)
        for j in range(i):
            apart = lengths[i] + lengths[j] - 2 * sum(map(int.__mul__, v, duals[j]))
            if apart < longest:
                return 1, f"invalid vectors {j} and {i} are closer than the longest is long"
    return 0, f"valid {len(vectors)}"


def main(arguments):
    """Judge the file; return the exit status."""
    try:
        (path,) = arguments
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if (content["format"], content["problem"]) != (1, "kissing_number"):
            raise ValueError("not a certificate of kissing_number in format 1")
        instance = content["instance"]
        status, words = judge(**instance["data"], shape=content["shape"], data=content["data"])
        text = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"usage: python3 -I -S kissing_number.py FILE; cannot read it: {error!r}"[:300])
        return 2
    print(words, "instance", hashlib.sha256(text.encode()).hexdigest())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
