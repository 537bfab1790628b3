"""What a fit is drawn as, beside its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.fact import fact

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from evaluation.fitted.fit import Fit


def events(fit: Fit, ax: Axes | None) -> Axes:
    """The effect by time since the start."""
    from evaluation.plots import Moment, event_study

    ratio = fit.effect.scale == "log ratio"

    def shown(value: float) -> float:
        return 100 * float(np.expm1(value)) if ratio else value

    moments = [
        Moment(
            time=one.time,
            estimate=shown(one.estimate),
            low=shown(one.low),
            high=shown(one.high),
            band_low=shown(one.band_low),
            band_high=shown(one.band_high),
            reference=one.std_error == 0,
        )
        for one in fit.effect.dynamic
    ]
    across, measure = fact("fitted.across"), fact(f"fitted.measure.{'ratio' if ratio else 'units'}")
    return event_study(
        moments,
        ax,
        percent=ratio,
        across=str(across),
        measure=str(fact("fitted.of-outcome", measure=measure, outcome=fit.outcome)),
    )


def change(fit: Fit, ax: Axes | None) -> Axes:
    """The change in percent with its range."""
    from evaluation.plots import Whisker, planned_alternatives

    one = fit.effect.percent
    row = Whisker(f"{fit.outcome}: {fit.method}", one.estimate, one.low, one.high)
    return planned_alternatives([row], ax)
