"""Writes staggered.csv (an invented panel) and staggered.json (what other packages say of it).

Run by hand, with the packages in an environment of their own, never in the tests:

    with csdid 0.4.3 (numpy 2.4, pandas 3.1):     python tests/reference/staggered.py
    with pyfixest 0.60.0:                         python tests/reference/staggered.py two-way

csdid gives the numbers of the R package did (group-time effects and their averages, analytic
errors). pyfixest gives the two-way regressions, errors CRV1; the averages of Sun and Abraham are
made here from its saturated regression, with the numbers of cells as weights.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COHORTS = (3, 5, 6)
PERIODS = 7


def write_panel() -> None:
    """90 units in 30 clusters over 7 periods; earlier treatment is likelier for a large x."""
    import numpy as np

    rng = np.random.default_rng(20240305)
    n = 90
    x = np.round(rng.normal(size=n), 3)
    cluster = np.arange(n) // 3
    lean = rng.uniform(size=n) - 0.08 * x
    first = np.select([lean < 0.2, lean < 0.4, lean < 0.6], COHORTS, 0)
    unit = rng.normal(size=n) + 0.5 * x
    time = np.arange(PERIODS)
    y = unit[:, None] + 0.1 * time + 0.15 * time * x[:, None]
    y += 0.6 * rng.normal(size=(n, PERIODS)) + 0.3 * rng.normal(size=(30, PERIODS))[cluster]
    since = time + 1 - first[:, None]
    y += np.where((first[:, None] > 0) & (since >= 0), 0.3 + 0.1 * since, 0)
    weight = np.round(0.5 + rng.uniform(size=n), 2)
    with (HERE / "staggered.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(["cluster", "weight", "x", "first", *(f"y{t + 1}" for t in time)])
        for i in range(n):
            rows.writerow([cluster[i], weight[i], x[i], first[i], *np.round(y[i], 3)])


def long_table() -> Any:
    import numpy as np
    import pandas as pd

    wide = pd.read_csv(HERE / "staggered.csv")
    n = len(wide)
    each = {name: np.repeat(wide[name].to_numpy(), PERIODS) for name in wide.columns[:4]}
    return pd.DataFrame(
        {
            **each,
            "unit": np.repeat(np.arange(n) + 1, PERIODS),
            "t": np.tile(np.arange(PERIODS) + 1, n),
            "y": wide.filter(regex=r"^y\d").to_numpy().ravel(),
        }
    )


def callaway_santanna(table: Any) -> list[dict[str, Any]]:
    import numpy as np
    from csdid.att_gt import ATTgt

    found = []
    cases = [
        (controls, base, anticipation, None, "dr", None)
        for controls in ("nevertreated", "notyettreated")
        for base in ("varying", "universal")
        for anticipation in (0, 1)
    ]
    cases += [
        (controls, "varying", 0, "y ~ x", adjust, weight)
        for controls in ("nevertreated", "notyettreated")
        for adjust in ("dr", "reg", "ipw")
        for weight in (None, "weight")
    ]
    cases.append(("treated only", "varying", 0, None, "dr", None))
    for controls, base, anticipation, formula, adjust, weight in cases:
        rows, group = table, controls
        if controls == "treated only":
            rows, group = table[table["first"] > 0], "notyettreated"
        with contextlib.redirect_stdout(io.StringIO()):
            fitted = ATTgt(
                yname="y",
                gname="first",
                idname="unit",
                tname="t",
                xformla=formula,
                data=rows,
                control_group=group,
                anticipation=anticipation,
                weights_name=weight,
            ).fit(est_method=adjust, base_period=base, bstrap=False)
        averages = {}
        for kind in ("simple", "group", "dynamic", "calendar"):
            with contextlib.redirect_stdout(io.StringIO()):
                said = fitted.aggte(typec=kind, bstrap=False, cband=False).atte
            parts = []
            if said["att_egt"] is not None:
                errors = np.ravel(said["se_egt"]).tolist()
                parts = [
                    [int(float(at)), float(value), error if np.isfinite(error) else 0.0]
                    for at, value, error in zip(said["egt"], said["att_egt"], errors, strict=True)
                ]
            averages[kind] = {
                "estimate": float(np.ravel(said["overall_att"])[0]),
                "std_error": float(np.ravel(said["overall_se"])[0]),
                "parts": parts,
            }
        found.append(
            {
                "controls": controls,
                "base": base,
                "anticipation": anticipation,
                "covariate": formula is not None,
                "adjust": adjust,
                "weighted": weight is not None,
                "averages": averages,
            }
        )
    return found


def two_way(table: Any) -> list[dict[str, Any]]:
    import numpy as np
    import pyfixest

    found = []
    for cluster in ("unit", "cluster"):
        for weight in (None, "weight"):
            case: dict[str, Any] = {"cluster": cluster, "weighted": weight is not None}
            for name, ends in (("event study", (-99, 99)), ("binned", (-3, 2))):
                rows = table.assign(
                    event=np.where(
                        table["first"] > 0, np.clip(table["t"] - table["first"], *ends), -1
                    )
                )
                model = pyfixest.feols(
                    "y ~ i(event, ref=-1) | unit + t", rows, vcov={"CRV1": cluster}, weights=weight
                )
                case[name] = [model.coef().tolist(), model.se().tolist()]
            case["saturated"] = saturated(table, cluster, weight)
            found.append(case)
    return found


def saturated(table: Any, cluster: str, weight: str | None) -> list[list[float]]:
    """[event time, estimate, error], the first row (None) the mean over treated cells."""
    import numpy as np
    import pyfixest

    rows, names = table.copy(), []
    for cohort in COHORTS:
        for event in range(1 - cohort, PERIODS + 1 - cohort):
            if event != -1:
                name = f"d{len(names)}"
                rows[name] = (
                    (rows["first"] == cohort) & (rows["t"] - rows["first"] == event)
                ).astype(float)
                names.append((name, event))
    model = pyfixest.feols(
        "y ~ " + " + ".join(name for name, _ in names) + " | unit + t",
        rows,
        vcov={"CRV1": cluster},
        weights=weight,
    )
    size = np.array(
        [(rows[name] * (1 if weight is None else rows[weight])).sum() for name, _ in names]
    )
    events = np.array([event for _, event in names])
    found = []
    for event in [None, *sorted(set(events.tolist()))]:
        share = size * (events >= 0 if event is None else events == event)
        share = share / share.sum()
        error = float(np.sqrt(share @ model._vcov @ share))
        found.append([event, float(share @ model.coef().to_numpy()), error])
    return found


def main() -> None:
    write_panel()
    table = long_table()
    said = {"csdid 0.4.3": callaway_santanna(table)}
    path = HERE / "staggered.json"
    path.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def main_two_way() -> None:
    """For an environment of its own: pyfixest and csdid ask for different versions."""
    path = HERE / "staggered.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    said["pyfixest 0.60.0"] = two_way(long_table())
    path.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    import sys

    main_two_way() if sys.argv[1:] == ["two-way"] else main()
