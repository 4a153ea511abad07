"""Appends without end, and prints the number of each record once it is acknowledged."""

from __future__ import annotations

import hashlib
import sys
from collections import deque
from itertools import count
from pathlib import Path

from funsearch.archive.archive import Archive, Receipt
from funsearch.archive.records import GenerationRecord

WINDOW = 64


def main(folder: Path) -> None:
    archive = Archive.open(folder)
    waiting: deque[Receipt] = deque()
    for number in count():
        source = f"def priority(el, n):\n    return {number}\n".encode()
        digest = hashlib.sha256(source).hexdigest()
        record = GenerationRecord(
            digest, "", None, 0, None, 0, 0, (), "", "", digest, "seed", sample_seed=number
        )
        waiting.append(archive.append(record, [source]))
        while len(waiting) >= WINDOW or (waiting and waiting[0].acknowledged.done()):
            receipt = waiting.popleft()
            receipt.acknowledged.result()
            sys.stdout.write(f"{receipt.number} {number}\n")
            sys.stdout.flush()


main(Path(sys.argv[1]))
