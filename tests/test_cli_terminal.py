"""What the command prints holds no character that commands a terminal, whatever a file holds."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from evaluation.cli import main
from evaluation.cli.terminal import Plain
from evaluation.errors import DataError, Fault, plain

COMMANDS = "\x1b[2J\x07\x08\r\t\x7f\x9b31m\u202e\u2066\u200b\u2028\ud800\U000e0001"
RECIPE = """\
name = "N"
period = "month"
source = "Invented for a test"
licence = "CC0"
sensitivity = "synthetic"
incidents = {{ files = "raw", occurred = "when" }}
time = {{ zone = "America/Chicago", naive = "local" }}
units = {{ column = "city", which = {which} }}
outcomes.homicides = {{ measure = "incidents a month", where.kind = ["A"] }}
coverage = {{ first = "2012-01", last = "2012-03" }}
duplicates = {{ keep = "all" }}
"""


def harmless(text: str) -> bool:
    bad = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return not [char for char in text if char != "\n" and unicodedata.category(char) in bad]


@given(st.text(st.characters(), max_size=40))
@example(COMMANDS)
def test_every_message_is_harmless(text: str) -> None:
    assert harmless(plain(text))
    assert harmless(str(DataError(text)))
    assert harmless(str(DataError(Fault(text, 1, None, text))))
    stream = io.StringIO()
    print(text, file=Plain(stream))
    assert harmless(stream.getvalue())


@given(st.text(st.characters(), max_size=40))
def test_json_stays_json_that_says_the_same(text: str) -> None:
    assert json.loads(plain(json.dumps(text, ensure_ascii=False))) == text


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cell=st.sampled_from(["when", "city", "kind", "header"]),
    which=st.sampled_from(['"found"', '["Chicago"]']),
    text=st.text(
        st.sampled_from(COMMANDS.replace("\r", "").replace("\ud800", "") + "Ab1"),
        min_size=1,
        max_size=8,
    ),
)
def test_cells_of_incidents_are_harmless(
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    cell: str,
    which: str,
    text: str,
) -> None:
    folder = tmp_path_factory.mktemp("cells")
    (folder / "raw").mkdir()
    row = {"when": "2012-01-05", "city": "Chicago", "kind": "A"}
    lines = ["when,city,kind", ",".join(row.values())]
    lines.append(",".join((row | {cell: text}).values()) if cell in row else text)
    if cell == "header":
        lines[0] = f"when,{text},kind"
    (folder / "raw" / "a.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "r.toml").write_text(RECIPE.format(which=which), encoding="utf-8")
    main(["panel", str(folder / "r.toml")])
    said = capsys.readouterr()
    assert said.out + said.err
    assert harmless(said.out + said.err)
    for note in folder.glob("*.panel.json"):
        assert all(map(harmless, json.loads(note.read_text(encoding="utf-8"))["notes"]))


@pytest.mark.parametrize(
    "words",
    [
        ["panel", "no\x1b[31m.toml"],
        ["data", "no\x1b[31m.csv"],
        ["data", "add", "no\x1b[31m", "x"],
        ["plan", "no\x1b[31m"],
        ["diff", "no\x1b[31m", "x\x9b31m"],
        ["run", "no\x1b[31m"],
        ["check", "no\x1b[31m"],
        ["new", "no\x1b[31m"],
        ["simulate", "no\x1b[31m"],
    ],
)
def test_names_that_were_typed_are_harmless(
    words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "analyses").mkdir()
    assert main(["--root", str(tmp_path), *words]) != 0
    said = capsys.readouterr()
    assert harmless(said.out + said.err)
    assert said.err


def test_arguments_that_are_not_known_are_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["panel", "a.toml", "--no\x1b[31m"])
    assert harmless(capsys.readouterr().err)


def test_names_of_files_are_harmless(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "raw").mkdir()
    rows = "when,city,kind\n2012-01-05,Chicago,A\n"
    (tmp_path / "raw" / "a\x1b[31m.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "raw" / "b\x1b[31m.txt").write_text("x", encoding="utf-8")
    (tmp_path / "r.toml").write_text(RECIPE.format(which='"found"'), encoding="utf-8")
    assert main(["panel", str(tmp_path / "r.toml")]) == 0
    assert "b\\u001b[31m.txt" in capsys.readouterr().out
    (tmp_path / "raw" / "a\x1b[31m.csv").write_text(f"{rows}never,Chicago,A\n", encoding="utf-8")
    assert main(["panel", str(tmp_path / "r.toml")]) == 2
    said = capsys.readouterr().err
    assert harmless(said)
    assert said.startswith("raw/a\\u001b[31m.csv:3:1: ")


class Broken(io.StringIO):
    """A stream of which nobody reads any more, or on a full disk."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def write(self, text: str) -> int:
        raise OSError(self.number, os.strerror(self.number))


def test_who_stops_reading_does_not_stop_the_verb_nor_change_its_exit_code(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Broken(errno.EPIPE))
    assert main(["help", "your-city"]) == 0
    for number in (errno.EPIPE, errno.ENOSPC):
        monkeypatch.setattr(sys, "stderr", Broken(number))
        assert main(["help", "nowhere"]) == 2


def test_closed_streams_are_streams_to_nowhere():
    closed = "[os.close(one) for one in range(3)]"
    code = f"import os, sys; {closed}; sys.stdin = sys.stdout = sys.stderr = None"
    # Whatever is opened next does not get the number of a stream.
    last = "os._exit(main(sys.argv[1:]) * 100 + os.open('/dev/null', os.O_RDONLY))"
    whole = f"{code}; from evaluation.cli import main; {last}"
    for words, exit_code in ((["help", "your-city"], 0), (["help", "nowhere"], 2)):
        done = subprocess.run([sys.executable, "-c", whole, *words], check=False)
        assert divmod(done.returncode, 100) == (exit_code, 3)


def test_what_an_encoding_lacks_is_escaped_as_json_has_it():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, "ascii", write_through=True)
    print("−1 é 😀", file=Plain(stream))
    assert json.loads(f'"{raw.getvalue().decode().strip()}"') == "−1 é 😀"
