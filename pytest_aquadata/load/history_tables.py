"""History tables of an application (django-simple-history, or tables like its): a row that says "created" for each row of a build.

They are written by the server from the rows themselves, in the same transaction; nothing is saved, and no signal is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.apps import apps
from django.db.models import Model
from numpy.typing import NDArray
from psycopg import sql

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load.catalogue import TableLayout, read_layout
from pytest_aquadata.load.ledger import Connection

_CREATED = "+"
"""What django-simple-history writes into `history_type` of an object that was created."""
_OWN = ("history_id", "history_date", "history_type")
"""Columns of a history table that are written for each row; whoever adds others of his own has to let them be empty."""
_MOMENTS = ("timestamptz", "timestamp")


@dataclass(frozen=True, slots=True)
class History:
    """Where an application keeps what became of the rows of `table`: the columns of `layout` that both have, and the key of `table`."""

    table: TableLayout
    layout: TableLayout
    shared: tuple[str, ...]

    @property
    def required(self) -> list[str]:
        """Columns that must have a value which neither the row nor the build knows."""
        return [name for name, column in self.layout.columns.items() if column.required and name not in (*self.shared, *_OWN)]

    def add(self, conn: Connection, ids: NDArray[np.int64], clock: datetime) -> None:
        """Enter the rows with these ids as created at the moment that they say themselves, else at the clock's."""
        if not len(ids):
            return
        moments = [name for name, column in self.table.columns.items() if column.type in _MOMENTS and column.not_null]
        moment = next(iter(sorted(moments, key=lambda name: name != "created_at")), None)
        values: dict[str, sql.Composable] = {name: sql.Identifier(name) for name in self.shared}
        values["history_date"] = sql.Identifier(moment) if moment else sql.Literal(clock)
        values["history_type"] = sql.Literal(_CREATED)
        if (key := self.layout.columns.get("history_id")) is not None and key.type == "uuid" and not key.has_default:
            values["history_id"] = sql.SQL("gen_random_uuid()")
        conn.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} WHERE {}").format(
                self.layout.identifier,
                sql.SQL(", ").join(map(sql.Identifier, values)),
                sql.SQL(", ").join(values.values()),
                self.table.identifier,
                self._among(ids),
            )
        )

    def forget(self, conn: Connection, rows: sql.Composable) -> None:
        """Delete what is kept of rows; rows: a condition on the key of the table."""
        conn.execute(sql.SQL("DELETE FROM {} WHERE {}").format(self.layout.identifier, rows))

    def _among(self, ids: NDArray[np.int64]) -> sql.Composable:
        key, first, last = sql.Identifier(self.table.key), int(ids.min()), int(ids.max())
        if last - first + 1 == len(ids):
            return sql.SQL("{} BETWEEN {} AND {}").format(key, first, last)
        return sql.SQL("{} = ANY({})").format(key, ids.tolist())


def history_of(conn: Connection, model: type[Model], table: TableLayout) -> History | None:
    """Where the application keeps the history of a model; None where it does not."""
    for kept in apps.get_models():
        if _is_history(kept, model):
            try:
                layout = read_layout(conn, kept._meta.db_table)
            except AquadataError:
                return None
            shared = tuple(name for name in layout.columns if name in table.columns)
            return History(table, layout, shared) if table.key in shared else None
    return None


def _is_history(kept: Any, model: type[Model]) -> bool:
    names = {field.name for field in kept._meta.concrete_fields}
    if not {"history_date", "history_type"} <= names:
        return False
    named = kept.__name__ == f"Historical{model.__name__}" and kept._meta.app_label == model._meta.app_label
    return getattr(kept, "instance_type", model if named else None) is model
