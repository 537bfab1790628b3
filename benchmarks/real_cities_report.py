"""The page and figures of the study of real cities, from the rows of its CSV alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks.real_cities_figures import calls, powers
from benchmarks.real_data import CHOSEN, ERA, ERA_IN_CALIFORNIA, HELD
from benchmarks.real_trials import AT_ONCE, BOTH, DETAILED, FEWEST, GROWING, NONE, Row
from evaluation.did import METHODS as DID
from evaluation.its import METHODS as ITS

NOTES = Path(__file__).with_name("real_cities_notes.md")
IN_YEARS = "1985-2014"
# False alarms, in percent, above which a method is no default; the range may reach over it.
ALONE_MOST, COMPARED_MOST = 6.0, 5.5
# In the order of the page. Sets on which nothing was chosen: the other half, and other years.
ERAS = (ERA, ERA_IN_CALIFORNIA, IN_YEARS)
CONFIRMING = ((ERA, HELD), (ERA_IN_CALIFORNIA, BOTH), (IN_YEARS, BOTH))
DASH = "–"


def write_report(rows: Sequence[Row], folder: Path) -> None:
    """`real_cities.md` and its two figures, in the folder."""
    (folder / "real_cities.md").write_text(report(rows), encoding="utf-8")
    (folder / "real_cities.svg").write_text(calls(rows), encoding="utf-8")
    (folder / "real_cities_power.svg").write_text(powers(rows), encoding="utf-8")


def report(rows: Sequence[Row]) -> str:
    """The page, in Markdown."""
    rows = sorted(rows, key=_place)
    alone = [row for row in rows if row.design == "alone"]
    compared = [row for row in rows if row.design == "compared"]
    lines = [
        "# What methods find in real cities where nothing began",
        "",
        "Made by `python -m benchmarks.real_cities`; every number is in"
        " [real_cities.csv](real_cities.csv). Simulated worlds are as their author thinks that"
        " cities are ([one series](coverage_its.md), [one city beside others](did_one_city.md))."
        " Here a start is pretended in monthly counts of US police agencies, most of which began"
        " nothing then, and every method that a plan can name is asked what changed. It should"
        " find something (p below .05) in 5 of 100. Then 30 % of the events from the start on are"
        " taken out at random, at once or growing over a year, and it should find that.",
        "",
        "![False alarms](real_cities.svg)",
        "",
        *_sets(rows),
        "",
        "## One city by itself",
        "",
        *_design(alone),
        "",
        "## One city beside others",
        "",
        *_design(compared),
        "",
        "![False alarms and power](real_cities_power.svg)",
        "",
        "## Which pass on both",
        "",
        *_passing(alone, ALONE_MOST),
        "",
        *_passing(compared, COMPARED_MOST),
        "",
        "*Yes*: no share is above the bound. *No*: the whole range of one is. *Not settled*: a"
        " share is above it, and its range holds it, so that more windows have to say. A method"
        " that does not pass is no default, whatever its power."
        " In simulation the same methods are in [coverage_its.md](coverage_its.md) and"
        " [did_one_city.md](did_one_city.md).",
        "",
        NOTES.read_text(encoding="utf-8").strip(),
    ]
    return "\n".join(lines) + "\n"


def _place(row: Row) -> tuple[int, int]:
    """Years in the order of the page, methods in that of their tables; the field's habits last."""
    names = (*ITS, *DID)
    return ERAS.index(row.era), names.index(row.method) if row.method in names else len(names)


def _sets(rows: Sequence[Row]) -> list[str]:
    """What was asked, and what its dates are worth."""
    found = []
    for design in ("alone", "compared"):
        for era in dict.fromkeys(row.era for row in rows):
            own = [
                row
                for row in rows
                if (row.design, row.era, row.half, row.by, row.effect)
                == (design, era, BOTH, "all", NONE)
            ]
            if own:
                most = max(own, key=lambda row: row.trials)
                years = {
                    row.value[:4]
                    for row in rows
                    if (row.design, row.era, row.by) == (design, era, "start")
                }
                all_, usual = PERIODS[era]
                cells = [design, era, f"{most.trials:,}", str(most.cities), str(most.dates)]
                found.append([*cells, str(len(years)), str(all_ // usual)])
    heads = ["design", "years", "windows", "cities", "starts", "blocks of dates", "windows apart"]
    return [
        "Ranges in brackets draw cities and blocks of dates (a calendar year of starts) at once."
        " All cities had one rise in 2020 and one fall from 2022 on, so that windows of one date"
        " are no independent trials, however many cities there are; *windows apart* is how many of"
        " the usual length do not overlap, which is all that the dates are worth.",
        "",
        *_table(heads, found),
    ]


# Periods of each set, and of a window of the usual length: three years before the start and one
# after it; of counts by year ten and five.
PERIODS = {ERA: (79, 48), ERA_IN_CALIFORNIA: (144, 48), IN_YEARS: (30, 15)}


def _design(rows: Sequence[Row]) -> list[str]:
    if not rows:
        return ["Not run."]
    lines = []
    for era in dict.fromkeys(row.era for row in rows):
        own = [row for row in rows if row.era == era]
        lines += [f"### {era}", "", *_methods(own, halves=era == ERA), ""]
        lines += _detailed([row for row in own if row.half == BOTH])
    return lines


def _methods(rows: Sequence[Row], *, halves: bool) -> list[str]:
    """A line a method: all windows, and where something may be chosen, false alarms by half."""
    at = {(row.method, row.effect, row.half): row for row in rows if row.by == "all"}
    lines, few = [], []
    for method in dict.fromkeys(name for name, *_ in at):
        none, once, slow = (at.get((method, effect, BOTH)) for effect in (NONE, AT_ONCE, GROWING))
        if none is None or none.trials < FEWEST:
            few.append(f"`{method}`")
            continue
        apart = [at.get((method, NONE, half)) for half in (CHOSEN, HELD)] if halves else []
        lines.append(
            [
                f"`{method}`",
                f"{none.trials:,}",
                f"{none.failed:,}" if none.failed else "none",
                _with_range(none),
                *(DASH if row is None else _with_range(row) for row in apart),
                _share(once, _found),
                _share(once, _covered),
                _share(slow, _found),
                _plain(none.width),
            ]
        )
    heads = ["method", "windows", "no answer", "false alarms, %"]
    heads += [f"half {half}" for half in (CHOSEN, HELD)] if halves else []
    heads += ["finds −30 % at once", "range holds −30 %", "finds −30 % over a year", "log width"]
    told = [f"Asked about fewer than {FEWEST} windows, and not told: {', '.join(few)}."]
    return [*_table(heads, lines), *(["", *told] if few else [])]


def _detailed(rows: Sequence[Row]) -> list[str]:
    """False alarms of a few methods by what windows have in common."""
    lines = []
    for by in ("offense", "start", "before", "after", "mean", "controls", "bad year"):
        own = [row for row in rows if row.by == by and row.effect == NONE]
        names = [name for name in DETAILED if any(row.method == name for row in own)]
        values = sorted(dict.fromkeys(row.value for row in own), key=_order)
        if len(values) < 2 or not names:
            continue
        at = {(row.method, row.value): row for row in own}
        body = [
            [
                f"`{name}`",
                *(_share(at.get((name, value)), _found) for value in values),
            ]
            for name in names
        ]
        lines += [f"False alarms, %, by {_TOLD[by]}:", "", *_table(["method", *values], body), ""]
    return lines


_TOLD = {
    "offense": "offense",
    "start": "start",
    "before": "months before",
    "after": "months after",
    "mean": "events a month",
    "controls": "number of cities beside it",
    "bad year": "whether the year before the start was among the worst quarter",
}


def _order(value: str) -> tuple[float, str]:
    """Numbers by size, before words."""
    first = value.removeprefix("under ").split(" ")[0].split("-")[0]
    under = -0.5 if value.startswith("under") else 0.0
    return (float(first) + under if first.isdigit() else math.inf, value)


def _passing(rows: Sequence[Row], most: float) -> list[str]:
    """A line a method: what it does on each set on which nothing was chosen."""
    body = []
    for method in dict.fromkeys(row.method for row in rows):
        own = [_one(rows, method, era, half) for era, half in CONFIRMING]
        asked = [row for row in own if row is not None and row.trials >= FEWEST]
        if len(asked) < 2:
            verdict = "not known"
        elif all(100 * row.found <= most for row in asked):
            verdict = "**yes**"
        elif any(100 * row.found_low > most for row in asked):
            verdict = "no"
        else:
            verdict = "not settled"
        cells = [DASH if row is None else _with_range(row) for row in own]
        body.append([f"`{method}`", *cells, verdict])
    if not body:
        return []
    design = "by itself" if rows[0].design == "alone" else "beside others"
    heads = [f"one city {design}", "other half", ERA_IN_CALIFORNIA, IN_YEARS, f"at most {most:g} %"]
    return _table(heads, body)


def _one(rows: Iterable[Row], method: str, era: str, half: str) -> Row | None:
    key = (method, era, half, "all", NONE)
    return next(
        (row for row in rows if (row.method, row.era, row.half, row.by, row.effect) == key), None
    )


def _with_range(row: Row) -> str:
    if row.trials < FEWEST or math.isnan(row.found):
        return DASH
    low, high = 100 * row.found_low, 100 * row.found_high
    return f"{100 * row.found:.1f} ({low:.0f}–{high:.0f})"


def _share(row: Row | None, of: Callable[[Row], float]) -> str:
    untold = row is None or row.trials < FEWEST or math.isnan(of(row))
    return DASH if row is None or untold else f"{100 * of(row):.0f}"


def _found(row: Row) -> float:
    return row.found


def _covered(row: Row) -> float:
    return row.covered


def _plain(value: float) -> str:
    return DASH if not math.isfinite(value) else f"{value:.2f}"


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(line) + " |" for line in [heads, ["---"] * len(heads), *lines]]
