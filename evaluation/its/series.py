"""One treated series with its segmented-regression design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evaluation.data import period as calendar
from evaluation.data.panel import Panel
from evaluation.errors import DataError, FitError

Kind = Literal["count", "continuous"]


@dataclass(frozen=True, slots=True)
class Specification:
    """Which terms the segmented regression has.

    Parameters
    ----------
    effect : "level" (one step) or "level+slope" (a step and a change of slope).
    trend : "linear", "quadratic" or "none". Leaving it out halves the standard error and is
        dishonest unless the rate is flat.
    season : "fourier" (`harmonics` pairs of sine and cosine), "periods" (a dummy for each month
        or quarter but the first) or "none".
    offset : True uses the log of the exposure column, when the series has one.
    phase_in : m periods over which the level rises in equal steps, 1/(m+1) in the first, to 1 in
        the period `start + m`.
    washout : periods left out, counted from the start; time since start is then 0 in the first
        period kept.
    covariates : columns added to the design as they are.
    """

    effect: Literal["level", "level+slope"] = "level"
    trend: Literal["linear", "quadratic", "none"] = "linear"
    season: Literal["fourier", "periods", "none"] = "fourier"
    harmonics: int = 2
    offset: bool = True
    phase_in: int = 0
    washout: int = 0
    covariates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """The outcome of one unit with the design of a segmented regression.

    Make one with `from_arrays` or `from_panel`; both check what a fit would need.

    Parameters
    ----------
    y : (n,) outcomes. exposure : (n,) population or person-time, or None.
    covariates : (n, c). first : ordinal of the first period (`evaluation.data.period`).
    start : index of the first period of the intervention.
    x : (n, k) design, named by `names`. baseline : (n, k), the same without the intervention.
    kept : (n,) False in the washout, which is left out of every fit.
    affected : (n,) periods from the start on that are kept; averted outcomes are summed over them.
    settled : (n,) affected periods with the phase-in complete; the headline is about them.
    """

    y: np.ndarray
    exposure: np.ndarray | None
    covariates: np.ndarray
    first: int
    frequency: calendar.Frequency
    start: int
    kind: Kind
    specification: Specification
    names: tuple[str, ...]
    x: np.ndarray
    baseline: np.ndarray
    kept: np.ndarray
    affected: np.ndarray
    settled: np.ndarray

    @classmethod
    def from_arrays(
        cls,
        y: Sequence[float] | np.ndarray,
        *,
        start: int,
        exposure: Sequence[float] | np.ndarray | None = None,
        first: str = "2000-01",
        frequency: calendar.Frequency = "month",
        kind: Kind = "count",
        specification: Specification | None = None,
        covariates: Mapping[str, Sequence[float]] | None = None,
    ) -> Series:
        """A series from plain numbers.

        Parameters
        ----------
        y : (n,) outcomes a period. exposure : (n,) or None. start : index of the first period of
            the intervention. first : the first period as written, which fixes the season.
        covariates : columns by name; those the specification names are used.

        Raises
        ------
        FitError : when the start is not inside the series, or lengths differ.
        """
        specification = specification or Specification()
        given = covariates or {}
        missing = [name for name in specification.covariates if name not in given]
        if missing:
            raise FitError(f"covariate {missing[0]!r} is not among {', '.join(given) or 'none'}")
        n = len(y)
        columns = [np.asarray(given[name], dtype=float) for name in specification.covariates]
        return _build(
            np.asarray(y, dtype=float),
            None if exposure is None else np.asarray(exposure, dtype=float),
            np.column_stack(columns) if columns else np.empty((n, 0)),
            calendar.ordinal(first, frequency),
            frequency,
            start,
            kind,
            specification,
        )

    @classmethod
    def from_panel(
        cls,
        panel: Panel,
        *,
        outcome: str,
        unit: str,
        start: str,
        specification: Specification | None = None,
        window: tuple[str, str] | None = None,
    ) -> Series:
        """The series of one unit of a panel.

        Parameters
        ----------
        outcome : column with the role outcome. start : first period of the intervention.
        window : first and last period used; None uses all the unit's coverage.

        Raises
        ------
        DataError : when unit, column or window is not in the panel.
        FitError : when the start is not inside the window.
        """
        specification = specification or Specification()
        column = panel.column(outcome)
        row = panel.unit_index(unit)
        if column.role != "outcome":
            raise DataError(f"{panel.provenance.file}: {outcome!r} has the role {column.role}")
        values = panel.values[outcome][row]
        covered = np.flatnonzero(~np.isnan(values))
        first = calendar.ordinal(panel.periods[0], panel.frequency)
        low, high = int(covered[0]), int(covered[-1])
        if window is not None:
            low_asked, high_asked = (
                calendar.ordinal(text, panel.frequency) - first for text in window
            )
            if low_asked < low or high_asked > high or low_asked >= high_asked:
                raise DataError(
                    f"{panel.provenance.file}: window {window[0]} to {window[1]} is not inside "
                    f"{panel.periods[low]} to {panel.periods[high]} of {unit}"
                )
            low, high = low_asked, high_asked
        chosen = slice(low, high + 1)
        exposures = panel.named("exposure")
        return _build(
            values[chosen],
            panel.values[exposures[0].name][row][chosen] if exposures else None,
            np.column_stack(
                [panel.values[name][row][chosen] for name in specification.covariates]
                or [np.empty((high + 1 - low, 0))]
            ),
            first + low,
            panel.frequency,
            calendar.ordinal(start, panel.frequency) - first - low,
            "count" if column.type == "count" else "continuous",
            specification,
        )

    @property
    def n(self) -> int:
        return len(self.y)

    @property
    def periods(self) -> tuple[str, ...]:
        """(n,) periods as written."""
        return tuple(calendar.text(self.first + t, self.frequency) for t in range(self.n))

    @property
    def log_offset(self) -> np.ndarray:
        """(n,) log exposure where the specification uses it, else zeros."""
        if self.exposure is None or not self.specification.offset:
            return np.zeros(self.n)
        return np.asarray(np.log(self.exposure))

    @property
    def relative_exposure(self) -> np.ndarray:
        """(n,) exposure over its mean where it is used, else ones: linear models fit y over it."""
        if self.exposure is None or not self.specification.offset:
            return np.ones(self.n)
        return np.asarray(self.exposure / self.exposure.mean(), dtype=float)

    def specified(self, **changes: object) -> Series:
        """The same data with other terms in the model."""
        return self._rebuilt(specification=replace(self.specification, **changes))  # type: ignore[arg-type]

    def starting(self, start: int) -> Series:
        """The same data with the intervention at another index."""
        return self._rebuilt(start=start)

    def between(self, low: int, high: int, *, start: int | None = None) -> Series:
        """Periods `low` to `high - 1`, with the intervention where it was or at index `start` of
        the whole series."""
        begin = self.start if start is None else start
        return _build(
            self.y[low:high],
            None if self.exposure is None else self.exposure[low:high],
            self.covariates[low:high],
            self.first + low,
            self.frequency,
            begin - low,
            self.kind,
            self.specification,
        )

    def _rebuilt(
        self, *, start: int | None = None, specification: Specification | None = None
    ) -> Series:
        return _build(
            self.y,
            self.exposure,
            self.covariates,
            self.first,
            self.frequency,
            self.start if start is None else start,
            self.kind,
            specification or self.specification,
        )


def _build(
    y: np.ndarray,
    exposure: np.ndarray | None,
    covariates: np.ndarray,
    first: int,
    frequency: calendar.Frequency,
    start: int,
    kind: Kind,
    specification: Specification,
) -> Series:
    n = len(y)
    if not np.isfinite(y).all():
        raise FitError("the outcome has a missing or infinite value")
    if exposure is not None and (len(exposure) != n or not (exposure > 0).all()):
        raise FitError("the exposure must be positive and as long as the outcome")
    if kind == "count" and (y < 0).any():
        raise FitError("a count is negative")
    first_effective = start + specification.washout
    if not 0 < start < n or first_effective + specification.phase_in >= n:
        raise FitError(
            f"the intervention (period {start + 1} of {n}, washout {specification.washout}, "
            f"phase-in {specification.phase_in}) does not lie inside the series"
        )
    time = np.arange(n)
    since = time - first_effective
    ramp = np.clip((since + 1) / (specification.phase_in + 1), 0.0, 1.0)
    names, columns = _background(time, first, frequency, covariates, specification)
    effects = [("level", ramp)]
    if specification.effect == "level+slope":
        effects.append(("slope", np.where(since >= 0, since, 0).astype(float)))
    x = np.column_stack([*columns, *(column for _, column in effects)])
    baseline = x.copy()
    baseline[:, len(columns) :] = 0.0
    kept = (time < start) | (since >= 0)
    affected = since >= 0
    return Series(
        y=y,
        exposure=exposure,
        covariates=covariates,
        first=first,
        frequency=frequency,
        start=start,
        kind=kind,
        specification=specification,
        names=(*names, *(name for name, _ in effects)),
        x=x,
        baseline=baseline,
        kept=kept,
        affected=affected,
        settled=since >= specification.phase_in,
    )


def _background(
    time: np.ndarray,
    first: int,
    frequency: calendar.Frequency,
    covariates: np.ndarray,
    specification: Specification,
) -> tuple[list[str], list[np.ndarray]]:
    """Names and columns of all terms but the intervention; time counts 1 to n."""
    n = len(time)
    names, columns = ["intercept"], [np.ones(n)]
    count = time + 1.0
    if specification.trend != "none":
        names.append("trend")
        columns.append(count)
    if specification.trend == "quadratic":
        names.append("trend^2")
        columns.append(count**2)
    length = calendar.PER_YEAR[frequency]
    part = np.array([calendar.of_year(first + t, frequency) for t in time])
    if specification.season == "fourier":
        for harmonic in range(1, min(specification.harmonics, length // 2) + 1):
            angle = 2 * np.pi * harmonic * part / length
            # At the shortest wave the sine is nought in every period.
            if 2 * harmonic != length:
                names.append(f"sine {harmonic}")
                columns.append(np.sin(angle))
            names.append(f"cosine {harmonic}")
            columns.append(np.cos(angle))
    elif specification.season == "periods":
        for which in range(2, length + 1):
            names.append(f"{frequency} {which}")
            columns.append((part == which).astype(float))
    for index, name in enumerate(specification.covariates):
        names.append(name)
        columns.append(covariates[:, index])
    return names, columns
