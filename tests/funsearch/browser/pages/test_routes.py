"""Every page has its address, its twins, and no way to break the others."""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from funsearch.browser.pages.server import Site
from funsearch.browser.pages.shelf import Shelf
from tests.funsearch.browser.chromium import hostile
from tests.funsearch.browser.pages.conftest import HOST


def paths(program: str, other: str) -> list[str]:
    return [
        "/",
        "/compare?a=one&b=two",
        "/runs/one/",
        "/runs/one/programs",
        f"/runs/one/programs/{program}",
        f"/runs/one/lineage/{program}",
        f"/runs/one/compare?a={other}&b={program}",
        "/runs/one/problem",
    ]


def twin(path: str, ending: str) -> str:
    page, mark, query = path.partition("?")
    return f"{page}{'index' if page.endswith('/') else ''}.{ending}{mark}{query}"


@pytest.fixture(scope="module")
def other(client: TestClient) -> str:
    return client.get("/runs/one/programs.json?sort=oldest").json()["rows"][0]["id"]


def test_every_page_is_there_with_a_title_landmarks_and_a_twin(
    client: TestClient, program: str, other: str
) -> None:
    for path in paths(program, other):
        page = client.get(path)
        assert page.status_code == 200, path
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        for mark in ('<html lang="en">', "<title>", '<main id="main"', "<nav aria-label=", "<h1"):
            assert mark in page.text, (path, mark)
        data = client.get(twin(path, "json"))
        assert data.status_code == 200, path
        assert data.headers["content-type"] == "application/json"
        assert isinstance(data.json(), dict)
        assert html.escape(twin(path, "json")) in page.text, path


def test_every_table_has_a_caption_and_heads(client: TestClient, program: str, other: str) -> None:
    for path in paths(program, other):
        for table in re.findall(r"<table.*?</table>", client.get(path).text, re.DOTALL):
            assert "<caption" in table, path
            assert '<th scope="col"' in table, path


def test_every_link_of_a_page_leads_somewhere(client: TestClient, program: str, other: str) -> None:
    found: set[str] = set()
    for path in paths(program, other):
        links = re.findall(r'(?:href|src)="(/[^"#]*)', client.get(path).text)
        found.update(html.unescape(link) for link in links[:60])
    for link in sorted(found):
        assert client.get(link).status_code == 200, link


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_inline(
    client: TestClient, program: str, other: str
) -> None:
    for path in paths(program, other):
        text = client.get(path).text
        assert not re.search(r"<script(?![^>]* src=)", text), path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text), path
        assert not re.search(r'(?:src|<link[^>]* href|action)="(?!/)', text), path


def test_the_table_as_csv_has_the_rows_of_the_page(client: TestClient) -> None:
    answer = client.get("/runs/one/programs.csv?sort=best&limit=7")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    data = client.get("/runs/one/programs.json?sort=best&limit=7").json()["rows"]
    assert [row["id"] for row in rows] == [row["id"] for row in data]
    assert len(rows) == 7


def test_pages_of_the_table_hold_each_program_once(client: TestClient) -> None:
    seen: list[str] = []
    path = "/runs/one/programs?limit=30"
    while path:
        text = client.get(path).text
        seen += re.findall(r'data-row><td><a class="id" href="/runs/one/programs/(\w+)"', text)
        following = re.search(r'<a rel="next" href="([^"]+)"', text)
        path = html.unescape(following[1]) if following else ""
    assert len(seen) == len(set(seen))
    assert len(seen) == client.get("/runs/one/programs.json").json()["count"]["number"]


def test_a_filter_stays_in_the_form_and_in_the_links(client: TestClient) -> None:
    text = client.get("/runs/one/programs?status=ok&limit=5&text=").text
    assert '<option value="ok" selected>' in text
    assert "status=ok" in html.unescape(re.findall(r'rel="next" href="([^"]+)"', text)[0])


def test_a_line_of_the_source_can_be_linked_to(client: TestClient, program: str) -> None:
    text = client.get(f"/runs/one/programs/{program}").text
    assert '<tr id="L1">' in text
    assert '<a href="#L1">1</a>' in text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/runs/none/", 404),
        ("/runs/one/programs/1234", 404),
        (f"/runs/one/programs/{'0' * 64}", 404),
        (f"/runs/one/lineage/{'0' * 64}", 404),
        (f"/runs/one/compare?a={'0' * 64}&b={'0' * 64}", 404),
        (f"/runs/one/objects/{'0' * 64}", 404),
        (f"/runs/one/proof/{'0' * 64}", 404),
        ("/runs/one/events/more", 404),
        ("/runs/none/events", 404),
        ("/static/0/../server.py", 404),
        ("/static/0/server.py", 404),
        ("/compare", 400),
        ("/runs/one/programs?island=x", 400),
        ("/runs/one/programs?island=99999999999999999999", 400),
        ("/runs/one/programs?sort=random", 400),
        ("/runs/one/programs?review=liked", 400),
        ("/runs/one/programs?after=nonsense", 400),
        ("/runs/one/programs?limit=-3", 400),
        (f"/runs/one/lineage/{'0' * 64}?before=x", 400),
    ],
)
def test_what_is_not_there_or_makes_no_sense_is_said_on_a_page(
    client: TestClient, path: str, status: int
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert "Traceback" not in answer.text


def test_a_twin_tells_its_failure_as_data(client: TestClient) -> None:
    answer = client.get(f"/runs/one/programs/{'0' * 64}.json")
    assert answer.status_code == 404
    assert "error" in answer.json()


def test_an_object_is_a_file_to_save_and_never_a_page(client: TestClient, program: str) -> None:
    answer = client.get(f"/runs/one/objects/{program}")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.text.startswith("def ")


def test_a_proof_holds_the_verifier_and_what_it_verifies(client: TestClient, program: str) -> None:
    answer = client.get(f"/runs/one/proof/{program}")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = {Path(name).name for name in archive.namelist()}
    assert {"verify.py", f"{program}.py"} <= names
    assert any(name.startswith("generation-") and name.endswith(".tlog-proof") for name in names)


def test_a_page_that_a_browser_has_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/runs/one/problem")
    again = client.get("/runs/one/problem", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_first_visit_is_small(client: TestClient, program: str) -> None:
    page = client.get(f"/runs/one/programs/{program}")
    assets = set(re.findall(r'"(/static/[^"]+)"', page.text))
    raw = [client.get(path, headers={"accept-encoding": "identity"}) for path in assets]
    assert sum(len(each.content) for each in [page, *raw]) < 400_000
    assert all("immutable" in each.headers["cache-control"] for each in raw)
    assert client.get("/static/0/style.css").headers["cache-control"] == "no-store"


def test_a_damaged_run_is_told_and_the_others_are_shown(
    folders: list[Path], tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "log").write_text("nonsense")
    site = Site(Shelf([folders[0], broken]))
    with TestClient(site.application(frozenset({HOST})), f"http://{HOST}") as client:
        page = client.get("/")
        assert page.status_code == 200
        assert "not readable" in page.text
        assert client.get("/runs/broken/").status_code == 400
        assert client.get("/runs/one/").status_code == 200


def test_runs_of_one_name_get_addresses_of_their_own(folders: list[Path], tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(folders[1])
    assert sorted(Shelf([folders[0], tmp_path / "one"]).folders()) == ["one", "one-2"]


class _Elements(HTMLParser):
    """Gathers what a browser would act upon."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.targets: set[str] = set()
        self.words = ""

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in ("href", "src", "action", "hx-get"):
                self.targets.add(value or "")


def test_hostile_text_makes_no_element_attribute_or_address(tmp_path: Path) -> None:
    folder = tmp_path / hostile.NAME
    programs = hostile.write(folder)
    shelf = Shelf([folder])
    with TestClient(Site(shelf).application(frozenset({HOST})), f"http://{HOST}") as client:
        (name,) = shelf.folders()
        run = client.get("/").text.split('href="/runs/')[1].split('/"')[0]
        assert name == hostile.NAME
        pages = ["/", f"/runs/{run}/", f"/runs/{run}/programs", f"/runs/{run}/problem"]
        for program in programs:
            pages += [f"/runs/{run}/programs/{program}", f"/runs/{run}/lineage/{program}"]
        pages.append(f"/runs/{run}/compare?a={programs[0]}&b={programs[1]}")
        for path in pages:
            answer = client.get(path)
            assert answer.status_code == 200, path
            found = _Elements()
            found.feed(answer.text)
            assert not found.tags & {"iframe", "img", "base", "style", "textarea", "plaintext"}
            assert not {name for name in found.attributes if name.startswith(("on", "style"))}
            assert all(target.startswith(("/", "#")) for target in found.targets), path
            assert not set("\u202e\u2066\u200f\x1b\x07") & set(found.words), path
