"""A data set holds what a database would: equal digests, and equal rows once it is loaded into one."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from run_farm import Databases, contents

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.lake.entries import read_entries
from pytest_aquadata.lake.run import write_everything
from pytest_aquadata.lake.store import Store
from pytest_aquadata.streams.columns import Kind


@pytest.fixture(scope="module")
def written(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, str]:
    """The small farm as a data set, and its digest."""
    folder = tmp_path_factory.mktemp("lake")
    digest = write_everything(f"parquet:{folder}", databases.plan, databases.fingerprint)
    return Store(str(folder)), digest


def test_the_digest_is_the_databases(written: tuple[Store, str], databases: Databases) -> None:
    assert written[1] == databases.digest


def test_digests_by_table_are_the_databases(written: tuple[Store, str], databases: Databases) -> None:
    from pytest_aquadata.load import ledger

    entries = read_entries(written[0])
    with psycopg.connect(databases.finished) as conn:
        assert entries.farm["digests"] == ledger.farm_digests(conn, databases.fingerprint)
        batches = [(entry["number"], entry["digests"]) for entry in entries.batches.values()]
        assert sorted(batches) == ledger.batch_digests(conn, databases.fingerprint)


def test_loaded_into_a_database_it_is_the_build(written: tuple[Store, str], databases: Databases) -> None:
    from pytest_aquadata.lake.restore import load_into

    url = databases.new()
    rows = load_into(written[0], url)
    assert contents(url, databases.plan.all_tables) == databases.finished_contents
    assert sum(rows.values()) == sum(databases.plan.total(t) for t in databases.plan.all_tables if t != "django_content_type")
    with psycopg.connect(url) as conn:  # sequences stand behind the last ids
        conn.execute(
            "INSERT INTO infrastructure_containertype (name, category, max_volume_m3, description, created_at, updated_at) "
            "SELECT 'another', category, max_volume_m3, description, created_at, updated_at FROM infrastructure_containertype LIMIT 1"
        )


def test_a_database_with_rows_is_refused(written: tuple[Store, str], databases: Databases) -> None:
    from pytest_aquadata.lake.restore import load_into

    with pytest.raises(AquadataError, match=r"(?s)has rows in .*give an empty database"):
        load_into(written[0], databases.new(databases.finished))


def test_an_empty_folder_is_no_data_set(databases: Databases, tmp_path: Path) -> None:
    from pytest_aquadata.lake.restore import load_into

    with pytest.raises(AquadataError, match="holds no data set"):
        load_into(Store(str(tmp_path)), databases.new())


def test_readers_find_partitions_by_their_folders(written: tuple[Store, str], databases: Databases) -> None:
    import duckdb
    import pyarrow.dataset as ds

    root, plan = written[0].root, databases.plan
    files = f"read_parquet('{root}/scenario_tgcmodel/**/*.parquet', hive_partitioning = true)"
    query = f"SELECT geography, batch, count(*) FROM {files} GROUP BY ALL"

    # before 1.5 DuckDB gives the name of the folder that stands for NULL
    def of(part: str | None) -> str | None:
        return None if part == "__HIVE_DEFAULT_PARTITION__" else part

    found = {(of(geography), of(batch)): rows for geography, batch, rows in duckdb.sql(query).fetchall()}
    expected = {(b.name[:3], b.name): plan.count(b, "scenario_tgcmodel") for b in plan.simulation.batches}
    assert found == {**expected, (None, None): plan.farm["scenario_tgcmodel"]}
    table = ds.dataset(f"{root}/scenario_tgcmodel", partitioning="hive")
    assert table.count_rows(filter=ds.field("geography") == "FAR") == sum(n for (code, _), n in expected.items() if code == "FAR")
    assert table.count_rows() == plan.total("scenario_tgcmodel")


def test_no_table_has_a_column_that_folders_are_named_by() -> None:
    from pytest_aquadata.factories.fitting import farm_tables

    assert not [name for name, table in farm_tables().items() if {"geography", "batch"} & table.columns.keys()]


@given(st.lists(st.times(), min_size=1, max_size=20))
def test_times_of_day_are_texts_that_lose_nothing(times: list[time]) -> None:
    """Neither Spark nor Hive's tables have a time without a date."""
    from pytest_aquadata.lake.arrow import _clock
    from pytest_aquadata.lake.restore import _column

    micros = pa.array(times, pa.time64("us")).cast(pa.int64())
    texts = _clock(micros)
    assert [time.fromisoformat(text) for text in texts.to_pylist()] == times
    assert _column(texts, Kind.TIME, None).values.tolist() == micros.to_pylist()
