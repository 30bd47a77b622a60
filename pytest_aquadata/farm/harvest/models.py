"""Harvests, their lots and grades.

Tables, columns and constraints are those of the application that the farm stands for, so that its queries run unchanged.
"""

from __future__ import annotations

from django.db import models

from pytest_aquadata.farm.base import Stamped, Subsidiary


class ProductGrade(Stamped):
    """A grade that harvested fish are sorted into."""

    code = models.CharField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)

    class Meta:
        """Table harvest_productgrade."""

        db_table = "harvest_productgrade"

    def __str__(self) -> str:
        return self.code


class HarvestEvent(Stamped):
    """The harvest of one container; `dest_subsidiary` takes the fish."""

    assignment = models.ForeignKey("batch.BatchContainerAssignment", on_delete=models.CASCADE)
    batch = models.ForeignKey("batch.Batch", on_delete=models.CASCADE)
    dest_geography = models.ForeignKey("infrastructure.Geography", on_delete=models.PROTECT, null=True, blank=True)
    event_date = models.DateTimeField()
    dest_subsidiary = models.CharField(max_length=3, choices=Subsidiary.choices, null=True, blank=True)
    document_ref = models.CharField(max_length=100, blank=True)

    class Meta:
        """Table harvest_harvestevent."""

        db_table = "harvest_harvestevent"
        indexes = [
            models.Index(fields=["dest_subsidiary"], name="harvestevent_subsidiary_ix"),
            models.Index(fields=["event_date"], name="harvestevent_date_ix"),
            models.Index(fields=["event_date", "batch"], name="harvestevent_date_batch_ix"),
        ]

    def __str__(self) -> str:
        return self.document_ref


class HarvestLot(Stamped):
    """The fish of one grade in a harvest."""

    event = models.ForeignKey(HarvestEvent, on_delete=models.CASCADE)
    product_grade = models.ForeignKey(ProductGrade, on_delete=models.PROTECT)
    live_weight_kg = models.DecimalField(max_digits=12, decimal_places=3)
    gutted_weight_kg = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    fillet_weight_kg = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    unit_count = models.PositiveIntegerField()

    class Meta:
        """Table harvest_harvestlot."""

        db_table = "harvest_harvestlot"

    def __str__(self) -> str:
        return f"{self.live_weight_kg} kg {self.product_grade}"
