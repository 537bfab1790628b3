"""A table of pandas, polars or pyarrow as checked columns: numbers, flags, labels and categories.

What is read of a column does not depend on the library that holds it. A message names a row of the
table as it was given, counted from 1.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from evaluation.data.one_per_row import absent, code, one_spelling
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError
from evaluation.fact import Fact, fact

# So many periods, units or names are told; the rest are counted.
SHOWN = 6
# More categories than this are names of rows, not groups of them.
MOST_CATEGORIES = 60


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a table by name, each a list of plain values; made by `table`.

    Parameters
    ----------
    native : the table as narwhals holds it. n : rows. at : (n,) their numbers in the table as it
        was given, from 1.
    """

    native: Any
    names: tuple[str, ...]
    n: int
    at: tuple[int, ...]

    def ordered(self, order: np.ndarray) -> Table:
        """The same rows in another order, or some of them."""
        rows = order.tolist()
        return Table(self.native[rows], self.names, len(rows), tuple(self.at[row] for row in rows))

    def by_content(self, names: Sequence[str] = ()) -> Table:
        """The rows in an order that depends on what they hold and not on where they stood: by these
        columns, or by all; rows that are alike in them may change places."""
        keys = []
        for name in names or self.names:
            text = ["" if absent(one) else text_of(one) for one in self.values(name, name)]
            keys.append(np.unique(np.array(text, dtype=object).astype(str), return_inverse=True)[1])
        return self.ordered(np.lexsort(keys[::-1]))

    def values(self, name: object, role: str) -> list[Any]:
        """(n,) the values of a column as they are, None or NaN where there is none.

        Parameters
        ----------
        role : the argument that names the column, for the message.

        Raises
        ------
        DataError : when the name is no text, or there is no such column.
        """
        if not isinstance(name, str):
            raise DataError(fact("frames.name", role=role, given=repr(name)))
        if name not in self.names:
            hint = did_you_mean(name, self.names)
            raise DataError(fact("frames.no-column", role=role, name=name, hint=hint))
        found: list[Any] = self.native[name].to_list()
        return found

    def numbers(self, name: object, role: str, *, missing: bool = True) -> np.ndarray:
        """(n,) floats, NaN where there is none.

        Parameters
        ----------
        missing : whether there may be cells without a number.

        Raises
        ------
        DataError : as `values`, and for text, a date or anything else that is no number.
        """
        found = np.full(self.n, np.nan)
        for row, value in enumerate(self.values(name, role)):
            if absent(value):
                if not missing:
                    raise DataError(fact("frames.missing", role=role, name=name, row=self.at[row]))
                continue
            if not _is_number(value):
                shown, place = repr(value), self.at[row]
                raise DataError(fact("frames.number", role=role, name=name, row=place, given=shown))
            found[row] = float(value)
        return found

    def flags(self, name: object, role: str) -> np.ndarray:
        """(n,) bool, from 0 and 1 or True and False.

        Raises
        ------
        DataError : as `values`, and for a cell that is neither.
        """
        found = np.zeros(self.n, dtype=bool)
        for row, value in enumerate(self.values(name, role)):
            if absent(value) or isinstance(value, str) or value not in (0, 1):
                given = fact("frames.nothing") if absent(value) else repr(value)
                raise DataError(
                    fact("frames.flag", role=role, name=name, row=self.at[row], given=given)
                )
            found[row] = bool(value)
        return found

    def labels(self, name: object, role: str, *, missing: bool = False) -> list[str]:
        """(n,) text that keeps every digit, "" where there is none.

        Parameters
        ----------
        missing : whether there may be cells without a label.

        Raises
        ------
        DataError : as `values`, for a cell without a label, and for two spellings of one label.
        """
        found = []
        for row, value in enumerate(self.values(name, role)):
            if absent(value) and not missing:
                raise DataError(fact("frames.missing", role=role, name=name, row=self.at[row]))
            found.append("" if absent(value) else text_of(value))
        one_spelling(f"{role} ({name})", np.array([one for one in found if one], dtype=object))
        return found

    def numeric(self, name: str, role: str) -> bool:
        """Whether a column holds numbers, or True and False, and nothing else."""
        return all(absent(one) or _is_number(one) for one in self.values(name, role))


@dataclass(frozen=True, slots=True)
class Covariates:
    """Columns for a model.

    Parameters
    ----------
    columns : (n,) by name, NaN where a value behind it is missing. bases : by column of categories,
        the one that the others are compared with.
    """

    columns: dict[str, np.ndarray] = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)


def table(given: Any) -> Table:
    """A table with the columns of a frame of pandas, polars or pyarrow.

    An index of pandas that has a name is a column too.

    Raises
    ------
    DataError : for anything else, a column twice, or a table without rows.
    """
    import narwhals as nw
    from narwhals.exceptions import NarwhalsError

    if isinstance(given, str | bytes) or given is None:
        raise DataError(fact("frames.no-table", kind=type(given).__name__))
    index: Any = getattr(given, "index", None)
    if hasattr(given, "reset_index") and any(name is not None for name in index.names):
        own = [name for name in index.names if name is not None and name not in given.columns]
        given = given.reset_index(level=own) if own else given
    try:
        native = nw.from_native(given)
        native = native.collect() if isinstance(native, nw.LazyFrame) else native
    except (TypeError, NarwhalsError) as fault:
        columns = [str(one) for one in getattr(given, "columns", ())]
        twice = sorted({one for one in columns if columns.count(one) > 1})
        if twice:
            raise DataError(fact("frames.twice", name=twice[0])) from None
        raise DataError(fact("frames.no-table", kind=type(given).__name__)) from fault
    if not isinstance(native, nw.DataFrame):
        raise DataError(fact("frames.no-table", kind=type(given).__name__))
    if not len(native):
        raise DataError(fact("frames.empty"))
    names = tuple(one for one in native.columns if isinstance(one, str))
    return Table(native, names, len(native), tuple(range(1, len(native) + 1)))


def covariates(source: Table, given: object) -> Covariates:
    """The columns of covariates, named one by one or by a formula.

    Numbers stay as they are; of categories each but the base, the first in the order of the
    alphabet, becomes a column of 0 and 1, `name[T.category]`.

    Parameters
    ----------
    given : names of columns, or one text: the name of a column or the right side of a formula, such
        as "age + race" or "C(race, contr.treatment('white')) + log(age)" (formulaic).

    Raises
    ------
    DataError : for a column that is not there or named twice, a formula that cannot be read, or
        categories of which there is one only, or as many as rows.
    """
    if given is None:
        return Covariates()
    if isinstance(given, str):
        return _named(source, [given]) if given in source.names else _formula(source, given)
    if not isinstance(given, Sequence) or not all(isinstance(one, str) for one in given):
        raise DataError(fact("frames.covariates", given=repr(given)))
    if len(set(given)) < len(given):
        twice = next(one for one in given if list(given).count(one) > 1)
        raise DataError(fact("frames.covariate-twice", name=twice))
    return _named(source, list(given))


def each_once(group: Sequence[str], values: Sequence[Any], role: str) -> list[Any]:
    """(G,) the one value of each group in the order of their names, None where there is none.

    Parameters
    ----------
    group : (n,) the group of each row. values : (n,).

    Raises
    ------
    DataError : when a group has several.
    """
    found: dict[str, Any] = {}
    for name, value in zip(group, values, strict=True):
        if absent(value):
            found.setdefault(name, None)
        elif found.get(name) is None:
            found[name] = value
        elif found[name] != value:
            told = [text_of(found[name]), text_of(value)]
            raise DataError(fact("frames.changes", role=role, unit=name, values=told))
    return [found[name] for name in sorted(found)]


def text_of(value: Any) -> str:
    """A label as text that keeps every digit; of a day without a time the day alone."""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()
    return code(value).strip()


def some(names: Sequence[str]) -> Fact:
    """A few of the names, and how many more there are."""
    rest = len(names) - SHOWN
    key = "frames.some-more" if rest > 0 else "frames.some"
    return fact(key, names=list(names[:SHOWN]), more=rest)


def is_count(values: np.ndarray) -> bool:
    """Whether all numbers that there are, are whole and not negative."""
    known = values[~np.isnan(values)]
    return bool(len(known) and (known >= 0).all() and (known == np.floor(known)).all())


def kind_of(values: np.ndarray, given: object) -> str:
    """ "count" or "continuous": as given, or by whether the numbers are whole and not negative.

    Raises
    ------
    DataError : for another kind.
    """
    one_of("kind", given, (None, "count", "continuous"))
    if given is None:
        return "count" if is_count(values) else "continuous"
    return str(given)


def one_of(what: str, given: object, known: Sequence[object]) -> None:
    """Nothing, when what was given is among the words that are known (None among them or not).

    Raises
    ------
    DataError : otherwise.
    """
    if not (given is None or isinstance(given, str)) or given not in known:
        words = [one for one in known if one is not None]
        raise DataError(fact("frames.one-of", what=what, given=repr(given), known=words))


def named_in_order(source: Table, given: object, role: str) -> list[str]:
    """One name of a column or several, as a list.

    Raises
    ------
    DataError : for anything else, none at all, one twice, or one that is not there.
    """
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, Sequence) or not all(isinstance(one, str) for one in names):
        raise DataError(fact("frames.names", role=role, given=repr(given)))
    if not names or len(set(names)) < len(names):
        raise DataError(fact("frames.names", role=role, given=repr(given)))
    for name in names:
        source.values(name, role)
    return list(names)


def _is_number(value: Any) -> bool:
    return not isinstance(value, str | bytes | complex) and hasattr(value, "__float__")


def _named(source: Table, names: Sequence[str]) -> Covariates:
    found = Covariates()
    for name in names:
        if source.numeric(name, "covariates"):
            found.columns[name] = source.numbers(name, "covariates")
            continue
        text = np.array(source.labels(name, "covariates", missing=True), dtype=object)
        levels = _levels(name, text)
        found.bases[name] = levels[0]
        gone = text == ""
        for level in levels[1:]:
            column = np.where(gone, math.nan, (text == level).astype(float))
            found.columns[f"{name}[T.{level}]"] = column
    return found


def _levels(name: str, text: np.ndarray) -> list[str]:
    levels = sorted({str(one) for one in text if one})
    if len(levels) < 2:
        raise DataError(fact("frames.one-category", name=name, levels=levels))
    if len(levels) > MOST_CATEGORIES:
        raise DataError(fact("frames.many-categories", name=name, n=len(levels)))
    return levels


def _formula(source: Table, text: str) -> Covariates:
    """The columns that formulaic makes of a formula, the constant left out."""
    import pandas as pd
    from formulaic import Formula, model_matrix
    from formulaic.errors import FormulaicError

    def asked(make: Callable[[], Any]) -> Any:
        try:
            return make()
        except (FormulaicError, ArithmeticError, LookupError, TypeError, ValueError) as fault:
            why = str(fault).strip().splitlines()
            key = "frames.formula"
            raise DataError(fact(key, text=text, why=why[0] if why else "")) from fault

    right = text.strip().removeprefix("~")
    if "~" in right:
        raise DataError(fact("frames.formula-sides", text=text))
    formula = asked(lambda: Formula(right))
    wanted = sorted(str(one) for one in asked(lambda: formula.required_variables))
    plain: dict[str, Any] = {}
    gone = np.zeros(source.n, dtype=bool)
    found = Covariates()
    for name in wanted:
        if source.numeric(name, "covariates"):
            plain[name] = source.numbers(name, "covariates")
            gone |= np.isnan(plain[name])
            continue
        labels = np.array(source.labels(name, "covariates", missing=True), dtype=object)
        levels = _levels(name, labels)
        gone |= labels == ""
        plain[name] = pd.Categorical(np.where(labels == "", levels[0], labels), levels)
    made = asked(lambda: model_matrix(right, pd.DataFrame(plain), na_action="ignore", context={}))
    for name in made.columns:
        if name != "Intercept":
            found.columns[str(name)] = np.where(gone, math.nan, made[name].to_numpy(dtype=float))
    for name, values in plain.items():
        if isinstance(values, pd.Categorical):
            told = "".join(found.columns)
            left = [one for one in values.categories if f"[T.{one}]" not in told]
            if len(left) == 1:
                found.bases[name] = left[0]
    return found
