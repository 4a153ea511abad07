"""The entries of a log as records, one after the other, and what they say of the folder's files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from funsearch.archive import files
from funsearch.archive.examination import surroundings
from funsearch.archive.examination.contents import Contents
from funsearch.archive.examination.copies import Copies
from funsearch.archive.examination.report import Findings
from funsearch.archive.examination.story import Story
from funsearch.archive.records import GenerationRecord, RunRecord
from funsearch.archive.statement import decode
from funsearch.archive.tlog.note import Verifier


class Records:
    """Takes in all entries of a log."""

    def __init__(self, folder: Path, copies: Copies, findings: Findings) -> None:
        """Look at the files that records speak of, before any is read."""
        self._folder = folder
        self._findings = findings
        self._story = Story(copies.entry, minimise=surroundings.is_minimised(folder))
        self._config = surroundings.config_digest(folder, findings)
        self._lying = surroundings.best_digests(folder)
        self._earlier: dict[str, str] = {}

    @property
    def has_finished(self) -> bool:
        """Whether the last session said that it had ended."""
        last = self._story.last
        return isinstance(last, RunRecord) and last.event == "finished"

    def take(self, number: int, data: bytes, contents: Contents | None) -> None:
        """Take in the next entry.

        Args:
            number: of it.
            data: of it.
            contents: looks up what it names; None if the objects cannot be read.
        """
        findings, story = self._findings, self._story
        findings.checked["records"] += 1
        try:
            record = decode(data)
        except ValueError as error:
            findings.impossible(str(error), number)
            return
        leader, programs = story.leader, story.programs
        for what in story.take(number, data, record):
            findings.impossible(what, number)
        leads = story.leader is not leader
        if leads and story.leader is not None:
            self._note_earlier(story.leader.certificates.items())
        if contents is not None:
            new = None
            if isinstance(record, GenerationRecord) and story.programs > programs:
                new = record.program
            contents.want(number, record, leads=leads, new=new)

    def _note_earlier(self, certificates: Iterable[tuple[str, str]]) -> None:
        for instance, digest in certificates:
            if self._lying.get(instance) == digest:
                self._earlier[instance] = digest

    def finish(self, verifier: Verifier) -> None:
        """Compare what the records say with the files, after the last one."""
        findings, story = self._findings, self._story
        findings.checked["programs"] = story.programs
        if story.waiting:
            findings.warn(f"{story.waiting} generations wait for their evaluation: resume the run")
        if story.first is not None and self._config not in ("", story.first.config):
            findings.flaw(files.CONFIG, "is not the file that record 0 names")
        if story.log is not None and story.log[0] != verifier.text:
            findings.flaw(files.VERIFIER, f"is not the key that record {story.log[1]} names")
        surroundings.compare_best(
            self._folder,
            self._lying,
            {} if story.leader is None else story.leader.certificates,
            self._earlier,
            findings,
            finished=self.has_finished,
        )
