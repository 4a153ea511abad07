"""Checks a folder exported from a run of FunSearch; needs Python 3.8, verify.py, and nothing else.

`python3 -I -S check.py`, in that folder: is each record in the log under the checkpoint that is
here, each file the one that such a record names, and is the lineage whole? `--checker` also runs
the checker and compares what it says of each certificate. Last line: `sound ...` (exit status 0) or
`NOT sound: REASON` (1). `--key` and `--witness` are those of verify.py.
"""

import argparse
import contextlib
import functools
import importlib.util
import io
import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMES = {"https://slsa.dev/provenance/v1": "generation"}  # else the third word of urn:funsearch:...
BY_DIGEST = ("programs", "replies", "prompts", "environments")


def load_verifier():
    spec = importlib.util.spec_from_file_location("verify", HERE / "verify.py")
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(module)
    module.is_signed = functools.lru_cache()(module.is_signed)  # all proofs share a signature
    return module


def digests_in(value):
    """Yield every digest that a record names."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "sha256" and isinstance(member, str):
                yield member
            yield from digests_in(member)
    elif isinstance(value, list):
        for member in value:
            yield from digests_in(member)


def proven_records(verify, keys):
    """Return number -> (kind, record) of all records; each must be in the log."""
    checkpoint, found = verify.read(HERE / "checkpoint"), {}
    for name in sorted({path.stem for path in (HERE / "proofs").iterdir()}):
        proof = HERE / "proofs" / f"{name}.tlog-proof"
        record = verify.read(proof.with_suffix(".json"))
        with contextlib.redirect_stdout(io.StringIO()):
            index, hashes, size, root = verify.open_file(proof, keys)
            verify.check_record(record, proof.parent)
        hashes[:0] = [sha256(b"\0" + record).digest()]
        if verify.climb(index + 1, size, hashes, False)[1] != root or hashes:
            raise ValueError(f"{name}.json is not in the log")
        if not verify.read(proof).endswith(b"\n\n" + checkpoint):
            raise ValueError(f"{name} is proven under another checkpoint than the one here")
        statement = json.loads(record)
        kind = statement["predicateType"]
        kind = NAMES.get(kind) or kind.split(":")[2]
        if name != f"{kind}-{index}":
            raise ValueError(f"{name} is the {kind} that is record {index}")
        found[index] = (kind, statement)
    print(f"{len(found)} records, each in the log under the checkpoint that is here")
    return found


def digest_of(verify, path):
    return sha256(verify.read(path, 2**26)).hexdigest()


def check_files(verify, records):
    """Hold files against the digests that the records name; return the checker, and if it is."""
    named = {digest for _, record in records.values() for digest in digests_in(record)}
    count, checkers = 0, sorted((HERE / "checkers").glob("*.py"))
    for folder in (*BY_DIGEST, "certificates"):
        for path in sorted((HERE / folder).glob("*")):
            digest = digest_of(verify, path)
            if digest not in named or (folder in BY_DIGEST and path.stem != digest):
                raise ValueError(f"{folder}/{path.name} is not what a record here names")
            count += 1
    runs = [record for kind, record in records.values() if kind == "run"]
    configs = {run["subject"][0]["digest"]["sha256"] for run in runs}
    if configs != {digest_of(verify, HERE / "config.yaml")}:
        raise ValueError("config.yaml is not the configuration on record")
    print(f"{count} files and config.yaml, each the one that a record names")
    on_record = all(digest_of(verify, path) in named for path in checkers)
    return checkers[0] if checkers and on_record else None, on_record


def check_lineage(records):
    """Return the program that none here descends from; all others must lead to it."""
    made, parents = {}, {}
    for number, (kind, record) in sorted(records.items()):
        program = record["subject"][0]["digest"]["sha256"] if record["subject"] else ""
        if kind == "generation" and program not in made:
            made[program] = number
            needs = record["predicate"]["buildDefinition"].get("resolvedDependencies", [])
            shown = [d["digest"]["sha256"] for d in needs if d["name"].startswith("parent ")]
            parents[program] = set(shown)
        if kind == "evaluation":
            # A program that was proposed again is here with its first proposal only.
            _, of = records.get(record["predicate"]["generation"], ("", record))
            if of["subject"] != record["subject"] or program not in made:
                raise ValueError(f"evaluation-{number} judges what is not here")
    lost = {parent for shown in parents.values() for parent in shown} - set(made)
    late = [p for p, shown in parents.items() if any(made.get(q, -1) > made[p] for q in shown)]
    files = {path.stem for path in (HERE / "programs").glob("*.py")}
    if late or files != set(made):
        raise ValueError("programs and the records of their proposals do not agree")
    tops = [p for p in made if not any(p in shown for shown in parents.values())]
    if len(tops) != 1:
        raise ValueError(f"the lineage is that of {len(tops)} programs, not of one")
    seeds = sum(not shown for shown in parents.values())
    print(f"program {tops[0]}, proposed in record {made[tops[0]]}")
    print(f"{len(made) - 1} ancestors, down to {seeds} starting programs")
    return tops[0], len(lost)


def tell(verify, records, program, checker):
    """Print what is on record of a program; run the checker, if there is one, and compare."""
    for number, (kind, record) in sorted(records.items()):
        said = record["predicate"]
        if kind == "retraction":
            print(f"RETRACTED by record {number}:", json.dumps(said)[:1000])
        elif not record["subject"] or record["subject"][0]["digest"]["sha256"] != program:
            continue
        elif kind == "evaluation":
            facts = {name: said.get(name) for name in ("status", "score", "scores", "flags")}
            print(f"evaluation-{number}:", json.dumps(facts)[:4000])
        elif kind == "verification":
            print(f"verification-{number}:", "agreed" if said["agreed"] else "DID NOT AGREE")
            for finding in said["findings"]:
                check_finding(verify, finding, checker, said.get("checker", {}).get("sha256"))


def check_finding(verify, finding, checker, digest):
    """Print a finding; compare what the checker says of its certificate with what it said."""
    names = ("status", "score", "recorded", "held_out", "reason")
    print("  ", ascii(finding["instance"]), json.dumps({n: finding.get(n) for n in names})[:2000])
    wanted = finding.get("certificate", {}).get("sha256")
    files = (HERE / "certificates").glob("*.json")
    path = next((path for path in files if digest_of(verify, path) == wanted), None)
    if path is not None:
        print("      on the certificate", ascii(path.name))
    if checker is None or path is None or digest_of(verify, checker) != digest:
        return
    command = [sys.executable, "-I", "-S", str(checker), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout.strip()
    print("      the checker now says", ascii(said)[:300])
    if said != finding.get("checked", ""):
        raise ValueError(f"the checker said something else of {path.name} then")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checker", action="store_true", help="run it, after you have read it")
    parser.add_argument("--key", help="of the log: a verifier key or a file with one")
    parser.add_argument("--witness", help="the same, of a witness who must have signed, too")
    options = parser.parse_args()
    try:
        verify = load_verifier()
        text = options.key or str(HERE / "log.vkey")
        keys = [verify.open_key(k, kind) for k, kind in ((text, 1), (options.witness, 4)) if k]
        records = proven_records(verify, keys)
        checker, on_record = check_files(verify, records)
        program, lost = check_lineage(records)
        tell(verify, records, program, checker if options.checker else None)
    except (ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError) as error:
        print("NOT sound:", ascii(str(error))[1:-1])
        raise SystemExit(1) from None
    print("key", keys[0][0], "" if options.key else "(came with the folder: compare another copy)")
    but = [f"{lost} ancestors are not here"] if lost else []
    but += [] if on_record else ["the checker that is here is on no record"]
    print("sound" + "".join(f", but {one}" for one in but) + f": {len(records)} records")


if __name__ == "__main__":
    main()
