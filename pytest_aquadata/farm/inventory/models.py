"""Feed: what is bought, what is in stock, what is fed.

Tables, columns and constraints are those of the application that the farm stands for, so that its queries run unchanged.
"""

from __future__ import annotations

from django.db import models

from pytest_aquadata.farm.base import Stamped


class Feed(Stamped):
    """A feed and what it is made of."""

    class Size(models.TextChoices):
        """Pellet size."""

        MICRO = "MICRO"
        SMALL = "SMALL"
        MEDIUM = "MEDIUM"
        LARGE = "LARGE"

    name = models.CharField(max_length=100)
    brand = models.CharField(max_length=100)
    size_category = models.CharField(max_length=20, choices=Size.choices)
    pellet_size_mm = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    protein_percentage = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    fat_percentage = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    carbohydrate_percentage = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    description = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        """Table inventory_feed."""

        db_table = "inventory_feed"

    def __str__(self) -> str:
        return self.name


class FeedPurchase(Stamped):
    """A delivery of feed; `batch_number` is the supplier's."""

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT)
    purchase_date = models.DateField()
    quantity_kg = models.DecimalField(max_digits=10, decimal_places=2)
    cost_per_kg = models.DecimalField(max_digits=10, decimal_places=2)
    supplier = models.CharField(max_length=100)
    batch_number = models.CharField(max_length=100)
    expiry_date = models.DateField(null=True, blank=True)
    notes = models.TextField(blank=True)

    class Meta:
        """Table inventory_feedpurchase."""

        db_table = "inventory_feedpurchase"

    def __str__(self) -> str:
        return f"{self.quantity_kg} kg {self.feed} on {self.purchase_date}"


class FeedContainerStock(Stamped):
    """What is left of a delivery in a silo or barge."""

    feed_container = models.ForeignKey("infrastructure.FeedContainer", on_delete=models.PROTECT)
    feed_purchase = models.ForeignKey(FeedPurchase, on_delete=models.PROTECT)
    quantity_kg = models.DecimalField(max_digits=10, decimal_places=2)
    entry_date = models.DateTimeField()

    class Meta:
        """Table inventory_feedcontainerstock."""

        db_table = "inventory_feedcontainerstock"
        indexes = [models.Index(fields=["feed_container", "entry_date"], name="feedstock_container_entry_ix")]

    def __str__(self) -> str:
        return f"{self.quantity_kg} kg in {self.feed_container}"


class FeedingEvent(Stamped):
    """A meal; `feeding_percentage` of the biomass in the container."""

    class Method(models.TextChoices):
        """How the feed is given."""

        MANUAL = "MANUAL"
        AUTOMATIC = "AUTOMATIC"

    batch = models.ForeignKey("batch.Batch", on_delete=models.CASCADE)
    batch_assignment = models.ForeignKey("batch.BatchContainerAssignment", on_delete=models.SET_NULL, null=True, blank=True)
    container = models.ForeignKey("infrastructure.Container", on_delete=models.PROTECT)
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT)
    recorded_by = models.ForeignKey("auth.User", on_delete=models.SET_NULL, null=True, blank=True)
    feeding_date = models.DateField()
    feeding_time = models.TimeField()
    amount_kg = models.DecimalField(max_digits=10, decimal_places=4)
    batch_biomass_kg = models.DecimalField(max_digits=10, decimal_places=2)
    feeding_percentage = models.DecimalField(max_digits=8, decimal_places=6, null=True, blank=True)
    method = models.CharField(max_length=20, choices=Method.choices, default=Method.AUTOMATIC)
    notes = models.TextField(blank=True)
    feed_cost = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)

    class Meta:
        """Table inventory_feedingevent."""

        db_table = "inventory_feedingevent"

    def __str__(self) -> str:
        return f"{self.amount_kg} kg to {self.container} on {self.feeding_date}"
