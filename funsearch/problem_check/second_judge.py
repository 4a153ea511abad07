"""The checker as a judge of many certificates: one interpreter for all, as bare as a user's."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path

from evaluators import certificate as certificates
from evaluators.reason import clean
from evaluators.verdict import Certificate
from funsearch import checking
from funsearch.problem_check import checker_driver
from funsearch.problem_check.answer import Answer
from problems.contract import Instance


class SecondJudge:
    """Asks a checker in a process of its own, which is started again when it is lost."""

    def __init__(self, problem: str, checker: Path, answer_s: float = 10.0) -> None:
        """Describe the process; the first question starts it.

        Args:
            problem: name, as certificates give it.
            checker: path of the program.
            answer_s: how long an answer may take.
        """
        self._problem = problem
        self._checker = checker
        # In memory: a disk may take milliseconds for each of thousands of files.
        self._file = os.memfd_create("certificate.json")
        self._answer_s = answer_s
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, instance: Instance, certificate: Certificate) -> Answer:
        """Return what the checker says of a certificate."""
        self._write(instance, certificate)
        if self._process is None:
            self._process = self._started()
        began = time.perf_counter()
        line = self._exchange(self._process)
        if line is None:
            self._end()
            says = f"the checker gave no answer within {self._answer_s:g} s"
            return Answer(None, says, fault=True, silent=True)
        if not line:
            self._end()
            return Answer(None, "the checker ended the process that it was run in", fault=True)
        answer = json.loads(line)
        found = _answer(answer["status"], answer["output"], instance)
        return Answer(found.score, found.says, found.fault, seconds=time.perf_counter() - began)

    def ask_as_a_user(self, instance: Instance, certificate: Certificate) -> Answer:
        """Return what the checker says in a process that it has for itself."""
        self._write(instance, certificate)
        checked = checking.run_checker(self._checker, self._path)
        return _answer(checked.status, checked.output, instance)

    def close(self) -> None:
        """End the process for good."""
        self._end()
        os.close(self._file)

    @property
    def _path(self) -> Path:
        return Path(f"/proc/{os.getpid()}/fd/{self._file}")

    def _write(self, instance: Instance, certificate: Certificate) -> None:
        text = certificates.text(self._problem, instance, certificate).encode()
        os.ftruncate(self._file, 0)
        with open(self._file, "wb", closefd=False) as file:
            file.seek(0)
            file.write(text)

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", checker_driver.__file__, str(self._checker)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            start_new_session=True,
        )

    def _exchange(self, process: subprocess.Popen[bytes]) -> bytes | None:
        """Send the file's path; return the line that comes back, None if none does in time."""
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(f"{self._path}\n".encode())
            process.stdin.flush()
        except BrokenPipeError:
            return b""
        line = b""
        deadline = time.monotonic() + self._answer_s
        while not line.endswith(b"\n"):
            left = max(0.0, deadline - time.monotonic())
            if not select.select([process.stdout], [], [], left)[0]:
                return None
            read = os.read(process.stdout.fileno(), 1 << 16)
            if not read:
                return b""
            line += read
        return line


def _answer(status: object, output: str, instance: Instance) -> Answer:
    """Return what an exit status and the words that came with it mean."""
    words = clean(output, 300)
    score = checking.Checked(0, output, ()).score if status == 0 else None
    if status == 2:
        # A refusal too; where there should be a score, the comparison shows it.
        return Answer(None, f"cannot be read: {words}")
    if not (score is not None or (status == 1 and words.startswith("invalid "))):
        return Answer(None, f"the checker ended with {status} and said: {words}", fault=True)
    if certificates.instance_digest(instance) not in output.split():
        return Answer(None, f"the checker does not name the instance's digest: {words}", fault=True)
    return Answer(score, words.removeprefix("invalid ").partition(" instance ")[0])
