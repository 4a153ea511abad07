"""The pages of a program, its lineage and its comparisons say what is on record, and no more."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from funsearch.archive.archive import Archive
from funsearch.archive.errors import Missing
from funsearch.archive.records import Finding
from funsearch.browser.facts import compare, lineage, origins, problem, program, programs, runs
from funsearch.browser.facts.attached import Attached
from funsearch.browser.facts.model import Question
from funsearch.browser.facts.plain import plain
from problems import registry
from tests.funsearch.archive.conftest import digest
from tests.funsearch.browser.facts.made import Story, text


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    told = Story(tmp_path / "a run's folder")
    yield told
    told.archive.close()


def opened(story: Story) -> Attached:
    story.archive.close()
    return Attached.open(story.folder)


def test_each_line_is_said_to_come_from_the_first_that_had_it(story: Story) -> None:
    seed = story.program(text("a = 1", "b = 2", "return a + b"))
    child = story.program(text("a = 1", "b = 3", "return a + b"), [seed], 2.0)
    last = story.program(text("a = 9", "b = 3", "return a + b"), [child], 3.0, sampler="openai")
    with closing(opened(story)) as attached:
        page = program.page(attached, last)
    assert page.origins is not None
    assert [origin.program for origin in page.origins] == [seed, last, child, seed]
    assert [origin.score for origin in page.origins] == [1.0, 3.0, 2.0, 1.0]
    assert [origin.sampler for origin in page.origins] == ["seed", "openai", "syntax", "seed"]
    assert all(origin.certain for origin in page.origins)


def test_a_line_of_either_parent_is_handed_to_the_one_that_has_it(story: Story) -> None:
    one = story.program(text("x = 1", "y = 1", "return x"))
    other = story.program(text("x = 2", "z = 5", "return x"))
    child = story.program(text("x = 1", "y = 1", "z = 5", "return x"), [one, other])
    with closing(opened(story)) as attached:
        page = program.page(attached, child)
    assert page.origins is not None
    assert [origin.program for origin in page.origins] == [one, one, one, other, one]


def test_of_equally_like_parents_the_one_shown_last_has_the_line(story: Story) -> None:
    one = story.program(text("x = 1", "return 1"))
    other = story.program(text("x = 1", "return 2"))
    child = story.program(text("x = 1", "return 3"), [one, other])
    with closing(opened(story)) as attached:
        page = program.page(attached, child)
    assert page.origins is not None
    assert [origin.program for origin in page.origins] == [other, other, child]


def test_a_way_that_is_cut_off_is_not_certain(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = story.program(text("return 0", "pass"))
    for number in range(1, 9):
        name = story.program(text("return 0", f"x = {number}"), [name])
    monkeypatch.setattr(origins, "MOST_PROGRAMS", 3)
    with closing(opened(story)) as attached:
        page = program.page(attached, name)
    assert page.origins is not None
    assert [origin.certain for origin in page.origins] == [False, False, True]
    assert page.origins[0].generation == page.row.generation - 2


def test_an_object_that_is_not_there_is_said_to_be_absent(story: Story) -> None:
    lost = text("return 'lost'")
    seed = story.program(text("return 'kept'"))
    child = story.program(lost, [seed])
    story.archive.close()
    with closing(sqlite3.connect(story.folder / "objects.db")) as store:
        store.execute("DELETE FROM objects WHERE digest = ?", (bytes.fromhex(digest(lost)),))
        store.commit()
    with closing(Attached.open(story.folder)) as attached:
        page = program.page(attached, child)
        assert page.source.text is None
        assert page.source.absent == "it is not in the archive"
        assert page.origins is None
        compared = compare.programs(attached, seed, child)
        assert "not in the archive" in compared.diff.absent


def test_judges_are_those_on_record(story: Story) -> None:
    seed = story.program(text("return 1"), score=4.0)
    findings = (
        Finding("n=8", False, "ok", 4.0, 4.0, "valid 4", certificate=digest("c")),
        Finding("n=9", True, "ok", 7.0, None, "valid 7"),
        Finding("n=10", True, "timeout", None, None, "", "took too long"),
    )
    with closing(opened(story)) as attached:
        (only,) = program.page(attached, seed).judgements
        assert (only.judge, only.value) == ("score", 4.0)
    with closing(Attached.open(story.folder)) as attached:
        number = attached.reader.index.execute("SELECT max(number) FROM evaluations").fetchone()[0]
    with Archive.open(story.folder) as archive:
        record = story.make.verification(0, number, program=seed, findings=findings)
        archive.append(record)
    with closing(Attached.open(story.folder)) as attached:
        page = program.page(attached, seed)
    found = [(each.judge, each.instance, each.agrees, each.value) for each in page.judgements]
    assert found == [
        ("score", "", None, 4.0),
        ("replay", "n=8", True, 4.0),
        ("checker", "n=8", True, 4.0),
        ("held-out", "n=9", None, 7.0),
        ("checker", "n=9", True, 7.0),
        ("held-out", "n=10", None, None),
    ]
    assert page.certificates is None


def test_certificates_have_digest_and_size(story: Story) -> None:
    certificate = b'{"format": 1}'
    seed = story.program(
        text("return 1"),
        objects=[text("return 1"), certificate],
        certificates={"n=8": digest(certificate)},
    )
    with closing(opened(story)) as attached:
        page = program.page(attached, seed)
    assert page.certificates is not None
    (found,) = page.certificates
    assert (found.instance, found.digest, found.size) == (
        "n=8",
        digest(certificate),
        len(certificate),
    )


def test_the_proof_command_quotes_the_folder(story: Story) -> None:
    seed = story.program(text("return 1"))
    with closing(opened(story)) as attached:
        proof = program.page(attached, seed).proof
    assert proof.startswith(f"funsearch archive proof {seed} --run '")
    assert """a run'"'"'s folder'""" in proof


def test_long_texts_are_cut_and_say_so(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "MOST_SOURCE", 50)
    source = text(*(f"x = {number}" for number in range(100)))
    name = story.program(source)
    with closing(opened(story)) as attached:
        page = program.page(attached, name)
    assert page.source.cut
    assert page.source.size == len(source)
    assert page.source.text == source[:50].decode()
    assert page.origins is not None
    assert len(page.origins) == source[:50].decode().removesuffix("\n").count("\n") + 1


def test_a_program_that_was_never_proposed_is_missing(attached: Attached) -> None:
    for name in ("0" * 64, "x", "", "\udc80", "é" * 64):
        for page in (program.page, lineage.page):
            with pytest.raises(Missing):
                page(attached, name)
        with pytest.raises(Missing):
            compare.programs(attached, name, name)


def test_the_best_path_has_the_steps_that_changed_the_score(story: Story) -> None:
    seed = story.program(text("return 0"), score=1.0)
    same = story.program(text("return 1"), [seed], 1.0)
    better = story.program(text("return 2"), [same], 2.0)
    worse = story.program(text("return 3"), [same], 0.5)
    last = story.program(text("return 4"), [worse, better, worse], 5.0)
    with closing(opened(story)) as attached:
        page = lineage.page(attached, last)
    assert [step.program.id for step in page.best_path] == [seed, better, last]
    assert page.best_path[0].change is None
    change = page.best_path[2].change
    assert change is not None
    assert [(line.kind, line.text.strip()) for line in change.lines] == [
        ("same", "def priority(el, n):"),
        ("changed", "return 2"),
        ("changed", "return 4"),
    ]
    best = [(edge.parent, edge.child) for edge in page.edges if edge.best_path]
    assert best == [(better, last), (same, better), (seed, same)]
    assert [(edge.parent, edge.position) for edge in page.edges if edge.child == last] == [
        (worse, 0),
        (better, 1),
        (worse, 2),
    ]
    assert page.more is None
    assert not page.path_cut


def test_a_lineage_says_where_it_goes_on(story: Story) -> None:
    names = [story.program(text("return 0"))]
    for number in range(1, 10):
        names.append(story.program(text(f"return {number}"), [names[-1]], float(number)))
    with closing(opened(story)) as attached:
        page = lineage.page(attached, names[-1], limit=4)
        assert [node.program.id for node in page.nodes] == names[-1:-5:-1]
        assert [node.more for node in page.nodes] == [0, 0, 0, 1]
        following = lineage.page(attached, names[-1], limit=100, before=page.more)
        assert [node.program.id for node in following.nodes] == names[5::-1]
        assert following.more is None


def test_compared_programs_share_their_latest_ancestor(story: Story) -> None:
    seed = story.program(text("return 0"))
    stem = story.program(text("return 1"), [seed], scores={"n=8": 1.0})
    one = story.program(text("return 2"), [stem], scores={"n=8": 2.0})
    other = story.program(text("return 3"), [seed, stem], scores={"n=9": 3.0})
    stranger = story.program(text("return 4"))
    with closing(opened(story)) as attached:
        page = compare.programs(attached, one, other)
        assert page.ancestor is not None
        assert page.ancestor.id == stem
        assert page.scores == {"n=8": (2.0, None), "n=9": (None, 3.0)}
        own = compare.programs(attached, one, stem).ancestor
        assert own is not None
        assert own.id == stem
        apart = compare.programs(attached, one, stranger)
        assert (apart.ancestor, apart.ancestor_sought_all) == (None, True)


def test_compared_runs_differ_in_their_settings(tmp_path: Path) -> None:
    configs = ["a: {x: 1, y: [1, 2]}\nb: 3\n", "a: {x: 2, y: [1]}\nc: null\n"]
    stories = [Story(tmp_path / str(number), text) for number, text in enumerate(configs)]
    one, other = (opened(each) for each in stories)
    with closing(one), closing(other):
        found = compare.runs(one, other)
    assert [(each.name, each.a, each.b) for each in found.settings] == [
        ("a.x", "1", "2"),
        ("a.y.1", "2", None),
        ("b", "3", None),
        ("c", None, "None"),
    ]
    assert found.comparable


@pytest.mark.parametrize(
    "config",
    [
        "",
        "[1, 2]",
        "metric: 3",
        "metric: {name: [1], unit: null, direction: up, best_known: .nan}",
        "metric: {best_known: 1e999}",
        "a: &a [x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c]",
        "a: &a {a: *a}",
        "? [1, 2]\n: 3",
        "!!python/object/apply:os.system ['true']",
        "a: " + "[" * 5000,
        "a: 0x" + "f" * 10_000,
        "x: \0",
    ],
)
def test_any_configuration_is_read_or_passed_over(tmp_path: Path, config: str) -> None:
    story = Story(tmp_path / "run", config)
    story.program(text("return 0"))
    with closing(opened(story)) as attached:
        json.dumps(plain(runs.run(attached)), allow_nan=False)
        json.dumps(plain(compare.runs(attached, attached)), allow_nan=False)
        json.dumps(plain(problem.page(attached)), allow_nan=False)


def test_every_page_of_a_run_is_plain_data(attached: Attached) -> None:
    pages = [
        runs.page([attached], [("other", "it is damaged")]),
        runs.run(attached),
        problem.page(attached),
        compare.runs(attached, attached),
    ]
    table = programs.page(attached, Question(limit=200))
    names = [row.id for row in table.rows]
    pages += [table, compare.programs(attached, names[0], names[-1])]
    pages += [page(attached, name) for name in names for page in (program.page, lineage.page)]
    for page in pages:
        assert json.loads(json.dumps(plain(page), allow_nan=False)) == plain(page)


def test_a_problem_of_this_project_tells_its_own_words(tmp_path: Path) -> None:
    source = Path(registry.__file__).with_name("cap_set.py")
    for known, is_ours in ((registry.digest_of(source), True), (digest("another"), False)):
        story = Story(tmp_path / str(is_ours), problem_digest=known)
        story.program(text("return 0"))
        with closing(opened(story)) as attached:
            page = problem.page(attached)
        assert page.ours == is_ours
        assert (page.statement is not None) == is_ours
        assert page.metric.ours == is_ours
        assert (page.metric.best_known is not None) == is_ours
        assert page.seed is not None
        assert page.seed.text == text("return 0").decode()
        in_run = [instance.name for instance in page.instances if instance.in_run]
        assert in_run == ["n=8"]
        assert (len(page.instances) > 1) == is_ours


@pytest.mark.parametrize(
    "name", ["../problems/cap_set", "contract", "os", "", "x" * 200, "registry", "__init__"]
)
def test_no_other_module_is_taken_for_a_problem(tmp_path: Path, name: str) -> None:
    source = Path(registry.__file__).parent / f"{name}.py"
    known = registry.digest_of(source) if source.is_file() else digest("another")
    story = Story(tmp_path / "run", problem=name, problem_digest=known)
    with closing(opened(story)) as attached:
        assert attached.problem is None
        json.dumps(plain(problem.page(attached)))
