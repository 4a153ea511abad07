"""Checks the parents that a search chose, given as a certificate file. Standard library only.

Usage: python3 -I -S parent_selection.py FILE
Prints `valid PERCENT` (exit 0), `invalid REASON` (1) or a usage line (2), with the instance's
digest. Entry i is the parent of program i + 1. Tables are of bits k to k + 3, round and round.
"""

import hashlib
import json
import sys


def whole(some, length, most):
    """Return whether these are a list of so many integers from 0 to the most allowed."""
    fits = isinstance(some, list) and len(some) == length
    return fits and all(type(each) is int and 0 <= each <= most for each in some)


def judge(arrivals, highest, rows, start, tables, shape, data):
    """Return the exit status and what to print of the parents."""
    if any(not isinstance(each, list) for each in (arrivals, rows, tables, data)):
        return 1, "invalid arrivals, rows, tables and data are not all lists"
    n, most = len(tables), 2 ** len(tables) - 1 if tables else 65535
    ok = [whole([start], 1, most if n else len(rows) - 1), whole([highest], 1, 10**9) and highest]
    ok += [whole(table, 16, 10**6) for table in tables]
    ok += [whole(row, len(rows), 65536) and row == [*sorted(row[:-1]), 65536] for row in rows]
    if not all(ok + [whole(each, 2, 2**32) and each[1] <= most for each in arrivals]):
        return 1, "invalid a part of the landscape is not what it must be"
    if repr(shape) != repr([len(arrivals)]) or len(data) != len(arrivals):
        return 1, f"invalid there is not one parent for each of {len(arrivals)} steps"
    programs = [start]
    for parent, (_, change) in zip(data, arrivals):
        if not whole([parent], 1, len(programs) - 1):
            return 1, f"invalid the parent of program {len(programs)} is not one before it"
        old = programs[parent]
        programs.append(old ^ change if n else sum(below <= change for below in rows[old]))
    scores = [sum(t[p * (2**n + 1) >> k & 15] for k, t in enumerate(tables)) for p in programs]
    return 0, f"valid {100 * max(scores if n else [16 * p for p in programs]) / highest!r}"


def main(arguments):
    """Judge the file; return the exit status."""
    try:
        (path,) = arguments
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if (content["format"], content["problem"]) != (1, "parent_selection"):
            raise ValueError("not a certificate of parent_selection in format 1")
        instance = content["instance"]
        status, words = judge(**instance["data"], shape=content["shape"], data=content["data"])
        text = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"usage: python3 -I -S parent_selection.py FILE; cannot read it: {error!r}"[:300])
        return 2
    print(words, "instance", hashlib.sha256(text.encode()).hexdigest())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
