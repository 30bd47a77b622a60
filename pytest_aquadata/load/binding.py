"""What the farm's tables and columns are in the application's database, and what becomes of those that do not meet.

Names come from Django's registry (`pytest_aquadata.factories.fitting`), types and NOT NULL from the server's catalogue. A table or a column
that the application does not have is left out; a column that the farm does not know gets what the scenario says, else its default; where
there is none and the column needs a value, the table cannot be filled and the build is refused before it writes, naming all such columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np
from django.db import models

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.factories import fitting
from pytest_aquadata.farm.rows import column_of
from pytest_aquadata.load.catalogue import ColumnLayout, TableLayout, read_layout
from pytest_aquadata.load.history_tables import History, history_of
from pytest_aquadata.load.ledger import Connection
from pytest_aquadata.load.wire import TAKES
from pytest_aquadata.scenario.application import Application
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.columns import Column, Kind, Rows
from pytest_aquadata.streams.third_party import own_tables, third_party

NEEDED = ("batch_batch", "batch_batchcontainerassignment", "infrastructure_container")
"""Tables without which there is no farm."""


@dataclass(slots=True)
class Bound:
    """A table of the farm in the application's database.

    table: the farm's name. layout: the application's table. clock: the moment of rows that have none.
    columns: the application's column for each of the farm's. history: where each row is to be entered as created.
    given: values of columns that the farm does not know, the same in every row. made: those whose default is made for each row.
    stamped: moments that are not given: they follow the row's own.
    notes: for each column that is not simply filled, what becomes of it. required: columns that nothing is known for.
    """

    table: str
    layout: TableLayout
    clock: datetime
    columns: dict[str, str] = field(default_factory=dict)
    given: dict[str, Column] = field(default_factory=dict)
    made: dict[str, models.Field[Any, Any]] = field(default_factory=dict)
    stamped: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    history: History | None = None

    def fit(self, rows: Rows) -> Rows:
        """The farm's rows as rows of the application's table."""
        fitted = {self.columns[name]: column for name, column in rows.columns.items() if name in self.columns}
        fitted |= self.given
        for name, each in self.made.items():
            fitted[name] = column_of(each, [each.get_default() for _ in range(rows.count)])
        for name in self.stamped:
            fitted[name] = _moment(rows, self.clock) if self.layout.columns[name].type != "date" else _day(_moment(rows, self.clock))
        return Rows(self.layout.table, rows.count, fitted)


def _moment(rows: Rows, clock: datetime) -> Column:
    """When rows were made: what they say themselves, else the clock's."""
    said = [rows.columns.get("created_at"), *(column for column in rows.columns.values() if column.kind is Kind.STAMP)]
    otherwise = columns.stamps(int(clock.timestamp()) * 1_000_000)
    return next((column for column in said if column is not None and column.null is None), otherwise)


def _day(moment: Column) -> Column:
    return columns.dates(moment.values // 86_400_000_000)


class Binding:
    """All tables of the farm as the application has them; skipped: why a table is left out, by the farm's name."""

    def __init__(self, tables: Mapping[str, Bound], skipped: Mapping[str, str]) -> None:
        self.tables, self.skipped = dict(tables), dict(skipped)

    def names(self, tables: Iterable[str]) -> list[str]:
        """The application's names of those of the farm's tables that it has."""
        return [self.tables[table].layout.table for table in tables if table in self.tables]

    def refuse(self, wanted: Iterable[str]) -> None:
        """Refuse a build that cannot be.

        Raises:
            AquadataError: there is no table of batches, or columns of wanted tables need values that nobody knows.
        """
        if missing := [table for table in NEEDED if table not in self.tables]:
            raise AquadataError("\n    ".join(["the application has no place for a farm:", *(self.skipped[table] for table in missing)]))
        wanted = list(wanted)
        kept = [history for table in wanted if table in self.tables and (history := self.tables[table].history) is not None]
        if unknown := [f"{history.layout.table}.{column}" for history in kept for column in history.required]:
            raise AquadataError(
                f"no value is known for {', '.join(unknown)} of the history tables, which must have one\n"
                "    leave histories alone:   aquadata: {history: none}"
            )
        lacking = [f"{table}.{column}" for table in wanted if table in self.tables for column in self.tables[table].required]
        if lacking:
            first, _, column = lacking[0].partition(".")
            raise AquadataError(
                f"no value is known for {', '.join(lacking)}, which must have one\n"
                f"    say it in the scenario:   aquadata: {{columns: {{{first}: {{{column}: …}}}}}}\n"
                f"    or leave the table out:   aquadata: {{skip: [{first}]}}"
            )


def bind(conn: Connection, scenario: Scenario) -> Binding:
    """Bind all tables of the farm in the database at hand, as the scenario wishes.

    Raises:
        AquadataError: the scenario speaks of tables or columns that are not there.
    """
    tables: dict[str, Bound] = {}
    skipped: dict[str, str] = {}
    wishes, clock = scenario.aquadata, datetime.combine(scenario.as_of, time(), UTC)
    others = {table for stream in scenario.streams.of_others for table in third_party(stream).tables}
    for name in fitting.farm_tables():
        if name in own_tables() and name not in others:
            continue
        bound = "left out by the scenario" if name in wishes.skip else _bound(conn, name, clock)
        if isinstance(bound, Bound):
            tables[name] = bound
        else:
            skipped[name] = bound
    _let_go(tables, skipped)
    _refuse_unknown(wishes, tables, skipped)
    for name, table in tables.items():
        _add(table, wishes.columns.get(name, {}))
        model = fitting.model_of(name)
        if wishes.history == "created" and model is not None:
            table.history = history_of(conn, model, table.layout)
    return Binding(tables, skipped)


def _bound(conn: Connection, name: str, clock: datetime) -> Bound | str:
    """The table with the columns that both have; else why there is none."""
    farm, model = fitting.farm_tables()[name], fitting.model_of(name)
    if model is None:
        return f"the application has no model {farm.label}"
    try:
        layout = read_layout(conn, model._meta.db_table)
    except AquadataError as error:
        return str(error)
    key = layout.columns.get(str(model._meta.pk.column)) if model._meta.pk else None
    if key is None or Kind.INT not in TAKES.get(key.type, ()):
        return f"the primary key of {layout.table} is no whole number" + (f" but {key.type_name}" if key else "")
    bound = Bound(name, replace(layout, key=key.name), clock)
    fields = fitting.fields_of(name)
    for column, kind in farm.columns.items():
        found = fields.get(column)
        there = layout.columns.get(str(found.column)) if found is not None else None
        wanted = Kind.INT if kind in fitting.farm_tables() else Kind(kind)
        if there is None:
            bound.notes[column] = "the application has no such column"
        elif there.generated:
            bound.notes[column] = "computed by the server"
        elif wanted not in TAKES.get(there.type, ()):
            bound.notes[column] = f"{there.type_name} takes no {wanted}"
        else:
            bound.columns[column] = there.name
            if there.name != column:
                bound.notes[column] = f"is {there.name} here"
    return bound


def _let_go(tables: dict[str, Bound], skipped: dict[str, str]) -> None:
    """Leave out columns that refer to tables that are left out, and tables that cannot do without them."""
    again = True
    while again:
        again = False
        for name, bound in list(tables.items()):
            for column in list(bound.columns):
                target = fitting.farm_tables()[name].refers(column)
                if target in skipped:
                    there = bound.layout.columns[bound.columns.pop(column)]
                    bound.notes[column] = f"refers to {target}, which is not filled"
                    if there.required:
                        skipped[name] = f"{column} needs {target}, which is not filled"
                        del tables[name]
                        again = True
                        break


def _add(bound: Bound, said: Mapping[str, Any]) -> None:
    """Decide what becomes of the columns that the farm brings no values for."""
    model = fitting.model_of(bound.table)
    assert model is not None
    fields = {str(each.column): each for each in model._meta.concrete_fields}
    for name, there in bound.layout.columns.items():
        if name in bound.columns.values() and name not in said:
            continue
        known = fields.get(name)
        if name in said:
            bound.columns = {column: mine for column, mine in bound.columns.items() if mine != name}
            bound.given[name], bound.notes[name] = _constant(bound, there, known, said[name]), f"{said[name]!r}, as the scenario says"
        elif there.generated or there.identity or there.has_default:
            bound.notes[name] = "left to the server's default"
        elif isinstance(known, models.DateField) and (known.auto_now or known.auto_now_add or callable(known.default)):
            bound.stamped.append(name)
            bound.notes[name] = "the moment of the row"
        elif (
            known is not None and known.has_default() and callable(known.default) and (known.unique or isinstance(known, models.UUIDField))
        ):
            bound.made[name], bound.notes[name] = known, "the model's default, made for each row"
        elif known is not None and known.has_default() and (known.get_default() is not None or not there.not_null):
            value = known.get_default()
            try:
                if value is not None:
                    bound.given[name] = _constant(bound, there, known, value)
                bound.notes[name] = f"the model's default, {value!r}"
            except AquadataError:
                bound.notes[name] = f"{there.type_name} cannot be loaded" + (", and it is required" if there.not_null else "; left NULL")
                bound.required += [name] if there.not_null else []
        elif not there.not_null:
            bound.notes[name] = "left NULL"
        elif isinstance(known, models.CharField | models.TextField) and known.blank:
            bound.given[name], bound.notes[name] = columns.text(""), "left empty"
        else:
            bound.notes[name] = "required, and unknown"
            bound.required.append(name)


def _constant(bound: Bound, there: ColumnLayout, known: models.Field[Any, Any] | None, value: Any) -> Column:
    """One value for every row.

    Raises:
        AquadataError: the column does not take it.
    """
    if value is None:
        return columns.nulls()
    try:
        if known is not None:
            target = known.target_field if isinstance(known, models.ForeignKey) else known
            column = column_of(target, [target.to_python(value)])
        else:
            column = _plain(value)
    except Exception as error:  # whatever a field of the application's own raises
        raise AquadataError(f"{bound.table}.{there.name} ({there.type_name}) cannot be {value!r}: {error}") from None
    return replace(column, values=np.asarray(column.values.reshape(-1)[0]))


def _plain(value: Any) -> Column:
    match value:
        case bool():
            return columns.bools([value])
        case int():
            return columns.ints([value])
        case float():
            return columns.floats([value])
        case date() if not isinstance(value, datetime):
            return columns.dates([value.toordinal() - date(1970, 1, 1).toordinal()])
        case _:
            return columns.text(str(value))


def _refuse_unknown(wishes: Application, tables: Mapping[str, Bound], skipped: Mapping[str, str]) -> None:
    for name, said in wishes.columns.items():
        if name in skipped:
            raise AquadataError(f"aquadata.columns: {name} is not filled: {skipped[name]}")
        for column in said:
            if column not in tables[name].layout.columns:
                there = ", ".join(tables[name].layout.columns)
                raise AquadataError(f"aquadata.columns: {tables[name].layout.table} has no column '{column}'; it has {there}")
