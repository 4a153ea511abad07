"""Checks a sequence of 1 and -1, given as a certificate file. Standard library only.

Usage: python3 -I -S golay_merit.py FILE
Prints `valid MERIT` (exit 0), `invalid REASON` (1) or a usage line (2), with the digest of the
instance. MERIT is n^2 over twice the sum, over all shifts, of squared aperiodic autocorrelations.
"""

import hashlib
import json
import sys


def judge(n, shape, data):
    """Return the exit status and what to print of the sequence."""
    if type(n) is not int or not 2 <= n <= 10**4:
        return 1, "invalid n is not an integer from 2 to 10^4"
    if repr(shape) != repr([n]) or not isinstance(data, list) or len(data) != n:
        return 1, f"invalid there are not {n} elements"
    if any(type(x) is not int or x not in (1, -1) for x in data):
        return 1, "invalid an element is not 1 or -1"
    bits = int("".join("1" if x == 1 else "0" for x in data), 2)
    energy = 0
    for shift in range(1, n):
        # The sum of n - shift products, less 2 for each pair of different elements.
        overlap = bits % 2 ** (n - shift)
        different = bin(bits >> shift ^ overlap).count("1")
        energy += (n - shift - 2 * different) ** 2
    return 0, f"valid {n * n / (2 * energy)!r}"


def main(arguments):
    """Judge the file; return the exit status."""
    try:
        (path,) = arguments
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if (content["format"], content["problem"]) != (1, "golay_merit"):
            raise ValueError("not a certificate of golay_merit in format 1")
        instance = content["instance"]
        status, words = judge(**instance["data"], shape=content["shape"], data=content["data"])
        text = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"usage: python3 -I -S golay_merit.py FILE; cannot read it: {error!r}"[:300])
        return 2
    print(words, "instance", hashlib.sha256(text.encode()).hexdigest())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
