"""How often 95 % intervals of methods for times to an event, for days and for people called in one
after another hold the truth, in the people of `people_worlds`.

python -m benchmarks.coverage_times              1,000 draws a world; the CSV and the page
python -m benchmarks.coverage_times --reps 200
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from benchmarks.coverage_individual import DOCS, ESTIMANDS, REPS, SEED
from benchmarks.people_worlds import (
    CALLED_WORLDS,
    DAY,
    DAYS_WORLDS,
    WORLDS,
    calls,
    participants,
    people_with_days,
    true_days,
    truth,
)
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.individual import not_yet_called
from evaluation.individual.methods import PLAIN, RISK, fit_timed
from evaluation.numeric.panel.doubly_robust import Estimand
from evaluation.numeric.shared.draws import stream

# Name of the method, its settings, and which truth it is held to.
METHOD_SETTINGS: Mapping[str, tuple[str, dict[str, object], str]] = {
    "risk-by-day": ("risk-by-day", {}, "risk"),
    "risk-by-day, trimmed (Crump)": ("risk-by-day", {"trim": "crump"}, "risk"),
    "risk-by-day, unadjusted": ("risk-by-day", {"weights": "given"}, "risk"),
    "time-free": ("time-free", {}, "free"),
    "cox": ("cox", {}, "cox"),
    "cox, with covariates": ("cox", {"adjust": "covariates"}, "effect"),
    "fine-gray": ("fine-gray", {}, "fine-gray"),
    "andersen-gill": ("andersen-gill", {}, "effect"),
}
DAYS_METHODS = ("aipw", "two-part", "negative-binomial-people", "unadjusted")
LOG_RATIO = "log ratio x 100"
UNITS = {"risk": "percentage points", "free": "days"}
COLUMNS = ("topic", "world", "estimand", "method", "unit", "truth", "draws", "failed")
COLUMNS += ("bias", "error", "spread", "coverage")
Found = list[tuple[float, float, bool]]


def _tried(fit: Callable[[], Effect], goal: float, values: Found) -> None:
    try:
        effect = fit()
    except FitError:
        return
    values.append((effect.estimate, effect.std_error, effect.low <= goal <= effect.high))


def _row(place: Sequence[str], unit: str, goal: float, reps: int, found: Found) -> dict[str, str]:
    table = np.array(found, dtype=float)
    size = 1 if unit == "days" else 100
    return {
        **dict(zip(("topic", "world", "estimand", "method"), place, strict=True)),
        "unit": unit,
        "truth": f"{size * goal:.2f}",
        "draws": str(reps),
        "failed": str(reps - len(found)),
        # Plus nought: a bias that rounds to nought has no sign.
        "bias": f"{round(size * (table[:, 0].mean() - goal), 2) + 0.0:.2f}",
        "error": f"{size * table[:, 1].mean():.2f}",
        "spread": f"{size * table[:, 0].std(ddof=1):.2f}",
        "coverage": f"{100 * table[:, 2].mean():.1f}",
    }


def study_times(name: str, reps: int) -> list[dict[str, str]]:
    """A row an estimand and method of a world of times."""
    goal = truth(WORLDS[name])
    found: dict[tuple[Estimand, str], Found] = {
        (estimand, label): [] for estimand in ESTIMANDS for label in METHOD_SETTINGS
    }
    for rep in range(reps):
        people, events = participants(WORLDS[name], stream(SEED, f"times/{name}/{rep}"))
        for (estimand, label), values in found.items():
            method, options, target = METHOD_SETTINGS[label]
            if method == RISK.name:
                by_day = replace(RISK, day=DAY).set_to(options)
                fit = partial(by_day.fit, people, "arrest", estimand)
            else:
                given = (method, people, "arrest", estimand, DAY, options, events)
                fit = partial(fit_timed, *given)
            _tried(fit, goal[estimand, target], values)
    rows = []
    for (estimand, label), values in found.items():
        target = METHOD_SETTINGS[label][2]
        unit = UNITS.get(target, LOG_RATIO)
        place = ("times", name, estimand, label)
        rows.append(_row(place, unit, goal[estimand, target], reps, values))
    return rows


def study_days(name: str, reps: int) -> list[dict[str, str]]:
    """A row an estimand and method of a world of days."""
    world = DAYS_WORLDS[name]
    goal = true_days(world)
    found: dict[tuple[Estimand, str], Found] = {
        (estimand, method): [] for estimand in ESTIMANDS for method in DAYS_METHODS
    }
    for rep in range(reps):
        people = people_with_days(world, stream(SEED, f"days/{name}/{rep}"))
        for (estimand, method), values in found.items():
            _tried(partial(PLAIN[method].fit, people, "days", estimand), goal[estimand], values)
    return [
        _row(("days", name, estimand, method), "days", goal[estimand], reps, values)
        for (estimand, method), values in found.items()
    ]


def study_calls(name: str, reps: int) -> list[dict[str, str]]:
    """The row of a world of people called in one after another."""
    world, values = CALLED_WORLDS[name], Found()
    for rep in range(reps):
        drawn = calls(world, stream(SEED, f"calls/{name}/{rep}"))
        _tried(partial(not_yet_called.estimate, drawn), world.effect, values)
    place = ("calls", name, "called", "not-yet-called")
    return [_row(place, LOG_RATIO, world.effect, reps, values)]


HEAD = """# How often intervals for times, days and call-ins hold the truth

Made by `python -m benchmarks.coverage_times` ({draws} draws a world; every number is in
[coverage_times.csv](coverage_times.csv)). Percent of nominal 95 % intervals that hold the truth;
in brackets the bias, in the unit of the heading, and the mean standard error over the spread of the
estimates. Honest are 95 and 1; the Monte-Carlo error of a coverage is 0.7 points at 1,000 draws,
and of the ratio 0.02."""
TIMES = """People, covariates and treatment are those of
[coverage_individual.md](coverage_individual.md): a quarter to a third are treated, those at higher
risk more often. Arrests of a person are a Poisson process whose rate falls with time and is
log-linear in the covariates; treatment takes away 30 % of it. Of the treated somewhat over half
would be arrested within 730 days untreated. Everyone is followed for two to three years, unless
they leave: one in ten does by day 730, four in ten where "many leave". That has nothing to do with
risk but in the last two worlds, where a standard deviation of priors multiplies it by 2.7, among
all or among the untreated only, and three in ten leave; no method here knows. Death comes first for
a quarter under "death first", and for one in seven under "no effect". Trimmed methods are held to
the effect on all."""
RATIOS = """Rate ratios of Andersen and Gill, and hazard ratios with covariates, are held to the
ratio that the world was made with. Other hazard ratios are averages over everyone and over
follow-up; they are held to what the same regression finds in 2 million people, each once treated
and once not, followed as in that world (with nobody leaving in the last two)."""
DAYS = """The people are the same. A third to four in ten have any days, by a logistic model, and
those a log-normal number with a log-linear mean and a standard deviation 1.3 times the mean. The
mean of all is log-linear, as the negative binomial has it, only in the last world. What "failed"
counts in the CSV are draws in which a method gave no answer."""
CALLS = """People are called in on eight days a quarter apart, about half of them in the end, those
with more priors sooner, and are compared with those not yet called; calls take away 30 % of
arrests. "Called for arrests": an arrest in the year before raises the chance of a call by two
thirds. "Uneven": rates also differ by what no covariate shows (log standard deviation 0.7), so that
past arrests tell more than the covariates do."""
# Heading, topic, estimand, unit and what is said above the table.
SECTIONS = (
    ("Risk by day 730, on the treated (percentage points)", "times", "ATT", UNITS["risk"], TIMES),
    ("Risk by day 730, on everyone (percentage points)", "times", "ATE", UNITS["risk"], ""),
    ("Days free of it in 730, on the treated", "times", "ATT", UNITS["free"], ""),
    ("Days free of it in 730, on everyone", "times", "ATE", UNITS["free"], ""),
    ("Ratios, on the treated (log ratio x 100)", "times", "ATT", LOG_RATIO, RATIOS),
    ("Ratios, on everyone (log ratio x 100)", "times", "ATE", LOG_RATIO, ""),
    ("Mean days of people, on the treated", "days", "ATT", "days", DAYS),
    ("Mean days of people, on everyone", "days", "ATE", "days", ""),
    ("Called in beside not yet called (log ratio x 100)", "calls", "called", LOG_RATIO, CALLS),
)


def page(rows: Sequence[Mapping[str, str]]) -> str:
    """The page of a table."""
    parts = [HEAD.format(draws=rows[0]["draws"])]
    for heading, topic, estimand, unit, words in SECTIONS:
        own = [row for row in rows if (row["topic"], row["estimand"]) == (topic, estimand)]
        own = [row for row in own if row["unit"] == unit]
        names = list(dict.fromkeys(row["world"] for row in own))
        lines = [f"| method | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
        for method in dict.fromkeys(row["method"] for row in own):
            cells = {row["world"]: _cell(row) for row in own if row["method"] == method}
            lines.append(f"| {method} | {' | '.join(cells[name] for name in names)} |")
        parts += [f"## {heading}", *([words] if words else []), "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _cell(row: Mapping[str, str]) -> str:
    ratio = float(row["error"]) / float(row["spread"])
    return f"{row['coverage']} ({row['bias']}; {ratio:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=REPS)
    reps = parser.parse_args().reps
    rows = [
        row
        for worlds, study in (
            (WORLDS, study_times),
            (DAYS_WORLDS, study_days),
            (CALLED_WORLDS, study_calls),
        )
        for name in worlds
        for row in study(name, reps)
    ]
    with (DOCS / "coverage_times.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (DOCS / "coverage_times.md").write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
