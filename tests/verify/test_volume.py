"""Criterion `rows`."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from small_farm import AT_SEA, EGGS, HARVESTED, Farm

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.verify.clauses import select
from pytest_aquadata.verify.schema import BATCH, PARENTS, key_of
from pytest_aquadata.verify.volume import rows_by_batch


def test_a_row_less_in_any_table(farm: Farm) -> None:
    batch = farm.batch(HARVESTED)
    for table in farm.plan.tables:
        if table == BATCH:
            continue
        with farm.undone():
            first = farm.plan.first(batch, table)
            farm.do(f"DELETE FROM {table} WHERE {key_of(table)} = {first}")
            verdict = farm.fails("rows", HARVESTED)
            planned = farm.plan.count(batch, table)
            assert (HARVESTED, table, planned, planned - 1) in verdict.rows


def test_a_row_more(farm: Farm) -> None:
    farm.do(_COPY, id=farm.id(AT_SEA))
    planned = farm.plan.count(farm.batch(AT_SEA), "batch_mortalityevent")
    verdict = farm.fails("rows", AT_SEA, expected="batch_mortalityevent")
    assert verdict.rows == ((AT_SEA, "batch_mortalityevent", planned, planned + 1),)


_COPY = """
    INSERT INTO batch_mortalityevent (event_date, count, biomass_kg, cause, description, created_at, updated_at, batch_id, assignment_id)
    SELECT event_date, count, biomass_kg, cause, description, created_at, updated_at, batch_id, assignment_id
    FROM batch_mortalityevent WHERE batch_id = %(id)s LIMIT 1
"""


def test_rows_of_another_batch_in_their_place(farm: Farm) -> None:
    """The sum is right and the batches are wrong."""
    farm.do(
        "UPDATE environmental_environmentalreading SET batch_id = %(other)s WHERE id = "
        "(SELECT min(id) FROM environmental_environmentalreading WHERE batch_id = %(id)s)",
        id=farm.id(AT_SEA),
        other=farm.id(EGGS),
    )
    farm.fails("rows", AT_SEA, EGGS, expected="environmental_environmentalreading")


@pytest.mark.parametrize("table", ["infrastructure_sensor", "inventory_feedpurchase", "scenario_fcrmodelstage"])
def test_a_row_less_of_the_farm(farm: Farm, table: str) -> None:
    farm.do(f"DELETE FROM {table} WHERE id = (SELECT max(id) FROM {table})")
    verdict = farm.fails("rows", expected=table)
    assert verdict.rows[0][0] == table


_PURCHASE = """
    INSERT INTO inventory_feedpurchase
      (purchase_date, quantity_kg, cost_per_kg, supplier, batch_number, notes, created_at, updated_at, feed_id)
    SELECT purchase_date, quantity_kg, cost_per_kg, supplier, 'OTHER', notes, created_at, updated_at, feed_id
    FROM inventory_feedpurchase LIMIT 1
"""
_STRANGER = """
    INSERT INTO batch_batch (batch_number, status, start_date, notes, created_at, updated_at, lifecycle_stage_id, species_id, batch_type)
    SELECT 'OTHER-001', status, start_date, notes, created_at, updated_at, lifecycle_stage_id, species_id, batch_type
    FROM batch_batch LIMIT 1
"""


def test_feed_that_nobody_planned(farm: Farm) -> None:
    farm.do(_PURCHASE)
    farm.fails("rows", expected="inventory_feedpurchase")
    farm.do(_STRANGER)
    assert farm.check("rows").state == "pass", "another scenario's batches have feed of their own"


def test_table_that_no_way_leads_from(farm: Farm, plan: Plan) -> None:
    renamed = replace(plan, tables=tuple("tea" if t == "harvest_harvestlot" else t for t in plan.tables))
    verdict = farm.check("rows", plan=renamed)
    assert verdict.state == "fail"
    assert "tea" in verdict.got


@pytest.mark.parametrize("table", sorted([*PARENTS, "finance_intercompanytransaction"]))
def test_every_table_can_be_counted(farm: Farm, table: str) -> None:
    """Also those that no stream fills yet."""
    counts = dict(select(farm.conn, rows_by_batch(table, farm.batches)))
    planned = {b.name: farm.plan.count(b, table) for b in farm.batches}
    assert counts == planned


def test_transactions_lead_to_their_batch(farm: Farm) -> None:
    """By their harvest event, or by the workflow that they name."""
    insert = """
        INSERT INTO finance_intercompanytransaction
          (posting_date, state, created_at, updated_at, event_id, policy_id, content_type_id, object_id)
        SELECT '2025-01-01', 'PENDING', now(), now(), %(event)s, 1, c.id, %(object)s
        FROM django_content_type c WHERE (c.app_label, c.model) = (%(app)s, %(model)s)
    """
    farm.do("DELETE FROM finance_intercompanytransaction")
    workflow = farm.plan.first(farm.batch(AT_SEA), "batch_batchtransferworkflow")
    event = farm.plan.first(farm.batch(HARVESTED), "harvest_harvestevent")
    farm.do(insert, event=None, object=workflow, app="batch", model="batchtransferworkflow")
    farm.do(insert, event=event, object=event, app="harvest", model="harvestevent")
    counts = dict(select(farm.conn, rows_by_batch("finance_intercompanytransaction", farm.batches)))
    assert {name: rows for name, rows in counts.items() if rows} == {AT_SEA: 1, HARVESTED: 1}


def test_names_with_quotes_are_only_names(farm: Farm) -> None:
    batch = farm.batch(AT_SEA)
    odd = replace(batch, life=replace(batch.life, name="O'Neill\\'; DROP TABLE batch_batch; --"))
    with farm.undone():
        assert select(farm.conn, rows_by_batch("scenario", [odd])) == []
    assert farm.conn.info.transaction_status is not psycopg.pq.TransactionStatus.INERROR
