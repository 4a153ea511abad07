"""Checks a symmetric admissible set A(n, w), given as a certificate file. Standard library only.

`python3 -I -S symmetric_admissible_set.py FILE` prints `valid SIZE` or `invalid REASON`. A row is
for all vectors that arise when its triples are turned; up to n = 15, each three of these are tried.
"""

import functools
import hashlib
import itertools
import json
import sys

LETTERS = ["0", "1", "2", "000", "001", "002", "012", "021", "111", "222"]
TURNS = {a: dict.fromkeys(a[i:] + a[:i] for i in range(len(a))) for a in LETTERS}


def judge(n, w, shape, data):
    """Return the exit status and what to print of the rows."""
    known = repr([n, w]) in ("[12, 7]", "[15, 10]", "[21, 15]", "[24, 17]")
    if not known or repr(shape) != repr([len(data) // n, n]) or len(data) % n:
        return 1, "invalid no such n and w, or the data do not fill a shape [rows, n]"
    letters = ["".join(map(repr, data[i : i + 3])) for i in range(0, len(data), 3)]
    rows = [letters[i : i + n // 3] for i in range(0, len(letters), n // 3)]
    if set(letters) - set(LETTERS) or any(repr(row).count("0") != n - w for row in rows):
        return 1, f"invalid a row is not of weight {w}, or a triple none of {LETTERS[3:]}"
    if n in (12, 15):
        rows = ["".join(each) for row in rows for each in itertools.product(*map(TURNS.get, row))]
    # Per place, of two letters: the rows (bits; the two themselves count) they may be alike with.
    alike = [dict.fromkeys(itertools.product(LETTERS, repeat=2), 0) for _ in zip(*rows)]
    for found, column in zip(alike, zip(*rows)):
        for a, b, c in itertools.product(set(column), repeat=3):
            ways = itertools.product(TURNS[a], TURNS[b], TURNS[c])
            if not all({"012", "001", "002"} & {"".join(sorted(x)) for x in zip(*t)} for t in ways):
                found[a, b] += sum((c == x) << i for i, x in enumerate(column))
    for a, b in itertools.combinations(rows, 2):
        if functools.reduce(int.__and__, map(dict.get, alike, zip(a, b))):
            return 1, f"invalid not told apart from each other and a third one: {a}, {b}"
    return 0, f"valid {sum(3 ** sum(len(TURNS[a]) == 3 for a in row) for row in rows)}"


def main(arguments):
    """Judge the file; return the exit status."""
    try:
        (path,) = arguments
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if (content["format"], content["problem"]) != (1, "symmetric_admissible_set"):
            raise ValueError("not a certificate of symmetric_admissible_set in format 1")
        instance = content["instance"]
        status, words = judge(**instance["data"], shape=content["shape"], data=content["data"])
        text = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as e:
        print(f"usage: python3 -I -S symmetric_admissible_set.py FILE; cannot read it: {e!r}"[:300])
        return 2
    print(words, "instance", hashlib.sha256(text.encode()).hexdigest())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
