"""Checks a difference basis, given as a certificate file. Standard library only.

Usage: python3 -I -S difference_basis.py FILE
Prints `valid SIZE` (exit 0), `invalid REASON` (1) or a usage line (2), with the digest of the
instance. Each number from 1 to n must be the difference of two of the integers.
"""

import hashlib
import json
import sys


def judge(n, shape, data):
    """Return the exit status and what to print of the integers."""
    if type(n) is not int or not 1 <= n <= 10**6:
        return 1, "invalid n is not an integer from 1 to 10^6"
    if not isinstance(data, list) or repr(shape) != repr([len(data)]):
        return 1, "invalid the shape is not [size], or the data do not fill it"
    if any(type(x) is not int for x in data):
        return 1, "invalid an element is not an integer"
    members = set(data)
    if len(members) != len(data):
        return 1, "invalid an integer occurs twice"
    for difference in range(1, n + 1):
        if not any(x + difference in members for x in data):
            return 1, f"invalid {difference} is not a difference"
    return 0, f"valid {len(data)}"


def main(arguments):
    """Judge the file; return the exit status."""
    try:
        (path,) = arguments
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if (content["format"], content["problem"]) != (1, "difference_basis"):
            raise ValueError("not a certificate of difference_basis in format 1")
        instance = content["instance"]
        status, words = judge(**instance["data"], shape=content["shape"], data=content["data"])
        text = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"usage: python3 -I -S difference_basis.py FILE; cannot read it: {error!r}"[:300])
        return 2
    print(words, "instance", hashlib.sha256(text.encode()).hexdigest())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
