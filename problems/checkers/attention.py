"""Checks answers to questions about sequences, given as a certificate file. Standard library only.

Usage: python3 -I -S attention.py FILE
Prints `valid PERCENT` (exit 0), `invalid REASON` (1) or a usage line (2), with the digest of the
instance. PERCENT is how many answers are those of the instance, out of a hundred.
"""

import hashlib
import json
import sys


def judge(examples, initial, questions, answers, shape, data):
    """Return the exit status and what to print of the answers; the rest is what they are about."""
    if not are_answers(answers) or not answers:
        return 1, "invalid the instance has no answers from 0 to 7"
    if repr(shape) != repr([len(answers)]):
        return 1, f"invalid the shape is not [{len(answers)}]"
    if not are_answers(data) or len(data) != len(answers):
        return 1, f"invalid these are not {len(answers)} answers from 0 to 7"
    wrong = sum(1 for found, right in zip(data, answers) if found != right)
    return 0, f"valid {100 * (len(answers) - wrong) / len(answers)}"


def are_answers(values):
    """Return whether the values are a list of integers from 0 to 7."""
    return isinstance(values, list) and all(type(x) is int and 0 <= x <= 7 for x in values)


def main(arguments):
    """Judge the file; return the exit status."""
    try:
        (path,) = arguments
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if (content["format"], content["problem"]) != (1, "attention"):
            raise ValueError("not a certificate of attention in format 1")
        instance = content["instance"]
        status, words = judge(**instance["data"], shape=content["shape"], data=content["data"])
        text = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"usage: python3 -I -S attention.py FILE; cannot read it: {error!r}"[:300])
        return 2
    print(words, "instance", hashlib.sha256(text.encode()).hexdigest())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
