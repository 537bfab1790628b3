"""The TOML of program costs and of what one outcome costs whom; every fault as file:line:column."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from evaluation.data.toml_places import Located, did_you_mean, read
from evaluation.economics.input_quantiles import CURRENCY, Distribution, PriceIndex
from evaluation.economics.result import Certainty, Perspective
from evaluation.errors import DataError, Fault

Text = Annotated[str, Field(min_length=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Per = Literal["year", "once"]
# The rates of the US Office of Management and Budget (2003), Circular A-4: 3 and 7 percent.
RATE, RATE_LOW, RATE_HIGH = 3.0, 0.0, 7.0


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _AmountTable(_Table):
    amount: Number
    low: Number
    high: Number
    distribution: Distribution = "triangular"
    year: int
    currency: Text
    covers: Text
    source: Text
    range_source: Text
    certainty: Certainty


class _CostTable(_AmountTable):
    name: Text
    per: Per
    perspectives: Annotated[list[Perspective], Field(min_length=1)]


class _ValueTable(_AmountTable):
    outcome: Text
    perspective: Perspective
    part_of: Text | None = None


class _DiscountTable(_Table):
    rate: Number = RATE
    low: Number | None = None
    high: Number | None = None


class _LedgerTable(_Table):
    currency: Text
    price_year: int
    horizon_years: Number | None = None
    discount: _DiscountTable = _DiscountTable()
    not_counted: list[Text] = []
    cost: list[_CostTable] = []
    value: list[_ValueTable] = []


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the prices of the price year, as given, and what is known of it.

    Parameters
    ----------
    best, low, high : in the prices of the price year; see `spread.amount_at` for what the ends
        mean. given, year : as written.
    """

    best: float
    low: float
    high: float
    distribution: Distribution
    given: float
    year: int
    covers: str
    source: str
    range_source: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Cost:
    """One cost of the program, and who bears it; `per` "once" falls at the begin."""

    name: str
    per: Per
    perspectives: tuple[Perspective, ...]
    money: Money


@dataclass(frozen=True, slots=True)
class Value:
    """What one outcome costs from one perspective. `place` : where it stands among the values."""

    outcome: str
    perspective: Perspective
    money: Money
    place: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """A checked file of costs and unit values, each sorted by its key.

    Parameters
    ----------
    rate, rate_low, rate_high : percent a year. horizon_years : for a study without a path.
    located : says where each key stands, for faults that only the study shows.
    """

    currency: str
    price_year: int
    horizon_years: float | None
    rate: float
    rate_low: float
    rate_high: float
    costs: tuple[Cost, ...]
    values: tuple[Value, ...]
    not_counted: tuple[str, ...]
    index: PriceIndex
    located: Located
    sha256: str


def read_ledger(path: Path | str, *, index: PriceIndex, shown_as: str | None = None) -> Ledger:
    """The costs and unit values of a file, all in the prices of its `price_year`.

    Parameters
    ----------
    path : the TOML. index : of prices. shown_as : how messages name the file.

    Raises
    ------
    DataError : with every fault found, in the order of the file.
    """
    path = Path(path)
    located = read(path, shown_as or path.name, DataError)
    table = located.parse(_LedgerTable)
    faults = sorted(
        [*_file_faults(table, located, index), *_item_faults(table, located, index)],
        key=lambda fault: (fault.line or 0, fault.column or 0),
    )
    if faults:
        raise DataError(faults)
    low = min(RATE_LOW, table.discount.rate) if table.discount.low is None else table.discount.low
    high = (
        max(RATE_HIGH, table.discount.rate) if table.discount.high is None else table.discount.high
    )
    costs = [
        Cost(item.name, item.per, tuple(sorted(item.perspectives)), _money(item, table, index))
        for item in table.cost
    ]
    values = [
        Value(item.outcome, item.perspective, _money(item, table, index), place)
        for place, item in enumerate(table.value)
    ]
    return Ledger(
        currency=table.currency,
        price_year=table.price_year,
        horizon_years=table.horizon_years,
        rate=table.discount.rate,
        rate_low=low,
        rate_high=high,
        costs=tuple(sorted(costs, key=lambda cost: cost.name)),
        values=tuple(sorted(values, key=lambda value: (value.outcome, value.perspective))),
        not_counted=tuple(table.not_counted),
        index=index,
        located=located,
        sha256=hashlib.sha256(located.written).hexdigest(),
    )


def unknown_outcomes(ledger: Ledger, columns: Sequence[str]) -> list[Fault]:
    """The unit values of outcomes that a study does not have."""
    return [
        ledger.located.fault(
            ("value", value.place, "outcome"),
            f"the study has no outcome {value.outcome!r}.{did_you_mean(value.outcome, columns)}",
        )
        for value in sorted(ledger.values, key=lambda value: value.place)
        if value.outcome not in columns
    ]


def _money(item: _AmountTable, table: _LedgerTable, index: PriceIndex) -> Money:
    factor = index.factor(table.currency, year=item.year, to=table.price_year)
    return Money(
        best=item.amount * factor,
        low=item.low * factor,
        high=item.high * factor,
        distribution=item.distribution,
        given=item.amount,
        year=item.year,
        covers=item.covers,
        source=item.source,
        range_source=item.range_source,
        certainty=item.certainty,
    )


def _file_faults(table: _LedgerTable, located: Located, index: PriceIndex) -> Iterator[Fault]:
    if not CURRENCY.fullmatch(table.currency):
        yield located.fault(("currency",), f"{table.currency!r} is no currency. Write it like USD.")
    elif table.currency not in index.values:
        yield located.fault(("currency",), index.missing(table.currency, table.price_year))
    elif fault := index.missing(table.currency, table.price_year):
        yield located.fault(("price_year",), fault)
    if table.horizon_years is not None and not table.horizon_years > 0:
        yield located.fault(("horizon_years",), "must be above nought, in years.")
    rate, low, high = table.discount.rate, table.discount.low, table.discount.high
    for name, value in (("rate", rate), ("low", low), ("high", high)):
        if value is not None and not 0 <= value <= 20:
            message = f"is {value:g}; write percent a year, from 0 to 20."
            yield located.fault(("discount", name), message)
    if low is not None and low > rate:
        yield located.fault(("discount", "low"), f"is above the rate, {rate:g}.")
    if high is not None and high < rate:
        yield located.fault(("discount", "high"), f"is below the rate, {rate:g}.")
    if not table.cost and not table.value:
        yield located.fault(
            (), "has no [[cost]] and no [[value]]. Give one, or leave out the file."
        )


def _item_faults(table: _LedgerTable, located: Located, index: PriceIndex) -> Iterator[Fault]:
    seen: dict[tuple[str, ...], int | None] = {}
    valued = {(item.outcome, item.perspective) for item in table.value}
    items: list[tuple[tuple[str | int, ...], _CostTable | _ValueTable]] = [
        *((("cost", place), item) for place, item in enumerate(table.cost)),
        *((("value", place), item) for place, item in enumerate(table.value)),
    ]
    for at, item in items:
        yield from _amount_faults(at, item, table, located, index)
        if isinstance(item, _CostTable):
            key: tuple[str, ...] = ("cost", item.name.strip().lower())
            named, hint = "name", f"the cost {item.name!r}"
            if len(set(item.perspectives)) < len(item.perspectives):
                yield located.fault((*at, "perspectives"), "names one twice. Name each once.")
        else:
            key = ("value", item.outcome, item.perspective)
            named, hint = "outcome", f"the value of {item.outcome} for {item.perspective}"
            if item.part_of is not None and (item.part_of, item.perspective) in valued:
                message = (
                    f"{item.outcome} is part of {item.part_of}, which is valued for "
                    f"{item.perspective} too: it would count twice. Keep one of the two."
                )
                yield located.fault((*at, "part_of"), message)
        line = located.where((*at, named))[0]
        if key in seen:
            message = f"{hint} is on line {seen[key]} already. Keep one, or add the two up."
            yield located.fault((*at, named), message)
        seen.setdefault(key, line)


def _amount_faults(
    at: tuple[str | int, ...],
    item: _AmountTable,
    table: _LedgerTable,
    located: Located,
    index: PriceIndex,
) -> Iterator[Fault]:
    what = "cost" if at[0] == "cost" else "value"
    if item.amount < 0:
        message = f"is {item.amount:g}. A {what} cannot be negative; what is saved is a value."
        yield located.fault((*at, "amount"), message)
    elif item.amount == 0:
        message = f"is nought. A {what} that is not known is left out, which the report then says."
        yield located.fault((*at, "amount"), message)
    elif item.low < 0:
        yield located.fault((*at, "low"), f"is {item.low:g}. A {what} cannot be negative.")
    elif not item.low <= item.amount <= item.high:
        message = (
            f"{item.low:g} to {item.high:g} does not hold the amount, {item.amount:g}. "
            "Give a range around it."
        )
        yield located.fault((*at, "low"), message)
    elif item.distribution == "lognormal" and item.low == 0:
        message = "is nought, which a lognormal never reaches. Give a low above it, or a triangle."
        yield located.fault((*at, "low"), message)
    if item.currency != table.currency:
        message = (
            f"{item.currency} where the file is in {table.currency}. Nothing is exchanged: give "
            f"the amount in {table.currency}, and in `source` the rate used."
        )
        yield located.fault((*at, "currency"), message)
    elif table.currency in index.values and (fault := index.missing(table.currency, item.year)):
        yield located.fault((*at, "year"), fault)
