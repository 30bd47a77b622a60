"""What holds for all criteria: the unharmed farm passes, names are those of scenarios, and nothing is ever raised."""

from __future__ import annotations

import psycopg
import pytest
from small_farm import AT_SEA, EGGS, Farm

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan.masterdata import document
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.scenario.names import FIGURES, STANDARD
from pytest_aquadata.verify.clauses import grouped_by_hash
from pytest_aquadata.verify.registry import CRITERIA, criterion_for, effort, run_criterion

FARM_WIDE = {"stages", "geographies", "occupancy"}


def test_every_standard_name_has_its_criterion() -> None:
    assert list(CRITERIA) == [*STANDARD, *FIGURES]
    assert all(criterion.name == name for name, criterion in CRITERIA.items())


@pytest.mark.parametrize("name", sorted(STANDARD))
def test_unharmed_farm_passes(farm: Farm, name: str) -> None:
    verdict = farm.check(name)
    assert verdict.state == "pass", verdict
    assert verdict.got
    assert not verdict.rows


@pytest.mark.parametrize("name", sorted(STANDARD))
def test_part_of_the_farm(farm: Farm, name: str) -> None:
    missing, built = [AT_SEA, EGGS], [batch for batch in farm.batches if batch.name not in (AT_SEA, EGGS)]
    verdict = farm.check(name, built=built)
    if name in FARM_WIDE:
        assert verdict.state == "skip"
        assert all(batch in verdict.got for batch in missing)
    else:
        assert verdict.state == "pass", verdict


@pytest.mark.parametrize("name", sorted(STANDARD))
def test_each_batch_alone(farm: Farm, name: str) -> None:
    for batch in farm.batches:
        verdict = farm.check(name, built=[batch])
        assert verdict.state == ("skip" if name in FARM_WIDE else "pass"), verdict


@pytest.mark.parametrize("name", sorted(STANDARD))
def test_nothing_built(farm: Farm, name: str) -> None:
    assert farm.check(name, built=[]).state == "skip"


@pytest.mark.parametrize("name", sorted(STANDARD))
def test_batch_that_is_gone(farm: Farm, name: str) -> None:
    farm.do("DELETE FROM batch_batch WHERE batch_number = %(name)s", name=AT_SEA)
    verdict = farm.check(name)
    assert verdict.state == "fail"
    assert verdict.batches == (AT_SEA,)
    assert verdict.rows == ((AT_SEA,),)


@pytest.mark.parametrize("name", sorted(STANDARD))
def test_refused_statement_is_a_verdict(farm: Farm, name: str) -> None:
    farm.do_structure("ALTER TABLE batch_batchcontainerassignment RENAME TO elsewhere")
    farm.do_structure("ALTER TABLE infrastructure_container RENAME TO elsewhere_too")
    farm.do_structure("ALTER TABLE scenario RENAME TO elsewhere_as_well")
    farm.do_structure("ALTER TABLE batch_batchtransferworkflow RENAME TO nowhere")
    farm.do_structure("ALTER TABLE harvest_harvestevent RENAME TO gone")
    farm.do_structure("ALTER TABLE inventory_feedpurchase RENAME TO lost")
    farm.do_structure("ALTER TABLE auth_user RENAME TO nobody")
    farm.do_structure("ALTER TABLE health_licetype RENAME TO vanished")
    farm.do_structure("ALTER TABLE batch_mortalityevent RENAME TO immortal")
    verdict = farm.check(name)
    assert verdict.state == "fail"
    assert "does not exist" in verdict.got
    with pytest.raises(psycopg.errors.UndefinedTable), farm.conn.transaction():
        farm.conn.execute(verdict.sql.encode())


@pytest.mark.parametrize("name", sorted(CRITERIA))
@pytest.mark.parametrize("table", ["batch_batchcontainerassignment", "batch_lifecyclestage", "scenario", "scenario_temperaturereading"])
def test_empty_table_is_a_verdict(farm: Farm, name: str, table: str) -> None:
    farm.do(f"DELETE FROM {table}")
    assert farm.check(name).state in ("pass", "fail", "skip")
    assert farm.check("orphans" if table != "scenario_temperaturereading" else "rows").state == "fail"


@pytest.mark.parametrize("error", [ValueError("NULL in a column"), KeyError("FAR-2020-001"), AquadataError("no scenario")])
def test_data_that_cannot_be_computed_with_are_a_verdict(farm: Farm, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(type(CRITERIA["survival"]), "check", broken)
    verdict = farm.check("survival")
    assert verdict.state == "fail"
    assert str(error) in verdict.got


def test_lost_server_is_a_verdict(farm_url: str, plan: Plan) -> None:
    with psycopg.connect(farm_url) as conn:
        conn.close()
        verdict = run_criterion(conn, plan, "survival", CriterionSpec(), plan.simulation.batches)
    assert verdict.state == "fail"
    assert "closed" in verdict.got


def test_unknown_name() -> None:
    with pytest.raises(KeyError):
        criterion_for("nothing", CriterionSpec())


@pytest.mark.parametrize("autocommit", [True, False])
def test_leaves_the_connection_as_it_was(farm_url: str, plan: Plan, autocommit: bool) -> None:
    show = "SELECT current_setting('transaction_read_only'), current_setting('jit'), current_setting('work_mem')"
    with psycopg.connect(farm_url, autocommit=autocommit) as conn:
        before = conn.execute(show).fetchone()
        run_criterion(conn, plan, "survival", CriterionSpec(), plan.simulation.batches)
        assert conn.execute(show).fetchone() == before


def test_efforts_are_those_of_criteria_and_at_least_one() -> None:
    known = document("efforts")
    assert set(known) <= set(STANDARD)
    assert effort("readings") == known["readings"]
    assert min(map(effort, [*STANDARD, *FIGURES, "one_of_my_own"])) == 1


def test_grouping_by_hash_is_over_when_its_statement_is(farm: Farm) -> None:
    def setting() -> object:
        row = farm.conn.execute("SELECT current_setting('enable_incremental_sort')").fetchone()
        return row and row[0]

    assert setting() == "on"
    with grouped_by_hash(farm.conn):
        assert setting() == "off"
    assert setting() == "on"
