"""Pictures as a browser draws them: sizes of texts, colours, and what readers of text are told."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Literal

import numpy as np
import pytest
from playwright.sync_api import Browser

from evaluators.certificate import CertificateFile
from evaluators.verdict import Certificate
from funsearch.browser.pictures import certificates, curve, graph, islands
from problems.contract import Instance
from tests.funsearch.browser.chromium.watching import Watched, watched
from tests.funsearch.browser.pictures.test_graph import history

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en"><title>Pictures</title><style>{style}
body {{ background: var(--pic-ground); color: var(--pic-text); font-family: sans-serif }}
div {{ overflow-x: auto }}</style><main><h1>Pictures</h1>{pictures}</main></html>"""


def gallery() -> str:
    made, tied = history(60)
    steps = [curve.Step(1.6**i, 64.0 + 2 * i, f"#{i}", f"id{i}") for i in range(20)]
    levels = [curve.Level("best known", 112.0), curve.Level("proven bound", 112.0)]
    several = [curve.Curve(f"run {i}", steps[i:], 9000.0) for i in range(4)]
    vectors = np.array([[0, 0, 0], [0, 0, 1], [2, 1, 0]], dtype=np.int8)
    kept = Certificate("int8", vectors.shape, vectors.tobytes())
    certificate = certificates.draw(CertificateFile("cap_set", Instance("n=3", {"n": 3}), kept))
    assert certificate is not None
    pictures = [
        curve.draw(several[:1], levels, along="samples", metric="size (vectors)"),
        curve.draw(several, along="seconds", metric="size (vectors)"),
        islands.draw(
            [islands.Island(i, 10**i, 64.0 + i, i, f"#{i}") for i in range(5)], metric="size"
        ),
        graph.draw(made, tied, href=lambda name: f"#{name}", chosen="p50"),
        certificate,
    ]
    style = (files("funsearch.browser.pictures") / "pictures.css").read_text()
    scrolling = "".join(
        f'<div tabindex="0" role="region" aria-label="picture {i}">{picture}</div>'
        for i, picture in enumerate(pictures)
    )
    return PAGE.format(style=style, pictures=scrolling)


@pytest.fixture(params=["light", "dark"])
def shown(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Watched]:
    scheme: Literal["light", "dark"] = request.param
    with watched(chromium, color_scheme=scheme, viewport={"width": 1000, "height": 800}) as seen:
        seen.page.set_content(gallery())
        seen.shot(f"pictures-{scheme}")
        yield seen
        assert not seen.faults


# Of the foreground and the colour that an element is drawn on: WCAG 2.1, 1.4.3 and 1.4.11.
CONTRASTS = """() => {
    const light = colour => {
        const [r, g, b] = colour.match(/\\d+/g).slice(0, 3).map(Number).map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (a, b) => {
        const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
        return (high + 0.05) / (low + 0.05);
    };
    const ground = getComputedStyle(document.body).backgroundColor;
    const found = [];
    for (const text of document.querySelectorAll('svg text')) {
        const box = text.parentElement.querySelector('rect');
        const inside = text.closest('a.node') && !text.classList.contains('more') && box;
        const below = inside ? getComputedStyle(box).fill : ground;
        found.push(['text', text.textContent, contrast(getComputedStyle(text).fill, below)]);
    }
    const tell = (element, colour) =>
        found.push(['line', element.getAttribute('class'), contrast(colour, ground)]);
    for (const line of document.querySelectorAll('svg .line, svg .edge, svg line.known, svg .rule'))
        tell(line, getComputedStyle(line).stroke);
    for (const dot of document.querySelectorAll('svg circle, svg .bar, svg .cell'))
        tell(dot, getComputedStyle(dot).fill);
    return found;
}"""


def test_texts_and_lines_have_enough_contrast(shown: Watched) -> None:
    found = shown.page.evaluate(CONTRASTS)
    assert {kind for kind, _, _ in found} == {"text", "line"}
    least = {"text": 4.5, "line": 3.0}
    assert [item for item in found if item[2] < least[item[0]]] == []


def test_nothing_stands_in_the_way_of_people(shown: Watched) -> None:
    assert shown.barriers() == []


def test_no_text_of_a_graph_leaves_its_box(shown: Watched) -> None:
    leaving = shown.page.evaluate("""() => [...document.querySelectorAll('a.node')].filter(node => {
        const text = node.querySelector('text').getBoundingClientRect();
        const box = node.querySelector('rect').getBoundingClientRect();
        return text.left < box.left || text.right > box.right;
    }).map(node => node.textContent)""")
    assert leaving == []


def test_no_label_leaves_its_picture(shown: Watched) -> None:
    leaving = shown.page.evaluate("""() => [
        ...document.querySelectorAll('svg text')
    ].filter(text => {
        const inner = text.getBoundingClientRect();
        const outer = text.closest('svg').getBoundingClientRect();
        return inner.left < outer.left - 1 || inner.right > outer.right + 1
            || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1;
    }).map(text => text.textContent)""")
    assert leaving == []


def test_links_in_pictures_are_reached_by_the_tab_key(shown: Watched) -> None:
    shown.page.locator("svg.curve a").first.focus()
    seen: list[str] = []
    for _ in range(3):
        seen.append(shown.page.evaluate("document.activeElement.getAttribute('href')"))
        shown.page.keyboard.press("Tab")
    assert seen == ["#0", "#1", "#2"]
