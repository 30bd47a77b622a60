"""Criteria `treatments` and `journal`: everything that was planned for a batch's health was done, in every container, and written down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.plan.treatments import campaigns_of
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.streams.journal import entries_of
from pytest_aquadata.streams.treatments import minute_of, stay_on
from pytest_aquadata.verify import text
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.clauses import Clause, count, verdict_of
from pytest_aquadata.verify.events import Row, compare


@dataclass(frozen=True, slots=True)
class Treatments:
    """Vaccinations and lice treatments as planned, their withholding over before the harvest."""

    name: str = "treatments"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Withholding and journal of whatever is there, then each treatment against the plan's."""
        simulation = plan.simulation
        expected = "every container with fish treated on the planned days, withholding over before the harvest"
        if not simulation.scenario.streams.treatments:
            return Verdict("skip", expected, "the scenario leaves out treatments")
        clauses = [Clause("withholding is over on the day of harvest", _withheld)]
        if simulation.scenario.streams.journal:
            clauses.append(Clause("every treatment has an entry of its day in its batch's journal", _unwritten))
        verdict = verdict_of(conn, clauses, built, expected, "")
        if verdict.state != "pass":
            return verdict
        planned = [row for batch in built for row in _planned(simulation, batch)]
        columns = ("batch", "moment", "container", "treatment_type", "vaccine", "dosage", "duration_days", "withholding_days", "outcome")
        wrong = compare(conn, built, "treatments as planned, container by container", columns, planned, _found)
        return wrong or Verdict("pass", expected, f"{count(len(planned), 'treatment')} of {count(len(built), 'batch')}")


@dataclass(frozen=True, slots=True)
class Journal:
    """Routine observations and an entry for every treatment."""

    name: str = "journal"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Each entry against the plan's."""
        expected = "a routine observation now and then, and an entry for every treatment"
        if not plan.simulation.scenario.streams.journal:
            return Verdict("skip", expected, "the scenario leaves out journal")
        planned = [row for batch in built for row in _entries(plan.simulation, batch)]
        columns = ("batch", "moment", "container", "category", "description", "resolved", "severity")
        wrong = compare(conn, built, expected, columns, planned, _written)
        return wrong or Verdict("pass", expected, f"{count(len(planned), 'entry')} of {count(len(built), 'batch')}")


def _moment(batch: Batch, age: int, minute: int) -> datetime:
    return datetime.combine(text.day(batch.start + age), time()) + timedelta(minutes=minute)


def _planned(simulation: Simulation, batch: Batch) -> Iterator[Row]:
    vaccines = masterdata.document("health")["vaccination_types"]
    lice, jab = simulation.profile.treatments.lice, simulation.profile.treatments.vaccinations
    for campaign in campaigns_of(simulation, batch):
        _, stay = stay_on(batch, campaign.age)
        moment = _moment(batch, campaign.age, minute_of(campaign))
        if campaign.vaccine is None:
            what: Row = (lice.type, None, lice.dosage, lice.duration_days, lice.withholding_days)
        else:
            vaccine = vaccines[campaign.vaccine - 1]
            what = ("vaccination", vaccine["name"], vaccine["dosage"], jab.duration_days, jab.withholding_days)
        for slot, container in enumerate(stay.containers):
            if stay.alive[slot, campaign.age - stay.first] > 0:
                yield batch.name, moment, simulation.world.container(container).name, *what, "successful"


def _found(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        """
        SELECT p.batch, t.treatment_date AT TIME ZONE 'UTC' AS moment, c.name AS container, t.treatment_type, v.name AS vaccine, t.dosage,
          t.duration_days, t.withholding_period_days, t.outcome
        FROM picked p
        JOIN health_treatment t ON t.batch_id = p.id
        LEFT JOIN infrastructure_container c ON c.id = t.container_id
        LEFT JOIN health_vaccinationtype v ON v.id = t.vaccination_type_id
        """,
    )


def _withheld(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        """
        SELECT p.batch, t.id, (t.treatment_date AT TIME ZONE 'UTC')::date AS treated, t.duration_days, t.withholding_period_days,
          min((e.event_date AT TIME ZONE 'UTC')::date) AS harvested
        FROM picked p
        JOIN health_treatment t ON t.batch_id = p.id
        JOIN harvest_harvestevent e ON e.batch_id = p.id
        GROUP BY p.batch, t.id, t.treatment_date, t.duration_days, t.withholding_period_days
        HAVING (t.treatment_date AT TIME ZONE 'UTC')::date + coalesce(t.duration_days, 0) + coalesce(t.withholding_period_days, 0)
          > min((e.event_date AT TIME ZONE 'UTC')::date)
        ORDER BY p.batch, t.id
        """,
    )


def _unwritten(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        """
        SELECT p.batch, t.id, t.treatment_date, t.journal_entry_id, j.entry_date, j.category
        FROM picked p
        JOIN health_treatment t ON t.batch_id = p.id
        LEFT JOIN health_journalentry j ON j.id = t.journal_entry_id
        WHERE (j.batch_id, j.entry_date) IS DISTINCT FROM (p.id, t.treatment_date)
          OR j.category <> CASE WHEN t.vaccination_type_id IS NULL THEN 'treatment' ELSE 'vaccination' END
        ORDER BY p.batch, t.id
        """,
    )


def _entries(simulation: Simulation, batch: Batch) -> Iterator[Row]:
    for entry in entries_of(simulation, batch):
        where = None if entry.container is None else simulation.world.container(entry.container).name
        category = "observation"
        if entry.campaign is not None:
            category = "treatment" if entry.campaign.vaccine is None else "vaccination"
        yield batch.name, _moment(batch, entry.age, entry.minute), where, category, entry.description, entry.campaign is not None, "low"


def _written(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        """
        SELECT p.batch, j.entry_date AT TIME ZONE 'UTC' AS moment, c.name AS container, j.category, j.description,
          j.resolution_status, j.severity
        FROM picked p
        JOIN health_journalentry j ON j.batch_id = p.id
        LEFT JOIN infrastructure_container c ON c.id = j.container_id
        """,
    )
