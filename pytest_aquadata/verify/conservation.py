"""Criterion `conservation`: no fish is lost or made, and kilograms are fish times weight.

Every total is compared with the rows that it is the total of, so that a fault is found where it is: in one container, one move or
one harvest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify import measures, text
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.bounds import defaults
from pytest_aquadata.verify.clauses import Clause, count, verdict_of


@dataclass(frozen=True, slots=True)
class Conservation:
    """Fish are conserved in every batch, container, move and harvest; biomass is fish times weight."""

    name: str = "conservation"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """From the batch down to the lot; without mortality events the clauses that count deaths are left out."""
        clauses = [
            Clause("eggs = fish that came into the first containers", _eggs),
            Clause("what leaves a container is what moved on from it", _departures),
            Clause("a move's total is the sum of its actions", _workflows),
            Clause("a harvest's lots are the fish of its container", _harvests),
            Clause("biomass = fish x weight", _biomass),
        ]
        if plan.simulation.scenario.streams.mortality:
            clauses[1:1] = [
                Clause("eggs = dead + harvested + alive, for every batch", _whole_batch),
                Clause("fish = arrived - dead, in every container", _containers),
            ]
        return verdict_of(conn, clauses, built, "no fish is lost or made", f"every fish of {count(len(built), 'batch')} accounted for")


def _query(*parts: str) -> Callable[[Sequence[Batch]], str]:
    return lambda batches: text.query(text.picked(batches), *parts)


_eggs = _query(
    measures.EGGS,
    """
    SELECT p.batch, w.total_eggs_planned, w.total_eggs_received, w.total_mortality_on_arrival, e.fish AS in_actions
    FROM picked p
    LEFT JOIN batch_creationworkflow w ON w.batch_id = p.id
    LEFT JOIN eggs e ON e.batch_id = p.id
    WHERE e.fish IS DISTINCT FROM w.total_eggs_received - w.total_mortality_on_arrival
    ORDER BY p.batch
    """,
)

_whole_batch = _query(
    measures.EGGS,
    measures.LOTS,
    measures.STAYS,
    "dead AS (SELECT batch_id, sum(count) AS fish FROM batch_mortalityevent GROUP BY batch_id)",
    "harvested AS (SELECT batch_id, sum(fish) AS fish FROM lots GROUP BY batch_id)",
    "alive AS (SELECT batch_id, sum(population_count) AS fish FROM stays WHERE is_active GROUP BY batch_id)",
    """
    counts AS (
      SELECT p.batch, coalesce(e.fish, 0) AS eggs, coalesce(d.fish, 0) AS dead, coalesce(h.fish, 0) AS harvested,
        coalesce(a.fish, 0) AS alive
      FROM picked p
      LEFT JOIN eggs e ON e.batch_id = p.id
      LEFT JOIN dead d ON d.batch_id = p.id
      LEFT JOIN harvested h ON h.batch_id = p.id
      LEFT JOIN alive a ON a.batch_id = p.id
    )""",
    """
    SELECT *, eggs - dead - harvested - alive AS difference FROM counts
    WHERE eggs <> dead + harvested + alive ORDER BY batch
    """,
)

_containers = _query(
    measures.STAYS,
    measures.DEATHS,
    measures.ARRIVALS,
    """
    SELECT s.batch, s.stage, c.name AS container, coalesce(a.fish, 0) AS arrived, coalesce(d.fish, 0) AS dead,
      s.population_count, coalesce(a.fish, 0) - coalesce(d.fish, 0) - s.population_count AS difference
    FROM stays s
    JOIN infrastructure_container c ON c.id = s.container_id
    LEFT JOIN arrivals a ON a.assignment_id = s.id
    LEFT JOIN deaths d ON d.assignment_id = s.id
    WHERE coalesce(a.fish, 0) - coalesce(d.fish, 0) <> s.population_count
    ORDER BY s.batch, s.stage, c.name
    """,
)

_departures = _query(
    measures.STAYS,
    measures.LOTS,
    """
    moved AS (
      SELECT source_assignment_id, sum(transferred_count) AS fish, sum(mortality_during_transfer) AS lost,
        max(source_population_before) AS most_before
      FROM batch_transferaction GROUP BY source_assignment_id
    )""",
    """
    SELECT s.batch, s.stage, c.name AS container, s.population_count, m.fish AS moved_on, m.lost, l.fish AS harvested
    FROM stays s
    JOIN infrastructure_container c ON c.id = s.container_id
    LEFT JOIN moved m ON m.source_assignment_id = s.id
    LEFT JOIN lots l ON l.assignment_id = s.id
    WHERE coalesce(m.fish, 0) + coalesce(m.lost, 0) + coalesce(l.fish, 0)
        <> CASE WHEN s.is_active THEN 0 ELSE s.population_count END
      OR m.most_before <> s.population_count
    ORDER BY s.batch, s.stage, c.name
    """,
)

_workflows = _query(
    """
    totals AS (
      SELECT p.batch, w.workflow_number, w.total_source_count, w.total_transferred_count, w.total_mortality_count,
        w.total_biomass_kg, w.total_actions_planned, w.actions_completed, count(a.id) AS actions,
        coalesce(sum(a.transferred_count), 0) AS moved, coalesce(sum(a.mortality_during_transfer), 0) AS lost,
        coalesce(sum(a.transferred_biomass_kg), 0) AS kg
      FROM picked p
      JOIN batch_batchtransferworkflow w ON w.batch_id = p.id
      LEFT JOIN batch_transferaction a ON a.workflow_id = w.id
      GROUP BY p.batch, w.id, w.workflow_number, w.total_source_count, w.total_transferred_count, w.total_mortality_count,
        w.total_biomass_kg, w.total_actions_planned, w.actions_completed
    )""",
    """
    SELECT batch, workflow_number, total_source_count, total_transferred_count, moved, total_mortality_count, lost,
      total_biomass_kg, kg, actions_completed, actions
    FROM totals
    WHERE (total_transferred_count, total_mortality_count, total_source_count) <> (moved, lost, moved + lost)
      OR total_biomass_kg <> kg OR total_actions_planned <> actions OR actions_completed <> actions
    ORDER BY batch, workflow_number
    """,
)


def _harvests(batches: Sequence[Batch]) -> str:
    slack = defaults("conservation")
    return text.query(
        text.picked(batches),
        measures.STAYS,
        measures.LOTS,
        f"""
        SELECT s.batch, c.name AS container, s.population_count, l.fish AS fish_in_lots, s.biomass_kg, l.kg AS kg_in_lots
        FROM lots l
        JOIN stays s ON s.id = l.assignment_id
        JOIN infrastructure_container c ON c.id = s.container_id
        WHERE l.fish IS DISTINCT FROM s.population_count OR l.kg IS NULL OR abs(l.kg - s.biomass_kg) > {slack["rounding_kg"]}
        ORDER BY s.batch, c.name
        """,
    )


def _biomass(batches: Sequence[Batch]) -> str:
    slack = defaults("conservation")
    lost = f"{slack['rounding_kg']} + {slack['rounding_g']} / 1000"
    return text.query(
        text.picked(batches),
        measures.STAYS,
        f"""
        SELECT s.batch, s.stage, c.name AS container, 'standing' AS what, s.population_count AS fish, s.avg_weight_g AS weight_g,
          s.biomass_kg
        FROM stays s JOIN infrastructure_container c ON c.id = s.container_id
        WHERE s.avg_weight_g IS NULL OR abs(s.biomass_kg - s.population_count * s.avg_weight_g / 1000) > {lost} * s.population_count
        UNION ALL
        SELECT s.batch, s.stage, c.name, 'moved', t.transferred_count, s.avg_weight_g, t.transferred_biomass_kg
        FROM stays s
        JOIN batch_transferaction t ON t.source_assignment_id = s.id
        JOIN infrastructure_container c ON c.id = s.container_id
        WHERE abs(t.transferred_biomass_kg - t.transferred_count * s.avg_weight_g / 1000) > {lost} * t.transferred_count
        ORDER BY batch, stage, container
        """,
    )
