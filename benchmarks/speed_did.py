"""How fast the difference-in-differences methods are, beside other packages at the same answer.

    python -m benchmarks.speed_did --peer <python of an environment with the other packages>
    python -m benchmarks.speed_did --small          few units, to see that it works

Writes benchmarks_did.md. Everything is timed in one run on one thread by processor time, so
that ratios mean something. Panels are drawn here and handed to `speed_did_peers`, which runs with
the interpreter named by --peer (`make bench` makes build/peers). An answer that differs
from another package's by more than 1e-6, without a reason in `speed_did_report.ALLOWED`, is an
error.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.speed_did_report import (
    LONG,
    ROOT,
    SCRIPT,
    Line,
    Permuted,
    disagreements,
    installed,
    page,
)
from benchmarks.speed_its import processor_seconds
from evaluation.did import (
    callaway_santanna,
    event_study,
    gardner,
    imputation,
    poisson_twfe,
    sun_abraham,
    synthetic_control,
    synthetic_did,
    twfe,
)
from evaluation.did.cohorts import Cohorts
from evaluation.did.gaps import Gaps
from evaluation.numeric.panel.synthetic import chosen_importance, predictor_weights, standardized
from evaluation.numeric.shared.draws import normals, stream, uniforms
from evaluation.numeric.shared.permutation import StaticEffects, every_assignment

PAGE = ROOT / "docs/evidence/benchmarks_did.md"
SEED = 20260401
UNITS, MILLION, LENGTH = 5_000, 25_000, 40
# For pyfixest's `did2s`, which makes a dense column of every unit: 8 GB and copies of it at 5,000.
FEWER = 1_000
STARTS, DATE = (10, 15, 20, 25, 30), 20
ENDS = (-6, 10)
# As California and its 38 controls, 1970 to 2000, with 19 years before and 7 predictors.
STATES, YEARS, BEFORE, PREDICTORS = 39, 31, 19, 7
# Cities by months, some treated from one date on: 4,368 assignments.
CITIES, MONTHS, TREATED = 16, 132, 5
LOOPED, LOOPED_OWN = 20, 200
RUNS = 3
# Where another package is given up.
LIMIT = 600
Panel = dict[str, np.ndarray]
Answered = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing timed. panel : its name in `panels`. work : from the panel to the answer."""

    name: str
    what: str
    panel: str
    work: Callable[[Panel], Answered]
    peers: tuple[str, ...]


def panels(units: int = UNITS, million: int = MILLION) -> dict[str, Panel]:
    """Every panel, by name."""
    one = drawn("one", million, starts=(DATE,))
    wide = drawn("million", million)
    kept = uniforms(stream(SEED, "gaps"), wide["y"].size).reshape(wide["y"].shape) < 0.9
    return {
        "staggered": drawn("staggered", units),
        "fewer": drawn("fewer", min(units, FEWER)),
        "adjusted": drawn("adjusted", units, covariate=True),
        "million": wide,
        "gaps": wide | {"kept": kept},
        "one": one | {"date": np.array(DATE), "ends": np.array([-DATE, LENGTH - DATE - 1])},
        "binned": wide | {"ends": np.array(ENDS)},
        "counts": drawn("counts", million, counts=True),
        "states": _states(),
    }


def drawn(
    name: str,
    units: int,
    *,
    starts: Sequence[int] = STARTS,
    covariate: bool = False,
    counts: bool = False,
) -> Panel:
    """y (N, 40), half of the units never treated, effects that grow."""
    source = stream(SEED, name)
    first = np.array(starts, dtype=float)[(uniforms(source, units) * len(starts)).astype(int)]
    first = np.where(uniforms(source, units) < 0.5, np.inf, first)
    x = normals(source, units)
    t = np.arange(LENGTH)
    since = t - first[:, None]
    mean = normals(source, units)[:, None] + 0.02 * t
    mean = mean + np.where(since >= 0, 0.3 + 0.02 * np.clip(since, 0, None), 0)
    if covariate:
        mean = mean + 0.3 * x[:, None] * t / LENGTH
    noise = normals(source, units * LENGTH).reshape(units, LENGTH)
    y = mean + noise
    if counts:
        # Poisson with a log-normal rate, by the inverse of the distribution function.
        from scipy.special import pdtrik

        u = uniforms(source, units * LENGTH).reshape(units, LENGTH)
        y = np.ceil(np.maximum(pdtrik(u, np.exp(0.3 * mean)), 0.0))
    return {"y": y, "first": first} | ({"x": x} if covariate else {})


def _states() -> Panel:
    """A treated state and its controls: random walks, a mean as one of the predictors."""
    source = stream(SEED, "states")
    level = 100 + 20 * normals(source, STATES)[:, None]
    y = level + 3 * normals(source, STATES * YEARS).reshape(STATES, YEARS).cumsum(axis=1)
    y[0] = y[1:].mean(axis=0) + 4 * normals(source, YEARS)
    x = normals(source, STATES * PREDICTORS).reshape(STATES, PREDICTORS)
    x[:, 0] = y[:, :BEFORE].mean(axis=1)
    importance = np.array([0.4, *[0.1] * (PREDICTORS - 1)])
    return {"y": y, "predictors": x, "start": np.array(BEFORE), "importance": importance}


def _cohorts(panel: Panel) -> Cohorts:
    covariates = {"x": panel["x"]} if "x" in panel else None
    return Cohorts.from_arrays(panel["y"], panel["first"], covariates=covariates)


def _headline(method: Callable[[Cohorts], Any]) -> Callable[[Panel], Answered]:
    def work(panel: Panel) -> Answered:
        answer = method(_cohorts(panel))
        return {"estimate": answer.estimate, "std_error": answer.std_error}

    return work


def _at_start(panel: Panel) -> Answered:
    low, high = (int(end) for end in panel["ends"])
    answer = event_study.fit(_cohorts(panel), earliest=low, latest=high)
    at = next(time for time in answer.dynamic if time.time == 0)
    return {"estimate": at.estimate, "std_error": at.std_error}


def _two_way(panel: Panel) -> Answered:
    y = np.where(panel["kept"], panel["y"], np.nan) if "kept" in panel else panel["y"]
    gaps: Gaps = "missing" if "kept" in panel else "refuse"
    answer = twfe.fit(Cohorts.from_arrays(y, panel["first"], gaps=gaps))
    return {"estimate": answer.estimate, "std_error": answer.std_error}


def _counted(panel: Panel) -> Answered:
    cohorts = Cohorts.from_arrays(panel["y"], panel["first"], kind="count")
    answer = poisson_twfe.fit(cohorts, errors="CR1")
    return {"estimate": answer.estimate, "std_error": answer.std_error}


def _weighted(panel: Panel, importance: np.ndarray | None) -> Answered:
    start, y = int(panel["start"]), panel["y"]
    x0, x1 = standardized(panel["predictors"][1:], panel["predictors"][0])
    if importance is None:
        importance = chosen_importance(x0, x1, y[1:, :start], y[0, :start])
    gap = y[0] - predictor_weights(x0, x1, importance) @ y[1:]
    before = float((gap[:start] ** 2).mean())
    return {"estimate": float(gap[start:].mean()), "std_error": None, "before": before}


def _placebos(panel: Panel) -> Answered:
    first = np.where(np.arange(len(panel["y"])) == 0, float(panel["start"]), np.inf)
    # The mean outcome before is the method's own predictor, and the last.
    covariates = {f"x{k}": panel["predictors"][:, k] for k in range(1, PREDICTORS)}
    answer = synthetic_control.fit(
        Cohorts.from_arrays(panel["y"], first, covariates=covariates),
        match="predictors",
        importance=np.roll(panel["importance"], -1).tolist(),
    )
    return {"estimate": answer.estimate, "std_error": answer.std_error}


def _synthetic_did(panel: Panel) -> Answered:
    first = np.where(np.arange(len(panel["y"])) == 0, float(panel["start"]), np.inf)
    answer = synthetic_did.fit(Cohorts.from_arrays(panel["y"], first), variance="placebo")
    return {"estimate": answer.estimate, "std_error": None}


SMALL = f"{UNITS:,} × {LENGTH}"
LARGE = "1,000,000 rows"
CASES = (
    Case(
        "cs",
        f"Callaway-Sant'Anna, {SMALL}",
        "staggered",
        _headline(callaway_santanna.fit),
        ("diff-diff", "csdid", "differences"),
    ),
    Case(
        "cs-x",
        f"the same, doubly robust with a covariate, {SMALL}",
        "adjusted",
        _headline(callaway_santanna.fit),
        ("diff-diff", "csdid", "differences"),
    ),
    Case(
        "cs-million",
        f"Callaway-Sant'Anna, {LARGE}",
        "million",
        _headline(callaway_santanna.fit),
        ("diff-diff", "csdid"),
    ),
    Case(
        "sun", f"Sun-Abraham, {SMALL}", "staggered", _headline(sun_abraham.fit), ("diff-diff",)
    ),
    Case(
        "imputation",
        f"linear imputation, {SMALL}",
        "staggered",
        _headline(imputation.fit),
        ("diff-diff",),
    ),
    Case(
        "imputation-million",
        f"linear imputation, {LARGE}",
        "million",
        _headline(imputation.fit),
        ("diff-diff",),
    ),
    Case(
        "gardner",
        f"Gardner's two stages, {SMALL}",
        "staggered",
        _headline(gardner.fit),
        ("diff-diff",),
    ),
    Case(
        "gardner-fewer",
        f"Gardner's two stages, {FEWER:,} × {LENGTH}",
        "fewer",
        _headline(gardner.fit),
        ("diff-diff", "pyfixest"),
    ),
    Case("twfe", f"two-way effects, one date, {LARGE}", "one", _two_way, ("pyfixest", "diff-diff")),
    Case("gaps", "two-way effects, a tenth of the rows missing", "gaps", _two_way, ("pyfixest",)),
    Case(
        "event", f"event study, one date, {LARGE}", "one", _at_start, ("pyfixest", "diff-diff")
    ),
    Case("binned", f"event study, five dates, ends pooled, {LARGE}", "binned", _at_start,
         ("pyfixest",)),
    Case("poisson", f"Poisson two-way effects, {LARGE}", "counts", _counted, ("pyfixest",)),
    Case(
        "weights",
        "synthetic control, importances given, 39 × 31",
        "states",
        lambda panel: _weighted(panel, panel["importance"]),
        ("pysyncon",),
    ),
    Case(
        "weights-tight",
        "the same, the other's solver told to go on",
        "states",
        lambda panel: _weighted(panel, panel["importance"]),
        ("pysyncon",),
    ),
    Case(
        "importance",
        "synthetic control, importances chosen, 39 × 31",
        "states",
        lambda panel: _weighted(panel, None),
        ("pysyncon",),
    ),
    Case(
        "placebos",
        "synthetic control, importances given, with 38 placebos, 39 × 31",
        "states",
        _placebos,
        ("pysyncon",),
    ),
    Case(
        "placebos-tight",
        "the same with placebos, the other's solver told to go on",
        "states",
        _placebos,
        ("pysyncon",),
    ),
    Case(
        "sdid",
        "synthetic difference-in-differences with placebos, 39 × 31",
        "states",
        _synthetic_did,
        ("diff-diff",),
    ),
)  # fmt: skip


def ours(case: Case, held: Mapping[str, Panel], runs: int = RUNS) -> Line:
    """This package in one case; what it starts with is made before the clock starts."""
    panel = held[case.panel]
    answer: Answered = {}

    def work() -> None:
        answer.update(case.work(panel))

    return Line(case.name, "evaluation", seconds=processor_seconds(work, runs), answer=answer)


def peer(python: str, case: str, package: str, path: Path, runs: int = RUNS) -> Line:
    """Another package in one case, in its own process on one thread."""
    first = _asked(python, f"{case}:{package}", path, 1)
    if runs > 1 and not first.fault and first.seconds < LONG:
        return _asked(python, f"{case}:{package}", path, runs)
    return first


def _asked(python: str, name: str, path: Path, runs: int) -> Line:
    case, package = name.split(":")
    # One thread, whichever library would make more.
    pools = ("OMP", "OPENBLAS", "MKL", "NUMBA", "RAYON")
    alone = {f"{pool}_NUM_THREADS": "1" for pool in pools} | {"POLARS_MAX_THREADS": "1"}
    try:
        done = subprocess.run(
            [python, str(SCRIPT), name, str(path), str(runs)],
            env=os.environ | alone,
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT,
        )
    except subprocess.TimeoutExpired:
        return Line(case, package, fault=f"not done after {LIMIT} seconds")
    said = done.stdout.strip().splitlines()
    if done.returncode < 0:
        return Line(case, package, fault=f"ended by signal {-done.returncode}, as for memory")
    if done.returncode or not said:
        last = done.stderr.strip().splitlines()
        return Line(case, package, fault=last[-1] if last else "no output")
    found = json.loads(said[-1])
    if "fault" in found:
        return Line(case, package, fault=str(found["fault"]))
    version, seconds = str(found.pop("version")), float(found.pop("seconds"))
    return Line(case, package, version, seconds, found)


def permuted(python: str | None, folder: Path, runs: int = RUNS, looped: int = LOOPED) -> Permuted:
    """The exact permutation of treatment among cities, beside loops that refit."""
    y = normals(stream(SEED, "cities"), CITIES * MONTHS).reshape(CITIES, MONTHS)
    first = np.where(np.arange(CITIES) < TREATED, MONTHS // 2, MONTHS)
    every = every_assignment(first)
    effects = StaticEffects(y).effects(every)
    whole = processor_seconds(lambda: StaticEffects(y).effects(every_assignment(first)), runs)
    kept: list[float] = []

    def linearmodels() -> None:
        import pandas as pd
        from linearmodels import PanelOLS

        index = pd.MultiIndex.from_product([range(CITIES), range(MONTHS)])
        outcome = pd.Series(y.ravel(), index, name="y")
        kept.clear()
        for start in every[:looped]:
            flag = (np.arange(MONTHS) >= start[:, None]).ravel() * 1.0
            column = pd.DataFrame({"treated": flag}, index=index)
            model = PanelOLS(outcome, column, entity_effects=True, time_effects=True)
            kept.append(float(model.fit().params["treated"]))

    refits = {"linearmodels `PanelOLS`": processor_seconds(linearmodels, runs) / looped}
    largest = float(np.abs(np.array(kept) - effects[:looped]).max())

    def own() -> None:
        for start in every[:LOOPED_OWN]:
            # Above `twfe.BY_LIBRARY` rows: by our kernel.
            twfe.fit(Cohorts.from_arrays(y, start))

    refits["this package's own `twfe.fit`"] = processor_seconds(own, runs) / LOOPED_OWN
    if python:
        path = folder / "cities.npz"
        never = np.where(first == MONTHS, np.inf, first)
        np.savez(path, y=y, first=never, assigned=every[:looped])
        line = _asked(python, "loop:pyfixest", path, runs)
        if not line.fault:
            refits[f"pyfixest {line.version} `feols`"] = line.seconds / looped
            their = np.array((line.answer or {})["all"])
            largest = max(largest, float(np.abs(their - effects[:looped]).max()))
    return Permuted(
        len(every),
        whole / len(every),
        refits,
        largest,
        f"Treatment of {TREATED} of {CITIES} cities over {MONTHS} months",
        f"{looped} assignments ({LOOPED_OWN} of our own)",
    )


def measured(
    python: str | None, folder: Path, *, units: int = UNITS, million: int = MILLION,
    runs: int = RUNS,
) -> list[Line]:  # fmt: skip
    """Every line, this package's first in each case."""
    held = panels(units, million)
    paths = {name: folder / f"{name}.npz" for name in held}
    for name, panel in held.items():
        np.savez(paths[name], **panel)
    lines = []
    for case in CASES:
        lines.append(ours(case, held, runs))
        for package in case.peers if python else ():
            lines.append(peer(str(python), case.name, package, paths[case.panel], runs))
            print(lines[-1], flush=True)
    return lines


def main(argv: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", help="Python of an environment with the other packages")
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--small", action="store_true", help="few units, to see that it works")
    asked = parser.parse_args(argv)
    sizes = {"units": 300, "million": 500, "runs": 1} if asked.small else {}
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = measured(asked.peer, folder, **sizes)
        shuffled = permuted(asked.peer, folder)
    names = {case.name: case.what for case in CASES}
    text = page(lines, shuffled, installed(asked.peer) if asked.peer else {}, names)
    asked.page.write_text(text, encoding="utf-8")
    print(text, f"{time.monotonic() - begin:.0f} seconds")
    # With few units the factors for few clusters of two packages differ by more.
    if not asked.small and (wrong := disagreements(lines)):
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main()
