"""All tables of app infrastructure."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from pytest_aquadata.farm.compat import check_constraint


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Geography",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("description", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "infrastructure_geography",
            },
        ),
        migrations.CreateModel(
            name="Area",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("geography", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="infrastructure.geography")),
                ("name", models.CharField(max_length=100)),
                ("latitude", models.DecimalField(decimal_places=6, max_digits=9)),
                ("longitude", models.DecimalField(decimal_places=6, max_digits=9)),
                ("max_biomass", models.DecimalField(decimal_places=2, max_digits=12)),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "infrastructure_area",
            },
        ),
        migrations.CreateModel(
            name="FreshwaterStation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("geography", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="infrastructure.geography")),
                ("name", models.CharField(max_length=100)),
                ("station_type", models.CharField(default="FRESHWATER", max_length=20)),
                ("latitude", models.DecimalField(decimal_places=6, max_digits=9)),
                ("longitude", models.DecimalField(decimal_places=6, max_digits=9)),
                ("description", models.TextField(blank=True)),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "infrastructure_freshwaterstation",
            },
        ),
        migrations.CreateModel(
            name="Hall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "freshwater_station",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="infrastructure.freshwaterstation"),
                ),
                ("name", models.CharField(max_length=100)),
                ("description", models.TextField(blank=True)),
                ("area_sqm", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "infrastructure_hall",
            },
        ),
        migrations.CreateModel(
            name="ContainerType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                (
                    "category",
                    models.CharField(
                        choices=[("TRAY", "Tray"), ("TANK", "Tank"), ("PEN", "Pen"), ("SILO", "Silo"), ("BARGE", "Barge")], max_length=20
                    ),
                ),
                ("max_volume_m3", models.DecimalField(decimal_places=2, max_digits=10)),
                ("description", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "infrastructure_containertype",
            },
        ),
        migrations.CreateModel(
            name="Container",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="infrastructure.area")),
                ("container_type", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="infrastructure.containertype")),
                ("hall", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="infrastructure.hall")),
                ("name", models.CharField(max_length=100)),
                ("volume_m3", models.DecimalField(decimal_places=2, max_digits=10)),
                ("max_biomass_kg", models.DecimalField(decimal_places=2, max_digits=10)),
                ("active", models.BooleanField(default=True)),
                ("feed_recommendations_enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "infrastructure_container",
                "constraints": [
                    check_constraint(
                        models.Q(
                            models.Q(("area__isnull", True), ("hall__isnull", False)),
                            models.Q(("area__isnull", False), ("hall__isnull", True)),
                            _connector="OR",
                        ),
                        "infrastructure_container_in_hall_or_area",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Sensor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("container", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="infrastructure.container")),
                ("name", models.CharField(max_length=100)),
                ("sensor_type", models.CharField(max_length=20)),
                ("serial_number", models.CharField(blank=True, max_length=100)),
                ("manufacturer", models.CharField(blank=True, max_length=100)),
                ("installation_date", models.DateField(blank=True, null=True)),
                ("last_calibration_date", models.DateField(blank=True, null=True)),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "infrastructure_sensor",
            },
        ),
        migrations.CreateModel(
            name="FeedContainer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="infrastructure.area")),
                ("hall", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="infrastructure.hall")),
                ("name", models.CharField(max_length=100)),
                ("container_type", models.CharField(choices=[("SILO", "Silo"), ("BARGE", "Barge")], max_length=20)),
                ("capacity_kg", models.DecimalField(decimal_places=2, max_digits=10)),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "infrastructure_feedcontainer",
                "constraints": [
                    check_constraint(
                        models.Q(
                            models.Q(("area__isnull", True), ("hall__isnull", False)),
                            models.Q(("area__isnull", False), ("hall__isnull", True)),
                            _connector="OR",
                        ),
                        "infrastructure_feedcontainer_in_hall_or_area",
                    )
                ],
            },
        ),
    ]
