"""Where a library's numbers are not R's, or not those asked for: measured, a row each.

    python -m benchmarks.engines        writes the table of engines.md between its marks
    python -m benchmarks.engines --slow that of processor seconds too

The series are drawn here, with the seed below; what is ours is tested against R elsewhere
(tests/reference).
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from evaluation.numeric.panel.absorb import means_out
from evaluation.numeric.panel.library import two_way_effects
from evaluation.numeric.series.arima import fit
from evaluation.numeric.series.arma import Order
from evaluation.numeric.series.structural import forecast
from evaluation.numeric.shared import regressions
from evaluation.numeric.shared.clusters import covariance
from evaluation.numeric.shared.glm import negative_binomial, poisson
from evaluation.numeric.shared.ols import clustered, heteroskedastic, newey_west_lag

PAGE = Path(__file__).parents[1] / "docs/methods/engines.md"
SEED, N = 20260101, 96
Row = tuple[str, str, str]


def design() -> tuple[np.ndarray, np.ndarray]:
    """Eight years by month with a trend, a season and a step in the middle; and the times."""
    time_ = np.arange(N)
    angle = 2 * np.pi * time_ / 12
    season = [np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)]
    columns = [np.ones(N), time_ / 12, time_ >= N // 2, *season]
    return np.column_stack(columns).astype(float), time_


def counts() -> np.ndarray:
    """About 8 a month, with twice the Poisson's variance."""
    x, _ = design()
    mean = np.exp(x @ np.array([2.2, -0.02, -0.3, 0.1, 0.1, 0.05, 0.0]))
    return np.random.default_rng(SEED).negative_binomial(8, 8 / (8 + mean)).astype(float)


def autoregression() -> np.ndarray:
    """About 20 with errors of lag-1 correlation .5."""
    noise = np.random.default_rng(SEED).normal(size=N + 50)
    for t in range(1, N + 50):
        noise[t] += 0.5 * noise[t - 1]
    x, _ = design()
    return 20 - 3 * x[:, 2] + noise[50:]


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Largest distance between two sets of standard errors, from covariances."""
    return float(np.abs(np.sqrt(np.diagonal(one) / np.diagonal(other)) - 1).max())


def sarimax(order: Order) -> Row:
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    (x, time_), y = design(), autoregression()
    found = fit(y, x, time_, order)
    kept = found.kept
    model = SARIMAX(
        y,
        x[:, kept],
        order=(order.p, order.d, order.q),
        seasonal_order=(order.P, order.D, order.Q, 12),
        concentrate_scale=True,
        use_exact_diffuse=True,
    )
    top = np.append(found.beta[kept], found.parameters)
    score = float(np.abs(model.score(top)).max()) * N
    cov = np.linalg.inv(-model.hessian(top, approx_complex_step=True) * N)
    places = np.append(np.flatnonzero(kept), len(kept) + np.arange(order.size))
    errors = apart(cov, found.cov[np.ix_(places, places)])
    value = abs(float(model.loglike(top)) - found.value)
    return (
        f"`SARIMAX`, ARIMA{order}",
        "log-likelihood at our maximum; its score there; its standard errors",
        f"{value:.0e}; {score:.0e} (nought by ours, which is exact); {errors:.0e}",
    )


def rows_of_counts() -> list[Row]:
    from statsmodels.discrete.discrete_model import NegativeBinomial
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    (x, time_), y = design(), counts()
    offset = np.zeros(N)
    ours = poisson(y, x, offset)
    theirs = regressions.poisson(y, x, offset)
    model = GLM(y, x, family=families.Poisson())
    hc1 = heteroskedastic((y - ours.mu[0])[:, None] * x, ours.cov[0], kind="HC1")
    fitted = negative_binomial(y, x, offset)
    plain = NegativeBinomial(y, x).fit(disp=0, maxiter=500)
    scores = ((y - fitted.mu) / (1 + fitted.alpha * fitted.mu))[:, None] * x
    at_alpha = GLM(y, x, family=families.NegativeBinomial(alpha=fitted.alpha))
    robust, by_year = at_alpha.fit(cov_type="HC0"), time_ // 12
    grouped = at_alpha.fit(cov_type="cluster", cov_kwds={"groups": by_year})
    kept = np.r_[0:40, 46:N]
    gap = regressions.poisson(y[kept], x[kept], offset[kept])
    lag = newey_west_lag(len(kept))
    rows = GLM(y[kept], x[kept], family=families.Poisson()).fit(
        cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": True}
    )
    by_time = regressions.newey_west(gap.scores, gap.bread, kept, lag)
    moved = float(np.abs(theirs.beta / ours.beta[0] - 1).max())
    hc0 = heteroskedastic(scores, fitted.cov, kind="HC0")
    cr1 = clustered(scores, fitted.cov, by_year)
    far = [apart(np.asarray(one.cov_params()), cov) for one, cov in ((robust, hc0), (grouped, cr1))]
    stops = float(np.abs(plain.model.score(plain.params)).max())
    return [
        (
            "`GLM` Poisson beside our kernel of many series",
            "coefficients, standard errors",
            f"{moved:.0e}, {apart(theirs.cov, ours.cov[0]):.0e}",
        ),
        (
            '`GLM(cov_type="HC1")`',
            "standard errors beside `sandwich::vcovHC`, which has n/(n - k)",
            f"{apart(np.asarray(model.fit(cov_type='HC1').cov_params()), hc1):.1%}",
        ),
        (
            f'`cov_type="HAC"` with 6 of {N} months missing',
            "standard errors: the months on either side are taken as neighbors",
            f"{apart(np.asarray(rows.cov_params()), by_time):.1%}",
        ),
        (
            "`GLM` negative binomial, HC0 and by year",
            "standard errors beside `sandwich` of `MASS::glm.nb` (expected information)",
            f"{far[0]:.1%}, {far[1]:.1%}",
        ),
        (
            "`NegativeBinomial.fit`",
            "largest score where it stops; alpha from there to the maximum",
            f"{stops:.0e}; {abs(plain.params[-1] / fitted.alpha - 1):.0e}",
        ),
    ]


def glsar() -> Row:
    from statsmodels.regression.linear_model import GLSAR

    (x, _), y = design(), autoregression()
    model = GLSAR(y, x, rho=1)
    found = model.iterative_fit(maxiter=100)
    rho = float(model.rho[0])
    # Prais and Winsten keep the first month, times sqrt(1 - rho^2).
    first = np.sqrt(1 - rho**2)
    both = np.column_stack([y, x])
    turned = np.vstack([first * both[:1], both[1:] - rho * both[:-1]])
    kept = regressions.least_squares(turned[:, 0], turned[:, 1:])
    moved = (found.params - kept.beta) / np.sqrt(np.diagonal(kept.cov))
    return (
        "`GLSAR` beside Prais-Winsten at its own rho",
        "the first period is dropped (Cochrane-Orcutt): coefficients, in standard errors",
        f"up to {np.abs(moved).max():.2f}",
    )


def unobserved(draws: int = 40) -> Row:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    source = np.random.default_rng(SEED)
    flat, narrow = 0, []
    for _ in range(draws):
        level = np.cumsum(source.normal(size=N) * 0.15)
        y = 20 + level + source.normal(size=N)
        half = N // 2
        model = UnobservedComponents(y[:half], "llevel")
        best = model.fit(disp=0, method="powell", maxiter=200)
        flat += bool(best.params[1] < 1e-6 * best.params[0])
        ahead = best.get_forecast(N - half)
        theirs = float(np.sqrt(ahead.var_pred_mean[-1] - best.params[0]))
        ours = forecast(y[:half], np.ones((N, 1)))
        last = (ours.weights @ ours.signal)[-1]
        spread = ours.cov[:, -1, -1] + (ours.signal[:, -1] - last) ** 2
        narrow.append(theirs / float(np.sqrt(ours.weights @ spread)))
    return (
        "`UnobservedComponents`, local level, 48 months before; a level that wanders",
        "series whose level it takes as fixed; its error of the level 48 months on, beside ours",
        f"{flat} of {draws}; {np.median(narrow):.2f} of it in the middle",
    )


def panel_ols() -> list[Row]:
    import pandas as pd
    from linearmodels.panel import PanelOLS

    y, d = panel(40, N)
    weight, groups = np.ones(40), np.arange(40)
    beta, variance = two_way_effects(y, d, weight, cluster=groups)
    left, outcome = means_out(d, weight), means_out(y, weight)
    bread = 1 / float((left**2).sum())
    own = bread * float((left * outcome).sum())
    scores = (left * (outcome - own * left)).sum(axis=1)[:, None]
    kernel = float(covariance(scores, np.array([[bread]]))[0, 0])
    index = pd.MultiIndex.from_product([range(40), range(N)])
    found = PanelOLS(
        pd.Series(y.ravel(), index, name="y"),
        pd.DataFrame({"d": d.ravel()}, index),
        entity_effects=True,
        time_effects=True,
    ).fit(cov_type="clustered", cluster_entity=True)
    n, k = y.size, 1 + N
    cr1 = variance * 40 / 39 * (n - 1) / (n - k)
    return [
        (
            "`PanelOLS` without factors beside our kernel",
            "coefficient, standard error",
            f"{abs(beta / own - 1):.0e}, {abs(np.sqrt(variance / kernel) - 1):.0e}",
        ),
        (
            "`PanelOLS`, clustered, as it comes",
            "standard error beside fixest's CR1, which has G/(G - 1); its df are n - k",
            f"{float(found.std_errors.iloc[0]) / np.sqrt(cr1) - 1:.1%}",
        ),
    ]


def panel(units: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes and treatment of a third of the units from the middle on."""
    source = np.random.default_rng(SEED)
    d = np.zeros((units, length))
    d[: units // 3, length // 2 :] = 1
    return source.normal(size=(units, length)) + source.normal(size=(units, 1)) + d / 2, d


def seconds() -> str:
    """Processor seconds of both ways at several sizes, as a table."""
    lines = ["| units x periods | `PanelOLS` | our kernel |", "| --- | --- | --- |"]
    for units, length in ((40, 96), (400, 96), (2000, 96)):
        y, d = panel(units, length)
        weight, groups = np.ones(units), np.arange(units)
        theirs = _taken(lambda y=y, d=d, w=weight, g=groups: two_way_effects(y, d, w, cluster=g))
        ours = _taken(lambda y=y, d=d, w=weight: (means_out(d, w), means_out(y, w)))
        lines.append(f"| {units:,} x {length} | {theirs:.3f} | {ours:.4f} |")
    (x, time_), y = design(), autoregression()
    order = Order(1, 0, 1, 0, 0, 0, 12)

    def library_fit() -> None:
        from statsmodels.tsa.statespace.sarimax import SARIMAX

        model = SARIMAX(y, x, order=(1, 0, 1), concentrate_scale=True)
        model.fit(method="bfgs", gtol=1e-8, maxiter=200, disp=0)

    theirs, ours = _taken(library_fit), _taken(lambda: fit(y, x, time_, order))
    head = f"\n| one ARIMA{order} with {x.shape[1]} columns | `SARIMAX` | ours |"
    return "\n".join([*lines, head, "| --- | --- | --- |", f"| | {theirs:.2f} | {ours:.3f} |"])


def _taken(work: Callable[[], object]) -> float:
    work()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def table() -> str:
    """The measured differences, a row each."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [
            sarimax(Order(1, 0, 1, 0, 0, 0, 12)),
            sarimax(Order(1, 0, 1, 1, 0, 0, 12)),
            *rows_of_counts(),
            glsar(),
            unobserved(),
            *panel_ols(),
        ]
    lines = ["| library | what is compared | difference |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in found)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--slow", action="store_true", help="measure seconds too")
    made = {"measured": table()}
    if parser.parse_args().slow:
        made["seconds"] = seconds()
    text = PAGE.read_text(encoding="utf-8")
    for name, lines in made.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end {name} -->"
        before, rest = text.split(begin)
        text = before + begin + lines + "\n" + end + rest.split(end)[1]
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
