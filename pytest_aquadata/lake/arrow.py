"""Columns of rows as Arrow arrays: the same values, none of them rounded, cut or wrapped.

What a column could not hold as it stands is an error that names column and value, as it is on the way into a database.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load.numeric import show_units
from pytest_aquadata.streams.columns import Column, Kind, Rows

_MOST_DIGITS = 18
"""Decimal digits that any int64 may have."""


def table_of(rows: Rows, schema: pa.Schema) -> pa.Table:
    """Rows as an Arrow table with the columns of `schema`; those that the rows do not have are NULL.

    Raises:
        AquadataError: a column that the schema lacks, one that may not be NULL and is, or a value that its column cannot hold.
    """
    if unknown := rows.columns.keys() - set(schema.names):
        raise AquadataError(f"{rows.table}.{min(unknown)}: the table has no such column. It has: {', '.join(schema.names)}.")
    return pa.Table.from_arrays([_array(rows, field) for field in schema], schema=schema)


def _array(rows: Rows, field: pa.Field) -> pa.Array:
    column, name = rows.columns.get(field.name), f"{rows.table}.{field.name}"
    null = None if column is None or column.null is None or not column.null.any() else column.null
    if column is None or column.kind is Kind.NULL or null is not None:
        if not field.nullable:
            raise AquadataError(f"{name}: NULL, but the column is NOT NULL.")
        if column is None or column.kind is Kind.NULL:
            return pa.nulls(rows.count, field.type)
    values = np.broadcast_to(column.values, (rows.count,))
    try:
        return _filled(column, values, null, field.type)
    except (ValueError, pa.ArrowInvalid) as error:
        raise AquadataError(f"{name}: {error}") from None


def _filled(column: Column, values: NDArray[Any], null: NDArray[np.bool_] | None, kind: pa.DataType) -> pa.Array:
    """An array of `kind`. Raises ValueError for the first value that it cannot hold."""
    if column.kind in (Kind.TEXT, Kind.JSON) and pa.types.is_string(kind):
        return pa.array(column.words, pa.string()).take(pa.array(values, mask=null))
    if column.kind in (Kind.INT, Kind.FIXED) and pa.types.is_decimal(kind):
        scale = column.scale if column.kind is Kind.FIXED else 0
        return _decimals(values if null is None else np.where(null, 0, values), scale, null, kind)
    if column.kind is Kind.FIXED and pa.types.is_float64(kind):
        return pa.array(values / 10.0**column.scale, mask=null)
    if column.kind is Kind.FLOAT and pa.types.is_floating(kind):
        return pa.array(values, mask=null)
    if column.kind is Kind.BOOL and pa.types.is_boolean(kind):
        return pa.array(values, mask=null)
    if column.kind is Kind.INT and (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return pa.array(values, mask=null).cast(kind)  # refuses what does not fit
    if column.kind is Kind.DATE and pa.types.is_date(kind):
        return pa.array(values, mask=null).cast(pa.int32()).cast(kind)
    if column.kind is Kind.STAMP and pa.types.is_timestamp(kind):
        return pa.array(values, mask=null).cast(kind)
    if column.kind is Kind.TIME and pa.types.is_string(kind):
        return _clock(pa.array(values, mask=null))
    raise ValueError(f"a column of type {kind} takes no {column.kind}")


def _clock(micros: pa.Array) -> pa.Array:
    """Microseconds since midnight as ISO writes a time of day: 08:00:00, with a fraction where there is one."""
    times = micros.cast(pa.time64("us")).dictionary_encode()
    words = [time.isoformat() for time in times.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(times.indices)


def _decimals(units: NDArray[np.int64], scale: int, null: NDArray[np.bool_] | None, kind: pa.Decimal128Type) -> pa.Array:
    """Whole units of ``10**-scale`` as decimals of `kind`; exact, or a ValueError."""
    if scale > kind.scale:
        surplus = 10 ** (scale - kind.scale)
        _refuse(units % surplus != 0, units, scale, f"at most {kind.scale} decimals")
        units = units // surplus
    elif scale < kind.scale:
        factor = 10 ** (kind.scale - scale)
        _refuse(np.abs(units) > np.iinfo(np.int64).max // factor, units, scale, f"too large for {kind}")
        units = units * factor
    if kind.precision <= _MOST_DIGITS:
        most = 10**kind.precision - 1
        if units.size and (units.min() < -most or units.max() > most):
            _refuse((units < -most) | (units > most), units, kind.scale, f"at most {show_units(most, kind.scale)}")
    # a decimal128 is an integer of 16 bytes: the value, then its sign all over
    wide = np.empty((len(units), 2), dtype="<i8")
    wide[:, 0], wide[:, 1] = units, units >> 63
    valid = None if null is None else pa.py_buffer(np.packbits(~null, bitorder="little"))
    return pa.Array.from_buffers(kind, len(units), [valid, pa.py_buffer(wide)])


def _refuse(bad: NDArray[np.bool_], units: NDArray[np.int64], scale: int, rule: str) -> None:
    if bad.any():
        raise ValueError(f"{show_units(int(units[bad.argmax()]), scale)} does not fit: {rule}")
