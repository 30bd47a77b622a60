"""Treatments: a row for every container with fish on the day of a vaccination or of a treatment against lice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation, Stay
from pytest_aquadata.plan.treatments import Campaign, campaigns_of
from pytest_aquadata.streams import columns, journal
from pytest_aquadata.streams.clock import LICE_TREATMENT, VACCINATION, moments
from pytest_aquadata.streams.columns import Rows

TABLE = "health_treatment"


def minute_of(campaign: Campaign) -> int:
    """Minute of the day at which a treatment begins."""
    return LICE_TREATMENT if campaign.vaccine is None else VACCINATION


def stay_on(batch: Batch, age: int) -> tuple[int, Stay]:
    """Which of its stays a batch is in on a day of age, and the stay."""
    return next((index, stay) for index, stay in enumerate(batch.stays) if stay.first <= age < stay.first + stay.days)


class Treatments:
    """Vaccinations and lice treatments, container by container."""

    name = "treatments"

    def count(self, simulation: Simulation, batch: Batch) -> Mapping[str, int]:
        """Containers with fish on the day of each treatment."""
        return {TABLE: sum(len(_slots(batch, campaign)) for campaign in campaigns_of(simulation, batch))}

    def rows(self, plan: Plan, batch: Batch) -> Iterator[Rows]:
        """Treatment by treatment, container by container."""
        number = plan.first(batch, TABLE)
        assignments = plan.assignments(batch)
        entries = journal.numbers_of_campaigns(plan, batch)
        for campaign in campaigns_of(plan.simulation, batch):
            slots = _slots(batch, campaign)
            if not len(slots):
                continue
            index, stay = stay_on(batch, campaign.age)
            moment = moments(batch.start + campaign.age, minute_of(campaign))
            entry = entries.get(campaign)
            yield Rows(
                TABLE,
                len(slots),
                {
                    "id": columns.numbers(TABLE, np.arange(number, number + len(slots))),
                    "treatment_date": columns.stamps(moment),
                    **_what(plan.simulation, campaign),
                    "outcome": columns.text("successful"),
                    "batch_id": columns.numbers("batch_batch", batch.number),
                    "batch_assignment_id": columns.numbers("batch_batchcontainerassignment", assignments[index][slots]),
                    "container_id": columns.numbers("infrastructure_container", np.array(stay.containers)[slots]),
                    "user_id": columns.numbers("auth_user", masterdata.user("vet")),
                    "includes_weighing": columns.bools(False),
                    "sampling_event_id": columns.nulls(),
                    "journal_entry_id": columns.nulls() if entry is None else columns.numbers(journal.TABLE, entry),
                },
            )
            number += len(slots)


def _slots(batch: Batch, campaign: Campaign) -> columns.Values:
    """Slots of the containers that have fish when the treatment begins."""
    _, stay = stay_on(batch, campaign.age)
    return np.flatnonzero(stay.alive[:, campaign.age - stay.first] > 0)


def _what(simulation: Simulation, campaign: Campaign) -> dict[str, columns.Column]:
    if campaign.vaccine is None:
        lice = simulation.profile.treatments.lice
        return {
            "treatment_type": columns.text(lice.type),
            "description": columns.text(lice.description),
            "dosage": columns.text(lice.dosage),
            "duration_days": columns.ints(lice.duration_days),
            "withholding_period_days": columns.ints(lice.withholding_days),
            "vaccination_type_id": columns.nulls(),
        }
    vaccine = masterdata.document("health")["vaccination_types"][campaign.vaccine - 1]
    rules = simulation.profile.treatments.vaccinations
    return {
        "treatment_type": columns.text("vaccination"),
        "description": columns.text(f"Vaccination: {vaccine['name']}"),
        "dosage": columns.text(vaccine["dosage"]),
        "duration_days": columns.ints(rules.duration_days),
        "withholding_period_days": columns.ints(rules.withholding_days),
        "vaccination_type_id": columns.numbers("health_vaccinationtype", campaign.vaccine),
    }
