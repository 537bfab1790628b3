"""From incidents by week and by day to a page, with a change that is known to be there."""

from __future__ import annotations

import datetime
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation import did, its
from evaluation.cli import main
from evaluation.data import period
from evaluation.errors import EvaluationError
from evaluation.fact import period_words
from evaluation.its.methods import default
from evaluation.numeric.shared.draws import BitGenerator, overdispersed_counts, stream, uniforms
from evaluation.study.evidence import Evidence, loads

RATIO = 0.65
# First period, number of periods, place of the start, events a period.
CALENDARS = {
    "week": ("2009-W01-4", 262, 170, 6.0),
    "day": ("2012-01-01", 720, 556, 3.0),
}
RECIPE = """\
name = "Shootings"
period = "{frequency}"
source = "Invented for a test"
licence = "CC0"
sensitivity = "synthetic"
output = "shootings.csv"
[incidents]
files = ["raw"]
id = "id"
row = "victim"
occurred = "when"
[time]
zone = "America/New_York"
naive = "local"
[units]
unit = "Springfield"
[outcomes.shootings]
measure = "victims a {frequency}"
[coverage]
first = "{first}"
last = "{last}"
[duplicates]
keep = "refuse"
"""


def mean(frequency: str, *, ratio: float = RATIO) -> np.ndarray:
    """(n,) expected counts: a trend, a season by the time of the year, days of the week, a step."""
    first, n, start, level = CALENDARS[frequency]
    at = period.ordinal(first, frequency) + np.arange(n)
    passed = np.array([period.time_of_year(int(one), frequency) for one in at])
    log = math.log(level) - 0.05 * np.arange(n) / period.a_year(frequency)
    log += 0.3 * np.cos(2 * np.pi * (passed - 0.55)) + math.log(ratio) * (np.arange(n) >= start)
    if frequency == "day":
        log += 0.25 * ((at - 1) % 7 >= 5)
    return np.exp(log)


def drawn(frequency: str, source: BitGenerator, *, ratio: float = RATIO) -> np.ndarray:
    """(n,) counts about them, with a tenth more variance than chance alone has."""
    expected = mean(frequency, ratio=ratio)
    return overdispersed_counts(uniforms(source, len(expected)), expected, 1.1)


def written(frequency: str) -> str:
    """The incidents one by one, in no order, with the moments at which they were."""
    first, n, _, _ = CALENDARS[frequency]
    begin, source = period.ordinal(first, frequency), stream(20130101, f"weeks/{frequency}")
    counts = drawn(frequency, source).astype(int)
    lines = []
    for number, count in zip(range(begin, begin + n), counts, strict=True):
        day = datetime.datetime.combine(period.first_day(number, frequency), datetime.time())
        length = 7 * 24 * 60 if frequency == "week" else 24 * 60
        for share in uniforms(source, int(count)):
            when = day + datetime.timedelta(minutes=int(share * length))
            lines.append(f"{len(lines)},{when.isoformat(sep=' ')}")
    order = np.argsort(uniforms(source, len(lines)))
    return "\n".join(["id,when", *(lines[place] for place in order)]) + "\n"


@pytest.fixture(scope="module", params=["week", "day"])
def study(request, tmp_path_factory) -> tuple[str, Path]:
    """A project of one's own in which every step was made by its verb."""
    frequency: str = request.param
    folder = tmp_path_factory.mktemp(frequency)
    first, n, start, _ = CALENDARS[frequency]
    begin = period.ordinal(first, frequency)
    last, begun = (period.text(begin + k, frequency) for k in (n - 1, start))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["init", "."]) == 0
        data = folder / "data" / "mine"
        (data / "raw").mkdir(parents=True)
        (data / "raw" / "a.csv").write_text(written(frequency), encoding="utf-8")
        recipe = RECIPE.format(frequency=frequency, first=first, last=last)
        (data / "shootings.recipe.toml").write_text(recipe, encoding="utf-8")
        assert main(["panel", "data/mine/shootings.recipe.toml"]) == 0
        table = "data/mine/shootings.csv"
        assert main(["new", "mine", "--data", table, "--start", begun]) == 0
        assert main(["run", "mine"]) == 0
        assert main(["report", "mine"]) == 0
    return frequency, folder / "reports" / "mine"


def evidence(folder: Path) -> Evidence:
    return loads((folder / "results.json").read_text(encoding="utf-8"))


def test_the_change_that_was_built_in_is_found_again(study: tuple[str, Path]) -> None:
    frequency, folder = study
    found = evidence(folder)
    assert found.data.frequency == frequency
    effect = found.outcomes[0].effect
    assert effect.method == "averaged-reml-wide"
    assert effect.low <= math.log(RATIO) <= effect.high
    assert effect.high < 0
    # Of the days of the week there are six terms, and two of each wave.
    seasons = 4 + (6 if frequency == "day" else 0)
    names = [term for term in effect.params.index if re.match("sine|cosine|weekday", term)]
    assert len(names) == seasons


def test_no_check_is_stopped_by_the_calendar(study: tuple[str, Path]) -> None:
    frequency, folder = study
    by_name = {check.name: check for check in evidence(folder).outcomes[0].checks}
    # Two years before a start of days would make the test slow.
    asked = ("placebo-dates",) if frequency == "week" else ()
    for name in (*asked, "base-period", "start-date", "specification-curve"):
        assert len(by_name[name].table) >= 2, name
    assert by_name["averted-over-time"].table


def test_the_page_says_weeks_and_days_as_a_reader_does(study: tuple[str, Path]) -> None:
    frequency, folder = study
    layers = ("index.html", "appendix.html")
    page = "".join((folder / name).read_text(encoding="utf-8") for name in layers)
    first, _, start, _ = CALENDARS[frequency]
    begun = period.first_day(period.ordinal(first, frequency) + start, frequency)
    said = f"{begun:%B} {begun.day}, {begun.year}"
    assert f"from {'the week of ' if frequency == 'week' else ''}{said}" in page
    assert f"{frequency}s" in page
    assert f"a {frequency}" in page
    by_sevens = "is the mean of seven days" in page
    assert by_sevens == (frequency == "day")
    assert period_words("2012-W42-4") == "the week of October 18, 2012"
    assert period_words("2012-W42-4", "es") == "la semana del 18 de octubre de 2012"


def frame(frequency: str, counts: np.ndarray, **more: object) -> pd.DataFrame:
    first, n, _, _ = CALENDARS[frequency]
    begin = period.ordinal(first, frequency)
    days = [period.first_day(begin + k, frequency) for k in range(n)]
    return pd.DataFrame({"when": pd.to_datetime(days), "y": counts, **more})


def test_weekly_series_without_and_with_a_change_are_covered() -> None:
    # Measured once on 200 seeds a world: coverage_its.md.
    _, _, start, _ = CALENDARS["week"]
    held = 0
    for seed in range(12):
        ratio = RATIO if seed % 2 else 1.0
        counts = drawn("week", stream(seed, "covered"), ratio=ratio)
        table = frame("week", counts)
        fit = its.fit(
            table.sample(frac=1.0, random_state=seed), outcome="y", time="when",
            start=table["when"][start],
        )  # fmt: skip
        assert fit.data.frequency == "week"
        held += fit.effect.low <= math.log(ratio) <= fit.effect.high
    assert held >= 10


def test_a_frame_of_days_has_its_days_of_the_week() -> None:
    table = frame("day", drawn("day", stream(5, "covered")))
    fit = its.fit(table, outcome="y", time="when", start="2013-07-14", method="poisson")
    assert fit.data.frequency == "day"
    assert "weekday 7" in fit.data.names and "weekday 1" not in fit.data.names
    assert fit.effect.low <= math.log(RATIO) <= fit.effect.high
    saturday = fit.effect.params["weekday 6"]
    assert saturday == pytest.approx(0.25, abs=0.12)


@pytest.mark.parametrize("frequency", ["week", "day"])
def test_a_season_of_periods_and_what_months_taught_are_refused(frequency: str) -> None:
    table = frame(frequency, drawn(frequency, stream(5, "covered")))
    given = {"outcome": "y", "time": "when", "start": table["when"][CALENDARS[frequency][2]]}
    with pytest.raises(EvaluationError, match=f"a term for each {frequency} of the year"):
        its.fit(table, **given, season="periods")
    with pytest.raises(EvaluationError, match="learned on counts by month"):
        its.fit(table, **given, method="learned")
    assert default("count", frequency=frequency).name == "averaged-reml-wide"


def test_a_missing_week_is_named() -> None:
    table = frame("week", drawn("week", stream(5, "covered"))).drop(index=[100])
    with pytest.raises(EvaluationError, match=r"a week is missing: 2010-W48-4"):
        its.fit(table, outcome="y", time="when", start="2012-06-01")


def test_the_waves_of_weeks_do_not_drift_through_the_years() -> None:
    # Ten years of 52 dummies or of 52 / 52 waves would be half a week late at the end.
    for frequency in ("week", "day"):
        passed = [
            period.time_of_year(period.holding(datetime.date(year, 7, 4), frequency), frequency)
            for year in range(2000, 2030)
        ]
        assert max(passed) - min(passed) < 8 / 365


def panel(frequency: str, units: int = 8) -> pd.DataFrame:
    _, n, start, _ = CALENDARS[frequency]
    rows = []
    for unit in range(units):
        expected = mean(frequency, ratio=RATIO if unit < units // 2 else 1.0)
        draws = uniforms(stream(unit, "panel"), n)
        counts = overdispersed_counts(draws, expected, 1.1)
        more = {"unit": f"beat {unit}", "on": (np.arange(n) >= start) & (unit < units // 2)}
        rows.append(frame(frequency, counts, **more))
    return pd.concat(rows)


@pytest.mark.parametrize("method", ["poisson-twfe", "poisson-imputation", "callaway-santanna"])
def test_a_comparison_by_week_finds_the_change(method: str) -> None:
    table = panel("week")
    given = {"outcome": "y", "unit": "unit", "time": "when", "start": "on", "method": method}
    kind = {"kind": "continuous"} if method == "callaway-santanna" else {}
    fit = did.fit(table, **given, **kind)
    assert fit.data.frequency == "week"
    assert fit.percent.low <= 100 * (RATIO - 1) <= fit.percent.high


def test_the_forecast_is_of_months_and_not_chosen_for_weeks() -> None:
    table = panel("week")
    table = table[(table["unit"] == "beat 0") | (table["unit"] >= "beat 4")]
    given = {"outcome": "y", "unit": "unit", "time": "when", "start": "on"}
    with pytest.raises(EvaluationError, match="learned on counts by month and quarter"):
        did.fit(table, **given, method="forecast")
    fit = did.fit(table, **given)
    assert fit.effect.method not in ("forecast", "step")
    assert "not asked of weeks or days" in str(fit.notes[0])
    assert fit.effect.low <= math.log(RATIO) <= fit.effect.high
