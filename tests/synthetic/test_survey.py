"""The synthetic survey has the truth it states, and can be written again byte for byte."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from evaluation.synthetic import survey as synthetic
from evaluation.synthetic.survey import NOTES

ROOT = Path(__file__).parents[2]
FILES = {
    "survey": synthetic.files,
    "survey_null": synthetic.null_files,
    "survey_attrition": synthetic.attrition_files,
}
WORLDS = (synthetic.STANDARD, synthetic.NULL, synthetic.ATTRITION)


def good(answers: np.ndarray) -> np.ndarray:
    """Answers with the items worded the other way round turned."""
    reverse = np.array([item.reverse for item in synthetic.ITEMS])
    return np.where(reverse, 6 - answers, answers)


@pytest.mark.parametrize("name", FILES)
def test_generator_rewrites_the_committed_files_byte_for_byte(name: str) -> None:
    for path, text in FILES[name]().items():
        assert (ROOT / path).read_bytes() == text.encode("utf-8"), path


def test_bytes_do_not_depend_on_the_hash_seed_or_time_zone() -> None:
    script = (
        "import sys; from evaluation.synthetic.survey import attrition_files;"
        "sys.stdout.write(''.join(attrition_files().values()))"
    )
    elsewhere = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Pacific/Kiritimati"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=elsewhere, capture_output=True, check=True, cwd=ROOT
    )
    assert done.stdout.decode("utf-8") == "".join(synthetic.attrition_files().values())


@pytest.mark.parametrize("name", FILES)
def test_description_names_every_column_and_the_notes_fit_the_world(name: str) -> None:
    files = FILES[name]()
    header = files[f"data/synthetic/{name}.csv"].splitlines()[0].split(",")
    description = tomllib.loads(files[f"data/synthetic/{name}.dataset.toml"])
    assert list(description["columns"]) == header
    for item in synthetic.ITEMS:
        column = description["columns"][item.name]
        assert (column["scale"], column["reverse"]) == (item.scale, item.reverse)
    kind = {"survey": "standard", "survey_null": "null", "survey_attrition": "panel"}[name]
    assert NOTES[kind] in description["notes"]


def test_baselines_are_the_published_ones() -> None:
    items = synthetic.truth()["items"]
    # Urban Institute 2017, residents of six cities: 42.5 % legitimate, less than 33 % respect.
    assert items["legitimate"]["agree_before"] == pytest.approx(0.425, abs=2e-4)
    assert items["respects_rights"]["agree_before"] == pytest.approx(0.32, abs=2e-4)
    for item in synthetic.ITEMS:
        assert sum(item.shares) == pytest.approx(1)


def test_truth_is_the_mean_over_many_draws() -> None:
    truth = synthetic.truth()["items"]
    found = []
    for seed in range(150):
        table = synthetic.simulated(synthetic.STANDARD, seed)
        answers, means = good(table.answers), {}
        for treated in (True, False):
            for wave in (0, 1):
                cell = (table.treated == treated) & (table.wave == wave)
                weight = table.weight[cell][:, None] * np.isfinite(answers[cell])
                total = np.nansum(answers[cell] * weight, axis=0) / weight.sum(axis=0)
                agree = np.nansum((answers[cell] >= 4) * weight, axis=0) / weight.sum(axis=0)
                means[treated, wave] = np.concatenate([total, agree])
        change = means[True, 1] - means[True, 0] - means[False, 1] + means[False, 0]
        start = (means[True, 0] + means[False, 0]) / 2
        found.append(np.concatenate([change, start]))
    table_of = [
        truth[item.name][key]
        for key in ("effect", "agree_effect", "mean_before", "agree_before")
        for item in synthetic.ITEMS
    ]
    error = np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    # Of 48 means none is more than four standard errors from what is stated.
    assert (np.abs(np.mean(found, axis=0) - table_of) < 4 * error).all()


def test_null_has_no_effect_and_everything_else_alike() -> None:
    null, standard = (synthetic.simulated(world) for world in WORLDS[:2][::-1])
    untouched = ~(standard.treated & (standard.wave == 1))
    np.testing.assert_array_equal(null.answers[untouched], standard.answers[untouched])
    assert all(one["effect"] == 0 for one in synthetic.truth(synthetic.NULL)["scales"].values())
    assert (good(standard.answers) >= good(null.answers))[np.isfinite(standard.answers)].all()


def test_weights_speak_for_the_adults_of_each_neighborhood() -> None:
    totals = []
    for seed in range(40):
        table = synthetic.simulated(synthetic.STANDARD, seed)
        first = table.wave == 0
        totals.append(np.bincount(table.area[first], table.weight[first]))
    error = np.std(totals, axis=0, ddof=1) / np.sqrt(40)
    expected = np.tile(synthetic.ADULTS, 2)
    assert (np.abs(np.mean(totals, axis=0) - expected) < 4 * error).all()


def test_little_trust_leaves_and_more_where_the_program_works() -> None:
    table = synthetic.simulated(synthetic.ATTRITION)
    first = table.wave == 0
    stayed = np.isin(table.person[first], table.person[~first])
    trust = np.nanmean(good(table.answers)[first][:, 6:9], axis=1)
    treated = table.treated[first]
    assert stayed[treated].mean() + 0.08 < stayed[~treated].mean()
    assert np.nanmean(trust[treated & ~stayed]) + 0.3 < np.nanmean(trust[treated & stayed])
    # The same person lives at the same place.
    spot = {p: b for p, b in zip(table.person[first], table.block[first], strict=True)}
    assert all(spot[p] == b for p, b in zip(table.person, table.block, strict=True))


@pytest.mark.parametrize("name", FILES)
def test_truth_is_canonical(name: str) -> None:
    text = FILES[name]()[f"data/synthetic/{name}.truth.json"]
    assert text == json.dumps(json.loads(text), sort_keys=True, indent=1) + "\n"


def test_margins_are_those_of_the_world() -> None:
    text = synthetic.files()["data/synthetic/survey.margins.csv"]
    rows = list(csv.DictReader(io.StringIO(text)))
    for trait, table in (("race", synthetic.RACES), ("age", synthetic.AGES)):
        sizes = {row["level"]: int(row["residents"]) for row in rows if row["trait"] == trait}
        assert sum(sizes.values()) == 2 * sum(synthetic.ADULTS)
        assert set(sizes) == set(table)
