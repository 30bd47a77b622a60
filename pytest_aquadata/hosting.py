"""Farms in an application's own tests: a template for each scenario, a copy of it for each process, Django pointed at the copy.

The tests that ask for no farm keep the test database that pytest-django made. A farm lies in a database beside it, made of the same state:
the same migrations, the same rows. A copy cannot be written to by whoever connects to it, except by the test's own connection, whose
transaction pytest-django rolls back; a test that commits gets the copy to itself, and the next one a new copy.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.backends.signals import connection_created
from psycopg import conninfo

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.farm.address import address
from pytest_aquadata.handle import FarmHandle
from pytest_aquadata.load import databases, safety, templates
from pytest_aquadata.load.fingerprint import fingerprint_of
from pytest_aquadata.load.ledger import Connection
from pytest_aquadata.load.run import build_everything, connect
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.load import find_scenario, load_scenario
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.streams.registry import make_plan

_READ_ONLY = "default_transaction_read_only"


class Hosted:
    """One scenario of a session: read and planned when first needed."""

    def __init__(self, name: str, config: pytest.Config) -> None:
        self.config, root = config, config.rootpath
        scenario = load_scenario(find_scenario(name, root), (), today=date.today(), root=root)
        config.hook.pytest_aquadata_scenario_loaded(config=config, scenario=scenario)
        self.scenario: Scenario = scenario.with_columns(config.hook.pytest_aquadata_columns(config=config, scenario=scenario))
        self.fingerprint = fingerprint_of(self.scenario)
        self.template: templates.Template | None = None
        self.copy: str | None = None
        self.spoiled = False

    @cached_property
    def plan(self) -> Plan:
        """The plan."""
        plan = make_plan(self.scenario)
        self.config.hook.pytest_aquadata_plan_made(config=self.config, plan=plan)
        return plan

    def build(self, url: str) -> None:
        """Build it into a database, and let the application add to it."""
        hook = self.config.hook

        def before(batch: Batch) -> None:
            hook.pytest_aquadata_before_load(config=self.config, plan=self.plan, batch=batch)

        def after(batch: Batch, rows: Mapping[str, int]) -> None:
            hook.pytest_aquadata_after_load(config=self.config, plan=self.plan, batch=batch, rows=rows)

        build_everything(url, self.plan, before, after)
        hook.pytest_aquadata_template_built(config=self.config, plan=self.plan, url=url)


class Farms:
    """The farms of one process of a session.

    alias: of the database in Django's settings. maintenance: a database of the same server to connect to while others are made.
    told: of each template the scenario, its name, whether it was built now, and the seconds that took.
    worker: xdist's name of this process; empty without xdist. allowed: a name that counts as that of a test database.
    """

    def __init__(self, config: pytest.Config, alias: str, maintenance: str, worker: str = "", allowed: str = "") -> None:
        self.config, self.alias, self.worker, self.allowed = config, alias, worker, allowed
        self.maintenance = maintenance
        self.told: list[tuple[str, str, bool, float]] = []
        self._hosted: dict[str, Hosted | Exception] = {}
        self._source = ""
        self._conn: Connection | None = None

    def prepare(self, names: Sequence[str]) -> None:
        """Find or build the templates of these scenarios upon the test database as it is now. What fails is told who asks for it."""
        connection = connections[self.alias]
        connection.close()
        for name in names:
            try:
                hosted = Hosted(name, self.config)
                hosted.template = self._template(hosted)
                self._hosted[name] = hosted
                self.told.append((hosted.scenario.name, hosted.template.name, hosted.template.built, hosted.template.seconds))
            except psycopg.Error as error:
                self._hosted[name] = AquadataError(f"no farm could be built for '{name}': the database refused: {str(error).strip()}")
            except Exception as error:  # a test that asks for no farm must not fail for it
                self._hosted[name] = error

    def _template(self, hosted: Hosted) -> templates.Template:
        values = connections[self.alias].settings_dict
        self._source = str(values["NAME"])
        self._refuse(values)
        return templates.ensure(
            self._server(values),
            self._source,
            self._project,
            hosted.scenario.name,
            hosted.fingerprint,
            hosted.build,
        )

    @property
    def _project(self) -> str:
        """The test database's name without what xdist adds to it: workers share their templates."""
        return self._source.removesuffix(f"_{self.worker}") if self.worker else self._source

    def _refuse(self, values: dict[str, Any]) -> None:
        """Refuse what is not PostgreSQL, and what does not look like a test database."""
        if connections[self.alias].vendor != "postgresql":
            raise AquadataError(f"a farm needs PostgreSQL; database '{self.alias}' is {connections[self.alias].display_name}")
        tests = str((values.get("TEST") or {}).get("NAME") or "")
        name = self._source
        host = str(values.get("HOST") or "")
        if name != self.allowed and (why := safety.production(host, name)):
            raise AquadataError(
                f"database '{name}' looks like production, so no farm is made beside it: {why}\n"
                f"    to allow it, put in pytest.ini: aquadata_test_database = {name}"
            )
        if name.startswith(safety.TEST) or (tests and name.startswith(tests)) or name == self.allowed:
            return
        raise AquadataError(
            f"database '{name}' does not look like a test database, so no farm is made beside it\n"
            "    its name should begin with test_ or be TEST NAME of the settings\n"
            f"    to allow it, put in pytest.ini: aquadata_test_database = {name}"
        )

    def _server(self, values: dict[str, Any]) -> Connection:
        if self._conn is None or self._conn.closed:
            self._conn = connect(conninfo.make_conninfo(address(values), dbname=self.maintenance), "templates")
        return self._conn

    def hosted(self, name: str) -> Hosted:
        """A scenario whose template is there.

        Raises:
            AquadataError: why it is not.
        """
        if name not in self._hosted:
            raise AquadataError(f"scenario '{name}' was not asked for when the session began: name it in the marker of a test")
        hosted = self._hosted[name]
        if isinstance(hosted, Exception):
            raise hosted
        return hosted

    @contextmanager
    def entered(self, name: str) -> Iterator[FarmHandle]:
        """Point Django at this process's copy of a farm; back at the test database afterwards. No transaction may be open."""
        hosted = self.hosted(name)
        database = self._copy(hosted)
        connection = connections[self.alias]
        connection.close()
        connection_created.connect(self._allow, dispatch_uid="pytest-aquadata")
        connection.settings_dict["NAME"] = database
        self._owner = threading.get_ident()
        try:
            yield FarmHandle(hosted.plan, self.alias, database)
        finally:
            connection.close()
            connection.settings_dict["NAME"] = self._source
            connection_created.disconnect(dispatch_uid="pytest-aquadata")
            if hosted.spoiled:
                self._discard(hosted)

    def _allow(self, connection: Any, **_: Any) -> None:
        """Let the connection of the test itself write: what it writes is rolled back."""
        if connection.alias == self.alias and threading.get_ident() == self._owner:
            with connection.cursor() as cursor:
                cursor.execute(f"SET {_READ_ONLY} = off")

    def give_away(self, name: str) -> None:
        """Let everybody write to the copy, which is then not used again: the test commits."""
        hosted = self.hosted(name)
        if hosted.copy is not None and not hosted.spoiled:
            hosted.spoiled = True
            databases.set_default(self._server(connections[self.alias].settings_dict), hosted.copy, _READ_ONLY, "off")

    def _copy(self, hosted: Hosted) -> str:
        if hosted.copy is None:
            assert hosted.template is not None
            conn = self._server(connections[self.alias].settings_dict)
            end = f"_{hosted.template.name.rpartition('_')[2][:8]}"
            name = f"{self._source[: 63 - len(end)]}{end}"
            databases.drop(conn, name)
            databases.copy(conn, hosted.template.name, name)
            databases.describe(conn, name, {"kind": "copy", "source": self._source})
            databases.set_default(conn, name, _READ_ONLY, "on")
            hosted.copy, hosted.spoiled = name, False
        return hosted.copy

    def _discard(self, hosted: Hosted) -> None:
        if hosted.copy is not None:
            databases.drop(self._server(connections[self.alias].settings_dict), hosted.copy)
            hosted.copy = None

    def close(self) -> None:
        """Drop this process's copies, and those that a killed process of this name left."""
        if self._conn is None:
            return
        for name, note in databases.described(self._conn).items():
            if note == {"kind": "copy", "source": self._source}:
                databases.drop(self._conn, name)
        self._conn.close()


def scenario_name(marked: Sequence[Any], more: Sequence[str], default: str) -> str:
    """The scenario that a marker names: its one argument, else the default.

    Raises:
        AquadataError: other arguments.
    """
    if more or len(marked) > 1 or not all(isinstance(each, str) and re.search(r"\S", each) for each in marked):
        raise AquadataError('the marker takes the name of a scenario, or none: @pytest.mark.aquadata("smoke")')
    return str(marked[0]) if marked else default
