"""What every verb has: help with examples that work, -q, -v, --json, and words for a shell."""

from __future__ import annotations

import argparse
import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evaluation.cli import _parser, main
from evaluation.cli.common import EXAMPLES, JSON
from evaluation.cli.help_verbs import PAGES, SHELLS, verbs_of
from evaluation.cli.next_steps import STEPS

pytestmark = pytest.mark.usefixtures("run_once")
PROJECT = Path(__file__).parents[1]
VERBS = verbs_of(_parser())


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A project of one quick study, with its results."""
    for name in ("analyses/boston", "reports/boston"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    (tmp_path / "data/public").mkdir(parents=True)
    for path in (PROJECT / "data/public").glob("boston_homicide.*"):
        shutil.copy(path, tmp_path / "data/public")
    return tmp_path


def call(root: Path, *words: str) -> int:
    return main(["--root", str(root), *words])


def test_every_verb_has_examples_and_no_other_has():
    assert list(EXAMPLES) == list(VERBS)
    assert set(VERBS) - set(JSON) == {"help", "completion"}


@pytest.mark.parametrize(
    "example", [typed for typed_and_words in EXAMPLES.values() for typed, _ in typed_and_words]
)
def test_every_example_is_read_by_the_command(example):
    if match := re.fullmatch(r'eval "\$\((.*)\)"', example):
        example = match[1]
    words = shlex.split(example.split(" > ")[0])
    assert words[0] == "ceasefire"
    assert callable(_parser().parse_args(words[1:]).verb)


@pytest.mark.parametrize("name", VERBS)
def test_help_of_a_verb_is_the_same_both_ways_and_has_its_examples(name, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([name, "--help"])
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    assert main(["help", name]) == 0
    assert capsys.readouterr().out == said
    for typed, words in EXAMPLES[name]:
        assert typed in said and words in said
    assert "--quiet" in said and "--verbose" in said
    assert bool(re.search("^  --json ", said, re.MULTILINE)) == (name in JSON)
    assert max(map(len, said.splitlines())) <= 100


def test_help_without_a_verb_lists_them_all(capsys):
    assert main(["help"]) == 0
    said = capsys.readouterr().out
    assert re.findall(r"^    ([a-z]+)  ", said, re.MULTILINE) == list(VERBS)
    assert main(["help", "data", "fbi"]) == 0
    assert "--beside" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["rum"], ["-"], ["run", "boston"], ["evaluate", "x"], ["RUN"], [""]]
)
def test_help_on_what_is_no_verb_says_which_there_are(words, capsys):
    assert main(["help", *words]) == 2
    said = capsys.readouterr()
    assert "no such verb" in said.err and "simulate" in said.err and said.out == ""
    assert ("Did you mean 'run'?" in said.err) == (words == ["rum"])


@pytest.mark.parametrize("words", [["--help"], ["data", "--help"], ["help", "run"]])
def test_help_loads_neither_the_network_nor_what_the_other_verbs_need(words):
    # Counted and not timed: on a busy machine a time says nothing.
    rare = {
        *("urllib.request", "importlib.metadata", "importlib.resources", "csv", "rich", "shtab"),
        *("packaging", "tomllib", "tempfile", "numpy", "pydantic", "pandas", "asyncio", "zipfile"),
    }
    code = (
        "import sys, evaluation.cli\n"
        f"try: evaluation.cli.main({words!r})\n"
        "except SystemExit: pass\n"
        f"ours = [one for one in sys.modules if one.startswith('evaluation.')]\n"
        f"print(sorted({rare!r} & set(sys.modules)), len(ours) < 24)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT
    )
    assert done.stdout.splitlines()[-1] == "[] True"


def test_every_verb_says_what_comes_next_and_no_step_is_of_no_verb():
    said = set()
    for path in (PROJECT / "evaluation/cli").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say_next":
                said |= {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "key":
                said |= {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}
    assert set(STEPS) <= said
    assert {step.partition(".")[0] for step in STEPS} == set(VERBS) - {"help", "completion"}


def test_the_commands_of_every_step_are_read_by_the_command():
    for step in STEPS.values():
        filled = re.sub(r"\{\w+\}", "x", step.replace("{inside}", ""))
        for command in re.findall(r"ceasefire ([a-z]+[^,;&]*)", filled):
            words = re.split(r" (?:to|for|and|where|which) |, | \.\.\.", command)[0]
            if words.split()[0] in VERBS:
                words = words.replace("--design x", "--design its").replace("-reason", "-reason x")
                _parser().parse_args(shlex.split(words.replace('x "First results"', '"x"')))
            else:
                raise AssertionError(command)


def test_a_page_of_the_documentation_is_printed(capsys):
    for name, folder in PAGES.items():
        assert main(["help", name]) == 0
        assert capsys.readouterr().out == (PROJECT / f"{folder}/{name}.md").read_text("utf-8")
        assert f'"{folder}/{name}.md"' in (PROJECT / "pyproject.toml").read_text("utf-8")


def test_messages_name_pages_that_come_with_the_package():
    texts = [*(PROJECT / "evaluation/report/text").glob("*.toml")]
    texts += (PROJECT / "evaluation/study/templates").rglob("*.toml")
    for path in texts:
        text = path.read_text("utf-8")
        assert "docs/" not in text and "(README)" not in text, path
        for name in re.findall(r"`ceasefire help ([\w-]+)`", text):
            assert name in PAGES


def test_python_m_evaluation_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "evaluation", "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT,
    )
    assert done.stdout.startswith("ceasefire ")


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_knows_every_verb_and_option(shell, capsys):
    pytest.importorskip("shtab", reason="comes with `make install`")
    assert main(["completion", shell]) == 0
    said = capsys.readouterr().out
    for name, verb in VERBS.items():
        assert name in said
        for action in verb._actions:
            if action.option_strings:
                # In tcsh the dashes stand apart.
                assert action.option_strings[-1].lstrip("-") in said


def test_bash_completes_verbs_and_options(capsys, tmp_path):
    pytest.importorskip("shtab", reason="comes with `make install`")
    if shutil.which("bash") is None:
        pytest.skip("no bash here")
    assert main(["completion", "bash"]) == 0
    script = tmp_path / "words.bash"
    script.write_text(capsys.readouterr().out, encoding="utf-8")
    asked = f"""
        source {shlex.quote(str(script))}
        does=$(complete -p ceasefire | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        COMP_WORDS=(ceasefire po) COMP_CWORD=1; $does ceasefire po ceasefire
        echo "${{COMPREPLY[@]}}"
        COMP_WORDS=(ceasefire run --fo) COMP_CWORD=2; $does ceasefire --fo run
        echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["power", "--force"]


def test_without_shtab_completion_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == 4
    said = capsys.readouterr()
    assert "'shtab', which is not installed" in said.err and said.out == ""


@pytest.mark.parametrize("words", [[], ["fish"], ["bash", "zsh"], ["BASH"], ["--json", "bash"]])
def test_completion_for_no_known_shell_is_a_usage_error(words, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["completion", *words])
    assert stopped.value.code == 2
    assert "usage: ceasefire" in capsys.readouterr().err


# -q, -v and --json.


def test_quiet_prints_nothing_and_keeps_the_exit_code_and_faults(small, capsys):
    assert call(small, "run", "-q") == 0
    assert call(small, "plan", "boston", "--quiet") == 0
    assert call(small, "diff", "boston", "boston", "-q") == 0
    assert capsys.readouterr() == ("", "")
    assert call(small, "run", "bostn", "-q") == 2
    said = capsys.readouterr()
    assert said.out == "" and "boston" in said.err


def test_quiet_does_not_hold_what_json_prints(small, capsys):
    assert call(small, "run", "--json", "-q") == 0
    said = capsys.readouterr()
    assert json.loads(said.out)[0]["study"] == "boston" and said.err == ""


def test_verbose_tells_version_steps_and_seconds_and_prints_the_same(small, capsys):
    assert call(small, "run") == 0
    capsys.readouterr()
    assert call(small, "run", "--force") == 0
    usual = capsys.readouterr()
    assert call(small, "run", "--force", "-v") == 0
    said = capsys.readouterr()
    assert said.out == usual.out and usual.err == ""
    lines = said.err.splitlines()
    assert re.fullmatch(r"ceasefire \S+, Python \S+, \w+", lines[0])
    assert [line for line in lines if line.startswith("boston: ")]
    assert re.fullmatch(r"ceasefire run: \d+\.\d s", lines[-1])


def test_verbose_power_tells_the_study_and_its_steps(small, capsys):
    plan = small / "analyses/boston/plan.toml"
    plan.write_text(plan.read_text().replace("worthwhile = 10\n", ""))
    assert call(small, "power", "boston", "--draws", "100", "--effects", "50", "-v") == 0
    lines = capsys.readouterr().err.splitlines()
    assert "boston (1 of 1)" in lines
    assert [line for line in lines if line.startswith("boston (1 of 1): ")]


def test_quiet_and_verbose_together_are_a_usage_error(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["run", "-q", "-v"])
    assert stopped.value.code == 2
    assert "not allowed with" in capsys.readouterr().err


def told(capsys: pytest.CaptureFixture[str]) -> object:
    return json.loads(capsys.readouterr().out)


def test_json_of_the_verbs_that_write(small, capsys, monkeypatch):
    monkeypatch.chdir(small)
    assert call(small, "new", "my-city", "--json") == 0
    assert "analyses/my-city/plan.toml" in str(told(capsys))
    shutil.rmtree(small / "analyses/my-city")
    assert call(small, "run", "--json") == 0
    (row,) = told(capsys)
    assert (row["study"], row["kind"], row["certainty"]) == ("boston", "headline", "very low")
    assert row["percent_low"] < row["percent"] < row["percent_high"]
    assert call(small, "report", "--json") == 0
    assert "reports/boston/index.html" in told(capsys)["wrote"]
    assert call(small, "accept", "boston", "--reason", "a test", "--json") == 0
    assert list(told(capsys)) == ["boston"]
    # The same in words: what was run is kept, and each ends with what comes next.
    for words in (["run"], ["plan", "boston"], ["diff", "boston", "boston"], ["accept", "boston"]):
        assert call(small, *words) == 0
        assert capsys.readouterr().out.splitlines()[-1].startswith("next: "), words


@pytest.mark.parametrize(
    "words",
    [
        ["init", "x"],
        ["init", "y", "--example"],
        ["new", "my-city"],
        ["data", "data/public/boston_homicide.csv"],
        ["data", "--new", "mine.csv"],
        ["new", "my-table", "--data", "data/public/boston_homicide.csv", "--start", "1996-06"],
        ["simulate", "city_month"],
        ["doctor"],
    ],
)
def test_quick_verbs_end_with_what_comes_next(words, small, capsys, monkeypatch):
    monkeypatch.chdir(small)
    shutil.copy("data/public/boston_homicide.csv", "mine.csv")
    if words[0] == "init":
        words = [words[0], str(small.parent / f"beside {small.name}"), *words[2:]]
    assert main(words) in ((0, 4) if words == ["doctor"] else (0,))
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("next: ")
    # A name with a blank in it can be typed as it stands.
    assert words[0] != "init" or shlex.split(last)[2] == words[1]


def test_json_of_the_verbs_that_tell(small, capsys, monkeypatch):
    monkeypatch.chdir(small)
    shutil.copy("data/public/boston_homicide.csv", "mine.csv")
    assert main(["data", "--new", "mine.csv", "--json"]) == 0
    found = told(capsys)
    assert found["wrote"] == ["mine.dataset.toml"] and "source" in found["fill_in"]
    assert main(["panel", "--new", "mine.csv", "--json"]) == 2
    assert capsys.readouterr().out == ""
    assert main(["data", "data/public/boston_homicide.csv", "--json"]) == 0
    found = told(capsys)
    assert found["good"] is True and found["frequency"] == "month"
    assert found["periods"] == ["1992-01", "1998-05"]
    assert {"outcome", "treatment", "period"} <= {one["role"] for one in found["columns"]}
    assert call(small, "plan", "boston", "--json") == 0
    found = told(capsys)
    assert found["slug"] == "boston" and len(found["words"]) > 5 and found["frozen"]
    assert call(small, "diff", "boston", "boston", "--json") == 0
    assert isinstance(told(capsys), list)
    # Here is no front page to compare with, which is told on the other stream.
    assert call(small, "check", "boston", "--json") == 2
    assert [one["slug"] for one in told(capsys)["studies"]]


def test_json_of_people_tells_no_more_than_the_words(capsys, monkeypatch):
    monkeypatch.chdir(PROJECT)
    assert main(["data", "data/synthetic/participants.csv", "--json"]) == 0
    found = told(capsys)
    assert set(found) == {"file", "good", "says"}


def test_json_of_a_panel_and_of_synthetic_data(tmp_path, capsys, monkeypatch):
    (tmp_path / "analyses").mkdir()
    assert call(tmp_path, "simulate", "city_month", "--json") == 0
    assert "data/synthetic/city_month.csv: written" in told(capsys)["files"]
    (tmp_path / "raw.csv").write_text("when,city,kind\n2012-01-05,Chicago,A\n", encoding="utf-8")
    (tmp_path / "r.toml").write_text(
        'name = "N"\nperiod = "month"\nsource = "Invented for a test"\nlicence = "CC0"\n'
        'sensitivity = "synthetic"\nincidents = { files = "raw.csv", occurred = "when" }\n'
        'time = { zone = "America/Chicago", naive = "local" }\n'
        'units = { column = "city", which = "found" }\n'
        'outcomes.homicides = { measure = "incidents a month", where.kind = ["A"] }\n'
        'coverage = { first = "2012-01", last = "2012-03" }\nduplicates = { keep = "all" }\n',
        encoding="utf-8",
    )
    assert call(tmp_path, "panel", str(tmp_path / "r.toml"), "--json") == 0
    found = told(capsys)
    assert len(found["wrote"]) == 3 and "1 row read, 1 counted" in found["says"]


# Five wrong inputs a verb: a message, an exit code, no traceback, and nothing written.

WRONG: dict[str, list[list[str]]] = {
    "init": [
        ["ceasefire.toml"],
        ["data"],
        ["x", "--place", "Reno"],
        ["x", "--place-id", "us-nv-reno"],
        ["x", "y"],
        ["x", "--exmple-of"],
    ],
    "new": [["boston"], ["Bad Slug"], ["../x"], ["x", "--design", "rdd"], [], ["x", "y"]],
    "data": [
        ["nothing.csv"],
        ["analyses/boston/plan.toml"],
        ["a.csv", "b.csv"],
        ["add", "castle"],
        ["add", "castel", "x.csv"],
        [],
        ["a.csv", "--from", "2005-01"],
        ["a.csv", "--kind", "people"],
        ["--new", "data/public/boston_homicide.csv"],
        ["--new", "nothing.csv"],
        ["--new", "analyses/boston/plan.toml"],
        ["--new", "a.csv", "b.csv"],
        ["--new", "a.csv", "--kind", "incidents"],
    ],
    "panel": [
        ["no.toml"],
        ["data/public/boston_homicide.csv"],
        ["no.toml", "--threads", "0"],
        ["no.toml", "--memory", "tiny"],
        [],
        ["analyses/boston/plan.toml"],
    ],
    "plan": [["nowhere"], ["../boston"], [], ["boston", "other"], ["BOSTON"], [""]],
    "stamp": [
        ["bostn"],
        ["../boston"],
        [],
        ["boston", "--tsa", "ftp://time.example"],
        ["boston", "--token", "nothing.tsr"],
        ["boston", "--token", "analyses/boston/plan.toml"],
        ["boston", "--request", "--token", "x.tsr"],
    ],
    "power": [
        ["bostn"],
        ["boston", "--draws", "5"],
        ["boston", "--effects", "-30"],
        ["boston", "--draws", "many"],
        ["boston", "-j", "0"],
    ],
    "screen": [
        ["bostn"],
        [],
        ["boston", "--to", "x.pdf"],
        ["boston", "--data", "nothing.csv"],
        ["boston", "--starts", "nothing.csv"],
    ],
    "run": [["bostn"], ["../boston"], ["-j", "none"], ["boston", "--fource"], ["boston", ""]],
    "report": [["bostn"], ["../boston"], ["-j", "-1"], ["--pfd"], ["Boston"]],
    "check": [
        ["bostn"],
        ["../boston"],
        ["boston", "--record"],
        ["-j", "x"],
        ["boston", "--markdown"],
    ],
    "accept": [
        ["bostn", "--reason", "x"],
        [],
        ["boston", "--reason", ""],
        ["boston", "--on", "yesterday"],
        ["../boston", "--reason", "x"],
    ],
    "diff": [
        ["boston"],
        [],
        ["boston", "nowhere"],
        ["boston", "analyses/boston/plan.toml"],
        ["nothing.json", "boston"],
    ],
    "simulate": [["city_moth"], ["city_month", "survey"], [""], ["../city_month"], ["--all"]],
    "doctor": [["boston"], ["--fix"], ["--json", "x"], ["-j", "2"], ["-q", "-v"]],
}


@pytest.mark.parametrize(
    ("verb", "words"), [(verb, words) for verb, each in WRONG.items() for words in each]
)
def test_wrong_input_is_exit_two_with_a_message_and_nothing_written(
    small, capsys, monkeypatch, verb, words
):
    monkeypatch.chdir(small)
    before = {path: path.read_bytes() for path in small.rglob("*") if path.is_file()}
    try:
        code = call(small, verb, *words)
    except SystemExit as stopped:
        code = stopped.code
    said = capsys.readouterr()
    assert code == 2
    assert len(said.err.strip()) > 15 and "Traceback" not in said.err
    after = {
        path: path.read_bytes()
        for path in small.rglob("*")
        if path.is_file() and "build" not in path.parts
    }
    assert after == before


def test_every_verb_has_five_wrong_inputs():
    # Those of `help` and `completion` stand above.
    assert set(WRONG) == set(VERBS) - {"help", "completion"}
    assert min(map(len, WRONG.values())) >= 5


def test_no_option_has_two_meanings_in_one_verb():
    for name, verb in VERBS.items():
        options = [text for action in verb._actions for text in action.option_strings]
        assert len(options) == len(set(options)), name
        assert isinstance(verb, argparse.ArgumentParser)


@pytest.mark.skipif(shutil.which("make") is None, reason="no make here")
def test_make_install_makes_the_environment_alone_and_reports_tells_of_power():
    def would(target: str) -> list[str]:
        # As if .venv were there and up to date, but for its stamp when it is not.
        done = subprocess.run(
            ["make", "-n", "-o", ".venv/installed", target],
            capture_output=True,
            text=True,
            check=True,
            cwd=PROJECT,
        )
        return done.stdout.splitlines()

    assert not [line for line in would("install") if "ceasefire" in line]
    (power,) = [line for line in would("reports") if "ceasefire power" in line]
    assert power.endswith("-v > /dev/null")
