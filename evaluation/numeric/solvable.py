"""Faults of arithmetic are faults of the data, and are told as such."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from evaluation.errors import FitError


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
            f"{what} cannot be estimated from these numbers ({fault}): something does not vary, or "
            "values are too large or too small; leave it out, or bring them to another unit"
        ) from fault
