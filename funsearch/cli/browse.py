"""`browse`: the archive in a web browser, until Ctrl-C."""

from __future__ import annotations

import sys
import threading
import webbrowser
from collections.abc import Sequence

from funsearch.archive import runs as folders
from funsearch.browser.pages import serve
from funsearch.browser.pages.shelf import Shelf
from funsearch.cli import output


def browse(runs: Sequence[str], port: int, host: str, *, opens: bool) -> None:
    """Show runs in a web browser.

    Args:
        runs: names or folders; none for all under the root.
        port: to listen on; 0 for any that is free.
        host: address to listen on.
        opens: whether a web browser is started.

    Raises:
        ArchiveError: a run is not there.
        UsageError: the address cannot be listened on.
    """
    root = folders.runs_root()
    shelf = Shelf([folders.resolve_run(run, root) for run in runs], root=None if runs else root)
    try:
        listening = serve.listen(host, port)
    except OSError as error:
        # Only now: it takes longer to import than all that the server needs.
        from funsearch.api import UsageError

        raise UsageError(
            f"cannot listen on {host} port {port}: {error.strerror}; choose another with --port"
        ) from None
    if not serve.is_loopback(host):
        from funsearch.cli.failures import say

        say("WARNING: others can reach this, and nothing that is sent is encrypted")

    def started(address: str) -> None:
        output.line(address)
        sys.stdout.flush()
        if opens:
            # A browser in a terminal would keep us waiting.
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    serve.serve(shelf, listening, host, started)
