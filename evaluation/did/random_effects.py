"""Random-effects prediction: one treated unit against how far controls differ from one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evaluation.data import period as calendar
from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.did.effects import Answer, one_of, possible, sentences
from evaluation.did.method import Method
from evaluation.did.placebo_changes import (
    Changes,
    changes,
    expected_line,
    own_noise,
    relative_to_mean,
)
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.random_effects import (
    TAUS,
    Predicted,
    averaged_prediction,
    plug_in_prediction,
)

# The default from this many controls on. With fewer it is honest but finds little: with 5, a true
# null is rejected in 0 to 3 % and with 3 in none (did_one_city.md).
ENOUGH_CONTROLS = 8
# Of a continuous outcome, in standard deviations of the controls' changes: the end of the grid.
# The likelihood is far below its height there, so that the end does not matter.
GRID_END = 5.0
# Of the variance of the controls' changes.
NO_NOISE = 1e-12
# The treated unit is unlike its controls when so few of them are as uneven before the start.
UNLIKE = 0.10
FEWEST_CONTROLS = 2
# A split leaves a year on either side, or a quarter of the periods before the start; at least this.
LEAST_SIDE = 2


def fit(cohorts: Cohorts) -> Answer:
    """The treated unit's change less the one predicted from the controls, tau averaged.

    The default with one treated unit and at least 8 controls. For counts the scale is the log of
    the rate ratio, for continuous outcomes a difference of means
    (`evaluation.did.placebo_changes`). True changes differ between units with standard deviation
    tau, which is not estimated and plugged in but averaged over its restricted likelihood on the
    grid of `evaluation.numeric.panel.random_effects` (0 to 1 on the log scale; 0 to five standard
    deviations of the controls' changes for a continuous outcome). Interval and p come from the
    normal mixture.

    It assumes that the treated unit's change without treatment is drawn from the same distribution
    as the controls'. A treated unit that drifts twice as much as they do is found wrongly in 17 to
    24 % of cases; the check of pre-period splits looks for that.

    Raises
    ------
    FitError : for more than one treated unit, fewer than two controls, controls that all change
        alike, or a continuous outcome with fewer than two periods on a side.
    """
    found = changes(cohorts)
    return _answer(cohorts, found, prediction(found))


def fit_plug_in(cohorts: Cohorts) -> Answer:
    """The same with tau^2 of Paule and Mandel plugged in, the mean of Hartung and Knapp, and
    t(controls - 1).

    Sharper than the average when tau is small, and too sure then: it rejects a true null in up to
    8 % of cases where the treated unit is large and units do not drift.

    Raises
    ------
    FitError : as `fit`.
    """
    found = changes(cohorts)
    _grid(found)  # refuses controls that all change alike
    return _answer(cohorts, found, plug_in_prediction(*_arrays(found)))


def many(panels: Sequence[Cohorts]) -> dict[int, Answer]:
    """The answers of `fit` to many panels of counts at once, by their place and without notes.

    A panel that is left out is for `fit`, which says why.
    """
    groups: dict[int, dict[int, Changes]] = {}
    for place, cohorts in enumerate(panels):
        try:
            found = changes(cohorts)
        except FitError:
            continue
        if found.scale == "log ratio" and found.n >= FEWEST_CONTROLS:
            groups.setdefault(found.n, {})[place] = found
    answers: dict[int, Answer] = {}
    for founds in groups.values():
        predicted = _together(list(founds.values()))
        for row, (place, found) in enumerate(founds.items()):
            answer = one_of(found.scale, predicted, None, row)
            try:
                expected = expected_line(panels[place], found, answer.estimate)
            except FitError:
                continue
            noise = own_noise(panels[place], found)
            answers[place] = replace(answer, expected=expected, own_noise=noise)
    return answers


def control_shares(cohorts: Cohorts) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the controls and the weight of each in the prediction of `fit`, summing to 1."""
    found = changes(cohorts)
    return found.controls, prediction(found).share[0]


def prediction(found: Changes) -> Predicted:
    """What is predicted for the treated unit from the controls, tau averaged.

    Raises
    ------
    FitError : when the controls all change alike.
    """
    return averaged_prediction(*_arrays(found), _grid(found))


def bare_answer(found: Changes, predicted: Predicted) -> Answer:
    """The estimate and its range, and nothing of what belongs to a panel."""
    df = float(predicted.df)
    return one_of(found.scale, predicted, df if np.isfinite(df) else None)


@possible("pre-period-splits")
def pre_period_splits(cohorts: Cohorts, method: Method, effect: Effect) -> Check:
    """The treated unit's placebo splits of the time before the start beside each control's.

    At every date before the start with a year on either side (a quarter of the periods before, if
    less) random-effects asks whether the unit changed, first with the treated unit and then with
    each control in its place. The mean square of estimate over standard error says how uneven a
    unit was. The check warns when the treated unit is among the most uneven tenth, or is the most
    uneven of all where there are fewer than nine controls; by chance alone that happens in
    1 of 13 with 12 controls (5 to 10 % measured). It is a weak guard: a treated unit that drifts
    twice as much as its controls, whose true null is rejected in 17 to 24 %, is noticed in 14 to
    19 % (48 months before, 12 controls).
    """
    rows, names, dates = _unevenness(cohorts)
    own, others = rows[0], rows[1:]
    share = (1 + int((others >= own).sum())) / len(rows)
    unlike = share <= max(UNLIKE, 1 / len(rows))
    place = 1 + int((others > own).sum())
    says = sentences(
        fact(
            "did.random-effects.unevenness",
            dates=dates,
            unit=names[0],
            place=place,
            n=len(rows),
            own=own,
            low=others.min(),
            high=others.max(),
        ),
        fact("did.random-effects.unlike" if unlike else "did.random-effects.alike"),
    )
    table = tuple(
        {"unit": unit, "role": "control" if row else "treated", "unevenness": float(value)}
        for row, (unit, value) in enumerate(zip(names, rows, strict=True))
    )
    return Check("pre-period-splits", not unlike, says, table)


def _unevenness(cohorts: Cohorts) -> tuple[np.ndarray, tuple[str, ...], int]:
    """Mean square of estimate over standard error, treated unit first; names; number of dates."""
    treated = cohorts.one_treated
    start = int(cohorts.first[treated])
    side = max(LEAST_SIDE, min(calendar.PER_YEAR[cohorts.frequency], start // 4))
    dates = range(side, start - side + 1)
    if not dates:
        raise FitError(fact("did.random-effects.periods-before-start", start=start, side=side))
    controls = np.flatnonzero(~cohorts.ever)
    if len(controls) < 3:
        raise FitError(fact("did.random-effects.controls-too-few", n_controls=len(controls)))
    found = []
    for unit in (treated, *controls):
        rows = np.array([unit, *controls[controls != unit]])
        first = np.where(np.arange(len(rows)) == 0, float(start - 1), NEVER)
        before = Cohorts.from_arrays(
            cohorts.y[rows, :start],
            first,
            exposure=None if cohorts.exposure is None else cohorts.exposure[rows, :start],
            first=cohorts.periods[0],
            frequency=cohorts.frequency,
            kind=cohorts.kind,
        )
        apart = _standardized(
            [
                changes(before.pretending(np.where(np.arange(len(rows)) == 0, float(date), NEVER)))
                for date in dates
            ]
        )
        found.append(float((apart**2).mean()))
    names = tuple(cohorts.units[unit] for unit in (treated, *controls))
    return np.array(found), names, len(dates)


def _standardized(founds: Sequence[Changes]) -> np.ndarray:
    """(R,) estimate over standard error of `fit`, of many changes with as many controls each."""
    alike = all(found.scale == "log ratio" for found in founds)  # one grid for all
    answers = [_together(founds)] if alike else [prediction(found) for found in founds]
    return np.concatenate([answer.estimate / answer.std_error for answer in answers])


def _together(founds: Sequence[Changes]) -> Predicted:
    """Predictions of many changes of counts, with as many controls each."""
    return averaged_prediction(*map(np.concatenate, zip(*map(_arrays, founds), strict=True)))


def _arrays(found: Changes) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    own, own_variance = np.array([found.own]), np.array([found.own_variance])
    # A unit without any noise of its own still has a weight that a float can hold.
    least = NO_NOISE * float(found.d.var())
    return own, np.maximum(own_variance, least), found.d[None], np.maximum(found.v, least)[None]


def _grid(found: Changes) -> np.ndarray:
    if found.scale == "log ratio" or found.n < 2:
        return TAUS
    spread = float(found.d.std(ddof=1))
    if spread <= 1e-12 * np.abs(found.d).max():
        raise FitError(fact("did.random-effects.controls-all-change-alike-nothing"))
    return TAUS * GRID_END * spread


def _answer(cohorts: Cohorts, found: Changes, predicted: Predicted) -> Answer:
    notes = [fact("did.random-effects.tau", n=found.n, tau=float(predicted.tau[0]))]
    if found.n < ENOUGH_CONTROLS:
        counted = cohorts.kind == "count"
        notes.append(fact("did.random-effects.few", enough=ENOUGH_CONTROLS, counted=counted))
    answer = bare_answer(found, predicted)
    return replace(
        answer,
        expected=expected_line(cohorts, found, answer.estimate),
        relative=relative_to_mean(cohorts, found),
        own_noise=own_noise(cohorts, found),
        notes=tuple(notes),
    )
