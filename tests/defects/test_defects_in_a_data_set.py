"""The same defects in a data set: its rows, copied into DuckDB so that harm can be done, are held against the same criteria."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from test_defects import DEFECTS, is_found, passes

from pytest_aquadata.lake.duck import DataSet
from pytest_aquadata.lake.run import LakeRun, write_everything
from pytest_aquadata.load.fingerprint import fingerprint_of
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.scenario.names import STANDARD

_GROWING = ("batch_mortalityevent", "inventory_feedingevent")
"""Tables into which a defect puts rows without an id."""


@pytest.fixture(scope="module")
def data_set(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataSet]:
    url, fingerprint = f"parquet:{tmp_path_factory.mktemp('ci')}", fingerprint_of(plan.simulation.scenario)
    write_everything(url, plan, fingerprint)
    data_set = LakeRun(url, plan, fingerprint, []).open(copied=True)
    data_set.duck.execute("CREATE SEQUENCE ids START 100000000")
    for table in _GROWING:
        data_set.duck.execute(f"ALTER TABLE {table} ALTER COLUMN id SET DEFAULT nextval('ids')")
    yield data_set
    data_set.close()


@pytest.fixture
def harmed(data_set: DataSet) -> Iterator[DataSet]:
    data_set.duck.execute("BEGIN")
    yield data_set
    data_set.duck.execute("ROLLBACK")


@pytest.mark.parametrize("defect", DEFECTS, ids=[defect["name"] for defect in DEFECTS])
def test_a_defect_is_found(harmed: DataSet, plan: Plan, defect: dict[str, Any]) -> None:
    is_found(harmed, plan, defect)


@pytest.mark.parametrize("criterion", STANDARD)
def test_an_unharmed_farm_passes(data_set: DataSet, plan: Plan, criterion: str) -> None:
    passes(data_set, plan, criterion)
