"""WITH queries that several criteria share: what happened in each container assignment, summed once."""

from __future__ import annotations

STAYS = """
    stays AS (
      SELECT p.batch, a.id, a.batch_id, s."order" AS stage, a.container_id, a.population_count, a.biomass_kg,
        a.avg_weight_g, a.assignment_date, a.departure_date, a.is_active
      FROM picked p
      JOIN batch_batchcontainerassignment a ON a.batch_id = p.id
      JOIN batch_lifecyclestage s ON s.id = a.lifecycle_stage_id
    )"""
"""Needs `picked`: every container assignment of the batches, its stage as a number from 1."""

DEATHS = """
    deaths AS (
      SELECT assignment_id, sum(count) AS fish, sum(biomass_kg) AS kg FROM batch_mortalityevent GROUP BY assignment_id
    )"""
"""Dead fish of every assignment and their biomass."""

ARRIVALS = """
    arrivals AS (
      SELECT assignment_id, sum(fish) AS fish, sum(kg) AS kg FROM (
        SELECT dest_assignment_id AS assignment_id, coalesce(egg_count_actual, 0) - mortality_on_arrival AS fish, 0 AS kg
        FROM batch_creationaction
        UNION ALL SELECT dest_assignment_id, transferred_count, transferred_biomass_kg FROM batch_transferaction
      ) a
      GROUP BY assignment_id
    )"""
"""Fish that came into every assignment, as eggs or by transfer, and the biomass of those transferred."""

EGGS = """
    eggs AS (
      SELECT w.batch_id, sum(a.egg_count_actual - a.mortality_on_arrival) AS fish
      FROM batch_creationworkflow w JOIN batch_creationaction a ON a.workflow_id = w.id
      GROUP BY w.batch_id
    )"""
"""Eggs that every batch began with."""

LOTS = """
    lots AS (
      SELECT e.id AS event_id, e.assignment_id, e.batch_id, sum(l.unit_count) AS fish, sum(l.live_weight_kg) AS kg
      FROM harvest_harvestevent e LEFT JOIN harvest_harvestlot l ON l.event_id = e.id
      GROUP BY e.id, e.assignment_id, e.batch_id
    )"""
"""Fish and live weight of every harvest event."""
