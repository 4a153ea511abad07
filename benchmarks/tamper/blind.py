"""Ways to spoil any file of a folder, without knowing what it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

from benchmarks.tamper.sound import Sound


def any_file(folder: Path, random: Random) -> Path:
    """Return a file of the folder; small ones are as likely as large ones."""
    return random.choice(sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size))


def _spoil(folder: Path, random: Random, change: Callable[[bytes], bytes]) -> str:
    path = any_file(folder, random)
    path.write_bytes(change(path.read_bytes()))
    return path.relative_to(folder).as_posix()


def _range(random: Random, size: int) -> tuple[int, int]:
    start = random.randrange(size)
    return start, min(size, start + random.choice((1, 2, 16, 300, 5000)))


def change_bytes(folder: Path, random: Random, _: Sound) -> str:
    """Replace some bytes of a file by random ones."""

    def change(data: bytes) -> bytes:
        start, end = _range(random, len(data))
        return data[:start] + random.randbytes(end - start) + data[end:]

    return _spoil(folder, random, change)


def flip_bit(folder: Path, random: Random, _: Sound) -> str:
    """Flip one bit of a file."""

    def change(data: bytes) -> bytes:
        place = random.randrange(len(data))
        return data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :]

    return _spoil(folder, random, change)


def cut_off(folder: Path, random: Random, _: Sound) -> str:
    """Cut a file off."""
    return _spoil(folder, random, lambda data: data[: random.randrange(len(data))])


def delete_bytes(folder: Path, random: Random, _: Sound) -> str:
    """Take some bytes out of a file."""

    def change(data: bytes) -> bytes:
        start, end = _range(random, len(data))
        return data[:start] + data[end:]

    return _spoil(folder, random, change)


def insert_bytes(folder: Path, random: Random, _: Sound) -> str:
    """Put some bytes into a file: its own, random ones or zeros."""

    def change(data: bytes) -> bytes:
        start, end = _range(random, len(data))
        more = random.choice((data[start:end], random.randbytes(end - start), bytes(end - start)))
        return data[:start] + more + data[start:]

    return _spoil(folder, random, change)


def exchange_ranges(folder: Path, random: Random, _: Sound) -> str:
    """Exchange two ranges of a file."""

    def change(data: bytes) -> bytes:
        a, b, c, d = sorted(random.choices(range(len(data) + 1), k=4))
        return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]

    return _spoil(folder, random, change)


def exchange_lines(folder: Path, random: Random, _: Sound) -> str | None:
    """Exchange two lines of a file."""

    def change(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        one, other = random.randrange(len(lines)), random.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
        return b"".join(lines)

    return _spoil(folder, random, change)


def remove_file(folder: Path, random: Random, _: Sound) -> str:
    """Remove a file."""
    path = any_file(folder, random)
    path.unlink()
    return path.relative_to(folder).as_posix()


def exchange_files(folder: Path, random: Random, _: Sound) -> str | None:
    """Exchange two files of one folder, or below it."""
    one = any_file(folder, random)
    alike = [p for p in one.parent.rglob("*") if p.is_file() and p != one]
    if not alike:
        return None
    other = random.choice(sorted(alike))
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    return None if first == second else one.relative_to(folder).as_posix()


def roll_back_file(folder: Path, random: Random, sound: Sound) -> str | None:
    """Put the file of an earlier session in place of one."""
    older = random.choice(sound.older)
    path = any_file(folder, random)
    name = path.relative_to(folder)
    if not (older / name).is_file() or (older / name).read_bytes() == path.read_bytes():
        return None
    shutil.copy(older / name, path)
    return name.as_posix()


def add_older_tile(folder: Path, random: Random, sound: Sound) -> str | None:
    """Put back a partial tile of an older state, or one of it under another name."""
    source = random.choice(sorted((random.choice(sound.older) / "log/tile").rglob("*.p/*")))
    there = (
        folder
        / "log/tile"
        / source.relative_to(next(p for p in source.parents if p.name == "tile"))
    )
    there = there.with_name(str(random.choice((int(there.name), random.randrange(1, 256)))))
    if there.exists():
        return None
    there.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, there)
    return there.relative_to(folder).as_posix()
