"""The configuration: what is wrong is said in one line, with what was meant."""

import re
from typing import Any

import pytest

from funsearch.config import Config, ConfigError, compose, from_tree
from problems.registry import ProblemError


def test_defaults_are_the_default_search() -> None:
    config = compose([])
    assert config.loaded.problem.name == "cap_set"
    assert config.instances == ("n=8",)
    assert config.run.seed == 0
    assert config.run.seconds == 60
    assert config.tree["search"]["islands"] == 10


def test_overrides_choose_and_change() -> None:
    config = compose(
        ["problem=cap_set", "problem.n=5", "search=iid", "run.seed=7", "run.samples=10"]
    )
    assert config.instances == ("n=5",)
    assert config.tree["search"]["_target_"].endswith("make_iid")
    assert (config.run.seed, config.run.samples) == (7, 10)


@pytest.mark.parametrize("path", ["/tmp/a=b", "/tmp/it's (1) [x]", "a b", "C:\\x"])
def test_a_path_is_taken_as_it_is(path: str) -> None:
    assert compose([f"run.dir={path}"]).run.dir == path


@pytest.mark.parametrize("text", ["[n=3,n=4]", "['n=3', 'n=4']", "n=3,n=4"])
def test_instances_are_named_as_they_are(text: str) -> None:
    assert compose([f"problem.instances={text}"]).instances == ("n=3", "n=4")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("problem=capset", "no problem called 'capset'; there are: cap_set"),
        ("problem=/nowhere/x.py", "no such file"),
        ("problem.n=12", "problem.n=12: n must be 3 to 9, not 12"),
        ("problem.n=eight", "n must be 3 to 9, not eight"),
        ("problem.m=3", "no key problem.m; there are: problem.n"),
        ("problem.instances=[n=12]", "no instance 'n=12'"),
        ("search=island", "no search called 'island'; there are: islands"),
        ("sampler=sintax", "no sampler called 'sintax'; there are: syntax"),
        ("serach=iid", "no key serach; there are: search"),
        ("run.sead=1", "no key run.sead; there are: run.seed"),
        ("run.seconds=soon", "run.seconds=soon: must be a number, such as 60"),
        ("run.seconds=nan", "run.seconds=nan: must be a number"),
        ("search.islands=a", "search.islands=a: must be a number, such as 10"),
        ("search.replacement=maybe", "search.replacement=maybe: must be true or false"),
        ("run.seed=-1", "run.seed=-1: must be a whole number from 0"),
        ("run.seed=1.5", "run.seed=1.5: must be a whole number"),
        ("run.seed=true", "must be a whole number"),
        ("run.seed=99999999999999999999", "must be below 2^63"),
        ("run.samples_per_prompt=0", "must be a whole number from 1"),
        ("run.admission=maybe", "run.admission=maybe: must be true or false"),
        ("run.admission=1", "run.admission=1: must be true or false"),
        ("run.seeds=x.py", "run.seeds=x.py: must be a list of files"),
        ("run.seconds=[", "run.seconds=[: must be a number, such as"),
        ("run.dir=", "run.dir is empty"),
        ("run.seed", "'run.seed' is not of the form key=value"),
        ("+run.x=1", "keys can be set, not added or removed"),
    ],
)
def test_mistake_is_answered_in_one_line(override: str, message: str) -> None:
    with pytest.raises((ConfigError, ProblemError)) as error:
        compose([override])
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_sandbox_is_on_unless_the_user_who_is_here_says_otherwise() -> None:
    assert not compose([]).unsafe_no_sandbox
    unsafe = compose(["cluster.unsafe_no_sandbox=true"])
    assert unsafe.unsafe_no_sandbox
    assert not unsafe.holding(unsafe_no_sandbox=False).unsafe_no_sandbox
    assert compose([]).holding(unsafe_no_sandbox=True).unsafe_no_sandbox


def test_evaluators_without_that_choice_are_left_as_they_are() -> None:
    config = compose([])
    del config.tree["cluster"]["unsafe_no_sandbox"]
    assert config.holding(unsafe_no_sandbox=False) == config
    with pytest.raises(ConfigError, match="do not run without a sandbox"):
        config.holding(unsafe_no_sandbox=True)


def test_settings_that_a_part_refuses_are_one_line() -> None:
    config = compose(["search.islands=0"])
    with pytest.raises(ConfigError, match=r"search: .*at least 1"):
        config.build("search", seed=0, population=None, maximise=True)


@pytest.mark.parametrize(
    "target",
    ["os.system", "builtins.eval", "problems.registry.load", "funsearch.checking.run_checker"],
)
def test_only_this_project_can_be_built(target: str) -> None:
    tree = compose([]).tree
    config = from_tree(
        {
            **tree,
            "sampler": {
                "_target_": "funsearch.samplers.syntax.Syntax",
                "a": [{"_target_": target}],
            },
        }
    )
    with pytest.raises(ConfigError, match=re.escape(f"sampler._target_={target}")):
        config.build("sampler")


def test_a_resolved_tree_is_the_same_configuration() -> None:
    config = compose(["problem.n=6", "run.target=40"])
    assert from_tree(config.tree) == Config(
        config.tree, from_tree(config.tree).loaded, ("n=6",), config.run
    )


@pytest.mark.parametrize("change", [{"run": {}}, {"search": None}, {"problem": {}}, {"run": None}])
def test_a_tree_of_something_else_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        from_tree({**compose([]).tree, **change})
