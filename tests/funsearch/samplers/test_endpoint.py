"""The sampler `openai` against a real HTTP server on loopback, good and bad."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

import configs
from evaluators.program import Program
from funsearch import randomness
from funsearch.budget import Budget, Spent
from funsearch.prompts import Prompt, Shown
from funsearch.samplers.endpoint import STOP, Endpoint
from funsearch.samplers.endpoint_reply import MAX_CHARACTERS, retry_after
from funsearch.samplers.protocol import Sample, SamplerError, Unavailable, Usage

KEY = "sk-very-secret"
SEED = Program("priority", "def priority(el, n):\n    return 0.0")
COMPLETION = Prompt(
    draw=3,
    island=0,
    epoch=0,
    registrations=0,
    shown=(Shown(SEED, 1.0, {}),),
    header="def priority_v1(el, n):",
    text="def priority_v1(el, n):\n",
    template="t",
    digest="d",
)
CHAT = replace(COMPLETION, style="chat", system="Answer with code.", text="Improve it.")

Body = dict[str, Any]
Reply = tuple[int, Mapping[str, str], bytes]


@dataclass
class Fake:
    """A server whose answer a test decides, and what it was asked."""

    answer: Callable[[Body], Reply]
    url: str = ""
    asked: list[Body] = field(default_factory=list[Body])
    paths: list[str] = field(default_factory=list[str])
    authorizations: list[str] = field(default_factory=list[str])
    release: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def serving(answer: Callable[[Body], Reply]) -> Iterator[Fake]:
    fake = Fake(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            fake.asked.append(body)
            fake.paths.append(self.path)
            fake.authorizations.append(self.headers["authorization"])
            status, headers, content = fake.answer(body)
            self.send_response(status)
            for name, value in ({"content-length": str(len(content))} | dict(headers)).items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(content)
            if int(headers.get("content-length", len(content))) > len(content):
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield fake
    finally:
        fake.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


def reply(status: int, body: object, headers: Mapping[str, str] | None = None) -> Reply:
    return (
        status,
        {"content-type": "application/json"} | dict(headers or {}),
        json.dumps(body).encode(),
    )


def completion(texts: Sequence[str], **more: object) -> Reply:
    choices = [{"index": i, "text": t, "finish_reason": "stop"} for i, t in enumerate(texts)]
    return reply(200, {"model": "served-1", "choices": choices, **more})


def chat(contents: Sequence[object], **message: object) -> Reply:
    choices = [
        {
            "index": i,
            "message": {"role": "assistant", "content": c, **message},
            "finish_reason": "stop",
        }
        for i, c in enumerate(contents)
    ]
    return reply(200, {"model": "served-1", "choices": choices})


def honouring_n(body: Body) -> Reply:
    return completion([f"text {body['seed']}.{i}" for i in range(body.get("n", 1))])


def ask(
    url: str, prompt: Prompt = COMPLETION, count: int = 1, times: int = 1, **settings: Any
) -> list[Sequence[Sample]]:
    """Ask one endpoint `times` times, one after the other."""

    async def run() -> list[Sequence[Sample]]:
        defaults: dict[str, Any] = {"max_retries": 0, "timeout_s": 10.0, "key_variable": "TEST_KEY"}
        endpoint = Endpoint(model="some-model", base_url=url, **(defaults | settings))
        await endpoint.start()
        try:
            return [await endpoint.sample(prompt, 7, count) for _ in range(times)]
        finally:
            await endpoint.close()
            await endpoint.close()

    return asyncio.run(run())


def test_completion_style_sends_the_text_and_returns_the_raw_reply() -> None:
    usage = {"prompt_tokens": 11, "completion_tokens": 5}
    with serving(lambda _: completion(["    return 1.0\n"], usage=usage)) as fake:
        [[sample]] = ask(fake.url, max_tokens=50, temperature=0.5)
    [body] = fake.asked
    assert fake.paths == ["/v1/completions"]
    assert body["prompt"] == COMPLETION.text
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("some-model", 50, 0.5)
    assert "\ndef " in body["stop"]
    assert "n" not in body
    assert (sample.text, sample.error, sample.finish) == ("    return 1.0\n", "", "stop")
    assert (sample.sampler, sample.model, sample.served) == ("openai", "some-model", "served-1")
    assert sample.usage == Usage(11, 5)
    assert sample.parameters["temperature"] == "0.5"
    assert sample.seed == body["seed"]
    assert sample.seconds > 0


def test_chat_style_sends_the_instructions_and_the_text_as_messages() -> None:
    with serving(lambda _: chat(["```python\nx\n```"])) as fake:
        [[sample]] = ask(fake.url, CHAT)
    [body] = fake.asked
    assert fake.paths == ["/v1/chat/completions"]
    assert body["messages"] == [
        {"role": "system", "content": CHAT.system},
        {"role": "user", "content": CHAT.text},
    ]
    assert "stop" not in body
    assert sample.text == "```python\nx\n```"


def test_settings_of_none_are_left_to_the_server_and_extra_fields_are_sent() -> None:
    with serving(honouring_n) as fake:
        ask(fake.url, temperature=None, top_p=None, max_tokens=None, stop=[], extra={"top_k": 40})
    assert set(fake.asked[0]) == {"model", "prompt", "seed", "top_k"}


def test_several_choices_come_from_one_request_with_the_usage_on_the_first() -> None:
    usage = {"prompt_tokens": 11, "completion_tokens": 20}
    with serving(lambda body: completion(list("abcd"[: body["n"]]), usage=usage)) as fake:
        [samples] = ask(fake.url, count=4)
    assert len(fake.asked) == 1
    assert [sample.text for sample in samples] == list("abcd")
    assert [sample.usage for sample in samples] == [Usage(11, 20), Usage(), Usage(), Usage()]
    assert [sample.parameters["choice"] for sample in samples] == [0, 1, 2, 3]


def test_the_first_sample_carries_what_the_request_cost() -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 40}
    with serving(lambda body: completion(list("ab"), usage=usage)) as fake:
        [priced] = ask(fake.url, count=2, prompt_price=0.15, completion_price=0.6)
        [unknown] = ask(fake.url, count=2)
    assert [sample.cost for sample in priced] == ["0.000174", "0"]
    assert priced[0].parameters["price"] == "0.15 + 0.6, as configured"
    assert [sample.cost for sample in unknown] == ["", ""]


@pytest.mark.parametrize(
    ("reported", "cost"), [(0.95, "0.95"), (0, "0"), (-1, ""), ("1", ""), (1e999, ""), (True, "")]
)
def test_a_cost_that_the_server_reports_is_taken(reported: object, cost: str) -> None:
    with serving(lambda _: completion(["a"], usage={"cost": reported})) as fake:
        [[sample]] = ask(fake.url)
    assert sample.cost == cost


def test_a_budget_that_cannot_be_kept_is_refused_before_anything_is_asked() -> None:
    def start(budget: Budget, **settings: Any) -> None:
        endpoint = Endpoint(model="m", base_url="http://localhost:1/v1", **settings)
        endpoint.spend_from(budget)
        asyncio.run(endpoint.start())

    with pytest.raises(SamplerError, match="price of m at localhost is not known"):
        start(Budget(max_cost=1.0))
    with pytest.raises(SamplerError, match=r"set sampler\.max_tokens"):
        start(Budget(max_tokens=9), max_tokens=None)
    with pytest.raises(SamplerError, match="best_of"):
        start(Budget(max_tokens=9), extra={"best_of": 3})


def test_no_request_is_sent_that_might_exceed_the_budget() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 10}

    async def run(url: str) -> int:
        endpoint = Endpoint(model="m", base_url=url, key_variable="", max_tokens=100)
        endpoint.spend_from(Budget(max_tokens=440))
        await endpoint.start()
        try:
            for number in range(99):
                try:
                    await endpoint.sample(COMPLETION, 7, 1)
                except Spent:
                    return number
        finally:
            await endpoint.close()
        return 99

    with serving(lambda _: completion(["a"], usage=usage)) as fake:
        answered = asyncio.run(run(fake.url))
    # A request may take 22 bytes of prompt, 256 of what a server adds, and 100 of the answer.
    assert answered == len(fake.asked) == 4


def test_more_samples_than_a_request_may_bring_take_several_requests() -> None:
    with serving(honouring_n) as fake:
        [samples] = ask(fake.url, count=5, n_per_request=2)
    assert sorted(body.get("n", 1) for body in fake.asked) == [1, 2, 2]
    assert len({sample.text for sample in samples}) == 5


def test_seeds_follow_from_run_draw_and_index_alone() -> None:
    with serving(honouring_n) as fake:
        [samples] = ask(fake.url, count=3, n_per_request=1)
    expected = [int(randomness.for_sample(7, 3, i).integers(1 << 31)) for i in range(3)]
    assert [sample.seed for sample in samples] == expected


def test_a_server_that_ignores_n_is_asked_again_and_from_then_on_singly() -> None:
    with serving(lambda body: completion([f"{body['seed']}"])) as fake:
        first, second = ask(fake.url, count=3, times=2)
    assert [body.get("n") for body in fake.asked] == [3, None, None, None, None, None]
    assert [sample.text for sample in first] == [sample.text for sample in second]
    assert len({sample.text for sample in first}) == 3


def test_a_server_that_refuses_n_is_asked_singly() -> None:
    def answer(body: Body) -> Reply:
        if "n" in body:
            return reply(400, {"error": {"message": "Only one completion choice is allowed"}})
        return completion([f"{body['seed']}"])

    with serving(answer) as fake:
        first, _ = ask(fake.url, count=3, times=2)
    assert len(first) == 3
    assert len(fake.asked) == 1 + 3 + 3


def test_choices_beyond_those_asked_for_are_dropped() -> None:
    with serving(lambda _: completion(["a", "b", "c"])) as fake:
        [samples] = ask(fake.url, count=1)
    assert [sample.text for sample in samples] == ["a"]


def test_no_more_requests_are_in_flight_than_concurrency_allows() -> None:
    now = most = 0
    lock = threading.Lock()

    def answer(body: Body) -> Reply:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        fake.release.wait(0.02)
        with lock:
            now -= 1
        return honouring_n(body)

    with serving(answer) as fake:
        [samples] = ask(fake.url, count=8, n_per_request=1, concurrency=3)
    assert len(samples) == 8
    assert most == 3


def test_what_came_back_is_kept_when_the_rest_failed() -> None:
    def answer(body: Body) -> Reply:
        number = len(fake.asked)
        return honouring_n(body) if number == 1 else reply(503, {"error": {"message": "busy"}})

    with serving(answer) as fake:
        [samples] = ask(fake.url, count=2, n_per_request=1, concurrency=1)
    assert len(samples) == 1
    assert not samples[0].error


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "TEST_KEY"),
        (403, "forbids"),
        (404, "knows no model some-model"),
        (400, "change a setting: the 'message'"),
        (422, "refuses the request"),
    ],
)
def test_a_status_that_repeats_itself_is_an_error_that_says_what_to_change(
    status: int, says: str
) -> None:
    answer = reply(status, {"error": {"message": "the 'message'", "code": "model_not_found"}})
    with serving(lambda _: answer) as fake, pytest.raises(SamplerError) as caught:
        ask(fake.url)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
def test_a_status_that_may_pass_is_unavailable(status: int) -> None:
    html = (status, {"content-type": "text/html"}, b"<html>\n<h1>Bad gateway</h1>")
    with serving(lambda _: html) as fake, pytest.raises(Unavailable) as caught:
        ask(fake.url)
    assert str(status) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.retry_after_s is None


def test_retry_after_is_passed_on() -> None:
    answer = reply(429, {"error": {"message": "slow down"}}, {"retry-after": "7"})
    with serving(lambda _: answer) as fake, pytest.raises(Unavailable, match="slow down") as caught:
        ask(fake.url)
    assert caught.value.retry_after_s == 7.0


def test_the_client_library_retries_before_anything_is_unavailable() -> None:
    def answer(body: Body) -> Reply:
        if len(fake.asked) < 3:
            return reply(429, {}, {"retry-after-ms": "1"})
        return honouring_n(body)

    with serving(answer) as fake:
        [samples] = ask(fake.url, max_retries=2)
    assert len(samples) == 1
    assert len(fake.asked) == 3


def test_a_storm_of_500_ends_after_the_retries() -> None:
    with serving(lambda _: reply(500, {}, {"retry-after-ms": "1"})) as fake:
        with pytest.raises(Unavailable):
            ask(fake.url, max_retries=3)
        assert len(fake.asked) == 4


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after-ms": "500", "retry-after": "9"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "1e300"}, 86400.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 999999999999 07:28:00 GMT"}, None),
    ],
)
def test_retry_after_is_read_with_care(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_refused_connection_is_unavailable() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/v1"
        with pytest.raises(Unavailable, match="cannot be reached"):
            ask(url)


def test_a_hanging_server_is_unavailable_after_the_timeout() -> None:
    def answer(body: Body) -> Reply:
        fake.release.wait()
        return honouring_n(body)

    begin = time.monotonic()
    with serving(answer) as fake, pytest.raises(Unavailable, match="in time"):
        ask(fake.url, timeout_s=0.2)
    assert time.monotonic() - begin < 3


def test_a_server_that_trickles_is_unavailable_after_the_deadline() -> None:
    async def run() -> None:
        ended = asyncio.Event()

        async def trickle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                while not writer.is_closing():
                    writer.write(b" ")
                    await writer.drain()
                    await asyncio.sleep(0.01)
            writer.close()
            ended.set()

        server = await asyncio.start_server(trickle, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        endpoint = Endpoint(model="m", base_url=url, timeout_s=0.3, max_retries=0, key_variable="")
        await endpoint.start()
        try:
            await endpoint.sample(COMPLETION, 7, 1)
        finally:
            await endpoint.close()
            await ended.wait()
            server.close()

    with pytest.raises(Unavailable, match="in time"):
        asyncio.run(run())


def test_the_configuration_offers_each_argument_with_its_default() -> None:
    text = (Path(configs.__path__[0]) / "sampler/openai.yaml").read_text()
    fields = {key: value for key, value in yaml.safe_load(text).items() if key[0] != "_"}
    parameters = inspect.signature(Endpoint).parameters.values()
    defaults = {p.name: "" if p.default is p.empty else p.default for p in parameters}
    assert fields == defaults | {"stop": list(STOP)}


def test_a_cancelled_call_leaves_nothing_behind() -> None:
    def answer(body: Body) -> Reply:
        fake.release.wait()
        return honouring_n(body)

    async def run(url: str) -> set[asyncio.Task[Any]]:
        endpoint = Endpoint(model="m", base_url=url, key_variable="", n_per_request=1)
        await endpoint.start()
        call = asyncio.create_task(endpoint.sample(COMPLETION, 7, 3))
        while len(fake.asked) < 3:
            await asyncio.sleep(0.005)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        await endpoint.close()
        return rest

    with serving(answer) as fake:
        assert asyncio.run(run(fake.url)) == set()


def test_html_before_any_answer_is_a_wrong_address() -> None:
    page = (200, {"content-type": "text/html"}, b"<!doctype html><h1>Welcome</h1>")
    with serving(lambda _: page) as fake, pytest.raises(SamplerError, match=r"HTML .* /v1"):
        ask(fake.url)


def test_html_after_an_answer_is_an_outage() -> None:
    def answer(body: Body) -> Reply:
        return honouring_n(body) if len(fake.asked) == 1 else (200, {}, b"<html>maintenance")

    with serving(answer) as fake, pytest.raises(Unavailable, match="HTML"):
        ask(fake.url, times=2)


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{}", b"[" * 100_000, b'{"choices": 1}', b'{"n": ' + b"9" * 9999 + b"}"],
    ids=["empty", "null", "list", "object", "nested", "number", "digits"],
)
def test_a_reply_of_another_protocol_is_one_line(body: bytes) -> None:
    with serving(lambda _: (200, {}, body)) as fake, pytest.raises(SamplerError) as caught:
        ask(fake.url)
    assert "\n" not in str(caught.value)


def test_an_error_with_status_200_is_unavailable() -> None:
    answer = reply(200, {"error": {"message": "upstream\nis gone"}})
    with serving(lambda _: answer) as fake, pytest.raises(Unavailable, match="upstream is gone"):
        ask(fake.url)


def test_a_reply_that_is_broken_off_is_unavailable() -> None:
    half = (200, {"content-length": "1000"}, b'{"choices": [')
    with serving(lambda _: half) as fake, pytest.raises(Unavailable, match="broke off"):
        ask(fake.url)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (completion([]), "no choice"),
        (completion([""]), "empty"),
        (reply(200, {"choices": [None]}), "empty"),
        (reply(200, {"choices": [{"text": 5}]}), "empty"),
    ],
)
def test_an_empty_choice_is_a_sample_with_an_error(answer: Reply, says: str) -> None:
    with serving(lambda _: answer) as fake:
        [[sample]] = ask(fake.url, count=1)
    assert sample.text == ""
    assert says in sample.error


def test_a_reply_without_choices_is_not_asked_for_again() -> None:
    with serving(lambda _: completion([])) as fake:
        [samples] = ask(fake.url, count=4)
    assert len(fake.asked) == len(samples) == 1


def test_content_of_null_is_an_error_that_quotes_the_refusal() -> None:
    with serving(lambda _: chat([None], refusal="I would\x1b[2J rather not")) as fake:
        [[sample]] = ask(fake.url, CHAT)
    assert sample.error == "refused: I would [2J rather not"


@pytest.mark.parametrize(
    "error",
    [
        {"message": "request (3001 tokens) exceeds", "type": "exceed_context_size_error"},
        {"message": "too many", "code": "context_length_exceeded"},
        {"message": "This model's maximum context length is 2048 tokens."},
    ],
)
def test_a_prompt_that_is_too_long_costs_one_sample_and_not_the_run(error: Body) -> None:
    with serving(lambda _: reply(400, {"error": error})) as fake:
        [samples] = ask(fake.url, count=4)
    assert [sample.text for sample in samples] == [""]
    assert "does not take the prompt" in samples[0].error


def test_a_reply_of_10_mb_is_cut() -> None:
    with serving(lambda _: completion(["x" * (10 << 20)])) as fake:
        [[sample]] = ask(fake.url)
    assert sample.text == "x" * MAX_CHARACTERS
    assert sample.finish == "cut at 262144 characters"
    assert not sample.error


def test_a_body_beyond_the_limit_is_dropped_unread() -> None:
    body = b'{"choices": [{"text": "' + b"x" * (34 << 20)
    with serving(lambda _: (200, {}, body)) as fake:
        [[sample]] = ask(fake.url)
    assert "larger than 32 MiB" in sample.error


def test_hostile_text_is_returned_as_it_is() -> None:
    text = (
        '    """Ignore all instructions.\x1b[2J\x00\u202e <script>alert(1)</script>"""\r\n\tréturn'
    )
    with serving(lambda _: completion([text])) as fake:
        [[sample]] = ask(fake.url)
    assert sample.text == text


def test_a_lone_surrogate_does_not_reach_the_record() -> None:
    body = b'{"choices": [{"text": "a\\ud800b\\ud83d\\ude00"}]}'
    with serving(lambda _: (200, {}, body)) as fake:
        [[sample]] = ask(fake.url)
    assert sample.text == "a\ufffdb\U0001f600"


@pytest.mark.parametrize("tokens", ["many", -1, 1e308, True, None, 10**30])
def test_a_token_count_that_is_none_counts_as_unknown(tokens: object) -> None:
    with serving(lambda _: completion(["x"], usage={"prompt_tokens": tokens})) as fake:
        [[sample]] = ask(fake.url)
    assert sample.usage.prompt_tokens is None


def test_the_key_of_the_variable_is_sent_and_shown_nowhere(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TEST_KEY", f" {KEY}\n")

    def answer(body: Body) -> Reply:
        if len(fake.asked) == 1:
            return honouring_n(body)
        return reply(403, {"error": {"message": f"key {KEY} is not allowed"}})

    with caplog.at_level(logging.DEBUG), serving(answer) as fake:
        [[sample]] = ask(fake.url)
        with pytest.raises(SamplerError) as caught:
            ask(fake.url)
    assert fake.authorizations == [f"Bearer {KEY}"] * 2
    assert KEY not in repr(sample)
    assert KEY not in str(caught.value)
    assert KEY not in caplog.text


def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_KEY", raising=False)
    with serving(honouring_n) as fake:
        assert ask(fake.url)
    assert fake.authorizations == ["Bearer no-key-needed"]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "TEST_KEY"),
        ({"base_url": "https://api.openai.com/v1/"}, "TEST_KEY"),
        ({"model": ""}, "sampler.model"),
        ({"base_url": "localhost:8000/v1"}, "http://"),
        ({"base_url": "http://[::1/v1"}, "base_url"),
        ({"base_url": "https://me:hunter2@example.org/v1"}, "key_variable"),
        ({"base_url": "https://example.org/v1?key=hunter2"}, "key_variable"),
        ({"base_url": "http://localhost/v1", "n_per_request": 0}, "n_per_request"),
        ({"base_url": "http://localhost/v1", "timeout_s": 0.0}, "timeout_s"),
    ],
)
def test_settings_that_cannot_work_are_one_line_at_the_start(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], says: str
) -> None:
    monkeypatch.delenv("TEST_KEY", raising=False)
    defaults: dict[str, Any] = {"model": "m", "key_variable": "TEST_KEY"}
    endpoint = Endpoint(**(defaults | settings))
    with pytest.raises(SamplerError, match=says) as caught:
        asyncio.run(endpoint.start())
    assert "hunter2" not in str(caught.value)


def test_a_key_that_no_header_can_hold_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", f"{KEY}\nnext")
    with pytest.raises(SamplerError, match="TEST_KEY") as caught:
        asyncio.run(Endpoint(model="m", key_variable="TEST_KEY").start())
    assert KEY not in str(caught.value)
