"""Queries in the farm's names, run on the tables that an application has instead.

A criterion, a section of the report and the growth analysis speak of `batch_batch.pinned_scenario_id`. Where the application calls it
otherwise the query gets a WITH query of the farm's name before it, which the server takes apart like a view: the same plan, the same
rights, nothing created, so that a role which only reads a standby can still verify it. What is not filled here is not guessed at:
whoever asks for it is told what and why, by `NotFilled`. A row of the application's own that stands for one of the farm's is read as the
farm's (`pytest_aquadata.load.own_rows`): what is called Ova here is the stage that criteria know as Egg&Alevin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import psycopg
from psycopg import sql

from pytest_aquadata.errors import NotFilled
from pytest_aquadata.factories import fitting
from pytest_aquadata.load import own_rows
from pytest_aquadata.load.binding import Binding, Bound
from pytest_aquadata.load.catalogue import ColumnLayout

_TEXTS = re.compile(r"'(?:[^']|'')*'")
_SOURCES = re.compile(r"\b(?:FROM|JOIN)\s+(?:ONLY\s+)?((?:\w+(?:\s+(?:AS\s+)?\w+)?\s*,\s*)*\w+)", re.IGNORECASE)
_COPY = re.compile(r"\A(COPY \(\n)(.*)(\n\) TO STDOUT .*)\Z", re.DOTALL)
_WITH = re.compile(r"\A\s*WITH\s+", re.IGNORECASE)
_SELECT = re.compile(r"\A\s*(?:WITH|SELECT|\()", re.IGNORECASE)

_CASTS: Mapping[tuple[str, str], str] = {
    ("fixed", "float4"): "::numeric",
    ("fixed", "float8"): "::numeric",
    ("int", "numeric"): "::bigint",
    ("int", "float8"): "::bigint",
    ("json", "json"): "::jsonb",
    ("date", "timestamp"): "::date",
    ("stamp", "timestamp"): " AT TIME ZONE 'UTC'",
    ("text", "uuid"): "::text",
}
"""What makes the farm's kind of value of a type that it was loaded into, where queries would not take the type itself."""


class FarmNames:
    """What the farm's names mean in the application at hand.

    own: how many rows of the application's own stand for the farm's with other values, by the farm's name of the table.
    """

    def __init__(self, binding: Binding, own: Mapping[str, int] = MappingProxyType({})) -> None:
        self.skipped, self.own = dict(binding.skipped), dict(own)
        self._views = {table: view for table, bound in binding.tables.items() if (view := _view(bound, table in own)) is not None}
        self._missing: dict[str, list[tuple[str, str]]] = {}
        for table, bound in binding.tables.items():
            for column in _missing(bound):
                self._missing.setdefault(column, []).append((table, bound.notes.get(column, "it is left out")))

    def translate(self, statement: str) -> str:
        """The statement as it runs here; one that reads nothing comes back as it is.

        Raises:
            NotFilled: it reads a table that is left out.
        """
        if copied := _COPY.match(statement):
            return copied[1] + self.translate(copied[2]) + copied[3]
        if not _SELECT.match(statement):
            return statement
        words = _TEXTS.sub("''", statement)
        for sources in _SOURCES.findall(words):
            for source in sources.split(","):
                self._refuse(source.split()[0])
        views = [view for table, view in self._views.items() if re.search(rf"\b{table}\b", words)]
        if not views:
            return statement
        named, rest = ",\n".join(views), _WITH.sub("", statement)
        return f"WITH {named},\n{rest}" if rest != statement else f"WITH {named}\n{statement}"

    def _refuse(self, table: str) -> None:
        if table in self.skipped:
            raise NotFilled(f"table {table} is not filled in this application: {self.skipped[table]}")

    def explain(self, error: psycopg.Error) -> NotFilled | None:
        """What a server that does not know a name says, in terms of what is not filled here; None for whatever else is wrong."""
        if not isinstance(error, psycopg.errors.UndefinedColumn | psycopg.errors.UndefinedTable):
            return None
        # the identifiers are the same in every language that the server may speak
        for word in re.findall(r"\w+", error.diag.message_primary or ""):
            if word in self.skipped:
                return NotFilled(f"table {word} is not filled in this application: {self.skipped[word]}")
            if word in self._missing and isinstance(error, psycopg.errors.UndefinedColumn):
                said = "; ".join(f"{table}.{word}: {why}" for table, why in self._missing[word])
                return NotFilled(f"a column is not filled in this application: {said}")
        return None


def _missing(bound: Bound) -> list[str]:
    """The farm's columns of a table that hold nothing of a farm here, or what the scenario said instead."""
    return [column for column in fitting.farm_tables()[bound.table].columns if _source(bound, column) is None]


def _source(bound: Bound, column: str) -> ColumnLayout | None:
    """The application's column that holds what the farm calls `column`."""
    if (name := bound.columns.get(column)) is not None:
        return bound.layout.columns[name]
    field = fitting.fields_of(bound.table).get(column)
    there = bound.layout.columns.get(str(field.column)) if field is not None else None
    return there if there is not None and there.generated else None


def _view(bound: Bound, own: bool) -> str | None:
    """A WITH query of the farm's name for the table; None where it can be read as it is. own: it has rows that stand for the farm's."""
    farm = fitting.farm_tables()[bound.table]
    chosen, same = [], not own and bound.layout.table == bound.table and bound.layout.schema == "public"
    for column, kind in farm.columns.items():
        there = _source(bound, column)
        if there is None:
            same = False
            continue
        value = f"t.{_quoted(there.name)}"
        if own and own_rows.is_compared(farm, column):
            said = own_rows.SAID.format(column=_literal(column), type=there.type_name, arrow="->" if kind == "json" else "->>")
            value = f"(CASE WHEN {own_rows.KNOWN.format(column=_literal(column))} THEN {said} ELSE {value} END)"
        cast = _CASTS.get(("int" if kind in fitting.farm_tables() else kind, there.type), "")
        same = same and not cast and there.name == column
        chosen.append(f"{value}{cast} AS {_quoted(column)}")
    if same:
        return None
    source = f"{bound.layout.identifier.as_string(None)} t"
    if own:
        source += own_rows.JOIN.format(table=_literal(bound.table), key=_quoted(bound.layout.key))
    return f"{bound.table} AS NOT MATERIALIZED (SELECT {', '.join(chosen)} FROM {source})"


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string(None)


def _literal(text: str) -> str:
    return sql.Literal(text).as_string(None)
