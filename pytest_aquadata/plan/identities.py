"""How many rows a batch has of the things a person would name: assignments, workflows and their actions, scenario, harvest events and lots.

The rows themselves are made by factories; their number is part of the plan.
"""

from __future__ import annotations

from collections.abc import Mapping

from pytest_aquadata.plan.harvest import harvest_of
from pytest_aquadata.plan.simulation import Batch, Simulation, move_between


class Identities:
    """Counts the named rows of a batch (a `RowSource`)."""

    def count(self, simulation: Simulation, batch: Batch) -> Mapping[str, int]:
        """One row a batch, a stay's container, a move, a ring's harvest and a grade of it."""
        profile = simulation.profile
        rings = harvest_of(profile, batch)
        return {
            "batch_batch": 1,
            "batch_creationworkflow": 1,
            "batch_creationaction": len(batch.stays[0].containers),
            "batch_batchcontainerassignment": sum(len(stay.containers) for stay in batch.stays),
            "batch_batchtransferworkflow": len(batch.stays) - 1,
            "batch_transferaction": sum(
                len(move_between(before, after)) for before, after in zip(batch.stays, batch.stays[1:], strict=False)
            ),
            "scenario": 1,
            "scenario_temperatureprofile": 1,
            "scenario_tgcmodel": 1,
            "scenario_tgc_model_stage": len(profile.stages),
            "harvest_harvestevent": len(rings),
            "harvest_harvestlot": sum(len(lots) for _, lots in rings),
        }
