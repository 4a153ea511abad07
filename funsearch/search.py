"""The protocol of a search: which programs the next prompt shows, as a function of the past."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from funsearch.columns import Columns
from funsearch.islands import Draw, Overview, Reset


class Search(Protocol):
    """Chooses examples out of what was registered.

    Every implementation owes:
      * `draw` is a function of the run's seed, the draw's number and the calls of `register` and
        `reset` before it, and changes nothing;
      * `register` and `reset` are deterministic in the same way;
      * what `restore` made of another's `columns` can not be told from that other by any method;
      * nothing else: no clock, no files, no threads.
    """

    @property
    def size(self) -> int:
        """Number of islands."""
        ...

    @property
    def registrations(self) -> int:
        """How many programs were registered, in all."""
        ...

    @property
    def resets(self) -> int:
        """How many resets there were."""
        ...

    def epoch(self, island: int) -> int:
        """Return how often an island was reset."""
        ...

    def overview(self) -> Sequence[Overview]:
        """Return each island at a glance."""
        ...

    def draw(self, number: int) -> Draw:
        """Return the examples of a draw, worst first; LookupError if nothing is registered."""
        ...

    def register(self, program: int, island: int | None, epoch: int) -> bool:
        """Take a program with a score, and return whether it was taken.

        Args:
            program: number in the population.
            island: index, or None for all islands.
            epoch: of the island when its prompt was drawn.
        """
        ...

    def reset_due(
        self, seconds_since_reset: float = 0.0
    ) -> Literal["registrations", "seconds"] | None:
        """Return what calls for a reset now, if anything does."""
        ...

    def plan_reset(self) -> Reset:
        """Return what a reset would do now; changes nothing."""
        ...

    def reset(self) -> Reset:
        """Reset now, and return what was done."""
        ...

    def columns(self) -> Columns:
        """Return all there is to keep beside the population; good until the next call."""
        ...

    def restore(self, columns: Columns) -> None:
        """Become the search whose `columns` these are; called once, on a new one.

        The population is as it was then. The columns may be anybody's: nothing they hold may
        make another method fail later.

        Raises:
            ValueError: they are not those of any search of this kind; one line says why.
        """
        ...
