"""What the models of several apps share.

Time stamps are defaults, not `auto_now`: the farm lives on a simulated clock, and a row must keep the moment it is given.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Progress(models.TextChoices):
    """How far a workflow or an action of one has come."""

    PLANNED = "PLANNED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class Subsidiary(models.TextChoices):
    """The companies of a geography, by what they do."""

    BROODSTOCK = "BS"
    FRESHWATER = "FW"
    FARMING = "FM"
    LOGISTICS = "LG"


class Stamped(models.Model):
    """A row that knows when it was made and last changed."""

    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """No table of its own."""

        abstract = True
