"""A criterion says the same of a data set and of a database, word for word, also of published figures; and reads files as they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from databases import built_farm

from pytest_aquadata.lake import dialect
from pytest_aquadata.lake.run import LakeRun, write_everything
from pytest_aquadata.load.fingerprint import fingerprint_of
from pytest_aquadata.plan import costs
from pytest_aquadata.plan.harvest import harvest_of
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.scenario.load import SHIPPED, load_scenario
from pytest_aquadata.scenario.names import FIGURES, STANDARD
from pytest_aquadata.streams.registry import make_plan
from pytest_aquadata.verify.base import Verdict
from pytest_aquadata.verify.registry import run_criterion

OFFICIAL = Path(__file__).parents[1] / "verify" / "official_farm.yaml"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(load_scenario(OFFICIAL, today=date(2025, 11, 21)))


@pytest.fixture(scope="module")
def run(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LakeRun]:
    url, fingerprint = f"parquet:{tmp_path_factory.mktemp('official')}", fingerprint_of(plan.simulation.scenario)
    write_everything(url, plan, fingerprint)
    run = LakeRun(url, plan, fingerprint, [])
    yield run
    run.close()


@pytest.fixture(scope="module")
def database(server_url: str, plan: Plan) -> Iterator[psycopg.Connection]:
    with built_farm(server_url, plan) as url, psycopg.connect(url) as conn:
        yield conn


def check(conn: psycopg.Connection, plan: Plan, criterion: str) -> Verdict:
    return run_criterion(conn, plan, criterion, CriterionSpec(), plan.simulation.batches)


@pytest.mark.parametrize("criterion", [*STANDARD, *FIGURES])
def test_a_criterion_says_the_same_of_both(run: LakeRun, database: psycopg.Connection, plan: Plan, criterion: str) -> None:
    here, there = (check(conn, plan, criterion) for conn in (run.conn, database))
    assert (here.state, here.expected, here.got) == (there.state, there.expected, there.got)


def test_half_a_cent_is_a_cent(tmp_path: Path) -> None:
    """Money of batches whose price lies half between two cents: a quotient of DuckDB's is a double, and often a little less than that."""
    plan = make_plan(load_scenario(SHIPPED / "production.yaml", today=date(2025, 11, 21)))
    chosen = list(islice(filter(partial(_is_half_a_cent, plan.simulation), plan.simulation.batches), 6))
    assert len(chosen) == 6
    run = LakeRun(f"parquet:{tmp_path / 'lake'}", plan, fingerprint_of(plan.simulation.scenario), [batch.number for batch in chosen])
    for number in run.selected:
        run.build(number)
    verdict = run_criterion(run.conn, plan, "money", CriterionSpec(), chosen)
    run.close()
    assert verdict.state == "pass", verdict.got


def _is_half_a_cent(simulation: Simulation, batch: Batch) -> bool:
    lots = [(slot, lot) for slot, lots in harvest_of(simulation.profile, batch) for lot in lots]
    cost = costs.harvest_cost(simulation, batch) if lots else 0
    markups = (simulation.world.harvest_policy(batch.life.geography, lot.grade).markup_percent or 0 for _, lot in lots)
    due = sum(cost * lot.live_g * (100_000 + round(markup * 1000)) for (_, lot), markup in zip(lots, markups, strict=True))
    whole = 100_000 * sum(lot.live_g for _, lot in lots)
    return bool(lots) and 2 * due % (2 * whole) == whole


def test_a_file_that_was_changed_is_found_out(run: LakeRun, plan: Plan) -> None:
    batch = plan.simulation.batches[0].name
    path = next(Path(run.store.root).glob(f"batch_mortalityevent/*/batch={batch}/*.parquet"))
    before = path.read_bytes()
    table = pq.ParquetFile(path).read()
    at = table.schema.get_field_index("count")
    harmed = table.set_column(
        at, table.schema.field(at), pc.add(table.column("count"), pa.scalar(1, pa.int32())).cast(table.schema.field(at).type)
    )
    try:
        pq.write_table(harmed, path)
        again = LakeRun(run.url, plan, run.fingerprint, [])
        verdict = check(again.conn, plan, "conservation")
        assert (verdict.state, batch in verdict.batches) == ("fail", True), verdict
        again.close()
    finally:
        path.write_bytes(before)


def test_a_statement_that_duckdb_refuses_is_a_verdict(run: LakeRun, plan: Plan) -> None:
    verdict = run_criterion(run.conn, plan, "mine", CriterionSpec(rows="SELECT pg_no_such(1)"), plan.simulation.batches)
    assert verdict.state == "fail"
    assert "DuckDB" in verdict.got


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ("SELECT 7 / 2, 7.0 / 2", (3, 3.5)),
        ("SELECT (1.0000001::numeric)::float8", (1.0000001,)),
        ("SELECT 16777217::float", (16777217.0,)),
        ("SELECT width_bucket(90, ARRAY[0, 90, 180]), width_bucket(-1, ARRAY[0, 90])", (2, 0)),
        ("SELECT EXISTS (SELECT FROM batch_batch WHERE id = 1)", (True,)),
        ("SELECT TIMESTAMPTZ '2025-06-01 00:30:00+01' AT TIME ZONE 'UTC' < TIMESTAMP '2025-06-01'", (True,)),
    ],
)
def test_what_differs_in_duckdb_is_as_in_postgresql(
    run: LakeRun, database: psycopg.Connection, statement: str, answer: tuple[object, ...]
) -> None:
    here, there = (conn.execute(statement.encode()).fetchone() for conn in (run.conn, database))
    assert tuple(map(float, here)) == tuple(map(float, there)) == tuple(map(float, answer))


def test_settings_of_a_server_say_nothing_to_duckdb() -> None:
    assert dialect.is_of_the_server("SET LOCAL jit = off")
    assert not dialect.is_of_the_server("SELECT 1")
