"""The invented participants: what is known of them is true, and the files are what is drawn."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from evaluation.synthetic import participants_files
from evaluation.synthetic.participants import (
    AFTER,
    ATTRITION,
    HALF_YEAR,
    NULL,
    REVERTING,
    STANDARD,
    World,
    simulated,
)
from evaluation.synthetic.participants_files import FOLDER, first_events

ROOT = Path(__file__).parents[2]
WORLDS = {
    "participants": (participants_files.files, STANDARD),
    "participants_null": (participants_files.null_files, NULL),
    "participants_reverting": (participants_files.reverting_files, REVERTING),
    "participants_attrition": (participants_files.attrition_files, ATTRITION),
}


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return participants_files.files()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("name", WORLDS)
def test_files_are_those_that_are_drawn(name):
    for path, text in WORLDS[name][0]().items():
        assert (ROOT / path).read_bytes() == text.encode("utf-8"), path


def test_descriptions_name_every_column(texts):
    for name in ("participants", "participants_events"):
        described = tomllib.loads(texts[f"{FOLDER}/{name}.dataset.toml"])
        header = texts[f"{FOLDER}/{name}.csv"].splitlines()[0].split(",")
        assert list(described["columns"]) == header
        for column in described["columns"].values():
            assert column.get("cause", header[0]) in header


def test_rows_hold_together(texts):
    people = rows(texts[f"{FOLDER}/participants.csv"])
    assert len({row["person"] for row in people}) == len(people) == 1200
    assert sum(row["invited"] == "1" for row in people) == 400
    for row in people:
        followed = int(row["followed"])
        assert (row["left"] == "end") == (followed == 1095)
        for name in ("arrest", "violent_arrest", "gun_arrest", "conviction", "shot"):
            day, cause = int(row[f"{name}_days"]), int(row[f"{name}_cause"])
            assert 1 <= day <= followed
            # Without the event people are seen to the end, which is death or not.
            assert cause == 1 or (day == followed and cause == 2 * (row["left"] == "died"))
        assert int(row["days_incarcerated"]) <= min(followed, 730)
        assert int(row["arrest_days"]) <= int(row["gun_arrest_days"])
        assert (row["services"] != "0") == (row["first_service"] > row["entry"])
        assert row["completed"] == "0" or int(row["arrest_days"]) > 182


def test_events_are_those_of_the_people(texts):
    events = rows(texts[f"{FOLDER}/participants_events.csv"])
    for row in rows(texts[f"{FOLDER}/participants.csv"]):
        own = [event for event in events if event["person"] == row["person"]]
        arrests = [int(event["day"]) for event in own if event["event"].endswith("arrest")]
        assert arrests == sorted(set(arrests))
        assert sum(day <= 730 for day in arrests) == int(row["arrests"])
        assert (row["arrest_cause"] == "1") == bool(arrests)
        if arrests:
            assert arrests[0] == int(row["arrest_days"])


def test_truth_is_eight_points_and_the_plain_comparison_hides_it(texts):
    truth = json.loads(texts[f"{FOLDER}/participants.truth.json"])
    assert truth["arrest_risk"]["730"]["difference"] == pytest.approx(-0.08, abs=0.003)
    assert truth["plain_difference_24_months"] > -0.02
    # Published levels: 43 in a hundred within one year and 68 within three (prisoners, US states).
    assert 0.40 < truth["arrest_risk"]["365"]["without"] < 0.50


def test_chances_are_the_shares_of_many_lives():
    """The formula beside plain counting, with hazards and another random generator."""
    table = simulated(people=300)
    rng = np.random.default_rng(4)
    hazards, repeats = 0.78 * table.rates.hazards, 2000
    arrested = np.zeros(300)
    for window in range(AFTER):
        chance = -np.expm1(-hazards[:, window] * HALF_YEAR)
        draws = rng.random((repeats, 300)) < chance
        arrested = draws if window == 0 else arrested | draws
        if (window + 1) * HALF_YEAR == 730:
            break
    # Without deaths: the chance of the formula is lower by a little of their 2.4 in a hundred.
    share, exact = arrested.mean(), table.risks(730, 0.78).mean()
    assert 0 < share - exact < 0.012


def test_realised_risks_are_the_chances():
    table = simulated(people=30_000)
    day, cause = first_events(table)["arrest"]
    seen = (cause == 1) & (day <= 730)
    for rows_of, ratio in ((table.called, STANDARD.hazard_ratio), (~table.called, 1.0)):
        # Some 2 in a hundred move away before, so that a few arrests are not seen.
        expected = table.risks(730, ratio)[rows_of].mean()
        assert seen[rows_of].mean() == pytest.approx(expected, abs=0.02)


def test_nothing_has_an_effect_in_the_null():
    one, other = simulated(NULL), simulated(World(hazard_ratio=0.5, shot_ratio=1.0))
    assert (one.called == other.called).all()
    first, halved = one.lives.first(), other.lives.first()
    assert (first == halved)[~one.called].all()
    assert (first <= halved)[one.called].all()
    assert (first < halved)[one.called].mean() > 0.5


def test_arrests_spike_before_a_call_in_and_fall_after_in_the_reverting_variant():
    table = simulated(REVERTING, people=12_000)
    past = table.covariates.arrests[table.called].mean(axis=0)
    assert past[-1] > 1.5 * past[:-1].max()
    after = (table.lives.arrests <= HALF_YEAR).sum(axis=1)[table.called].mean()
    assert after < 0.7 * past[-1]
    plain = simulated(people=12_000).covariates.arrests
    called = simulated(people=12_000).called
    assert plain[called][:, -1].mean() < 1.5 * plain[called][:, :-1].mean()


def test_people_called_in_leave_early_in_the_attrition_variant():
    table = simulated(ATTRITION)
    gone = table.lives.moved & (table.lives.end < 730)
    assert gone[table.called].mean() > 0.2 > 0.06 > gone[~table.called].mean()
    left, stayed = (table.rates.risk[table.called & rows].mean() for rows in (gone, ~gone))
    assert left > stayed + 0.5


def test_another_seed_gives_other_people():
    one, other = (participants_files._csv(simulated(seed=seed)) for seed in (1, 2))
    assert one != other


def test_fewer_lives_for_the_truth_change_neither_tables_nor_exact_chances(texts):
    fewer = participants_files.files(repeats=2)
    path = f"{FOLDER}/participants.truth.json"
    assert {key for key in texts if fewer[key] != texts[key]} == {path}
    one, other = json.loads(fewer[path]), json.loads(texts[path])
    assert one["arrest_risk"] == other["arrest_risk"]
    assert (one["repeats"], other["repeats"]) == (2, participants_files.REPEATS)
