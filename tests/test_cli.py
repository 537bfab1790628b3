"""The command line as its users meet it: verbs, exit codes, words on the right stream."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest

from evaluation.cli import main
from evaluation.cli.studies import front_written

pytestmark = pytest.mark.usefixtures("run_once")
PROJECT = Path(__file__).parents[1]
CEASEFIRE = [sys.executable, "-m", "evaluation.cli"]
PICTURE = re.compile(rb"<svg\b.*?</svg>", re.DOTALL)
SAME_DRAWINGS = re.search(
    r"^matplotlib==(\d+\.\d+)\.", (PROJECT / "requirements.lock").read_text("utf-8"), re.MULTILINE
)[1] == ".".join(version("matplotlib").split(".")[:2])  # type: ignore[index]


def call(project: Path, *words: str) -> int:
    return main(["--root", str(project), *words])


def outputs(project: Path) -> dict[Path, bytes]:
    """Every file of the reports, pictures cut out where another matplotlib draws them than the
    lock's: their bytes depend on its minor version, as in `ceasefire check`."""
    found = {path: path.read_bytes() for path in (project / "reports").rglob("*") if path.is_file()}
    if SAME_DRAWINGS:
        return found
    return {
        path: PICTURE.sub(b"", text) if path.suffix == ".html" else text
        for path, text in found.items()
    }


def test_help_is_quick_and_loads_nothing_heavy():
    code = (
        "import sys, evaluation.cli\n"
        "try: evaluation.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'statsmodels', 'matplotlib', 'jinja2', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "130 interrupted" in done.stdout


def test_run_then_report_rewrites_the_committed_bytes(project, capsys):
    before = outputs(project)
    for path in before:
        # Simulations of power take a minute; only `accept` writes a lock.
        if path.name not in ("power.json", "lock.json"):
            path.unlink()
    assert call(project, "run") == 0
    assert call(project, "report") == 0
    assert outputs(project) == before
    assert "wrote reports/boston/index.html" in capsys.readouterr().out


def test_other_kernels_hash_seeds_and_time_zones_give_the_same_bytes(project):
    # Without fused operations sums end in other digits; `ceasefire check` runs every study on this
    # machine's own kernels.
    environment = {"OPENBLAS_CORETYPE": "Nehalem", "PYTHONHASHSEED": "77", "TZ": "Etc/GMT+8"}
    root = project
    before = outputs(root)
    for verb in ("run", "report"):
        subprocess.run(
            [*CEASEFIRE, "--root", str(root), verb, *(["--force", "-j", "2"] * (verb == "run"))],
            env={**os.environ, **environment},
            check=True,
            capture_output=True,
        )
    assert outputs(root) == before


def test_check_passes_on_what_is_committed_and_fails_on_a_change(project, capsys):
    assert call(project, "check") == 0
    page = project / "reports/boston/index.html"
    page.write_text(page.read_text() + " ")
    summary = project / "summary.md"
    assert call(project, "check", "boston", "--markdown", str(summary)) == 1
    assert "boston: reports/boston/index.html" in capsys.readouterr().out
    assert "| boston | **no** | unchanged | unchanged |" in summary.read_text()
    assert call(project, "check", "boston", "--json") == 1
    content = json.loads(capsys.readouterr().out)
    assert content["reproduces"] is False
    found = {study["slug"]: study for study in content["studies"]}
    assert found["boston"]["differences"][0]["kind"] == "page"
    assert found["boston"]["sentence_changes"] is False and found["index"]["reproduces"] is True


def test_bad_input_is_exit_two_on_stderr_and_leaves_outputs_alone(project, capsys):
    before = outputs(project)
    plan = project / "analyses/boston/plan.toml"
    plan.write_text(plan.read_text().replace('better = "lower"', 'better = "lowest"'))
    assert call(project, "run") == 2
    captured = capsys.readouterr()
    assert "analyses/boston/plan.toml:" in captured.err
    assert "Traceback" not in captured.err
    assert outputs(project) == before


def without_events(project: Path) -> None:
    """Boston's data with no homicide from the start on."""
    data = project / "data/public/boston_homicide.csv"
    lines = data.read_text().splitlines()
    column = lines[0].split(",").index("homicides")
    rows = [line.split(",") for line in lines[1:]]
    for row in rows[53:]:
        row[column] = "0"
    data.write_text("\n".join([lines[0], *(",".join(row) for row in rows)]) + "\n")


def test_estimation_failure_is_exit_three_and_the_results_are_written(project, capsys):
    without_events(project)
    (project / "reports/boston/results.json").unlink()
    assert call(project, "run", "boston") == 3
    captured = capsys.readouterr()
    assert "boston: youth homicides: not estimated: no event after the start" in captured.err
    assert "Traceback" not in captured.err
    assert "wrote reports/boston/results.json" in captured.out
    content = json.loads((project / "reports/boston/results.json").read_text())
    assert content["outcomes"][0]["headline"]["effect"] is None


def test_a_failing_study_does_not_keep_the_others_from_being_written(project):
    without_events(project)
    results = project / "reports/oakland-synthetic/results.json"
    results.unlink()
    assert call(project, "run", "boston", "oakland-synthetic") == 3
    assert results.is_file()


def test_a_missing_package_is_exit_four(project, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    # Another plan, so that no run before this one counts.
    plan = project / "analyses/boston/plan.toml"
    plan.write_text(plan.read_text() + "# as before\n")
    assert call(project, "run", "boston") == 4
    assert "threadpoolctl" in capsys.readouterr().err


def test_interrupting_is_exit_130_and_leaves_outputs_whole(project):
    before = outputs(project)
    for path in before:
        path.unlink()
    # Loaded first, so that the interruption comes in the middle of the work on any machine; and
    # heard where tests run in the background, with interruptions ignored.
    code = (
        "import signal, sys, evaluation.study.run\n"
        "from evaluation.cli import main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "print('ready', flush=True)\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, "--root", str(project), "run"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in words
    assert all(content == before[path] for path, content in outputs(project).items())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "bostn"), "boston"),
        (("run", "../boston"), "cannot name an analysis"),
        (("plan", "nowhere"), "nowhere"),
        (("new", "boston"), "boston"),
        (("new", "Bad Slug"), "Bad Slug"),
        (("data", "nothing.csv"), "nothing.csv"),
        (("data", "plan.toml"), "plan.toml"),
        (("simulate", "city_moth"), "city_month"),
        (("report", "nowhere"), "nowhere"),
    ],
)
def test_wrong_words_are_exit_two_with_what_to_do(project, capsys, monkeypatch, words, says):
    monkeypatch.chdir(project)
    assert call(project, *words) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert "Traceback" not in captured.err


def test_an_unknown_verb_is_a_usage_error():
    with pytest.raises(SystemExit) as stopped:
        main(["evaluate"])
    assert stopped.value.code == 2


def test_outside_a_project_it_says_where_to_go(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["run"]) == 2
    assert "analyses" in capsys.readouterr().err


def test_a_new_analysis_runs_as_it_is(project, capsys):
    assert call(project, "new", "my-city") == 0
    assert call(project, "plan", "my-city") == 0
    assert call(project, "run", "my-city") == 0
    assert call(project, "report", "my-city") == 0
    assert (project / "reports/my-city/index.html").stat().st_size > 20_000
    assert call(project, "check", "my-city") == 0


def test_plan_prints_the_plan_in_words(project, capsys):
    assert call(project, "plan", "boston") == 0
    words = capsys.readouterr().out
    assert "youth homicide" in words.lower()
    assert "frozen" in words.lower()


def test_data_describes_a_good_dataset(project, capsys, monkeypatch):
    monkeypatch.chdir(project)
    assert main(["data", "data/public/boston_homicide.csv"]) == 0
    assert "77" in capsys.readouterr().out


def test_simulate_rewrites_the_committed_bytes(project):
    before = {path: path.read_bytes() for path in (project / "data/synthetic").iterdir()}
    (project / "data/synthetic/city_month.csv").write_text("gone")
    assert call(project, "simulate") == 0
    after = {path: path.read_bytes() for path in (project / "data/synthetic").iterdir()}
    assert after == before


def test_nothing_is_drawn_on_stderr_when_it_is_not_a_terminal(project, capsys):
    assert call(project, "run", "boston") == 0
    assert capsys.readouterr().err == ""


SLUG, NOT_HERE = (
    "replication-castle",
    "data/replication/castle.csv is not here. Install the package",
)


def with_absent_data(project: Path, *, results: bool) -> None:
    """A study whose table is not there, with or without results from a time when it was."""
    shutil.copytree(PROJECT / "analyses" / SLUG, project / "analyses" / SLUG)
    if results:
        shutil.copytree(project / "reports" / "boston", project / "reports" / SLUG)
        plan = project / "analyses" / SLUG / "plan.toml"
        lines = plan.read_text(encoding="utf-8").splitlines(keepends=True)
        # A study of the program itself, which would be on the front page.
        kept = [line for line in lines if not line.startswith("replicates")]
        plan.write_text("".join(kept), encoding="utf-8")


@pytest.mark.usefixtures("same_figures")
@pytest.mark.parametrize("results", [False, True])
def test_a_study_without_its_data_is_skipped_with_one_line(project, capsys, results):
    with_absent_data(project, results=results)
    for slug in ("oakland-synthetic", "oakland-synthetic-cities"):
        shutil.rmtree(project / "analyses" / slug)
        shutil.rmtree(project / "reports" / slug)
    before = {path: text for path, text in outputs(project).items() if SLUG in str(path)}
    for verb in ("run", "report", "check"):
        assert call(project, verb) == 0
        captured = capsys.readouterr()
        lines = captured.out.splitlines()
        assert [line.startswith(f"{SLUG}: skipped: {NOT_HERE}") for line in lines].count(True) == 1
        assert len([line for line in lines if SLUG in line]) == 1 and captured.err == ""
    after = {path: text for path, text in outputs(project).items() if SLUG in str(path)}
    assert after == before and bool(before) == results
    front = (project / "reports/index.html").read_text(encoding="utf-8")
    assert "boston/index.html" in front and SLUG not in front


def test_a_study_without_its_data_is_not_simulated(project, capsys):
    with_absent_data(project, results=False)
    for slug in ("boston", "oakland-synthetic", "oakland-synthetic-cities"):
        shutil.rmtree(project / "analyses" / slug)
    assert call(project, "power") == 0
    assert capsys.readouterr().out.startswith(f"{SLUG}: skipped: {NOT_HERE}")
    assert call(project, "power", "--json") == 0
    captured = capsys.readouterr()
    assert captured.out == "" and f"{SLUG}: skipped: {NOT_HERE}" in captured.err


@pytest.mark.parametrize("verb", ["run", "plan", "power", "report", "check"])
def test_named_a_study_without_its_data_is_exit_2(project, capsys, verb):
    with_absent_data(project, results=True)
    assert call(project, verb, SLUG) == 2
    captured = capsys.readouterr()
    assert NOT_HERE in captured.err and captured.out == ""


def test_missing_data_that_nobody_says_how_to_obtain_stay_a_fault(project, capsys):
    (project / "data/public/boston_homicide.csv").unlink()
    assert call(project, "run") == 2
    assert "no file 'data/public/boston_homicide.csv'" in capsys.readouterr().err


def test_the_front_page_leaves_replications_out(project, capsys):
    # With data there, and results made from them.
    with_absent_data(project, results=False)
    shutil.copytree(project / "reports" / "boston", project / "reports" / SLUG)
    (project / "data/replication/castle.csv").write_text("here", encoding="utf-8")
    before = (project / "reports/index.html").read_bytes()
    assert call(project, "report", "boston") == 0
    assert (project / "reports/index.html").read_bytes() == before
    assert "skipped" not in capsys.readouterr().out


def test_numbers_on_other_places_go_with_their_page(tmp_path, monkeypatch):
    (tmp_path / "analyses").mkdir()
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/elsewhere.json").write_text("of a table that was there", encoding="utf-8")
    # Which takes the page away, and makes others.
    monkeypatch.setattr("evaluation.report.write.write_site", lambda *given, **options: ())
    assert front_written(None, tmp_path) == []
    assert not (tmp_path / "reports/elsewhere.json").exists()
