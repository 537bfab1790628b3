"""How fast the interrupted-time-series methods are, beside the loops people would write.

    python -m benchmarks.speed_its                  writes benchmarks_its.md

Everything is timed in one run on one thread, so that ratios mean something; processor time is
counted, not the clock on the wall. CausalPy is not needed; to time it too, name the interpreter of
an environment that has it with --peer (`make bench` makes build/peers).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.its import METHODS, Series
from evaluation.its.batch import judge_many
from evaluation.its.verdicts import verdicts
from evaluation.numeric.series.simulated import copula_counts
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.glm import poisson

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/evidence/benchmarks_its.md"
MONTHS, MEAN, ALPHA, RHO = 132, 8.0, 0.1, 0.2
BATCH, LOOPED, JUDGED, ALONE, RUNS = 10_000, 250, 1_000, 20, 3
LAG, LEVEL = 4, 0.05
STUDY = "oakland-synthetic"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing timed: processor seconds for so many series.

    apart : the largest difference of a coefficient from those of the first line, NaN when they are
        not of the same model.
    """

    what: str
    seconds: float
    each: int
    apart: float = np.nan

    @property
    def per_series(self) -> float:
        return self.seconds / self.each


def processor_seconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """The least processor time of a few runs on one thread; what else the machine does adds to it,
    and never takes."""
    from threadpoolctl import threadpool_limits

    taken = []
    with threadpool_limits(1):
        for _ in range(runs):
            begin = time.process_time()
            work()
            taken.append(time.process_time() - begin)
    return min(taken)


def drawn(count: int) -> np.ndarray:
    """(count, 132) autocorrelated counts about 8 a month."""
    source = stream(20260102, "speed")
    return copula_counts(np.full(MONTHS, MEAN), alpha=ALPHA, rho=RHO, source=source, draws=count)


def lines(
    *, batch: int = BATCH, looped: int = LOOPED, judged: int = JUDGED, runs: int = RUNS
) -> list[Line]:
    """Every timing of this package and of statsmodels."""
    import statsmodels.api as sm

    y = drawn(max(batch, judged)).astype(float)
    x = Series.from_arrays(y[0], start=MONTHS // 2).x
    nothing = np.zeros(MONTHS)

    coefficients: dict[str, np.ndarray] = {}

    def batched() -> None:
        coefficients["own"] = poisson(y[:batch], x, nothing).beta[:looped]

    def glm_loop(**options: object) -> Callable[[], object]:
        def work() -> None:
            coefficients["loop"] = np.array(
                [
                    sm.GLM(one, x, family=sm.families.Poisson()).fit(**options).params
                    for one in y[:looped]
                ]
            )

        return work

    hac = {"cov_type": "HAC", "cov_kwds": {"maxlags": LAG}, "use_t": True}
    series = [Series.from_arrays(one, start=MONTHS // 2) for one in y[:judged]]
    default = METHODS["averaged-reml"]
    one_by_one = series[: min(ALONE, judged)]

    def timed(work: Callable[[], object]) -> float:
        return processor_seconds(work, runs)

    taken = timed(batched), timed(glm_loop())
    apart = float(np.abs(coefficients["own"] - coefficients["loop"]).max())
    return [
        Line("Poisson, batched", taken[0], batch),
        Line("statsmodels GLM Poisson, loop", taken[1], looped, apart),
        Line(
            "statsmodels GLM Poisson with Newey-West errors, loop", timed(glm_loop(**hac)), looped
        ),
        Line(
            "trend carried forward (`averaged-reml`) with its range, batched",
            timed(lambda: judge_many(default, series)),
            judged,
        ),
        Line(
            "default (`learned`) with its range, batched",
            timed(lambda: judge_many(METHODS["learned"], series)),
            judged,
        ),
        Line(
            "`averaged-reml`, one series at a time, with path and every coefficient",
            timed(lambda: [default.fit(one) for one in one_by_one]),
            len(one_by_one),
        ),
        *(
            Line(
                f"power: whether `{name}` finds a change, batched",
                timed(lambda method=METHODS[name]: verdicts(method, series[0], y[:judged], LEVEL)),
                judged,
            )
            for name in ("averaged-reml", "learned")
        ),
    ]


def study_seconds(slug: str = STUDY) -> tuple[float, int]:
    """Processor seconds for every method and check of one study, and its number of outcomes.

    The first run of a process, as people have it: calendars are not yet known.
    """
    from evaluation.study.run import run

    begin = time.process_time()
    evidence = run(slug, ROOT)
    return time.process_time() - begin, len(evidence.outcomes)


PEER = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import numpy as np, pandas as pd
try:
    import causalpy as cp
    from sklearn.linear_model import LinearRegression
except ImportError as fault:
    print(json.dumps({"fault": str(fault)})); sys.exit()
y = np.array(json.load(sys.stdin))
n = y.shape[1]
t = np.arange(n)
frame = pd.DataFrame({"t": t, "s1": np.sin(2*np.pi*t/12), "c1": np.cos(2*np.pi*t/12),
                      "s2": np.sin(4*np.pi*t/12), "c2": np.cos(4*np.pi*t/12)})
formula = "y ~ 1 + t + s1 + c1 + s2 + c2"
def once(one, model):
    cp.InterruptedTimeSeries(frame.assign(y=one), treatment_time=n // 2, formula=formula,
                             model=model)
found = {"version": cp.__version__}
once(y[0], LinearRegression())
begin = time.process_time()
for one in y: once(one, LinearRegression())
found["linear"] = (time.process_time() - begin) / len(y)
sample = {"progressbar": False, "random_seed": 1, "cores": 1, "chains": 4}
try:
    model = cp.pymc_models.LinearRegression(sample_kwargs=sample)
    begin = time.process_time()
    once(y[0], model)
    found["bayes"] = time.process_time() - begin
except Exception as fault:
    found["bayes fault"] = f"{type(fault).__name__}: {fault}"
print(json.dumps(found))
"""


def peer(python: str, count: int = 20) -> dict[str, object]:
    """Seconds a series of CausalPy's interrupted time series, in an environment of its own."""
    pools = ("OMP", "OPENBLAS", "MKL", "NUMBA")
    done = subprocess.run(
        [python, "-c", PEER],
        input=json.dumps(drawn(count).tolist()),
        env=os.environ | {f"{pool}_NUM_THREADS": "1" for pool in pools},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return {"fault": done.stderr.strip().splitlines()[-1] if done.stderr else "no output"}
    found: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def page(found: Sequence[Line], study: tuple[float, int] | None, rival: dict[str, object]) -> str:
    """`benchmarks_its.md`: ratios, and milliseconds of this one run beside them."""
    batched, loop, hac = (line.per_series for line in found[:3])
    rows = [
        ["what", "series timed", "milliseconds a series", "times a statsmodels GLM"],
        ["---"] * 4,
        *(
            [line.what, f"{line.each:,}", f"{1000 * line.per_series:.3g}",
             f"{line.per_series / loop:.3g}"]
            for line in found
        ),
    ]  # fmt: skip
    if "linear" in rival:
        seconds = float(str(rival["linear"]))
        rows.append(
            [
                f"CausalPy {rival['version']}, ITS by least squares, no range",
                "20",
                f"{1000 * seconds:.3g}",
                f"{seconds / loop:.3g}",
            ]
        )
    if "bayes" in rival:
        seconds = float(str(rival["bayes"]))
        rows.append(
            [
                f"CausalPy {rival['version']}, ITS by its Bayesian linear model, 4 chains",
                "1",
                f"{1000 * seconds:.3g}",
                f"{seconds / loop:.3g}",
            ]
        )
    text = [
        "# How fast the time-series methods are",
        "",
        "Made by `python -m benchmarks.speed_its` in one run, on one thread, by processor time;"
        f" {MONTHS} months, {MEAN:g} events a month, seven coefficients. Milliseconds belong to the"
        " machine of that run (an ordinary server core); the last column, time over that of one"
        " `statsmodels` Poisson GLM in the same run, travels better.",
        "",
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
        f"The batched Poisson kernel is {loop / batched:.0f} times as fast as a loop of"
        f" `statsmodels.GLM` on {found[0].each:,} series (the loop is timed on {found[1].each} and"
        " carried up in proportion: every turn does the same work), with the same coefficients (at"
        f" most {found[1].apart:.0e} apart). The default method, which averages 46"
        f" correlation models and gives a range that holds, takes"
        f" {found[3].per_series / loop:.2g} times one such GLM that ignores autocorrelation.",
        "",
        "Power asks of each of a thousand drawn series whether a change is found, and gets the"
        f" verdict of the whole method. With `learned` that takes {found[-1].per_series / hac:.2g}"
        " times what a loop of `statsmodels.GLM` with Newey-West errors takes over the same series,"
        f" with `averaged-reml` {found[-2].per_series / hac:.2g} times.",
    ]
    if study is not None:
        seconds, outcomes = study
        text += [
            "",
            f"A whole study (`{STUDY}`: {outcomes} outcomes, each with its headline, every"
            " alternative, every check and the default sensitivity set) takes"
            f" {seconds:.1f} seconds of one thread in that run, {seconds / outcomes:.1f} each.",
        ]
    if "fault" in rival:
        text += ["", f"CausalPy was not timed in that run: {rival['fault']}."]
    if "bayes fault" in rival:
        text += ["", f"CausalPy's Bayesian model did not run: {rival['bayes fault']}."]
    return "\n".join(text) + "\n"


def main(argv: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", help="Python of an environment with CausalPy")
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--small", action="store_true", help="few series, to see that it works")
    asked = parser.parse_args(argv)
    study = None if asked.small else study_seconds()
    found = lines(batch=500, looped=10, judged=20, runs=1) if asked.small else lines()
    rival: dict[str, object] = {"fault": "no environment with it was named"}
    if asked.peer:
        rival = peer(asked.peer)
    text = page(found, study, rival)
    asked.page.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
