"""Criterion `pinned_scenarios`: every batch has its own scenario, pinned, projected to the end, and with models that can do so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.streams.projection import project
from pytest_aquadata.verify import text
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.bounds import Bounds, defaults
from pytest_aquadata.verify.clauses import Clause, count, verdict_of


@dataclass(frozen=True, slots=True)
class PinnedScenarios:
    """The pinned scenario of every batch, its projection and its models."""

    name: str = "pinned_scenarios"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Bounds of the scenario's own hold for the projected final weight, g."""
        days, stages = plan.simulation.scenario.projection.days, len(plan.simulation.profile.stages)
        clauses = [
            Clause("every batch has a scenario of its own pinned to it", partial(_pinned, days)),
            Clause(f"its models have a row for each of the {stages} stages", partial(_models, stages)),
            Clause(f"its temperature profile covers {count(days, 'day')}", partial(_temperatures, days)),
            Clause("its growth coefficients are the profile's", _coefficients),
        ]
        if plan.simulation.scenario.streams.projection:
            clauses[1:1] = [
                Clause(f"its projection has days 1 to {days} without a gap", partial(_days, days)),
                Clause("the projected fish reach the planned weight", partial(_weights, plan)),
                Clause("fish, weight, feed and temperature of a projection belong together", partial(_consistent, plan)),
                Clause("projected fish die, eat and warm as the profile says", partial(_totals, plan)),
            ]
            if (bounds := Bounds.of(spec)) != Bounds():
                clauses.append(Clause(f"the projected final weight is {bounds.show()} g", partial(_bounded, bounds)))
        expected = "every batch has its own scenario pinned, with projection and models"
        return verdict_of(conn, clauses, built, expected, f"{count(len(built), 'batch')} with {count(days, 'day')} each")


def _pinned(days: int, batches: Sequence[Batch]) -> str:
    return text.query(
        text.table("planned", {"batch": "text", "eggs": "bigint"}, ((batch.name, batch.life.eggs) for batch in batches)),
        f"""
        SELECT p.batch, s.scenario_id, s.name, other.batch_number AS scenario_of, s.start_date, b.start_date AS batch_start,
          s.duration_days, s.initial_count, p.eggs
        FROM planned p
        JOIN batch_batch b ON b.batch_number = p.batch
        LEFT JOIN scenario s ON s.scenario_id = b.pinned_scenario_id
        LEFT JOIN batch_batch other ON other.id = s.batch_id
        WHERE (s.batch_id, s.start_date, s.duration_days, s.initial_count) IS DISTINCT FROM (b.id, b.start_date, {days}, p.eggs)
        ORDER BY p.batch
        """,
    )


_PINNED = """
    pinned AS (
      SELECT p.batch, b.pinned_scenario_id AS scenario_id FROM picked p JOIN batch_batch b ON b.id = p.id
    )"""


def _days(days: int, batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        _PINNED,
        f"""
        SELECT p.batch, count(r.day_number) AS rows, count(DISTINCT r.day_number) AS days, min(r.day_number) AS first,
          max(r.day_number) AS last
        FROM pinned p LEFT JOIN scenario_scenarioprojection r USING (scenario_id)
        GROUP BY p.batch
        HAVING (count(r.day_number), count(DISTINCT r.day_number), min(r.day_number), max(r.day_number))
          IS DISTINCT FROM ({days}, {days}, 1, {days})
        ORDER BY p.batch
        """,
    )


_FINAL = """
    final AS (
      SELECT DISTINCT ON (p.batch) p.batch, r.day_number, r.average_weight
      FROM pinned p LEFT JOIN scenario_scenarioprojection r USING (scenario_id)
      ORDER BY p.batch, r.day_number DESC NULLS LAST
    )"""


def _weights(plan: Plan, batches: Sequence[Batch]) -> str:
    days = plan.simulation.scenario.projection.days

    def final(batch: Batch) -> float:
        return round(float(project(batch.life, days).grams[-1]), 3)

    share = defaults("pinned_scenarios")["weight_tolerance"]
    return text.query(
        text.picked(batches),
        text.table("planned", {"batch": "text", "weight_g": "float8"}, ((batch.name, final(batch)) for batch in batches)),
        _PINNED,
        _FINAL,
        f"""
        SELECT p.batch, f.day_number AS last_day, p.weight_g AS planned_g, round(f.average_weight::numeric, 2) AS projected_g
        FROM planned p LEFT JOIN final f ON f.batch = p.batch
        WHERE f.average_weight IS NULL OR abs(f.average_weight - p.weight_g) > {share} * p.weight_g
        ORDER BY p.batch
        """,
    )


def _consistent(plan: Plan, batches: Sequence[Batch]) -> str:
    """Days of a projection whose biomass is not fish x weight, whose feed does not add up, that go back, or are in another stage."""
    firsts = ", ".join(str(day) for day in plan.simulation.profile.first_days[:-1])
    relative = defaults("pinned_scenarios")["relative"]
    return text.query(
        text.picked(batches),
        _PINNED,
        """
        days AS (
          SELECT p.batch, s.start_date, r.*, sum(r.daily_feed) OVER (PARTITION BY p.batch ORDER BY r.day_number) AS fed,
            lag(r.population) OVER (PARTITION BY p.batch ORDER BY r.day_number) AS fish_before,
            lag(r.average_weight) OVER (PARTITION BY p.batch ORDER BY r.day_number) AS weight_before,
            t.temperature AS of_profile, l."order" AS stage
          FROM pinned p
          JOIN scenario s USING (scenario_id)
          JOIN scenario_scenarioprojection r USING (scenario_id)
          LEFT JOIN batch_lifecyclestage l ON l.id = r.current_stage_id
          JOIN scenario_tgcmodel m ON m.model_id = s.tgc_model_id
          LEFT JOIN scenario_temperaturereading t ON t.profile_id = m.profile_id AND t.day_number = r.day_number
        )""",
        f"""
        SELECT batch, day_number, projection_date, stage, average_weight, population, biomass, daily_feed, cumulative_feed,
          temperature, of_profile
        FROM days
        WHERE projection_date IS DISTINCT FROM start_date + day_number - 1
          OR abs(biomass - population * average_weight / 1000) > {relative} * biomass
          OR abs(cumulative_feed - fed) > {relative} * fed + {relative}
          OR population > fish_before OR average_weight < weight_before
          OR temperature <> of_profile OR stage IS DISTINCT FROM width_bucket(day_number - 1, ARRAY[{firsts}])
        ORDER BY batch, day_number
        """,
    )


def _totals(plan: Plan, batches: Sequence[Batch]) -> str:
    """Projections whose last fish, feed or mean temperature is another than the biology gives."""
    days = plan.simulation.scenario.projection.days

    def due(batch: Batch) -> tuple[object, ...]:
        projected = project(batch.life, days)
        return batch.name, float(projected.fish[-1]), float(projected.feed.sum()), float(projected.degrees.mean())

    share = defaults("pinned_scenarios")["weight_tolerance"]
    return text.query(
        text.picked(batches),
        text.table("planned", {"batch": "text", "fish": "float8", "feed": "float8", "degrees": "float8"}, map(due, batches)),
        _PINNED,
        """
        found AS (
          SELECT p.batch, min(r.population) AS fish, sum(r.daily_feed) AS feed, avg(r.temperature) AS degrees
          FROM pinned p JOIN scenario_scenarioprojection r USING (scenario_id) GROUP BY p.batch
        )""",
        f"""
        SELECT p.batch, round(p.fish) AS planned_fish, round(f.fish) AS fish, round(p.feed) AS planned_feed_kg, round(f.feed) AS feed_kg,
          round(p.degrees::numeric, 3) AS planned_degrees, round(f.degrees::numeric, 3) AS degrees
        FROM planned p LEFT JOIN found f ON f.batch = p.batch
        WHERE f.batch IS NULL OR abs(f.fish - p.fish) > {share} * p.fish OR abs(f.feed - p.feed) > {share} * p.feed
          OR abs(f.degrees - p.degrees) > {share} * p.degrees
        ORDER BY p.batch
        """,
    )


def _coefficients(batches: Sequence[Batch]) -> str:
    """Stages whose TGC is another than the profile's in the batch's geography."""
    planned = ((batch.name, stage.key, str(stage.tgc)) for batch in batches for stage in batch.life.stages)
    return text.query(
        text.picked(batches),
        text.table("planned", {"batch": "text", "stage": "text", "tgc": "numeric"}, planned),
        _PINNED,
        """
        SELECT p.batch, n.stage, n.tgc AS planned, t.tgc_value AS found
        FROM pinned p
        JOIN scenario s USING (scenario_id)
        JOIN planned n ON n.batch = p.batch
        LEFT JOIN scenario_tgc_model_stage t ON t.tgc_model_id = s.tgc_model_id AND t.lifecycle_stage = n.stage
        WHERE t.tgc_value IS DISTINCT FROM n.tgc
        ORDER BY p.batch, n.stage
        """,
    )


def _bounded(bounds: Bounds, batches: Sequence[Batch]) -> str:
    low, high = (f"'{sign}infinity'" if end is None else str(end) for end, sign in ((bounds.low, "-"), (bounds.high, "")))
    return text.query(
        text.picked(batches),
        _PINNED,
        _FINAL,
        f"""
        SELECT batch, day_number AS last_day, round(average_weight::numeric, 2) AS projected_g
        FROM final WHERE average_weight NOT BETWEEN {low} AND {high} ORDER BY batch
        """,
    )


def _models(stages: int, batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        _PINNED,
        """
        models AS (
          SELECT p.batch, s.name AS scenario,
            (SELECT count(DISTINCT lifecycle_stage) FROM scenario_tgc_model_stage t WHERE t.tgc_model_id = s.tgc_model_id) AS tgc_stages,
            (SELECT count(DISTINCT stage_id) FROM scenario_fcrmodelstage f WHERE f.model_id = s.fcr_model_id) AS fcr_stages,
            (SELECT count(DISTINCT lifecycle_stage) FROM scenario_mortality_model_stage m
              WHERE m.mortality_model_id = s.mortality_model_id) AS mortality_stages
          FROM pinned p JOIN scenario s USING (scenario_id)
        )""",
        f"""
        SELECT * FROM models WHERE (tgc_stages, fcr_stages, mortality_stages) <> ({stages}, {stages}, {stages}) ORDER BY batch
        """,
    )


def _temperatures(days: int, batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        _PINNED,
        f"""
        covered AS (
          SELECT profile_id, count(DISTINCT day_number) AS days FROM scenario_temperaturereading
          WHERE day_number BETWEEN 1 AND {days} GROUP BY profile_id
        )""",
        f"""
        SELECT p.batch, f.name AS temperature_profile, coalesce(c.days, 0) AS days
        FROM pinned p
        JOIN scenario s USING (scenario_id)
        JOIN scenario_tgcmodel m ON m.model_id = s.tgc_model_id
        LEFT JOIN scenario_temperatureprofile f ON f.profile_id = m.profile_id
        LEFT JOIN covered c ON c.profile_id = m.profile_id
        WHERE coalesce(c.days, 0) < {days}
        ORDER BY p.batch
        """,
    )
