"""Columns of rows: what a stream hands to whoever stores them.

A column holds its values as NumPy integers or floats in a form that has no opinion about the database: decimals are whole units of
``10**-scale``, dates are days and timestamps microseconds since 1970-01-01 (UTC), texts are indices into a short list of words. A scalar
value stands for the same value in every row. The types, widths and ids of a particular database are the loader's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[Any]


class Kind(StrEnum):
    """What the values of a column mean."""

    INT = "int"
    FIXED = "fixed"
    FLOAT = "float"
    BOOL = "bool"
    DATE = "date"
    TIME = "time"
    STAMP = "stamp"
    TEXT = "text"
    JSON = "json"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of `Rows`.

    kind: what `values` mean.
    values: shape (n,) or () (the same in every row). int64 for INT, FIXED, STAMP (microseconds since 1970-01-01 UTC), TIME
        (microseconds since midnight), DATE (days since 1970-01-01), TEXT and JSON (index into `words`); bool for BOOL; float64 for FLOAT.
    scale: FIXED only; the value is ``values / 10**scale``.
    words: TEXT and JSON only; the distinct texts (a JSON word is a serialised document).
    null: None, or shape (n,) bool, True where the row has NULL (its value is then ignored).
    refers: the table whose plan numbers (from 1) the INT values are; None for a plain integer.
    """

    kind: Kind
    values: Values
    scale: int = 0
    words: tuple[str, ...] = ()
    null: NDArray[np.bool_] | None = None
    refers: str | None = None


def ints(values: ArrayLike, null: NDArray[np.bool_] | None = None) -> Column:
    """Plain whole numbers, shape (n,) or ()."""
    return Column(Kind.INT, np.asarray(values, dtype=np.int64), null=null)


def numbers(table: str, values: ArrayLike, null: NDArray[np.bool_] | None = None) -> Column:
    """Plan numbers of rows of `table`: a primary key of its own or a foreign key to it, shape (n,) or ()."""
    return Column(Kind.INT, np.asarray(values, dtype=np.int64), null=null, refers=table)


def fixed(units: ArrayLike, scale: int, null: NDArray[np.bool_] | None = None) -> Column:
    """Decimals as whole units of ``10**-scale``, shape (n,) or ()."""
    return Column(Kind.FIXED, np.asarray(units, dtype=np.int64), scale=scale, null=null)


def floats(values: ArrayLike, null: NDArray[np.bool_] | None = None) -> Column:
    """Double precision numbers, shape (n,) or ()."""
    return Column(Kind.FLOAT, np.asarray(values, dtype=np.float64), null=null)


def bools(values: ArrayLike, null: NDArray[np.bool_] | None = None) -> Column:
    """Truth values, shape (n,) or ()."""
    return Column(Kind.BOOL, np.asarray(values, dtype=np.bool_), null=null)


def dates(days: ArrayLike, null: NDArray[np.bool_] | None = None) -> Column:
    """Dates as days since 1970-01-01, shape (n,) or ()."""
    return Column(Kind.DATE, np.asarray(days, dtype=np.int64), null=null)


def times(microseconds: ArrayLike, null: NDArray[np.bool_] | None = None) -> Column:
    """Times of day as microseconds since midnight, shape (n,) or ()."""
    return Column(Kind.TIME, np.asarray(microseconds, dtype=np.int64), null=null)


def stamps(microseconds: ArrayLike, null: NDArray[np.bool_] | None = None) -> Column:
    """Moments as microseconds since 1970-01-01 00:00 UTC, shape (n,) or ()."""
    return Column(Kind.STAMP, np.asarray(microseconds, dtype=np.int64), null=null)


def text(word: str) -> Column:
    """The same text in every row."""
    return Column(Kind.TEXT, np.asarray(0, dtype=np.int64), words=(word,))


def texts(words: Sequence[str], index: ArrayLike, null: NDArray[np.bool_] | None = None) -> Column:
    """Texts as an index, shape (n,), into a short list of words."""
    return Column(Kind.TEXT, np.asarray(index, dtype=np.int64), words=tuple(words), null=null)


def jsons(words: Sequence[str], index: ArrayLike, null: NDArray[np.bool_] | None = None) -> Column:
    """JSON documents as an index, shape (n,) or (), into a short list of serialised documents."""
    return Column(Kind.JSON, np.asarray(index, dtype=np.int64), words=tuple(words), null=null)


def nulls() -> Column:
    """NULL in every row."""
    return Column(Kind.NULL, np.asarray(0, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Rows:
    """`count` rows of `table`; every column has `count` values or one scalar."""

    table: str
    count: int
    columns: dict[str, Column]

    def __post_init__(self) -> None:
        """Refuse a column of another length: a stream with such a defect must not reach a database."""
        for name, column in self.columns.items():
            if column.values.shape not in ((), (self.count,)):
                raise ValueError(f"{self.table}.{name} has shape {column.values.shape}, not ({self.count},)")
            if column.null is not None and column.null.shape != (self.count,):
                raise ValueError(f"{self.table}.{name}: null has shape {column.null.shape}, not ({self.count},)")
