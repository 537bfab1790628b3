"""Questions asked of every interrupted time series. A check may call the method again; it does
not look inside it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.its.effects import Fitted, headline, means
from evaluation.its.series import Series
from evaluation.numeric.diagnostics import breusch_godfrey, innovations, ljung_box
from evaluation.numeric.glm import poisson

Solve = Callable[[Series], Fitted]

LAGS = 12
# Fewer periods than this on one side of a placebo start say little about a level.
PLACEBO_MARGIN = 12
PLACEBO_SHARE = 0.10
ENOUGH, ENOUGH_A_SIDE, ENOUGH_OVER = 36, 18, 15
REJECT = 0.05


def length(series: Series, solve: Solve, effect: Effect) -> Check:
    """Are there enough periods? At least 36, 18 a side, and 15 more than coefficients."""
    before = int((series.treated & series.kept & ~series.affected).sum())
    after = int(series.affected.sum())
    spare = before + after - series.x.shape[1]
    enough = (
        before + after >= ENOUGH and min(before, after) >= ENOUGH_A_SIDE and spare >= ENOUGH_OVER
    )
    return Check(
        "length",
        "Is the series long enough?",
        enough,
        f"{before} periods before and {after} after the start, {spare} more than the model has "
        f"coefficients; at least {ENOUGH_A_SIDE} a side, {ENOUGH} in all and {ENOUGH_OVER} to "
        "spare are wanted.",
    )


def residual_autocorrelation(series: Series, solve: Solve, effect: Effect) -> Check:
    """Does the error model leave autocorrelation over? Ljung-Box on the whitened residuals."""
    residuals, working, time = _pearson(series, solve)
    lags = min(LAGS, len(residuals) // 4)
    raw, raw_p = ljung_box(residuals, lags)
    serial, serial_p = breusch_godfrey(residuals, working, lags)
    left, left_p = ljung_box(
        innovations(residuals, time, effect.rho or 0.0, effect.nugget or 0.0), lags
    )
    return Check(
        "residual-autocorrelation",
        "Does the model account for the way neighboring periods go together?",
        left_p >= REJECT,
        f"After the model's own correlation is taken out, the Ljung-Box test over {lags} lags "
        f"gives p = {left_p:.3f}; before, p = {raw_p:.3f} (Breusch-Godfrey p = {serial_p:.3f}).",
        (
            {"test": "Ljung-Box, whitened residuals", "statistic": left, "p": left_p},
            {"test": "Ljung-Box, residuals", "statistic": raw, "p": raw_p},
            {"test": "Breusch-Godfrey, residuals", "statistic": serial, "p": serial_p},
        ),
    )


def dispersion(series: Series, solve: Solve, effect: Effect) -> Check:
    """How much more do counts vary than pure chance would have them? Informs only."""
    residuals, _, _ = _pearson(series, solve)
    ratio = float((residuals**2).sum() / (len(residuals) - series.x.shape[1]))
    if series.kind != "count":
        return Check(
            "dispersion",
            "How far do outcomes scatter around the fit?",
            None,
            f"The residual standard deviation is {np.sqrt(ratio):.4g}.",
        )
    return Check(
        "dispersion",
        "Do the counts vary more than chance alone would make them?",
        None,
        f"The variance is {ratio:.2f} times the mean (1 is pure chance); the default method "
        "estimates it and widens its range by it.",
    )


def influence(series: Series, solve: Solve, effect: Effect) -> Check:
    """Does one period carry the result? The estimate again with each period left out."""
    estimates = _leaving_each_out(series)
    rows = np.flatnonzero(series.kept)
    moves = (estimates - estimates.mean()) / effect.std_error
    worst = int(np.abs(moves).argmax())
    period = series.periods[rows[worst]]
    same_sign = bool((np.sign(estimates) == np.sign(effect.estimate)).all())
    return Check(
        "influence",
        "Does the result hang on a single period?",
        same_sign and float(np.abs(moves).max()) < 1,
        f"Leaving out any one period moves the estimate by at most {abs(moves[worst]):.2f} "
        f"standard errors ({period})"
        + ("." if same_sign else ", and turns its sign for at least one."),
    )


def placebo_dates(series: Series, solve: Solve, effect: Effect) -> Check:
    """Does the method find effects where there was none? It is run at every start before the
    true one that leaves 12 periods a side; at most a tenth may come out below p = .05."""
    question = "Does the method find an effect at dates when nothing started?"
    before = series.start
    rows = []
    for start in range(PLACEBO_MARGIN, before - PLACEBO_MARGIN + 1):
        try:
            placebo = series.between(0, before, start=start)
            fitted = solve(placebo)
        except FitError:
            continue
        mean = means(placebo, fitted.link, fitted.beta)
        value, gradient = headline(placebo, fitted.link, mean)
        judged = fitted.judge(gradient[None, :])
        rows.append(
            {
                "period": placebo.periods[start],
                "estimate": value,
                "p": float(judged.p_value[0]),
            }
        )
    if not rows:
        return Check(
            "placebo-dates",
            question,
            None,
            f"Not possible: {before} periods before the start leave no date with "
            f"{PLACEBO_MARGIN} on either side.",
        )
    found = sum(float(str(row["p"])) < REJECT for row in rows)
    share = found / len(rows)
    return Check(
        "placebo-dates",
        question,
        share <= PLACEBO_SHARE,
        f"At {found} of {len(rows)} earlier dates ({100 * share:.0f} %) the method would have "
        f"reported a change (p below {REJECT}); at most {100 * PLACEBO_SHARE:.0f} % may.",
        tuple(rows),
    )


def trend_dependence(series: Series, solve: Solve, effect: Effect) -> Check:
    """Does the answer hang on the trend? The estimate again without one."""
    question = "Does the answer depend on how the earlier trend is carried on?"
    if series.specification.trend == "none":
        return Check(
            "trend-dependence",
            question,
            False,
            "The headline model has no trend; that is honest only if the rate was flat.",
        )
    flat = series.specified(trend="none")
    fitted = solve(flat)
    value, _ = headline(flat, fitted.link, means(flat, fitted.link, fitted.beta))
    stable = np.sign(value) == np.sign(effect.estimate) and (
        abs(value - effect.estimate) <= 0.5 * abs(effect.estimate)
    )
    if fitted.link == "log":
        words = f"{100 * np.expm1(value):.1f} % without a trend, {effect.percent.estimate:.1f} %"
    else:
        words = f"{value:.4g} without a trend, {effect.estimate:.4g}"
    return Check(
        "trend-dependence",
        question,
        bool(stable),
        f"The change is {words} with the planned one; the sign must hold and the size must not "
        "move by more than half.",
    )


CHECKS: tuple[Callable[[Series, Solve, Effect], Check], ...] = (
    length,
    residual_autocorrelation,
    dispersion,
    influence,
    placebo_dates,
    trend_dependence,
)


def _pearson(series: Series, solve: Solve) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Residuals scaled by the outcome's nominal error, working design, times."""
    rows = series.kept
    fitted = solve(series)
    mean = means(series, fitted.link, fitted.beta).fitted[rows]
    root = np.sqrt(mean) if series.kind == "count" else np.ones(len(mean))
    return (series.y[rows] - mean) / root, root[:, None] * series.x[rows], series.time[rows]


def _leaving_each_out(series: Series) -> np.ndarray:
    """(n,) headline estimates with each kept period left out, by maximum likelihood or least
    squares: what the point estimate rests on does not need the error model."""
    rows = np.flatnonzero(series.kept)
    others = np.array([np.delete(rows, i) for i in range(len(rows))])
    x = series.x[others]
    if series.kind == "count":
        fitted = poisson(series.y[others], x, series.log_offset[others])
        betas = fitted.beta[fitted.converged]
        link = "log"
    else:
        y = (series.y / series.relative_exposure)[others]
        q, r = np.linalg.qr(x)
        betas = np.linalg.solve(r, (np.swapaxes(q, 1, 2) @ y[..., None]))[..., 0]
        link = "identity"
    return np.array(
        [headline(series, link, means(series, link, beta))[0] for beta in betas]  # type: ignore[arg-type]
    )
