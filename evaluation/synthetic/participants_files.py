"""The tables, descriptions and truth of the invented participants, and their variants."""

from __future__ import annotations

import datetime
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from evaluation.numeric.shared import draws
from evaluation.synthetic.files import FOLDER, column, csv_text, described, six, written
from evaluation.synthetic.participants import (
    ATTRITION,
    HORIZON,
    MONTHS,
    NULL,
    REVERTING,
    SEED,
    STANDARD,
    YEARS,
    Rates,
    Simulated,
    World,
    lived,
    simulated,
)

# Lives of those called in that are drawn again, with and without, for expected days and counts.
REPEATS = 100
DAYS = (182, 365, 730)
OUTCOMES = ("arrest", "violent_arrest", "gun_arrest", "conviction", "shot")
COLUMNS = (
    *("person", "entry", "invited", "age", "priors", "group_member", "shot_before"),
    *("on_supervision", "arrests_24_18", "arrests_18_12", "arrests_12_6", "arrests_6_0"),
    *("services", "first_service", "completed", "followed", "left"),
    *(f"{name}_{what}" for name in OUTCOMES for what in ("days", "cause")),
    *("arrests", "days_incarcerated"),
)


def files(
    name: str = "participants", world: World = STANDARD, seed: int = SEED, repeats: int = REPEATS
) -> dict[str, str]:
    """The text of every file of this dataset, by its path in the project.

    Parameters
    ----------
    repeats : lives drawn again for the expected days and counts in the truth, which take most of
        the time.
    """
    table = simulated(world, seed)
    known = truth(table, world, seed, repeats)
    return {
        **written(name, _csv(table), _description(name, seed), known),
        f"{FOLDER}/{name}_events.csv": _events(table),
        f"{FOLDER}/{name}_events.dataset.toml": _description_of_events(name, seed),
    }


null_files = partial(files, "participants_null", NULL)
reverting_files = partial(files, "participants_reverting", REVERTING)
attrition_files = partial(files, "participants_attrition", ATTRITION)


def first_events(table: Simulated) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Days (n,) to the first event of each kind or to the end, and causes (n,): 0 not seen, 1 the
    event, 2 death before it."""
    lives = table.lives
    days = {
        "arrest": lives.first(),
        "violent_arrest": lives.first(lives.violent),
        "gun_arrest": lives.first(lives.gun),
        "conviction": lives.convictions.min(axis=1),
        "shot": lives.shot,
    }
    return {
        name: (
            np.minimum(day, lives.end),
            np.where(day <= lives.end, 1, np.where(lives.dead, 2, 0)),
        )
        for name, day in days.items()
    }


def truth(table: Simulated, world: World, seed: int, repeats: int = REPEATS) -> dict[str, Any]:
    """What is true of those called in: chances exact, days and counts from lives drawn again."""
    own = table.called
    risks = {
        str(day): {
            "with": six(table.risks(day, world.hazard_ratio)[own].mean()),
            "without": six(table.risks(day, 1.0)[own].mean()),
        }
        for day in DAYS
    }
    for one in risks.values():
        one["difference"] = six(one["with"] - one["without"])
        one["ratio"] = six(one["with"] / one["without"])
    seen = table.lives.first() <= HORIZON
    return {
        "arrest_risk": risks,
        "bit_generator": draws.BitGenerator.__name__,
        "called": int(own.sum()),
        "estimand": "those invited, had they been and not been; nobody moves away, people die",
        "expected_24_months": _expected(table, world, seed, repeats),
        "hazard_ratio": {"arrest": world.hazard_ratio, "shot": world.shot_ratio},
        "moved_before_24_months": {
            word: six((table.lives.moved & (table.lives.end < HORIZON))[rows].mean())
            for word, rows in (("invited", own), ("others", ~own))
        },
        "people": len(own),
        "plain_difference_24_months": six(seen[own].mean() - seen[~own].mean()),
        "repeats": repeats,
        "seed": seed,
    }


def _expected(
    table: Simulated, world: World, seed: int, repeats: int
) -> dict[str, dict[str, float]]:
    """Means of those called in over lives drawn again, with one set of uniforms for both."""
    own = table.called
    n = int(own.sum())
    rates = Rates(*(part[own] for part in _parts(table.rates)))
    staying = replace(world, moved=1e-12)
    totals: dict[str, dict[str, float]] = {}
    for repeat in range(repeats):
        for word, called in (("with", True), ("without", False)):
            lives = lived(
                staying,
                rates,
                np.full(n, called),
                partial(_again, seed, repeat, n),
            )
            until = np.minimum(lives.end, HORIZON)
            for name, value in (
                ("arrests", (lives.arrests <= HORIZON).sum()),
                ("arrested_with_violence", (lives.first(lives.violent) <= HORIZON).sum()),
                ("arrested_with_gun", (lives.first(lives.gun) <= HORIZON).sum()),
                ("convicted", (lives.convictions.min(axis=1) <= HORIZON).sum()),
                ("shot", (lives.shot <= HORIZON).sum()),
                ("days_incarcerated", lives.days_incarcerated(HORIZON).sum()),
                ("days_before_arrest", np.minimum(lives.first(), until).sum()),
            ):
                one = totals.setdefault(name, {"with": 0.0, "without": 0.0})
                one[word] += float(value) / (n * repeats)
    return {
        name: {
            "with": six(one["with"]),
            "without": six(one["without"]),
            "difference": six(one["with"] - one["without"]),
        }
        for name, one in totals.items()
    }


def _again(seed: int, repeat: int, n: int, name: str) -> np.ndarray:
    return draws.uniforms(draws.stream(seed, f"truth/{repeat}/{name}"), n)


def _parts(rates: Rates) -> tuple[np.ndarray, ...]:
    return rates.hazards, rates.shot, rates.died, rates.risk


def _entries(table: Simulated) -> list[datetime.date]:
    dates = [datetime.date(year, month, 15) for year in YEARS for month in MONTHS]
    return [dates[k] for k in table.call_in.tolist()]


def _csv(table: Simulated) -> str:
    known, lives = table.covariates, table.lives
    events, entries = first_events(table), _entries(table)
    incarcerated = lives.days_incarcerated(HORIZON)
    arrests = (lives.arrests <= HORIZON).sum(axis=1)
    rows = []
    for i, entry in enumerate(entries):
        service = table.first_service[i]
        came = entry + datetime.timedelta(int(service)) if np.isfinite(service) else ""
        cells = [
            f"P{i + 1:04d}",
            entry,
            int(table.called[i]),
            int(known.age[i]),
            int(known.priors[i]),
            int(known.group_member[i]),
            int(known.shot_before[i]),
            int(known.supervised[i]),
            *(int(count) for count in known.arrests[i]),
            int(table.services[i]),
            came,
            int(table.completed[i]),
            int(lives.end[i]),
            "died" if lives.dead[i] else "moved" if lives.moved[i] else "end",
            *(int(part[i]) for name in OUTCOMES for part in events[name]),
            int(arrests[i]),
            int(incarcerated[i]),
        ]
        rows.append(cells)
    return csv_text(COLUMNS, rows)


def _events(table: Simulated) -> str:
    lives = table.lives
    rows: list[tuple[str, int, str]] = []
    for i in range(len(table.called)):
        own = []
        for k in np.flatnonzero(np.isfinite(lives.arrests[i])):
            kind = "violent arrest" if lives.violent[i, k] else "arrest"
            own.append((int(lives.arrests[i, k]), f"gun {kind}" if lives.gun[i, k] else kind))
            if np.isfinite(lives.convictions[i, k]):
                own.append((int(lives.convictions[i, k]), "conviction"))
        if np.isfinite(lives.shot[i]):
            own.append((int(lives.shot[i]), "shot"))
        rows += [(f"P{i + 1:04d}", day, event) for day, event in sorted(own)]
    return csv_text(("person", "day", "event"), rows)


_ABOUT = {
    "participants": (
        "Those invited were at higher risk, so the plain comparison hides most of the effect."
    ),
    "participants_null": "A call-in has no effect here; those invited were at higher risk.",
    "participants_reverting": (
        "A call-in has no effect here. It followed a spell of arrests that was over by itself, so\n"
        "that arrests fall from before to after."
    ),
    "participants_attrition": (
        "A call-in has an effect here, but those invited move away more often, above all those at\n"
        "high risk, partly for reasons in no column: their arrests are not seen."
    ),
}

_NOTES = """\
Invented people with a known effect, for testing methods; not evidence about any real person. Times
are days from entry to the first event, or to the end of follow-up.
"""
_AT_ENTRY = "day of the call-in, or of the one at which the person could have been called in"
_VIOLENT = ["violent arrest", "gun violent arrest"]


def _description(name: str, seed: int) -> str:
    covariates = (
        ("age", "count", "years at entry", "age"),
        ("priors", "count", "arrests before entry", "all arrests before"),
        ("group_member", "flag", "1 for a member of a group", "member of a group"),
        ("shot_before", "flag", "1 for people shot before entry", "shot before"),
        ("on_supervision", "flag", "1 on probation or parole at entry", "on supervision"),
    )
    # What police and courts do is about enforcement.
    times = (
        ("arrest", "arrest", "enforcement", ["arrest", *_VIOLENT, "gun arrest"]),
        ("violent_arrest", "violent arrest", "enforcement", _VIOLENT),
        ("gun_arrest", "gun arrest", "enforcement", ["gun arrest", "gun violent arrest"]),
        ("conviction", "conviction", "enforcement", ["conviction"]),
        ("shot", "shooting of the person", "", ["shot"]),
    )
    services = "1 for those who completed services, which takes half a year without arrest"
    invited = "1 for those called in, whether they came to services or not"
    columns = [
        column("person", "id", "text"),
        column("entry", "entry", "date", _AT_ENTRY),
        column("invited", "treatment", "flag", invited, label="the call-in"),
        *(column(one, "covariate", *rest, label=label) for one, *rest, label in covariates),
        *(
            column(f"arrests_{span}", "history", "count", "arrests", label=f"arrests {words}")
            for span, words in (
                ("24_18", "24 to 18 months before"),
                ("18_12", "18 to 12 months before"),
                ("12_6", "12 to 6 months before"),
                ("6_0", "6 to 0 months before"),
            )
        ),
        column("services", "service", "count", "contacts after entry"),
        column("first_service", "decided", "date", "day of the first contact; empty for none"),
        column("completed", "completed", "flag", services),
        column("followed", "follow_up", "count", "days from entry to the end of follow-up"),
        column("left", "reason", "text", "why follow-up ended: end, moved or died"),
    ]
    for one, label, about, events in times:
        days = f"days from entry to the first {label}, or to the end of follow-up"
        seen = f"0 none seen, 1 {label}, 2 died before"
        cause = f"{one}_cause"
        said = {"label": label, "about": about, "cause": cause, "events": events}
        columns.append(column(f"{one}_days", "time", "count", days, **said))
        columns.append(column(cause, "cause", "count", seen))
    police, first = {"about": "enforcement"}, "in the first 24 months, while followed"
    behind = {"counts": "days", "label": "days incarcerated", **police}
    columns += [
        column("arrests", "outcome", "count", f"arrests {first}", **police),
        column("days_incarcerated", "outcome", "count", f"days behind bars {first}", **behind),
    ]
    title, notes = f"Synthetic participants ({name})", f"{_NOTES}{_ABOUT[name]}"
    keys = {"kind": "people", "key": ["person"]}
    return described(
        name, title, "participants", seed, keys, columns, notes=notes, invented="person"
    )


def _description_of_events(name: str, seed: int) -> str:
    kinds = "arrest, violent arrest, gun arrest, gun violent arrest, conviction or shot"
    columns = [
        column("person", "id", "text"),
        column("day", "time", "count", "days after entry"),
        column("event", "event", "text", kinds),
    ]
    title = f"Synthetic participants, all events ({name})"
    keys = {"kind": "events", "people": f"{name}.csv", "key": ["person", "day", "event"]}
    return described(
        f"{name}_events",
        title,
        "participants",
        seed,
        keys,
        columns,
        truth=name,
        invented="person",
    )
