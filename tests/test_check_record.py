"""`ceasefire check --record`: what the last check of all studies found, for the front page to tell.

Each mutation is one that could happen: an acceptance after the check, a study that fails, a hand in
the record, a record that is lost or of another set of studies.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

from evaluation import __version__
from evaluation.check.record import (
    LARGEST,
    Record,
    Recorded,
    last_check,
    read_record,
    recorded,
)
from evaluation.check.verdict import Checked, Verdict
from evaluation.cli import main
from evaluation.errors import DataError

PROJECT = Path(__file__).parents[1]
SLUG = "boston"
RECORD, INDEX, SPANISH = "reports/check.json", "reports/index.html", "reports/es.html"
LOCK, DATA = f"reports/{SLUG}/lock.json", "data/public/boston_homicide.csv"
GOOD = "Last check: 1 of 1 studies were run again and gave the results shown here."
pytestmark = pytest.mark.usefixtures("run_once")


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One study, accepted, with a record of its check."""
    root = tmp_path_factory.mktemp("recorded")
    for name in ("data/public", f"analyses/{SLUG}", f"reports/{SLUG}"):
        shutil.copytree(PROJECT / name, root / name)
    # Without the page on power, whose drawing would double the time.
    for path in (*root.glob(f"reports/{SLUG}/power.*"), root / LOCK):
        path.unlink()
    (root / f"analyses/{SLUG}/changes.toml").unlink()
    for words in (["run"], ["report"], ["accept", SLUG, "--reason", "First."]):
        assert main(["--root", str(root), *words]) == 0
    assert "Not checked yet" in (root / INDEX).read_text(encoding="utf-8")
    assert main(["--root", str(root), "check", "--record"]) == 0
    return root


@pytest.fixture
def root(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "project"))


def call(root: Path, *words: str) -> int:
    return main(["--root", str(root), *words])


def text(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")


def words_of(root: Path, name: str = INDEX) -> str:
    """The words of a page, as a reader has them."""
    return " ".join(re.sub(r"<[^>]+>", "", text(root, name)).split())


def everything(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in ("reports", "analyses")
        for path in (root / folder).rglob("*")
        if path.is_file()
    }


def written(**changes: object) -> str:
    """The record of one study as the program writes it, with other values."""
    study = {"lock_sha256": "a" * 64, "verdict": "reproduces", **changes}
    content = {"schema": 1, "package": "1", "studies": {SLUG: study}}
    return json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def test_record_holds_verdict_lock_and_version_and_the_front_page_tells_it(root, capsys):
    lock = hashlib.sha256((root / LOCK).read_bytes()).hexdigest()
    head = json.loads(text(root, LOCK))["chain"]["head"]
    assert json.loads(text(root, RECORD)) == {
        "schema": 1,
        "package": __version__,
        "studies": {SLUG: {"verdict": "reproduces", "lock_sha256": lock, "head": head}},
    }
    assert GOOD in words_of(root) and f"by version {__version__} of the program" in words_of(root)
    assert "1 de 1 estudios se volvieron a ejecutar" in words_of(root, SPANISH)
    told = json.loads(text(root, "reports/results.json"))["last_check"]
    assert told == {"package": __version__, "studies": {SLUG: "reproduces"}}
    assert call(root, "check") == 0
    assert capsys.readouterr().out.splitlines()[:2] == ["boston: reproduces", "index: reproduces"]


def test_no_day_folder_or_host_is_in_the_record(root):
    assert not re.search(r"\d{4}-\d\d|\d\d:\d\d|[/\\]", text(root, RECORD))


def test_recording_again_runs_again_and_writes_the_same_bytes(root, capsys):
    before = everything(root)
    assert call(root, "check", "--record") == 0
    out = capsys.readouterr().out
    # A run that is kept here may be the one that wrote the results.
    assert "1 run again." in out
    names = [line.split("/")[-1] for line in out.splitlines() if line.startswith("wrote ")]
    assert names[0] == "check.json" and names[-1] == "index.html"
    assert {"es.html", "results.json", "results.csv"} < set(names)
    assert everything(root) == before


def test_verdicts_for_a_program_stay_json_while_recording(root, capsys):
    assert call(root, "check", "--record", "--json") == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["reproduces"] is True
    assert "wrote reports/check.json" in said.err


def test_some_of_the_studies_cannot_be_recorded(root, capsys):
    before = everything(root)
    assert call(root, "check", "--record", SLUG) == 2
    assert "is for all studies at once" in capsys.readouterr().err
    assert everything(root) == before


def test_a_study_accepted_after_the_check_is_not_called_checked(root, capsys):
    plan = root / f"analyses/{SLUG}/plan.toml"
    plan.write_text(text(root, f"analyses/{SLUG}/plan.toml") + "\n# A remark.\n", encoding="utf-8")
    for verb in ("run", "report"):
        assert call(root, verb) == 0
    assert GOOD in words_of(root)
    capsys.readouterr()
    assert call(root, "accept", SLUG, "--reason", "A remark in the plan.") == 0
    assert "run `ceasefire check --record`" in capsys.readouterr().out
    # The front page still claims a check that was of another lock.
    assert call(root, "check") == 1
    assert "reports/index.html is not what its results render to" in capsys.readouterr().out
    assert call(root, "report") == 0
    assert "Last check: 0 of 1 studies" in words_of(root)
    assert ": not checked since it was last accepted." in words_of(root)
    assert ": no se ha revisado desde que se aceptó por última vez." in words_of(root, SPANISH)
    assert call(root, "check") == 0
    assert call(root, "check", "--record") == 0
    assert GOOD in words_of(root) and call(root, "check") == 0


def test_a_study_that_gives_something_else_is_named(root, capsys):
    lines = text(root, DATA).splitlines(keepends=True)
    cells = lines[60].split(",")
    column = lines[0].split(",").index("homicides")
    cells[column] = str(int(cells[column]) + 3)
    (root / DATA).write_text("".join([*lines[:60], ",".join(cells), *lines[61:]]), encoding="utf-8")
    assert call(root, "check", "--record") == 1
    assert "youth homicides effect −" in capsys.readouterr().out
    assert json.loads(text(root, RECORD))["studies"][SLUG]["verdict"] == "differs"
    assert "Last check: 0 of 1 studies" in words_of(root)
    assert ": what came out, or a page, was not what is shown here or was" in words_of(root)


def test_a_study_that_cannot_be_run_is_named(root, capsys):
    text_of = text(root, DATA).splitlines(keepends=True)
    text_of[60] = text_of[60].replace(",", ",x", 1)
    (root / DATA).write_text("".join(text_of), encoding="utf-8")
    assert call(root, "check", "--record") == 2
    said = capsys.readouterr()
    assert f"{DATA}:61:" in said.err and "Traceback" not in said.err
    assert json.loads(text(root, RECORD))["studies"][SLUG]["verdict"] == "failed"
    assert ": it could not be run again or compared." in words_of(root)
    assert ": no se pudo volver a ejecutar o comparar." in words_of(root, SPANISH)


def test_a_record_that_is_lost_is_missed_and_then_not_claimed(root, capsys):
    (root / RECORD).unlink()
    assert call(root, "check") == 1
    assert "reports/index.html is not what its results render to" in capsys.readouterr().out
    assert call(root, "report") == 0
    assert "Not checked yet" in words_of(root) and call(root, "check") == 0


def test_a_verdict_changed_by_hand_is_found_against_the_front_page(root, capsys):
    (root / RECORD).write_text(text(root, RECORD).replace("reproduces", "differs"), "utf-8")
    assert call(root, "check") == 1
    said = capsys.readouterr().out
    for name in ("index.html", "es.html", "results.json"):
        assert f"index: reports/{name} is not what its results render to" in said


def test_a_study_that_is_no_longer_there_is_named_and_not_shown(root, capsys):
    content = json.loads(text(root, RECORD))
    content["studies"]["gone"] = content["studies"][SLUG]
    changed = json.dumps(content, sort_keys=True, indent=1) + "\n"
    (root / RECORD).write_text(changed, encoding="utf-8")
    assert call(root, "check") == 1
    taken_out = "index: reports/check.json knows what was accepted of 'gone', and analyses/gone/"
    assert taken_out in capsys.readouterr().out
    assert call(root, "report") == 0
    assert GOOD in words_of(root) and "gone" not in words_of(root)
    # Recording again does not make it good, and keeps what it knows.
    assert call(root, "check", "--record") == 1
    assert taken_out in capsys.readouterr().out
    assert text(root, RECORD) == changed
    # Whoever takes it out with its entry leaves that to be seen.
    del content["studies"]["gone"]
    (root / RECORD).write_text(json.dumps(content, sort_keys=True, indent=1) + "\n", "utf-8")
    assert call(root, "check", "--record") == 0


def test_a_study_that_came_later_is_not_called_checked(root):
    (root / RECORD).write_text(str(Record("1", {})), encoding="utf-8")
    assert call(root, "report") == 0
    assert "Last check: 0 of 1 studies" in words_of(root)
    assert ": not checked yet." in words_of(root)


def test_results_that_nobody_accepted_are_not_called_checked(root, tmp_path):
    (root / LOCK).unlink()
    record = Record("1", {SLUG: Recorded("reproduces", None)})
    found = last_check(record, [SLUG], root)
    assert found is not None and found.states == {SLUG: "not accepted"}


HASH = "lock_sha256"
MALFORMED = {
    "not JSON": ("{\n", "2:1: not valid JSON: "),
    "no object": ("[]\n", "1:1: must be an object in { }"),
    "cut": (written()[:-20], ": not valid JSON: "),
    "another version": (written().replace('"schema": 1', '"schema": 2'), "3:2: schema: "),
    "an unknown verdict": (written(verdict="reproduced"), "7:4: studies.boston.verdict: "),
    "a near verdict": (written(verdict="reproduced"), "Did you mean 'reproduces'?"),
    "no verdict": (written().replace("verdict", "verdikt"), "studies.boston.verdikt: is not known"),
    "no hash": (written(lock_sha256="abc"), f"6:4: studies.boston.{HASH}: is no sha256"),
    "a number": (written(lock_sha256=7), f"6:4: studies.boston.{HASH}: must be text in quotes"),
    "a day": (written(on="2026-01-31"), "7:4: studies.boston.on: is not known here."),
    "studies in a list": ('{"package": "1", "schema": 1, "studies": []}\n', "1:31: studies: must"),
    "no studies": ('{"package": "1", "schema": 1}\n', "studies: is missing. Add it."),
    "no version": (written().replace('"1"', '""'), "2:2: package: must not be empty"),
    "named twice": (
        written().replace('"package": "1",', '"package": "1",\n "package": "2",'),
        "3:2: package: stands twice.",
    ),
    "laid out anew": (written().replace(" ", ""), "2:1: is not as this version writes it"),
    "no last line": (written().rstrip("\n"), "10:2: is not as this version writes it"),
    "deep": ('{"a":' * 5000 + "1" + "}" * 5000, "nested too deeply to be read"),
    "many digits": ('{"schema": ' + "1" * 5000 + "}", "not valid JSON: "),
    "large": (" " * (LARGEST + 1), "is larger than 1 MiB"),
    "empty": ("", "1:1: not valid JSON: "),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_record_that_is_none_is_told_with_its_place(tmp_path, name):
    content, says = MALFORMED[name]
    (tmp_path / "reports").mkdir()
    (tmp_path / RECORD).write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as raised:
        read_record(tmp_path)
    said = str(raised.value)
    assert said.startswith(RECORD) and says in said
    assert "ceasefire check --record" in said


def test_the_same_record_as_the_program_writes_it_is_read(tmp_path):
    assert read_record(tmp_path) is None
    (tmp_path / "reports").mkdir()
    (tmp_path / RECORD).write_text(written(), encoding="utf-8")
    found = read_record(tmp_path)
    assert found == Record("1", {SLUG: Recorded("reproduces", "a" * 64)})
    assert str(found) == written()


def test_bytes_that_are_no_text_are_told_with_their_line(tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / RECORD).write_bytes(b'{\n "package": "\xff"\n}\n')
    with pytest.raises(DataError, match=r"reports/check\.json:2: is not UTF-8 text"):
        read_record(tmp_path)


@pytest.mark.parametrize("verb", ["check", "report"])
def test_a_malformed_record_stops_a_command_without_a_traceback_or_a_write(root, capsys, verb):
    (root / RECORD).write_text(written(verdict="fine"), encoding="utf-8")
    before = everything(root)
    assert call(root, verb) == 2
    assert (
        "reports/check.json:7:4: studies.boston.verdict: 'fine' is not" in capsys.readouterr().err
    )
    assert everything(root) == before
    # The heads that it held would be forgotten if it were made again just so.
    if verb == "check":
        for words in (("check", "--record"), ("accept", SLUG, "--reason", "So.")):
            assert call(root, *words) == 2
            assert "Take it from the last commit, or delete it" in capsys.readouterr().err
            assert everything(root) == before


def test_a_record_that_cannot_be_written_leaves_the_pages(root, capsys):
    (root / RECORD).unlink()
    (root / RECORD).mkdir()
    before = everything(root)
    assert call(root, "check", "--record") == 2
    assert "check.json: is a folder, not a file. Take it from" in capsys.readouterr().err
    assert everything(root) == before


def test_verdicts_are_those_of_the_check_and_only_of_studies_on_the_page():
    fault = DataError("no such file")
    checks = [
        Checked("a", Verdict("a", ())),
        Checked("b", None, fault),
        Checked("replication", Verdict("replication", ())),
    ]
    found = recorded(checks, {"a": "1" * 64, "b": None}, {}, Record("", {}))
    here = {"a": Recorded("reproduces", "1" * 64), "b": Recorded("failed", None)}
    assert found.studies == here
    # A head is kept while the data of its study are not here; what nobody accepted is not.
    away = Recorded("reproduces", "2" * 64, "3" * 64)
    was = Record("", {"away": away, "draft": Recorded("reproduces", None), "a": here["b"]})
    assert recorded(checks, {"a": "1" * 64, "b": None}, {}, was).studies == {**here, "away": away}
