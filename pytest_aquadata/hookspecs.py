"""Hooks of this plugin, for a ``conftest.py`` or another plugin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_aquadata.plan.numbering import Plan
    from pytest_aquadata.plan.simulation import Batch
    from pytest_aquadata.report.base import Section, Source
    from pytest_aquadata.scenario.models import Scenario


def pytest_aquadata_scenario_loaded(config: pytest.Config, scenario: Scenario) -> None:
    """Look at a scenario that has just been read and checked, before it is planned; it cannot be changed.

    Called in the process that reads it: of a session with ``--aquadata`` the controller, in an application's tests every worker. Example::

        def pytest_aquadata_scenario_loaded(config, scenario):
            if scenario.as_of.year < 2020:
                raise pytest.UsageError(f"{scenario.name}: our schema begins in 2020")
    """


def pytest_aquadata_criteria(config: pytest.Config, scenario: Scenario) -> Mapping[str, Mapping[str, Any] | None] | None:
    """Give criteria beside those of the scenario, by name, as a scenario has them; what the scenario says itself goes before.

    Called as `pytest_aquadata_scenario_loaded` is, with ``--aquadata``. Example::

        def pytest_aquadata_criteria(config, scenario):
            return {"no_batch_is_void": {"rows": "SELECT batch_number AS batch FROM batch_batch WHERE status = 'VOID'"}}
    """


def pytest_aquadata_columns(config: pytest.Config, scenario: Scenario) -> Mapping[str, Mapping[str, Any]] | None:
    """Give values for an application's own columns, by table and column; what the scenario says itself goes before.

    Called once a scenario is read, in every process that reads it; the same values have to be given each time, since they are part of what
    a build is known by. Example::

        def pytest_aquadata_columns(config, scenario):
            return {"batch_batch": {"site_code": "F-1"}}
    """


def pytest_aquadata_plan_made(config: pytest.Config, plan: Plan) -> None:
    """Look at a finished plan, before anything is written. Example::

    def pytest_aquadata_plan_made(config, plan):
        assert len(plan.simulation.batches) <= 500, "too much for this machine"
    """


def pytest_aquadata_template_built(config: pytest.Config, plan: Plan, url: str) -> None:
    """Add to a farm for tests what they need beside it: the template at `url` is built, and not copied yet.

    Only called when a template is built; a change of what is added here is no reason to build it again. Example::

        def pytest_aquadata_template_built(config, plan, url):
            with psycopg.connect(url) as conn:
                conn.execute("REFRESH MATERIALIZED VIEW daily_feed")
    """


def pytest_aquadata_before_load(config: pytest.Config, plan: Plan, batch: Batch) -> None:
    """Do something before a batch is loaded, in the process that loads it: one of the workers with xdist.

    Called for every batch that is to be built, also if it turns out to be there already. What it raises fails the batch. Example::

        def pytest_aquadata_before_load(config, plan, batch):
            logging.info("%s: %d meals", batch.name, plan.count(batch, "inventory_feedingevent"))
    """


def pytest_aquadata_after_load(config: pytest.Config, plan: Plan, batch: Batch, rows: Mapping[str, int]) -> None:
    """Do something after a batch is loaded and committed, in the process that loaded it; rows: by table. Not called if it was there.

    Indexes and keys may still be missing: they come back when all batches are there. Example::

        def pytest_aquadata_after_load(config, plan, batch, rows):
            statsd.count("aquadata.rows", sum(rows.values()))
    """


def pytest_aquadata_report_sections(config: pytest.Config, source: Source) -> Section | Sequence[Section] | None:
    """Give sections for the report of ``--aquadata-html``; they stand before the tables. Called in the controller, with a connection.

    A statement that the server refuses is shown in place of what the hook would have given. Example::

        def pytest_aquadata_report_sections(config, source):
            rows = source.rows("SELECT count(*) FROM alarms_oxygenalarm")
            return Section("alarms", "Alarms", f"<p>{rows[0][0]} alarms</p>")
    """
