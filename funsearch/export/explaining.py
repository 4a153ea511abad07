"""The README.txt of a crate: what it is and how to check it, for somebody who never heard of us."""

from __future__ import annotations

import shlex
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
        run: name of the record with which the run began.
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
    run: str
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
        ("prompts/", f"what was asked: {made} of {of} texts, made again from their parts"),
        ("certificates/", f"the objects that the program built: {contents.certificates}"),
        ("checkers/", "an independent judge of such objects" if contents.checker else "none"),
        ("proofs/", f"{contents.proofs} records of the log, each with its proof"),
        ("environments/", "on what it was evaluated: processor, versions, packages"),
        ("config.yaml", "the configuration of the run"),
        ("log.vkey", "public key of the log"),
        ("checkpoint", "what the log signed when this was written"),
        ("verify.py", "checks a proof; short enough to be read"),
        ("ro-crate-metadata.json", "all of this for programs (RO-Crate, Process Run Crate)"),
    ]
    lines = "\n".join(f"{name:<24}{what}" for name, what in rows)
    return f"What is here\n------------\n{lines}"


def _checks(contents: Contents) -> str:
    steps = [
        (
            "That each record is in the log, under a checkpoint signed with its key, and names the "
            "program that is here:",
            'for f in proofs/*.tlog-proof; do python3 -I -S verify.py "$f" || break; done',
        ),
        (
            "That the configuration is the one on record:",
            _is_named("config.yaml", f"proofs/{contents.run}.json"),
        ),
    ]
    if contents.certificates and contents.evaluation:
        steps.append(
            (
                "That the certificates are those which the evaluation and later verifications "
                "name:",
                _is_named(
                    "certificates/*.json",
                    f"proofs/{contents.evaluation}.json proofs/verification-*.json",
                ),
            )
        )
    if contents.certificates and contents.checker:
        steps.append(
            (
                "That the objects are what they should be, whoever built them. Compare what this "
                "prints with the scores on record:",
                "for f in certificates/*.json; do "
                f'python3 -I -S {shlex.quote(contents.checker)} "$f"; done',
            )
        )
    lines = [
        _filled(f"{place}. {what}", rest="   ") + f"\n\n       {command}"
        for place, (what, command) in enumerate(steps, 1)
    ]
    needs = _filled(
        "You need Python 3.8 or newer, and nothing else. In a shell, in this folder; what holds is "
        "called `valid`, or `on record`:"
    )
    return "Check it\n--------\n" + "\n\n".join([needs, *lines])


def _is_named(files: str, records: str) -> str:
    """Return the command that says which files some records name by their digests."""
    return (
        f'for f in {files}; do grep -qs "$(sha256sum < "$f" | cut -c1-64)" {records} '
        '&& echo "$f is on record" || echo "$f is NOT on record"; done'
    )


def _meaning() -> str:
    paragraphs = [
        "If all of that holds, the owner of the key has stated these things, in this order, and "
        "can neither change nor take them back without being caught by whoever has the "
        "checkpoint. A false statement would be kept as faithfully: scores are made true by the "
        "checker, and by evaluating the program again. Names of models are claims, and so are "
        "times.",
        "The owner may show you another history than others. Compare log.vkey and checkpoint with "
        "what was published elsewhere (a paper, a mail, a witness); `python3 -I -S verify.py "
        "--consistency OLD NEW` proves that one checkpoint's log goes on from another's.",
    ]
    text = "\n\n".join(map(_filled, paragraphs))
    return f"What that shows, and what not\n-----------------------------\n{text}"
