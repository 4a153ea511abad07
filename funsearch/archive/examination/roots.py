"""The roots that were signed, met one by one while the tree grows; from them follows who is right.

Where the root of a checkpoint comes out, all records before it are those that were signed, and a
tile that says otherwise is wrong. Where it does not, one of the records since the last good root
is another one, and the narrowest suspicion says which.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from funsearch.archive import files
from funsearch.archive.examination.checkpoints import Outside
from funsearch.archive.examination.report import Findings
from funsearch.archive.examination.tree import Growing, Suspicion, narrowest
from funsearch.archive.tlog.note import Checkpoint
from funsearch.archive.tlog.tiles import WIDTH, bundle_path


class Roots:
    """Compares the roots of checkpoints with those of a growing tree."""

    def __init__(
        self,
        kept: Iterator[Checkpoint],
        outside: Sequence[Outside],
        signed: int,
        findings: Findings,
    ) -> None:
        """Prepare.

        Args:
            kept: the log's own, by size.
            outside: those of others.
            signed: how many records the log's last one covers.
            findings: takes down what is wrong.
        """
        self._kept = kept
        self._next = next(kept, None)
        self._outside = sorted(outside, key=lambda one: one.checkpoint.size, reverse=True)
        self._findings = findings
        self._good = 0
        self._broken: int | None = None
        self._strange: list[Outside] = []
        while self._outside and (beyond := self._outside[0]).checkpoint.size > signed:
            del self._outside[0]
            findings.flaw(
                files.CHECKPOINTS,
                f"ends with {signed} records, but the checkpoint in {beyond.source} has "
                f"{beyond.checkpoint.size}: the folder was rolled back",
            )

    def grow(self, tree: Growing, leaves: Sequence[bytes]) -> None:
        """Add the hashes of a bundle's entries to a tree, and compare each root on the way.

        Args:
            tree: that ends where the bundle begins.
            leaves: of the bundle.
        """
        first, end = tree.size, tree.size + len(leaves)
        while (size := self._next_size()) is not None and size <= end:
            tree.add(leaves[tree.size - first : size - first])
            self._compare(size, tree.root())
        tree.add(leaves[tree.size - first :])

    def _next_size(self) -> int | None:
        sizes = [self._next.size] if self._next else []
        sizes += [one.checkpoint.size for one in self._outside[-1:]]
        return min(sizes, default=None)

    def _compare(self, size: int, root: bytes) -> None:
        """Compare the checkpoints of a size, which is that of the next one."""
        kept = good = False
        while self._next is not None and self._next.size == size:
            kept, good = True, self._next.root == root
            if not good and self._broken is None:
                self._broken = size
            self._next = next(self._kept, None)
        if kept and good and self._broken is None:
            self._good = size
        while self._outside and self._outside[-1].checkpoint.size == size:
            one = self._outside.pop()
            if one.checkpoint.root != root:
                self._strange.append(one)
            elif not kept:
                self._findings.flaw(
                    files.CHECKPOINTS,
                    f"lacks the checkpoint of {size} records that {one.source} holds",
                )

    def judge(self, suspicions: Sequence[Suspicion], start: int, size: int) -> None:
        """Say what is wrong, after all has been compared.

        Args:
            suspicions: about tiles.
            start: number of the first entry of the journal: later tiles can be made of that.
            size: number of records there are.
        """
        good, broken = self._good, self._broken
        for one in suspicions:
            if one.high <= good:
                what = f"is not what records {one.low} to {one.high - 1} imply"
                can_be_made = one.tile_end > start
                flaw = self._findings.spoilt if can_be_made else self._findings.flaw
                flaw(one.file, what)
        for one in self._strange:
            if broken is None or one.checkpoint.size <= good:
                self._findings.flaw(
                    one.source,
                    f"is of another history: its {one.checkpoint.size} records are not the "
                    f"first {one.checkpoint.size} of this folder",
                    remedy="keep both: who holds the key of this log has signed two histories",
                )
        end = size if broken is None else broken
        worst = narrowest([one for one in suspicions if one.low < end], good)
        if worst is not None:
            self._name(worst, min(worst.high, end), size)
        elif broken is not None and not self._findings.has_altered(good, broken):
            self._name(Suspicion(good, broken, files.CHECKPOINTS), broken, size)

    def _name(self, worst: Suspicion, high: int, size: int) -> None:
        # One that cannot be is another one itself, or comes after another one.
        last = self._findings.first_impossible(worst.low, high)
        if worst.high - worst.low > 1 and last > worst.low:
            what = "says that it is not what was logged"
            self._findings.altered(worst.file, what, worst.low, last)
            return
        bundle = worst.low // WIDTH
        full = (bundle + 1) * WIDTH <= size
        file = f"{files.LOG}/{bundle_path(bundle)}" if full else files.JOURNAL
        self._findings.altered(file, "is not the entry that was logged", worst.low)
