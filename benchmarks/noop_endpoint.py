"""A completion server of a fixed latency, so that benchmarks measure the sampler and not a model.

A process of its own: `noop_endpoint.py PORT LATENCY_S [LEDGER]` serves until it is killed, and
prints its port when it is ready (port 0: any free one). It answers every request after LATENCY_S
with choices that differ from each other, and appends a line `SEED CHOICES` to the file LEDGER when
a reply has been handed over: what a provider would have charged. `GET /load` returns how many
seconds requests have waited in it together, how many it answered, and its own processor time.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import TextIO

TOKENS = {"prompt": 300, "completion": 20}
"""What the server says that a prompt, and each choice, took."""


class Server:
    """What was served so far."""

    def __init__(self, latency_s: float, ledger: TextIO | None) -> None:
        self._latency_s = latency_s
        self._ledger = ledger
        self._in_flight = 0
        self._answered = 0
        self._busy_s = 0.0
        self._since = time.perf_counter()

    def _count(self, change: int) -> None:
        now = time.perf_counter()
        self._busy_s += self._in_flight * (now - self._since)
        self._since = now
        self._in_flight += change

    def load(self) -> bytes:
        """Return the figures as JSON."""
        self._count(0)
        figures = {
            "request_s": self._busy_s,
            "answered": self._answered,
            "clock_s": time.perf_counter(),
            "cpu_s": time.process_time(),
        }
        return json.dumps(figures).encode()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after the other."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if head.startswith(b"GET"):
                    self._send(writer, self.load())
                    continue
                length = next(
                    int(line.partition(b":")[2])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length:")
                )
                asked = json.loads(await reader.readexactly(length))
                self._count(1)
                try:
                    await asyncio.sleep(self._latency_s)
                finally:
                    self._count(-1)
                self._send(writer, reply(asked))
                self._answered += 1
                if self._ledger is not None:
                    self._ledger.write(f"{asked['seed']} {asked.get('n', 1)}\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _send(self, writer: asyncio.StreamWriter, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
        writer.write(f"{head}\r\n\r\n".encode() + body)


def reply(asked: dict[str, int]) -> bytes:
    """Return a completion whose choices follow from the seed of the request."""
    number = asked.get("n", 1)
    texts = [f"    return {(asked['seed'] * 64 + i) % 999983 / 7}\n" for i in range(number)]
    usage = {
        "prompt_tokens": TOKENS["prompt"],
        "completion_tokens": TOKENS["completion"] * number,
    }
    choices = [{"index": i, "text": text, "finish_reason": "stop"} for i, text in enumerate(texts)]
    return json.dumps({"model": "noop", "choices": choices, "usage": usage}).encode()


async def main() -> None:
    """Serve until killed."""
    port, latency_s, *ledger = sys.argv[1:]
    file = Path(ledger[0]).open("a", buffering=1) if ledger else None  # noqa: SIM115
    served = Server(float(latency_s), file)
    server = await asyncio.start_server(
        served.serve, "127.0.0.1", int(port), backlog=1024, reuse_address=True
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
