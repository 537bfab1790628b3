"""The balance of one perspective: draws of benefits and costs, and each input moved alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from evaluation.economics.averted import Averted, Window
from evaluation.economics.input_quantiles import amount_at, range_of, stratified
from evaluation.economics.ledger import Money, Per
from evaluation.economics.result import (
    Balance,
    Bar,
    BreakEven,
    Chance,
    CostPer,
    Kind,
    Perspective,
)
from evaluation.effect import Interval
from evaluation.numeric.shared.draws import stream
from evaluation.study.evidence import GradeLevel

# From least to most sure.
_LADDER: tuple[GradeLevel, ...] = ("very low", "low", "moderate", "high")
# Steps of the curve of chances.
_POINTS = 40

Draws = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class _State:
    """Every input, at its best (arrays of 1) or drawn (n,)."""

    numbers: Draws
    units: Draws
    amounts: Draws
    rate: float


@dataclass(frozen=True, slots=True)
class Part:
    """What one perspective counts.

    Parameters
    ----------
    averted : every outcome counted, by column. values : unit values of this perspective, by column.
    costs : those borne here, by name. rates : low, best and high discount rate, percent a year.
    """

    perspective: Perspective
    averted: Mapping[str, Averted]
    values: Mapping[str, Money]
    costs: Mapping[str, tuple[Per, Money]]
    window: Window
    rates: tuple[float, float, float]

    def benefits(self, state: _State) -> np.ndarray:
        """(n,) numbers averted times their unit values, discounted."""
        total = np.zeros(1)
        for column in sorted(self.values):
            shares = self.averted[column].shares
            worth = self.window.discounted(
                state.rate / 100, None if shares is None else np.array(shares)
            )
            total = total + state.numbers[column] * state.units[column] * worth
        return total

    def spent(self, state: _State) -> np.ndarray:
        """(n,) the sum of the costs over the window, discounted."""
        total = np.zeros(1)
        for name in sorted(self.costs):
            once = self.costs[name][0] == "once"
            times = 1.0 if once else self.window.years * self.window.discounted(state.rate / 100)
            total = total + state.amounts[name] * times
        return total


def balance(part: Part, u: np.ndarray, seed: int) -> Balance:
    """Benefits, costs and their balance from one perspective.

    Parameters
    ----------
    u : (n,) uniforms of the effect, the same for every outcome. seed : of the streams of amounts,
        named by what they are, so that no other input changes them.
    """
    best, drawn = _best(part), _drawn(part, u, seed)
    gain, gains = _both(part.benefits, best, drawn)
    bill, bills = _both(part.spent, best, drawn)
    grades = [part.averted[column].grade for column in part.values]
    complete = bool(part.values and part.costs)
    return Balance(
        perspective=part.perspective,
        outcomes=tuple(sorted(part.values)),
        grade=min(grades, key=_LADDER.index) if grades else None,
        benefits=_interval(gain, gains) if part.values else None,
        costs=_interval(bill, bills) if part.costs else None,
        net=_interval(gain - bill, gains - bills) if complete else None,
        ratio=_interval(gain / bill, gains / bills) if complete else None,
        chance=float(np.mean(gains > bills)) if complete else None,
        break_even=_break_even(part, best, drawn) if complete else None,
        cost_per=_cost_per(part, best, drawn) if part.costs else (),
        tornado=_tornado(part, best),
        curve=_curve(gains, bill) if part.values else (),
    )


def reciprocal_set(cost: np.ndarray, number: np.ndarray) -> tuple[Kind, float | None, float | None]:
    """The 95 % set of cost over number, which has no upper end when the number may be nought.

    A ratio r belongs to it when number - cost / r may be nought at the 5 % level, as in Fieller
    (1954), Journal of the Royal Statistical Society B 16:175-185. Since costs are above nought,
    these r are one over the range of number / cost. The part that nought splits off, negative
    costs of what was added, is told as "none averted".

    Parameters
    ----------
    cost : (n,) draws above nought. number : (n,) draws of outcomes averted.

    Returns
    -------
    "range" with low and high; "unbounded" with low only; "none" with neither.
    """
    low, high = range_of(number / cost)
    if low > 0:
        return "range", 1 / high, 1 / low
    if high > 0:
        return "unbounded", 1 / high, None
    return "none", None, None


def _both(
    of: Callable[[_State], np.ndarray], best: _State, drawn: _State
) -> tuple[np.ndarray, np.ndarray]:
    return of(best), of(drawn)


def _best(part: Part) -> _State:
    return _State(
        {column: np.array([each.number.estimate]) for column, each in part.averted.items()},
        {column: np.array([money.best]) for column, money in part.values.items()},
        {name: np.array([money.best]) for name, (_, money) in part.costs.items()},
        part.rates[1],
    )


def _drawn(part: Part, u: np.ndarray, seed: int) -> _State:
    def amounts(name: str, money: Money) -> np.ndarray:
        return amount_at(
            stratified(stream(seed, name), len(u)),
            low=money.low,
            best=money.best,
            high=money.high,
            distribution=money.distribution,
        )

    return _State(
        {column: each.at(u) for column, each in part.averted.items()},
        {
            column: amounts(f"value/{part.perspective}/{column}", money)
            for column, money in part.values.items()
        },
        {name: amounts(f"cost/{name}", money) for name, (_, money) in part.costs.items()},
        part.rates[1],
    )


def _interval(best: np.ndarray, draws: np.ndarray) -> Interval:
    return Interval(float(best[0]), *range_of(draws))


def _break_even(part: Part, best: _State, drawn: _State) -> BreakEven | None:
    """The fall at which benefits equal cost; it depends on what happened and on amounts, not on
    the effect that was found. None where a percent cannot be made a number."""
    if any(part.averted[column].base is None for column in part.values):
        return None
    at_best, falls = _both(lambda state: _fall(part, state), best, drawn)
    # A fall that is not enough even at 100 % is beyond every number.
    low, high = np.quantile(falls, [0.025, 0.975], method="inverted_cdf")
    return BreakEven(*(_percent(value) for value in (at_best[0], low, high)))


def _fall(part: Part, state: _State) -> np.ndarray:
    """(n,) the share p at which benefits equal cost; infinite where even 1 is not enough.

    With L the worth of what happened, of outcomes on the log scale, M that of what was expected, of
    the others, and C the cost: L p / (1 - p) + M p = C, whose root between 0 and 1 this is.
    """

    def worth(log: bool) -> np.ndarray:
        bases = {
            column: np.array([each.base if each.log is log and each.base else 0.0])
            for column, each in part.averted.items()
        }
        return part.benefits(replace(state, numbers=bases))

    ratios, differences, cost = worth(True), worth(False), part.spent(state)
    total = ratios + differences + cost
    # The square of `total` less 4 M C, written so that rounding cannot bring it below nought.
    root = np.sqrt((differences - cost) ** 2 + ratios * (ratios + 2 * (differences + cost)))
    fall = 2 * cost / (total + root)
    return np.where((ratios == 0) & (cost > differences), np.inf, fall)


def _percent(share: float) -> float | None:
    return 100 * float(share) if np.isfinite(share) else None


def _cost_per(part: Part, best: _State, drawn: _State) -> tuple[CostPer, ...]:
    """Money spent by outcomes averted, neither discounted."""
    bill, bills = _both(lambda state: part.spent(replace(state, rate=0.0)), best, drawn)
    rows = []
    for column in sorted(part.averted):
        each = part.averted[column]
        kind, low, high = reciprocal_set(bills, drawn.numbers[column])
        averts = each.number.estimate > 0
        estimate = float(bill[0]) / each.number.estimate if averts else None
        rows.append(CostPer(column, each.label, kind, estimate, low, high))
    return tuple(rows)


def _tornado(part: Part, best: _State) -> tuple[Bar, ...]:
    """One row an input, the widest first; the effects of all outcomes are moved together."""
    if not part.values:
        return ()

    def net(state: _State) -> float:
        return float((part.benefits(state) - part.spent(state))[0])

    ends = [part.averted[column].number for column in sorted(part.values)]
    rows = [
        Bar(
            "the effect",
            "outcomes",
            sum(number.low for number in ends),
            sum(number.high for number in ends),
            *(
                net(
                    replace(
                        best,
                        numbers={
                            column: np.array([getattr(part.averted[column].number, end)])
                            for column in part.averted
                        },
                    )
                )
                for end in ("low", "high")
            ),
        )
    ]
    for column, money in part.values.items():
        nets = (
            net(replace(best, units={**best.units, column: np.array([end])}))
            for end in (money.low, money.high)
        )
        what = f"value of {part.averted[column].label}"
        rows.append(Bar(what, "money", money.low, money.high, *nets))
    for name, (_, money) in part.costs.items():
        nets = (
            net(replace(best, amounts={**best.amounts, name: np.array([end])}))
            for end in (money.low, money.high)
        )
        rows.append(Bar(f"cost: {name}", "money", money.low, money.high, *nets))
    low, _, high = part.rates
    nets = (net(replace(best, rate=end)) for end in (low, high))
    rows.append(Bar("discount rate", "percent a year", low, high, *nets))
    return tuple(sorted(rows, key=lambda row: (-abs(row.at_high - row.at_low), row.what)))


def _curve(gains: np.ndarray, bill: np.ndarray) -> tuple[Chance, ...]:
    """The chance of benefits above each cost, from nothing to beyond what benefits may be."""
    most = 1.05 * max(float(np.quantile(gains, 0.99)), float(bill[0]))
    if not most > 0:
        return ()
    return tuple(
        Chance(float(cost), float(np.mean(gains > cost)))
        for cost in np.linspace(0.0, most, _POINTS + 1)
    )
