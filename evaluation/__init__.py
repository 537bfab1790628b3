"""Does Ceasefire work? Interrupted time series and difference-in-differences, from plan to report.

In a notebook::

    import evaluation
    study = evaluation.load("boston")       # what `ceasefire run boston` found
    from evaluation import its              # the estimators themselves
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from evaluation.study.evidence import Evidence

__version__ = "0.1.0"


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
