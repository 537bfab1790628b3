"""Tables that come with the package, to try a fit on."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError
from evaluation.fact import fact

if TYPE_CHECKING:
    import pandas as pd

# Of each example, the file of the repository that it is; a wheel holds it as `example/<name>.csv`.
EXAMPLES = {
    "boston": "data/public/boston_homicide.csv",
    "oakland": "data/public/oakland_ucr.csv",
    "california": "data/public/california_ucr.csv",
    "groups": "data/synthetic/group_quarter.csv",
    "participants": "data/synthetic/participants.csv",
    "survey": "data/synthetic/survey.csv",
}
# The cities of the first are beside that of the second, which has a table of its own.
BESIDE = ("california", "oakland")


def example(name: str) -> pd.DataFrame:
    """A table to try a fit on.

    Parameters
    ----------
    name : "boston" (youth homicides by month 1992 to 1998, Ceasefire from 1996-06) and "oakland"
        (crimes by month 2005 to 2020, Ceasefire from 2012-10), for `its`; "california" (the same of
        Oakland and 15 other cities from 2007 on) and "groups" (invented shootings by quarter and
        group, with the quarter from which each was called in), for `did`; "participants" (invented
        people) for `individual`; "survey" (invented residents, asked twice) for `survey`. Sources
        are in the descriptions beside the files, in data/ of the repository.

    Raises
    ------
    DataError : for another name.
    """
    import pandas as pd

    if name not in EXAMPLES:
        hint = did_you_mean(str(name), list(EXAMPLES))
        raise DataError(fact("frames.no-example", name=repr(name), hint=hint))
    with _file(name).open("r", encoding="utf-8") as file:
        found = pd.read_csv(file)
    if name != BESIDE[0]:
        return found
    one = example(BESIDE[1])
    one = one[one["month"].between(found["month"].min(), found["month"].max())]
    return pd.concat([found, one], join="inner", ignore_index=True)


def _file(name: str) -> Any:
    inside: Any = resources.files("evaluation.data").joinpath("example", f"{name}.csv")
    if inside.is_file():
        return inside
    # Not installed from a wheel: the repository holds each file once.
    return Path(__file__).parents[2] / EXAMPLES[name]
