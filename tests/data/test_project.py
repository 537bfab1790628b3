"""What `ceasefire.toml` may say, and where a fault in it stands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evaluation.data.project import FILE, Disclosure, Names, Project, read_project
from evaluation.errors import DataError

ROOT = Path(__file__).parents[2]
WHOLE = """\
place = "Filadelfia"
place_id = "us-pa-philadelphia"
program = "Focused Deterrence"
title = "Does it work?"
language = "es"
authors = ["A. One", "B. Two"]

[es]
place = "F"
program = "P"
title = "T"
"""


def written(folder: Path, text: str) -> Project:
    (folder / FILE).write_text(text, encoding="utf-8")
    return read_project(folder)


def test_every_key_is_read(tmp_path: Path) -> None:
    assert written(tmp_path, WHOLE) == Project(
        Names("Filadelfia", "Focused Deterrence", "Does it work?"),
        Names("F", "P", "T"),
        "us-pa-philadelphia",
        "es",
        ("A. One", "B. Two"),
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "[es]\n"])
def test_a_project_that_says_nothing_is_as_one_without_the_file(tmp_path: Path, text: str) -> None:
    assert read_project(tmp_path) == written(tmp_path, text) == Project()


def test_this_project_is_that_of_oakland() -> None:
    assert read_project(ROOT).place_id == "us-ca-oakland"


def test_rules_for_numbers_of_people_may_be_stricter(tmp_path: Path) -> None:
    made = written(tmp_path, "[disclosure]\nfewest = 20\nround = 10\n").disclosure
    assert made == Disclosure(fewest=20, step=10)


def test_spanish_keeps_proper_names_and_takes_no_english_title() -> None:
    project = Project(Names("Reno", "Reno's program", "Does it work?"))
    assert project.named("es") == Names("Reno", "Reno's program", "")
    assert project.named("en") == project.names


PLACE = 'place = "Reno"\nplace_id = "us-nv-reno"\n'


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("=", ":1:1: ", "not valid TOML"),
        ('title = "a', ":1", "not valid TOML"),
        ('titel = "x"', ":1:1: ", "Did you mean 'title'?"),
        ('\n[es]\n titel = "x"', ":3:2: ", "Did you mean 'title'?"),
        ('[es]\nlanguage = "es"', ":2:1: ", "is not known here"),
        ("[fr]", ":1:1: ", "is not known here"),
        ("place = 3", ":1:1: ", "must be text in quotes"),
        ('place = "Reno"', ":1:1: ", "needs place_id beside it"),
        ('place_id = "us-nv-reno"', ":1:1: ", "needs place beside it"),
        ('place = "Oakland"\nplace_id = "Oakland"', ":2:1: ", "no id of a place"),
        ('place = "Oakland"\nplace_id = "us-ca-"', ":2:1: ", "no id of a place"),
        ('place = "Oakland"\nplace_id = "us-ca-oakland\\n"', ":2:1: ", "no id of a place"),
        ('place = "Oakland"\nplace_id = "US-CA-OAKLAND"', ":2:1: ", "no id of a place"),
        ('[es]\nplace = "Reno"', ":2:1: ", "in English too"),
        ('language = "fr"', ":1:1: ", "Known: en, es"),
        ("language = true", ":1:1: ", "not known"),
        ('authors = "me"', ":1:1: ", "must be a list"),
        ('authors = ["a", 3]', ":1:1: ", "must be text in quotes"),
        ('authors = ["a", "a "]', ":1:1: ", "names 'a' twice"),
        ('authors = [""]', ":1:1: ", "is blank"),
        ('title = ""', ":1:1: ", "is blank"),
        ('program = " "', ":1:1: ", "is blank"),
        ('title = "a\\nb"', ":1:1: ", "cannot be seen"),
        ('title = "a\\u202Eb"', ":1:1: ", "cannot be seen"),
        ('title = "a\\u001b[31m"', ":1:1: ", "cannot be seen"),
        ("es = 3", ":1:1: ", "must be a table"),
        ("[disclosure]\nfewest = 9", ":2:1: ", "is 9; it may only be stricter: 10 or more"),
        ("[disclosure]\nround = 1", ":2:1: ", "is 1; it may only be stricter: 5 or more"),
        ("[disclosure]\nfewest = true", ":2:1: ", "must be a whole number"),
    ],
)
def test_a_fault_is_refused_where_it_stands(
    tmp_path: Path, text: str, where: str, says: str
) -> None:
    with pytest.raises(DataError) as caught:
        written(tmp_path, text)
    assert str(caught.value).startswith(f"{FILE}{where}") and says in str(caught.value)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        written(tmp_path, f'{PLACE}titel = "x"\nlanguage = "fr"\nauthors = 3\n')
    assert str(caught.value).count("\n") == 2


def test_a_file_that_is_not_utf_8_or_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b'title = "\xff"')
    with pytest.raises(DataError, match="UTF-8"):
        read_project(tmp_path)
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).mkdir()
    with pytest.raises(DataError, match="folder"):
        read_project(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / FILE)
    with pytest.raises(DataError, match="no ordinary file"):
        read_project(tmp_path)


def test_a_link_is_followed_inside_the_project_and_nowhere_else(tmp_path: Path) -> None:
    inside, outside = tmp_path / "project", tmp_path / "other.toml"
    (inside / "docs").mkdir(parents=True)
    for target in (outside, inside / "docs" / "it.toml"):
        target.write_text(PLACE, encoding="utf-8")
    link = inside / FILE
    link.symlink_to("docs/it.toml")
    assert read_project(inside).place_id == "us-nv-reno"
    for target in (outside, tmp_path / "missing.toml"):
        link.unlink()
        link.symlink_to(target)
        with pytest.raises(DataError, match="leads out of the project"):
            read_project(inside)
    link.unlink()
    link.symlink_to("docs/missing.toml")
    with pytest.raises(DataError, match="no such file"):
        read_project(inside)
