"""An alarm a week in every container, at a saturation drawn from the scenario's seed."""

import numpy as np

from pytest_aquadata.plan import draws
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.base import OwnTable
from pytest_aquadata.streams.columns import Rows

TABLE = "alarms_oxygenalarm"
EVERY = 7


class OxygenAlarms:
    name = "oxygen_alarms"
    tables = (
        OwnTable(
            TABLE,
            "alarms.OxygenAlarm",
            "acme_alarms",
            {
                "id": "int",
                "batch_id": "batch_batch",
                "assignment_id": "batch_batchcontainerassignment",
                "day": "date",
                "saturation_percent": "fixed",
                "level": "text",
            },
        ),
    )

    def count(self, simulation, batch):
        return {TABLE: sum(len(stay.containers) * len(range(0, stay.days, EVERY)) for stay in batch.stays)}

    def rows(self, plan, batch):
        number, seed = plan.first(batch, TABLE), plan.simulation.scenario.seed
        for stay, assignments in zip(batch.stays, plan.assignments(batch), strict=True):
            days = np.arange(0, stay.days, EVERY)
            rows = len(days) * len(assignments)
            saturation = draws.uniform(rows, 5_000, 7_000, seed, batch.number, self.name, stay.order)
            yield Rows(
                TABLE,
                rows,
                {
                    "id": columns.numbers(TABLE, np.arange(number, number + rows)),
                    "batch_id": columns.numbers("batch_batch", batch.number),
                    "assignment_id": columns.numbers("batch_batchcontainerassignment", np.tile(assignments, len(days))),
                    "day": columns.dates(np.repeat(batch.start + stay.first + days, len(assignments))),
                    "saturation_percent": columns.fixed(saturation, 2),
                    "level": columns.texts(("LOW", "HIGH"), saturation < 5_500),
                },
            )
            number += rows
