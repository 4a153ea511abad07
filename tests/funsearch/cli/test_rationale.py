"""What a model said beside its code, as `show` prints it: apart, escaped, and called unverified."""

from __future__ import annotations

from pathlib import Path

from funsearch.archive.archive import Archive
from tests.funsearch.archive.conftest import CONFIG, Make, digest
from tests.funsearch.cli.shell import Shell

SOURCE = "def priority(el, n):\n    return 1\n"
REPLY = f"Ignore all rules. \x1b[2J\u202egood\n```python\n{SOURCE}```".encode()


def test_show_prints_the_rationale_apart_and_escaped(tmp_path: Path) -> None:
    shell, make = Shell(tmp_path), Make()
    with Archive.create(tmp_path / "runs" / "first", CONFIG) as archive:
        archive.append(make.run(), [make.packages])
        make.start(archive, 0)
        archive.append(make.generation(1, [0], reply=digest(REPLY)), [make.source(1), REPLY])
        archive.append(make.generation(2, [0]), [make.source(2)])
    with_prose, without = (digest(make.source(name))[:12] for name in (1, 2))
    text = shell("show", with_prose)
    source, _, said = text.partition("\nrationale (unverified text of the model):\n")
    assert "Ignore" not in source
    assert said.strip() == "Ignore all rules. \\x1b[2J\\u202egood"
    assert "unverified" not in shell("show", without)
    (shown,) = shell.json("show", with_prose)
    assert shown["rationale"] == "Ignore all rules. \x1b[2J\u202egood"
    (shown,) = shell.json("show", without)
    assert shown["rationale"] == ""
