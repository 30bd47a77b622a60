"""Django objects as columns of rows: the bridge from factories to the loader.

Only documented parts of Django's model API are used. Primary and foreign keys become plan numbers that the loader
translates; nothing is rounded: a decimal with more digits than its column is an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import MappingProxyType, UnionType
from typing import Any

import numpy as np
from django.db import models

from pytest_aquadata.factories import fitting
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.columns import Column, Kind, Rows

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.date().toordinal()

SOFT_REFERENCES: Mapping[str, tuple[str, str, Mapping[Any, str]]] = MappingProxyType(
    {
        "finance_dimsite": (
            "source_pk",
            "source_model",
            {"station": "infrastructure_freshwaterstation", "area": "infrastructure_area"},
        )
    }
)
"""Whole numbers that are keys without a constraint: column, the column that says of what, the table for each value."""


def _fixed_units(value: Any, scale: int) -> int:
    scaled = Decimal(str(value)).scaleb(scale)
    units = int(scaled)
    if scaled != units:
        raise ValueError(f"{value} has more than {scale} decimals")
    return units


def _microseconds(value: datetime) -> int:
    passed = value - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def _of_midnight(value: time) -> int:
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond


def _days(value: date) -> int:
    return value.toordinal() - _EPOCH_DAY


def _filled(values: Sequence[Any], blank: Any, convert: Callable[[Any], Any]) -> list[Any]:
    return [blank if value is None else convert(value) for value in values]


def _indexed(values: Sequence[Any], convert: Callable[[Any], str]) -> tuple[list[str], list[int]]:
    places: dict[str, int] = {}
    index = [0 if value is None else places.setdefault(convert(value), len(places)) for value in values]
    return list(places) or [""], index


def _document(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def kind_of(field: models.Field[Any, Any]) -> Kind:
    """What the values of a field are.

    Raises:
        TypeError: a type that no column stands for.
    """
    for kind, types in _KINDS:
        if isinstance(field, types):
            return kind
    raise TypeError(f"{field} has a type that no column stands for")


_KINDS: tuple[tuple[Kind, type | UnionType], ...] = (
    (Kind.FIXED, models.DecimalField),
    (Kind.STAMP, models.DateTimeField),
    (Kind.DATE, models.DateField),
    (Kind.TIME, models.TimeField),
    (Kind.BOOL, models.BooleanField),
    (Kind.FLOAT, models.FloatField),
    (Kind.INT, models.IntegerField),
    (Kind.JSON, models.JSONField),
    (Kind.TEXT, models.CharField | models.TextField | models.UUIDField),
)


def column_of(field: models.Field[Any, Any], values: Sequence[Any], refers: str | None = None) -> Column:
    """Values of a field as a column; refers: the table whose plan numbers they are.

    Raises:
        ValueError: a decimal that the column cannot hold. TypeError: see `kind_of`.
    """
    empty = np.fromiter((value is None for value in values), dtype=np.bool_, count=len(values))
    null = empty if empty.any() else None
    if refers is not None:
        return columns.numbers(refers, _filled(values, 0, int), null)
    match kind_of(field):
        case Kind.FIXED:
            scale = getattr(field, "decimal_places", None) or 0
            return columns.fixed(_filled(values, 0, lambda value: _fixed_units(value, scale)), scale, null)
        case Kind.STAMP:
            return columns.stamps(_filled(values, 0, _microseconds), null)
        case Kind.DATE:
            return columns.dates(_filled(values, 0, _days), null)
        case Kind.TIME:
            return columns.times(_filled(values, 0, _of_midnight), null)
        case Kind.BOOL:
            return columns.bools(_filled(values, False, bool), null)
        case Kind.FLOAT:
            return columns.floats(_filled(values, 0.0, float), null)
        case Kind.INT:
            return columns.ints(_filled(values, 0, int), null)
        case Kind.JSON:
            words, index = _indexed(values, _document)
            return columns.jsons(words, index, null)
        case _:
            words, index = _indexed(values, str)
            return columns.texts(words, index, null)


def _soft(table: str, objects: Sequence[models.Model]) -> dict[str, str]:
    if table not in SOFT_REFERENCES:
        return {}
    column, kind, tables = SOFT_REFERENCES[table]
    kinds = {getattr(each, kind) for each in objects}
    if len(kinds) != 1:
        raise ValueError(f"{table}: rows with different {kind} cannot share one column {column}: {sorted(kinds)}")
    return {column: tables[kinds.pop()]}


def model_rows(objects: Sequence[models.Model]) -> Rows:
    """Rows of objects of one model, in their order, by the farm's names of table and columns; primary and foreign keys are plan numbers.

    Of an application's model only the farm's columns are taken: what else it has is no matter of the plan.

    Raises:
        ValueError: no objects, a decimal that its column cannot hold, or soft references to different tables.
        TypeError: objects of different models, or a field of a type that no column stands for.
    """
    if not objects:
        raise ValueError("no objects")
    model = type(objects[0])
    if any(type(each) is not model for each in objects):
        raise TypeError(f"objects of different models among {model.__name__}")
    table = fitting.table_of(model)
    farm, soft = fitting.farm_tables()[table], _soft(table, objects)
    made = {}
    for name, field in fitting.fields_of(table).items():
        refers = soft.get(name) or (table if name == farm.key else farm.refers(name))
        made[name] = column_of(field, [getattr(each, field.attname) for each in objects], refers)
    return Rows(table, len(objects), made)
