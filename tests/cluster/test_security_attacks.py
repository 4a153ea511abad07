"""The real `funsearch serve`, with TLS and tokens, attacked from outside its process."""

from __future__ import annotations

import datetime
import json
import queue
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import grpc

from cluster.proto import programs_pb2 as pb
from cluster.proto import programs_pb2_grpc
from cluster.security import certificates
from cluster.security.tokens import Role, TokenStore
from tests.cluster.services import QUICK, TIMEOUT_S, answer, generations, serving

_FLOOD = 400
_DRAW = pb.DrawRequest(most=1, wait_s=20.0)


class Attacker:
    """Whoever knows the address, the CA, and perhaps a token."""

    def __init__(self, address: str, ca: Path, token: str | None = None) -> None:
        credentials = grpc.ssl_channel_credentials(ca.read_bytes())
        if token is not None:
            credentials = grpc.composite_channel_credentials(
                credentials, grpc.access_token_call_credentials(token)
            )
        self.channel = grpc.secure_channel(address, credentials)
        self.stub: Any = programs_pb2_grpc.ProgramsStub(self.channel)

    def code(self, method: str, request: Any) -> str:
        """Return how a call ends."""
        return getattr(self.stub, method).future(request, timeout=TIMEOUT_S).code().name


def _first(calls: list[Any], count: int) -> list[Any]:
    """Return the calls that end first."""
    ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
    for call in calls:
        call.add_done_callback(ended.put)
    return [ended.get(timeout=TIMEOUT_S) for _ in range(count)]


def test_service_refuses_attackers_and_goes_on_serving_the_others(tmp_path: Path) -> None:
    now = datetime.datetime.now(datetime.UTC)
    ca = certificates.make_ca(now)
    ca.save(tmp_path, "ca")
    certificates.make_server(ca, ["127.0.0.1"], now).save(tmp_path, "server")
    store = TokenStore(tmp_path / "clients.json")
    tokens = {
        name: store.add_token(name, role)
        for name, role in (
            ("eye", Role.READER),
            ("mill", Role.SAMPLER),
            ("flood", Role.SAMPLER),
        )
    }
    files = ("--cert", str(tmp_path / "server.pem"), "--key", str(tmp_path / "server.key"))
    known = ("--tokens", str(tmp_path / "clients.json"))
    runs = tmp_path / "runs"
    runs.mkdir()
    with serving(*files, *known, *QUICK, folder=runs, listen="0.0.0.0:0") as service:
        address = service.address.replace("0.0.0.0", "127.0.0.1")

        def attacker(token: str | None) -> Attacker:
            return Attacker(address, tmp_path / "ca.pem", token)

        # A stranger: in the clear, without a token, with a guess.
        with grpc.insecure_channel(address) as channel:
            clear = programs_pb2_grpc.ProgramsStub(channel).Describe.future(
                pb.DescribeRequest(), timeout=TIMEOUT_S
            )
            assert clear.code() is grpc.StatusCode.UNAVAILABLE
        for token in (None, "fst_" + "A" * 43):
            assert attacker(token).code("Submit", pb.SubmitRequest()) == "UNAUTHENTICATED"

        # A reader that submits, a sampler that stops the run.
        eye, mill, flood = (attacker(tokens[name]) for name in ("eye", "mill", "flood"))
        assert eye.code("Describe", pb.DescribeRequest()) == "OK"
        assert eye.code("Draw", _DRAW) == "PERMISSION_DENIED"
        assert eye.code("Submit", pb.SubmitRequest()) == "PERMISSION_DENIED"
        assert mill.code("Stop", pb.StopRequest()) == "PERMISSION_DENIED"

        # Messages that are too long, or none.
        (lease,) = mill.stub.Draw(_DRAW, timeout=TIMEOUT_S).leases
        long = pb.SubmitRequest(submissions=[answer(lease, text="x" * (5 << 20))])
        assert mill.code("Submit", long) == "RESOURCE_EXHAUSTED"
        submit = f"/{pb.DESCRIPTOR.services_by_name['Programs'].full_name}/Submit"
        junk = mill.channel.unary_unary(submit).future(b"\xff" * 100, timeout=TIMEOUT_S)
        assert junk.code() is grpc.StatusCode.INVALID_ARGUMENT

        # A flood of calls that wait, while another client hands in its answer.
        calls = [flood.stub.Draw.future(_DRAW, timeout=TIMEOUT_S) for _ in range(_FLOOD)]
        answered = mill.stub.Submit(
            pb.SubmitRequest(submissions=[answer(lease)]), timeout=TIMEOUT_S
        )
        assert answered.results[0].status == pb.Result.RECORDED
        ended = Counter(call.code().name for call in _first(calls, _FLOOD * 3 // 4))
        assert ended["RESOURCE_EXHAUSTED"] > _FLOOD // 2
        store.revoke("flood")
        assert flood.code("Describe", pb.DescribeRequest()) == "UNAUTHENTICATED"
        assert eye.code("Describe", pb.DescribeRequest()) == "OK"

        status, _, errors = service.process.end(signal.SIGTERM)
        assert status == 130
    assert {r.parameters["client"] for r in generations(runs).values()} == {"mill"}
    assert not any(token in errors for token in tokens.values())
    lines = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    assert 0 < len(lines) < _FLOOD
    assert {line["client"] for line in lines} == {None, "eye", "mill", "flood"}
