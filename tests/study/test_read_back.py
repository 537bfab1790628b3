"""What the program wrote is read to the byte, and every fault in it has its place and a way out."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from evaluation.errors import DataError
from evaluation.fact import Fact
from evaluation.study.evidence import load_evidence, read_results
from evaluation.study.power.power_evidence import load_power
from evaluation.study.read_back import bytes_of, read_versioned
from evaluation.study.written import canonical, versioned

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Inner:
    value: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outer:
    name: str
    inner: tuple[Inner, ...] = ()
    told: Fact | None = None


OUTER = Outer("a", (Inner(1.5), Inner(2.0, "b")), Fact("plan.changed.layout"))
TEXT = versioned(OUTER, 1)


def read(text: str | bytes) -> Outer:
    return read_versioned(Outer, text, schema=1, file="reports/x/o.json", again="run x")


def test_what_was_written_reads_back():
    assert read(TEXT) == read(TEXT.encode()) == OUTER


CASES = {
    "another version": (TEXT.replace('"schema": 1', '"schema": 2'), ":12:2: schema: written by"),
    "true for 1": (
        TEXT.replace('"schema": 1', '"schema": true'),
        ":12:12: is not as",
    ),
    "a key dropped": (TEXT.replace(' "name": "a",\n', ""), ": name: Field required"),
    "null": (TEXT.replace("1.5", "null"), ":4:4: inner.value: Input should be a valid number"),
    "words": (TEXT.replace("1.5", '"many"'), ":4:4: inner.value: Input should be"),
    "a number in quotes": (TEXT.replace("1.5", '"1.5"'), ":4:13: is not as"),
    "more digits": (TEXT.replace("1.5", "1.50000001"), ":4:16: is not as"),
    "too large": (TEXT.replace("1.5", "1e999"), "results hold finite numbers only"),
    "many digits": (TEXT.replace("1.5", "1" * 5000), ": not valid JSON: "),
    "NaN": (TEXT.replace("1.5", "NaN"), ":4:13: NaN is no number of JSON"),
    "a key more": (TEXT.replace('"name"', '"other": 1,\n "name"'), ":11:2: other: Unexpected"),
    "twice": (TEXT.replace('"name"', '"name": "b",\n "name"'), ":12:2: name: stands twice"),
    "a default": (
        TEXT.replace("1.5", '1.5,\n   "note": ""'),
        ":4:16: is not as",
    ),
    "a fact nobody says": (TEXT.replace("changed.layout", "changed.x"), ":13:2: told: no sentence"),
    "cut": (TEXT[:40], ": not valid JSON: "),
    "empty": ("", ":1:1: not valid JSON: "),
    "deep": ("[" * 100_000, ": nested too deeply to be read"),
    "deep, and valid": ('{"name":' + "[" * 900 + "]" * 900 + "}", ""),
    "a mark": ("\ufeff" + TEXT, ":1:1: "),
    "wide": (TEXT.encode("utf-16"), ": is not UTF-8 text"),
    "a list": ("[]", ":1:1: must be an object"),
    "laid out anew": (TEXT.replace("\n ", "\n  "), ":2:2: is not as"),
    "padded": (TEXT + "\n", ": is not as"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_the_program_would_not_write_is_refused_at_its_place(name):
    content, says = CASES[name]
    with pytest.raises(DataError) as raised:
        read(content)
    said = str(raised.value)
    assert said.startswith("reports/x/o.json") and says in said
    assert said.endswith("Made by the program; make it again with `ceasefire run x`.")


def test_what_is_not_there_or_no_file_is_told(tmp_path):
    with pytest.raises(DataError, match=r"not there yet. Run `ceasefire run x` first"):
        bytes_of(tmp_path / "o.json", "o.json", "run x")
    with pytest.raises(DataError, match=r"^o.json: is a folder, not a file. Made by the program"):
        bytes_of(tmp_path, "o.json", "run x")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match=r"^o.json: is no ordinary file.* Made by the program"):
        bytes_of(tmp_path / "pipe", "o.json", "run x")
    (tmp_path / "large").write_bytes(b"12345")
    with pytest.raises(DataError, match=r"^o.json: is larger than 4 bytes.* Made by the program"):
        bytes_of(tmp_path / "large", "o.json", "run x", most=4)


def test_results_of_a_former_form_are_read_to_the_byte_too():
    text = (PROJECT / "tests/study/former_results.json").read_text("utf-8")
    assert read_results(text, file="r", again="run").former_sha256
    with pytest.raises(DataError, match="r:2:2: is not as"):
        read_results(text.replace("\n ", "\n  "), file="r", again="run")
    # It is the canonical form of what is in it.
    assert canonical(json.loads(text)) == text


def test_committed_results_are_read(tmp_path):
    assert load_evidence("boston", PROJECT).slug == "boston"
    with pytest.raises(DataError, match="Run `ceasefire run boston` first"):
        load_evidence("boston", tmp_path)


@pytest.mark.parametrize("name", ["results.json", "power.json"])
def test_what_is_of_another_study_is_not_read_as_of_this_one(tmp_path, name):
    load = {"results.json": load_evidence, "power.json": load_power}[name]
    for slug in ("boston", "oakland"):
        (tmp_path / "reports" / slug).mkdir(parents=True)
        shutil.copy(PROJECT / "reports/boston" / name, tmp_path / "reports" / slug)
    assert load("boston", tmp_path).slug == "boston"
    place = rf"^reports/oakland/{name}:\d+:\d+: slug: "
    words = place + r"is of the study 'boston'\. .* `ceasefire \w+ oakland`"
    with pytest.raises(DataError, match=words):
        load("oakland", tmp_path)
