"""An application that is written for psycopg2 keeps it, beside psycopg 3 for COPY."""

from __future__ import annotations

import pytest
from django_project import Application

pytest.importorskip("pytest_django", reason="pytest-django is not installed")
pytest.importorskip("psycopg2", reason="psycopg2 is not installed")

SUITE = """
import psycopg2
import psycopg2.errors
import pytest
from batch.models import Batch
from django.contrib.postgres import fields
from django.db import IntegrityError, connection, transaction
from psycopg2.extras import execute_values


def test_the_driver(aquadata):
    assert connection.Database is psycopg2
    assert isinstance(connection.connection, psycopg2.extensions.connection)


def test_what_only_psycopg2_takes(aquadata):
    names = tuple(batch.batch_number for batch in aquadata.batches())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM batch_batch WHERE batch_number IN %s", [names])
        assert cursor.fetchone() == (3,)
        execute_values(cursor.cursor, "INSERT INTO batch_species (created_at, updated_at, name, scientific_name, description, "
                       "optimal_temperature_min, optimal_temperature_max, optimal_oxygen_min, optimal_ph_min, optimal_ph_max) VALUES %s",
                       [(aquadata.clock, aquadata.clock, "Trout", "Salmo trutta", "", 1, 2, 3, 4, 5)])
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Batch.objects.bulk_create([Batch(batch_number=names[0], species_id=1, lifecycle_stage_id=1, start_date=aquadata.as_of)])
    assert isinstance(caught.value.__cause__, psycopg2.errors.UniqueViolation)


def test_one_that_commits(aquadata, transactional_db):
    import threading

    def write():
        try:
            Batch.objects.update(notes="thread")
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert Batch.objects.filter(notes="thread").count() == 3
"""
DRIVER = """
def test_the_driver(aquadata):
    from django.db import connection
    assert connection.Database.__name__ == "psycopg"
"""


def with_driver(application: Application, driver: str) -> None:
    ini = application.pytester.path / "pytest.ini"
    ini.write_text(f"{ini.read_text()}aquadata_django_driver = {driver}\n")


def test_psycopg2_stays(application: Application) -> None:
    application.write("test_it.py", SUITE.replace("from batch.models", "from pytest_aquadata.farm.batch.models"))
    with_driver(application, "psycopg2")
    application.run().assert_outcomes(passed=3)
    application.run("-n", "2").assert_outcomes(passed=3)


def test_django_takes_psycopg_by_itself(application: Application) -> None:
    """What is relied on: Django prefers psycopg 3, which has come along with this package."""
    application.write("test_it.py", DRIVER)
    application.run().assert_outcomes(passed=1)


def test_a_driver_that_there_is_not_or_that_comes_too_late(application: Application) -> None:
    application.write("test_it.py", DRIVER)
    with_driver(application, "psycopg4")
    wrong = application.run()
    assert wrong.ret == pytest.ExitCode.USAGE_ERROR
    wrong.stderr.fnmatch_lines(["*aquadata_django_driver: 'psycopg4' is no driver of Django's; give psycopg or psycopg2"])
    (application.pytester.path / "pytest.ini").write_text("[pytest]\npythonpath = .\nDJANGO_SETTINGS_MODULE = settings\n")
    with_driver(application, "psycopg2")
    application.write("early.py", "import django.db.backends.postgresql.base\n")
    late = application.run("-p", "early")
    assert late.ret == pytest.ExitCode.USAGE_ERROR
    late.stderr.fnmatch_lines(["*aquadata_django_driver = psycopg2: Django's backend has been imported with psycopg already"])
    application.write("settings.py", "import sys\n" + (application.pytester.path / "settings.py").read_text())
    application.write("gone.py", "import sys\nsys.modules['psycopg2'] = None\n")
    gone = application.run("-p", "gone")
    assert gone.ret == pytest.ExitCode.USAGE_ERROR
    gone.stderr.fnmatch_lines(["*aquadata_django_driver = psycopg2: Error loading psycopg2 or psycopg module"])
