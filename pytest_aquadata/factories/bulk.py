"""Many objects at once: saved by one COPY, with ids from the table's sequence, in the caller's transaction, and no signal sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from django.db import IntegrityError, connections, transaction
from django.db.models import Field, Model
from psycopg import sql

_gathering: ContextVar[type | None] = ContextVar("gathering", default=None)


@contextmanager
def gathering(maker: type) -> Iterator[None]:
    """Meanwhile this factory's objects are made as `create` makes them, with all that they refer to saved, but not saved themselves."""
    token = _gathering.set(maker)
    try:
        yield
    finally:
        _gathering.reset(token)


def is_gathering(maker: type) -> bool:
    """Whether the objects of this factory are to be left unsaved."""
    return _gathering.get() is maker


def copy_objects(objects: Sequence[Model], using: str) -> None:
    """Save new objects of one model by COPY; they then have their ids. Signals are not sent, `save` is not called.

    Where COPY cannot do it (another server than PostgreSQL, values that the server is to work out, a model with a table for its parent),
    Django's `bulk_create` does.

    Raises:
        IntegrityError: a constraint refuses a row; then none is written.
    """
    if not objects:
        return
    model, connection = type(objects[0]), connections[using]
    fields = model._meta.concrete_fields
    if connection.vendor != "postgresql" or model._meta.parents:
        model._base_manager.using(using).bulk_create(objects)
        return
    key = model._meta.pk
    assert key is not None
    try:
        with transaction.atomic(using=using), connection.cursor() as cursor:
            if any(each.pk is None for each in objects) and not _number(cursor, objects, key):
                model._base_manager.using(using).bulk_create(objects)
                return
            rows = [[field.get_db_prep_save(field.pre_save(each, True), connection) for field in fields] for each in objects]
            if any(hasattr(value, "resolve_expression") for row in rows[:1] for value in row):
                model._base_manager.using(using).bulk_create(objects)
                return
            names = sql.SQL(", ").join(sql.Identifier(str(field.column)) for field in fields)
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(model._meta.db_table), names)
            # text, and not the engine's binary form: the columns are whatever the application has
            with cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
    except psycopg.IntegrityError as error:
        raise IntegrityError(str(error)) from error
    for each in objects:
        each._state.adding, each._state.db = False, using


def _number(cursor: Any, objects: Sequence[Model], key: Field[Any, Any]) -> bool:
    """Give objects ids of the table's sequence; False where it has none. What others take meanwhile is theirs."""
    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{key.model._meta.db_table}"', key.column])
    (sequence,) = cursor.fetchone()
    if sequence is None:
        return False
    new = [each for each in objects if each.pk is None]
    cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, len(new)])
    for each, (number,) in zip(new, cursor.fetchall(), strict=True):
        each.pk = number
    return True
