"""All tables of app environmental."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("batch", "0001_initial"),
        ("infrastructure", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="EnvironmentalParameter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("unit", models.CharField(blank=True, max_length=20)),
                ("description", models.TextField(blank=True)),
                ("min_value", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("max_value", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("optimal_min", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("optimal_max", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "environmental_environmentalparameter",
            },
        ),
        migrations.CreateModel(
            name="EnvironmentalReading",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("batch", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="batch.batch")),
                (
                    "container",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="infrastructure.container"),
                ),
                ("parameter", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="environmental.environmentalparameter")),
                (
                    "recorded_by",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL),
                ),
                (
                    "sensor",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="infrastructure.sensor"),
                ),
                (
                    "batch_container_assignment",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="batch.batchcontainerassignment"
                    ),
                ),
                ("value", models.DecimalField(decimal_places=4, max_digits=10)),
                ("reading_time", models.DateTimeField()),
                ("is_manual", models.BooleanField(default=False)),
                ("notes", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "environmental_environmentalreading",
                "indexes": [
                    models.Index(fields=["batch_container_assignment", "parameter", "reading_time"], name="reading_stay_param_at_ix"),
                    models.Index(fields=["batch", "parameter", "reading_time"], name="reading_batch_param_at_ix"),
                    models.Index(fields=["container", "parameter", "reading_time"], name="reading_container_param_at_ix"),
                ],
            },
        ),
        migrations.RunSQL(
            sql="ALTER TABLE environmental_environmentalreading DROP CONSTRAINT environmental_environmentalreading_pkey, ADD PRIMARY KEY (id, reading_time)",
            reverse_sql="ALTER TABLE environmental_environmentalreading DROP CONSTRAINT environmental_environmentalreading_pkey, ADD PRIMARY KEY (id)",
        ),
    ]
