"""All tables of app scenario."""

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
    ]

    operations = [
        migrations.CreateModel(
            name="FCRModel",
            fields=[
                ("model_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=255, unique=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "scenario_fcrmodel",
            },
        ),
        migrations.CreateModel(
            name="FCRModelStage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="scenario.fcrmodel")),
                ("stage", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="batch.lifecyclestage")),
                ("fcr_value", models.FloatField()),
                ("duration_days", models.IntegerField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "scenario_fcrmodelstage",
                "constraints": [models.UniqueConstraint(fields=("model", "stage"), name="scenario_fcrmodelstage_uniq")],
            },
        ),
        migrations.CreateModel(
            name="FCRModelStageOverride",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fcr_stage", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="scenario.fcrmodelstage")),
                ("min_weight_g", models.DecimalField(decimal_places=2, max_digits=10)),
                ("max_weight_g", models.DecimalField(decimal_places=2, max_digits=10)),
                ("fcr_value", models.DecimalField(decimal_places=3, max_digits=5)),
            ],
            options={
                "db_table": "scenario_fcr_model_stage_override",
            },
        ),
        migrations.CreateModel(
            name="MortalityModel",
            fields=[
                ("model_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=255, unique=True)),
                ("frequency", models.CharField(choices=[("daily", "Daily"), ("weekly", "Weekly")], default="daily", max_length=10)),
                ("rate", models.FloatField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "scenario_mortalitymodel",
            },
        ),
        migrations.CreateModel(
            name="MortalityModelStage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mortality_model", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="scenario.mortalitymodel")),
                ("lifecycle_stage", models.CharField(max_length=20)),
                ("daily_rate_percent", models.DecimalField(decimal_places=3, max_digits=5)),
                ("weekly_rate_percent", models.DecimalField(blank=True, decimal_places=3, max_digits=5, null=True)),
            ],
            options={
                "db_table": "scenario_mortality_model_stage",
                "constraints": [
                    models.UniqueConstraint(fields=("mortality_model", "lifecycle_stage"), name="scenario_mortality_model_stage_uniq")
                ],
            },
        ),
        migrations.CreateModel(
            name="BiologicalConstraints",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_by",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                ("description", models.TextField(blank=True)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "scenario_biological_constraints",
            },
        ),
        migrations.CreateModel(
            name="StageConstraint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("constraint_set", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="scenario.biologicalconstraints")),
                ("lifecycle_stage", models.CharField(max_length=20)),
                ("min_weight_g", models.DecimalField(decimal_places=2, max_digits=10)),
                ("max_weight_g", models.DecimalField(decimal_places=2, max_digits=10)),
                ("min_temperature_c", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("max_temperature_c", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("typical_duration_days", models.IntegerField(blank=True, null=True)),
                ("max_freshwater_weight_g", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
            ],
            options={
                "db_table": "scenario_stage_constraint",
                "constraints": [
                    models.UniqueConstraint(fields=("constraint_set", "lifecycle_stage"), name="scenario_stage_constraint_uniq")
                ],
            },
        ),
        migrations.CreateModel(
            name="TemperatureProfile",
            fields=[
                ("profile_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=255, unique=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "scenario_temperatureprofile",
            },
        ),
        migrations.CreateModel(
            name="TGCModel",
            fields=[
                ("model_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("profile", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="scenario.temperatureprofile")),
                ("name", models.CharField(max_length=255, unique=True)),
                ("location", models.CharField(max_length=255)),
                ("release_period", models.CharField(max_length=255)),
                ("tgc_value", models.FloatField()),
                ("exponent_n", models.FloatField()),
                ("exponent_m", models.FloatField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "scenario_tgcmodel",
            },
        ),
        migrations.CreateModel(
            name="TGCModelStage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tgc_model", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="scenario.tgcmodel")),
                ("lifecycle_stage", models.CharField(max_length=20)),
                ("tgc_value", models.DecimalField(decimal_places=4, max_digits=6)),
                ("temperature_exponent", models.DecimalField(decimal_places=2, max_digits=4)),
                ("weight_exponent", models.DecimalField(decimal_places=2, max_digits=4)),
            ],
            options={
                "db_table": "scenario_tgc_model_stage",
                "constraints": [models.UniqueConstraint(fields=("tgc_model", "lifecycle_stage"), name="scenario_tgc_model_stage_uniq")],
            },
        ),
        migrations.CreateModel(
            name="Scenario",
            fields=[
                ("scenario_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("batch", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="batch.batch")),
                (
                    "created_by",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL),
                ),
                ("fcr_model", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="scenario.fcrmodel")),
                ("mortality_model", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="scenario.mortalitymodel")),
                ("tgc_model", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="scenario.tgcmodel")),
                (
                    "biological_constraints",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="scenario.biologicalconstraints"
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("start_date", models.DateField()),
                ("duration_days", models.IntegerField()),
                ("initial_count", models.IntegerField()),
                ("genotype", models.CharField(max_length=255)),
                ("supplier", models.CharField(max_length=255)),
                ("initial_weight", models.FloatField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "scenario",
                "indexes": [models.Index(fields=["start_date"], name="scenario_start_ix")],
            },
        ),
        migrations.CreateModel(
            name="ScenarioProjection",
            fields=[
                ("projection_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("current_stage", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="batch.lifecyclestage")),
                ("scenario", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="scenario.scenario")),
                ("projection_date", models.DateField()),
                ("day_number", models.IntegerField()),
                ("average_weight", models.FloatField()),
                ("population", models.FloatField()),
                ("biomass", models.FloatField()),
                ("daily_feed", models.FloatField()),
                ("cumulative_feed", models.FloatField()),
                ("temperature", models.FloatField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "scenario_scenarioprojection",
                "indexes": [
                    models.Index(fields=["scenario", "day_number"], name="projection_scenario_day_ix"),
                    models.Index(fields=["scenario", "projection_date"], name="projection_scenario_date_ix"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TemperatureReading",
            fields=[
                ("reading_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("profile", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="scenario.temperatureprofile")),
                ("temperature", models.FloatField()),
                ("day_number", models.IntegerField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "scenario_temperaturereading",
                "constraints": [models.UniqueConstraint(fields=("profile", "day_number"), name="scenario_temperaturereading_uniq")],
            },
        ),
    ]
