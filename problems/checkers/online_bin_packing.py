"""Checks a packing of items into bins, given as a certificate file. Standard library only.

Usage: python3 -I -S online_bin_packing.py FILE
Prints `valid PERCENT` (exit 0), `invalid REASON` (1) or a usage line (2), with the instance's
digest. Entry i is the bin of item i; bins are numbered 0, 1, 2, ... in the order of first use.
PERCENT is by how much their number is beyond the sum of sizes over the capacity, rounded up.
"""

import hashlib
import json
import sys


def judge(capacity, items, shape, data):
    """Return the exit status and what to print of the packing."""
    if type(capacity) is not int or not 1 <= capacity <= 10**9:
        return 1, "invalid the capacity is not an integer from 1 to 10^9"
    if not isinstance(items, list) or not items:
        return 1, "invalid there is no item"
    if any(type(size) is not int or not 1 <= size <= capacity for size in items):
        return 1, "invalid a size is not an integer from 1 to the capacity"
    if repr(shape) != repr([len(items)]) or not isinstance(data, list) or len(data) != len(items):
        return 1, f"invalid there is not one bin for each of {len(items)} items"
    loads = []
    for size, number in zip(items, data):
        if type(number) is not int or not 0 <= number <= len(loads):
            return 1, "invalid bins are not numbered 0, 1, 2, ... in the order of their first use"
        if number == len(loads):
            loads.append(0)
        loads[number] += size
    if max(loads) > capacity:
        return 1, f"invalid bin {loads.index(max(loads))} holds {max(loads)}, more than {capacity}"
    bound = -(-sum(items) // capacity)
    return 0, f"valid {100 * (len(loads) - bound) / bound!r}"


def main(arguments):
    """Judge the file; return the exit status."""
    try:
        (path,) = arguments
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if (content["format"], content["problem"]) != (1, "online_bin_packing"):
            raise ValueError("not a certificate of online_bin_packing in format 1")
        instance = content["instance"]
        status, words = judge(**instance["data"], shape=content["shape"], data=content["data"])
        text = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"usage: python3 -I -S online_bin_packing.py FILE; cannot read it: {error!r}"[:300])
        return 2
    print(words, "instance", hashlib.sha256(text.encode()).hexdigest())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
