"""What a cost-benefit analysis found: frozen, JSON-safe, finite, and with nothing filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evaluation.effect import Interval
from evaluation.errors import DataError
from evaluation.fact import Fact
from evaluation.study.evidence import GradeLevel

Perspective = Literal["public budget", "society", "victims"]
PERSPECTIVES: tuple[Perspective, ...] = ("public budget", "society", "victims")
# Of a cost per outcome averted; see `CostPer`.
Kind = Literal["range", "unbounded", "none"]
PricedKind = Literal["cost once", "cost a year", "value"]
Certainty = Literal["published", "own records", "assumed", "invented"]


@dataclass(frozen=True, slots=True)
class Priced:
    """One amount as the report prints it.

    Parameters
    ----------
    what : what it is. kind : "cost once", "cost a year", or "value" of one outcome.
    perspectives : who it falls on. given, year : as written. amount, low, high : in the prices of
        the price year. distribution, covers, source, range_source, certainty : as written.
    """

    what: str
    kind: PricedKind
    perspectives: tuple[Perspective, ...]
    given: float
    year: int
    amount: float
    low: float
    high: float
    distribution: str
    covers: str
    source: str
    range_source: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Counted:
    """One outcome that is counted: how many averted, with the 95 % interval, and how sure."""

    column: str
    label: str
    number: Interval
    percent: Interval
    estimand: str
    grade: GradeLevel


@dataclass(frozen=True, slots=True)
class CostPer:
    """Cost of one outcome averted, all of the cost put on this outcome alone, not discounted.

    kind : "range" has low and high; "unbounded" has low only, since the interval of outcomes
    averted holds none: from low upward, or none averted; "none" has neither. estimate is None when
    the best estimate averts nothing.
    """

    column: str
    label: str
    kind: Kind
    estimate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class BreakEven:
    """The fall, in percent, at which benefits equal cost, the same in every outcome counted, with
    the range left by amounts; None means that even a fall of 100 % would not pay."""

    estimate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One input at its low and its high end, all others at their best: the net benefit of both, or
    the benefit where no cost was supplied. `low`, `high` are the ends, in `unit`; of the effect,
    the outcomes averted, all kinds together."""

    what: str
    unit: Literal["outcomes", "money", "percent a year"]
    low: float
    high: float
    at_low: float
    at_high: float


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance that benefits exceed this cost."""

    cost: float
    chance: float


@dataclass(frozen=True, slots=True)
class Balance:
    """Benefits and costs from one perspective, in the prices of the price year, discounted.

    Estimates have every input at its best; intervals are the 2.5 % and 97.5 % points of the draws.
    None says that something was not supplied, never that it is nought.

    Parameters
    ----------
    outcomes : columns whose value from here was supplied. grade : the least of theirs, None when
        there are none. ratio : benefits over costs. chance : that benefits exceed costs.
    tornado : widest first. curve : chance by what the program might have cost.
    """

    perspective: Perspective
    outcomes: tuple[str, ...]
    grade: GradeLevel | None
    benefits: Interval | None
    costs: Interval | None
    net: Interval | None
    ratio: Interval | None
    chance: float | None
    break_even: BreakEven | None
    cost_per: tuple[CostPer, ...]
    tornado: tuple[Bar, ...]
    curve: tuple[Chance, ...]


@dataclass(frozen=True, slots=True)
class CostBenefit:
    """A whole analysis.

    Parameters
    ----------
    years, first, last : the time that is counted. rate, rate_low, rate_high : discount rate, in
        percent a year, and the ends tried one way. draws, seed : of the simulation.
    synthetic : True when the study's data are invented. index, index_sha256 : the table of prices.
    """

    slug: str
    intervention: str
    currency: str
    price_year: int
    years: float
    first: str
    last: str
    rate: float
    rate_low: float
    rate_high: float
    draws: int
    seed: int
    synthetic: bool
    index: str
    index_sha256: str
    ledger_sha256: str
    outcomes: tuple[Counted, ...]
    amounts: tuple[Priced, ...]
    balances: tuple[Balance, ...]
    not_counted: tuple[Fact | str, ...]

    def balance(self, perspective: str) -> Balance:
        """The balance from one perspective.

        Raises
        ------
        DataError : when nothing was supplied for it.
        """
        for balance in self.balances:
            if balance.perspective == perspective:
                return balance
        known = ", ".join(balance.perspective for balance in self.balances) or "none"
        raise DataError(f"{self.slug}: no balance for {perspective!r}; there is {known}")
