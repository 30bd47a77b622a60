"""The health journal: a routine observation now and then, and an entry for every treatment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from pytest_aquadata.plan import draws, masterdata
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.plan.treatments import Campaign, campaigns_of
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.clock import LICE_TREATMENT, OBSERVATION, VACCINATION, moments
from pytest_aquadata.streams.columns import Rows

TABLE = "health_journalentry"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. container: number in the world, None where it is about the whole batch. campaign: the treatment it is about."""

    age: int
    minute: int
    container: int | None
    campaign: Campaign | None
    description: str


def entries_of(simulation: Simulation, batch: Batch) -> list[Entry]:
    """Everything that a batch's journal holds, in order of time."""
    every = simulation.scenario.journal.every
    names = {number: name for name, number in masterdata.vaccination_types().items()}
    made = []
    for campaign in campaigns_of(simulation, batch):
        lice = campaign.vaccine is None
        what = simulation.profile.treatments.lice.description if lice else f"Vaccination: {names[campaign.vaccine or 0]}"
        made.append(Entry(campaign.age, LICE_TREATMENT if lice else VACCINATION, None, campaign, what))
    picks = draws.uniform(-(-batch.age // every), 0, 2**31 - 1, simulation.scenario.seed, batch.name, "journal", "container").tolist()
    for stay in batch.stays:
        seen = f"Routine observation {simulation.profile.stages[stay.order - 1].name}"
        for age in range(-(-stay.first // every) * every, stay.first + stay.days, every):
            with_fish = np.flatnonzero(stay.alive[:, age - stay.first] > 0)
            if len(with_fish):
                slot = int(with_fish[picks[age // every] * len(with_fish) >> 31])
                made.append(Entry(age, OBSERVATION, stay.containers[slot], None, seen))
    return sorted(made, key=lambda entry: (entry.age, entry.minute))


def numbers_of_campaigns(plan: Plan, batch: Batch) -> dict[Campaign, int]:
    """Number of the entry about each treatment; empty where the scenario leaves out the journal."""
    if not plan.simulation.scenario.streams.journal:
        return {}
    first = plan.first(batch, TABLE)
    return {
        entry.campaign: number for number, entry in enumerate(entries_of(plan.simulation, batch), start=first) if entry.campaign is not None
    }


class Journal:
    """Entries of a batch's journal."""

    name = "journal"

    def count(self, simulation: Simulation, batch: Batch) -> Mapping[str, int]:
        """Routine observations and treatments."""
        return {TABLE: len(entries_of(simulation, batch))}

    def rows(self, plan: Plan, batch: Batch) -> Iterator[Rows]:
        """All entries, in order of time."""
        entries = entries_of(plan.simulation, batch)
        if not entries:
            return
        words, index = np.unique([entry.description for entry in entries], return_inverse=True)
        treated = np.array([entry.campaign is not None for entry in entries])
        vaccinated = np.array([entry.campaign is not None and entry.campaign.vaccine is not None for entry in entries])
        nowhere = np.array([entry.container is None for entry in entries])
        moment = columns.stamps(moments([batch.start + entry.age for entry in entries], [entry.minute for entry in entries]))
        yield Rows(
            TABLE,
            len(entries),
            {
                "id": columns.numbers(TABLE, plan.numbers(batch, TABLE)),
                "entry_date": moment,
                "category": columns.texts(("observation", "treatment", "vaccination"), treated.astype(int) + vaccinated),
                "severity": columns.text("low"),
                "description": columns.texts(words.tolist(), index),
                "resolution_status": columns.bools(treated),
                "resolution_notes": columns.texts(("", "Completed as planned"), treated.astype(int)),
                "batch_id": columns.numbers("batch_batch", batch.number),
                "container_id": columns.numbers("infrastructure_container", [entry.container or 1 for entry in entries], nowhere),
                "user_id": columns.numbers("auth_user", np.where(treated, masterdata.user("vet"), masterdata.user("operator"))),
                "created_at": moment,
                "updated_at": moment,
            },
        )
