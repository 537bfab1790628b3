"""People from a table: the same answer from every library and order, and that of R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_up import COVARIATES, columns, reference

from evaluation import example, individual
from evaluation.errors import EvaluationError

ASKED = {
    "outcome": "arrests",
    "treated": "invited",
    "entry": "entry",
    "covariates": ["age", "priors", "group_member"],
}


def fit(frame: Any = None, **given: Any) -> individual.Fit:
    people = example("participants") if frame is None else frame
    return individual.fit(people, **{**ASKED, **given})


@pytest.mark.parametrize("kind", ["plain", "sampled"])
@pytest.mark.parametrize("estimand", ["ATT", "ATE"])
@pytest.mark.parametrize("outcome", ["rearrest", "days"])
@pytest.mark.parametrize("method", ["iptw", "aipw", "standardization", "entropy-balancing"])
def test_means_and_errors_are_those_of_r(
    kind: str, estimand: Any, outcome: str, method: str
) -> None:
    expected = reference()[kind][estimand][outcome]["entropy" if "entropy" in method else method]
    found = individual.fit(
        pd.DataFrame(columns()),
        outcome=outcome,
        treated="treated",
        covariates=list(COVARIATES),
        weights="weight" if kind == "sampled" else None,
        kind="days" if outcome == "days" else None,
        estimand=estimand,
        method=method,
        options={"errors": "influence"} if method == "aipw" else None,
    )
    rows = found.to_frame()
    assert rows["estimate"].to_numpy()[1:3] == pytest.approx(expected["means"], rel=1e-7)
    assert rows["std.error"][0] == pytest.approx(expected["se"], rel=1e-6)


def test_clusters_are_those_of_r() -> None:
    found = individual.fit(
        pd.DataFrame(columns()),
        outcome="rearrest",
        treated="treated",
        covariates=" + ".join(COVARIATES),
        cluster="cluster",
        method="iptw",
    )
    expected = reference()["plain"]["ATT"]["rearrest"]["iptw"]["cluster"]
    assert found.std_error == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"method": "matching"},
        {"covariates": "age + C(cohort) + priors:group_member"},
        {"outcome": "arrest_days", "event": "arrest_cause", "follow_up": "followed"},
    ],
    ids=["plain", "matching", "formula", "time"],
)
def test_every_library_and_order_gives_the_same_bytes(
    held: Any, told: Any, given: dict[str, Any]
) -> None:
    frame = example("participants").assign(cohort=lambda one: one.entry.str[:4])
    assert told(fit(held(frame), **given)) == told(fit(frame, **given))


@pytest.mark.parametrize("as_date", [pd.to_datetime, lambda column: pd.to_datetime(column).dt.date])
def test_entry_is_read_from_dates_and_text(as_date: Any, told: Any) -> None:
    frame = example("participants")
    dated = frame.assign(entry=as_date(frame.entry))
    assert (fit(dated).data.entry == fit().data.entry).all()
    assert told(fit(dated)) == told(fit())


def test_covariance_of_the_means_is_that_of_the_effect() -> None:
    found = fit()
    one = np.array([1.0, -1.0])
    assert np.sqrt(one @ found.cov.to_numpy() @ one) == pytest.approx(found.std_error)
    assert found.pictures == ("effect",)
    assert len(found.checks()) > 5


def test_times_to_an_event_have_a_horizon() -> None:
    given = {"outcome": "arrest_days", "event": "arrest_cause", "follow_up": "followed"}
    assert fit(**given).effect.horizon == 730
    assert fit(**given, horizon=365).effect.horizon == 365
    assert fit(**given, method="cox").effect.scale == "log ratio"


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no column": ({"treated": "invite"}, "treated: there is no column 'invite'.* mean 'invited'"),
    "no flags": ({"treated": "age"}, r"treated \(age\): row .* must be 0 or 1"),
    "text": ({"outcome": "entry"}, r"outcome \(entry\): row .* is no number"),
    "no date": ({"entry": "person"}, r"entry \(person\): row .* is no date"),
    "a name a person": ({"covariates": ["person"]}, "1200 categories, too many"),
    "no method": ({"method": "magic"}, "method: 'magic' is not known"),
    "a time": ({"method": "cox"}, "a time needs its event"),
    "horizon": ({"horizon": 365}, "horizon is for times to an event"),
    "calls": ({"method": "not-yet-called"}, "needs the dates of all calls"),
    "estimand": ({"estimand": "LATE"}, "estimand: 'LATE' is not known"),
    "measure": (
        {"outcome": "arrest_days", "event": "arrest_cause", "method": "cox", "measure": "ratio"},
        "gives a ratio of its own",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_meant_is_refused_in_words(wrong: str) -> None:
    given, words = WRONG[wrong]
    with pytest.raises(EvaluationError, match=words):
        fit(**given)


def test_who_is_at_fault_is_told_by_row_or_name() -> None:
    frame = example("participants")
    gone = frame.assign(age=frame.age.where(frame.index != 16))
    with pytest.raises(EvaluationError, match=r"row 17.*age"):
        fit(gone)
    with pytest.raises(EvaluationError, match=r"P0017.*age"):
        fit(gone, person="person")
    with pytest.raises(EvaluationError, match=r"outcome \(arrests\)|arrests.*row 3|row 3.*arrests"):
        fit(frame.assign(arrests=frame.arrests.where(frame.index != 2)))
