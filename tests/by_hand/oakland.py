"""Oakland's murders by hand: what reports/oakland says, from the table alone.

Nothing of this project is imported: csv, numpy, and statsmodels with the scipy that it brings.

    python tests/by_hand/oakland.py [data/public/oakland_ucr.csv]
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
import statsmodels.api as sm
from scipy.optimize import brentq
from scipy.stats import t as student

TABLE = Path(__file__).parents[2] / "data" / "public" / "oakland_ucr.csv"
FIRST, LAST, START, WHOLE = "2005-01", "2019-12", "2012-10", "2013-01"
LEFT_OUT = ("2012-10", "2012-11", "2012-12")
RHOS = (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
NUGGETS = (0.25, 0.5, 0.7, 0.85)
GRID = [(rho, 0.0) for rho in RHOS]
GRID += [(rho, nugget) for rho in RHOS if rho >= 0.3 for nugget in NUGGETS]


def months(path: Path = TABLE) -> list[dict[str, str]]:
    """The rows of the table, to the end of the window."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = sorted(csv.DictReader(stream), key=lambda row: row["month"])
    return [row for row in rows if FIRST <= row["month"] <= LAST]


def yearly(rows: list[dict[str, str]], column: str = "murder") -> dict[str, int]:
    """The sum of each year."""
    totals: dict[str, int] = {}
    for row in rows:
        totals[row["month"][:4]] = totals.get(row["month"][:4], 0) + int(row[column])
    return totals


def means(rows: list[dict[str, str]], column: str = "murder") -> dict[str, float]:
    """Mean a month before the start, and from January 2013 on."""
    before = [int(row[column]) for row in rows if row["month"] < START]
    after = [int(row[column]) for row in rows if row["month"] >= WHOLE]
    return {"before": sum(before) / len(before), "after": sum(after) / len(after)}


def series(
    rows: list[dict[str, str]],
    column: str = "murder",
    *,
    start: str = START,
    left_out: tuple[str, ...] = LEFT_OUT,
    trend: bool = True,
    residents: bool = True,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Counts, design with the step last, log residents, and the number of each month."""
    number = np.arange(len(rows))
    season = np.array([int(row["month"][5:]) for row in rows])
    columns = [np.ones(len(rows)), *([number / 12] if trend else [])]
    for wave in (1, 2):
        angle = 2 * np.pi * wave * season / 12
        columns += [np.sin(angle), np.cos(angle)]
    columns.append(np.array([float(row["month"] >= start) for row in rows]))
    kept = np.array([row["month"] not in left_out for row in rows])
    counts = np.array([float(row[column]) for row in rows])
    people = [float(row["population"]) if residents else 1.0 for row in rows]
    return counts[kept], np.column_stack(columns)[kept], np.log(people)[kept], number[kept]


def quasi_poisson(
    counts: np.ndarray, design: np.ndarray, offset: np.ndarray, *_: object
) -> dict[str, float]:
    """The step of a Poisson regression, its error scaled by Pearson's chi-squared, t(n - k)."""
    fitted = sm.GLM(counts, design, family=sm.families.Poisson(), offset=offset).fit(
        scale="X2", tol=1e-13
    )
    error, df = float(fitted.bse[-1]), float(len(counts) - design.shape[1])
    estimate, reach = float(fitted.params[-1]), student.ppf(0.975, df) * error
    return {
        "estimate": estimate,
        "std_error": error,
        "low": estimate - reach,
        "high": estimate + reach,
        "dispersion": float(fitted.scale),
    }


def correlation(number: np.ndarray, rho: float, nugget: float) -> np.ndarray:
    """(1 - nugget) AR(1) + nugget I; the months left out widen the gap."""
    gap = np.abs(number[:, None] - number[None, :])
    return (1 - nugget) * np.float_power(rho, gap) + nugget * np.eye(len(number))


def averaged_reml(
    counts: np.ndarray, design: np.ndarray, offset: np.ndarray, number: np.ndarray
) -> dict[str, float]:
    """The step averaged over 46 error correlations by their restricted likelihood.

    Generalized least squares on the working response of the log-linear mean, whole matrices, pass
    after pass until nothing moves; the range is that of the mixture of t(n - k).
    """
    n, k = design.shape
    inverses = [np.linalg.inv(correlation(number, *point)) for point in GRID]
    log_dets = [np.linalg.slogdet(correlation(number, *point))[1] for point in GRID]
    beta = sm.GLM(counts, design, family=sm.families.Poisson(), offset=offset).fit().params
    for _ in range(200):
        eta = design @ beta
        mean = np.exp(eta + offset)
        root = np.sqrt(mean)
        response, working = root * (eta + (counts - mean) / mean), root[:, None] * design
        betas, errors, scales, likelihood = [], [], [], []
        for inverse, log_det in zip(inverses, log_dets, strict=True):
            gram = working.T @ inverse @ working
            found = np.linalg.solve(gram, working.T @ inverse @ response)
            rest = response - working @ found
            rss = float(rest @ inverse @ rest)
            betas.append(found)
            scales.append(rss / (n - k))
            errors.append(np.sqrt(scales[-1] * np.linalg.inv(gram)[-1, -1]))
            likelihood.append(
                -(n - k) / 2 * np.log(rss) - (log_det + np.linalg.slogdet(gram)[1]) / 2
            )
        weights = np.exp(np.array(likelihood) - max(likelihood))
        weights /= weights.sum()
        new = weights @ np.array(betas)
        settled = np.abs(new - beta).max() < 1e-11
        beta = new
        if settled:
            break
    else:
        raise ArithmeticError("the passes did not settle")
    centers, spread = np.array(betas)[:, -1], np.array(errors)
    estimate = float(weights @ centers)

    def share_below(value: float) -> float:
        return float(weights @ student.cdf((value - centers) / spread, n - k))

    ends = estimate - 20 * spread.max(), estimate + 20 * spread.max()
    low, high = (
        brentq(lambda value, part=part: share_below(value) - part, *ends, xtol=1e-13)
        for part in (0.025, 0.975)
    )
    points = np.array(GRID)
    mean_after = np.exp(design @ beta + offset)[design[:, -1] == 1].sum()
    return {
        "estimate": estimate,
        "std_error": float(np.sqrt(weights @ (spread**2 + (centers - estimate) ** 2))),
        "low": float(low),
        "high": float(high),
        "rho": float(weights @ points[:, 0]),
        "nugget": float(weights @ points[:, 1]),
        "dispersion": float(weights @ np.array(scales)),
        "averted": float((np.exp(-estimate) - 1) * mean_after),
    }


def by_hand(path: Path = TABLE) -> dict[str, object]:
    """Everything that the study of Oakland by itself can be held against."""
    rows = months(path)
    found: dict[str, object] = {"yearly": yearly(rows), "means": means(rows)}
    for column in ("murder", "robbery", "aggravated_assault"):
        found[column] = {
            "headline": averaged_reml(*series(rows, column)),
            "Plain quasi-Poisson": quasi_poisson(*series(rows, column)),
            "No trend": averaged_reml(*series(rows, column, trend=False)),
            "Effect at once, from October 2012": averaged_reml(*series(rows, column, left_out=())),
            "Effect at once, from January 2013": averaged_reml(
                *series(rows, column, start=WHOLE, left_out=())
            ),
            "Counts without residents": averaged_reml(*series(rows, column, residents=False)),
        }
    return found


if __name__ == "__main__":
    print(json.dumps(by_hand(*map(Path, sys.argv[1:2])), indent=1))
