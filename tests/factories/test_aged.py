"""A batch of an age has the rows that a build of a scenario of one batch gives, and all is the caller's transaction."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pytest_aquadata import factories
from pytest_aquadata.errors import AquadataError
from pytest_aquadata.factories.faked import FAKED
from pytest_aquadata.streams.columns import Column, Kind

SMALL: dict[str, Any] = {
    "eggs": "2000..3000",
    "containers_per_stage": 2,
    "readings": {"times": ["12:00"]},
    "growth_samples": {"every": 28, "fish": 3},
    "projection": {"days": 120},
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _plain(column: Column, count: int) -> list[Any]:
    """The values of a column as psycopg gives them."""
    values = [column.values.tolist()] * count if column.values.shape == () else column.values.tolist()
    null = [False] * count if column.null is None else column.null.tolist()
    convert = {
        Kind.FIXED: lambda value: Decimal(value).scaleb(-column.scale),
        Kind.DATE: lambda value: date(1970, 1, 1) + timedelta(days=value),
        Kind.STAMP: lambda value: EPOCH + timedelta(microseconds=value),
        Kind.TIME: lambda value: (EPOCH + timedelta(microseconds=value)).time(),
        Kind.TEXT: lambda value: column.words[value],
        Kind.NULL: lambda _: None,
    }.get(column.kind, lambda value: value)
    return [None if gone else convert(value) for value, gone in zip(values, null, strict=True)]


@pytest.mark.usefixtures("farm")
def test_it_has_the_rows_of_a_build() -> None:
    from django.db import connection

    from pytest_aquadata.factories.aged import Aged
    from pytest_aquadata.factories.fitting import farm_tables
    from pytest_aquadata.load.aged import plan_of
    from pytest_aquadata.load.build import rows_of

    made = factories.BatchFactory(age_days=100, geography="Scotland", start_date=date(2025, 2, 1), seed=7, scenario=SMALL)
    plan = plan_of(Aged(100, date(2025, 2, 1), "Scotland", 7, scenario=SMALL))
    (batch,) = plan.simulation.batches
    assert (made.batch_number, made.status, made.lifecycle_stage.order) == (batch.name, "ACTIVE", batch.stays[-1].order)
    assert made.pinned_scenario.batch_id == made.pk
    compared, counts = 0, dict.fromkeys(plan.tables, 0)
    for rows in rows_of(plan, batch):
        key = farm_tables()[rows.table].key
        first = int(rows.columns[key].values.reshape(-1)[0])
        names = [name for name, column in rows.columns.items() if column.refers is None and column.kind is not Kind.JSON]
        names = [name for name in names if name not in FAKED.get(rows.table, ())]
        with connection.cursor() as cursor:
            listed = ", ".join(f'"{name}"' for name in names)
            cursor.execute(f"SELECT {listed} FROM {rows.table} WHERE {key} >= %s ORDER BY {key} LIMIT %s", [first, rows.count])
            found = cursor.fetchall()
        expected = list(zip(*(_plain(rows.columns[name], rows.count) for name in names), strict=True))
        assert found == expected, rows.table
        compared += len(found) * len(names)
        counts[rows.table] += rows.count
    assert counts == {table: plan.total(table) - plan.farm.get(table, 0) for table in plan.tables}
    assert compared > sum(counts.values())

    # the next one stands behind it, under another name; and so does what Django itself saves
    again = factories.BatchFactory(age_days=3, geography="Scotland", start_date=date(2025, 2, 1), scenario=SMALL)
    assert again.pk == made.pk + 1
    assert again.batch_number != made.batch_number
    assert again.batchcontainerassignment_set.count() == 2
    assert factories.BatchFactory.create().pk == again.pk + 1
    named = factories.BatchFactory.create(age_days=1, batch_number="MINE", scenario=SMALL)
    assert named.batch_number == "MINE"


def test_one_that_is_not_saved() -> None:
    made = factories.BatchFactory.build(age_days=200, start_date=date(2024, 1, 1))
    assert made.pk is None
    assert (made.batch_number, made.status, made.lifecycle_stage.order) == ("FAR-2024-001", "ACTIVE", 3)
    assert factories.BatchFactory.build(age_days=1).start_date == factories.CLOCK.date()
    assert factories.BatchFactory.build(age_days=5, batch_number="MINE").batch_number == "MINE"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"age_days": 0}, "BatchFactory: age_days=0 is no age: a whole number of days, 1 or more"),
        ({"age_days": "200"}, "BatchFactory: age_days='200' is no age: a whole number of days, 1 or more"),
        ({"age_days": 5, "status": "PLANNED"}, "BatchFactory(age_days=…) works status out by itself: leave it out"),
        ({"age_days": 5, "geography": "Faroes"}, "did you mean 'Faroe Islands'"),
        ({"age_days": 5, "start_date": "today"}, "BatchFactory: start_date='today' is no date"),
        ({"age_days": 5, "profile": "offical"}, "did you mean 'official'"),
        ({"age_days": 5, "scenario": {"egs": 3}}, "did you mean 'eggs'"),
        ({"age_days": 5, "scenario": {"seed": 3}}, "BatchFactory: 'seed' is no key of its scenario"),
        ({"age_days": 5, "scenario": 3}, "BatchFactory: scenario is a mapping of a scenario's keys"),
        ({"geography": "Scotland"}, "BatchFactory(geography=…) goes with an age: BatchFactory(age_days=200, geography=…)"),
    ],
)
def test_what_is_wrong_is_said(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(AquadataError) as error:
        factories.BatchFactory.build(**arguments)
    assert said in str(error.value)


@pytest.mark.usefixtures("farm")
def test_a_cursor_of_django_hands_out_the_connection_of_psycopg() -> None:
    """Django documents that its cursors pass on what the driver's have; psycopg's have `connection`."""
    import psycopg
    from django.db import connection

    with connection.cursor() as one, connection.cursor() as other:
        one.execute("SELECT 1")
        assert isinstance(one.connection, psycopg.Connection)
        assert one.connection is other.connection
        assert one.connection.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS


def test_one_that_another_factory_is_to_make() -> None:
    with pytest.raises(AquadataError, match="is made first and then given"):
        factories.MortalityEventFactory.build(assignment__batch__age_days=5)
