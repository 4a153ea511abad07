"""The whole corpus: every program gets a verdict it may get, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from evaluators.verdict import Status, Verdict
from tests.hostile.bait import laid
from tests.hostile.corpus import FOLDER, corpus, read
from tests.hostile.inside import objection
from tests.hostile.leftovers import belongings
from tests.hostile.modes import MODES, Mode, run

IN_THE_DEFAULT_SUITE = {"as started"}
"""Surroundings whose modes take a few seconds and need no rights."""


def marked(mode: Mode) -> object:
    slow = mode.surroundings not in IN_THE_DEFAULT_SUITE
    marks = [pytest.mark.hostile, pytest.mark.slow] if slow else []
    return pytest.param(mode, marks=marks, id=mode.name)


@pytest.mark.parametrize("mode", [marked(mode) for mode in MODES])
def test_hostile_programs_get_nothing_and_leave_nothing(mode: Mode) -> None:
    outcome = run(mode)
    if outcome.unavailable:
        pytest.skip(outcome.unavailable)
    assert outcome.unexpected == []
    assert outcome.left == []
    assert outcome.hostile == len(corpus())
    assert outcome.honest > 0


def test_corpus_is_large_and_well_formed() -> None:
    programs = corpus()
    assert len(programs) >= 350
    assert len(programs) == sum(1 for _ in FOLDER.rglob("*.py"))
    assert all(each.expected and each.aim for each in programs)
    assert len({each.text for each in programs}) == len(programs)


@pytest.mark.parametrize(
    "text",
    [
        "# forbiden\n# Tries.\n",
        "# ok\ndef f(x): pass\n",
        "# crashed 3.0\n# Tries.\n",
        "def f(x):\n    pass\n",
    ],
)
def test_file_without_verdicts_and_aim_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"wants|after ok|is not"):
        read("kind/name", text)


def test_generated_text_is_the_value_of_the_expression() -> None:
    assert read("kind/name", "# crashed\n# Tries.\n# generate\n'a' * 3\n").text == "aaa"


@pytest.mark.parametrize(
    ("verdict", "objected"),
    [
        (Verdict(Status.OK, 3.0), False),
        (Verdict(Status.OK, 27.0), True),
        (Verdict(Status.FORBIDDEN), False),
        (Verdict(Status.REJECTED), False),
        (Verdict(Status.CRASHED), True),
        (Verdict(Status.SANDBOX_ERROR), True),
        (Verdict(Status.FORBIDDEN, reason="\x1b[2J"), True),
    ],
)
def test_verdict_that_is_not_expected_is_objected_to(verdict: Verdict, objected: bool) -> None:
    hostile = read("kind/name", "# forbidden ok 3.0\n# Tries.\n")
    assert bool(objection(hostile, verdict)) is objected


def test_bait_that_nobody_touched_is_clean() -> None:
    with laid() as bait:
        assert bait.touched() == []


def test_touched_bait_shows() -> None:
    with laid() as bait:
        Path(bait.hook("@FOLDER@/written")).touch()
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram:
            stream.connect(("127.0.0.1", int(bait.hook("@PORT@"))))
            datagram.sendto(b"x", ("127.0.0.1", bait.port))
            os.kill(os.getpid(), signal.SIGURG)
            assert bait.touched() == [
                f"file {bait.folder}/written",
                "AF_INET SOCK_STREAM service",
                "AF_INET SOCK_DGRAM service",
                f"signal {signal.SIGURG.value}",
            ]


def test_process_and_descriptor_left_behind_show() -> None:
    before = belongings()
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as process:
        left = belongings().beyond(before)
        assert any(line.startswith(f"process {process.pid}: /bin/cat") for line in left)
        assert any(line.startswith("descriptor ") for line in left)
    assert belongings().beyond(before) == []
