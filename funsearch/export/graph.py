"""The metadata of an RO-Crate: flat JSON-LD entities, each added once, and the files they describe.

Written with the standard library: a crate is one JSON file beside the data.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from funsearch.archive import fields

METADATA = "ro-crate-metadata.json"
CRATE = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_CONTEXT = [f"{CRATE}/context", "https://w3id.org/ro/terms/workflow-run/context"]

Ref = dict[str, str]
"""How an entity is referred to: its `@id` and nothing else."""


class Graph:
    """Entities in the order in which they were added, and the folder their files are in.

    Attributes:
        files: references to all files.
        actions: references to all that the root mentions.
    """

    def __init__(self, folder: Path) -> None:
        self.files: list[Ref] = []
        self.actions: list[Ref] = []
        self._folder = folder
        self._entities: dict[str, dict[str, Any]] = {}

    def add(self, name: str, kind: str | list[str], /, **properties: Any) -> Ref:
        """Add an entity, unless one of that name is there; members that say nothing are dropped."""
        if name not in self._entities:
            said = {key: _unpacked(value) for key, value in properties.items()}
            self._entities[name] = {"@id": name, "@type": kind, **_kept(said)}
        return {"@id": name}

    def action(self, name: str, /, **properties: Any) -> Ref:
        """Add an execution of some tool."""
        ref = self.add(name, "CreateAction", **properties)
        self.actions.append(ref)
        return ref

    def value(self, name: str, title: str, value: object, /, **properties: Any) -> Ref:
        """Add a value that is in no file."""
        return self.add(name, "PropertyValue", name=title, value=value, **properties)

    def file(
        self,
        path: str,
        data: bytes,
        encoding: str,
        kinds: tuple[str, ...] = (),
        /,
        **properties: Any,
    ) -> Ref:
        """Write a file, and describe it; one that is there already is left as it is."""
        name = identifier(path)
        if name not in self._entities:
            place = self._folder / path
            place.parent.mkdir(exist_ok=True)
            with place.open("xb") as file:
                file.write(data)
            self.add(
                name,
                ["File", *kinds] if kinds else "File",
                encodingFormat=encoding,
                contentSize=str(len(data)),
                sha256=hashlib.sha256(data).hexdigest(),
                **properties,
            )
            self.files.append({"@id": name})
        return {"@id": name}

    def __contains__(self, name: str) -> bool:
        """Whether there is an entity of that name."""
        return name in self._entities

    def write(self, **root: Any) -> None:
        """Write the metadata file, with what is said of the crate as a whole."""
        profile = self.add(
            PROFILE, "CreativeWork", name="Process Run Crate", version=PROFILE.rpartition("/")[2]
        )
        about = {
            "@id": METADATA,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": CRATE},
        }
        whole = {
            "@id": "./",
            "@type": "Dataset",
            "conformsTo": profile,
            "hasPart": self.files,
            "mentions": self.actions,
            **root,
        }
        document = {"@context": _CONTEXT, "@graph": [about, whole, *self._entities.values()]}
        # Previews of crates put this file into a page as it is.
        text = json.dumps(document, indent=1, allow_nan=False).replace("<", "\\u003c") + "\n"
        (self._folder / METADATA).write_text(text, encoding="ascii")


def identifier(path: str) -> str:
    """Return the `@id` of a file of the crate, a relative URI, by its path."""
    return quote(path, safe="/=,+")


def moment(time: str) -> str:
    """Return seconds since the epoch as a time to the millisecond; empty for an empty one."""
    if not time:
        return ""
    whole, _, fraction = time.partition(".")
    return fields.timestamp(f"{whole}.{fraction[:3]:0<3}").removesuffix("Z") + "+00:00"


def _kept(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if value not in (None, "", [])}


def _unpacked(value: object) -> object:
    """Return the one element of a list of one, as compacted JSON-LD has it."""
    if isinstance(value, list) and len(value) == 1:  # pyright: ignore[reportUnknownArgumentType]
        return value[0]
    return value
