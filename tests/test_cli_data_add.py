"""`ceasefire data add NAME FILE`: what is known is placed, and nothing else is written."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from evaluation.cli import main
from evaluation.cli.check_and_data import add_data_verb
from evaluation.cli.common import add_common
from evaluation.data.read import read_panel
from evaluation.errors import DataError

PROJECT = Path(__file__).parents[1]
FILE = (
    "city,month,murder,rape,robbery,robbery_gun,assault_gun,assault_knife,assault_other_weapon,"
    "assault_unarmed,assault_aggravated,violent_index\n"
    "Oakland,2014-12,1,2,30,10,7,2,4,3,16,49\n"
    "Oakland,2015-01,1,2,30,10,7,2,4,3,16,49\n"
    "Oakland,2015-02,4,5,60,20,10,3,6,1,20,89\n"
)

PLAN = """\
question = "Did murders fall in the town?"
goal = 1
data = "data/replication/town.csv"
unit = "Oakland"
design = "its"

[[outcomes]]
column = "murder"
better = "lower"

[intervention]
name = "It"
start = "2013-01"
"""


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


# Of an invented town: published by others, described here and not part of the project.
COUNTS = (
    "murder",
    "gun_assault",
    "knife_assault",
    "other_weapon_assault",
    "unarmed_assault",
    "aggravated_assault",
    "robbery",
    "gun_robbery",
    "rape",
)
DESCRIPTION = f"""\
name = "Offenses of an invented town by month"
file = "town.csv"
frequency = "month"
key = ["city", "month"]
source = "Invented"
licence = "Of others; not part of this project"
sensitivity = "public"
obtain = "Ask the town, then run `ceasefire data add town FILE`."

[original]
sha256 = "{sha256(FILE)}"
adapter = "fbi-monthly"

[[original.history]]
column = "earlier_programs"
first = "2007-01"
last = "2007-12"

[[original.history]]
column = "earlier_programs"
first = "2009-01"
last = "2011-12"

[[original.history]]
column = "recorded_anew"
first = "2015-02"
last = "2020-11"

[columns.city]
role = "unit"
type = "text"

[columns.month]
role = "period"
type = "period"
""" + "".join(
    f'\n[columns.{name}]\nrole = "{role}"\ntype = "{kind}"\nmeasure = "a month"\n'
    for names, role, kind in (
        (COUNTS, "outcome", "count"),
        (("earlier_programs", "recorded_anew"), "covariate", "flag"),
    )
    for name in names
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with the description of a table that is not part of it, and the file for it."""
    folder = tmp_path / "project"
    (folder / "analyses").mkdir(parents=True)
    (folder / "data/replication").mkdir(parents=True)
    description(folder).write_text(DESCRIPTION, encoding="utf-8")
    (tmp_path / "return_a.csv").write_text(FILE, encoding="utf-8")
    return folder


def description(root: Path) -> Path:
    return root / "data/replication/town.dataset.toml"


def call(root: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers()

    def add(name, verb, words):
        sub = verbs.add_parser(name, help=words)
        sub.set_defaults(verb=verb)
        add_common(sub, name)
        return sub

    add_data_verb(add)
    arguments = parser.parse_args(["data", *words], argparse.Namespace(root=root))
    return arguments.verb(arguments)


def refused(root: Path, *words: str) -> str:
    before = {path: path.read_bytes() for path in (root / "data").rglob("*") if path.is_file()}
    with pytest.raises(DataError) as found:
        call(root, *words)
    after = {path: path.read_bytes() for path in (root / "data").rglob("*") if path.is_file()}
    assert after == before
    return str(found.value)


def test_a_known_file_becomes_a_table_that_can_be_read(root, tmp_path, capsys) -> None:
    assert call(root, "add", "town", str(tmp_path / "return_a.csv")) == 0
    out = capsys.readouterr().out
    assert f"return_a.csv: the file has the known SHA-256 {sha256(FILE)[:12]}...." in out
    assert "town.csv is good." in out and "3 months, 2014-12 to 2015-02" in out
    assert "wrote data/replication/town.csv; git ignores it." in out
    panel = read_panel(root / "data/replication/town.csv", root)
    assert panel.values["gun_assault"].tolist() == [[7, 7, 10]]
    # What the description adds from the history of the program.
    assert panel.values["recorded_anew"].tolist() == [[0, 0, 1]]
    assert panel.values["earlier_programs"].tolist() == [[0, 0, 0]]
    assert sorted(path.name for path in (root / "data/replication").iterdir()) == [
        "town.csv",
        "town.dataset.toml",
    ]


def test_a_table_that_is_described_as_private_is_closed_to_others(root, tmp_path) -> None:
    description(root).write_text(DESCRIPTION.replace('"public"', '"private"'), encoding="utf-8")
    assert call(root, "add", "town", str(tmp_path / "return_a.csv")) == 0
    assert (root / "data/replication/town.csv").stat().st_mode & 0o777 == 0o600


def test_json_has_what_was_written_and_what_was_found(root, tmp_path, capsys) -> None:
    words = ("add", "town", str(tmp_path / "return_a.csv"), "--json")
    assert call(root, *words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["wrote"] == ["data/replication/town.csv"] and "SHA-256" in told["says"][0]
    assert call(root, *words) == 0
    assert json.loads(capsys.readouterr().out)["wrote"] == []


def test_history_marks_each_of_its_spans(root, tmp_path) -> None:
    rows = [
        f"Oakland,{year}-{month:02d},1,2,30,10,7,2,4,3,16,49"
        for year in range(2006, 2013)
        for month in range(1, 13)
    ]
    text = "\n".join([FILE.splitlines()[0], *rows]) + "\n"
    (tmp_path / "long.csv").write_text(text, encoding="utf-8")
    known = description(root).read_text(encoding="utf-8").replace(sha256(FILE), sha256(text))
    description(root).write_text(known, encoding="utf-8")
    assert call(root, "add", "town", str(tmp_path / "long.csv")) == 0
    panel = read_panel(root / "data/replication/town.csv", root)
    (flags,) = panel.values["earlier_programs"]
    marked = [period for period, flag in zip(panel.periods, flags, strict=True) if flag]
    assert {period[:4] for period in marked} == {"2007", "2009", "2010", "2011"}
    assert len(marked) == 48


def test_the_same_numbers_in_another_layout_are_accepted(root, tmp_path, capsys) -> None:
    call(root, "add", "town", str(tmp_path / "return_a.csv"))
    table = (root / "data/replication/town.csv").read_text(encoding="utf-8")
    without = "".join(line.rsplit(",", 2)[0] + "\n" for line in table.splitlines())
    (root / "data/replication/town.csv").unlink()
    known = description(root).read_text(encoding="utf-8")
    known = known.replace("[original]\n", f'[original]\ntable_sha256 = "{sha256(without)}"\n')
    description(root).write_text(known, encoding="utf-8")
    # Windows line endings, an order of its own and a column more.
    head, *rows = FILE.splitlines()
    other = "\r\n".join([head + ",note", *(row + ",x" for row in reversed(rows))])
    (tmp_path / "other.csv").write_bytes(other.encode("utf-8"))
    capsys.readouterr()
    assert call(root, "add", "town", str(tmp_path / "other.csv")) == 0
    assert "not the file, but the table made from it, has the known" in capsys.readouterr().out
    assert (root / "data/replication/town.csv").read_text(encoding="utf-8") == table


def test_another_file_is_refused_with_both_hashes_and_what_to_do(root, tmp_path) -> None:
    other = FILE.replace("2014-12,1,2,30,", "2014-12,2,1,30,")
    (tmp_path / "other.csv").write_text(other, encoding="utf-8")
    message = refused(root, "add", "town", str(tmp_path / "other.csv"))
    assert f"has the SHA-256 {sha256(other)[:12]}..., but town is known by" in message
    assert f"{sha256(FILE)[:12]}..." in message
    assert "Get it again, unchanged, as data/replication/town.dataset.toml says" in message
    assert "Nothing was written." in message and "form" not in message


def test_a_file_of_another_form_says_that_too(root, tmp_path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    message = refused(root, "add", "town", str(tmp_path / "other.csv"))
    assert "has the SHA-256" in message
    assert "Its form is another one too: other.csv:1: no column 'city'." in message
    assert len(message.splitlines()) == 2


def test_a_known_file_that_is_not_as_described_is_refused(root, tmp_path) -> None:
    gap = "".join(line for line in FILE.splitlines(keepends=True) if "2015-01" not in line)
    (tmp_path / "gap.csv").write_text(gap, encoding="utf-8")
    known = description(root).read_text(encoding="utf-8").replace(sha256(FILE), sha256(gap))
    description(root).write_text(known, encoding="utf-8")
    assert "2015-01" in refused(root, "add", "town", str(tmp_path / "gap.csv"))


def test_once_there_it_is_not_written_again(root, tmp_path, capsys) -> None:
    file = str(tmp_path / "return_a.csv")
    call(root, "add", "town", file)
    before = (root / "data/replication/town.csv").stat()
    capsys.readouterr()
    assert call(root, "add", "town", file) == 0
    assert capsys.readouterr().out == (
        "data/replication/town.csv is there already, the same; nothing was written.\n"
        "next: ceasefire run\n"
    )
    assert (root / "data/replication/town.csv").stat().st_mtime_ns == before.st_mtime_ns


def test_another_table_in_its_place_is_left_alone(root, tmp_path) -> None:
    (root / "data/replication/town.csv").write_text("mine", encoding="utf-8")
    message = refused(root, "add", "town", str(tmp_path / "return_a.csv"))
    assert message == (
        "data/replication/town.csv: is there already, and is another table. Move it away to add "
        "this one."
    )


def test_a_folder_in_its_place_is_left_alone(root, tmp_path) -> None:
    (root / "data/replication/town.csv").mkdir()
    message = refused(root, "add", "town", str(tmp_path / "return_a.csv"))
    assert "is another table. Move it away" in message


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("twon", "no dataset 'twon' to add. Did you mean 'town'?"),
        ("../public/boston", "no dataset '../public/boston' to add."),
        ("", "no dataset '' to add."),
    ],
)
def test_an_unknown_name_says_which_there_are(root, tmp_path, name, words) -> None:
    assert words in refused(root, "add", name, str(tmp_path / "return_a.csv"))


def test_without_descriptions_that_is_said(root, tmp_path) -> None:
    for path in (root / "data/replication").iterdir():
        path.unlink()
    message = refused(root, "add", "town", str(tmp_path / "return_a.csv"))
    assert (
        "No description in data/public or data/replication has a table [original] yet." in message
    )


def test_a_description_without_a_hash_is_refused(root, tmp_path) -> None:
    text = description(root).read_text(encoding="utf-8")
    start, end = text.index("[original]"), text.index("[columns.city]")
    description(root).write_text(text[:start] + text[end:], encoding="utf-8")
    message = refused(root, "add", "town", str(tmp_path / "return_a.csv"))
    assert "has no table [original] with the sha256 of the file" in message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('sha256 = "', 'sha256 = "g', "original.sha256"),
        ('last = "2007-12"', 'last = "2006-12"', "last: is before first"),
        ('last = "2007-12"', 'last = "2007"', "'2007' is a year"),
        ('"earlier_programs"\nfirst = "2007', '"murder"\nfirst = "2007', "of type flag"),
        ('adapter = "fbi-monthly"', 'adapter = "fbi"', "original.adapter"),
    ],
)
def test_a_wrong_description_has_its_line(root, tmp_path, old, new, words) -> None:
    text = description(root).read_text(encoding="utf-8")
    assert old in text
    description(root).write_text(text.replace(old, new, 1), encoding="utf-8")
    message = refused(root, "add", "town", str(tmp_path / "return_a.csv"))
    assert message.startswith("data/replication/town.dataset.toml:") and words in message


def test_what_is_no_file_is_said(root, tmp_path) -> None:
    assert "is a folder. Name the file in it." in refused(root, "add", "town", str(tmp_path))
    gone = str(tmp_path / "gone.csv")
    assert refused(root, "add", "town", gone) == f"{gone}: no such file. Check the path."
    os.mkfifo(tmp_path / "pipe")
    message = refused(root, "add", "town", str(tmp_path / "pipe"))
    assert "is no ordinary file" in message
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\x00\x01")
    assert "has the SHA-256" in refused(root, "add", "town", str(binary))


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
def test_a_file_that_may_not_be_read_is_said(root, tmp_path) -> None:
    (tmp_path / "return_a.csv").chmod(0)
    message = refused(root, "add", "town", str(tmp_path / "return_a.csv"))
    assert "cannot be read (Permission denied)" in message


@pytest.mark.parametrize("words", [("add",), ("add", "town")])
def test_add_takes_a_name_and_a_file(root, words) -> None:
    assert refused(root, *words) == "ceasefire data add: give a name and a file, in this order."


def test_a_dataset_of_one_file_takes_no_second(root, tmp_path) -> None:
    file = str(tmp_path / "return_a.csv")
    message = refused(root, "add", "town", file, file)
    assert message == "town is made from 1 file: that of `obtain`."


def test_a_public_table_is_made_from_its_files_and_stays_if_it_is_the_same(
    root, tmp_path, capsys
) -> None:
    public = root / "data/public"
    public.mkdir()
    text = (PROJECT / "data/public/california_ucr.dataset.toml").read_text(encoding="utf-8")
    columns = text[text.index("[columns.city]") : text.index("[coverage.")]
    residents = columns[columns.index("[columns.population]") : columns.index("[columns.murder]")]
    original = f'[original]\nsha256 = "{sha256(FILE)}"\nadapter = "fbi-monthly"\n\n'
    (public / "california_ucr.dataset.toml").write_text(
        text[: text.index("[original]")] + original + columns.replace(residents, ""),
        encoding="utf-8",
    )
    file = str(tmp_path / "return_a.csv")
    assert call(root, "add", "california_ucr", file) == 0
    assert capsys.readouterr().out.endswith(
        "wrote data/public/california_ucr.csv.\nnext: ceasefire run\n"
    )
    assert call(root, "add", "california_ucr", file) == 0
    assert "is there already, the same; nothing was written." in capsys.readouterr().out


def test_files_of_a_table_are_told_apart_and_counted(root, tmp_path) -> None:
    (root / "data/public").mkdir()
    shutil.copy(PROJECT / "data/public/cities_ucr.dataset.toml", root / "data/public")
    file = str(tmp_path / "return_a.csv")
    message = refused(root, "add", "cities_ucr", file)
    assert "cities_ucr is made from 2 files: that of `obtain`, then the yearly Return A" in message
    message = refused(root, "add", "cities_ucr", file, file)
    assert "but cities_ucr is known by 6b3285e82cbb" in message and "form is another" in message
    path = root / "data/public/cities_ucr.dataset.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"fbi-annual"', '"fbi-monthly"'), encoding="utf-8")
    message = refused(root, "add", "cities_ucr", file, file)
    assert "original.adapter: the adapter takes 1 file; 2 have a sha256 here" in message


def test_one_file_is_checked_as_before(root, capsys) -> None:
    boston = str(PROJECT / "data/public/boston_homicide.csv")
    assert call(root, boston) == 0
    assert "boston_homicide.csv is good." in capsys.readouterr().out
    assert refused(root, boston, boston) == "ceasefire data: one file at a time."


def test_a_file_named_add_can_still_be_checked(root, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "add: no such file" in refused(root, "./add")


def test_what_is_placed_beside_replications_is_ignored_by_git(tmp_path) -> None:
    """Asked of git itself, with this project's file: a table is, its description is not."""
    (tmp_path / ".gitignore").write_bytes((PROJECT / ".gitignore").read_bytes())
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    names = ("data/replication/town.csv", "data/replication/town.dataset.toml")
    asked = subprocess.run(
        ["git", "-C", str(tmp_path), "check-ignore", *names], capture_output=True, text=True
    )
    assert asked.stdout.splitlines() == [names[0]]


def test_a_study_of_an_absent_table_is_skipped_until_it_is_added(root, tmp_path, capsys) -> None:
    rows = [
        f"Oakland,{year}-{month:02d},{1 + (year * month) % 5},2,30,10,7,2,4,3,16,"
        f"{49 + (year * month) % 5}"
        for year in range(2010, 2016)
        for month in range(1, 13)
    ]
    text = "\n".join([FILE.splitlines()[0], *rows]) + "\n"
    (tmp_path / "obtained.csv").write_text(text, encoding="utf-8")
    known = description(root).read_text(encoding="utf-8").replace(sha256(FILE), sha256(text))
    description(root).write_text(known, encoding="utf-8")
    (root / "analyses/town").mkdir()
    (root / "analyses/town/plan.toml").write_text(PLAN, encoding="utf-8")
    (root / "reports").mkdir()
    for verb in ("run", "power", "report", "check"):
        main(["--root", str(root), verb])
        told = capsys.readouterr()
        (line,) = [line for line in told.out.splitlines() if "town" in line]
        assert line == (
            "town: skipped: data/replication/town.csv is not here. Ask the town, then run "
            "`ceasefire data add town FILE`."
        ), verb
        assert told.err == ""
    assert not (root / "reports/town").exists()
    assert main(["--root", str(root), "data", "add", "town", str(tmp_path / "obtained.csv")]) == 0
    assert "Studies of it are no longer skipped." in capsys.readouterr().out
    assert main(["--root", str(root), "run", "town"]) == 0
    assert "wrote reports/town/results.json" in capsys.readouterr().out


def test_a_file_that_is_the_table_already_needs_no_adapter(root, tmp_path) -> None:
    call(root, "add", "town", str(tmp_path / "return_a.csv"))
    table = root / "data/replication/town.csv"
    text = table.read_text(encoding="utf-8")
    table.unlink()
    (tmp_path / "town_as_published.csv").write_text(text, encoding="utf-8")
    known = description(root).read_text(encoding="utf-8").replace(sha256(FILE), sha256(text))
    begin, end = known.index("adapter = "), known.index("[columns.city]")
    description(root).write_text(known[:begin] + known[end:], encoding="utf-8")
    assert call(root, "add", "town", str(tmp_path / "town_as_published.csv")) == 0
    assert table.read_text(encoding="utf-8") == text


def test_a_name_in_both_folders_is_refused_as_two(root, tmp_path) -> None:
    (root / "data/public").mkdir()
    shutil.copy(description(root), root / "data/public")
    message = refused(root, "add", "town", str(tmp_path / "return_a.csv"))
    assert "town is described in data/public and in data/replication" in message
