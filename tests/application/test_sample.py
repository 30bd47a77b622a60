"""An application that is deliberately unlike the reference farm: what meets is filled, the rest is left out or named."""

from __future__ import annotations

import json

import pytest
import sample
from django_project import Application

from pytest_aquadata.load.run import connect

pytest.importorskip("pytest_django", reason="pytest-django is not installed")


def test_its_suite(application: Application) -> None:
    sample.write(application)
    application.suite("sample")
    application.run().assert_outcomes(passed=9)
    before = application.databases()
    application.run("-n", "3").assert_outcomes(passed=9)
    assert application.databases() == before


def test_a_column_that_nothing_is_known_for_is_named(application: Application) -> None:
    sample.write(application, scenario="")
    application.write("test_it.py", "def test_it(aquadata):\n    pass\n")
    result = application.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "*no value is known for auth_user.badge, batch_batch.site_code, which must have one",
            "*aquadata: {columns: {auth_user: {badge: …}}}",
            "*aquadata: {skip: [[]auth_user]}",
        ]
    )


def test_hooks(application: Application) -> None:
    sample.write(application, scenario="aquadata: {columns: {batch_batch: {site_code: said}}}\n")
    application.write(
        "conftest.py",
        (application.pytester.path / "conftest.py").read_text()
        + """
import psycopg

def pytest_aquadata_columns(config, scenario):
    return {"batch_batch": {"site_code": "given", "revision": 8}, "auth_user": {"badge": "hook"}}

def pytest_aquadata_plan_made(config, plan):
    config.planned = [batch.name for batch in plan.simulation.batches]

def pytest_aquadata_template_built(config, plan, url):
    with psycopg.connect(url) as conn:
        conn.execute("UPDATE batch_batch SET notes = 'built' WHERE batch_number = ANY(%s)", (config.planned,))
""",
    )
    application.write(
        "test_it.py",
        """
def test_it(aquadata):
    batches = aquadata.batches()
    assert {(batch.site_code, batch.revision, batch.notes) for batch in batches} == {("said", 8, "built")}
""",
    )
    application.run().assert_outcomes(passed=1)
    application.write("conftest.py", "def pytest_aquadata_columns(config, scenario):\n    return {'batch_batch': 'F-1'}\n")
    wrong = application.run("--aquadata=small", "--aquadata-validate")
    assert wrong.ret == pytest.ExitCode.USAGE_ERROR
    wrong.stderr.fnmatch_lines(["pytest_aquadata_columns: give a mapping of tables to mappings of columns to plain values"])


def contents(url: str) -> dict[str, list[str]]:
    """Every row of the application's tables, as text."""
    with connect(url, "tests") as conn:
        tables = [name for (name,) in conn.execute("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")]
        return {name: [row for (row,) in conn.execute(f"SELECT t::text FROM {name} t ORDER BY 1")] for name in tables}


def test_its_own_database(application: Application) -> None:
    sample.write(application)
    url = application.migrated()
    with connect(url, "tests") as conn:
        conn.execute(
            "INSERT INTO batch_species (created_at, updated_at, revision, remark, name, scientific_name, description) "
            "VALUES (now(), now(), 1, '', 'Lax', 'Salmo salar', '')"
        )
    before = contents(url)

    doctor = application.run("--aquadata=small", "--aquadata-doctor")
    assert doctor.ret == 0
    doctor.stdout.fnmatch_lines(
        [
            "auth_user (accounts_member): 4 rows of accounts.Member, * columns",
            "    badge         'none', as the scenario says",
            "batch_batch: 3 rows of batch.Batch, 13 of 13 columns, each entered in batch_historicalbatch",
            "    pinned_scenario_id  is pinned_projection_run_id here",
            "    reference           the model's default, made for each row",
            "    finance_transaction_id  the application has no such column",
            "batch_species: 1 row of batch.Species, 11 of 11 columns, beside rows that are there and stay",
            "finance_dimsite: not filled: the application has no model finance.DimSite",
            "health_journalentry: not filled: the primary key of health_journalentry is no whole number but uuid",
            "in * tables: revision  the model's default, 7",
            "in * tables: remark    left empty",
            "* tables are filled; 0 columns required and unknown",
            "left out  finance_dimcompany, finance_dimsite, *, health_journalentry; criteria do not check them and say so",
            "next      pytest --aquadata=small *--aquadata-database=*",
        ]
    )
    lacking = application.run("--aquadata=small", "--aquadata-doctor", "--aquadata-set=aquadata=null")
    assert lacking.ret == 1
    lacking.stdout.fnmatch_lines(
        [
            "    site_code           required, and unknown",
            "to do     give these columns a value in the scenario, *",
            "                columns:",
            "                  auth_user: {badge: …}   # character varying(10)",
            "                  batch_batch: {site_code: …}   # character varying(10)",
        ]
    )
    lacking.stderr.fnmatch_lines(["no value is known for auth_user.badge, batch_batch.site_code, which must have one"])
    assert contents(url) == before

    unnamed = application.run("--aquadata=small")
    assert unnamed.ret == pytest.ExitCode.USAGE_ERROR
    unnamed.stderr.fnmatch_lines(["*which database of its is to be filled?", "*--aquadata-database=postgresql://*"])
    by_habit = application.run("--aquadata=small", "-o", f"aquadata_database={url}")
    assert by_habit.ret == pytest.ExitCode.USAGE_ERROR
    by_habit.stderr.fnmatch_lines(["*is not called like a test database (test_…)", "*name it on the command line*"])
    assert contents(url) == before

    application.run("--aquadata=small", f"--aquadata-database={url}", "-k", "not rows").assert_outcomes(passed=8, deselected=1)
    built = contents(url)
    assert len(built["batch_batch"]) == len(built["batch_historicalbatch"]) == 3
    again = application.run("--aquadata=small", f"--aquadata-database={url}", "--aquadata-batch=FAR-2025-001", "-k", "build or finish")
    again.assert_outcomes(passed=2, deselected=5)
    assert len(contents(url)["batch_historicalbatch"]) == 3
    assert built["batch_species"] == before["batch_species"]
    wiped = application.run("--aquadata=small", f"--aquadata-database={url}", "--aquadata-wipe")
    assert wiped.ret == 0
    left = contents(url)
    assert not left["batch_batch"]
    assert not left["batch_historicalbatch"]
    assert not left["environmental_environmentalreading"]
    assert left["batch_species"] == before["batch_species"]


def test_every_criterion_beside_rows_of_its_own(application: Application) -> None:
    sample.write(application)
    scenario = application.pytester.path / "scenarios/small.yaml"
    scenario.write_text(scenario.read_text().partition("criteria:")[0])
    url = application.migrated()
    application.python("from own import add_own; add_own()")
    before = contents(url)
    whole = ("--aquadata=small", "--aquadata-set=geographies.0.ages=[880, 100]", f"--aquadata-database={url}", "--aquadata-json=found.json")
    built = application.run(*whole)
    assert built.ret == 0
    built.stdout.fnmatch_lines(
        [
            "own       3 rows of the application's stand for the farm's and keep their values: "
            "batch_lifecyclestage, batch_species, infrastructure_geography (aquadata.own)",
            "unchecked a column is not filled in this application: auth_user.username: the application has no such column",
            "          by master_data",
            "unchecked table finance_dimsite is not filled in this application: the application has no model finance.DimSite",
            "          by world, rows, orphans, uniqueness, time_order",
            "unchecked table health_journalentry is not filled in this application: the primary key of health_journalentry is no *",
            "          by rows, orphans, uniqueness, time_order, treatments, journal (skipped)",
        ]
    )
    for table, rows in before.items():
        assert set(rows) <= set(contents(url)[table])
    found = {each["name"]: each for each in json.loads((application.pytester.path / "found.json").read_text())["criteria"]}
    assert {name for name, verdict in found.items() if verdict["state"] == "skip"} == {"finance", "money", "journal"}
    assert {verdict["state"] for verdict in found.values()} == {"pass", "skip"}

    # what is wrong is found all the same, under the application's names, by a query that runs as it is printed
    with connect(url, "tests") as conn:
        conn.execute("UPDATE batch_batch SET pinned_projection_run_id = NULL WHERE batch_number = 'FAR-2025-002'")
        conn.execute("DELETE FROM fish_lice WHERE id = (SELECT max(id) FROM fish_lice)")
    assert application.run(*whole, "-m", "aquadata_verify").ret == 1
    found = {each["name"]: each for each in json.loads((application.pytester.path / "found.json").read_text())["criteria"]}
    assert {name for name, verdict in found.items() if verdict["state"] == "fail"} == {"rows", "pinned_scenarios", "uniqueness"}
    with connect(url, "tests") as conn:
        assert len(conn.execute(found["pinned_scenarios"]["query"].encode()).fetchall()) == 1
        assert "health_licecount AS NOT MATERIALIZED" in found["rows"]["query"]
        assert conn.execute(found["rows"]["query"].encode()).fetchall()
