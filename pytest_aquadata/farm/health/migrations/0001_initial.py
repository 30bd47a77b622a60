"""All tables of app health."""

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
            name="HealthParameter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("is_active", models.BooleanField(default=True)),
                ("description", models.TextField(blank=True, null=True)),
                ("max_score", models.IntegerField()),
                ("min_score", models.IntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "health_healthparameter",
            },
        ),
        migrations.CreateModel(
            name="ParameterScoreDefinition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("parameter", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="health.healthparameter")),
                ("score_value", models.IntegerField()),
                ("label", models.CharField(max_length=50)),
                ("description", models.TextField(blank=True)),
                ("display_order", models.IntegerField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "health_parameterscoredefinition",
                "constraints": [models.UniqueConstraint(fields=("parameter", "score_value"), name="health_parameterscoredefinition_uniq")],
            },
        ),
        migrations.CreateModel(
            name="LiceType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("species", models.CharField(max_length=100)),
                ("gender", models.CharField(max_length=20)),
                ("development_stage", models.CharField(max_length=50)),
                ("description", models.TextField(blank=True)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "health_licetype",
                "indexes": [
                    models.Index(fields=["is_active"], name="licetype_is_active_ix"),
                    models.Index(fields=["species", "development_stage"], name="licetype_species_stage_ix"),
                ],
                "constraints": [models.UniqueConstraint(fields=("species", "gender", "development_stage"), name="health_licetype_uniq")],
            },
        ),
        migrations.CreateModel(
            name="MortalityReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("description", models.TextField(blank=True)),
            ],
            options={
                "db_table": "health_mortalityreason",
            },
        ),
        migrations.CreateModel(
            name="SampleType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("description", models.TextField(blank=True)),
            ],
            options={
                "db_table": "health_sampletype",
            },
        ),
        migrations.CreateModel(
            name="VaccinationType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("manufacturer", models.CharField(blank=True, max_length=100)),
                ("dosage", models.CharField(blank=True, max_length=100)),
                ("description", models.TextField(blank=True)),
            ],
            options={
                "db_table": "health_vaccinationtype",
            },
        ),
        migrations.CreateModel(
            name="HealthSamplingEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("assignment", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batchcontainerassignment")),
                (
                    "sampled_by",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL),
                ),
                ("sampling_date", models.DateField()),
                ("number_of_fish_sampled", models.PositiveIntegerField()),
                ("notes", models.TextField(blank=True, null=True)),
                ("avg_k_factor", models.DecimalField(blank=True, decimal_places=4, max_digits=10, null=True)),
                ("avg_length_cm", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("avg_weight_g", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("calculated_sample_size", models.PositiveIntegerField(blank=True, null=True)),
                ("max_length_cm", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("max_weight_g", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("min_length_cm", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("min_weight_g", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("std_dev_length_cm", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("std_dev_weight_g", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "health_healthsamplingevent",
            },
        ),
        migrations.CreateModel(
            name="IndividualFishObservation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sampling_event", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="health.healthsamplingevent")),
                ("fish_identifier", models.CharField(max_length=50)),
                ("length_cm", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("weight_g", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "health_individualfishobservation",
                "constraints": [
                    models.UniqueConstraint(fields=("sampling_event", "fish_identifier"), name="health_individualfishobservation_uniq")
                ],
            },
        ),
        migrations.CreateModel(
            name="FishParameterScore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "individual_fish_observation",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="health.individualfishobservation"),
                ),
                ("parameter", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="health.healthparameter")),
                ("score", models.SmallIntegerField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "health_fishparameterscore",
                "constraints": [
                    models.UniqueConstraint(fields=("individual_fish_observation", "parameter"), name="health_fishparameterscore_uniq")
                ],
            },
        ),
        migrations.CreateModel(
            name="LiceCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batch")),
                (
                    "container",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="infrastructure.container"),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                ("lice_type", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="health.licetype")),
                (
                    "assignment",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="batch.batchcontainerassignment"
                    ),
                ),
                ("count_date", models.DateTimeField()),
                ("adult_female_count", models.PositiveIntegerField(default=0)),
                ("adult_male_count", models.PositiveIntegerField(default=0)),
                ("juvenile_count", models.PositiveIntegerField(default=0)),
                ("fish_sampled", models.PositiveIntegerField()),
                ("notes", models.TextField(blank=True)),
                ("confidence_level", models.DecimalField(blank=True, decimal_places=2, max_digits=3, null=True)),
                ("count_value", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "detection_method",
                    models.CharField(
                        blank=True,
                        choices=[("manual", "Manual"), ("visual", "Visual"), ("automated", "Automated"), ("camera", "Camera")],
                        max_length=50,
                        null=True,
                    ),
                ),
            ],
            options={
                "db_table": "health_licecount",
            },
        ),
        migrations.CreateModel(
            name="JournalEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batch")),
                (
                    "container",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="infrastructure.container"),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                ("entry_date", models.DateTimeField()),
                ("category", models.CharField(max_length=20)),
                ("severity", models.CharField(blank=True, max_length=10, null=True)),
                ("description", models.TextField(blank=True)),
                ("resolution_status", models.BooleanField(default=False)),
                ("resolution_notes", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "health_journalentry",
            },
        ),
        migrations.CreateModel(
            name="Treatment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batch")),
                (
                    "batch_assignment",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="batch.batchcontainerassignment"
                    ),
                ),
                (
                    "container",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="infrastructure.container"),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                (
                    "vaccination_type",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="health.vaccinationtype"),
                ),
                (
                    "sampling_event",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="health.healthsamplingevent"),
                ),
                (
                    "journal_entry",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="health.journalentry"),
                ),
                ("treatment_date", models.DateTimeField()),
                ("treatment_type", models.CharField(max_length=20)),
                ("description", models.TextField(blank=True)),
                ("dosage", models.CharField(blank=True, max_length=100)),
                ("duration_days", models.PositiveIntegerField()),
                ("withholding_period_days", models.PositiveIntegerField(default=0)),
                ("outcome", models.CharField(max_length=20)),
                ("includes_weighing", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "health_treatment",
            },
        ),
    ]
