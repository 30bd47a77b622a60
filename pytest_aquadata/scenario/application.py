"""What a scenario says of the application whose tables it fills: values that the farm does not know, tables to leave out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

from pydantic import Field, ValidationError

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.scenario.geography import Model

Value = bool | int | float | date | str | None


class Application(Model):
    """The application's own: columns that the farm does not know, and tables that are not to be filled."""

    columns: Mapping[str, Mapping[str, Value]] = Field(
        default_factory=dict, description="By table and column: the value that every row gets there"
    )
    history: Literal["none", "created"] = Field(
        "none", description="Where the application keeps history tables: whether each row gets an entry there that it was created"
    )
    skip: tuple[str, ...] = Field((), description="Tables that are left as they are")

    def with_columns(self, given: Iterable[Mapping[str, Mapping[str, Value]]]) -> Application:
        """The same with more values of columns; what is said here goes before.

        Raises:
            AquadataError: they are no tables of columns and values.
        """
        columns: dict[str, dict[str, Value]] = {}
        try:
            for tables in (*given, self.columns):
                for table, values in tables.items():
                    columns.setdefault(table, {}).update(values)
            return Application(columns=columns, history=self.history, skip=self.skip)
        except (ValidationError, AttributeError, TypeError, ValueError):
            raise AquadataError("pytest_aquadata_columns: give a mapping of tables to mappings of columns to plain values") from None
