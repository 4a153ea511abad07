"""Questions to an index. Every answer is bounded, and the same for the same log.

A program's row never changes once it has a verdict that is `ok`.
"""

from funsearch.archive.queries.ancestry import (
    MOST_ANCESTORS,
    MOST_WALKED,
    descendants,
    lineage,
)
from funsearch.archive.queries.model import (
    Attempt,
    Direction,
    History,
    Lineage,
    Neighbour,
    Page,
    ProgramRow,
    Retraction,
    Step,
    Summary,
    Verification,
)
from funsearch.archive.queries.neighbours import MOST_COMPARED, nearest
from funsearch.archive.queries.pages import (
    MOST_EXAMINED,
    MOST_WORDS,
    NO_FILTER,
    Filter,
    all_programs,
    attempts,
    best,
    by_status,
    descended,
    latest,
    leaders,
    with_words,
)
from funsearch.archive.queries.programs import (
    SHORTEST_PREFIX,
    find,
    program,
    retractions,
    verifications,
)
from funsearch.archive.queries.progress import MOST_IMPROVEMENTS, Course, Improvement, course
from funsearch.archive.queries.summary import summary

__all__ = [
    "MOST_ANCESTORS",
    "MOST_COMPARED",
    "MOST_EXAMINED",
    "MOST_IMPROVEMENTS",
    "MOST_WALKED",
    "MOST_WORDS",
    "NO_FILTER",
    "SHORTEST_PREFIX",
    "Attempt",
    "Course",
    "Direction",
    "Filter",
    "History",
    "Improvement",
    "Lineage",
    "Neighbour",
    "Page",
    "ProgramRow",
    "Retraction",
    "Step",
    "Summary",
    "Verification",
    "all_programs",
    "attempts",
    "best",
    "by_status",
    "course",
    "descendants",
    "descended",
    "find",
    "latest",
    "leaders",
    "lineage",
    "nearest",
    "program",
    "retractions",
    "summary",
    "verifications",
    "with_words",
]
