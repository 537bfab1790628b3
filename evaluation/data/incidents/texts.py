"""Columns of a file as texts: labels, codes and categories, however the file holds them."""

from __future__ import annotations

from typing import Any

import numpy as np

from evaluation.data.labels import EXACT, normal
from evaluation.errors import DataError


def text_of_column(column: Any, shown: str, name: str) -> Any:
    """A column as text; whole numbers are written out, never as decimals.

    Raises
    ------
    DataError : when it holds what is no text, or numbers too large for a floating-point column.
    """
    import pyarrow

    kind = column.type
    if pyarrow.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pyarrow.types.is_string(kind):
        return column
    if pyarrow.types.is_large_string(kind) or pyarrow.types.is_integer(kind):
        return column.cast(pyarrow.string())
    if pyarrow.types.is_boolean(kind) or pyarrow.types.is_null(kind):
        return column.cast(pyarrow.string())
    if pyarrow.types.is_floating(kind):
        return _of_floats(column, kind.bit_width, shown, name)
    if pyarrow.types.is_decimal(kind):
        return pyarrow.array(
            [None if value is None else _decimal(str(value)) for value in column.to_pylist()],
            pyarrow.string(),
        )
    message = f"{shown}: column {name!r} is {kind}. Write it as text or as whole numbers."
    raise DataError(message)


def _of_floats(column: Any, bits: int, shown: str, name: str) -> Any:
    """Codes that a program held as numbers because some cell was blank."""
    import pyarrow

    numbers = column.cast(pyarrow.float64()).to_numpy(zero_copy_only=False)
    missing = np.isnan(numbers)
    if (np.abs(numbers[~missing]) > EXACT[bits]).any():
        message = (
            f"{shown}: column {name!r} is {column.type} and holds numbers above "
            f"{EXACT[bits]:,}, of which such a column loses digits. Write it as text."
        )
        raise DataError(message)
    texts = [
        None if none else str(int(value)) if value.is_integer() else repr(value)
        for value, none in zip(numbers.tolist(), missing.tolist(), strict=True)
    ]
    return pyarrow.array(texts, pyarrow.string())


def _decimal(text: str) -> str:
    whole, _, rest = text.partition(".")
    return text if rest.strip("0") else whole


def distinct(column: Any, shown: str, name: str) -> tuple[list[str], np.ndarray]:
    """The different texts of a column, without blanks around them, and the index of each row's."""
    import pyarrow

    if not pyarrow.types.is_dictionary(column.type):
        column = text_of_column(column, shown, name).dictionary_encode()
    values = text_of_column(column.dictionary, shown, name).to_pylist()
    cleaned = [_bare(value or "") for value in values]
    index = column.indices.fill_null(len(cleaned)).to_numpy(zero_copy_only=False)
    return [*cleaned, ""], index.astype(np.int64)


def _bare(text: str) -> str:
    """A text without blanks around it; one of which nothing can be seen is blank."""
    text = text.strip()
    unseen = not (text.isascii() and text.isprintable()) and not normal(text)
    return "" if unseen else text
