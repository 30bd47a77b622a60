"""The columns of a table as Arrow types: what the reference farm's models declare, so that a data set has the types of the database."""

from __future__ import annotations

from functools import cache
from typing import Any

import pyarrow as pa
from django.db.models import DecimalField, Field

from pytest_aquadata.factories import fitting
from pytest_aquadata.farm.rows import kind_of
from pytest_aquadata.streams.columns import Kind

_INTEGERS = {
    "SmallIntegerField": pa.int16(),
    "PositiveSmallIntegerField": pa.int16(),
    "AutoField": pa.int32(),
    "IntegerField": pa.int32(),
    "PositiveIntegerField": pa.int32(),
    "BigAutoField": pa.int64(),
    "BigIntegerField": pa.int64(),
    "PositiveBigIntegerField": pa.int64(),
}
"""Whole numbers, by what Django calls a field: as wide as PostgreSQL's."""

_OTHERS = {
    Kind.FLOAT: pa.float64(),
    Kind.BOOL: pa.bool_(),
    Kind.DATE: pa.date32(),
    # Spark reads no file that has a time without a date, and Hive's tables, which Trino reads, have no such type
    Kind.TIME: pa.string(),
    Kind.STAMP: pa.timestamp("us", tz="UTC"),
    Kind.TEXT: pa.string(),
    # a document is its text: no reader has to know more of it
    Kind.JSON: pa.string(),
}


@cache
def schema_of(table: str) -> pa.Schema:
    """The columns of a table of the farm in the order of its model, its key first; needs Django set up for the reference farm."""
    return pa.schema([pa.field(name, _type(field), nullable=field.null) for name, field in fitting.fields_of(table).items()])


def _type(field: Field[Any, Any]) -> pa.DataType:
    while field.is_relation:
        field = field.target_field  # type: ignore[attr-defined]  # of foreign keys, the only relations with a column
    if isinstance(field, DecimalField):
        return pa.decimal128(int(field.max_digits or 0), int(field.decimal_places or 0))
    kind = kind_of(field)
    return _INTEGERS[field.get_internal_type()] if kind is Kind.INT else _OTHERS[kind]
