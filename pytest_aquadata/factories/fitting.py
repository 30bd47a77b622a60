"""The tables that a farm fills, by the names this package gives them, and what they are in the application at hand.

A table is bound by app label and model through Django's registry, a column by its field. ``data/tables.yaml`` is what the models of the
reference farm say (a test holds the two equal); it is read where the application has models of its own under the same labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Field, ForeignKey, Model

from pytest_aquadata.plan.masterdata import document
from pytest_aquadata.streams.third_party import own_tables

USER = "auth_user"
"""The table of users, whichever model AUTH_USER_MODEL names."""

_OURS = "pytest_aquadata.farm."

RENAMED: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType({("batch_batch", "pinned_scenario_id"): ("pinned_projection_run",)})
"""Names that a column has in other versions of the application, as long as it refers to the same model."""


@dataclass(frozen=True, slots=True)
class FarmTable:
    """A table of the farm.

    label: its model. key: the column of its plan numbers. columns: by name, the kind of their values, or the table that they refer to.
    """

    name: str
    label: str
    key: str
    columns: Mapping[str, str]

    def refers(self, column: str) -> str | None:
        """The table that a column refers to."""
        return self.columns[column] if self.columns.get(column) in farm_tables() else None


@cache
def farm_tables() -> Mapping[str, FarmTable]:
    """Every table that a farm may fill, by name: ours, then those of other packages' streams."""
    said = document("tables").items()
    ours = {name: FarmTable(name, each["model"], each["key"], each["columns"]) for name, each in said}
    others = {name: FarmTable(name, each.model, each.key, each.columns) for name, each in own_tables().items()}
    return MappingProxyType({**ours, **others})


@cache
def model_of(table: str) -> type[Model] | None:
    """The application's model for a table of the farm; None where it has none."""
    label = settings.AUTH_USER_MODEL if table == USER else farm_tables()[table].label
    try:
        return apps.get_model(label)
    except LookupError:
        return None


@cache
def is_there(model: str | type[Model]) -> bool:
    """Whether the application has a model, given by its label or itself."""
    try:
        return not isinstance(model, str) or bool(apps.get_model(model))
    except LookupError:
        return False


def is_made(table: str) -> bool:
    """Whether factories make rows of a table of the farm: whether the application has a model for it."""
    return table not in farm_tables() or model_of(table) is not None


@cache
def table_of(model: type[Model]) -> str:
    """The farm's name for the table of an application's model; the table's own for one that is not the farm's."""
    if model._meta.label_lower == settings.AUTH_USER_MODEL.lower():
        return USER
    return _by_label().get(model._meta.label_lower, model._meta.db_table)


@cache
def _by_label() -> dict[str, str]:
    return {table.label.lower(): name for name, table in farm_tables().items()}


@cache
def fields_of(table: str) -> Mapping[str, Field[Any, Any]]:
    """The fields of the application's model by the farm's names of their columns; what the model has not is left out."""
    model, farm = model_of(table), farm_tables()[table]
    if model is None:
        return {}
    there = {name: each for each in model._meta.concrete_fields for name in (each.name, each.attname)}
    there |= {str(each.column): each for each in model._meta.concrete_fields}
    found = {}
    for column in farm.columns:
        field = model._meta.pk if column == farm.key else there.get(column)
        if field is None:
            field = next((there[name] for name in RENAMED.get((table, column), ()) if name in there), None)
        if field is not None and _same_kind(field, farm.refers(column) if column != farm.key else None):
            found[column] = field
    return found


def _same_kind(field: Field[Any, Any], target: str | None) -> bool:
    """Whether a field refers to the model of the table that its column is to refer to; any other field is judged by its type."""
    if target is None:
        return True
    return isinstance(field, ForeignKey) and field.related_model is model_of(target)


def adjusted(model: type[Model], given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments for an application's model: under its own names, without those that it has no field for."""
    table = table_of(model)
    if table not in farm_tables() or model.__module__.startswith(_OURS):
        return dict(given)
    known = {name for each in model._meta.get_fields() for name in (each.name, getattr(each, "attname", each.name))}
    fields, made = fields_of(table), {}
    for name, value in given.items():
        field = fields.get(name) or fields.get(f"{name}_id")
        if field is not None:
            made[field.attname if name in fields and name != field.name else field.name] = value
        elif name in known and name not in farm_tables()[table].columns and f"{name}_id" not in farm_tables()[table].columns:
            made[name] = value
    return made
