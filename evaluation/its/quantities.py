"""The effect in other measures: at the end, by slope, as outcomes averted in two senses, as a rate,
and as the strength a confounder would need.

When the difference built up: outcomes averted up to each period, with their ranges.
"""

from __future__ import annotations

import numpy as np

from evaluation.data import period as calendar
from evaluation.effect import Check, Effect, Interval, Quantity
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.its.check_helpers import units
from evaluation.its.effects import Fitted, headline, means
from evaluation.its.method import Method
from evaluation.its.ranges import averted, averted_by, interval, judged_at, percent_of_linear
from evaluation.its.series import Series
from evaluation.numeric.series.correlation import ar1_matrix
from evaluation.numeric.shared.draws import normals, stream
from evaluation.numeric.shared.linear import t_draws

SEED = 20130101
DRAWS = 4000
PER = 100_000
DELTA, SIMULATION, TRANSFORMED = "delta method", "simulation", "transformed"
_LAST, _AVERAGE = fact("its.quantities.in-last-period"), fact("its.quantities.average")
_FITTED, _OBSERVED = (
    fact("its.quantities.averted-fitted"),
    fact("its.quantities.averted-observed"),
)


def quantities(series: Series, fitted: Fitted, effect: Effect) -> tuple[Quantity, ...]:
    """Every measure that this design has.

    Percent changes are of treated totals: at the last period, and averaged over all affected
    periods, the phase-in included. Averted outcomes come in two senses. "Fitted against expected"
    compares two means of the model. "Observed against expected" takes the counts that were
    recorded, so its range holds the noise of a new observation of what did not happen:
    dispersion times mean, with the error correlation of the model. Simulation draws coefficients
    (4,000, seeded) from the law the method judges by. With a log link the first sense is
    `Effect.averted`, so that the number and the percent change agree about no change.
    """
    found = [*_coefficients(series, fitted, effect), *_percents(series, fitted)]
    found += _averted(series, fitted, effect)
    if series.uses_exposure:
        found.append(_rate(series, effect))
    if effect.scale == "log ratio":
        found.append(_confounder(effect))
    return tuple(found)


def _coefficients(series: Series, fitted: Fitted, effect: Effect) -> list[Quantity]:
    """Change of level, and of slope a year, where the model has them."""
    if fitted.link != "log":
        return []
    year = calendar.a_year(series.frequency)
    found = []
    for column, term in zip(series.columns, effect.terms, strict=True):
        if column.role not in ("level", "slope"):
            continue
        size = 1 if column.role == "level" else year
        low, middle, high = (
            float(100 * np.expm1(size * value)) for value in (term.low, term.estimate, term.high)
        )
        name = fact(f"its.quantities.change-of-{column.role}", later=column.of)
        found.append(Quantity(name, "%", middle, low, high, TRANSFORMED))
    return found


def _percents(series: Series, fitted: Fitted) -> list[Quantity]:
    mean = means(series, fitted.link, fitted.beta)
    last = series.affected & (series.rows.period == series.rows.period[series.affected].max())
    found = []
    for name, rows in ((_LAST, last), (_AVERAGE, series.affected)):
        if fitted.link == "log":
            value, gradient = averted_by(mean, rows, fitted.link)
            change = interval(judged_at(fitted, np.array([-value]), -gradient[None, :]))
            ends = [
                100 * float(np.expm1(end)) for end in (change.estimate, change.low, change.high)
            ]
            percent = Interval(ends[0], ends[1], ends[2])
        else:
            percent, _ = percent_of_linear(fitted, mean, rows)
        found.append(Quantity(name, "%", percent.estimate, percent.low, percent.high, DELTA))
    return found


def _averted(series: Series, fitted: Fitted, effect: Effect) -> list[Quantity]:
    rows = series.affected
    mean = means(series, fitted.link, fitted.beta)
    expected, observed = float(mean.expected[rows].sum()), float(series.y[rows].sum())
    judged = fitted.judge(mean.by_expected[rows].sum(axis=0)[None, :])
    noise = _new_noise(series, fitted)
    # The critical value behind the judge's own interval carries over to the wider error.
    half = float(judged.high[0] - judged.low[0]) / 2
    wider = half * float(np.sqrt(1 + (noise / judged.std_error[0]) ** 2))
    draws = coefficients_drawn(fitted, f"averted/{series.rows.names[0]}")
    with_it, without = _totals(series, fitted, draws)
    source = stream(SEED, f"new observations/{series.rows.names[0]}")
    recorded = without + noise * normals(source, len(without)) - observed
    modeled, log = effect.averted, fitted.link == "log"
    found = [
        Quantity(
            _FITTED,
            "outcomes",
            modeled.estimate,
            modeled.low,
            modeled.high,
            TRANSFORMED if log else DELTA,
        )
    ]
    if not log:
        drawn = _range(without - with_it)
        found.append(Quantity(_FITTED, "outcomes", modeled.estimate, *drawn, SIMULATION))
    gap = expected - observed
    return [
        *found,
        Quantity(_OBSERVED, "outcomes", gap, gap - wider, gap + wider, DELTA),
        Quantity(_OBSERVED, "outcomes", gap, *_range(recorded), SIMULATION),
    ]


def _rate(series: Series, effect: Effect) -> Quantity:
    """The headline's averted outcomes as a rate a year per 100,000 of the exposure."""
    assert series.exposure is not None
    years = 1 / calendar.a_year(series.frequency)
    person_years = float(series.exposure[series.affected].sum()) * years
    scale = PER / person_years
    return Quantity(
        fact("its.quantities.averted-rate", per=PER),
        "outcomes",
        scale * effect.averted.estimate,
        scale * effect.averted.low,
        scale * effect.averted.high,
        TRANSFORMED if effect.scale == "log ratio" else DELTA,
    )


def _confounder(effect: Effect) -> Quantity:
    """The E-value (VanderWeele and Ding 2017, Annals of Internal Medicine 167:268-274).

    How strongly, as a rate ratio, something unmeasured would have to go with both the start and
    the outcome to explain the whole change away; the lower number is for the end of the range that
    is nearest to no change, 1 when the range holds no change.
    """

    def strength(log_ratio: float) -> float:
        ratio = float(np.exp(abs(log_ratio)))
        return ratio + float(np.sqrt(ratio * (ratio - 1)))

    near = 0.0 if effect.low <= 0 <= effect.high else min(abs(effect.low), abs(effect.high))
    far = max(abs(effect.low), abs(effect.high))
    return Quantity(
        fact("its.quantities.confounder"),
        "times",
        strength(effect.estimate),
        strength(near),
        strength(far),
        TRANSFORMED,
    )


def _new_noise(series: Series, fitted: Fitted) -> float:
    """Standard deviation of a new total of the affected periods about its mean."""
    rows = series.affected
    mean = means(series, fitted.link, fitted.beta)
    if series.kind == "count" and fitted.link == "log":
        spread = np.sqrt((fitted.dispersion or 1.0) * mean.expected[rows])
    else:
        kept = series.kept
        residuals = (series.y - mean.fitted)[kept] / series.relative_exposure[kept]
        variance = float(residuals @ residuals) / (int(kept.sum()) - series.x.shape[1])
        spread = np.sqrt(variance) * series.relative_exposure[rows]
    nugget = fitted.nugget or 0.0
    errors = (1 - nugget) * ar1_matrix(series.time[rows], fitted.rho or 0.0)
    errors += nugget * np.eye(int(rows.sum()))
    return float(np.sqrt(spread @ errors @ spread))


def coefficients_drawn(fitted: Fitted, name: str) -> np.ndarray:
    """(4000, k) coefficients from the law the method judges by.

    Parameters
    ----------
    name : of the stream of random numbers.
    """
    source = stream(SEED, name)
    if fitted.draw is not None:
        return fitted.draw(source, DRAWS)
    # The covariance from the errors of single coefficients and of their sums.
    k = len(fitted.beta)
    single = fitted.judge(np.eye(k))
    left, right = np.triu_indices(k, 1)
    pairs = np.zeros((len(left), k))
    pairs[np.arange(len(left)), left] = pairs[np.arange(len(left)), right] = 1.0
    cov = np.diag(single.std_error**2)
    if len(left):
        both = fitted.judge(pairs).std_error ** 2
        shared = (both - single.std_error[left] ** 2 - single.std_error[right] ** 2) / 2
        cov[left, right] = cov[right, left] = shared
    return t_draws(fitted.beta, cov, float(single.df[-1]), source, DRAWS)


def _totals(series: Series, fitted: Fitted, draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(R,) fitted and expected totals of the affected periods, one a draw."""
    rows = series.affected
    with_it, without = draws @ series.x[rows].T, draws @ series.baseline[rows].T
    if fitted.link == "log":
        offset = series.log_offset[rows]
        with_it, without = np.exp(offset + with_it), np.exp(offset + without)
    else:
        scale = series.relative_exposure[rows]
        with_it, without = scale * with_it, scale * without
    return with_it.sum(axis=1), without.sum(axis=1)


def _range(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


NAME = "averted-over-time"


def averted_over_time(series: Series, method: Method) -> Check:
    """Outcomes averted up to each affected period, each with its own 95 % interval.

    Each is made as `Effect.averted` is, over the affected periods up to then, by the same fit: the
    last one is that number. The intervals hold one by one and not all together.

    Parameters
    ----------
    method : of the headline, with its settings.
    """
    try:
        totals = _accumulated_totals(series, method)
    except FitError as fault:
        return Check(NAME, None, fact("check.not-possible", why=fault))
    last = list(totals.values())[-1]
    return Check(
        NAME,
        None,
        fact(
            "its.quantities.added" if last.estimate < 0 else "its.quantities.averted",
            number=abs(last.estimate),
            period=list(totals)[-1],
            low=last.low,
            high=last.high,
            clear=sum(one.excludes_zero for one in totals.values()),
            n=len(totals),
            units=units(series.frequency),
        ),
        tuple(
            {"period": period, "estimate": one.estimate, "low": one.low, "high": one.high}
            for period, one in totals.items()
        ),
    )


def _accumulated_totals(series: Series, method: Method) -> dict[str, Interval]:
    """The total up to each affected period; FitError when one has no finite number."""
    fitted = method.solved(series)
    mean = means(series, fitted.link, fitted.beta)
    numbers = series.rows.period
    periods = np.unique(numbers[series.affected])
    value, gradient = headline(series, fitted.link, mean)
    change = interval(judged_at(fitted, np.array([value]), gradient[None, :]))
    parts = [series.affected & (numbers <= one) for one in periods]
    with np.errstate(all="ignore"):  # what is not finite is looked at
        totals = averted(series, fitted, mean, parts, change)
    if not np.isfinite([[one.estimate, one.low, one.high] for one in totals]).all():
        raise FitError(fact("its.quantities.total-has-no-finite-range"))
    return {
        calendar.text(int(period), series.frequency): total
        for period, total in zip(periods, totals, strict=True)
    }
