"""How much one client may ask for: calls, bytes and open calls, by token buckets."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What each client may do at most.

    Attributes:
        calls_per_s: new calls per second, in the long run.
        calls_at_once: new calls in a burst.
        bytes_per_s: bytes of requests per second, in the long run.
        bytes_at_once: bytes of requests in a burst.
        open_calls: calls that run at the same time, streams among them.
        message_bytes: of one request; the transport refuses a longer one unread.
        receive_s: seconds in which a request must have come in whole.
        recheck_s: seconds after which an open stream of a revoked client ends.
        connection_s: seconds after which a connection must be made anew, with the files of then.
    """

    calls_per_s: float = 1000
    calls_at_once: float = 2000
    bytes_per_s: float = 8 << 20
    bytes_at_once: float = 32 << 20
    open_calls: int = 64
    message_bytes: int = 4 << 20
    receive_s: float = 10
    recheck_s: float = 1
    connection_s: float = 3600


class Bucket:
    """Fills at a rate up to a level; whoever takes more than is in it must wait."""

    def __init__(self, rate: float, most: float, now: Callable[[], float]) -> None:
        self._rate = rate
        self._most = most
        self._now = now
        self._level = most
        self._then = now()

    def take(self, amount: float) -> float:
        """Take an amount; return 0, or the seconds after which to try again."""
        now = self._now()
        self._level = min(self._most, self._level + (now - self._then) * self._rate)
        self._then = now
        if amount <= self._level:
            self._level -= amount
            return 0.0
        return (amount - self._level) / self._rate


class Meter:
    """What one client has used."""

    def __init__(self, limits: Limits, now: Callable[[], float]) -> None:
        self.calls = Bucket(limits.calls_per_s, limits.calls_at_once, now)
        self.bytes = Bucket(limits.bytes_per_s, limits.bytes_at_once, now)
        self.open = 0


class Meters:
    """The meters of all clients; of those that are idle only the latest thousands are kept."""

    def __init__(self, limits: Limits, now: Callable[[], float], most: int = 4096) -> None:
        self._limits = limits
        self._now = now
        self._most = most
        self._meters: OrderedDict[str, Meter] = OrderedDict()

    def of(self, who: str) -> Meter:
        """Return the meter of a client, or of an address that has no name."""
        meter = self._meters.get(who)
        if meter is None:
            meter = self._meters[who] = Meter(self._limits, self._now)
            while len(self._meters) > self._most:
                idle = next((w for w, m in self._meters.items() if not m.open and w != who), None)
                if idle is None:
                    break
                del self._meters[idle]
        self._meters.move_to_end(who)
        return meter
