"""How often ranges of a pooled effect hold the truth, by estimator of tau^2 and by test.

    python -m benchmarks.coverage_synthesis               every cell, 10,000 draws
    python -m benchmarks.coverage_synthesis --reps 1000

k studies with normal effects and known standard errors between .08 and .35 on the log scale, as
published ones have. Writes the tables between the marks in synthesis.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from evaluation.numeric.meta.tau import Estimator, between_variance, solved
from evaluation.numeric.shared.draws import normals, stream, uniforms

PAGE = Path(__file__).parents[1] / "docs/methods/synthesis.md"
BEGIN, END = "<!-- coverage begins -->\n", "<!-- coverage ends -->\n"
REPS = 10_000
SEED = 20_261_125
KS, TAUS = (3, 5, 10), (0.0, 0.05, 0.2)
ERRORS = (0.08, 0.35)
TRUTH = -0.3
LEVEL = 0.95
ESTIMATORS: tuple[Estimator, ...] = ("DL", "PM", "REML")
TESTS = ("z", "t", "hartung-knapp", "hartung-knapp-floor")


def world(k: int, tau2: float, reps: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(R, k) effects and variances, and (R,) the true effect of one more study."""
    name = f"{k}/{tau2:g}"
    error = uniforms(stream(SEED, f"error/{name}"), reps * k).reshape(reps, k)
    error = ERRORS[0] + (ERRORS[1] - ERRORS[0]) * error
    apart = normals(stream(SEED, f"apart/{name}"), reps * k).reshape(reps, k)
    noise = normals(stream(SEED, f"noise/{name}"), reps * k).reshape(reps, k)
    one_more = TRUTH + np.sqrt(tau2) * normals(stream(SEED, f"more/{name}"), reps)
    return TRUTH + np.sqrt(tau2) * apart + error * noise, error**2, one_more


def cell(k: int, tau2: float, reps: int) -> Iterator[tuple[str, str, float, float, float, float]]:
    """Estimator, test, coverage in percent, mean width, and coverage of the next study's effect
    by t(k - 1) (or the normal, for z) and by t(k - 2)."""
    from scipy.special import ndtri, stdtrit

    y, v, one_more = world(k, tau2, reps)
    x = np.ones((k, 1))
    share = (1 + LEVEL) / 2
    for estimator in ESTIMATORS:
        spread = between_variance(y, v, x, estimator)
        now = solved(y, v, x, spread)
        mean, plain = now.beta[:, 0], now.bread[:, 0, 0]
        s2 = now.q / (k - 1)
        for test in TESTS:
            factor = {"hartung-knapp": s2, "hartung-knapp-floor": np.maximum(s2, 1)}.get(test, 1.0)
            quantile = ndtri(share) if test == "z" else stdtrit(k - 1, share)
            variance = plain * factor
            half = quantile * np.sqrt(variance)
            away = np.abs(one_more - mean)
            total = np.sqrt(variance + spread)
            yield (
                estimator,
                test,
                100 * float((np.abs(mean - TRUTH) <= half).mean()),
                float(2 * half.mean()),
                100 * float((away <= quantile * total).mean()),
                100 * float((away <= stdtrit(max(k - 2, 1), share) * total).mean()),
            )


def table(reps: int = REPS) -> str:
    """The two tables as Markdown."""
    head = [f"{k} studies, tau² {tau2:g}" for k in KS for tau2 in TAUS]
    found = {(k, tau2): list(cell(k, tau2, reps)) for k in KS for tau2 in TAUS}
    lines = ["Coverage of the mean, % (mean width of the range in brackets):", ""]
    lines += _opening(["tau² by", "test", *head])
    for i in range(len(ESTIMATORS) * len(TESTS)):
        rows = [found[key][i] for key in found]
        cells = [f"{row[2]:.1f} ({row[3]:.2f})" for row in rows]
        lines.append("| " + " | ".join([rows[0][0], rows[0][1], *cells]) + " |")
    lines += ["", "Coverage of the true effect of one more study, %, by REML:", ""]
    lines += _opening(["test", "quantile", *head])
    for i in range(len(ESTIMATORS) * len(TESTS)):
        rows = [found[key][i] for key in found]
        if rows[0][0] != "REML" or rows[0][1] == "t":
            continue
        own = "normal" if rows[0][1] == "z" else "t(k - 1)"
        for at, quantile in ((4, own), (5, "t(k - 2)")):
            cells = [f"{row[at]:.1f}" for row in rows]
            lines.append("| " + " | ".join([rows[0][1], quantile, *cells]) + " |")
    return "\n".join(lines) + "\n"


def _opening(names: list[str]) -> list[str]:
    return ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=REPS)
    made = table(parser.parse_args().reps)
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(before + BEGIN + made + END + after, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
