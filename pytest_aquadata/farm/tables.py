"""``data/tables.yaml`` as the reference models say it: what an application's own models are bound to."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import ForeignKey, Model

from pytest_aquadata.farm.rows import kind_of
from pytest_aquadata.farm.settings import APPS

_HEAD = """\
# The tables that a farm fills: model, primary key, and columns with the kind of their values or the table that they refer to. Written by
# pytest_aquadata.farm.tables from the models of the reference farm, and held equal to them by a test.
"""
_DJANGOS = ("auth.User", "contenttypes.ContentType")


def text_of(models: Iterable[type[Model]]) -> str:
    """The text of the file for these models of the reference farm; Django's own but for users and content types are left out."""
    lines = [_HEAD]
    for model in sorted(models, key=lambda each: each._meta.db_table):
        meta = model._meta
        if meta.app_label not in APPS and meta.label not in _DJANGOS:
            continue
        assert meta.pk is not None
        lines.append(f"{meta.db_table}:\n  model: {meta.label}\n  key: {meta.pk.column}\n  columns:\n")
        for field in meta.concrete_fields:
            target = field.related_model._meta.db_table if isinstance(field, ForeignKey) else None
            lines.append(f"    {field.column}: {target or kind_of(field).value}\n")
    return "".join(lines)
