"""Times that differ by rounding alone are one time.

Faults of arithmetic are faults of the data, and are told as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact

# R's survival (timefix, aeqSurv) takes times as tied within this, and so within this share of their
# mean size: the root of the machine epsilon.
TOLERANCE = float(np.sqrt(np.finfo(float).eps))


def grouped(*times: Sequence[float] | np.ndarray) -> tuple[np.ndarray, ...]:
    """The same arrays, each time the least of those that it is tied with in any of them.

    2.1 - 1.0 and 1.1 are not equal as floats, so that people who had an event on one day would be
    taken as one after the other. The rule is that of `aeqSurv` in R's survival.

    Parameters
    ----------
    times : (n,) each; infinite ones stay as they are.

    Examples
    --------
    >>> grouped(np.array([1.1, 2.1 - 1.0, 3.0]))[0].tolist()
    [1.1, 1.1, 3.0]
    """
    arrays = tuple(np.asarray(one, dtype=float) for one in times)
    every = np.unique(np.concatenate(arrays))
    every = every[np.isfinite(every)]
    if len(every) < 2:
        return arrays
    steps = np.diff(every)
    tied = (steps <= TOLERANCE) | (steps <= TOLERANCE * np.abs(every).mean())
    if not tied.any():
        return arrays
    kept = every[np.concatenate([[True], ~tied])]
    return tuple(
        np.where(np.isfinite(one), kept[np.searchsorted(kept, one, "right") - 1], one)
        for one in arrays
    )


def tied(time: np.ndarray, start: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
    """Times of leaving, and of entering where they are given, grouped together."""
    if start is None:
        return grouped(time)[0], None
    time, start = grouped(time, start)
    return time, start


@contextmanager
def solvable(what: str) -> Iterator[None]:
    """A place where numbers that cannot be solved are the data's fault, and are said to be.

    Raises
    ------
    FitError : in place of numpy's and Python's own faults of arithmetic.
    """
    try:
        with np.errstate(all="ignore"):
            yield
    except (np.linalg.LinAlgError, ArithmeticError) as fault:
        raise FitError(
            fact("numeric.solvable.cannot-be-estimated-from-these", what=what, fault=fault)
        ) from fault
