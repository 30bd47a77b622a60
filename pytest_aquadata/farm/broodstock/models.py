"""Where eggs come from.

Tables, columns and constraints are those of the application that the farm stands for, so that its queries run unchanged.
"""

from __future__ import annotations

from django.db import models

from pytest_aquadata.farm.base import Stamped


class EggSupplier(Stamped):
    """Who eggs are bought from."""

    name = models.CharField(max_length=100, unique=True)
    contact_details = models.TextField(blank=True)
    certifications = models.TextField(blank=True)

    class Meta:
        """Table broodstock_eggsupplier."""

        db_table = "broodstock_eggsupplier"

    def __str__(self) -> str:
        return self.name


class EggProduction(Stamped):
    """Eggs of the farm's own; nothing fills it, creation workflows may refer to it."""

    destination_station = models.ForeignKey("infrastructure.FreshwaterStation", on_delete=models.PROTECT, null=True, blank=True)
    egg_batch_id = models.CharField(max_length=50, unique=True)
    egg_count = models.IntegerField()
    production_date = models.DateTimeField()
    source_type = models.CharField(max_length=20)
    pair_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        """Table broodstock_eggproduction."""

        db_table = "broodstock_eggproduction"

    def __str__(self) -> str:
        return self.egg_batch_id
