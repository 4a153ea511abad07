"""Pictures read back as XML, as a browser would read them."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import strategies as st

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "<script>alert(1)</script>",
    "]]><svg onload=alert(1)>",
    "\" onmouseover='alert(1)' x=\"",
    "&lt;b&gt; &#x3c; &unknown;",
    "\x00\x1b[31m\x7f\ufffe\ud800",
    "\u202etxt.exe\u2066",
    "javascript:alert(1)",
    "{{ 7 * 7 }} {% raw %}",
)
texts = st.one_of(st.text(max_size=60), st.sampled_from(HOSTILE))
numbers = st.floats() | st.sampled_from([0.0, -0.0, 5e-324, 1e308, -1e308, 1.0, 1 + 2**-52])


def read(picture: str) -> ET.Element:
    """Return a picture's elements; fails if it is not XML, has a script, or is very long."""
    assert len(picture) < 600_000
    root = ET.fromstring(picture)
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in {
            *("svg", "g", "title", "desc", "text", "line", "rect", "circle", "polyline", "path"),
            "a",
        }
        assert not {key for key in element.attrib if key.startswith("on") or key == "style"}
        for key in ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height"):
            assert abs(float(element.attrib.get(key, "0"))) <= 1e6
    return root


def of_class(root: ET.Element, name: str) -> list[ET.Element]:
    """Return the elements that have a class, in order."""
    return [e for e in root.iter() if name in e.attrib.get("class", "").split()]


def said(root: ET.Element) -> list[str]:
    """Return the texts that are drawn, in order."""
    return ["".join(e.itertext()) for e in root.iter(f"{SVG}text")]


def links(root: ET.Element) -> list[str]:
    """Return where the links lead to, in the order of the Tab key."""
    return [e.attrib["href"] for e in root.iter(f"{SVG}a")]
