"""Spark reads a data set as it is: every table, its values and types.

Where pyspark and a Java runtime are installed; they are large, and no extra asks for them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from run_farm import Databases

from pytest_aquadata.lake.entries import read_entries
from pytest_aquadata.lake.run import write_everything
from pytest_aquadata.lake.store import Store

sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        pytest.skip("the machine has no Java")
    settings = {"spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC", "spark.driver.host": "127.0.0.1"}
    session = sql.SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
    yield session
    session.stop()


def _types(schema: Any) -> dict[str, str]:
    """What Spark is expected to make of Arrow's types."""
    plain = {"int16": "smallint", "int32": "int", "int64": "bigint", "bool": "boolean", "date32[day]": "date"}
    return {
        field.name: plain.get(str(field.type), str(field.type).replace("decimal128", "decimal").replace(", ", ",").partition("[")[0])
        for field in schema
    }


def test_every_table(spark: Any, databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")  # what Spark collects is in the process's own time zone
    write_everything(f"parquet:{tmp_path}", databases.plan, databases.fingerprint)
    files = read_entries(Store(str(tmp_path))).files()
    for table in sorted({said["table"] for said in files.values()}):
        frame = spark.read.parquet(str(tmp_path / table))
        parts = [pq.ParquetFile(tmp_path / path).read() for path, said in files.items() if said["table"] == table]
        types = dict(frame.dtypes)
        assert (types.pop("geography", "string"), types.pop("batch", "string")) == ("string", "string")
        assert types == _types(parts[0].schema), table
        names = list(types)
        expected = [tuple(row[name] for name in names) for part in parts for row in part.to_pylist()]
        found = [tuple(row) for row in frame.select(names).collect()]
        found = [tuple(v.replace(tzinfo=UTC) if hasattr(v, "tzinfo") else v for v in row) for row in found]
        assert sorted(found, key=repr) == sorted(expected, key=repr), table
