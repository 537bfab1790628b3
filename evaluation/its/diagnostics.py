"""Checks of one fit: is the series long enough, what is left over, and what does it hang on?"""

from __future__ import annotations

import numpy as np

from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.its.check_helpers import REJECT, Finding, LeftOver, left_over
from evaluation.its.effects import Link, headline, means
from evaluation.its.methods import Method
from evaluation.its.series import Series
from evaluation.numeric.series import diagnostics as tests
from evaluation.numeric.series.diagnostics import Influence, linear_influence, poisson_influence
from evaluation.numeric.shared.glm import poisson
from evaluation.numeric.shared.linear import RANK_TOLERANCE, orthonormal

TINY = float(np.finfo(float).tiny)
LAGS = 12
PICTURED_LAGS = 24
ENOUGH, ENOUGH_A_SIDE, ENOUGH_OVER = 36, 18, 15
# Rules of thumb for a period to look at: a residual beyond three standard errors, three times the
# mean leverage (Belsley, Kuh and Welsch 1980, section 2.1, take twice), Cook's distance above 1
# (Cook and Weisberg 1982, section 3.5).
FAR, HEAVY, PULLING = 3.0, 3.0, 1.0
# Of many periods that stand out, so many are named.
OUTLIERS_NAMED = 5


def length(series: Series, method: Method, effect: Effect) -> Finding:
    """At least 36 periods, 18 a side, and 15 more than coefficients."""
    before = int((series.treated & series.kept & ~series.affected).sum())
    after = int(series.affected.sum())
    spare = before + after - series.x.shape[1]
    enough = (
        before + after >= ENOUGH and min(before, after) >= ENOUGH_A_SIDE and spare >= ENOUGH_OVER
    )
    return Finding(
        enough,
        fact(
            "its.diagnostics.length",
            before=before,
            after=after,
            spare=spare,
            a_side=ENOUGH_A_SIDE,
            enough=ENOUGH,
            over=ENOUGH_OVER,
        ),
    )


def residual_autocorrelation(series: Series, method: Method, effect: Effect) -> Finding:
    """Five tests of what is left over; the Ljung-Box test of the whitened residuals judges.

    Durbin and Watson's p is against positive correlation of neighbors. Cumby and Huizinga's test
    allows for unequal variance; the other three take it as equal. Lags are counted in rows, so a
    washout or a change of site is passed over, but not when the residuals are whitened.
    """
    left = left_over(series, method)
    residuals, x = left.residuals, left.x
    lags = _lags(left, LAGS)
    white = _whitened(left, effect)
    found = (
        ("Durbin-Watson", *tests.durbin_watson(residuals, x)),
        ("Breusch-Godfrey", *tests.breusch_godfrey(residuals, x, lags)),
        ("Ljung-Box", *tests.ljung_box(residuals, lags)),
        ("Cumby-Huizinga", *tests.cumby_huizinga(residuals, x, 1, lags, errors="robust")),
        ("Ljung-Box on whitened residuals", *tests.ljung_box(white, lags)),
    )
    watson, godfrey, box, huizinga, whitened = found
    return Finding(
        whitened[2] >= REJECT,
        fact(
            "its.diagnostics.autocorrelation",
            lags=lags,
            p=whitened[2],
            before=box[2],
            godfrey=godfrey[2],
            huizinga=huizinga[2],
            watson=watson[1],
        ),
        tuple({"test": name, "statistic": value, "p": p} for name, value, p in found),
    )


def correlogram(series: Series, method: Method, effect: Effect) -> Finding:
    """Autocorrelations of the whitened residuals, over all rows as they come."""
    left = left_over(series, method)
    lags = _lags(left, PICTURED_LAGS)
    found = tests.correlogram(_whitened(left, effect), lags)
    outside = int((np.abs(found.acf) > found.band).sum())
    largest = int(np.abs(found.acf).argmax())
    return Finding(
        None,
        fact(
            "its.diagnostics.correlogram",
            outside=outside,
            lags=lags,
            band=found.band,
            largest=found.acf[largest],
            lag=largest + 1,
        ),
        tuple(
            {
                "lag": lag + 1,
                "autocorrelation": float(found.acf[lag]),
                "partial": float(found.pacf[lag]),
                "band": found.band,
            }
            for lag in range(lags)
        ),
    )


def dispersion(series: Series, method: Method, effect: Effect) -> Finding:
    """The variance over the mean for a log link, else the standard deviation of the residuals."""
    left = left_over(series, method)
    if left.link != "log":
        return Finding(
            None, fact("its.diagnostics.deviation", deviation=float(np.sqrt(left.spread)))
        )
    return Finding(None, fact("its.diagnostics.dispersion", times=left.spread))


def outliers(series: Series, method: Method, effect: Effect) -> Finding:
    """Periods with a studentized residual beyond 3, three times the mean leverage, or a Cook's
    distance above 1."""
    left = left_over(series, method)
    weight = _weights(series, left)
    n, k = left.x.shape
    flagged = (
        (np.abs(weight.studentized) > FAR)
        | (weight.leverage > HEAVY * k / n)
        | (weight.cook > PULLING)
    )
    several = len(series.rows.names) > 1
    table = tuple(
        {
            "period": series.periods[row],
            "observed": float(series.y[row]),
            "fitted": float(left.fitted[i]),
            "residual": float(weight.studentized[i]),
            "leverage": float(weight.leverage[i]),
            "cook": float(weight.cook[i]),
            **({"site": series.rows.names[series.rows.site[row]]} if several else {}),
        }
        for i, row in enumerate(left.rows)
        if flagged[i]
    )
    rule = fact("its.diagnostics.stands-out", far=FAR, heavy=HEAVY * k / n, pulling=PULLING)
    if not table:
        return Finding(None, fact("its.diagnostics.no-outlier", rule=rule))
    named = [_where(series, row) for row in left.rows[flagged][:OUTLIERS_NAMED]]
    more, n_found = max(len(table) - OUTLIERS_NAMED, 0), len(table)
    said = fact("its.diagnostics.outliers", periods=named, more=more, n=n_found, rule=rule)
    return Finding(None, said, table)


def influence(series: Series, method: Method, effect: Effect) -> Finding:
    """The estimate again with each period left out: the sign must hold and no period may move it
    by a standard error."""
    if method.whole is not None:
        raise FitError(fact("its.diagnostics.method-has-no-linear-predictor"))
    estimates = leaving_each_out(series, "log" if effect.scale == "log ratio" else "identity")
    rows = np.flatnonzero(series.kept)
    known = np.isfinite(estimates)
    if not known.any():
        raise FitError(fact("its.diagnostics.no-fit-period-left-out"))
    moves = np.where(known, (estimates - np.nanmean(estimates)) / effect.std_error, 0.0)
    worst = int(np.abs(moves).argmax())
    lost, missing = fact("nothing"), int((~known).sum())
    if missing:
        lost = fact("its.diagnostics.lost", n=missing)
    same_sign = bool((np.sign(estimates[known]) == np.sign(effect.estimate)).all())
    return Finding(
        same_sign and bool(known.all()) and float(np.abs(moves).max()) < 1,
        fact(
            "its.diagnostics.influence",
            moves=abs(float(moves[worst])),
            where=_where(series, rows[worst]),
            same_sign=same_sign,
            lost=lost,
        ),
    )


def leaving_each_out(series: Series, link: Link) -> np.ndarray:
    """(m,) headline estimates with each kept period left out, by maximum likelihood of a Poisson
    model (log) or least squares: what the point estimate rests on does not need the error model.
    NaN where there is no finite one."""
    rows = np.flatnonzero(series.kept)
    others = np.array([np.delete(rows, i) for i in range(len(rows))])
    # A term that belongs to the period left out alone has no estimate without it.
    upper = np.asarray(np.linalg.qr(series.x[others], mode="r"))
    length = np.linalg.norm(upper, axis=1).clip(min=TINY)
    size = np.abs(np.diagonal(upper, axis1=1, axis2=2)) / length
    sound = np.flatnonzero((size > RANK_TOLERANCE).all(axis=1))
    betas = np.full((len(rows), series.x.shape[1]), np.nan)
    if not len(sound):
        raise FitError(fact("its.diagnostics.no-period-can-be-left"))
    others = others[sound]
    x = series.x[others]
    if link == "log":
        fitted = poisson(series.y[others], x, series.log_offset[others])
        betas[sound] = np.where(fitted.converged[:, None], fitted.beta, np.nan)
    else:
        y = (series.y / series.relative_exposure)[others]
        q, r = orthonormal(x)
        betas[sound] = np.linalg.solve(r, (np.swapaxes(q, 1, 2) @ y[..., None]))[..., 0]
    with np.errstate(all="ignore"):  # what is not finite is looked at
        return np.array([headline(series, link, means(series, link, beta))[0] for beta in betas])


def _where(series: Series, row: int) -> Fact:
    """A period by name, and by its site where there are several."""
    names = series.rows.names
    site = names[series.rows.site[row]] if len(names) > 1 else ""
    return fact("its.diagnostics.where", period=series.periods[row], site=site)


def _lags(left: LeftOver, most: int) -> int:
    n, k = left.x.shape
    lags = min(most, n // 4, n - k - 2)
    if lags < 1:
        raise FitError(fact("its.diagnostics.periods-coefficients-leave-no-lag", n=n, k=k))
    return int(lags)


def _whitened(left: LeftOver, effect: Effect) -> np.ndarray:
    if left.innovations is not None:
        return left.innovations
    return tests.innovations(left.residuals, left.time, effect.rho or 0.0, effect.nugget or 0.0)


def _weights(series: Series, left: LeftOver) -> Influence:
    if left.link == "log":
        return poisson_influence(
            series.y[left.rows],
            left.fitted,
            series.x[left.rows],
            dispersion=max(left.spread, 1.0),
        )
    return linear_influence(left.residuals, left.x)
