"""One other package timed on one panel; run by `speed_did` in an environment of its own.

    python benchmarks/speed_did_peers.py <case> <panel.npz> <runs>
    python benchmarks/speed_did_peers.py sizes <packages> 0

Nothing of this project is imported. Frames are made before the clock starts. The answer is one line
of JSON: processor seconds (the least of the runs, so that compiling is not counted), the estimate,
its standard error, and the version.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import io
import json
import resource
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

Panel = dict[str, np.ndarray]
# What is timed, and how the estimate and its standard error are read from it.
Work = tuple[Callable[[], Any], Callable[[Any], dict[str, Any]]]


def frame(panel: Panel, *, never: float) -> pd.DataFrame:
    """A row a unit and period; `first` counts periods from 1."""
    y = panel["y"]
    n, length = y.shape
    first = np.where(np.isfinite(panel["first"]), panel["first"] + 1, never)
    table = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(1, n + 1), length),
            "period": np.tile(np.arange(1, length + 1), n),
            "y": y.ravel(),
            "first": np.repeat(first, length),
            "ever": np.repeat(np.isfinite(panel["first"]) * 1, length),
        }
    )
    table["treated"] = (table["period"] >= table["first"].where(table["first"] > 0, np.inf)) * 1
    if "x" in panel:
        table["x"] = np.repeat(panel["x"], length)
    return table


def _both(estimate: Any, error: Any) -> dict[str, Any]:
    return {"estimate": float(estimate), "std_error": float(error)}


def _cs_diff_diff(panel: Panel) -> Work:
    more = {"covariates": ["x"]} if "x" in panel else {}
    return _staggered_diff_diff(panel, "CallawaySantAnna", **more)


def _cs_csdid(panel: Panel) -> Work:
    from csdid.att_gt import ATTgt

    table = frame(panel, never=0)
    adjust = {"xformla": "y~x"} if "x" in panel else {}

    def work() -> Any:
        found = ATTgt(
            yname="y",
            tname="period",
            idname="unit",
            gname="first",
            data=table,
            control_group=["nevertreated"],
            **adjust,
        ).fit(bstrap=False)
        found.aggte("dynamic", bstrap=False, cband=False)
        return found.aggte("simple", bstrap=False, cband=False)

    def read(found: Any) -> dict[str, Any]:
        averaged = found.atte if hasattr(found, "atte") else found
        return _both(averaged["overall_att"], averaged["overall_se"])

    return work, read


def _cs_differences(panel: Panel) -> Work:
    from differences import ATTgt

    table = frame(panel, never=np.nan).set_index(["unit", "period"])
    formula, method = ("y ~ x", "dr") if "x" in panel else ("y", "reg")

    def work() -> Any:
        found = ATTgt(data=table, cohort_column="first")
        result = found.fit(formula, est_method=method, progress_bar=False)
        after = result if hasattr(result, "aggregate") else found
        after.aggregate("event")
        return after.aggregate("simple")

    def read(found: Any) -> dict[str, Any]:
        found = found if isinstance(found, pd.DataFrame) else found.to_frame()
        values = {str(key[-1] if isinstance(key, tuple) else key): key for key in found.columns}
        return _both(found[values["ATT"]].iloc[0], found[values["std_error"]].iloc[0])

    return work, read


def _regression(panel: Panel) -> pd.DataFrame:
    table = frame(panel, never=0)
    return table[panel["kept"].ravel()] if "kept" in panel else table


def _twfe_pyfixest(panel: Panel) -> Work:
    import pyfixest as pf

    table = _regression(panel)
    return (
        lambda: pf.feols("y ~ treated | unit + period", table, vcov={"CRV1": "unit"}),
        lambda found: _both(found.coef()["treated"], found.se()["treated"]),
    )


def _twfe_diff_diff(panel: Panel) -> Work:
    """For one date of treatment: the effect is the product of two flags."""
    from diff_diff import TwoWayFixedEffects

    table = _regression(panel)
    table["after"] = (table["period"] > panel["date"]) * 1
    model = TwoWayFixedEffects(cluster="unit")

    def work() -> Any:
        return model.fit(table, outcome="y", treatment="ever", post="after", unit="unit")

    return work, lambda found: _both(found.att, found.se)


def _event_diff_diff(panel: Panel) -> Work:
    from diff_diff import TwoWayFixedEffects

    table, date = _regression(panel), int(panel["date"])
    model = TwoWayFixedEffects(cluster="unit")

    def work() -> Any:
        return model.fit(
            table,
            outcome="y",
            treatment="ever",
            unit="unit",
            time="period",
            event_study=True,
            reference_period=date,
            post_periods=list(range(date + 1, panel["y"].shape[1] + 1)),
        )

    def read(found: Any) -> dict[str, Any]:
        shown = found.to_dataframe().set_index("event_time")
        return _both(shown.loc[date + 1, "att"], shown.loc[date + 1, "se"])

    return work, read


def _event_pyfixest(panel: Panel) -> Work:
    import pyfixest as pf

    table = _regression(panel)
    # Never treated units stand with the reference period, as in the other package.
    event = np.where(table["first"] > 0, table["period"] - table["first"], -1)
    table["event"] = np.clip(event, *panel["ends"]).astype(int)

    def read(found: Any) -> dict[str, Any]:
        name = next(name for name in found.coef().index if name.endswith("::0"))
        return _both(found.coef()[name], found.se()[name])

    return (
        lambda: pf.feols("y ~ i(event, ref=-1) | unit + period", table, vcov={"CRV1": "unit"}),
        read,
    )


def _poisson_pyfixest(panel: Panel) -> Work:
    import pyfixest as pf

    table = _regression(panel)
    # With its own tolerances the standard error is right to four digits.
    tight = {"fixef_tol": 1e-10, "iwls_tol": 1e-12}
    return (
        lambda: pf.fepois("y ~ treated | unit + period", table, vcov={"CRV1": "unit"}, **tight),
        lambda found: _both(found.coef()["treated"], found.se()["treated"]),
    )


def _staggered_diff_diff(panel: Panel, name: str, **more: Any) -> Work:
    """One of its estimators of staggered designs, with effects by event time."""
    import diff_diff

    table = frame(panel, never=0).astype({"first": int})
    names = {"outcome": "y", "unit": "unit", "time": "period", "first_treat": "first"}

    def work() -> Any:
        found = getattr(diff_diff, name)().fit(table, **names, **more)
        # Sun and Abraham's are by event time as they come.
        return found, name == "SunAbraham" or found.aggregate("event_study")

    return work, lambda pair: _both(pair[0].att, pair[0].se)


def _imputation_diff_diff(panel: Panel) -> Work:
    return _staggered_diff_diff(panel, "ImputationDiD")


def _gardner_diff_diff(panel: Panel) -> Work:
    return _staggered_diff_diff(panel, "TwoStageDiD")


def _sun_diff_diff(panel: Panel) -> Work:
    return _staggered_diff_diff(panel, "SunAbraham")


def _gardner_pyfixest(panel: Panel) -> Work:
    from pyfixest import did2s

    table = _regression(panel)
    table["treated"] = table["treated"].astype(bool)

    def work() -> Any:
        return did2s(
            table,
            yname="y",
            first_stage="~ 0 | unit + period",
            second_stage="~ i(treated, ref=False)",
            treatment="treated",
            cluster="unit",
        )

    return work, lambda found: _both(found.coef().iloc[-1], found.se().iloc[-1])


def _synthetic(panel: Panel) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame, pd.Series]:
    """Predictors and outcomes before: controls, treated."""
    columns = [f"unit {i}" for i in range(len(panel["y"]))]
    x = pd.DataFrame(panel["predictors"].T, columns=columns)
    z = pd.DataFrame(panel["y"][:, : int(panel["start"])].T, columns=columns)
    return x[columns[1:]], x[columns[0]], z[columns[1:]], z[columns[0]]


def _effect(panel: Panel, weights: np.ndarray) -> dict[str, Any]:
    start = int(panel["start"])
    gap = panel["y"][0] - np.asarray(weights) @ panel["y"][1:]
    return {
        "estimate": float(gap[start:].mean()),
        "std_error": None,
        "before": float((gap[:start] ** 2).mean()),
    }


def _weights_pysyncon(panel: Panel) -> Work:
    from pysyncon import Synth

    x0, x1, z0, z1 = _synthetic(panel)

    def work() -> Any:
        model = Synth()
        model.fit(X0=x0, X1=x1, Z0=z0, Z1=z1, custom_V=panel["importance"])
        return model.W

    return work, lambda weights: _effect(panel, weights)


def _tight_pysyncon(panel: Panel) -> Work:
    """The same problem with its solver told to go on to the minimum."""
    from pysyncon import Synth

    x0, x1, _, _ = _synthetic(panel)
    spread = pd.concat([x0, x1], axis=1).std(axis=1)
    a, b = x0.div(spread, axis=0).to_numpy(), (x1 / spread).to_numpy()
    v = np.diag(panel["importance"])

    def work() -> Any:
        return Synth.w_optimize(v, a, b, qp_options={"maxiter": 10_000, "ftol": 1e-16})[0]

    return work, lambda weights: _effect(panel, weights)


def _chosen_pysyncon(panel: Panel) -> Work:
    from pysyncon import Synth

    x0, x1, z0, z1 = _synthetic(panel)

    def work() -> Any:
        model = Synth()
        model.fit(X0=x0, X1=x1, Z0=z0, Z1=z1)
        return model.W

    return work, lambda weights: _effect(panel, weights)


def _placebos_pysyncon(panel: Panel) -> Work:
    """Its placebo test, importances given."""
    from pysyncon import Synth
    from pysyncon.utils import PlaceboTest

    prepared, given = _prepared(panel), {"custom_V": panel["importance"]}

    def work() -> Any:
        test = PlaceboTest()
        test.fit(prepared, Synth(), scm_options=given, max_workers=1, verbose=False)
        return test.gaps, test.treated_gap

    return work, lambda gaps: _gaps(panel, *gaps)


def _placebos_tight_pysyncon(panel: Panel) -> Work:
    """The same with its solver told to go on, in this process: the test takes no such option."""
    from pysyncon import Synth
    from pysyncon.utils import PlaceboTest

    class Told(Synth):
        @staticmethod
        def w_optimize(V_mat: Any, X0: Any, X1: Any, **given: Any) -> Any:
            given["qp_options"] = {"maxiter": 10_000, "ftol": 1e-16}
            return Synth.w_optimize(V_mat, X0, X1, **given)

    prepared, given = _prepared(panel), {"custom_V": panel["importance"]}

    def gap(treated: int, controls: list[int]) -> Any:
        one = copy.copy(prepared)
        one.treatment_identifier, one.controls_identifier = treated, controls
        return PlaceboTest._single_placebo(one, Told(), given)[1]

    def work() -> Any:
        controls = prepared.controls_identifier
        gaps = [gap(*pair) for pair in PlaceboTest.placebo_iter(controls)]
        return pd.concat(gaps, axis=1), gap(1, controls)

    return work, lambda gaps: _gaps(panel, *gaps)


def _gaps(panel: Panel, placebos: pd.DataFrame, treated: pd.Series) -> dict[str, Any]:
    """The mean gap, and the spread of the placebos' where other cases have a standard error."""
    after = int(panel["start"]) + 1
    return _both(treated.loc[after:].mean(), placebos.loc[after:].mean().std(ddof=0))


def _prepared(panel: Panel) -> Any:
    from pysyncon import Dataprep

    start, length = int(panel["start"]), panel["y"].shape[1]
    table = frame({"y": panel["y"], "first": np.full(len(panel["y"]), np.inf)}, never=0)
    # The first predictor is the mean outcome before, which it computes from `y`.
    names = [f"x{k}" for k in range(1, panel["predictors"].shape[1])]
    for k, name in enumerate(names, start=1):
        table[name] = np.repeat(panel["predictors"][:, k], length)
    before = range(1, start + 1)
    return Dataprep(
        foo=table,
        predictors=["y", *names],
        predictors_op="mean",
        dependent="y",
        unit_variable="unit",
        time_variable="period",
        treatment_identifier=1,
        controls_identifier=list(range(2, len(panel["y"]) + 1)),
        time_predictors_prior=before,
        time_optimize_ssr=before,
    )


def _synthetic_did_diff_diff(panel: Panel) -> Work:
    from diff_diff import SyntheticDiD

    start, (n, length) = int(panel["start"]), panel["y"].shape
    first = np.where(np.arange(n) == 0, float(start), np.inf)
    table = frame({"y": panel["y"], "first": first}, never=0)

    def work() -> Any:
        return SyntheticDiD(n_bootstrap=n - 1, seed=1).fit(
            table,
            outcome="y",
            treatment="ever",
            unit="unit",
            time="period",
            post_periods=list(range(start + 1, length + 1)),
        )

    # Its placebos are drawn, so standard errors are not compared.
    return work, lambda found: {"estimate": float(found.att), "std_error": None}


def _loop_pyfixest(panel: Panel) -> Work:
    """One refit for each assignment that is handed over."""
    import pyfixest as pf

    table = _regression(panel)
    flags = panel["assigned"]
    length = panel["y"].shape[1]

    def work() -> Any:
        found = []
        for first in flags:
            table["treated"] = (np.arange(length) >= first[:, None]).ravel() * 1
            fitted = pf.feols("y ~ treated | unit + period", table, vcov="iid")
            found.append(float(fitted.coef()["treated"]))
        return found

    return work, lambda found: {"estimate": found[0], "std_error": None, "all": found}


CASES: dict[str, Callable[[Panel], Work]] = {
    "cs:diff-diff": _cs_diff_diff,
    "cs:csdid": _cs_csdid,
    "cs:differences": _cs_differences,
    "cs-x:diff-diff": _cs_diff_diff,
    "cs-x:csdid": _cs_csdid,
    "cs-x:differences": _cs_differences,
    "sun:diff-diff": _sun_diff_diff,
    "imputation:diff-diff": _imputation_diff_diff,
    "gardner:diff-diff": _gardner_diff_diff,
    "gardner-fewer:diff-diff": _gardner_diff_diff,
    "gardner-fewer:pyfixest": _gardner_pyfixest,
    "cs-million:diff-diff": _cs_diff_diff,
    "cs-million:csdid": _cs_csdid,
    "imputation-million:diff-diff": _imputation_diff_diff,
    "twfe:pyfixest": _twfe_pyfixest,
    "twfe:diff-diff": _twfe_diff_diff,
    "gaps:pyfixest": _twfe_pyfixest,
    "event:diff-diff": _event_diff_diff,
    "event:pyfixest": _event_pyfixest,
    "binned:pyfixest": _event_pyfixest,
    "poisson:pyfixest": _poisson_pyfixest,
    "weights:pysyncon": _weights_pysyncon,
    "weights-tight:pysyncon": _tight_pysyncon,
    "importance:pysyncon": _chosen_pysyncon,
    "placebos:pysyncon": _placebos_pysyncon,
    "placebos-tight:pysyncon": _placebos_tight_pysyncon,
    "sdid:diff-diff": _synthetic_did_diff_diff,
    "loop:pyfixest": _loop_pyfixest,
}


def sizes(packages: str) -> dict[str, int]:
    """Bytes of every installed distribution that these (names with commas) need, by name."""
    from packaging.requirements import Requirement

    found: dict[str, int] = {}
    waiting = packages.split(",")
    while waiting:
        name = waiting.pop().lower().replace("_", "-").replace(".", "-")
        if name in found:
            continue
        try:
            held = distribution(name)
        except PackageNotFoundError:
            # Behind a marker that does not hold here.
            continue
        files = [held.locate_file(file) for file in held.files or ()]
        found[name] = sum(file.stat().st_size for file in map(Path, files) if file.is_file())
        for text in held.requires or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(needed.name)
    return found


def processor_time() -> float:
    """Seconds of this process and of those that it started and that have ended."""
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def main(case: str, path: str, runs: str) -> None:
    warnings.filterwarnings("ignore")
    if case == "sizes":
        print(json.dumps(sizes(path)))
        return
    with np.load(path) as stored:
        panel = {name: stored[name] for name in stored.files}
    package = case.split(":")[1]
    try:
        importlib.import_module(package.replace("-", "_"))
        with contextlib.redirect_stdout(io.StringIO()):
            work, read = CASES[case](panel)
            taken = []
            for _ in range(int(runs)):
                begin = processor_time()
                found = work()
                taken.append(processor_time() - begin)
            answer = read(found)
    except Exception as fault:
        # A page with a reason is wanted, whatever the other package runs into.
        print(json.dumps({"fault": f"{type(fault).__name__}: {fault}"}))
        return
    print(json.dumps({"seconds": min(taken), "version": version(package), **answer}))


if __name__ == "__main__":
    main(*sys.argv[1:])
