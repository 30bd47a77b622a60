"""What an application may have otherwise, one thing at a time; the criteria find their way, and say what they could not check."""

from __future__ import annotations

import json

import pytest
import variants
from django_project import Application

from pytest_aquadata.load.run import connect

pytest.importorskip("pytest_django", reason="pytest-django is not installed")

WHOLE = ("--aquadata=small", "--aquadata-json=found.json", "--aquadata-set=geographies.0.ages=[880, 100]")


def criteria(application: Application) -> dict[str, dict[str, object]]:
    """The verdicts of the last session, by criterion."""
    said = json.loads((application.pytester.path / "found.json").read_text())
    return {criterion["name"]: criterion for criterion in said["criteria"]}


def test_every_table_and_every_column_has_another_name(application: Application) -> None:
    variants.write(application, more_settings=variants.other_names())
    url = application.migrated()
    result = application.run(*WHOLE, f"--aquadata-database={url}", "--aquadata-html=farm.html")
    assert result.ret == 0
    found = criteria(application)
    assert {name for name, verdict in found.items() if verdict["state"] != "pass"} == set()
    assert not any(verdict["left_out"] for verdict in found.values())
    page = (application.pytester.path / "farm.html").read_text()
    assert "does not answer" not in page
    assert "cannot be drawn" not in page


# As hypertables are: the time in the primary key, no other key over all rows, a sequence of its own. Until it has chunks a hypertable is
# told from a plain table by TimescaleDB's catalogue alone.
READINGS = {
    "partitioned": """
        CREATE TABLE {table} ({columns}, PRIMARY KEY (reading_time, sensor_id)) PARTITION BY RANGE (reading_time);
        CREATE TABLE early PARTITION OF {table} FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
        CREATE TABLE late PARTITION OF {table} DEFAULT;
    """,
    "a hypertable": """
        CREATE TABLE {table} ({columns}, PRIMARY KEY (reading_time, sensor_id));
        CREATE SCHEMA timescaledb_information;
        CREATE VIEW timescaledb_information.hypertables AS SELECT 'public'::name AS hypertable_schema, '{table}'::name AS hypertable_name;
    """,
}
TABLE = "environmental_environmentalreading"
COLUMNS = f"""
SELECT string_agg(format('%I %s%s', attname, CASE attname WHEN 'id' THEN 'bigserial' ELSE format_type(atttypid, atttypmod) END,
                         CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END), ', ' ORDER BY attnum)
FROM pg_attribute WHERE attrelid = '{TABLE}'::regclass AND attnum > 0
"""
INDEXES = "SELECT indexrelid::bigint FROM pg_index WHERE indrelid = ANY(%s::regclass[]) ORDER BY 1"


@pytest.mark.parametrize("kind", READINGS)
def test_readings_in_a_table_by_time(application: Application, kind: str) -> None:
    variants.write(application)
    url = application.migrated()
    with connect(url, "tests") as conn:
        (columns,) = conn.execute(COLUMNS).fetchone()
        conn.execute(f"DROP TABLE {TABLE}")
        conn.execute(READINGS[kind].format(table=TABLE, columns=columns).encode())
        conn.execute(f"CREATE INDEX ON {TABLE} (batch_id); CREATE INDEX ON {TABLE} (container_id, reading_time)")
        tables = [
            TABLE,
            *(
                name
                for (name,) in conn.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", (TABLE,))
            ),
        ]
        before = conn.execute(INDEXES, (tables,)).fetchall()
        plain = conn.execute(INDEXES, (["batch_mortalityevent"],)).fetchall()
    doctor = application.run("--aquadata=small", "--aquadata-doctor", f"--aquadata-database={url}")
    doctor.stdout.fnmatch_lines([f"{TABLE}: 2,380 rows of *, 12 of 12 columns, {kind}: its indexes and keys stay in place"])
    large = "--aquadata-set=readings.times=['06:00', '12:00', '18:00']"
    assert application.run(*WHOLE, large, f"--aquadata-database={url}").ret == 0
    assert {verdict["state"] for verdict in criteria(application).values()} == {"pass"}
    with connect(url, "tests") as conn:
        assert conn.execute(INDEXES, (tables,)).fetchall() == before
        assert conn.execute(INDEXES, (["batch_mortalityevent"],)).fetchall() != plain, "there were too few rows to put anything aside"
        rows = conn.execute(f"SELECT count(*), count(DISTINCT id) FROM {TABLE}").fetchone()
        assert rows[0] == rows[1] > 0
        # the sequence is behind the ids
        assert conn.execute(f"SELECT nextval(pg_get_serial_sequence('{TABLE}', 'id')) > max(id) FROM {TABLE}").fetchone() == (True,)
    again = application.run(
        *WHOLE[:1], WHOLE[2], large, f"--aquadata-database={url}", "--aquadata-batch=FAR-2025-002", "-k", "build or rows"
    )
    again.assert_outcomes(passed=2, deselected=31)
    assert application.run(WHOLE[0], WHOLE[2], large, f"--aquadata-database={url}", "--aquadata-wipe").ret == 0
    with connect(url, "tests") as conn:
        assert conn.execute(f"SELECT count(*) FROM {TABLE}").fetchone() == (0,)
        assert conn.execute(INDEXES, (tables,)).fetchall() == before


HISTORY = {
    "batch/models/fish.py": [
        ("from django.db", "import uuid\n\nfrom simple_history.models import HistoricalRecords\nfrom django.db"),
        ("    pinned_scenario = ", "    history = HistoricalRecords(excluded_fields=['notes'])\n    pinned_scenario = "),
        (
            '    """Fish found dead on one day."""',
            "    history = HistoricalRecords(table_name='deaths_before', history_id_field=models.UUIDField(default=uuid.uuid4),"
            " history_change_reason_field=models.TextField(null=True))",
        ),
    ],
}


@pytest.mark.parametrize("history", ["none", "created"])
def test_histories_of_django_simple_history(application: Application, history: str) -> None:
    pytest.importorskip("simple_history", reason="django-simple-history is not installed")
    variants.write(application, changes=HISTORY, more_settings="INSTALLED_APPS += ['simple_history']")
    scenario = application.pytester.path / "scenarios/small.yaml"
    scenario.write_text(f"aquadata: {{history: {history}}}\n{scenario.read_text()}criteria: {{rows: }}\n")
    application.write(
        "test_it.py",
        """
import datetime
from batch.models import Batch, MortalityEvent
from django.apps import apps

def test_it(aquadata, transactional_db):
    Kept, Deaths = apps.get_model("batch.HistoricalBatch"), apps.get_model("batch.HistoricalMortalityEvent")
    assert Deaths._meta.db_table == "deaths_before"
    if aquadata.scenario.aquadata.history == "none":
        assert Kept.objects.count() == Deaths.objects.count() == 0
    else:
        assert MortalityEvent.objects.count() == Deaths.objects.count() > 0
        assert len(set(Deaths.objects.values_list("history_id", flat=True))) == MortalityEvent.objects.count()
        for batch in aquadata.batches():
            record = batch.history.get()
            assert (record.history_type, record.history_user, record.history_change_reason) == ("+", None, None)
            assert record.history_date == batch.created_at
            assert record.instance.pinned_scenario == batch.pinned_scenario
            assert batch.history.as_of(batch.created_at + datetime.timedelta(days=1)).batch_number == batch.batch_number
    # the application goes on as ever
    batch = aquadata.batches().first()
    batch.status = "CANCELLED"
    batch.save()
    assert batch.history.latest().history_type == "~"
    assert batch.history.count() == 1 + (aquadata.scenario.aquadata.history == "created")
""",
    )
    application.run("-p", "no:randomly").assert_outcomes(passed=1)


SEEN = """\
class Seen(models.Model):
    address = models.GenericIPAddressField()

    class Meta:
        abstract = True


class Batch("""


def test_a_history_with_a_column_that_nobody_knows(application: Application) -> None:
    pytest.importorskip("simple_history", reason="django-simple-history is not installed")
    imported, (old, new), _ = HISTORY["batch/models/fish.py"]
    changed = [imported, (old, new.replace("excluded_fields=['notes']", "bases=[Seen]")), ("class Batch[(]", SEEN)]
    variants.write(application, changes={"batch/models/fish.py": changed}, more_settings="INSTALLED_APPS += ['simple_history']")
    url = application.migrated()
    refused = application.run(
        "--aquadata=small", "--aquadata-doctor", f"--aquadata-database={url}", "--aquadata-set=aquadata.history=created"
    )
    assert refused.ret == 1
    refused.stderr.fnmatch_lines(
        ["no value is known for batch_historicalbatch.address of the history tables, which must have one", "*history: none*"]
    )


def test_uuids_for_keys_where_there_is_no_farm_without_numbers(application: Application) -> None:
    key = "    id = models.UUIDField(primary_key=True, default=uuid.uuid4)\n    pinned_scenario = "
    variants.write(
        application,
        changes={"batch/models/fish.py": [("from django.db", "import uuid\n\nfrom django.db"), ("    pinned_scenario = ", key)]},
    )
    url = application.migrated()
    refused = application.run("--aquadata=small", f"--aquadata-database={url}")
    assert refused.ret == 1
    refused.stdout.fnmatch_lines(
        ["*the application has no place for a farm:", "*the primary key of batch_batch is no whole number but uuid"]
    )
    assert "Traceback" not in refused.stdout.str()
    with connect(url, "tests") as conn:
        assert conn.execute("SELECT count(*) FROM infrastructure_container").fetchone() == (0,)
