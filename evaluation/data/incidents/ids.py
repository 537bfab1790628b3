"""The number of each incident or victim, in the form in which numbers are compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import numpy as np

from evaluation.data.incidents.texts import text_of_column
from evaluation.data.labels import lost_digits, normal, quoted
from evaluation.errors import DataError, Fault

if TYPE_CHECKING:
    import pyarrow

# Between the parts of an id of several columns; no cell of a table holds it.
BETWEEN: Final = "\x1f"


def id_columns(
    batch: pyarrow.RecordBatch, names: Sequence[str], shown: str, *, private: bool
) -> tuple[Any, np.ndarray]:
    """The ids of a batch in normal form but for their case, and where that is no plain writing.

    Parameters
    ----------
    names : of the columns that are the id together. shown : the file in messages.

    Returns
    -------
    Texts, NULL where a part is blank, and (n,) numbers of 16 bits: 0 where the cell is written as
    most are, and otherwise one that stands for the way it is written.

    Raises
    ------
    DataError : for an id that lost its last digits on the way through a spreadsheet.
    """
    from pyarrow import compute

    parts, odd = [], np.zeros(batch.num_rows, dtype=np.uint16)
    for name in names:
        column = text_of_column(batch.column(name), shown, name)
        part, strange = _plainly(column, shown, name, private=private)
        parts.append(part)
        odd ^= strange
    return (parts[0] if len(parts) == 1 else compute.binary_join_element_wise(*parts, BETWEEN)), odd


def _plainly(column: Any, shown: str, name: str, *, private: bool) -> tuple[Any, np.ndarray]:
    """One column of ids; only what is not plain ASCII, or may be a decimal number, is looked at."""
    import pyarrow
    from pyarrow import compute

    text = compute.utf8_trim_whitespace(column).fill_null("")
    look = compute.invert(compute.ascii_is_printable(text))
    for sign in (".", "  ", "E+", "e+"):
        look = compute.or_(look, compute.match_substring(text, sign))
    odd = np.zeros(len(text), dtype=np.uint16)
    places = np.flatnonzero(look.to_numpy(zero_copy_only=False))
    if places.size:
        values = text.to_pylist()
        for place in places.tolist():
            value = values[place]
            if lost_digits(value):
                raise _lost(value, shown, name, private=private)
            form = normal(value)
            if form != value.lower():
                values[place] = form
                odd[place] = crc32(value.encode("utf-8", "surrogatepass")) & 0xFFFF | 1
        text = pyarrow.array(values, pyarrow.string())
    return compute.if_else(compute.equal(text, ""), None, text), odd


def _lost(value: str, shown: str, name: str, *, private: bool) -> DataError:
    example = "" if private else f" such as {quoted(value)}"
    message = (
        f"column {name!r} holds numbers{example} that lost their last digits in a spreadsheet or a "
        "floating-point column. Export it again as text."
    )
    return DataError(Fault(shown, None, None, message))
