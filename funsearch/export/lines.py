"""JSON lines: the entries of the log as they were hashed, one a line.

`{"number":N,"leaf":"HEX","entry":ENTRY}` and a line feed. ENTRY is the entry itself, byte for byte:
what stands between the first `,"entry":` and the last brace of the line. `leaf` is its hash in the
tree (RFC 6962): SHA-256 over a zero byte and the entry.
"""

from __future__ import annotations

from pathlib import Path

from funsearch.archive.tlog import merkle
from funsearch.export.selection import Selection
from funsearch.export.writing import new_file

SUFFIX = ".jsonl"


def write(selection: Selection, path: Path) -> None:
    """Write the entries of a selection.

    Raises:
        ArchiveError: the archive cannot be read, or the file not be written.
    """
    with new_file(path) as file:
        for number, entry, _ in selection.items():
            leaf = merkle.leaf_hash(entry).hex()
            file.write(b'{"number":%d,"leaf":"%b","entry":%b}\n' % (number, leaf.encode(), entry))
