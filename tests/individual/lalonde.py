"""The data of LaLonde (1986) as Dehejia and Wahba (1999) use them: the treated of the experiment,
and people of the Current Population Survey who were not in it.

From the package `causaldata`, which the project does not need: `pip install causaldata`, or put the
folder that holds it on the path. The tests that use them skip without it.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.individual.people import People

COLUMNS = ("age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75")


def table(name: str) -> pd.DataFrame:
    """nsw_mixtape (the experiment) or cps_mixtape."""
    found = find_spec("causaldata")
    if found is None or found.origin is None:
        pytest.skip("the package causaldata is not there")
    return pd.read_stata(Path(found.origin).parent / name / f"{name}.dta")


def experiment() -> People:
    """185 treated beside 260 by lot."""
    return _people(table("nsw_mixtape"))


def beside_survey() -> People:
    """The same 185 beside 15,992 of the survey."""
    nsw = table("nsw_mixtape")
    return _people(pd.concat([nsw[nsw.treat == 1], table("cps_mixtape")]))


def _people(rows: pd.DataFrame) -> People:
    """With the terms of Dehejia and Wahba (1999) for this comparison group: squares of age,
    education and earnings, the cube of age, no earnings, education by earnings of 1974."""
    x = {name: rows[name].to_numpy(float) for name in COLUMNS}
    for name in ("re74", "re75"):
        x[name] = x[name] / 1000
    x["age2"], x["age3"] = x["age"] ** 2, x["age"] ** 3
    x["educ2"] = x["educ"] ** 2
    x["u74"], x["u75"] = (x["re74"] == 0).astype(float), (x["re75"] == 0).astype(float)
    x["educ_re74"] = x["educ"] * x["re74"]
    return People.from_arrays(
        rows["treat"].to_numpy(float),
        covariates=x,
        outcomes={"earnings": np.asarray(rows["re78"], dtype=float)},
    )
