"""Django is set up for the reference farm, moved between databases, and keeps its hands off what is not its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.farm import setup
from pytest_aquadata.farm.address import database


class TestAddress:
    def test_libpq_parameters_survive(self) -> None:
        there = database("postgresql://aquadata@127.0.0.1:54321/farm?passfile=/home/a/pass&sslmode=disable")
        assert {key: there[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
            "NAME": "farm",
            "USER": "aquadata",
            "PASSWORD": "",
            "HOST": "127.0.0.1",
            "PORT": "54321",
        }
        assert there["OPTIONS"] == {"passfile": "/home/a/pass", "sslmode": "disable"}

    def test_characters_that_a_url_must_quote(self) -> None:
        there = database("postgresql://us%40er:pass%2Fword@h/d%20b")
        assert (there["USER"], there["PASSWORD"], there["NAME"]) == ("us@er", "pass/word", "d b")

    def test_several_hosts(self) -> None:
        there = database("host=a,b port=1,2 dbname=farm")
        assert (there["HOST"], there["PORT"]) == ("a,b", "1,2")

    def test_a_name_that_libpq_would_fill_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("PGDATABASE", raising=False)
        assert database("user=ann")["NAME"] == "ann"
        monkeypatch.setenv("PGDATABASE", "farm")
        assert database("user=ann")["NAME"] == "farm"
        assert database("")["NAME"] == "farm"

    def test_a_service_brings_its_own_name(self) -> None:
        there = database("service=farm")
        assert (there["NAME"], there["OPTIONS"]) == ("", {"service": "farm"})


class TestMigrate:
    def test_twice_is_the_same_and_leaves_no_connection(self, database_url: str) -> None:
        setup.migrate(database_url)
        with psycopg.connect(database_url) as conn:
            first = conn.execute("SELECT array_agg(t ORDER BY id) FROM django_content_type t").fetchone()
        setup.migrate(database_url)
        with psycopg.connect(database_url) as conn:
            assert conn.execute("SELECT array_agg(t ORDER BY id) FROM django_content_type t").fetchone() == first
            others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            deadline = time.monotonic() + 10  # a closed connection's backend takes a moment to go
            while conn.execute(others).fetchone() != (0,) and time.monotonic() < deadline:
                time.sleep(0.05)
            assert conn.execute(others).fetchone() == (0,)
        assert setup.is_reference()

    def test_says_nothing(self, database_url: str, capfd: pytest.CaptureFixture[str]) -> None:
        setup.migrate(database_url)
        assert capfd.readouterr() == ("", "")

    def test_migrations_of_another_project_are_not_taken_for_ours(self, database_url: str) -> None:
        setup.migrate(database_url)
        with psycopg.connect(database_url) as conn:
            conn.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('batch', '0042_theirs', now())")
        with pytest.raises(AquadataError, match=r"holds tables that this package did not make \(migration batch\.0042_theirs\)"):
            setup.migrate(database_url)

    def test_tables_of_another_project_are_left_alone(self, database_url: str) -> None:
        with psycopg.connect(database_url) as conn:
            conn.execute("CREATE TABLE batch_batch (id int)")
        with pytest.raises(AquadataError, match=r"\(table batch_batch\): name an empty database"):
            setup.migrate(database_url)
        with psycopg.connect(database_url) as conn:
            assert conn.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (1,)

    def test_can_be_undone(self, database_url: str) -> None:
        from django.core.management import call_command

        setup.migrate(database_url)
        for label in ("finance", "harvest", "health", "inventory", "environmental"):
            call_command("migrate", label, "zero", verbosity=0)
        with psycopg.connect(database_url) as conn:
            left = conn.execute("SELECT count(*) FROM pg_tables WHERE tablename ~ '^(finance|harvest|health|inventory|environmental)_'")
            assert left.fetchone() == (0,)
        setup.migrate(database_url)

    def test_an_application_migrates_its_own(self, database_url: str, tmp_path: Path) -> None:
        (tmp_path / "theirs.py").write_text("SECRET_KEY = 'x'\nINSTALLED_APPS = []\n", encoding="utf-8")
        program = (
            "import sys\nfrom pytest_aquadata.farm import setup\nfrom pytest_aquadata.errors import AquadataError\n"
            "setup.configure(sys.argv[1])\nassert not setup.is_reference()\n"
            "try:\n    setup.migrate(sys.argv[1])\nexcept AquadataError as error:\n    print(error)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, database_url],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "theirs", "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == (
            "Django is configured for an application (theirs), whose tables are its own to migrate: run its manage.py migrate\n"
        )

    @pytest.mark.parametrize(
        ("named", "guarded", "says"),
        [
            ("", True, ""),
            ("pytest_aquadata.farm.settings", False, ""),
            ("pytest_aquadata.farm.settings", True, "pytest-django guards the database of Django's settings"),
            ("theirs", False, "Django is set up for an application here (theirs)"),
        ],
    )
    def test_no_build_beside_an_application(self, named: str, guarded: bool, says: str) -> None:
        program = (
            "import sys\nfrom pytest_aquadata.farm import setup\nfrom pytest_aquadata.errors import AquadataError\n"
            "try:\n    setup.refuse_application(sys.argv[1] == 'True', None)\nexcept AquadataError as error:\n    print(error)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, str(guarded)],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": named},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.startswith(says) if says else not done.stdout


class TestOrm:
    def test_objects_of_several_apps(self, database_url: str) -> None:
        setup.migrate(database_url)
        from pytest_aquadata.farm.batch.models import Batch, BatchContainerAssignment, LifeCycleStage, Species
        from pytest_aquadata.farm.environmental.models import EnvironmentalParameter, EnvironmentalReading
        from pytest_aquadata.farm.infrastructure.models import Area, Container, ContainerType, Geography
        from pytest_aquadata.farm.scenario.models import FCRModel, MortalityModel, Scenario, TemperatureProfile, TGCModel

        geography = Geography.objects.create(name="Faroe Islands")
        area = Area.objects.create(geography=geography, name="A", latitude=Decimal("61.5"), longitude=Decimal("-6.5"), max_biomass=1)
        pen = ContainerType.objects.create(name="Ring", category=ContainerType.Category.PEN, max_volume_m3=1)
        ring = Container.objects.create(area=area, container_type=pen, name="Ring-01", volume_m3=1, max_biomass_kg=1)
        species = Species.objects.create(name="Atlantic salmon", scientific_name="Salmo salar")
        adult = LifeCycleStage.objects.create(species=species, name="Adult", order=6)
        made = datetime(2020, 8, 30, 6, tzinfo=UTC)
        batch = Batch.objects.create(
            batch_number="FAR-2020-001", species=species, lifecycle_stage=adult, start_date=date(2020, 8, 30), created_at=made
        )
        stay = BatchContainerAssignment.objects.create(
            batch=batch, container=ring, lifecycle_stage=adult, population_count=7, biomass_kg=Decimal("3.50"), assignment_date=made.date()
        )
        batch.pinned_scenario = Scenario.objects.create(
            name="Baseline",
            batch=batch,
            start_date=made.date(),
            duration_days=900,
            initial_count=7,
            fcr_model=FCRModel.objects.create(name="FCR"),
            mortality_model=MortalityModel.objects.create(name="Loss", rate=0.03),
            tgc_model=TGCModel.objects.create(
                name="TGC", tgc_value=2.4, exponent_n=1, exponent_m=0.333, profile=TemperatureProfile.objects.create(name="Sea")
            ),
        )
        batch.save()
        reading = EnvironmentalReading.objects.create(
            parameter=EnvironmentalParameter.objects.create(name="Salinity", unit="ppt"),
            value=Decimal("35.1234"),
            reading_time=made,
            container=ring,
            batch=batch,
            batch_container_assignment=stay,
        )

        there = Batch.objects.select_related("pinned_scenario").get(batchcontainerassignment__container__area__geography=geography)
        assert (there.created_at, str(there.pinned_scenario), there.status) == (made, "Baseline", Batch.Status.PLANNED)
        assert EnvironmentalReading.objects.get(pk=reading.pk).value == Decimal("35.1234")
        assert str(stay) == "FAR-2020-001 in Ring-01"

        batch.delete()
        assert not BatchContainerAssignment.objects.exists()
        assert EnvironmentalReading.objects.get().batch is None

    def test_a_container_stands_in_a_hall_or_an_area(self, database_url: str) -> None:
        setup.migrate(database_url)
        from django.db import IntegrityError

        from pytest_aquadata.farm.infrastructure.models import Container, ContainerType

        tank = ContainerType.objects.create(name="Tank", category="TANK", max_volume_m3=1)
        with pytest.raises(IntegrityError, match="infrastructure_container_in_hall_or_area"):
            Container.objects.create(container_type=tank, name="T", volume_m3=1, max_biomass_kg=1)

    def test_moving_to_another_database(self, server_url: str, database_url: str) -> None:
        """Content types that were looked up in one database are not remembered in the next; other threads move along."""
        setup.migrate(database_url)
        from django.contrib.contenttypes.models import ContentType
        from django.db import connection, connections

        from pytest_aquadata.farm.harvest.models import HarvestEvent

        kept = ContentType.objects.get_for_model(HarvestEvent).pk
        empty = conninfo.make_conninfo(server_url)
        setup.configure(empty)
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            assert cursor.fetchone()[0] != conninfo.conninfo_to_dict(database_url)["dbname"]
        setup.configure(database_url)
        setup.configure(database_url)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM auth_permission")
            cursor.execute("UPDATE django_content_type SET id = %s WHERE id = %s", [kept + 1000, kept])
        assert ContentType.objects.get_for_model(HarvestEvent).pk == kept + 1000
        seen: list[str] = []

        def look() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_database()")
                seen.append(cursor.fetchone()[0])
            connections.close_all()

        other = threading.Thread(target=look)
        other.start()
        other.join()
        assert seen == [conninfo.conninfo_to_dict(database_url)["dbname"]]
