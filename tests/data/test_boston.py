"""The committed Boston table against the published figures it was typed from."""

from pathlib import Path

import numpy as np
import pytest

from evaluation.data.panel import Panel
from evaluation.data.read import check_dataset, read_panel

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "data/public/boston_homicide.csv"


@pytest.fixture(scope="module")
def boston() -> Panel:
    return read_panel(TABLE, ROOT)


def test_seventy_seven_months_of_one_city_are_read(boston: Panel) -> None:
    assert boston.units == ("Boston",)
    assert (boston.periods[0], boston.periods[-1], len(boston.periods)) == (
        "1992-01",
        "1998-05",
        77,
    )
    assert boston.provenance.rows == 77
    assert boston.provenance.file == "data/public/boston_homicide.csv"
    assert boston.provenance.description_file == "data/public/boston_homicide.dataset.toml"


def test_yearly_means_of_youth_homicides_are_the_published_ones(boston: Panel) -> None:
    # Piehl et al. (2003), Table 1: homicides a month in each year, the last of five months.
    published = [3.0833, 4.0000, 3.1667, 3.8333, 2.0833, 1.2500, 0.8000]
    homicides = boston.values["homicides"][0]
    means = [float(homicides[start : start + 12].mean()) for start in range(0, 77, 12)]
    # Published to four decimals.
    assert means == pytest.approx(published, abs=5e-5)


def test_ceasefire_is_in_force_from_june_1996_to_the_end(boston: Panel) -> None:
    start = boston.periods.index("1996-06")
    assert (boston.values["ceasefire"][0] == (np.arange(77) >= start)).all()
    assert 77 - start == 24


def test_ratio_of_the_means_is_the_published_fall_of_64_percent(boston: Panel) -> None:
    # A Poisson model with a step alone has the log ratio of the two means: -1.0161.
    homicides, after = boston.values["homicides"][0], boston.values["ceasefire"][0] == 1
    assert np.log(homicides[after].mean() / homicides[~after].mean()) == pytest.approx(
        -1.0161, abs=5e-5
    )


def test_population_is_no_denominator(boston: Panel) -> None:
    assert boston.named("exposure") == ()
    assert boston.column("population_bm").role == "covariate"
    assert [column.name for column in boston.named("outcome")] == ["homicides"]


def test_interpolated_figures_keep_six_decimals(boston: Panel) -> None:
    assert boston.values["population_bm"][0][47] == 12085.75
    assert boston.values["unemployment"][0][0] == 20.2
    assert boston.values["unemployment"][0][7] == pytest.approx(20 + 1 / 12, abs=5e-7)


def test_source_is_named_in_the_summary(boston: Panel) -> None:
    shown = check_dataset(TABLE, ROOT)
    for part in ("Piehl", "strucchange", "homicides (youth homicides): total 213", "public"):
        assert part in shown
