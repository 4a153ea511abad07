"""Checks a sorting network on n wires, given as a certificate file. Standard library only.

Usage: python3 -I -S sorting_network.py FILE
Prints `valid SIZE` (exit 0), `invalid REASON` (1) or a usage line (2), with the digest of the
instance. The comparator (i, j), i < j, leaves the smaller value on wire i, the larger on wire j;
a network sorts everything if it sorts all inputs of zeros and ones (the 0-1 principle).
"""

import hashlib
import json
import sys


def judge(n, shape, data):
    """Return the exit status and what to print of the network."""
    if type(n) is not int or not 1 <= n <= 16:
        return 1, "invalid n is not an integer from 1 to 16"
    if not isinstance(data, list) or repr(shape) != repr([len(data) // 2, 2]) or len(data) % 2:
        return 1, "invalid the shape is not [size, 2], or the data do not fill it"
    if any(type(x) is not int for x in data):
        return 1, "invalid a wire is not an integer"
    # The 0-1 vectors that may occur after each comparator; the value on wire k is bit k.
    vectors = set(range(2**n))
    for i, j in zip(data[::2], data[1::2]):
        if not 0 <= i < j < n:
            return 1, f"invalid ({i}, {j}) is not a comparator on {n} wires"
        vectors = {x - 2**i + 2**j if x >> i & 1 > x >> j & 1 else x for x in vectors}
    ordered = {2**n - 2**k for k in range(n + 1)}
    if vectors != ordered:
        return 1, f"invalid {min(vectors - ordered):0{n}b}, wire 0 last, may come out"
    return 0, f"valid {len(data) // 2}"


def main(arguments):
    """Judge the file; return the exit status."""
    try:
        (path,) = arguments
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if (content["format"], content["problem"]) != (1, "sorting_network"):
            raise ValueError("not a certificate of sorting_network in format 1")
        instance = content["instance"]
        status, words = judge(**instance["data"], shape=content["shape"], data=content["data"])
        text = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"usage: python3 -I -S sorting_network.py FILE; cannot read it: {error!r}"[:300])
        return 2
    print(words, "instance", hashlib.sha256(text.encode()).hexdigest())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
