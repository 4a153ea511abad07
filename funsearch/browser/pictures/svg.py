"""Elements of SVG as text: everything that is not markup of our own is escaped here, once.

A picture has no style and no script in it; its classes are given colours by `pictures.css`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from markupsafe import Markup, escape

from funsearch.text import one_line

LONGEST_TEXT = 400
"""Characters of a text in a picture."""
_LARGEST = 1e6
"""No place in a picture is further out; what is would only be a number that is not finite."""
_NOTHING = Markup()


def element(name: str, *children: Markup, **attributes: object) -> Markup:
    """Return an element.

    Args:
        name: of the element.
        children: what is in it, in order.
        attributes: `class_` stands for `class`, and `_` inside a name for `-`. Floats become
            coordinates, None is left out, all else is text.
    """
    written = _NOTHING.join(
        Markup(' {}="{}"').format(_name(key), _value(value))
        for key, value in attributes.items()
        if value is not None
    )
    if not children:
        return Markup("<{}{}/>").format(name, written)
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, _NOTHING.join(children))


def words(text: str, most: int = LONGEST_TEXT) -> Markup:
    """Return a text, escaped, on one line, and cut after so many characters."""
    return escape(one_line(text, most))


def cut(content: str, most: int) -> str:
    """Return a text on one line, and cut after so many characters."""
    return one_line(content, most)


def text(x: float, y: float, content: str, class_: str = "", **attributes: object) -> Markup:
    """Return a line of text at a place."""
    kind = class_ or None
    return element("text", words(content), x=x, y=y, class_=kind, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """Return a straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def rectangle(x: float, y: float, width: float, height: float, class_: str) -> Markup:
    """Return a rectangle; one without size is drawn as a dot that can be seen."""
    size = {"width": max(width, 0.5), "height": max(height, 0.5)}
    return element("rect", x=x, y=y, **size, class_=class_)


def link(target: str, *children: Markup, title: str, class_: str | None = None) -> Markup:
    """Return a link around elements; its title is what a reader of text hears.

    Args:
        target: where it leads to; a path of ours.
        children: what is drawn.
        title: name of the link.
        class_: of the element.
    """
    name = one_line(title, LONGEST_TEXT)
    told = element("title", words(title))
    return element("a", told, *children, href=target, aria_label=name, class_=class_)


def picture(
    width: float,
    height: float,
    children: Iterable[Markup],
    *,
    title: str,
    description: str,
    kind: str,
    linked: bool = False,
) -> Markup:
    """Return a whole picture.

    Args:
        width: in units that are pixels on a wide screen.
        height: the same.
        children: what is drawn, in order.
        title: what it shows, for readers of text.
        description: what there is to be seen, for them.
        kind: class of the picture, beside `picture`.
        linked: whether there are links in it. If not, it is one image to readers of text.
    """
    return element(
        "svg",
        element("title", words(title)),
        element("desc", words(description, 10 * LONGEST_TEXT)),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_number(width)} {_number(height)}",
        width=width,
        height=height,
        role="group" if linked else "img",
        aria_label=one_line(title, LONGEST_TEXT),
        class_=f"picture {kind}",
    )


def path(points: Iterable[tuple[float, float]], class_: str) -> Markup:
    """Return an open line through points."""
    places = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
    return element("polyline", points=places, class_=class_)


def _name(key: str) -> str:
    return key if key == "viewBox" else key.rstrip("_").replace("_", "-")


def _value(value: object) -> str:
    return _number(value) if isinstance(value, float) else one_line(str(value), 100_000)


def _number(value: float) -> str:
    """Return a coordinate, to a hundredth of a pixel."""
    if math.isnan(value):
        return "0"
    return f"{min(_LARGEST, max(-_LARGEST, value)):.2f}".rstrip("0").rstrip(".")
