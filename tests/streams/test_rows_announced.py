"""Every stream makes exactly the rows it announced, numbered as planned, with the columns of the application's tables."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from tables import plan_of, stream_rows, table

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.streams import feed_stock
from pytest_aquadata.streams.base import CHUNK, Stream
from pytest_aquadata.streams.columns import Column, Kind, Rows
from pytest_aquadata.streams.registry import STREAMS

SCHEMA: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "farm" / "reference_schema.yaml").read_text(encoding="utf-8")
)
TYPES = {
    Kind.INT: ("bigint", "integer", "smallint"),
    Kind.FIXED: ("numeric",),
    Kind.FLOAT: ("double precision",),
    Kind.BOOL: ("boolean",),
    Kind.DATE: ("date",),
    Kind.TIME: ("time",),
    Kind.STAMP: ("timestamptz",),
    Kind.TEXT: ("varchar", "text"),
    Kind.JSON: ("jsonb",),
}


def check_numbers(name: str, rows: list[Rows], first: int, count: int) -> None:
    """The first column of the table holds the plan's numbers, dense and in order."""
    key = SCHEMA[name]["primary_key"][0]
    numbers = table(rows, name)[key] if count else np.zeros(0)
    assert numbers.tolist() == list(range(first, first + count))


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_a_stream_makes_the_rows_it_announced(plan: Plan, stream: Stream) -> None:
    for batch in plan.simulation.batches:
        announced = stream.count(plan.simulation, batch)
        rows = list(stream.rows(plan, batch))
        tables = [name for name, _ in groupby(rows, key=lambda part: part.table)]
        assert len(set(tables)) == len(tables), "a table's rows come together"
        assert set(tables) == {name for name, count in announced.items() if count}
        for name, count in announced.items():
            mine = [part for part in rows if part.table == name]
            assert sum(part.count for part in mine) == count
            check_numbers(name, mine, plan.first(batch, name), count)


def test_feed_stock_makes_the_rows_it_announced(plan: Plan) -> None:
    rows = list(feed_stock.rows(plan.simulation))
    for name, count in feed_stock.count(plan.simulation).items():
        check_numbers(name, [part for part in rows if part.table == name], 1, count)
        assert plan.total(name) == count > 0


@pytest.fixture(scope="module")
def kinds(plan: Plan) -> dict[str, Rows]:
    """Some rows of every table."""
    made = [rows for batch in plan.simulation.batches for rows in stream_rows(plan, batch)]
    return {rows.table: rows for rows in [*made, *feed_stock.rows(plan.simulation)]}


TABLES = (
    "environmental_environmentalreading",
    "inventory_feedingevent",
    "batch_actualdailyassignmentstate",
    "batch_mortalityevent",
    "batch_growthsample",
    "batch_individualgrowthobservation",
    "scenario_scenarioprojection",
    "scenario_temperaturereading",
    "health_fishparameterscore",
    "health_healthsamplingevent",
    "health_individualfishobservation",
    "health_journalentry",
    "health_licecount",
    "health_treatment",
    "finance_factharvest",
    "finance_intercompanytransaction",
    "inventory_feedpurchase",
    "inventory_feedcontainerstock",
)


SOFT = {"finance_factharvest": ("dim_batch_id",), "finance_intercompanytransaction": ("object_id",)}
"""Plain numbers of the schema that are keys all the same."""


def test_these_are_all_tables_of_streams(kinds: dict[str, Rows]) -> None:
    assert set(kinds) == set(TABLES)


def fits(column: Column, declared: str) -> bool:
    if column.kind is Kind.NULL:
        return not declared.endswith("!")
    if column.kind is Kind.FIXED:
        precision, scale = map(int, declared.split("(")[1].split(")")[0].split(","))
        return column.scale <= scale and abs(column.values).max() < 10 ** (precision - scale + column.scale)
    if column.kind is Kind.TEXT and "(" in declared:
        return max(map(len, column.words)) <= int(declared.split("(")[1].split(")")[0])
    return True


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_those_of_the_table(kinds: dict[str, Rows], name: str) -> None:
    columns, declared, keys = kinds[name].columns, SCHEMA[name]["columns"], SCHEMA[name].get("keys", {})
    assert set(columns) <= set(declared)
    assert {column for column, kind in declared.items() if kind.endswith("!")} <= set(columns)
    for column, values in columns.items():
        kind = declared[column]
        assert values.kind is Kind.NULL or kind.startswith(TYPES[values.kind]), f"{column}: {values.kind} in {kind}"
        assert fits(values, kind), f"{column} does not fit {kind}"
        if kind.endswith("!"):
            assert values.null is None or not values.null.any()
        if values.kind is not Kind.NULL:
            own = name if column == SCHEMA[name]["primary_key"][0] else None
            assert column in SOFT.get(name, ()) or values.refers == keys.get(column, own), column


def test_rows_refer_to_rows_that_there_are(plan: Plan) -> None:
    for batch in plan.simulation.batches:
        for rows in stream_rows(plan, batch):
            for name, column in rows.columns.items():
                if column.refers is not None and column.kind is Kind.INT:
                    values = column.values if column.null is None else column.values[~column.null]
                    assert 1 <= values.min() <= values.max() <= plan.total(column.refers), f"{rows.table}.{name}"
                    if column.refers in plan.tables:
                        mine = plan.numbers(batch, column.refers)
                        assert mine[0] <= values.min() <= values.max() <= mine[-1], f"{rows.table}.{name}: a row of another batch"


def test_nothing_happens_before_the_batch_starts_or_from_as_of_on(plan: Plan) -> None:
    for batch in plan.simulation.batches:
        for rows in stream_rows(plan, batch):
            for name, column in rows.columns.items():
                if rows.table.startswith("scenario_"):
                    continue  # a projection looks ahead
                harvest = int(batch.harvested and rows.table.startswith("finance_"))
                if column.kind in (Kind.DATE, Kind.STAMP):
                    days = column.values // (86_400_000_000 if column.kind is Kind.STAMP else 1)
                    assert batch.start <= days.min() <= days.max() < batch.start + batch.age + harvest, f"{rows.table}.{name}"


def test_rows_come_in_chunks_that_fit_in_memory() -> None:
    plan = plan_of(ages=[880], geographies=["Scotland"])
    rows = [part for part in stream_rows(plan, plan.simulation.batches[0]) if part.table == "environmental_environmentalreading"]
    assert len(rows) > 3
    assert max(part.count for part in rows) <= CHUNK


def test_a_column_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a\.b has shape \(2,\), not \(3,\)"):
        Rows("a", 3, {"b": Column(Kind.INT, np.arange(2))})
    with pytest.raises(ValueError, match=r"a\.b: null has shape \(2,\), not \(3,\)"):
        Rows("a", 3, {"b": Column(Kind.INT, np.arange(3), null=np.zeros(2, dtype=np.bool_))})


FOLLOWS = ("readings", "feeding", "mortality", "growth_samples", "projection")
"""Streams from which the growth analysis follows."""


@pytest.mark.parametrize("name", [stream.name for stream in STREAMS if stream.name != "journal"])
def test_a_stream_that_is_off_leaves_the_others_as_they_were(name: str) -> None:
    keys: dict[str, Any] = {"ages": [460], "eggs": "500k", "containers_per_stage": 2, "rings_per_batch": 2, "geographies": ["Scotland"]}
    whole, part = plan_of(**keys), plan_of(**keys, streams={name: False})
    kept = {rows.table for rows in stream_rows(part, part.simulation.batches[0])}
    everything = stream_rows(whole, whole.simulation.batches[0])
    assert kept < {rows.table for rows in everything}
    for one, other in zip([r for r in everything if r.table in kept], stream_rows(part, part.simulation.batches[0]), strict=True):
        assert one.table == other.table
        if name in FOLLOWS and one.table == "batch_actualdailyassignmentstate":
            continue
        for column, values in one.columns.items():
            assert (values.values == other.columns[column].values).all()
