"""How batches come and move; without the key to transactions, which come later."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("batch", "0001_initial"),
        ("broodstock", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BatchCreationWorkflow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batch")),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="creation_workflows_cancelled",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="creation_workflows_created",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "egg_production",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="broodstock.eggproduction"),
                ),
                (
                    "external_supplier",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="broodstock.eggsupplier"),
                ),
                ("workflow_number", models.CharField(max_length=50, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PLANNED", "Planned"),
                            ("IN_PROGRESS", "In Progress"),
                            ("COMPLETED", "Completed"),
                            ("CANCELLED", "Cancelled"),
                        ],
                        default="PLANNED",
                        max_length=20,
                    ),
                ),
                ("egg_source_type", models.CharField(choices=[("INTERNAL", "Internal"), ("EXTERNAL", "External")], max_length=20)),
                ("external_supplier_batch_number", models.CharField(blank=True, max_length=100)),
                ("external_cost_per_thousand", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("total_eggs_planned", models.PositiveIntegerField(default=0)),
                ("total_eggs_received", models.PositiveIntegerField(default=0)),
                ("total_mortality_on_arrival", models.PositiveIntegerField(default=0)),
                ("planned_start_date", models.DateField()),
                ("planned_completion_date", models.DateField()),
                ("actual_start_date", models.DateField(blank=True, null=True)),
                ("actual_completion_date", models.DateField(blank=True, null=True)),
                ("total_actions", models.PositiveIntegerField(default=0)),
                ("actions_completed", models.PositiveIntegerField(default=0)),
                ("progress_percentage", models.DecimalField(decimal_places=2, default=0, max_digits=5)),
                ("cancellation_reason", models.TextField(blank=True)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("notes", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "batch_creationworkflow",
                "indexes": [
                    models.Index(fields=["egg_source_type"], name="creation_source_ix"),
                    models.Index(fields=["planned_start_date"], name="creation_start_ix"),
                    models.Index(fields=["status"], name="creation_status_ix"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreationAction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("dest_assignment", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batchcontainerassignment")),
                (
                    "executed_by",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL),
                ),
                ("workflow", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batchcreationworkflow")),
                ("action_number", models.PositiveIntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PLANNED", "Planned"),
                            ("IN_PROGRESS", "In Progress"),
                            ("COMPLETED", "Completed"),
                            ("CANCELLED", "Cancelled"),
                        ],
                        default="PLANNED",
                        max_length=20,
                    ),
                ),
                ("egg_count_planned", models.PositiveIntegerField()),
                ("egg_count_actual", models.PositiveIntegerField(blank=True, null=True)),
                ("mortality_on_arrival", models.PositiveIntegerField(default=0)),
                ("expected_delivery_date", models.DateField()),
                ("actual_delivery_date", models.DateField(blank=True, null=True)),
                ("delivery_method", models.CharField(blank=True, max_length=20, null=True)),
                ("water_temp_on_arrival", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("egg_quality_score", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("execution_duration_minutes", models.PositiveIntegerField(blank=True, null=True)),
                ("notes", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "batch_creationaction",
                "indexes": [
                    models.Index(fields=["expected_delivery_date"], name="creationact_date_ix"),
                    models.Index(fields=["workflow", "status"], name="creationact_workflow_status_ix"),
                ],
                "constraints": [models.UniqueConstraint(fields=("workflow", "action_number"), name="batch_creationaction_uniq")],
            },
        ),
        migrations.CreateModel(
            name="BatchTransferWorkflow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batch")),
                (
                    "completed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="transfer_workflows_completed",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dest_lifecycle_stage",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfer_workflows_in",
                        to="batch.lifecyclestage",
                    ),
                ),
                (
                    "initiated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfer_workflows_initiated",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "source_lifecycle_stage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="transfer_workflows_out", to="batch.lifecyclestage"
                    ),
                ),
                ("workflow_number", models.CharField(max_length=50, unique=True)),
                ("workflow_type", models.CharField(default="LIFECYCLE_TRANSITION", max_length=30)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PLANNED", "Planned"),
                            ("IN_PROGRESS", "In Progress"),
                            ("COMPLETED", "Completed"),
                            ("CANCELLED", "Cancelled"),
                        ],
                        default="PLANNED",
                        max_length=20,
                    ),
                ),
                ("planned_start_date", models.DateField()),
                ("planned_completion_date", models.DateField(blank=True, null=True)),
                ("actual_start_date", models.DateField(blank=True, null=True)),
                ("actual_completion_date", models.DateField(blank=True, null=True)),
                ("total_source_count", models.PositiveIntegerField(default=0)),
                ("total_transferred_count", models.PositiveIntegerField(default=0)),
                ("total_mortality_count", models.PositiveIntegerField(default=0)),
                ("total_biomass_kg", models.DecimalField(decimal_places=2, default=0, max_digits=12)),
                ("total_actions_planned", models.PositiveIntegerField(default=0)),
                ("actions_completed", models.PositiveIntegerField(default=0)),
                ("completion_percentage", models.DecimalField(decimal_places=2, default=0, max_digits=5)),
                ("is_intercompany", models.BooleanField(default=False)),
                ("source_subsidiary", models.CharField(blank=True, max_length=20, null=True)),
                ("dest_subsidiary", models.CharField(blank=True, max_length=20, null=True)),
                ("notes", models.TextField(blank=True)),
                ("cancellation_reason", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "batch_batchtransferworkflow",
                "indexes": [
                    models.Index(fields=["batch", "status"], name="transfer_batch_status_ix"),
                    models.Index(fields=["planned_start_date"], name="transfer_start_ix"),
                    models.Index(fields=["status"], name="transfer_status_ix"),
                    models.Index(fields=["workflow_type"], name="transfer_type_ix"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TransferAction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "dest_assignment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="transfer_actions_in",
                        to="batch.batchcontainerassignment",
                    ),
                ),
                (
                    "executed_by",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL),
                ),
                (
                    "source_assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transfer_actions_out",
                        to="batch.batchcontainerassignment",
                    ),
                ),
                ("workflow", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="batch.batchtransferworkflow")),
                ("action_number", models.PositiveIntegerField()),
                ("source_population_before", models.PositiveIntegerField()),
                ("transferred_count", models.PositiveIntegerField()),
                ("mortality_during_transfer", models.PositiveIntegerField(default=0)),
                ("transferred_biomass_kg", models.DecimalField(decimal_places=2, max_digits=10)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PLANNED", "Planned"),
                            ("IN_PROGRESS", "In Progress"),
                            ("COMPLETED", "Completed"),
                            ("CANCELLED", "Cancelled"),
                        ],
                        default="PLANNED",
                        max_length=20,
                    ),
                ),
                ("planned_date", models.DateField(blank=True, null=True)),
                ("actual_execution_date", models.DateField(blank=True, null=True)),
                ("transfer_method", models.CharField(blank=True, max_length=20, null=True)),
                ("water_temp_c", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("oxygen_level", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("execution_duration_minutes", models.PositiveIntegerField(blank=True, null=True)),
                ("notes", models.TextField(blank=True)),
                ("measured_avg_weight_g", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("measured_std_dev_weight_g", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("measured_sample_size", models.PositiveIntegerField(blank=True, null=True)),
                ("measured_avg_length_cm", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("measured_notes", models.TextField(blank=True)),
                (
                    "selection_method",
                    models.CharField(
                        choices=[("AVERAGE", "Average"), ("LARGEST", "Largest"), ("SMALLEST", "Smallest")], default="AVERAGE", max_length=16
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "batch_transferaction",
                "indexes": [
                    models.Index(fields=["actual_execution_date"], name="transferact_date_ix"),
                    models.Index(fields=["status"], name="transferact_status_ix"),
                    models.Index(fields=["workflow", "status"], name="transferact_workflow_status_ix"),
                ],
                "constraints": [models.UniqueConstraint(fields=("workflow", "action_number"), name="batch_transferaction_uniq")],
            },
        ),
    ]
