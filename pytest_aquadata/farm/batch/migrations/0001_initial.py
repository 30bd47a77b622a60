"""Species, stages and batches, where they stand, what they lose and how they grow; without the key to scenarios, which come later."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("infrastructure", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Species",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("scientific_name", models.CharField(max_length=200, unique=True)),
                ("description", models.TextField(blank=True)),
                ("optimal_temperature_min", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("optimal_temperature_max", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("optimal_oxygen_min", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("optimal_ph_min", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("optimal_ph_max", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "batch_species",
            },
        ),
        migrations.CreateModel(
            name="LifeCycleStage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("species", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="batch.species")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("order", models.PositiveSmallIntegerField()),
                ("description", models.TextField(blank=True)),
                ("expected_weight_min_g", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("expected_weight_max_g", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("expected_length_min_cm", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("expected_length_max_cm", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("typical_duration_days", models.PositiveIntegerField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "batch_lifecyclestage",
                "constraints": [models.UniqueConstraint(fields=("species", "order"), name="batch_lifecyclestage_uniq")],
            },
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lifecycle_stage", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="batch.lifecyclestage")),
                ("species", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="batch.species")),
                ("batch_number", models.CharField(max_length=50, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("PLANNED", "Planned"), ("ACTIVE", "Active"), ("COMPLETED", "Completed")], default="PLANNED", max_length=20
                    ),
                ),
                ("start_date", models.DateField()),
                ("expected_end_date", models.DateField(blank=True, null=True)),
                ("actual_end_date", models.DateField(blank=True, null=True)),
                ("notes", models.TextField(blank=True)),
                ("batch_type", models.CharField(default="STANDARD", max_length=20)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "batch_batch",
            },
        ),
        migrations.CreateModel(
            name="BatchContainerAssignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batch")),
                ("container", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="infrastructure.container")),
                ("lifecycle_stage", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="batch.lifecyclestage")),
                ("population_count", models.PositiveIntegerField()),
                ("biomass_kg", models.DecimalField(decimal_places=2, max_digits=10)),
                ("assignment_date", models.DateField()),
                ("is_active", models.BooleanField(default=True)),
                ("notes", models.TextField(blank=True)),
                ("avg_weight_g", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("departure_date", models.DateField(blank=True, null=True)),
                ("last_weighing_date", models.DateField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "batch_batchcontainerassignment",
            },
        ),
        migrations.CreateModel(
            name="MortalityEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batch")),
                (
                    "assignment",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="batch.batchcontainerassignment"
                    ),
                ),
                ("event_date", models.DateField()),
                ("count", models.PositiveIntegerField()),
                ("biomass_kg", models.DecimalField(decimal_places=2, max_digits=10)),
                ("cause", models.CharField(default="UNKNOWN", max_length=20)),
                ("description", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "batch_mortalityevent",
            },
        ),
        migrations.CreateModel(
            name="GrowthSample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("assignment", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batchcontainerassignment")),
                ("sample_date", models.DateField()),
                ("sample_size", models.PositiveIntegerField()),
                ("avg_weight_g", models.DecimalField(decimal_places=2, max_digits=10)),
                ("avg_length_cm", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("std_deviation_weight", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("std_deviation_length", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("min_weight_g", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("max_weight_g", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("condition_factor", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("notes", models.TextField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "batch_growthsample",
            },
        ),
        migrations.CreateModel(
            name="IndividualGrowthObservation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("growth_sample", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.growthsample")),
                ("fish_identifier", models.CharField(max_length=50)),
                ("weight_g", models.DecimalField(decimal_places=2, max_digits=10)),
                ("length_cm", models.DecimalField(decimal_places=2, max_digits=10)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "batch_individualgrowthobservation",
                "constraints": [
                    models.UniqueConstraint(fields=("growth_sample", "fish_identifier"), name="batch_individualgrowthobservation_uniq")
                ],
            },
        ),
        migrations.CreateModel(
            name="ActualDailyAssignmentState",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("assignment", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batchcontainerassignment")),
                ("batch", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batch")),
                ("container", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="infrastructure.container")),
                ("lifecycle_stage", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="batch.lifecyclestage")),
                ("date", models.DateField()),
                ("day_number", models.PositiveIntegerField()),
                ("avg_weight_g", models.DecimalField(decimal_places=2, max_digits=10)),
                ("population", models.PositiveIntegerField()),
                ("biomass_kg", models.DecimalField(decimal_places=2, max_digits=12)),
                ("temp_c", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("mortality_count", models.PositiveIntegerField(default=0)),
                ("feed_kg", models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                ("observed_fcr", models.DecimalField(blank=True, decimal_places=3, max_digits=8, null=True)),
                ("anchor_type", models.CharField(blank=True, max_length=20, null=True)),
                ("sources", models.JSONField(default=dict)),
                ("confidence_scores", models.JSONField(default=dict)),
                ("last_computed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "batch_actualdailyassignmentstate",
                "indexes": [
                    models.Index(fields=["anchor_type"], name="dailystate_anchor_type_ix"),
                    models.Index(fields=["assignment", "date"], name="dailystate_assignment_date_ix"),
                    models.Index(fields=["batch", "date"], name="dailystate_batch_date_ix"),
                    models.Index(fields=["date"], name="dailystate_date_ix"),
                ],
                "constraints": [models.UniqueConstraint(fields=("assignment", "date"), name="batch_actualdailyassignmentstate_uniq")],
            },
        ),
        migrations.RunSQL(
            sql="ALTER TABLE batch_actualdailyassignmentstate DROP CONSTRAINT batch_actualdailyassignmentstate_pkey, ADD PRIMARY KEY (id, date)",
            reverse_sql="ALTER TABLE batch_actualdailyassignmentstate DROP CONSTRAINT batch_actualdailyassignmentstate_pkey, ADD PRIMARY KEY (id)",
        ),
    ]
