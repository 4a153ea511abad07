"""The README.txt of a crate: what it is and how to check it, for somebody who never heard of us."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from funsearch.text import one_line

_WIDTH = 88


@dataclass(frozen=True)
class Contents:
    """What a crate holds.

    Attributes:
        problem: name. Hostile, as all names here.
        program: id of the program it is about.
        verdict: on it, in words: status, score and unit.
        evaluation: name of the record that says so; empty if there is none.
        log: name of the log.
        records: number of its records that the checkpoint covers.
        key: the log's verifier key.
        ancestors: programs in the crate besides.
        proofs: how many.
        prompts: how many were made again, and how many there were.
        certificates: how many.
        checker: path of the checker in the crate; empty if it is not there.
        notes: what is left out, and what was retracted, one sentence each.
    """

    problem: str
    program: str
    verdict: str
    evaluation: str
    log: str
    records: int
    key: str
    ancestors: int
    proofs: int
    prompts: tuple[int, int]
    certificates: int
    checker: str
    notes: tuple[str, ...]


def readme(contents: Contents) -> str:
    """Return the text; nothing in it moves the cursor of a terminal."""
    facts = [
        ("problem", contents.problem),
        ("program", f"programs/{contents.program}.py"),
        ("verdict", contents.verdict),
        ("log", f"{contents.log}, {contents.records} records"),
        ("key", contents.key),
    ]
    parts = [
        "A discovery of FunSearch, with what is needed to check it\n" + "=" * 57,
        "\n".join(f"{name:<9}{one_line(value, 400)}" for name, value in facts),
        _filled(
            "FunSearch lets a language model, or any other sampler, propose versions of one small "
            "function. Each is run and scored; good ones are shown to the sampler again. This "
            "folder holds one such program, the programs it came from, and the records of how "
            "each was proposed and scored. The records are entries of a transparency log: a list "
            "to which one can only add, and whose checkpoints its owner signs."
        ),
        _warning(),
        _files(contents),
        _checks(contents),
        _meaning(),
    ]
    if contents.notes:
        notes = "\n".join(_filled(one_line(note, 2000), "- ", "  ") for note in contents.notes)
        parts.insert(3, f"To be known\n-----------\n{notes}")
    return "\n\n".join(parts) + "\n"


def _filled(text: str, first: str = "", rest: str = "") -> str:
    return textwrap.fill(text, _WIDTH, initial_indent=first, subsequent_indent=rest)


def _warning() -> str:
    return _filled(
        "What is in programs/, replies/ and prompts/ was written by a machine, and may be meant to "
        "harm: read it in an editor, and do not run it unless something holds it. Nothing below "
        "runs any of it."
    )


def _files(contents: Contents) -> str:
    made, of = contents.prompts
    rows = [
        ("programs/", f"the program and {contents.ancestors} ancestors, named by their SHA-256"),
        ("replies/", "the raw texts they were found in, named likewise"),
        ("prompts/", f"what was asked: {made} of {of} prompts, made again from their parts"),
        ("certificates/", f"the objects that the program built: {contents.certificates}"),
        ("checkers/", "an independent judge of such objects" if contents.checker else "none"),
        ("proofs/", f"{contents.proofs} records of the log, each with its proof"),
        ("environments/", "on what it was evaluated: processor, versions, packages"),
        ("config.yaml", "the configuration of the run"),
        ("log.vkey", "public key of the log"),
        ("checkpoint", "what the log signed when this was written"),
        ("verify.py", "checks one proof; short enough to be read"),
        ("check.py", "checks this folder with it; likewise"),
        ("ro-crate-metadata.json", "all of this for programs (RO-Crate, Process Run Crate)"),
    ]
    lines = "\n".join(f"{name:<24}{what}" for name, what in rows)
    return f"What is here\n------------\n{lines}"


def _checks(contents: Contents) -> str:
    steps = [
        (
            "That each record is in the log, under the signed checkpoint that is here; that each "
            "file is the one that such a record names; and that the lineage is whole. Run this in "
            "this folder; its last line must begin with `sound:`, and tell of "
            f"{contents.proofs} records:",
            "python3 -I -S check.py",
        ),
        (
            "That the log is that of the one who sent you this, and that others see the same. Ask "
            "for the key and a checkpoint by another way (a paper, a mail, a witness). Compare the "
            "key, or give it to check.py with --key; a witness's with --witness. A checkpoint that "
            "is older or newer is compared by a proof from its owner (`funsearch archive proof`), "
            "and one of the same size must be the same:",
            "python3 -I -S verify.py --consistency THEIRS checkpoint",
        ),
    ]
    if contents.certificates and contents.checker:
        steps.insert(
            1,
            (
                "That the objects are what they should be, whoever built them. Read the checker "
                f"({contents.checker}): it judges the object itself, and nobody has to be trusted "
                "for that. This runs it, and compares what it says with what it said then:",
                "python3 -I -S check.py --checker",
            ),
        )
    lines = [
        _filled(f"{place}. {what}", rest="   ") + f"\n\n       {command}"
        for place, (what, command) in enumerate(steps, 1)
    ]
    needs = _filled(
        "You need Python 3.8 or newer, and nothing else. You rely on verify.py and check.py: read "
        "them first (they are short), or compare them with a copy of FunSearch that you trust."
    )
    return "Check it\n--------\n" + "\n\n".join([needs, *lines])


def _meaning() -> str:
    paragraphs = [
        "If all of that holds, the owner of the key has stated these things, in this order, and "
        "can neither change nor take them back without being caught by whoever has the "
        "checkpoint. A false statement would be kept as faithfully: scores are made true by the "
        "checker, and by evaluating the program again, which takes FunSearch and the problem in "
        "the version on record. Names of models are claims, and so are times.",
        "The owner may show you another history than others, unless a witness signed it: hence "
        "the last step. And ro-crate-metadata.json is a description only: what counts is in the "
        "records.",
    ]
    text = "\n\n".join(map(_filled, paragraphs))
    return f"What that shows, and what not\n-----------------------------\n{text}"
