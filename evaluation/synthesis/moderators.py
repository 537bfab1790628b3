"""Whether effects differ by design, unit or size of study: subgroups, regression, small studies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from evaluation.effect import Interval, Term
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.meta.influence import egger, trim_and_fill
from evaluation.numeric.meta.levels import clustered
from evaluation.numeric.meta.pooled import Method, Test, fit
from evaluation.synthesis.pooled import Pooled, pooled
from evaluation.synthesis.studies import Result, entering, percent_interval, sites_of

# Fewer studies for each coefficient than this, and a meta-regression finds what is not there
# (Higgins and Thompson 2004, Statistics in Medicine 23:1663-1682; Cochrane Handbook 10.11.4).
STUDIES_A_MODERATOR: Final = 10
# Asymmetry of a funnel is not asked of fewer (Sterne and others 2011, BMJ 343:d4002).
FUNNEL_STUDIES: Final = 10


@dataclass(frozen=True, slots=True)
class Subgroups:
    """Results pooled by a word, and the test that the groups' means are one.

    groups : each with its name, and its pooled answer or the reason why there is none. qm, qm_df,
    qm_df2, qm_p : F test of differences under one tau^2 for all groups; None with one group that
    has two. tau2, r2 : within groups, and percent of the whole explained.
    """

    by: str
    groups: tuple[tuple[str, Pooled | None, str], ...]
    qm: float | None
    qm_df: int
    qm_df2: float | None
    qm_p: float | None
    tau2: float | None
    r2: float | None
    notes: tuple[Fact | str, ...]


def subgroups(
    results: Sequence[Result],
    by: Callable[[Result], str],
    *,
    name: str,
    method: Method = "REML",
    test: Test = "hartung-knapp-floor",
) -> Subgroups:
    """Results pooled within groups, each with a tau^2 of its own, and compared under one.

    Parameters
    ----------
    by : the group of a result, for example `lambda one: one.design`. name : what `by` is, in words.

    Raises
    ------
    FitError : as `pooled`, for the results together.
    """
    pooled(results, method=method, test=test)
    usable = entering(results)
    names = sorted({by(one) for one in results})
    groups: list[tuple[str, Pooled | None, str]] = []
    for word in names:
        part = [one for one in results if by(one) == word]
        try:
            groups.append((word, pooled(part, method=method, test=test), ""))
        except FitError as reason:
            groups.append((word, None, str(reason)))
    present = sorted({by(one) for one in usable})
    notes = [fact("synthesis.moderators.groups-by-were-not-made", name=name)]
    if len(present) < 2 or len(usable) <= len(present):
        notes.append(fact("synthesis.moderators.there-too-few-results-errors"))
        return Subgroups(name, tuple(groups), None, 0, None, None, None, None, tuple(notes))
    y, v = _arrays(usable)
    x = np.array([[1.0] + [float(by(one) == word) for word in present[1:]] for one in usable])
    found = fit(y, v, x, method=method, test=test)
    if len(usable) < STUDIES_A_MODERATOR * (len(present) - 1):
        notes.append(_thin(len(usable), len(present) - 1))
    return Subgroups(
        by=name,
        groups=tuple(groups),
        qm=found.qm,
        qm_df=found.qm_df,
        qm_df2=_finite(found.qm_df2),
        qm_p=found.qm_p,
        tau2=found.tau2,
        r2=_finite(found.r2),
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class Regression:
    """Effects regressed on moderators.

    terms : intercept first, by t(k - p) or, `robust`, CR2 by site with Satterthwaite degrees of
    freedom (empty when there are not enough sites). qm... : test of all moderators. q... : of what
    is left. tau2, r2 : left over, and percent explained.
    """

    k: int
    terms: tuple[Term, ...]
    robust: tuple[Term, ...]
    qm: float
    qm_df: int
    qm_df2: float | None
    qm_p: float
    q: float
    q_df: int
    q_p: float
    tau2: float
    i2: float
    r2: float | None
    notes: tuple[Fact | str, ...]


def meta_regression(
    results: Sequence[Result],
    moderators: dict[str, Callable[[Result], float | None]],
    *,
    method: Method = "REML",
    test: Test = "hartung-knapp-floor",
) -> Regression:
    """How effects change with moderators, such as the rank of the design.

    Results may be several of a site: the terms under `robust` allow for it.

    Parameters
    ----------
    moderators : name, and the number of a result (None when it is not known: the result is then
        left out, and a note says so).

    Raises
    ------
    FitError : for too few results, moderators that do not vary, and as `entering`.
    """
    usable = entering(results)
    rows = [[measure(one) for measure in moderators.values()] for one in usable]
    known = [i for i, row in enumerate(rows) if all(value is not None for value in row)]
    kept = [usable[i] for i in known]
    names = ("intercept", *moderators)
    if len(kept) <= len(names):
        raise FitError(
            fact(
                "synthesis.moderators.results-errors-moderators-too-few",
                n_kept=len(kept),
                n_names=len(names),
            )
        )
    y, v = _arrays(kept)
    x = np.array([[1.0, *(float(value or 0.0) for value in rows[i])] for i in known])
    found = fit(y, v, x, method=method, test=test)
    terms = tuple(
        Term(
            name,
            float(found.beta[i]),
            float(found.std_error[i]),
            _finite(found.df),
            float(found.low[i]),
            float(found.high[i]),
            float(found.p_value[i]),
        )
        for i, name in enumerate(names)
    )
    notes = [fact("synthesis.moderators.association-across-studies-not-effect")]
    if len(kept) < len(usable):
        notes.append(
            fact(
                "synthesis.moderators.results-were-left-out-moderator",
                n_usable=len(usable) - len(kept),
            )
        )
    if len(kept) < STUDIES_A_MODERATOR * len(moderators):
        notes.append(_thin(len(kept), len(moderators)))
    site = np.array(sites_of(kept), dtype=int)
    robust: tuple[Term, ...] = ()
    if len(set(site.tolist())) < len(kept):
        notes.append(fact("synthesis.moderators.several-results-one-site-plain"))
    if len(set(site.tolist())) > len(names):
        wide = clustered(y, v + found.tau2, x, site)
        robust = tuple(
            Term(
                name,
                float(found.beta[i]),
                float(wide.std_error[i]),
                float(wide.df[i]),
                float(wide.low[i]),
                float(wide.high[i]),
                float(wide.p_value[i]),
            )
            for i, name in enumerate(names)
        )
    else:
        notes.append(fact("synthesis.moderators.there-too-few-sites-errors"))
    return Regression(
        k=len(kept),
        terms=terms,
        robust=robust,
        qm=found.qm,
        qm_df=found.qm_df,
        qm_df2=_finite(found.qm_df2),
        qm_p=found.qm_p,
        q=found.q,
        q_df=found.q_df,
        q_p=found.q_p,
        tau2=found.tau2,
        i2=found.i2,
        r2=_finite(found.r2),
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class Funnel:
    """What a funnel plot draws, and Egger's test of whether it leans.

    points : (label, estimate, standard error). center : of the common effect, about which the
    funnel of 95 % stands. edges : (standard error, low, high) of the funnel, from its tip down.
    egger : change of the effect for one unit of standard error, t(k - 2), or None with the reason
    in `notes`. missing, missing_side, filled : trim and fill, or None; a picture, not an answer.
    """

    scale: str
    points: tuple[tuple[str, float, float], ...]
    center: float
    edges: tuple[tuple[float, float, float], ...]
    egger: Term | None
    missing: int | None
    missing_side: str | None
    filled: Interval | None
    filled_percent: Interval | None
    notes: tuple[Fact | str, ...]


def funnel(results: Sequence[Result]) -> Funnel:
    """Effects against their errors, and what that says about small studies.

    Raises
    ------
    FitError : for fewer than two results that can enter.
    """
    usable = entering(results)
    y, v = _arrays(usable)
    error = np.sqrt(v)
    middle = fit(y, v, method="common", test="z")
    center, half = float(middle.beta[0]), middle.critical
    depths = np.linspace(0.0, float(error.max()), 25)
    notes = [fact("synthesis.moderators.small-studies-can-find-more")]
    term = missing = side = filled = filled_percent = None
    if len(usable) < FUNNEL_STUDIES:
        notes.append(
            fact(
                "synthesis.moderators.results-under-whether-funnel-leans",
                n_usable=len(usable),
                funnel_studies=FUNNEL_STUDIES,
            )
        )
    elif len(set(sites_of(usable))) < len(usable):
        notes.append(fact("synthesis.moderators.several-results-one-site-not"))
    else:
        try:
            slope = egger(y, v)
            term = Term(
                "standard error",
                slope.estimate,
                slope.std_error,
                slope.df,
                slope.low,
                slope.high,
                slope.p_value,
            )
            made = trim_and_fill(y, v, test="hartung-knapp-floor")
            missing, side = made.missing, made.side
            ends = float(made.fit.beta[0]), float(made.fit.low[0]), float(made.fit.high[0])
            filled = Interval(*ends)
            filled_percent = percent_interval(*ends, usable[0].scale)
        except FitError as reason:
            notes.append(reason.fact)
    return Funnel(
        scale=usable[0].scale,
        points=tuple(
            (one.label, float(a), float(b)) for one, a, b in zip(usable, y, error, strict=True)
        ),
        center=center,
        edges=tuple(
            (float(depth), center - half * float(depth), center + half * float(depth))
            for depth in depths
        ),
        egger=term,
        missing=missing,
        missing_side=side,
        filled=filled,
        filled_percent=filled_percent,
        notes=tuple(notes),
    )


def _arrays(usable: Sequence[Result]) -> tuple[np.ndarray, np.ndarray]:
    y = np.array([one.estimate for one in usable], dtype=float)
    return y, np.array([one.std_error for one in usable], dtype=float) ** 2


def _thin(k: int, moderators: int) -> Fact:
    return fact(
        "synthesis.moderators.results-moderator-under-each-difference",
        k=k,
        moderators=moderators,
        studies_a_moderator=STUDIES_A_MODERATOR,
    )


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
