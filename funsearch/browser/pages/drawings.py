"""Facts as pictures: what the pages hand to the drawing functions, and links in what comes back."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from funsearch.archive.errors import ArchiveError
from funsearch.browser.facts.attached import Attached
from funsearch.browser.facts.model import Lineage, Metric, Program, Run
from funsearch.browser.pages import addresses
from funsearch.browser.pictures import certificates, curve, graph, islands
from funsearch.text import number, one_line

_LARGEST_CERTIFICATE = 1 << 20
"""Bytes of a certificate file that is drawn."""
_MOST_PICTURES = 6


def metric_words(metric: Metric) -> str:
    """Return name and unit of a metric, for an axis."""
    return one_line(f"{metric.name} ({metric.unit})" if metric.unit else metric.name, 80)


def courses(runs: Sequence[Run], *, seconds: bool) -> Markup:
    """Draw how the best score of runs grew, along samples or seconds."""
    metric = runs[0].card.metric
    drawn = [
        curve.Curve(
            one_line(run.card.run, 40),
            [
                curve.Step(
                    step.seconds if seconds else step.samples,
                    step.score,
                    addresses.program(run.card.run, step.program),
                    f"{step.program[:12]}, {number(step.score)}"
                    + (" (unconfirmed)" if step.unconfirmed else ""),
                )
                for step in run.course
            ],
            run.card.seconds if seconds else run.card.samples,
        )
        for run in runs
    ]
    levels: list[curve.Level] = []
    if metric.best_known is not None:
        levels.append(curve.Level("best known", metric.best_known))
    if metric.bound is not None:
        levels.append(curve.Level("proven bound", metric.bound))
    along = "seconds" if seconds else "samples"
    return curve.draw(drawn, levels, along=along, metric=metric_words(metric))


def island_rows(run: Run) -> Markup:
    """Draw the islands of a run."""
    rows = [
        islands.Island(
            each.index,
            each.size,
            each.best,
            each.resets,
            addresses.program(run.card.run, each.program) if each.program else "",
        )
        for each in run.islands
    ]
    return islands.draw(rows, metric=metric_words(run.card.metric))


def lineage(facts: Lineage) -> Markup:
    """Draw a lineage."""
    nodes = [
        graph.Node(
            node.program.id,
            node.program.generation,
            node.program.island,
            node.program.score,
            node.program.status,
            node.program.first,
            node.more,
            " ".join(node.program.flags),
        )
        for node in facts.nodes
    ]
    edges = [graph.Edge(edge.parent, edge.child, edge.best_path) for edge in facts.edges]
    return graph.draw(
        nodes,
        edges,
        href=lambda program: addresses.program(facts.run, program),
        chosen=facts.program,
        direction=facts.metric.direction,
    )


def certificate_pictures(attached: Attached, facts: Program) -> dict[str, Markup]:
    """Return a picture by instance, of the first few certificates that have one."""
    from evaluators.certificate import CertificateError, read

    found: dict[str, Markup] = {}
    for each in (facts.certificates or ())[:_MOST_PICTURES]:
        if each.size is None or each.size > _LARGEST_CERTIFICATE:
            continue
        try:
            file = read(attached.reader.object(each.digest).decode("utf-8", "replace"))
        except (ArchiveError, CertificateError):
            continue
        if (picture := certificates.draw(file)) is not None:
            found[each.instance] = picture
    return found
