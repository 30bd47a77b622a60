"""A farm so small that building it takes a second, and databases that hold it prepared or finished.

Preparing (migrations, world, master data) takes most of a small build, so it is done once a worker; a test gets a copy of that database.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import conninfo, sql

from pytest_aquadata.load import fingerprint
from pytest_aquadata.load.binaries import find
from pytest_aquadata.load.run import Run, build_everything
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.scenario.load import load_scenario
from pytest_aquadata.streams.registry import make_plan

if TYPE_CHECKING:
    from pytest_aquadata.lake.store import Store

TEXT = """\
description: Three small batches in two geographies
as_of: 2025-06-01
eggs: 2000..3000
containers_per_stage: 2
rings_per_batch: 2
readings: {times: ["12:00"]}
growth_samples: {every: 28 days, fish: 3}
projection: {days: 120}
geographies:
  - name: Faroe Islands
    ages: [100, 40]
  - name: Scotland
    ages: [30]
criteria:
  rows:
  survival:
  stages:
  own:
    rows: SELECT batch_number FROM batch_batch WHERE status = 'PLANNED'
"""
NIGHTLY = bool(os.environ.get("AQUADATA_NIGHTLY"))
"""Whether tests take their long form."""

NAMES = ["FAR-2025-001", "FAR-2025-002", "SCO-2025-001"]
ITEMS = [
    "prepare",
    *(f"build[{name}]" for name in NAMES),
    "finish",
    *(f"verify[{name}]" for name in ("rows", "survival", "stages", "own")),
]


def plan_of(folder: Path, *overrides: str) -> Plan:
    """The plan of the farm, its file written into `folder`."""
    file = folder / "farm.yaml"
    file.write_text(TEXT)
    return make_plan(load_scenario(file, overrides, today=date(2025, 11, 21)))


def fingerprint_of(plan: Plan) -> str:
    return fingerprint.fingerprint_of(plan.simulation.scenario)


def contents(url: str, tables: tuple[str, ...]) -> dict[str, str]:
    """A hash of every table's rows in the order of the primary key, as COPY writes them."""
    found = {}
    with psycopg.connect(url) as conn:
        conn.execute("SET TimeZone = 'UTC'")
        for table in tables:
            total = hashlib.sha256()
            key = conn.execute(
                "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] "
                "WHERE indrelid = %s::regclass AND indisprimary",
                (table,),
            ).fetchone()
            query = sql.SQL("COPY (SELECT * FROM {} ORDER BY {}) TO STDOUT").format(sql.Identifier(table), sql.Identifier(key[0]))
            with conn.cursor().copy(query) as copy:
                for block in copy:
                    total.update(block)
            found[table] = total.hexdigest()
    return found


def schema(url: str) -> str:
    """What pg_dump says of the application's schema: every index, key and sequence as it is."""
    program = find().folder / "pg_dump"
    if not program.exists():
        pytest.skip("this PostgreSQL has no pg_dump")
    done = subprocess.run([program, "--schema-only", "--exclude-schema=aquadata", url], capture_output=True, text=True, check=False)
    if "server version mismatch" in done.stderr:
        pytest.skip("pg_dump is older than the server")
    assert done.returncode == 0, done.stderr
    # a dump is guarded by a word that is drawn anew each time
    return "\n".join(line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))


def data_set_is_finished(store: Store) -> None:
    """It says so, and holds nothing but what its manifest names."""
    from pytest_aquadata.lake import layout
    from pytest_aquadata.lake.entries import read_entries

    there = store.files()
    files = {name: size for name, size in there.items() if name.endswith(".parquet")}
    assert files == {name: said["bytes"] for name, said in read_entries(store).files().items()}
    assert layout.SUCCESS in there


def digest_in(text: str) -> str:
    """The digest that a session printed."""
    return re.search(r"^digest    (\w{32})$", text, re.MULTILINE)[1]


@dataclass
class Databases:
    """Databases on the tests' server, made from one another and dropped at the end."""

    server_url: str
    plan: Plan

    def __post_init__(self) -> None:
        self.made: list[str] = []

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.plan)

    def new(self, template: str | None = None) -> str:
        """A new database's URL; a copy of the one at `template`, else empty."""
        name = f"test_run_{uuid.uuid4().hex[:12]}"
        source = conninfo.conninfo_to_dict(template)["dbname"] if template else "template0"
        with psycopg.connect(self.server_url, autocommit=True) as conn:
            conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(str(source))))
        self.made.append(name)
        return conninfo.make_conninfo(self.server_url, dbname=name)

    def drop(self) -> None:
        with psycopg.connect(self.server_url, autocommit=True) as conn:
            for name in self.made:
                conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @cached_property
    def prepared(self) -> str:
        """A database in which no batch is built."""
        url = self.new()
        run = Run(url, self.plan, self.fingerprint, [])
        run.prepare()
        run.close()
        return url

    @cached_property
    def finished(self) -> str:
        """A database with everything in it."""
        url = self.new(self.prepared)
        self._digest = build_everything(url, self.plan)
        return url

    @property
    def digest(self) -> str:
        """The digest of the finished farm."""
        _ = self.finished
        return self._digest

    @cached_property
    def finished_contents(self) -> dict[str, str]:
        return contents(self.finished, self.plan.all_tables)


@pytest.fixture(scope="session")
def databases(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(server_url, plan_of(tmp_path_factory.mktemp("farm")))
    try:
        # now, and not in the test that needs it first: what a test with pytester imports is forgotten after it, Django too
        _ = made.finished
        yield made
    finally:
        # the embedded server's go with its folder; to drop some dozen, each with a checkpoint, takes a minute
        if os.environ.get("AQUADATA_TEST_SERVER"):
            made.drop()


@pytest.fixture
def prepared_url(databases: Databases) -> str:
    """A database of the test's own in which the small farm is prepared."""
    return databases.new(databases.prepared)


@pytest.fixture
def finished_url(databases: Databases) -> str:
    """A database of the test's own in which the small farm is finished."""
    return databases.new(databases.finished)


@pytest.fixture
def run_of(databases: Databases) -> Iterator[Callable[..., Run]]:
    """Makes runs of the small farm, closed after the test."""
    made: list[Run] = []

    def make(url: str, selected: tuple[int, ...] = (1, 2, 3), **options: Any) -> Run:
        made.append(Run(url, databases.plan, databases.fingerprint, selected, **options))
        return made[-1]

    yield make
    for run in made:
        run.close()
