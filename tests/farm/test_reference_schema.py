"""The migrated tables are the application's, column by column and constraint by constraint, and the models agree with them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from databases import new_database

from pytest_aquadata.farm import setup

REFERENCE: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("reference_schema.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def farm_url(server_url: str) -> Iterator[str]:
    """A migrated database for all tests of this module, which only look."""
    with new_database(server_url) as url:
        setup.migrate(url)
        yield url


@pytest.fixture(scope="module")
def catalogue(farm_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(farm_url) as conn:
        yield conn


def constraints(conn: psycopg.Connection, table: str, kind: str) -> list[tuple[list[str], str, str]]:
    """Columns in their order, target and definition of the table's constraints of one kind."""
    return conn.execute(
        """
        SELECT ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS k(n, place)
                     JOIN pg_attribute ON attrelid = conrelid AND attnum = k.n ORDER BY place),
               confrelid::regclass::text, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE conrelid = %s::regclass AND contype = %s
        """,
        (table, kind),
    ).fetchall()


def test_every_table_and_no_other(catalogue: psycopg.Connection) -> None:
    there = {name for (name,) in catalogue.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert {name for name in there if not name.startswith(("auth_", "django_"))} == set(REFERENCE)


@pytest.mark.parametrize("table", REFERENCE)
class TestTable:
    def test_columns(self, catalogue: psycopg.Connection, table: str) -> None:
        rows = catalogue.execute(
            """
            SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute
            WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
            """,
            (table,),
        )
        short = {"character varying": "varchar", "timestamp with time zone": "timestamptz"}
        there = {}
        for name, kind, not_null in rows:
            for long, brief in short.items():
                kind = kind.replace(long, brief)
            there[name] = f"{kind} !" if not_null else kind
        assert there == REFERENCE[table]["columns"]

    def test_primary_key_numbers_itself(self, catalogue: psycopg.Connection, table: str) -> None:
        [(columns, _, _)] = constraints(catalogue, table, "p")
        assert columns == REFERENCE[table]["primary_key"]
        assert catalogue.execute(
            "SELECT attidentity::text FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s", (table, columns[0])
        ).fetchone() == ("d",)

    def test_foreign_keys_are_checked_at_commit(self, catalogue: psycopg.Connection, table: str) -> None:
        found = constraints(catalogue, table, "f")
        assert {columns[0]: target for columns, target, _ in found} == REFERENCE[table].get("keys", {})
        assert len(found) == len(REFERENCE[table].get("keys", {}))
        assert all(text.endswith("DEFERRABLE INITIALLY DEFERRED") for _, _, text in found)

    def test_unique_constraints(self, catalogue: psycopg.Connection, table: str) -> None:
        there = sorted(columns for columns, _, _ in constraints(catalogue, table, "u"))
        assert there == sorted(REFERENCE[table].get("unique", []))

    def test_checks(self, catalogue: psycopg.Connection, table: str) -> None:
        there = sorted(text for _, _, text in constraints(catalogue, table, "c"))
        assert there == sorted(f"CHECK (({text}))" for text in REFERENCE[table].get("checks", []))

    def test_indexes(self, catalogue: psycopg.Connection, table: str) -> None:
        """Those listed and one for each foreign key that no unique constraint covers, and no other."""
        rows = catalogue.execute(
            """
            SELECT substring(pg_get_indexdef(indexrelid) FROM 'USING btree \\((.*)\\)$'), indisunique FROM pg_index
            WHERE indrelid = %s::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid)
            """,
            (table,),
        ).fetchall()
        reference = REFERENCE[table]
        keys = [column for column in reference.get("keys", {}) if [column] not in reference.get("unique", [])]
        expected = [", ".join(columns) for columns in reference.get("indexes", [])] + keys
        assert sorted(text for text, _ in rows) == sorted(expected)
        assert not any(unique for _, unique in rows)


def test_models_and_migrations_agree(farm_url: str) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "pytest_aquadata.farm.settings", "AQUADATA_DATABASE": farm_url}
    done = subprocess.run(
        [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "No changes detected\n", "")


def test_no_trigger_and_no_signal(catalogue: psycopg.Connection) -> None:
    from django.apps import apps
    from django.db.models import signals

    assert catalogue.execute("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal").fetchone() == (0,)
    for model in apps.get_models():
        if model.__module__.startswith("pytest_aquadata."):
            assert not any(signal.has_listeners(model) for signal in (signals.pre_save, signals.post_save, signals.post_delete)), model
