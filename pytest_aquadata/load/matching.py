"""Rows of the world and master data that a database has already: found by natural key, never changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from django.db.models import Field, Model, UniqueConstraint
from psycopg import sql

from pytest_aquadata.factories import fitting
from pytest_aquadata.farm import master
from pytest_aquadata.farm.rows import SOFT_REFERENCES
from pytest_aquadata.load.build import Loader

Fields = tuple["Field[Any, Any]", ...]


def unknown(loader: Loader, table: str, objects: Sequence[Model]) -> tuple[list[Model], list[tuple[int, Model]]]:
    """The objects that the table has not, and those that it has, with their ids there.

    Where the table has rows, the ids of all are entered in the loader's `ids`.
    """
    keys = _keys(loader, table, type(objects[0]))
    wanted = list(dict.fromkeys(field for key in keys for field in key))
    layout = loader.layout(table)
    names = [layout.key, *(str(field.column) for field in wanted)]
    columns = sql.SQL(", ").join([sql.Identifier(name) for name in names])
    found = loader.conn.execute(sql.SQL("SELECT {} FROM {}").format(columns, layout.identifier)).fetchall()
    if not found:
        return list(objects), []
    places = [[wanted.index(field) + 1 for field in key] for key in keys]
    known: list[dict[tuple[object, ...], int]] = [{tuple(row[at] for at in key): row[0] for row in found} for key in places]
    used = {row[0] for row in found}
    free = max(used) + 1
    changed: dict[int, int] = {}
    missing, own = list[Model](), list[tuple[int, Model]]()
    for entry in objects:
        number = entry.pk
        there = _found(loader, table, entry, keys, known)
        if there is not None:
            changed[number] = there
            own.append((there, entry))
        else:
            missing.append(entry)
            if number in used:
                changed[number], free = free, free + 1
            else:
                changed[number] = number
            used.add(changed[number])
    # all of them, also those that are equal: the table's other numbers may be offset
    loader.ids.change(table, changed)
    return missing, own


def _found(loader: Loader, table: str, entry: Model, keys: Sequence[Fields], known: Sequence[dict[tuple[object, ...], int]]) -> int | None:
    for place, (key, rows) in enumerate(zip(keys, known, strict=True)):
        values = tuple(_value(loader, table, entry, field) for field in key)
        # NULLs are equal in a natural key, and never in a constraint
        if values in rows and (place == 0 or None not in values):
            return rows[values]
    return None


def _keys(loader: Loader, table: str, model: type[Model]) -> list[Fields]:
    """The natural key first; in an application's table also what it declares to be unique, as its rows may be called otherwise."""
    fields = fitting.fields_of(table)
    if loader.binding is not None:
        fields = {name: field for name, field in fields.items() if name in loader.binding.tables[table].columns}
    natural = tuple(fields[column] for column in master.NATURAL_KEYS[table] if column in fields)
    if loader.binding is None:
        return [natural]
    mine = {field.name: field for field in fields.values() if not field.primary_key}
    unique = [tuple(mine[name] for name in names) for names in _unique(model) if set(names) <= set(mine)]
    return list(dict.fromkeys([key for key in (natural, *unique) if key]))


def _unique(model: type[Model]) -> Iterator[tuple[str, ...]]:
    """Names of fields that are unique together, as far as a model declares it without a condition."""
    yield from ((field.name,) for field in model._meta.concrete_fields if field.unique)
    yield from (tuple(names) for names in model._meta.unique_together)
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and constraint.condition is None and constraint.fields:
            yield tuple(constraint.fields)


def _value(loader: Loader, table: str, entry: Model, field: Field[Any, Any]) -> object:
    """A value as the database holds it: foreign keys are ids there and numbers here."""
    value, target = getattr(entry, field.attname), None
    if field.is_relation and isinstance(field.related_model, type):
        target = fitting.table_of(field.related_model)
    elif (soft := SOFT_REFERENCES.get(table)) and soft[0] == field.column:
        target = soft[2][getattr(entry, soft[1])]
    return value if target is None or value is None else int(loader.ids(target, np.asarray(value, dtype=np.int64)))
