"""`[[missing]]`, `[[corrections]]` and `[agencies]`: what a description may say of single cells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evaluation.data.read import check_dataset, read_panel
from evaluation.did.cohorts import Cohorts
from evaluation.errors import DataError, EvaluationError
from evaluation.its.series import Series, Specification

Write = Callable[..., Path]
Lines = tuple[str, ...]
GAP = '\n[[missing]]\nunit = "Fresno"\nfirst = "2012-02"\nwhy = "a month of nothing but zeros"\n'
LOWER = (
    '\n[[corrections]]\nunit = "Fresno"\nperiod = "2012-02"\ncolumn = "shootings"\n'
    'why = "earlier months were too high"\n'
)


def table(lines: Lines, old: str = "", new: str = "") -> bytes:
    return ("\n".join(lines) + "\n").replace(old, new).encode()


def refused(path: Path) -> str:
    with pytest.raises(DataError) as found:
        read_panel(path, path.parent)
    return str(found.value)


def test_a_cell_declared_missing_is_not_a_number(
    write: Write, lines: Lines, description: str
) -> None:
    path = write(table(lines, ",14,", ",,"), description + GAP)
    panel = read_panel(path)
    np.testing.assert_array_equal(panel.values["shootings"], [[31, 28, 40], [12, np.nan, 13]])
    assert panel.values["population"][1].tolist() == [500000, 500100, 500200]
    assert "  Fresno 2012-02 (shootings): a month of nothing but zeros" in check_dataset(path)


def test_an_empty_cell_that_nobody_declares_is_refused(
    write: Write, lines: Lines, description: str
) -> None:
    message = refused(write(table(lines, ",14,", ",,"), description))
    assert message.startswith("cities.csv:6:16: shootings is blank.") and "[[missing]]" in message


def test_columns_and_a_last_period_widen_a_declaration(
    write: Write, lines: Lines, description: str
) -> None:
    wider = GAP.replace("why", 'last = "2012-03"\ncolumns = ["population", "unemployment"]\nwhy')
    content = table(lines, ",500100,0,12.4", ",,0,").replace(b",500200,0,12.3", b",,0,")
    panel = read_panel(write(content, description + wider))
    assert np.isnan(panel.values["population"][1]).tolist() == [False, True, True]
    assert np.isnan(panel.values["unemployment"][1]).tolist() == [False, True, True]
    assert not np.isnan(panel.values["shootings"]).any()


def test_a_declared_negative_count_stays_as_it_is(
    write: Write, lines: Lines, description: str
) -> None:
    content = table(lines, ",14,", ",-2,")
    path = write(content, description + LOWER)
    assert read_panel(path).values["shootings"][1].tolist() == [12, -2, 13]
    assert "Fresno 2012-02 (shootings): earlier months were too high" in check_dataset(path)
    assert "A count cannot be negative" in refused(write(content, description))


@pytest.mark.parametrize(
    ("old", "new", "added", "where", "words"),
    [
        ("", "", GAP, "cities.csv:6:16", "shootings is 14, but cities.dataset.toml says under"),
        ("Fresno,2012-02,14,500100,0,12.4\n", "", GAP, "cities.csv", "no row for 2012-02"),
        (",14,", ",,", GAP.replace("Fresno", "Fresco"), "cities.dataset.toml", "of Fresco in 2012"),
        (",14,", ",,", GAP.replace("02", "2"), "cities.dataset.toml", "first: '2012-2' is not"),
        (",14,", ",,", GAP.replace('unit = "Fresno"\n', ""), "cities.dataset.toml", "unit is miss"),
        (",14,", ",,", GAP.replace("why", "because"), "cities.dataset.toml", "because: is not kno"),
        (
            *(",14,", ",,", GAP.replace("why", 'columns = ["shooting"]\nwhy')),
            *("cities.dataset.toml", "'shooting' is no outcome or exposure or covariate."),
        ),
        (
            *(",14,", ",,", GAP.replace("why", 'columns = ["ceasefire"]\nwhy')),
            *("cities.dataset.toml", "'ceasefire' is no outcome or exposure or covariate."),
        ),
        (
            *(",14,", ",,", GAP.replace("why", "columns = []\nwhy")),
            *("cities.dataset.toml", "columns: must not be empty"),
        ),
        (
            *(",14,", ",,", GAP.replace("why", 'last = "2012-01"\nwhy')),
            *("cities.dataset.toml", "last: is before first"),
        ),
        (",14,", ",,", GAP + GAP, "cities.dataset.toml", "declared under [[missing]] already"),
        (",14,", ",,", GAP + LOWER, "cities.dataset.toml", "declared under [[missing]] already"),
        ("", "", LOWER, "cities.dataset.toml", "no shootings below zero of Fresno in 2012-02"),
        (",14,", ",-2.5,", LOWER, "cities.csv:6:16", "A count is whole"),
        (
            *(",14,", ",-2,", LOWER.replace("shootings", "population")),
            *("cities.dataset.toml", "'population' is no outcome that is a count"),
        ),
        (",14,", ",-2,", LOWER.replace("2012-02", "Feb"), "cities.dataset.toml", "period: 'Feb'"),
        (
            *("", "", '\n[agencies]\nFresco = "CA01005"\n'),
            *("cities.dataset.toml", "no unit 'Fresco'"),
        ),
        (
            *("", "", '\n[agencies]\nFresno = "CA01005"\nOakland = "CA01005"\n'),
            *("cities.dataset.toml", "CA01005 is the agency of 'Fresno' already"),
        ),
        ("", "", '\n[agencies]\nFresno = "fresno"\n', "cities.dataset.toml", "agencies.Fresno"),
    ],
)
def test_a_declaration_that_does_not_fit_is_refused_at_its_line(
    write: Write,
    lines: Lines,
    description: str,
    old: str,
    new: str,
    added: str,
    where: str,
    words: str,
) -> None:
    message = refused(write(table(lines, old, new), description + added))
    assert any(line.startswith(f"{where}:") and words in line for line in message.splitlines()), (
        message
    )


def test_outside_the_coverage_nothing_is_missing(
    write: Write, lines: Lines, description: str
) -> None:
    ends = '\n[coverage.Oakland]\n[coverage.Fresno]\nlast = "2012-01"\n'
    content = table(lines, ",14,", ",,").replace(b",13,", b",,")
    assert "inside its coverage" in refused(write(content, description + ends + GAP))
    assert np.isnan(read_panel(write(content, description + ends)).values["shootings"]).sum() == 2


def test_the_only_unit_need_not_be_named(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("month,shootings\n2012-01,3\n2012-02,\n2012-03,4\n")
    (tmp_path / "one.dataset.toml").write_text(
        'name = "One"\nfrequency = "month"\nunit = "Oakland"\nkey = ["month"]\nsource = "x"\n'
        'licence = "CC0"\nsensitivity = "synthetic"\n[columns.month]\nrole = "period"\n'
        'type = "period"\n[columns.shootings]\nrole = "outcome"\ntype = "count"\n'
        'measure = "victims"\n[[missing]]\nfirst = "2012-02"\nwhy = "lost"\n'
        '[agencies]\nOakland = "CA00109"\n'
    )
    panel = read_panel(tmp_path / "one.csv")
    assert np.isnan(panel.values["shootings"]).tolist() == [[False, True, False]]
    assert panel.agencies == {"Oakland": "CA00109"}


@pytest.mark.parametrize(
    ("old", "new", "added", "words"),
    [
        (",14,", ",,", GAP, "a month of nothing but zeros"),
        (",14,", ",-2,", LOWER, "which is no count: earlier months were too high"),
        (
            *(",500100,", ",,", GAP.replace("why", 'columns = ["population"]\nwhy')),
            "Fresno has no population in 2012-02",
        ),
    ],
)
def test_methods_refuse_such_a_cell_and_say_why_it_is_there(
    write: Write, lines: Lines, description: str, old: str, new: str, added: str, words: str
) -> None:
    panel = read_panel(write(table(lines, old, new), description + added))
    with pytest.raises(EvaluationError) as series:
        Series.from_panel(panel, outcome="shootings", unit="Fresno", start="2012-03")
    with pytest.raises(EvaluationError) as cohorts:
        Cohorts.from_panel(panel, outcome="shootings", starts={"Oakland": "2012-03"})
    for found in (series, cohorts):
        assert words in str(found.value) and "window" in str(found.value)
    # The other unit has all of its cells.
    assert Series.from_panel(panel, outcome="shootings", unit="Oakland", start="2012-03").n == 3


def test_a_covariate_that_was_not_reported_stops_the_series_that_uses_it(
    write: Write, lines: Lines, description: str
) -> None:
    declared = GAP.replace("why", 'columns = ["unemployment"]\nwhy')
    panel = read_panel(write(table(lines, "0,12.4", "0,"), description + declared))
    used = Specification(covariates=("unemployment",))
    with pytest.raises(DataError, match="Fresno has no unemployment in 2012-02"):
        Series.from_panel(
            panel, outcome="shootings", unit="Fresno", start="2012-03", specification=used
        )
    assert Series.from_panel(panel, outcome="shootings", unit="Fresno", start="2012-03").n == 3
    with pytest.raises(DataError, match="Fresno has no unemployment in 2012-02"):
        Cohorts.from_panel(
            panel,
            outcome="shootings",
            starts={"Oakland": "2012-03"},
            covariates=("unemployment",),
            window=("2012-02", "2012-03"),
        )
