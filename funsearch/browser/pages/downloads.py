"""Objects and proofs as files to save, never as pages: whatever is in them, no browser runs it."""

from __future__ import annotations

import io
import zipfile

from funsearch.archive import proofs
from funsearch.archive.errors import ArchiveError, Missing
from funsearch.archive.proofs import KEY, SCRIPT
from funsearch.archive.tlog import proof
from funsearch.browser.pages.views import Asked

_LARGEST = 32 << 20
"""Bytes of an object that is handed out."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


def content(asked: Asked) -> bytes:
    """Return an object of a run by its digest.

    Raises:
        Missing: there is none.
        ArchiveError: it is too large to be handed out here.
    """
    digest = asked.id("digest")
    with asked.shelf.ask(asked.run) as attached:
        data = attached.reader.object(digest)
    if len(data) > _LARGEST:
        raise ArchiveError(f"it has {len(data)} bytes; take it out with funsearch archive export")
    return data


def proof_files(asked: Asked) -> bytes:
    """Return what `funsearch archive proof` writes for a program, as a ZIP file.

    Raises:
        Missing: there is no such program, or nothing of it is proven yet.
    """
    program = asked.id()
    with asked.shelf.ask(asked.run) as attached:
        reader = attached.reader
        found = proofs.proofs_of(reader, program)
        if not found.proven:
            raise Missing("no checkpoint covers it yet; one is signed every second of the run")
        contents = {
            KEY: proofs.key_text(reader).encode(),
            SCRIPT: proofs.script(),
            f"{program}.py": reader.object(program),
        }
    for one in found.proven:
        contents[f"{one.name}.json"] = one.record
        contents[f"{one.name}{proof.SUFFIX}"] = one.proof.encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            # The same files make the same archive, whenever it is asked for.
            archive.writestr(zipfile.ZipInfo(f"{program[:12]}-proof/{name}", _EPOCH), data)
    return file.getvalue()
