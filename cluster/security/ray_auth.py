"""Whether a Ray cluster may be used: whoever reaches one without a token can run any code on it.

Ray checks a token on every call between its processes if each was started with
`RAY_AUTH_MODE=token`; it is found in `RAY_AUTH_TOKEN`, in the file that `RAY_AUTH_TOKEN_PATH`
names, or in `~/.ray/auth_token`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cluster.security.errors import SecurityError
from cluster.security.transport import is_loopback

MODE, TOKEN, TOKEN_PATH = "RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"

_PROBE = "/ray.rpc.NodeInfoGcsService/CheckAlive"
_CLIENT_PROBE = "/ray.rpc.RayletDriver/ClusterInfo"
_PROBE_S = 5.0
_CLIENT_SCHEME = "ray://"


def environment(current: Mapping[str, str]) -> dict[str, str]:
    """Return the variables to set before Ray is first imported, so that it demands a token.

    Raises:
        SecurityError: the user switched Ray's token authentication off.
    """
    mode = current.get(MODE, "token")
    if mode.lower() != "token":
        raise SecurityError(
            f"{MODE} is {mode[:40]!a}, which lets anybody run code on the Ray cluster: unset it, "
            "or set it to token"
        )
    return {MODE: "token"}


def has_token(current: Mapping[str, str], home: Path) -> bool:
    """Say whether Ray would find a token."""
    if current.get(TOKEN):
        return True
    named = current.get(TOKEN_PATH)
    return (Path(named) if named else home / ".ray" / "auth_token").is_file()


def check_cluster(address: str, current: Mapping[str, str], home: Path) -> None:
    """Refuse a running Ray cluster that is beyond this machine and does not demand a token.

    The cluster itself is asked, without a token: what this machine has says nothing of it.

    Args:
        address: HOST:PORT of its GCS, or ray://HOST:PORT; `auto` must have been resolved.
        current: environment.
        home: folder of the user.

    Raises:
        SecurityError: it must not be used, or cannot be asked.
    """
    environment(current)
    target = address.removeprefix(_CLIENT_SCHEME)
    host, colon, port = target.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit()):
        raise SecurityError(
            f"{address[:100]!a} is no address of a Ray cluster, such as 10.0.0.1:6379 or "
            "ray://10.0.0.1:10001"
        )
    if not has_token(current, home):
        raise SecurityError(
            f"there is no token for the Ray cluster at {address[:100]!a}: put it into a file that "
            f"only you can read, and name that in {TOKEN_PATH}"
        )
    if not is_loopback(host) and not demands_token(
        target, client=address.startswith(_CLIENT_SCHEME)
    ):
        raise SecurityError(
            f"the Ray cluster at {address[:100]!a} takes commands from anybody: start all its "
            f"nodes with {MODE}=token"
        )


def demands_token(target: str, *, client: bool = False, timeout_s: float = _PROBE_S) -> bool:
    """Ask a Ray cluster without a token; say whether it refused that.

    Args:
        target: HOST:PORT.
        client: whether that is the port for Ray's client, else the GCS's.
        timeout_s: for its answer.

    Raises:
        SecurityError: it did not answer.
    """
    import grpc

    with grpc.insecure_channel(target) as channel:
        probe = channel.unary_unary(_CLIENT_PROBE if client else _PROBE)
        try:
            probe(b"", timeout=timeout_s)
        except grpc.RpcError as error:
            code = error.code()  # type: ignore[attr-defined]
            if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                raise SecurityError(f"no Ray cluster answers at {target[:100]!a}") from None
            return code is grpc.StatusCode.UNAUTHENTICATED
    return False
