"""How fish come and move: creation and transfer workflows with their actions.

Tables, columns and constraints are those of the application that the farm stands for, so that its queries run unchanged.
"""

from __future__ import annotations

from django.db import models

from pytest_aquadata.farm.base import Progress, Stamped


class BatchCreationWorkflow(Stamped):
    """The arrival of a batch's eggs."""

    class EggSource(models.TextChoices):
        """Own or bought eggs."""

        INTERNAL = "INTERNAL"
        EXTERNAL = "EXTERNAL"

    batch = models.ForeignKey("batch.Batch", on_delete=models.CASCADE)
    cancelled_by = models.ForeignKey(
        "auth.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="creation_workflows_cancelled"
    )
    created_by = models.ForeignKey("auth.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="creation_workflows_created")
    egg_production = models.ForeignKey("broodstock.EggProduction", on_delete=models.PROTECT, null=True, blank=True)
    external_supplier = models.ForeignKey("broodstock.EggSupplier", on_delete=models.PROTECT, null=True, blank=True)
    workflow_number = models.CharField(max_length=50, unique=True)
    status = models.CharField(max_length=20, choices=Progress.choices, default=Progress.PLANNED)
    egg_source_type = models.CharField(max_length=20, choices=EggSource.choices)
    external_supplier_batch_number = models.CharField(max_length=100, blank=True)
    external_cost_per_thousand = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    total_eggs_planned = models.PositiveIntegerField(default=0)
    total_eggs_received = models.PositiveIntegerField(default=0)
    total_mortality_on_arrival = models.PositiveIntegerField(default=0)
    planned_start_date = models.DateField()
    planned_completion_date = models.DateField()
    actual_start_date = models.DateField(null=True, blank=True)
    actual_completion_date = models.DateField(null=True, blank=True)
    total_actions = models.PositiveIntegerField(default=0)
    actions_completed = models.PositiveIntegerField(default=0)
    progress_percentage = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    cancellation_reason = models.TextField(blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    notes = models.TextField(blank=True)

    class Meta:
        """Table batch_creationworkflow."""

        db_table = "batch_creationworkflow"
        indexes = [
            models.Index(fields=["egg_source_type"], name="creation_source_ix"),
            models.Index(fields=["planned_start_date"], name="creation_start_ix"),
            models.Index(fields=["status"], name="creation_status_ix"),
        ]

    def __str__(self) -> str:
        return self.workflow_number


class CreationAction(Stamped):
    """Eggs delivered into one container."""

    dest_assignment = models.ForeignKey("batch.BatchContainerAssignment", on_delete=models.CASCADE)
    executed_by = models.ForeignKey("auth.User", on_delete=models.SET_NULL, null=True, blank=True)
    workflow = models.ForeignKey(BatchCreationWorkflow, on_delete=models.CASCADE)
    action_number = models.PositiveIntegerField()
    status = models.CharField(max_length=20, choices=Progress.choices, default=Progress.PLANNED)
    egg_count_planned = models.PositiveIntegerField()
    egg_count_actual = models.PositiveIntegerField(null=True, blank=True)
    mortality_on_arrival = models.PositiveIntegerField(default=0)
    expected_delivery_date = models.DateField()
    actual_delivery_date = models.DateField(null=True, blank=True)
    delivery_method = models.CharField(max_length=20, null=True, blank=True)
    water_temp_on_arrival = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    egg_quality_score = models.PositiveSmallIntegerField(null=True, blank=True)
    execution_duration_minutes = models.PositiveIntegerField(null=True, blank=True)
    notes = models.TextField(blank=True)

    class Meta:
        """Table batch_creationaction."""

        db_table = "batch_creationaction"
        constraints = [models.UniqueConstraint(fields=["workflow", "action_number"], name="batch_creationaction_uniq")]
        indexes = [
            models.Index(fields=["expected_delivery_date"], name="creationact_date_ix"),
            models.Index(fields=["workflow", "status"], name="creationact_workflow_status_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.workflow} #{self.action_number}"


class BatchTransferWorkflow(Stamped):
    """A move of a batch to its next stage."""

    batch = models.ForeignKey("batch.Batch", on_delete=models.CASCADE)
    completed_by = models.ForeignKey(
        "auth.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="transfer_workflows_completed"
    )
    dest_lifecycle_stage = models.ForeignKey(
        "batch.LifeCycleStage", on_delete=models.PROTECT, null=True, blank=True, related_name="transfer_workflows_in"
    )
    finance_transaction = models.ForeignKey("finance.IntercompanyTransaction", on_delete=models.SET_NULL, null=True, blank=True)
    initiated_by = models.ForeignKey("auth.User", on_delete=models.PROTECT, related_name="transfer_workflows_initiated")
    source_lifecycle_stage = models.ForeignKey("batch.LifeCycleStage", on_delete=models.PROTECT, related_name="transfer_workflows_out")
    workflow_number = models.CharField(max_length=50, unique=True)
    workflow_type = models.CharField(max_length=30, default="LIFECYCLE_TRANSITION")
    status = models.CharField(max_length=20, choices=Progress.choices, default=Progress.PLANNED)
    planned_start_date = models.DateField()
    planned_completion_date = models.DateField(null=True, blank=True)
    actual_start_date = models.DateField(null=True, blank=True)
    actual_completion_date = models.DateField(null=True, blank=True)
    total_source_count = models.PositiveIntegerField(default=0)
    total_transferred_count = models.PositiveIntegerField(default=0)
    total_mortality_count = models.PositiveIntegerField(default=0)
    total_biomass_kg = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    total_actions_planned = models.PositiveIntegerField(default=0)
    actions_completed = models.PositiveIntegerField(default=0)
    completion_percentage = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    is_intercompany = models.BooleanField(default=False)
    source_subsidiary = models.CharField(max_length=20, null=True, blank=True)
    dest_subsidiary = models.CharField(max_length=20, null=True, blank=True)
    notes = models.TextField(blank=True)
    cancellation_reason = models.TextField(blank=True)

    class Meta:
        """Table batch_batchtransferworkflow."""

        db_table = "batch_batchtransferworkflow"
        indexes = [
            models.Index(fields=["batch", "status"], name="transfer_batch_status_ix"),
            models.Index(fields=["planned_start_date"], name="transfer_start_ix"),
            models.Index(fields=["status"], name="transfer_status_ix"),
            models.Index(fields=["workflow_type"], name="transfer_type_ix"),
        ]

    def __str__(self) -> str:
        return self.workflow_number


class TransferAction(Stamped):
    """Fish moved from one assignment to another."""

    class Selection(models.TextChoices):
        """Which fish were taken."""

        AVERAGE = "AVERAGE"
        LARGEST = "LARGEST"
        SMALLEST = "SMALLEST"

    dest_assignment = models.ForeignKey(
        "batch.BatchContainerAssignment", on_delete=models.SET_NULL, null=True, blank=True, related_name="transfer_actions_in"
    )
    executed_by = models.ForeignKey("auth.User", on_delete=models.SET_NULL, null=True, blank=True)
    source_assignment = models.ForeignKey("batch.BatchContainerAssignment", on_delete=models.CASCADE, related_name="transfer_actions_out")
    workflow = models.ForeignKey(BatchTransferWorkflow, on_delete=models.CASCADE)
    action_number = models.PositiveIntegerField()
    source_population_before = models.PositiveIntegerField()
    transferred_count = models.PositiveIntegerField()
    mortality_during_transfer = models.PositiveIntegerField(default=0)
    transferred_biomass_kg = models.DecimalField(max_digits=10, decimal_places=2)
    status = models.CharField(max_length=20, choices=Progress.choices, default=Progress.PLANNED)
    planned_date = models.DateField(null=True, blank=True)
    actual_execution_date = models.DateField(null=True, blank=True)
    transfer_method = models.CharField(max_length=20, null=True, blank=True)
    water_temp_c = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    oxygen_level = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    execution_duration_minutes = models.PositiveIntegerField(null=True, blank=True)
    notes = models.TextField(blank=True)
    measured_avg_weight_g = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    measured_std_dev_weight_g = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    measured_sample_size = models.PositiveIntegerField(null=True, blank=True)
    measured_avg_length_cm = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    measured_notes = models.TextField(blank=True)
    selection_method = models.CharField(max_length=16, choices=Selection.choices, default=Selection.AVERAGE)

    class Meta:
        """Table batch_transferaction."""

        db_table = "batch_transferaction"
        constraints = [models.UniqueConstraint(fields=["workflow", "action_number"], name="batch_transferaction_uniq")]
        indexes = [
            models.Index(fields=["actual_execution_date"], name="transferact_date_ix"),
            models.Index(fields=["status"], name="transferact_status_ix"),
            models.Index(fields=["workflow", "status"], name="transferact_workflow_status_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.workflow} #{self.action_number}"
