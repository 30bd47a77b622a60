"""Transfers point at transactions that are copied after them: batches with finance are built, and built again, with keys in force."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from run_farm import Databases, contents, fingerprint_of

from pytest_aquadata.load import deferred, ledger
from pytest_aquadata.load.run import Run, build_everything
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.streams.registry import make_plan
from pytest_aquadata.verify.registry import run_criterion

TABLES = ("finance_factharvest", "finance_intercompanytransaction", "batch_batchtransferworkflow", "harvest_harvestlot")


@pytest.fixture(scope="module")
def plan() -> Plan:
    """One batch that is harvested and one at sea, too small for keys to be set aside."""
    keys = {"eggs": 2000, "containers_per_stage": 1, "rings_per_batch": 2, "geographies": [{"name": "Scotland", "ages": [870, 500]}]}
    off = dict.fromkeys(("readings", "mortality", "growth_samples", "projection", "feeding"), False)
    return make_plan(Scenario.model_validate({"name": "x", "as_of": "2025-11-21", "streams": off, **keys}))


@pytest.fixture(scope="module")
def finished(databases: Databases, plan: Plan) -> tuple[str, str]:
    """A database in which all is built, and its digest."""
    url = databases.new()
    return url, build_everything(url, plan)


@pytest.fixture
def run(databases: Databases, plan: Plan, finished: tuple[str, str]) -> Iterator[Run]:
    made = Run(databases.new(finished[0]), plan, fingerprint_of(plan), (1, 2))
    yield made
    made.close()


def test_keys_are_in_force_and_hold(finished: tuple[str, str], plan: Plan) -> None:
    with psycopg.connect(finished[0]) as conn:
        assert not deferred.pending(conn)
        found = conn.execute(
            "SELECT b.batch_number, count(t.tx_id) FROM batch_batch b LEFT JOIN batch_batchtransferworkflow w ON w.batch_id = b.id "
            "LEFT JOIN finance_intercompanytransaction t ON t.tx_id = w.finance_transaction_id GROUP BY b.id ORDER BY b.id"
        ).fetchall()
        assert found == [(batch.name, 1) for batch in plan.simulation.batches]
        conn.execute("DELETE FROM finance_intercompanytransaction")
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            conn.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("number", [1, 2], ids=["harvested", "at sea"])
def test_a_batch_is_deleted_and_built_again_in_a_finished_farm(run: Run, plan: Plan, finished: tuple[str, str], number: int) -> None:
    batch = plan.simulation.batches[number - 1]
    run.conn.execute("UPDATE finance_intercompanytransaction SET amount = 0")
    untouched = "SELECT count(*) FROM finance_intercompanytransaction WHERE amount = 0"
    ledger.plan_again(run.conn, run.fingerprint, [batch.name])
    assert run.build(number).fresh
    assert run.conn.execute(untouched).fetchone() == (plan.total(TABLES[1]) - plan.count(batch, TABLES[1]),)
    ledger.plan_again(run.conn, run.fingerprint, [b.name for b in plan.simulation.batches])
    for again in (2, 1):
        run.build(again)
    assert run.finish() == finished[1]
    assert contents(run.url, TABLES) == contents(finished[0], TABLES)


def test_a_batch_is_built_after_the_others_are_finished(databases: Databases, plan: Plan, finished: tuple[str, str]) -> None:
    url = databases.new()
    for selected, digest in (((2,), None), ((1,), finished[1])):
        run = Run(url, plan, fingerprint_of(plan), selected)
        try:
            assert run.build(selected[0]).fresh
            assert run.finish() == digest
        finally:
            run.close()
    assert contents(url, TABLES) == contents(finished[0], TABLES)


def test_without_finance_transfers_point_at_nothing(databases: Databases, plan: Plan) -> None:
    scenario = plan.simulation.scenario
    bare = make_plan(scenario.model_copy(update={"streams": scenario.streams.model_copy(update={"finance": False})}))
    url = databases.new()
    build_everything(url, bare)
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT count(*), count(finance_transaction_id) FROM batch_batchtransferworkflow").fetchone() == (10, 0)
        assert conn.execute("SELECT count(*) FROM finance_intercompanytransaction").fetchone() == (0,)


def test_behind_the_rows_of_another_scenario_soft_keys_are_translated_too(
    databases: Databases, plan: Plan, finished: tuple[str, str]
) -> None:
    """What a transaction is raised by, and whose a fact is, are keys that the schema does not know of."""
    url = databases.new(finished[0])
    with psycopg.connect(url) as conn:
        conn.execute("DROP SCHEMA aquadata CASCADE")
    keys = plan.simulation.scenario.model_dump(include={"as_of", "eggs", "containers_per_stage", "rings_per_batch", "streams"})
    other = make_plan(Scenario.model_validate({"name": "y", **keys, "geographies": [{"name": "Faroe Islands", "ages": [860]}]}))
    build_everything(url, other)
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT count(*) FROM finance_factharvest").fetchone() == (sum(p.total(TABLES[0]) for p in (plan, other)),)
        for each in (plan, other):
            for name in ("rows", "orphans", "finance"):
                verdict = run_criterion(conn, each, name, CriterionSpec(), each.simulation.batches)
                assert verdict.state == "pass", verdict
