"""The file system calls of a process, as `strace` saw them: when each began, and how it ended.

Whatever one thread does because another's call has returned is listed after that return.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# A question mark: this processor may have no such call.
_TRACED = (
    "execve,?open,openat,close,?dup,?dup2,dup3,fcntl,lseek,read,readv,write,pwrite64,writev,"
    "pwritev,ftruncate,fallocate,fsync,fdatasync,?rename,?renameat,renameat2,?unlink,unlinkat,"
    "?mkdir,mkdirat,?rmdir,?link,linkat,mmap"
)
_NUMBERS_ONLY = "close,dup,dup3,fcntl,lseek,read,readv,ftruncate,fallocate,fsync,fdatasync,mmap"
_LONGEST_STRING = 1 << 24

_BEGINS = re.compile(rb"(\d+) +(\w+)\(")
_ENDS = re.compile(rb"(\d+) +<\.\.\. (\w+) resumed>.*\) += (\S+)")
_UNFINISHED = b" <unfinished ...>"


class Untraceable(Exception):
    """A process cannot be traced here, or did what this reading of it does not know."""


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A system call.

    Attributes:
        thread: that made it.
        name: of the call.
        arguments: as `strace` prints them, empty where there is a string.
        strings: the strings among them, in order.
    """

    thread: int
    name: str
    arguments: tuple[str, ...]
    strings: tuple[bytes, ...]

    def number(self, index: int) -> int:
        """Return an argument that is a number."""
        return int(self.arguments[index], 0)


@dataclass(frozen=True, slots=True)
class Event:
    """A call begins or, if it has a result, ends."""

    call: Call
    result: int | None = None


def trace(command: Sequence[str], log: Path) -> list[Event]:
    """Run a process of any number of threads to its end, whichever that is.

    Args:
        command: to run; what it writes to standard output is dropped.
        log: file for what `strace` writes; it is removed again.

    Returns:
        What began and ended, in order. A call that the process's death cut short has no end.

    Raises:
        Untraceable: that cannot be done, or the process started others.
    """
    if shutil.which("strace") is None:
        raise Untraceable("strace is missing: install it (Debian: apt-get install strace)")
    options = ["-f", "-xx", "-s", str(_LONGEST_STRING), "--seccomp-bpf", "-e", "signal=none"]
    choice = ["-e", f"trace={_TRACED}", "-e", f"raw={_NUMBERS_ONLY}", "-o", str(log)]
    done = subprocess.run(
        ["strace", *options, *choice, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    if done.returncode > 0:
        raise Untraceable(f"tracing failed: {done.stderr.decode(errors='replace').strip()[-300:]}")
    with log.open("rb") as lines:
        events = list(_events(lines))
    log.unlink()
    if sum(event.call.name == "execve" and event.result == 0 for event in events) != 1:
        raise Untraceable("the traced process started others")
    return events


def _events(lines: Iterator[bytes]) -> Iterator[Event]:
    begun: dict[int, Call] = {}
    for line in lines:
        if match := _ENDS.match(line):
            call = begun.pop(int(match[1]))
            if match[3] != b"?":
                yield Event(call, int(match[3], 0))
        elif match := _BEGINS.match(line):
            text, _, result = line[match.end() :].rpartition(b") ")
            ended = bool(text)
            if not ended:
                text, _, _ = result.rpartition(_UNFINISHED)
            call = _call(int(match[1]), match[2].decode(), text)
            yield Event(call)
            if not ended:
                begun[call.thread] = call
            elif (token := result.lstrip(b" =").split()[0]) != b"?":
                yield Event(call, int(token, 0))


def _call(thread: int, name: str, text: bytes) -> Call:
    parts = text.split(b'"')
    if any(part.startswith(b"...") for part in parts[2::2]):
        raise Untraceable(f"a {name} call has more than {_LONGEST_STRING} bytes")
    return Call(
        thread,
        name,
        tuple(b"".join(parts[::2]).decode().split(", ")),
        tuple(bytes.fromhex(part.replace(b"\\x", b"").decode()) for part in parts[1::2]),
    )
