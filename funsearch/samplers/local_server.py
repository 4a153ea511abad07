"""One llama.cpp server as a process of its own: run as a file by `local.py`, never imported.

Arguments: the parent's process id, the weights file, tokens of context, answers at once, threads.
Writes the server's address to standard output when it is ready, then serves until standard input
ends.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import sys
import urllib.request
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1


def _die_with(parent: int) -> None:
    """Arrange for the kernel to kill this process when the parent's ends, however it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def main() -> None:
    """Serve until the parent is gone."""
    parent, weights, context, slots, threads = sys.argv[1:]
    _die_with(int(parent))
    # Native code writes to descriptor 1 as it likes; the address goes where nothing else does.
    report = os.dup(1)
    os.dup2(2, 1)
    # Untyped, and absent where the extra is not installed: type checkers need not look.
    xllamacpp: Any = importlib.import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = weights
    params.model_alias = {Path(weights).stem}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = int(context) * int(slots)
    params.n_parallel = int(slots)
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = int(threads)
        # Threads that wait must not spin: the evaluators have better use for the core.
        cpu.poll = 0
    params.warmup = False
    params.offline = True
    params.ui = params.endpoint_slots = False
    params.cache_ram_mib = 0
    params.verbosity = 1  # errors only
    server = xllamacpp.Server(params)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(f"{server.listening_address}/health", timeout=30).close()
    os.write(report, f"{server.listening_address}\n".encode())
    os.close(report)
    sys.stdin.buffer.read()
    # At once: native threads may still be at work, and nothing here is worth saving.
    os._exit(0)


if __name__ == "__main__":
    main()
