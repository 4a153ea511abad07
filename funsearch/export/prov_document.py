"""A PROV-JSON document that grows in all its sections at once, each in a file meanwhile.

Members that say nothing (None, empty texts and lists) are left out.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from funsearch.archive import fields
from funsearch.export.writing import Once

_SECTIONS: tuple[str, ...] = (
    "entity",
    "activity",
    "agent",
    "used",
    "wasGeneratedBy",
    "wasDerivedFrom",
    "wasAssociatedWith",
    "wasInvalidatedBy",
)
_BY_DIGEST = (
    "program",
    "prompt",
    "template",
    "problem",
    "environment",
    "config",
    "evaluator",
    "checker",
    "sampler",
    "person",
)
_OF_RECORD = ("rec", "reply", "verdict", "certificate", "verification", "entry")

line = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode
"""A value as JSON on one line."""


def prefixes(origin: str) -> dict[str, str]:
    """Return what names in the document begin with, for the log of that name."""
    log = quote(origin, safe="")
    return {
        "prov": "http://www.w3.org/ns/prov#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "fs": "urn:funsearch:",
        **{name: f"urn:funsearch:{name}:sha256:" for name in _BY_DIGEST},
        **{name: f"urn:funsearch:log:{log}:{name}:" for name in _OF_RECORD},
    }


class Document:
    """A document that grows in all its sections at once, each in a file of its own."""

    def __init__(self, scratch: Path, stack: contextlib.ExitStack) -> None:
        self._files: dict[str, BinaryIO] = {
            name: stack.enter_context((scratch / name).open("w+b")) for name in _SECTIONS
        }
        self._count = dict.fromkeys(_SECTIONS, 0)
        self._first = Once(scratch / "seen.db")
        stack.callback(self._first.close)

    def _add(self, section: str, name: str, attributes: Mapping[str, Any]) -> None:
        kept = {key: value for key, value in attributes.items() if value not in (None, "", [])}
        comma = b"," if self._count[section] else b""
        self._count[section] += 1
        self._files[section].write(comma + f"\n{line(name)}:{line(kept)}".encode())

    def entity(self, name: str, kind: str, **attributes: Any) -> bool:
        """Declare an entity, unless it is; return whether it was not."""
        new = self._first(name)
        if new:
            said = {f"fs:{key}": value for key, value in attributes.items()}
            label = f"{kind.lower()} {name.partition(':')[2][:12]}"
            kinds = {"prov:label": label, "prov:type": name_of(f"fs:{kind}")}
            self._add("entity", name, {**kinds, **said})
        return new

    def proposed(self, program: str) -> bool:
        """Return whether a program is proposed for the first time."""
        return self._first(f"proposed:{program}")

    def agent(self, name: str, attributes: Mapping[str, Any], *, software: bool) -> None:
        """Declare an agent, unless it is."""
        if self._first(name):
            kind = {"prov:type": name_of("prov:SoftwareAgent")} if software else {}
            self._add("agent", name, {**kind, **attributes})

    def activity(self, number: int, kind: str, time: str, **attributes: Any) -> str:
        """Declare the activity of a record."""
        name = f"rec:{number}"
        said = {f"fs:{key}": value for key, value in attributes.items()}
        ended = {"prov:label": f"{kind.lower()} {number}", "prov:endTime": fields.timestamp(time)}
        self._add("activity", name, {"prov:type": name_of(f"fs:{kind}"), **ended, **said})
        return name

    def relate(self, section: str, **ends: str) -> None:
        """Relate entities, activities and agents, each given by its role."""
        said = {f"prov:{role}": name for role, name in ends.items()}
        self._add(section, f"_:{section}{self._count[section]}", said)

    def join(self, file: BinaryIO) -> None:
        """Append all sections that are not empty."""
        for name, part in self._files.items():
            if self._count[name]:
                part.seek(0)
                file.write(f",\n{line(name)}:{{".encode())
                shutil.copyfileobj(part, file)
                file.write(b"}")


def name_of(name: str) -> dict[str, str]:
    """Return the name of something as the value of an attribute."""
    return {"$": name, "type": "prov:QUALIFIED_NAME"}


def double(value: float | None) -> dict[str, str] | None:
    """Return a number as the value of an attribute, to the last digit."""
    return None if value is None else {"$": repr(float(value)), "type": "xsd:double"}


def hashed(*texts: str) -> str:
    """Return the digest that stands for hostile texts in a name."""
    return hashlib.sha256(line(texts).encode()).hexdigest()
