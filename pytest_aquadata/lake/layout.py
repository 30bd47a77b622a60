"""Where what lies in a data set.

    _SUCCESS                                              every batch of the scenario is there, and nothing else
    _aquadata/run.json                                    which run the data set is of
    _aquadata/farm.json                                   the world, master data and feed stock are there: files, rows, digests
    _aquadata/batches/FAR-2020-001.json                   the batch is there: files, rows, digests
    _aquadata/failed/FAR-2020-001.json                    why the batch could not be written
    _aquadata/manifest.json                               all files that count
    infrastructure_container/farm.parquet                 a table without rows of batches
    batch_batch/geography=FAR/batch=FAR-2020-001/rows.parquet
    scenario/geography=__HIVE_DEFAULT_PARTITION__/batch=__HIVE_DEFAULT_PARTITION__/farm.parquet

Folders are named as Hive names partitions, so that a reader prunes by geography and batch without opening a file; its word for NULL
stands for rows that belong to no batch. Names beginning with ``_`` are those that Spark, Hive, Trino and Arrow pass over.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch

OURS = "_aquadata"
RUN = f"{OURS}/run.json"
FARM = f"{OURS}/farm.json"
BATCHES = f"{OURS}/batches"
FAILED = f"{OURS}/failed"
PHASES = f"{OURS}/phases.json"
MANIFEST = f"{OURS}/manifest.json"
STAGING = f"{OURS}/staging"
LOCK = f"{OURS}/lock"
SUCCESS = "_SUCCESS"

GEOGRAPHY, BATCH = "geography", "batch"
"""The columns that readers make of the folders' names; no table has a column called so."""

_NULL = "__HIVE_DEFAULT_PARTITION__"
_SUFFIX = ".parquet"


def file_of_batch(plan: Plan, batch: Batch, table: str) -> str:
    """The file of a batch's rows of a table."""
    return f"{table}/{GEOGRAPHY}={code_of(plan, batch)}/{BATCH}={batch.name}/rows{_SUFFIX}"


def file_of_farm(plan: Plan, table: str) -> str:
    """The file of a table's rows that belong to no batch."""
    folder = f"{table}/{GEOGRAPHY}={_NULL}/{BATCH}={_NULL}" if table in plan.tables else table
    return f"{folder}/farm{_SUFFIX}"


def code_of(plan: Plan, batch: Batch) -> str:
    """The code of a batch's geography."""
    return plan.simulation.world.geographies[batch.life.geography - 1].code


def entry_of(batch: Batch) -> str:
    """The entry that says that a batch is there."""
    return f"{BATCHES}/{batch.name}.json"


def failure_of(batch: Batch) -> str:
    """The entry that says that a batch could not be written."""
    return f"{FAILED}/{batch.name}.json"


def is_rows(path: str, tables: Sequence[str]) -> bool:
    """Whether a path is that of a file that a run may have written rows to."""
    return path.endswith(_SUFFIX) and path.partition("/")[0] in tables
