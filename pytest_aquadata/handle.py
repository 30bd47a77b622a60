"""What a test gets of a built farm: the plan, the clock, and the application's own rows.

Everything is answered by the application's models, so that a test goes on with what it knows: a handle gives QuerySets, not copies.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.scenario.models import Scenario


class FarmHandle:
    """A farm in the test's database.

    plan: all that the scenario makes, day by day. alias: the database in Django's settings. database: its name for this test.
    """

    def __init__(self, plan: Plan, alias: str, database: str) -> None:
        self.plan, self.alias, self.database = plan, alias, database

    def __repr__(self) -> str:
        return f"<farm {self.scenario.name} of {len(self.plan.simulation.batches)} batches in {self.database}>"

    @property
    def scenario(self) -> Scenario:
        """The scenario, resolved."""
        return self.plan.simulation.scenario

    @property
    def as_of(self) -> date:
        """The day at whose beginning the history ends; the last events are those of the day before."""
        return self.scenario.as_of

    @property
    def clock(self) -> datetime:
        """The moment at which the history ends, aware, in UTC: what "now" is for this farm."""
        return datetime.combine(self.as_of, time(), UTC)

    def model(self, label: str) -> type[Model]:
        """The application's model, by ``app_label.ModelName``."""
        return apps.get_model(label)

    def batches(self, status: str | None = None, stage: str | int | None = None) -> QuerySet[Any]:
        """The scenario's batches, in the order of the plan's numbers.

        status: ``ACTIVE`` or ``COMPLETED``. stage: where a batch stands (or stood last), by the name of the stage or by its order from 1.
        """
        found = self._rows("batch.Batch").filter(batch_number__in=[batch.name for batch in self.plan.simulation.batches])
        if status is not None:
            found = found.filter(status=status)
        if stage is not None:
            found = found.filter(**{"lifecycle_stage__order" if isinstance(stage, int) else "lifecycle_stage__name": stage})
        return found.order_by("pk")

    def batch(self, name: str) -> Any:
        """The batch of this number, like ``FAR-2025-001``.

        Raises:
            LookupError: the scenario has none; the message names those that it has.
        """
        found = self.batches().filter(batch_number=name).first()
        if found is None:
            there = [batch.name for batch in self.plan.simulation.batches]
            raise LookupError(f"{self.scenario.name} has no batch '{name}'; it has {', '.join(there[:5])}{', …' if len(there) > 5 else ''}")
        return found

    def assignments(self, on: date | None = None) -> QuerySet[Any]:
        """Which batch stood in which container on a day, by default the last of the history.

        A container is held from its assignment date up to, not including, the departure date.
        """
        day = on or date.fromordinal(self.as_of.toordinal() - 1)
        held = Q(assignment_date__lte=day) & (Q(departure_date__gt=day) | Q(departure_date__isnull=True))
        return self._rows("batch.BatchContainerAssignment").filter(held, batch__in=self.batches()).order_by("pk")

    def containers(self, on: date | None = None) -> QuerySet[Any]:
        """Containers that the scenario's batches stood in on a day, by default the last of the history."""
        stood = self.assignments(on).order_by().values("container_id")
        return self._rows("infrastructure.Container").filter(pk__in=stood).order_by("pk")

    def _rows(self, label: str) -> QuerySet[Any]:
        return self.model(label)._base_manager.using(self.alias).all()
