"""Who may ask, how, and what every answer says."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from funsearch.browser import pages
from funsearch.browser.pages.guard import COOKIE, POLICY, Token
from funsearch.browser.pages.server import Site
from funsearch.browser.pages.shelf import Shelf
from tests.funsearch.browser.pages.conftest import HOST


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "127.0.0.1", "127.0.0.1:80", f"{HOST}.evil.example", f"x@{HOST}"],
)
def test_another_host_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("origin", ["null", "http://evil.example", f"https://{HOST}", "http://"])
def test_another_origin_is_refused(client: TestClient, origin: str) -> None:
    assert client.get("/index.json", headers={"origin": origin}).status_code == 403


def test_our_own_origin_may_ask(client: TestClient) -> None:
    assert client.get("/index.json", headers={"origin": f"http://{HOST}"}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/runs/one/programs", "/nothing"])
def test_nothing_can_be_written(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_a_head_is_answered_without_a_body(client: TestClient) -> None:
    answer = client.head("/runs/one/problem")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "path", ["/", "/index.json", "/nothing", "/static/0/style.css", "/runs/one/programs?sort=x"]
)
def test_every_answer_says_what_a_browser_must_not_do(client: TestClient, path: str) -> None:
    for headers in (client.get(path).headers, client.post(path).headers):
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_the_policy_allows_nothing_inline_and_nobody_to_frame() -> None:
    assert "unsafe" not in POLICY
    assert "default-src 'none'" in POLICY
    assert "frame-ancestors 'none'" in POLICY


def test_a_long_address_is_refused(client: TestClient) -> None:
    assert client.get(f"/runs/one/programs?text={'x' * 5000}").status_code == 414
    assert client.get(f"/runs/{'x' * 5000}/").status_code == 414


@pytest.fixture
def exposed(folders: list[Path]) -> tuple[TestClient, Token, list[str]]:
    """A client of a site that asks for a token, the token, and the keys printed after the first."""
    printed: list[str] = []
    token = Token(printed.append)
    app = Site(Shelf(folders)).application(frozenset({HOST}), token)
    return TestClient(app, f"http://{HOST}", follow_redirects=False), token, printed


def test_without_the_cookie_nothing_is_told(
    exposed: tuple[TestClient, Token, list[str]],
) -> None:
    client, token, _ = exposed
    client.cookies.clear()
    for path in ("/", "/index.json", "/static/0/style.css", "/runs/one/events", "/enter"):
        assert client.get(path).status_code == 403, path
    assert client.get("/enter?key=wrong").status_code == 403
    assert client.get("/", headers={"cookie": f"{COOKIE}=wrong"}).status_code == 403
    assert client.get("/", headers={"cookie": f"{COOKIE}={token.key}"}).status_code == 403


def test_a_link_works_once_and_leaves_a_cookie(
    exposed: tuple[TestClient, Token, list[str]],
) -> None:
    client, token, printed = exposed
    key = token.key
    assert client.head(f"/enter?key={key}").status_code == 403
    entered = client.get(f"/enter?key={key}")
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "SameSite=strict" in entered.headers["set-cookie"]
    cookie = {"cookie": f"{COOKIE}={token.cookie}"}
    assert client.get("/runs/one/problem", headers=cookie).status_code == 200
    client.cookies.clear()
    assert client.get(f"/enter?key={key}").status_code == 403
    assert printed == [token.key]
    assert client.get(f"/enter?key={printed[0]}").status_code == 303


def test_vendored_scripts_are_those_that_are_listed() -> None:
    folder = Path(pages.__file__).with_name("static")
    rows = re.findall(
        r"^\| `(\S+)` .*`([0-9a-f]{64})` \|$", (folder / "VENDORED.md").read_text(), re.MULTILINE
    )
    assert [name for name, _ in rows] == ["htmx.min.js"]
    for name, digest in rows:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
