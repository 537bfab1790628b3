"""Answers that are kept while a study runs: what is asked of one series twice is solved once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields
from functools import partial
from hashlib import blake2b
from typing import Any, TypeVar

import numpy as np

from evaluation.its.series import Series

Answer = TypeVar("Answer")

_KEPT: ContextVar[dict[object, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def fits_kept() -> Iterator[None]:
    """Within it `kept` remembers; what it remembers goes when it ends."""
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def kept(solve: Callable[[Series], Answer], series: Series) -> Answer:
    """What `solve` says of a series; within `fits_kept` it is asked once for the same numbers.

    Parameters
    ----------
    solve : a function of the series alone, or a `partial` of one with settings by name. Nobody may
        change what it returns. A refusal is not kept.
    """
    answers = _KEPT.get()
    if answers is None:
        return solve(series)
    key = (_question(solve), _identity(series))
    if key not in answers:
        answers[key] = solve(series)
    return answers[key]  # type: ignore[no-any-return]


def _question(solve: Callable[..., object]) -> tuple[object, ...]:
    if isinstance(solve, partial):
        return solve.func, repr(solve.args), repr(sorted(solve.keywords.items()))
    return (solve,)


def _identity(series: Series) -> bytes:
    """A digest of everything that a series holds: the data as they came and the design."""
    digest = blake2b()
    for part in (series.rows, series):
        for field in fields(part):
            value = getattr(part, field.name)
            if isinstance(value, np.ndarray):
                digest.update(repr((field.name, value.dtype.str, value.shape)).encode())
                digest.update(np.ascontiguousarray(value).tobytes())
            elif part is series.rows or field.name != "rows":
                digest.update(repr((field.name, value)).encode())
    return digest.digest()
