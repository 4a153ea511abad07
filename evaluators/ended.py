"""How a child ended: what a zygote measures and tells its worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluators.channel import Malformed


@dataclass(frozen=True)
class Ended:
    """How a child ended.

    Attributes:
        status: as `os.wait4` returned it.
        killed: `timeout` or `cancelled` where the zygote killed the child, else empty.
        seconds: wall time from fork to end.
        cpu_seconds: processor time, the child's own and of the children it reaped.
        instance: index of the instance the child said it was at.
    """

    status: int
    killed: str
    seconds: float
    cpu_seconds: float
    instance: int


def read_ended(message: Mapping[str, Any], instances: int) -> Ended:
    """Return what a zygote's message says.

    Raises:
        Malformed: it is not how a child can have ended on that many instances.
    """
    match message:
        case {
            "status": int(status),
            "killed": ("" | "timeout" | "cancelled") as killed,
            "seconds": float(seconds),
            "cpu_seconds": float(cpu_seconds),
            "instance": int(instance),
        } if 0 <= instance < instances and seconds >= 0 and cpu_seconds >= 0:
            return Ended(status, killed, seconds, cpu_seconds, instance)
        case _:
            raise Malformed("not an end of a child")
