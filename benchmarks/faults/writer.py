"""Appends programs from 64 threads at once, and tells each acknowledgement on standard output.

    python -m benchmarks.faults.writer FOLDER FIRST COUNT [kill]

It goes on with the folder, or makes it; numbers its programs from FIRST, and ends after COUNT of
them. With `kill` it appends without end, and kills itself at the acknowledgement COUNT.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from pathlib import Path

from benchmarks.archive_rate import Texts, evaluation, generation
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError
from funsearch.archive.records import Record

WINDOW = 64
CREATED = b"created\n"
BULKY = range(10_000, 20_000, 4)
"""Programs with a large reply that cannot be compressed, so that databases grow and are tidied."""
BULKY_BYTES = 250_000


@dataclass(frozen=True)
class Acknowledged:
    """What a line of a writer says: a record with this number is on the disk.

    Attributes:
        number: of the record.
        serial: of its program.
        judged: number of the record it evaluates; None where it is a generation itself.
    """

    number: int
    serial: int
    judged: int | None = None


@cache
def record(serial: int, judged: int | None) -> Record:
    """Return the record that is appended for a program, or for the verdict on one."""
    program = texts(serial).program
    if judged is not None:
        return replace(evaluation(program, judged, serial), time="0.000000")
    first = texts(0).program
    return replace(generation(texts(serial), serial, (first, first)), time="0.000000")


@cache
def objects(serial: int, judged: int | None) -> tuple[bytes, ...]:
    """Return what is given with the record: source, reply, and the parent's source."""
    given = (texts(serial).source, texts(serial).reply, texts(0).source)
    return given if judged is None else ()


@cache
def texts(serial: int) -> Texts:
    """Return the source and the reply of a program."""
    noise = random.Random(serial)
    source = f"def priority(el, n):\n    return {serial}, '{noise.randbytes(200).hex()}'".encode()
    reply = noise.randbytes(BULKY_BYTES) if serial in BULKY else b"Sure:\n" + source
    return Texts(source, reply)


def append(archive: Archive, serial: int, judged: int | None = None) -> Acknowledged:
    """Append a record and wait until it is acknowledged.

    Raises:
        ArchiveError: it never will be.
    """
    receipt = archive.append(record(serial, judged), objects(serial, judged))
    receipt.acknowledged.result()
    return Acknowledged(receipt.number, serial, judged)


def line(said: Acknowledged) -> bytes:
    """Return the line that tells of an acknowledgement."""
    last = "" if said.judged is None else f" {said.judged}"
    return f"{said.number} {said.serial}{last}\n".encode()


def parse(text: bytes) -> Acknowledged:
    """Undo `line`."""
    number, serial, *rest = map(int, text.split())
    return Acknowledged(number, serial, *rest)


def write(folder: Path, serials: Iterator[int], tell: Callable[[bytes], object]) -> None:
    """Append programs from many threads until there are no more.

    Raises:
        ArchiveError: the archive cannot be written.
    """
    new = not folder.exists()
    with Archive.create(folder, "writer: under load\n") if new else Archive.open(folder) as archive:
        if new:
            tell(CREATED)

        def work(_: int) -> None:
            for serial in serials:
                made = append(archive, serial)
                tell(line(made))
                tell(line(append(archive, serial, made.number)))

        with ThreadPoolExecutor(WINDOW) as pool:
            for done in [pool.submit(work, number) for number in range(WINDOW)]:
                done.result()


def main(folder: Path, first: int, most: int, kill: bool) -> None:
    """Write until the end, the kill, or an error, which is one line on standard error."""
    told = count(1)

    def tell(text: bytes) -> None:
        # After the acknowledgement, and with one call: whoever reads it may rely on it.
        os.write(1, text)
        if kill and text != CREATED and next(told) == most:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        write(folder, count(first) if kill else iter(range(first, first + most)), tell)
    except ArchiveError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:] == ["kill"])
