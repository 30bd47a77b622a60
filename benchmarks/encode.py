"""How fast the encoder makes COPY records of sensor readings, on one core, without a database.

Run ``python benchmarks/encode.py [rows]``. Three layouts are timed: readings as they are, with one nullable column, and
with notes of several lengths. Prints rows per second of the best of five runs.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from pytest_aquadata.load.catalogue import ColumnLayout, TableLayout
from pytest_aquadata.load.copybinary import encode
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.columns import Rows

TABLE = "environmental_environmentalreading"
CHUNK = 65_536
NULLABLE = {"batch_id", "container_id", "recorded_by_id", "sensor_id", "batch_container_assignment_id"}
TYPES = {
    "id": "int8",
    "value": "numeric",
    "reading_time": "timestamptz",
    "is_manual": "bool",
    "notes": "text",
    "created_at": "timestamptz",
    "batch_id": "int8",
    "container_id": "int8",
    "parameter_id": "int8",
    "recorded_by_id": "int4",
    "sensor_id": "int8",
    "batch_container_assignment_id": "int8",
}
LAYOUT = TableLayout(
    "public",
    TABLE,
    {
        name: ColumnLayout(
            name,
            kind,
            "numeric(10,4)" if kind == "numeric" else kind,
            not_null=name not in NULLABLE,
            precision=10 if kind == "numeric" else None,
            scale=4 if kind == "numeric" else None,
        )
        for name, kind in TYPES.items()
    },
)


def readings(count: int) -> Rows:
    random = np.random.default_rng(1)
    when = 1_600_000_000_000_000 + np.arange(count, dtype=np.int64) * 1_000_000

    def some(table: str, most: int) -> columns.Column:
        return columns.numbers(table, random.integers(1, most, count))

    return Rows(
        TABLE,
        count,
        {
            "id": columns.numbers(TABLE, np.arange(1, count + 1)),
            "value": columns.fixed(random.integers(0, 400_000, count), 4),
            "reading_time": columns.stamps(when),
            "is_manual": columns.bools(False),
            "notes": columns.text(""),
            "created_at": columns.stamps(when),
            "batch_id": columns.numbers("batch_batch", 7),
            "container_id": some("infrastructure_container", 2_017),
            "parameter_id": some("environmental_environmentalparameter", 8),
            "recorded_by_id": columns.nulls(),
            "sensor_id": some("infrastructure_sensor", 11_060),
            "batch_container_assignment_id": some("batch_batchcontainerassignment", 20_000),
        },
    )


def changed(rows: Rows, **other: columns.Column) -> Rows:
    return Rows(rows.table, rows.count, rows.columns | other)


def speed(rows: Rows, total: int) -> tuple[float, float]:
    """Rows a second and bytes a row."""
    best, size = float("inf"), 0
    for _ in range(5):
        begun, done = time.perf_counter(), 0
        while done < total:
            size = len(encode(rows, LAYOUT))
            done += rows.count
        best = min(best, (time.perf_counter() - begun) / done)
    return 1 / best, size / rows.count


def main() -> None:
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rows = readings(CHUNK)
    every_third = np.arange(CHUNK) % 3 == 0
    words = ["", "checked", "sensor cleaned", "calibrated by hand"]
    cases = {
        "readings": rows,
        "readings, sensor sometimes NULL": changed(rows, sensor_id=columns.numbers("infrastructure_sensor", 5, null=every_third)),
        "readings, notes of 4 lengths": changed(rows, notes=columns.texts(words, np.arange(CHUNK) % 4)),
    }
    for name, case in cases.items():
        rate, width = speed(case, total)
        print(f"{name:34} {rate / 1e6:6.2f} M rows/s  {rate * width / 1e6:6.0f} MB/s  {width:6.1f} bytes a row")


if __name__ == "__main__":
    main()
