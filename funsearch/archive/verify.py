"""Checks a record of a transparency log from files alone; needs Python 3.8 and nothing else.

`python3 -I -S verify.py NAME.tlog-proof`: is NAME.json in the log, and a program beside it or in
../programs the one it names? `--consistency OLD NEW`: does the log of the checkpoint in NEW, after
a proof, begin with that in OLD? Last line: `valid ...` (exit status 0) or `invalid REASON` (1).
"""

import argparse
import json
import re
from base64 import b64decode
from hashlib import sha256, sha512
from pathlib import Path

P = 2**255 - 19  # Ed25519 (RFC 8032, 5.1): the points with y*y - x*x = 1 + D*x*x*y*y modulo P
D, ORDER = -121665 * pow(121666, -1, P) % P, 2**252 + 27742317777372353535851937790883648493
NUMBER, HASH = "(0|[1-9][0-9]{0,17})", "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="
SIGNATURE = "((?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==))"
FILE = re.compile(  # c2sp.org/tlog-proof, or what c2sp.org/tlog-witness is sent, or a checkpoint
    rf"(?:(?:c2sp\.org/tlog-proof@v1\n(?:extra .*\n)?index|old) {NUMBER}\n((?:{HASH}\n)*)\n)?"
    rf"((.+)\n{NUMBER}\n({HASH})\n)\n((?:— \S+ \S+\n)+)"
)


def add(a, b):
    k = D * a[0] * b[0] * a[1] * b[1] % P
    x, y = a[0] * b[1] + a[1] * b[0], a[1] * b[1] + a[0] * b[0]
    return x * pow(1 + k, -1, P) % P, y * pow(1 - k, -1, P) % P


def decode_point(data):
    odd, y = divmod(int.from_bytes(data, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root, turn = pow(square, (P + 3) // 8, P), pow(2, (P - 1) // 4, P)
    roots = (root, -root % P, root * turn % P, -root * turn % P)
    return next(((x, y) for x in roots if x * x % P == square and x % 2 == odd and y < P), None)


def is_signed(public, message, signature):
    """Whether R, s is the signature of the key A on a message: s*B - h*A = R."""
    s = int.from_bytes(signature[32:], "little")
    h = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    base, (x, y) = decode_point(b"X" + b"f" * 31), decode_point(public)  # the base has y = 4/5
    found, terms = (0, 1), [(0, 1), base, (-x, y), add(base, (-x, y))]
    for bit in reversed(range(253)):
        found = add(add(found, found), terms[(s >> bit & 1) + 2 * (h >> bit & 1)])
    return len(signature) == 64 and s < ORDER and found == decode_point(signature[:32])


def climb(count, size, hashes, whole):
    """Return the roots of a tree's first entries, if `whole`, and of the tree (RFC 6962, 2.1)."""
    if not hashes or not 0 < count <= size:
        raise ValueError("the proof has too few hashes, or is of another tree")
    last, half = hashes.pop(), 2 ** (size - 1).bit_length() // 2
    if size == (count if whole else 1):
        return last, last
    if count <= half:
        first, second = climb(count, half, hashes, whole)
        return first, sha256(b"\1" + second + last).digest()
    roots = climb(count - half, size - half, hashes, whole)
    return [sha256(b"\1" + last + root).digest() for root in roots]


def read(path, most=65535):
    if not path.is_file() or path.stat().st_size > most:
        raise ValueError(f"{path} is not a file of at most {most} bytes")
    return path.read_bytes()


def open_key(text, kind):
    """Return name, id and bytes of a key, or of that in a file; kind 1: of a log, 4: a witness."""
    text = read(Path(text)).decode() if Path(text).is_file() else text
    match = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})\s*", text)
    name, stated, encoded = match.groups() if match else ("", "", "")
    key = b64decode(encoded)
    right = sha256(f"{name}\n".encode() + key).hexdigest()[:8] == stated
    if not right or key[0] != kind or decode_point(key[1:]) is None:
        raise ValueError(f"{text[:300]} is not an Ed25519 verifier key of kind {kind}")
    return name, stated, key


def open_file(path, keys):
    """Return number and hashes of a proof, and size and root of its checkpoint, signed by all."""
    match = FILE.fullmatch(read(path).decode())
    if not match or match[4] != keys[0][0]:
        raise ValueError(f"{path} holds no checkpoint of the log {keys[0][0]}")
    index, hashes, body, _, size, root, lines = match.groups("")
    for name, stated, key in keys:
        found = re.findall(rf"(?m)^— {re.escape(name)} {SIGNATURE}$", lines)
        datas = {data for data in map(b64decode, found) if data[:4].hex() == stated}
        for data in sorted(datas) or [b""]:
            seconds = int.from_bytes(data[4:12], "big")
            text = f"cosignature/v1\ntime {seconds}\n{body}" if key[0] == 4 else body
            if not is_signed(key[1:], text.encode(), data[12 if key[0] == 4 else 4 :]):
                raise ValueError(f"{path} is not signed by {name}")
            when = f"{seconds} s after 1970-01-01" * (key[0] == 4)
            print(f"{str(path)!a} is signed by {name!a} {when}")
    return int(index or -1), [*map(b64decode, hashes.split())], int(size), b64decode(root)


def check_record(record, folder):
    """Print what a record states; compare the program that it names, if it is here."""
    statement = {**json.loads(record), "_type": "https://in-toto.io/Statement/v1"}
    if json.dumps(statement, sort_keys=True, separators=(",", ":")).encode() != record:
        raise ValueError("the record is not an in-toto statement in canonical JSON")
    facts = sorted(statement["predicate"].items(), key=lambda fact: isinstance(fact[1], dict))
    print(ascii(statement["predicateType"]), json.dumps(dict(facts))[:4000])
    for subject in statement["subject"]:
        name, digest = subject["name"], subject["digest"]["sha256"]
        places = (folder / f"{digest}.py", folder / ".." / "programs" / f"{digest}.py")
        here = [path for path in places if path.is_file()]
        if any(sha256(read(path, 2**26)).hexdigest() != digest for path in here):
            raise ValueError(f"a file named {digest}.py is not the program that the record names")
        print(f"on {name!a} {digest!a}:", "its source was compared" if here else "no source here")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("proof", nargs="?", type=Path, help="NAME.tlog-proof")
    what.add_argument("--consistency", nargs=2, type=Path, metavar=("OLD", "NEW"))
    parser.add_argument("--key", help="of the log: a verifier key or a file with one")
    parser.add_argument("--witness", help="the same, of a witness who must have signed, too")
    options = parser.parse_args()
    path = options.proof or options.consistency[1]
    try:
        beside = filter(Path.is_file, (path.parent / "log.vkey", path.parent / ".." / "log.vkey"))
        text = options.key or str(next(beside, "log.vkey"))
        keys = [open_key(key, kind) for key, kind in ((text, 1), (options.witness, 4)) if key]
        index, hashes, size, root = open_file(path, keys)
        if options.proof:
            record = read(path.with_suffix(".json"))
            count, known = index + 1, sha256(b"\0" + record).digest()
        else:  # whose proof leaves out a subtree that is all of the older tree
            _, _, count, known = open_file(options.consistency[0], keys[:1])
        hashes[:0] = [known] if options.proof or count & (count - 1) == 0 or count == size else []
        first, second = climb(count, size, hashes, not options.proof)
        if hashes or second != root or (first != known and not options.proof):
            raise ValueError("the proof does not lead to the root of the checkpoint")
        if options.proof:
            check_record(record, path.parent)
    except (ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError) as error:
        print("invalid", ascii(str(error))[1:-1])
        raise SystemExit(1) from None
    print("key", ascii(text), "" if options.key else "(came with the proof: compare another copy)")
    print("valid:", f"record {index}" if options.proof else f"first {count} records", f"of {size}")


if __name__ == "__main__":
    main()
