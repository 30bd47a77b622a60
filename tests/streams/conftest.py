"""One small farm for all streams: every stage, a harvest, two geographies, moves between unequal numbers of containers."""

from __future__ import annotations

import pytest
from tables import plan_of

from pytest_aquadata.plan.numbering import Plan


@pytest.fixture(scope="session")
def plan() -> Plan:
    return plan_of(
        ages=[40, 130, 220, 310, 400, 600, 880],
        eggs="1M..1.5M",
        containers_per_stage=4,
        rings_per_batch=6,
        readings={"times": ["06:00", "14:00"]},
    )
