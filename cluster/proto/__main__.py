"""Writes the stubs of `programs.proto` anew, into this folder or into one that is named."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROTO = "cluster/proto/programs.proto"


def generate(folder: Path) -> None:
    """Write the stubs under a folder, as `cluster/proto/programs_pb2.py` and so on.

    Raises:
        RuntimeError: the compiler refused the file; it has said why.
    """
    from grpc_tools import protoc

    out = [f"--{kind}_out={folder}" for kind in ("python", "pyi", "grpc_python")]
    if protoc.main(["protoc", f"-I{ROOT}", *out, PROTO]):
        raise RuntimeError(f"{PROTO} cannot be compiled")


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if sys.argv[1:] else ROOT)
