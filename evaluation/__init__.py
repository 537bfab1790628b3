"""Does Ceasefire work? Interrupted time series and difference-in-differences, from plan to report.

In a notebook::

    import evaluation
    study = evaluation.load("boston")       # what `ceasefire run boston` found

    from evaluation import its              # or an answer from a table of one's own
    fit = its.fit(evaluation.example("boston"), outcome="homicides", time="month", start="1996-06")
    fit.summary()
    evaluation.table([fit])

python.md (`ceasefire help python`) has all four designs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Any

    import pandas as pd

    from evaluation.fitted import Fit
    from evaluation.fitted.compared import Form
    from evaluation.study.evidence import Evidence

__all__ = ["example", "load", "table"]
__version__ = VERSION


def example(name: str) -> pd.DataFrame:
    """A table that comes with the package, to try a fit on.

    Parameters
    ----------
    name : "boston" and "oakland" for `its`, "california" and "groups" for `did`, "participants" for
        `individual`, "survey" for `survey`; see `evaluation.data.example`.

    Raises
    ------
    DataError : for another name.
    """
    from evaluation.data.example import example

    return example(name)


def load(slug: str, root: str | Path | None = None) -> Evidence:
    """The committed evidence of one analysis, as `ceasefire run` wrote it.

    Parameters
    ----------
    slug : folder name under `analyses/` and `reports/`.
    root : the project folder; None looks upward from the working folder.

    Raises
    ------
    DataError : when there is no such analysis or its results were not made yet.
    """
    from evaluation.study.evidence import load_evidence

    return load_evidence(slug, root)


def table(
    fits: Sequence[Fit] | Mapping[str, Fit], *, terms: Sequence[str] = (), form: Form = "auto"
) -> Any:
    """Several fits side by side: a table of great-tables where it is installed, else of pandas.

    Parameters
    ----------
    fits : what `its.fit` and the like returned, in order or by name. terms : coefficients that have
        rows of their own. form : "great-tables", "frame" or "auto".

    Raises
    ------
    FitError, EnvironmentFault : as `evaluation.fitted.table`.
    """
    from evaluation.fitted import table

    return table(fits, terms=terms, form=form)
