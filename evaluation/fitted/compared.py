"""Several fits side by side in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Literal, get_args

from evaluation.errors import EnvironmentFault, FitError
from evaluation.fact import Fact, fact
from evaluation.fitted.fit import Fit

Form = Literal["auto", "great-tables", "frame"]


def table(
    fits: Sequence[Fit] | Mapping[str, Fit],
    *,
    terms: Sequence[str] = (),
    form: Form = "auto",
) -> Any:
    """Several fits side by side, a column each.

    Parameters
    ----------
    fits : in the order of the columns, or by the names of these; else they are numbered. terms :
        coefficients that have rows of their own. form : "great-tables" for a `great_tables.GT`,
        which writes HTML and LaTeX; "frame" for a pandas table of text; "auto" takes the first
        where great-tables is installed, and else the second, whose `attrs["note"]` says so.

    Raises
    ------
    FitError : for what are no fits, none at all, another form, or a term that no fit has.
    EnvironmentFault : when great-tables is asked for and not installed.

    Examples
    --------
    >>> from evaluation import example, its, table
    >>> boston = example("boston")
    >>> fits = [its.fit(boston, outcome="homicides", time="month", start="1996-06", method=one)
    ...         for one in ("newey-west", "negative-binomial")]
    >>> table(fits, form="frame").loc["Method"].tolist()
    ['Poisson, Newey-West', 'Negative binomial']
    """
    import pandas as pd

    named = _named(fits)
    if form not in get_args(Form):
        raise FitError(fact("fitted.no-form", form=repr(form), known=list(get_args(Form))))
    known = {one.name for fit in named.values() for one in fit.effect.terms}
    for name in terms:
        if name not in known:
            raise FitError(fact("fitted.no-term", name=name, known=sorted(known)))
    rows = {
        **{str(fact(f"fitted.row.{key}")): make for key, make in _ROWS.items()},
        **{name: _of_term(name) for name in terms},
        **{str(fact(f"fitted.row.{key}")): make for key, make in _LAST.items()},
    }
    cells = {
        column: {label: make(fit) for label, make in rows.items()} for column, fit in named.items()
    }
    frame = pd.DataFrame(cells, index=list(rows))
    frame = frame[(frame != "").any(axis=1)]
    installed = find_spec("great_tables") is not None
    if form == "frame" or (form == "auto" and not installed):
        if not installed:
            frame.attrs["note"] = str(fact("fitted.no-library"))
        return frame
    if not installed:
        raise EnvironmentFault(fact("fitted.no-library"))
    from great_tables import GT

    return GT(frame.reset_index(names=" "), rowname_col=" ")


def _named(fits: object) -> dict[str, Fit]:
    if isinstance(fits, Fit):
        fits = [fits]
    if isinstance(fits, Sequence) and not isinstance(fits, str):
        fits = {f"({place})": one for place, one in enumerate(fits, start=1)}
    if not isinstance(fits, Mapping) or not fits:
        raise FitError(fact("fitted.no-fits", given=type(fits).__name__))
    for one in fits.values():
        if not isinstance(one, Fit):
            raise FitError(fact("fitted.no-fits", given=type(one).__name__))
    return {str(name): one for name, one in fits.items()}


def _pair(estimate: float, std_error: float) -> str:
    return str(fact("fitted.pair", estimate=estimate, error=std_error))


def _of_term(name: str) -> Callable[[Fit], str]:
    def cell(fit: Fit) -> str:
        found = [one for one in fit.effect.terms if one.name == name]
        return _pair(found[0].estimate, found[0].std_error) if found else ""

    return cell


def _percent(fit: Fit) -> str:
    return f"{fit.percent.estimate:.1f}"


def _range(fit: Fit) -> str:
    low, high = f"{fit.percent.low:.1f}", f"{fit.percent.high:.1f}"
    return str(fact("fitted.range", low=low, high=high))


def _p(fit: Fit) -> str:
    return f"{fit.p_value:.3f}" if fit.p_value >= 0.001 else "<0.001"


def _scale(fit: Fit) -> str:
    return str(Fact(f"fitted.scale.{'ratio' if fit.effect.scale == 'log ratio' else 'units'}"))


# What a cell of each row says of a fit; rows that say nothing of any are left out.
_ROWS: dict[str, Callable[[Fit], str]] = {
    "outcome": lambda fit: fit.outcome,
    "method": lambda fit: fit.method,
    "percent": _percent,
    "range": _range,
    "p": _p,
    "effect": lambda fit: _pair(fit.estimate, fit.std_error),
    "scale": _scale,
}
_LAST: dict[str, Callable[[Fit], str]] = {
    "n": lambda fit: f"{fit.effect.n:,}",
    "alpha": lambda fit: "" if fit.alpha is None else f"{fit.alpha:.4f}",
    "log-likelihood": lambda fit: "" if fit.likelihood is None else f"{fit.likelihood.value:.2f}",
    "aic": lambda fit: "" if fit.likelihood is None else f"{fit.likelihood.aic:.2f}",
    "bic": lambda fit: "" if fit.likelihood is None else f"{fit.likelihood.bic:.2f}",
    "objection": lambda fit: "" if fit.effect.objection is None else str(fit.effect.objection),
}
