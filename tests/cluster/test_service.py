"""The service and its clients, as real processes."""

from __future__ import annotations

import datetime
import json
import signal
from collections import Counter
from pathlib import Path

import grpc
import pytest

from cluster.proto import programs_pb2 as pb
from cluster.proto.__main__ import ROOT, generate
from cluster.security import certificates
from cluster.security.tokens import Role, TokenStore
from tests.cluster.services import (
    QUICK,
    answer,
    generations,
    outages,
    replays,
    serving,
    silent_server,
    started,
)


def test_the_stubs_are_those_of_the_proto_file(tmp_path: Path) -> None:
    generate(tmp_path)
    made = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert len(made) == 3
    for path in made:
        assert path.read_text() == (ROOT / path.relative_to(tmp_path)).read_text(), path.name


@pytest.mark.slow
def test_two_samplers_answer_all_of_a_run_and_it_replays(tmp_path: Path) -> None:
    with serving(*QUICK, "run.samples=40", folder=tmp_path) as service:
        commands = ["sample", "--connect", service.address, "--batch", "2"]
        with (
            started(*commands, folder=tmp_path) as one,
            started(*commands, folder=tmp_path) as other,
        ):
            assert (one.end()[0], other.end()[0]) == (0, 0)
        assert service.process.end()[0] == 0
    records = generations(tmp_path)
    assert len(records) == 40
    assert {record.parameters["client"] for record in records.values()} == {"local"}
    assert replays(tmp_path)


def test_repeated_late_made_up_and_false_submissions(tmp_path: Path) -> None:
    with serving(*QUICK, "run.samples_per_prompt=1", folder=tmp_path) as service:
        first, second, third = service.draw(1)[0], *service.draw(2)
        # In another order than drawn, one of them three times over in one call and the next.
        good = answer(second)
        results = service.submit(good, good, answer(first, 2.0))
        assert [result.status for result in results] == [pb.Result.RECORDED] * 3
        assert results[0].records == results[1].records != results[2].records
        assert service.submit(good) == results[:1]
        assert service.submit(answer(second, 3.0))[0].status == pb.Result.ALREADY_TAKEN
        false = [
            answer(third, sampler="seed"),
            answer(third, parameters={"client": pb.Value(text="somebody else")}),
            answer(third, cost="-1e3"),
            answer(third, seconds=float("nan")),
            answer(third, prompt_tokens=-1),
            pb.Submission(id=b"short", lease=third.id),
            pb.Submission(id=bytes(16), lease=third.id),
        ]
        assert {r.status for r in service.submit(*false)} == {pb.Result.INVALID}
        unknown = answer(third)
        unknown.lease = bytes(16)
        assert service.submit(unknown)[0].status == pb.Result.UNKNOWN_LEASE
        assert service.submit(answer(third, 4.0))[0].status == pb.Result.RECORDED
        assert service.stop()["samples"] == 3
    assert sorted(record.draw or 0 for record in generations(tmp_path).values()) == [0, 1, 2]
    assert replays(tmp_path)


def test_an_acknowledged_sample_survives_kill_nine_and_is_not_taken_twice(tmp_path: Path) -> None:
    with serving(*QUICK, "run.samples_per_prompt=1", folder=tmp_path) as service:
        (lease,) = service.draw()
        kept = answer(lease)
        before = service.submit(kept)
        (open_lease,) = service.draw()
        service.process.end(signal.SIGKILL)
    (run,) = tmp_path.iterdir()
    with serving("--resume", str(run), folder=tmp_path) as service:
        assert service.submit(kept) == before
        assert service.submit(answer(open_lease))[0].status == pb.Result.UNKNOWN_LEASE
        assert service.submit(answer(service.draw()[0], 2.0))[0].status == pb.Result.RECORDED
        service.stop()
    assert len(generations(tmp_path)) == 2
    assert replays(tmp_path)


@pytest.mark.slow
def test_samplers_outlive_a_server_that_is_killed_and_resumed(tmp_path: Path) -> None:
    with serving(*QUICK, "run.samples=400", folder=tmp_path) as service:
        address = service.address
        commands = ["sample", "--connect", address]
        with (
            started(*commands, folder=tmp_path) as one,
            started(*commands, folder=tmp_path) as other,
        ):
            for progress in service.stub.Watch(pb.WatchRequest(interval_s=0.1), timeout=60):
                if progress.samples >= 40:
                    break
            service.process.end(signal.SIGKILL)
            (run,) = tmp_path.iterdir()
            with serving("--resume", str(run), folder=tmp_path, listen=address) as again:
                ends = [one.end(), other.end()]
                assert again.process.end()[0] == 0
            assert [status for status, _, _ in ends] == [0, 0], ends
    records = generations(tmp_path)
    assert len(records) == 400
    places = Counter((record.draw, record.index) for record in records.values())
    assert max(places.values()) == 1
    assert replays(tmp_path)


def test_the_prompt_of_a_sampler_that_was_killed_goes_to_another(tmp_path: Path) -> None:
    short = ("sampler.lease_s=0.5", "sampler.concurrency=1", "run.samples_per_prompt=1")
    with serving(*QUICK, *short, folder=tmp_path) as service:
        (lost,) = service.draw()  # and nothing more is heard of who drew it
        (again,) = service.draw()
        assert again.prompt == lost.prompt
        assert again.id != lost.id
        assert service.submit(answer(lost))[0].status == pb.Result.RECORDED
        assert service.submit(answer(again))[0].status == pb.Result.ALREADY_TAKEN
        said = service.stop()
    assert said["samples"] == 1
    assert replays(tmp_path)


def test_the_end_is_told_to_everybody_who_waits(tmp_path: Path) -> None:
    few = ("sampler.concurrency=1", "run.samples_per_prompt=1")
    with serving(*QUICK, *few, folder=tmp_path) as service:
        service.draw()
        waiting = service.stub.Draw.future(pb.DrawRequest(most=1, wait_s=50), timeout=60)
        stream = service.stub.Watch(pb.WatchRequest(interval_s=50), timeout=60)
        assert next(stream).leases == 1
        service.stop()
        assert waiting.result().ending
        assert len(list(stream)) == 1


def test_what_clients_spent_counts_against_the_budget(tmp_path: Path) -> None:
    limits = ("run.max_tokens=100", "run.samples_per_prompt=1", "sampler.concurrency=4")
    with serving(*QUICK, *limits, folder=tmp_path) as service:
        first, second = service.draw(2)
        spent = answer(first, model="m", prompt_tokens=60, completion_tokens=40)
        assert service.submit(spent)[0].status == pb.Result.RECORDED
        # What was drawn before is still taken; nothing more is handed out.
        late = answer(second, 2.0, model="m", prompt_tokens=5, completion_tokens=5)
        assert service.submit(late)[0].status == pb.Result.RECORDED
        status, out, _ = service.process.end()
        assert (status, json.loads(out)["state"], json.loads(out)["tokens"]) == (0, "tokens", 110)
    assert replays(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "lease_s", "words"),
    [
        (signal.SIGINT, 300, "local: the sampler was stopped"),
        (signal.SIGKILL, 1, "local did not answer in 1 s"),
    ],
)
def test_the_prompt_of_a_sampler_that_ended_goes_to_another(
    tmp_path: Path, number: signal.Signals, lease_s: int, words: str
) -> None:
    few = ("sampler.concurrency=1", "run.samples_per_prompt=1", f"sampler.lease_s={lease_s}")
    with silent_server() as model, serving(*QUICK, *few, folder=tmp_path) as service:
        slow = ("sampler=openai", "sampler.model=m", f"sampler.base_url={model}")
        command = ("sample", "--connect", service.address, *slow)
        with started(*command, folder=tmp_path) as sampler:
            for progress in service.stub.Watch(pb.WatchRequest(interval_s=0.1), timeout=60):
                if progress.leases:
                    break
            status, _, err = sampler.end(number)
            assert status == (130 if number is signal.SIGINT else -signal.SIGKILL), err
        (lease,) = service.draw()
        assert lease.prompt.draw == 0
        assert service.submit(answer(lease))[0].status == pb.Result.RECORDED
        service.stop()
    assert words in outages(tmp_path)
    assert replays(tmp_path)


@pytest.mark.slow
def test_programs_and_their_origin_can_be_read(tmp_path: Path) -> None:
    with serving(*QUICK, "run.samples_per_prompt=1", folder=tmp_path) as service:
        (lease,) = service.draw()
        service.submit(answer(lease))
        for progress in service.stub.Watch(pb.WatchRequest(interval_s=0.1), timeout=60):
            if progress.evaluations >= 2 and not progress.waiting:
                break
        (best, *_) = service.stub.ListBest(pb.ListRequest(), timeout=60).programs
        facts = service.stub.GetProgram(pb.ProgramRequest(id=best.id[:8]), timeout=60)
        assert facts.id == best.id
        assert facts.source.startswith("def ")
        lineage = service.stub.GetLineage(pb.LineageRequest(id=best.id), timeout=60)
        assert lineage.programs[-1].sampler == "seed"
        with pytest.raises(grpc.RpcError) as caught:
            service.stub.GetProgram(pb.ProgramRequest(id="00000000"), timeout=60)
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND  # pyright: ignore[reportAttributeAccessIssue]
        service.stop()


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "nonsense"])
def test_an_unsafe_address_is_refused_in_one_line(tmp_path: Path, listen: str) -> None:
    with started("serve", "--listen", listen, *QUICK, folder=tmp_path) as process:
        status, _, err = process.end()
    assert status == 2
    assert len(err.splitlines()) == 1
    assert "127.0.0.1" in err


@pytest.mark.slow
def test_a_message_that_is_too_long_is_refused_and_the_service_goes_on(tmp_path: Path) -> None:
    with serving(*QUICK, "run.samples_per_prompt=1", folder=tmp_path) as service:
        (lease,) = service.draw()
        with pytest.raises(grpc.RpcError) as caught:
            service.submit(answer(lease, text="x" * (5 << 20)))
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED  # pyright: ignore[reportAttributeAccessIssue]
        long = service.submit(answer(lease, text="x" * (2 << 20)))
        assert long[0].status == pb.Result.INVALID
        assert service.submit(answer(lease))[0].status == pb.Result.RECORDED
        service.stop()


@pytest.mark.slow
def test_other_machines_get_in_with_tls_and_a_token_only(tmp_path: Path) -> None:
    now = datetime.datetime.now(datetime.UTC)
    ca = certificates.make_ca(now)
    ca.save(tmp_path, "ca")
    certificates.make_server(ca, ["127.0.0.1"], now).save(tmp_path, "server")
    store = TokenStore(tmp_path / "tokens")
    token = tmp_path / "token"
    token.touch(0o600)
    token.write_text(store.add_token("mill", Role.SAMPLER))
    (ca_file,) = (path for path in tmp_path.glob("ca*") if "key" not in path.name)
    (key,) = tmp_path.glob("server*key*")
    (cert,) = (path for path in tmp_path.glob("server*") if path != key)
    files = ("--cert", str(cert), "--key", str(key), "--tokens", str(tmp_path / "tokens"))
    few = ("run.samples=4", "run.samples_per_prompt=2")
    runs = tmp_path / "runs"
    runs.mkdir()
    with serving(*files, *QUICK, *few, folder=runs, listen="0.0.0.0:0") as service:
        address = service.address.replace("0.0.0.0", "127.0.0.1")
        command = ("sample", "--connect", address, "--ca", str(ca_file))
        with started(*command, folder=runs) as stranger:
            status, _, err = stranger.end()
            assert (status, len(err.splitlines())) == (1, 1)
            assert "UNAUTHENTICATED" in err
        with started(*command, "--token-file", str(token), folder=runs) as known:
            assert known.end()[0] == 0
        assert service.process.end()[0] == 0
    assert {r.parameters["client"] for r in generations(runs).values()} == {"mill"}
