"""One batch by Django's bulk_create, and the same batch by this package, each in one process into a database with its indexes and keys.

Of every table bulk_create is given the first rows, a share of them that is said; the time for all rows of the batch is extrapolated per
row. Values are turned into Python's before the clock starts.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import psycopg
from sessions import Bench

from pytest_aquadata.farm import setup
from pytest_aquadata.load import ledger
from pytest_aquadata.load.fingerprint import fingerprint_of
from pytest_aquadata.load.ids import Ids
from pytest_aquadata.load.run import Run
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.streams.columns import Column, Kind

AT_ONCE = 1_000
"""Rows of one INSERT."""
LEAST = 1_000
"""Rows of a table that are taken whatever the share: what other rows refer to is small, and is there whole."""
_EPOCH, _DAY_ONE = datetime(1970, 1, 1, tzinfo=UTC), date(1970, 1, 1)


@dataclass(frozen=True)
class Orm:
    """batch: its name; rows: of the whole batch; sampled: rows that bulk_create stored, in so many seconds; ours: seconds for all rows."""

    batch: str
    rows: int
    sampled: int
    seconds: float
    ours: float

    @property
    def extrapolated(self) -> float:
        """Seconds that bulk_create would take for all rows."""
        return self.seconds / self.sampled * self.rows


def measure(on: Bench, prepared: str, plan: Plan, share: float) -> Orm:
    """The batch with most rows, into two copies of the database `prepared`."""
    batch = max(plan.simulation.batches, key=lambda each: int(plan.counts[each.number - 1].sum()))
    rows = int(plan.counts[batch.number - 1].sum())
    fingerprint = fingerprint_of(plan.simulation.scenario)
    run = Run(on.new("benchmark_ours", prepared), plan, fingerprint, [])
    run.prepare()
    on.settle()
    ours = run.build(batch.number).seconds
    run.close()
    on.drop("benchmark_ours")

    url = on.new("benchmark_orm", prepared)
    setup.configure(url)
    with psycopg.connect(url) as conn:
        ids = ledger.run_ids(conn, fingerprint)
    sample = _sample(plan, batch, share, ids)
    on.settle()
    begun = time.perf_counter()
    _store(sample)
    seconds = time.perf_counter() - begun
    on.drop("benchmark_orm")
    return Orm(batch.name, rows, sum(len(values) for _, values in sample), seconds, ours)


def _sample(plan: Plan, batch: Batch, share: float, ids: Ids) -> list[tuple[Any, list[dict[str, Any]]]]:
    """(model, values of its first rows by attribute), table by table."""
    from django.apps import apps

    from pytest_aquadata.load.build import rows_of

    models = {model._meta.db_table: model for model in apps.get_models()}
    sample: dict[str, list[dict[str, Any]]] = {}
    for rows in rows_of(plan, batch):
        model, known = models[rows.table], sample.setdefault(rows.table, [])
        wanted = max(LEAST, math.ceil(plan.count(batch, rows.table) * share)) - len(known)
        taken = min(wanted, rows.count)
        if taken > 0:
            names = {field.column: field.attname for field in model._meta.concrete_fields}
            columns = [[names[name], _values(column, rows.count, taken, ids)] for name, column in rows.columns.items()]
            known += [{name: values[at] for name, values in columns} for at in range(taken)]
    return [(models[table], values) for table, values in sample.items()]


def _store(sample: list[tuple[Any, list[dict[str, Any]]]]) -> None:
    from django.db import connection, transaction

    with transaction.atomic():
        for model, values in sample:
            model._default_manager.bulk_create([model(**row) for row in values], batch_size=AT_ONCE)
    connection.close()


def _values(column: Column, count: int, taken: int, ids: Ids) -> list[Any]:
    """The first values of a column as Django's fields take them."""
    first = np.broadcast_to(column.values, (count,))[:taken]
    raw = (ids(column.refers, first) if column.refers else first).tolist()
    missing = [False] * taken if column.null is None else column.null[:taken].tolist()
    return [None if none or column.kind is Kind.NULL else _value(column, value) for value, none in zip(raw, missing, strict=True)]


def _value(column: Column, value: Any) -> Any:
    match column.kind:
        case Kind.FIXED:
            return Decimal(value).scaleb(-column.scale)
        case Kind.DATE:
            return _DAY_ONE + timedelta(days=value)
        case Kind.TIME:
            return (_EPOCH + timedelta(microseconds=value)).time()
        case Kind.STAMP:
            return _EPOCH + timedelta(microseconds=value)
        case Kind.TEXT:
            return column.words[value]
        case Kind.JSON:
            return json.loads(column.words[value])
    return value
