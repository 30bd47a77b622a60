"""The values of one column in PostgreSQL's binary form, refused before a byte is made when the column could not hold
them exactly.

A value is never rounded, cut or wrapped on its way: what a column of the database cannot hold as it stands is an
`AquadataError` that names the column, the first row concerned, its value and what the column takes.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load.catalogue import ColumnLayout
from pytest_aquadata.load.numeric import Part, magnitudes, numeric_parts, show_units
from pytest_aquadata.streams.columns import Column, Kind

Int = NDArray[np.int64]

TAKES: dict[str, tuple[Kind, ...]] = {
    "int2": (Kind.INT,),
    "int4": (Kind.INT,),
    "int8": (Kind.INT,),
    "numeric": (Kind.FIXED, Kind.INT),
    "float4": (Kind.FLOAT, Kind.INT),
    "float8": (Kind.FLOAT, Kind.INT, Kind.FIXED),
    "bool": (Kind.BOOL,),
    "date": (Kind.DATE,),
    "time": (Kind.TIME,),
    # Midnight of a date is a moment only once somebody names a time zone: timestamptz takes no date.
    "timestamp": (Kind.STAMP, Kind.DATE),
    "timestamptz": (Kind.STAMP,),
    "text": (Kind.TEXT,),
    "varchar": (Kind.TEXT,),
    "bpchar": (Kind.TEXT,),
    "uuid": (Kind.TEXT,),
    "json": (Kind.JSON,),
    "jsonb": (Kind.JSON,),
}
"""Which kinds of values a type takes: those that it holds exactly, in the one obvious way."""

_INTS = {"int2": (">i2", 2**15), "int4": (">i4", 2**31), "int8": (">i8", 2**63)}
_WHOLE_FLOATS = {"float4": (">f4", 2**24), "float8": (">f8", 2**53)}
_EXACT_POWERS = 22
"""10**22 is the largest power of ten that a double holds exactly; a quotient of two exact numbers is rounded once,
hence correctly."""
_DAY = 86_400_000_000
_EPOCH_DAYS = 10_957  # PostgreSQL counts from 2000-01-01
# What Python and Django can read back; PostgreSQL itself would store more.
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # 0001-01-01, 9999-12-31


def greatest_of(type_name: str) -> int | None:
    """The greatest number that an integer type of PostgreSQL holds, by its internal name; None for any other type."""
    return _INTS[type_name][1] - 1 if type_name in _INTS else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where values are bound for, and from which rows they come.

    rows: shape (n,), the row of each value; None when value i is of row i. first: the number of row 0 in messages.
    """

    table: str
    layout: ColumnLayout
    first: int = 1
    rows: NDArray[np.intp] | None = None

    def refuse(self, bad: NDArray[np.bool_], values: NDArray[Any], show: Callable[[Any], str], rule: str) -> None:
        """Raise for the first bad value, if there is one."""
        if not bad.any():
            return
        at = int(bad.argmax())
        row = self.first + (at if self.rows is None else int(self.rows[at]))
        name = f"{self.table}.{self.layout.name}"
        raise AquadataError(f"{name}, row {row}: {show(values[at].item())} does not fit {self.layout.type_name}: {rule}.")

    def within(self, values: Int, low: int, high: int, show: Callable[[int], str], rule: str = "") -> None:
        """Refuse values outside `low` … `high` (both allowed)."""
        # Two reductions cost a fraction of making the mask, which is wanted only for the message.
        if values.min() < low or values.max() > high:
            self.refuse((values < low) | (values > high), values, show, rule or f"from {show(low)} to {show(high)}")


def value_parts(values: NDArray[Any], column: Column, place: Place) -> list[Part]:
    """The data of fixed-width fields; `values` shape (n,), n > 0, without NULLs. Not for texts and documents: see
    `word_bytes`."""
    layout = place.layout
    match column.kind, layout.type:
        case Kind.INT, "int2" | "int4" | "int8":
            form, bound = _INTS[layout.type]
            place.within(values, -bound, bound - 1, str)
            return [(form, values)]
        case Kind.INT | Kind.FIXED, "numeric":
            return _decimals(values, column.scale if column.kind is Kind.FIXED else 0, place)
        case Kind.INT, _:
            form, bound = _WHOLE_FLOATS[layout.type]
            place.within(values, -bound, bound, str)
            return [(form, values)]
        case Kind.FIXED, _:
            bound = 2**53 if column.scale <= _EXACT_POWERS else 0
            rule = "more digits than a double can tell apart"
            place.within(values, -bound, bound, lambda units: show_units(units, column.scale), rule)
            return [(">f8", values.astype(np.float64) / 10.0**column.scale)]
        case Kind.FLOAT, "float4":
            with np.errstate(over="ignore"):
                inexact = values.astype(np.float32).astype(np.float64) != values
            place.refuse(inexact & ~np.isnan(values), values, repr, "not a number that 4 bytes hold exactly")
            return [(">f4", values)]
        case Kind.FLOAT, _:
            return [(">f8", values)]
        case Kind.BOOL, _:
            return [("u1", values)]
        case Kind.DATE, _:
            place.within(values, _FIRST_DAY, _LAST_DAY, _show_day)
            days = values - _EPOCH_DAYS
            return [(">i4", days)] if layout.type == "date" else [(">i8", days * _DAY)]
        case Kind.TIME, _:
            place.within(values, 0, _DAY - 1, _show_time)
            _whole_steps(values, place, _show_time)
            return [(">i8", values)]
        case Kind.STAMP, _:
            place.within(values, _FIRST_DAY * _DAY, (_LAST_DAY + 1) * _DAY - 1, _show_stamp)
            _whole_steps(values, place, _show_stamp)
            return [(">i8", values - _EPOCH_DAYS * _DAY)]
    raise AssertionError(f"{column.kind} into {layout.type}: TAKES and value_parts disagree")


def word_bytes(index: Int, column: Column, place: Place) -> list[bytes]:
    """The data of each word of a TEXT or JSON column; words that `index`, shape (n,), does not use are empty and are
    not checked."""
    if index.min() < 0 or index.max() >= len(column.words):
        raise ValueError(f"{place.table}.{place.layout.name} points outside its {len(column.words)} words")
    used = np.zeros(len(column.words), dtype=np.bool_)
    used[index] = True
    data = [b""] * len(column.words)
    bad: dict[int, str] = {}
    for at in np.flatnonzero(used).tolist():
        try:
            data[at] = _word(column.words[at], place.layout)
        except ValueError as error:
            bad[at] = "a character that is not Unicode text" if isinstance(error, UnicodeError) else str(error)
    if bad:
        wrong = np.isin(index, list(bad))
        reason = bad[int(index[wrong.argmax()])]
        place.refuse(wrong, index, lambda at: repr(shorten(column.words[at])), reason)
    return data


def shorten(word: str, width: int = 60) -> str:
    """The word, or its beginning and an ellipsis."""
    return word if len(word) <= width else word[: width - 1] + "…"


def _word(word: str, layout: ColumnLayout) -> bytes:
    """One word as the server takes it. Raises ValueError with the reason when it cannot."""
    if layout.type == "uuid":
        try:
            return uuid.UUID(word).bytes
        except ValueError:
            raise ValueError("not a UUID") from None
    if "\0" in word:
        raise ValueError("PostgreSQL stores no NUL character")
    if layout.length is not None and len(word) > layout.length:
        raise ValueError(f"{len(word)} characters, at most {layout.length}")
    data = word.encode()
    return b"\x01" + data if layout.type == "jsonb" else data


def _decimals(units: Int, scale: int, place: Place) -> list[Part]:
    """NUMERIC data, after the checks against the declared precision and scale."""
    precision, declared = place.layout.precision, place.layout.scale
    if precision is None or declared is None:
        return numeric_parts(units, scale)

    def show(value: int) -> str:
        return show_units(value, scale)

    if declared < scale:
        # Numbers that large have no other multiple than zero among the int64.
        surplus = min(scale - declared, 19)
        large = magnitudes(units)
        bad = large % np.uint64(10**surplus) != 0
        places = f"{declared} decimals" if declared >= 0 else f"whole multiples of {10**-declared}"
        place.refuse(bad, units, show, f"at most {places}" if declared >= 0 else places)
    limit = precision - declared + scale
    most = 10**limit - 1 if limit > 0 else 0
    if most < 2**63 - 1:
        rule = f"from {show(-most)} to {show(most)}"
        place.within(units, -most, most, show, rule)
    if max(declared, 0) < scale:
        drop = scale - max(declared, 0)
        units = units // np.int64(10**drop) if drop <= 18 else np.zeros_like(units)
        scale = max(declared, 0)
    return numeric_parts(units, scale)


def _whole_steps(microseconds: Int, place: Place, show: Callable[[int], str]) -> None:
    """Refuse fractions of a second finer than a declared time(p) or timestamp(p) keeps: the server would round them."""
    precision = place.layout.precision
    if precision is not None and precision < 6:
        bad = microseconds % 10 ** (6 - precision) != 0
        place.refuse(bad, microseconds, show, f"at most {precision} decimals of a second")


def _show_day(day: int) -> str:
    return str(np.datetime64(day, "D"))


def _show_time(microseconds: int) -> str:
    seconds, fraction = divmod(microseconds, 1_000_000)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{fraction:06d}" if fraction else text


def _show_stamp(microseconds: int) -> str:
    return f"{np.datetime64(microseconds, 'us')} UTC"
