"""Hooks of this plugin, for a ``conftest.py`` or another plugin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_aquadata.plan.numbering import Plan
    from pytest_aquadata.scenario.models import Scenario


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
