"""Each treated unit by itself: its change beside the controls that are complete in its window."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.did.effects import Answer
from evaluation.did.placebo_changes import changes, expected_line, exposures, log_changes
from evaluation.did.random_effects import bare_answer, prediction
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.meta.pooled import Fit
from evaluation.numeric.meta.pooled import fit as meta

# Periods that show a peak, unless told otherwise: those of the test of timing and of the donut.
RECENT = 2
# A spread between controls takes two of them (`numeric.random_effects`).
FEWEST_CONTROLS = 2


@dataclass(frozen=True, slots=True)
class Alone:
    """One treated unit by itself.

    Parameters
    ----------
    name, row : of the unit. first : its start, a period. columns : (t,) periods used. before,
        after : how many on either side. controls : (n,) rows of the controls. shares : (n,) weight
        of each in what is expected of the unit, summing to 1. gaps : (n,) log change of each less
        their weighted mean. observed, expected : events from the start on. lead : how much more its
        last periods before the start stood to its earlier ones than those of its controls did on
        average, on the log scale, or None with too few. beyond : whether none of its controls did
        as much, or as little. answer : what random-effects finds, of the unit and its controls.
    """

    name: str
    row: int
    first: str
    columns: np.ndarray
    before: int
    after: int
    controls: np.ndarray
    shares: np.ndarray
    gaps: np.ndarray
    observed: float
    expected: float
    lead: float | None
    beyond: bool
    answer: Answer


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A treated unit of which nothing can be said by itself, and why."""

    name: str
    first: str
    why: Fact


@dataclass(frozen=True, slots=True)
class EachUnit:
    """Every treated unit, in order of start and name: by itself, or passed over with the reason.

    shared : (k, k) covariance of the log ratios that comes from controls in common, its diagonal
    that of each unit's own comparison.
    """

    units: tuple[Alone, ...]
    passed_over: tuple[PassedOver, ...]
    shared: np.ndarray


def each_unit(
    cohorts: Cohorts,
    *,
    nearest: int | None = None,
    recent: int = RECENT,
    donut: int = 0,
    before: int | None = None,
    after: int | None = None,
) -> EachUnit:
    """The log ratio of each treated unit by random-effects, in a window of its own.

    A unit's window are the periods in which it is used: all before its start, and those under
    treatment from it on. Periods after the end of a program are in neither. Its controls are the
    never-treated units that have every one of these periods. Units that start later are no
    controls.

    Parameters
    ----------
    nearest : only so many controls, those whose last periods before the unit's start stood to
        their earlier ones most as the unit's did (log ratio of rates, halves added to events): the
        unit's peak is then beside theirs. None takes all. recent : how many last periods those are;
        they count also where a donut leaves them out. donut : periods before the start that are
        left out. before, after : most periods on either side, counted from the start (or from the
        donut); None for all.

    Raises
    ------
    FitError : for outcomes that are no counts, or settings out of range or without any use.
    """
    if cohorts.kind != "count":
        raise FitError(fact("did.each-unit.each-unit-by-itself-counts"))
    _refuse(cohorts, nearest, recent, donut, before, after)
    units: list[Alone] = []
    passed: list[PassedOver] = []
    rows = np.flatnonzero(cohorts.ever).tolist()
    for row in sorted(rows, key=lambda row: (cohorts.first[row], cohorts.units[row])):
        name, first = cohorts.units[row], cohorts.begun(cohorts.first[row])
        try:
            units.append(_one(cohorts, row, nearest, recent, donut, before, after))
        except FitError as fault:
            passed.append(PassedOver(name, first, fault.fact))
    return EachUnit(tuple(units), tuple(passed), _shared(cohorts.n, units))


def _refuse(
    cohorts: Cohorts,
    nearest: int | None,
    recent: int,
    donut: int,
    before: int | None,
    after: int | None,
) -> None:
    """Settings that mean nothing here."""
    if nearest is not None and nearest < FEWEST_CONTROLS:
        raise FitError(
            fact(
                "did.each-unit.nearest-controls-more-none",
                nearest=nearest,
                fewest_controls=FEWEST_CONTROLS,
            )
        )
    if recent < 1 or donut < 0:
        raise FitError(fact("did.each-unit.recent-1-period-more-donut"))
    if nearest is None and recent != RECENT:
        raise FitError(fact("did.each-unit.recent-changes-nothing-without-nearest"))
    for name, most in (("before", before), ("after", after)):
        if most is not None and most < 1:
            raise FitError(fact("did.each-unit.1-period-more-none-all", name=name, most=most))
    never = int((~cohorts.ever).sum())
    if nearest is not None and nearest > never:
        raise FitError(fact("did.each-unit.nearest-units-never", nearest=nearest, never=never))


def _one(
    cohorts: Cohorts,
    row: int,
    nearest: int | None,
    recent: int,
    donut: int,
    before: int | None,
    after: int | None,
) -> Alone:
    """One unit in its window, beside its controls.

    Raises
    ------
    FitError : when nothing can be said of it by itself.
    """
    event, far = cohorts.event[row], np.inf
    earliest = -far if before is None else -before - donut
    past = cohorts.untreated[row] & (event < 0) & (event >= earliest)
    # Event time counts from the start, also where a washout leaves out its first periods.
    latest = far if after is None else after
    under = cohorts.treated[row] & (event < latest)
    columns = np.flatnonzero((past & (event < -donut)) | under)
    controls = _complete(cohorts, row, columns)
    history = np.flatnonzero(past)
    if nearest is not None:
        stood = _stood(cohorts, row, history, recent)
        whole = np.isin(stood.controls, controls)
        stood = replace(
            stood,
            controls=stood.controls[whole],
            names=stood.names[whole],
            others=stood.others[whole],
        )
        controls = _alike(stood, nearest)
    return _alone(cohorts, row, columns, controls, _lead(cohorts, row, history, controls, recent))


def _complete(cohorts: Cohorts, row: int, columns: np.ndarray) -> np.ndarray:
    """(n,) rows of the never-treated units that have all of these columns.

    Raises
    ------
    FitError : for a side without a period, or too few of them.
    """
    after = int(cohorts.treated[row, columns].sum())
    if after == len(columns):
        raise FitError(fact("did.each-unit.no-period-before-its-start"))
    if not after:
        raise FitError(fact("did.each-unit.no-period-from-its-start"))
    whole = ~cohorts.ever & cohorts.known[:, columns].all(axis=1)
    if whole.sum() < FEWEST_CONTROLS:
        raise FitError(
            fact(
                "did.each-unit.never-treated-units-have-all",
                sum=int(whole.sum()),
                sum2=int((~cohorts.ever).sum()),
                n_columns=len(columns),
                fewest_controls=FEWEST_CONTROLS,
            )
        )
    return np.flatnonzero(whole)


def _alike(stood: _Stood, nearest: int) -> np.ndarray:
    """(m,) rows of the controls most like the unit in how its last periods stood to its earlier.

    Raises
    ------
    FitError : with fewer controls.
    """
    if len(stood.controls) < nearest:
        raise FitError(
            fact(
                "did.each-unit.controls-there-match-fewer-than",
                n_controls=len(stood.controls),
                nearest=nearest,
            )
        )
    apart = np.abs(stood.others - stood.own)
    # By name where they are as far, so that the order of units does not matter.
    order = np.lexsort((stood.names, apart))
    return np.sort(stood.controls[order[:nearest]])


@dataclass(frozen=True, slots=True)
class _Stood:
    """How the last periods before a start stood to the earlier ones, as log ratios of rates.

    own : of the unit. controls, names, others : (n,) rows, names and log ratios of those that have
        these periods.
    """

    own: float
    controls: np.ndarray
    names: np.ndarray
    others: np.ndarray


def _stood(cohorts: Cohorts, row: int, past: np.ndarray, recent: int) -> _Stood:
    """The unit and those never treated before its start.

    Parameters
    ----------
    past : (t,) columns of the unit's window before the start, those of a donut among them.

    Raises
    ------
    FitError : with fewer earlier periods than last ones.
    """
    if len(past) < 2 * recent:
        raise FitError(fact("did.each-unit.periods-before-its", n_past=len(past), recent=recent))
    controls = np.flatnonzero(~cohorts.ever & cohorts.known[:, past].all(axis=1))
    both = np.ix_(np.array([row, *controls.tolist()]), past)
    log_ratios = log_changes(cohorts.y[both], exposures(cohorts)[both], len(past) - recent)[0]
    names = np.array([cohorts.units[one] for one in controls.tolist()])
    return _Stood(float(log_ratios[0]), controls, names, log_ratios[1:])


def _lead(
    cohorts: Cohorts, row: int, past: np.ndarray, controls: np.ndarray, recent: int
) -> tuple[float, bool] | None:
    """How much more the unit's last periods stood to its earlier ones than its controls' did, on
    the log scale, and whether none of them did as much (or as little); None with too few periods.
    """
    try:
        stood = _stood(cohorts, row, past, recent)
    except FitError:
        return None
    others = stood.others[np.isin(stood.controls, controls)]
    if not len(others):
        return None
    beyond = bool(others.max() < stood.own or others.min() > stood.own)
    return stood.own - float(others.mean()), beyond


def _alone(
    cohorts: Cohorts,
    row: int,
    columns: np.ndarray,
    controls: np.ndarray,
    lead: tuple[float, bool] | None,
) -> Alone:
    """One unit beside its controls.

    Raises
    ------
    FitError : as `random_effects.fit`.
    """
    own = _panel(cohorts, row, columns, controls)
    start = int(own.first[0])
    found = changes(own)
    predicted = prediction(found)
    answer = bare_answer(found, predicted)
    shares = predicted.share[0]
    return Alone(
        name=cohorts.units[row],
        row=row,
        first=cohorts.begun(cohorts.first[row]),
        columns=columns,
        before=start,
        after=own.length - start,
        controls=controls,
        shares=shares,
        gaps=found.d - shares @ found.d,
        observed=float(own.y[0, start:].sum()),
        expected=float(expected_line(own, found, answer.estimate)[0, start:].sum()),
        lead=None if lead is None else lead[0],
        beyond=lead is not None and lead[1],
        answer=answer,
    )


def _panel(cohorts: Cohorts, row: int, columns: np.ndarray, controls: np.ndarray) -> Cohorts:
    """The unit, in the first row, and its controls in its window, which is without gaps."""
    rows = np.array([row, *controls])
    cells = np.ix_(rows, columns)
    first = np.full(len(rows), NEVER)
    first[0] = int(cohorts.untreated[row, columns].sum())
    return replace(
        cohorts,
        y=cohorts.y[cells],
        exposure=None if cohorts.exposure is None else cohorts.exposure[cells],
        first=first,
        covariates=cohorts.covariates[rows],
        cluster=np.arange(len(rows)),
        weight=cohorts.weight[rows],
        units=tuple(cohorts.units[one] for one in rows.tolist()),
        periods=tuple(cohorts.periods[at] for at in columns.tolist()),
        used=None,
        on=None,
        skipped=0,
        phase_in=0,
    )


def _shared(n: int, units: list[Alone]) -> np.ndarray:
    """(k, k) covariance of what is expected of the units, from the controls they share.

    What is expected of unit i is sum_j s_ij d_ij over its controls j. The error of control j is the
    same drift and the same events in the comparisons of two units as far as their windows
    overlap, so that the covariance is estimated from the product of its gaps in both,

        C_ik = n/(n - 1) sum_j s_ij s_kj g_ij g_kj,

    a sum over clusters of one control each, whatever the overlap. The factor is that of n controls
    about a mean of their own, the root of the product where they are not as many.
    """
    errors = np.zeros((len(units), n))
    for place, one in enumerate(units):
        errors[place] = shared_errors(n, one.controls, one.shares, one.gaps)
    return np.asarray(errors @ errors.T)


def shared_errors(n: int, controls: np.ndarray, shares: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """(n,) what the drift of each unit of the panel puts into what is expected of one that is
    treated: nought but for its controls."""
    errors = np.zeros(n)
    errors[controls] = np.sqrt(len(controls) / (len(controls) - 1)) * shares * gaps
    return errors


def shared_fit(y: np.ndarray, v: np.ndarray, shared: np.ndarray) -> tuple[Fit, float]:
    """The random-effects mean of the units, with what controls in common add to its variance.

    Comparisons that share controls err together, which no number of units averages out: with
    weights a_i, sum over i != k of a_i a_k C_ik is added, when it is positive.

    Parameters
    ----------
    y, v : (k,) log ratios and their variances. shared : (k, k), as `EachUnit.shared`.
    """
    alone = meta(y, v)
    share = alone.share / 100
    apart = shared - np.diag(np.diag(shared))
    extra = max(float(share @ apart @ share), 0.0)
    return replace(alone, cov=alone.cov + extra), extra
