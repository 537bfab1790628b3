"""What a frozen plan settles of the default method of one treated unit."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from evaluation.study.build.cohorts import at_once_said, planned_cohorts, promised
from evaluation.study.plan.words import plan_words
from tests.study.plan.test_ignored import DID, with_key
from tests.study.small_city import read


# The plan of the test has the start 2011-01; the forecast is the default since 2026-11-30.
@pytest.mark.parametrize(
    ("frozen", "phase_in", "settled"),
    [
        (None, None, ""),
        (None, "0", ""),
        ("2026-11-29", None, "former"),
        ("2026-11-29", "0", "former"),
        ("2026-11-30", None, ""),
        # Frozen after the start: that it is said shows nothing.
        ("2026-11-30", "0", ""),
    ],
)
def test_what_a_plan_settles_depends_on_the_day_on_which_it_was_frozen(
    frozen, phase_in, settled, tmp_path: Path
):
    text = DID
    if frozen is not None:
        text = with_key(text, "frozen", frozen)
    if phase_in is not None:
        text = with_key(text, "intervention.phase_in", phase_in)
    plan_file, panel = read(tmp_path, text)
    assert promised(plan_file.plan) == settled
    assert at_once_said(plan_file.plan) == (phase_in == "0")
    cohorts = planned_cohorts(plan_file.plan, panel, plan_file.plan.outcomes[0].column)
    assert cohorts.promised == settled


def test_a_plan_frozen_before_the_start_that_says_at_once_has_the_step(tmp_path: Path):
    plan_file, _ = read(tmp_path, with_key(DID, "intervention.phase_in", "0"))
    plan = plan_file.plan
    later = plan.intervention.model_copy(update={"start": "2031-01"})
    plan = plan.model_copy(update={"frozen": date(2030, 12, 31), "intervention": later})
    assert promised(plan) == "at once"
    assert promised(plan.model_copy(update={"frozen": date(2031, 1, 1)})) == ""


def test_the_plan_s_words_say_at_once_where_it_is_written_and_the_window(tmp_path: Path):
    text = with_key(with_key(DID, "intervention.phase_in", "0"), "model", '"forecast"')
    plan_file, _ = read(tmp_path, text)
    said = " ".join(plan_words(plan_file.plan))
    assert "With the whole effect at once." in said
    assert "the mean of the first 24 months from the start on" in said
    plain, _ = read(tmp_path, DID)
    assert "at once" not in " ".join(plan_words(plain.plan))
