"""Criterion `harvest_lots`: every ring's harvest is graded, gutted and filleted as the profile says, and goes where the policy sells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.scenario.profile import Profile
from pytest_aquadata.verify import text
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.bounds import defaults
from pytest_aquadata.verify.clauses import Clause, count, verdict_of


@dataclass(frozen=True, slots=True)
class HarvestLots:
    """Lots of every harvest event."""

    name: str = "harvest_lots"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Fish by grade, their weights, what is left of them, then the buyer."""
        profile = plan.simulation.profile
        clauses = [
            Clause("fish of a ring in the profile's shares, what a share cuts through in the largest grade", partial(_shares, profile)),
            Clause("fish of a grade heavier or lighter than the ring's mean by the grade's factor", partial(_weights, profile)),
            Clause("gutted and fillet weight in the profile's shares of live weight", partial(_parts, profile)),
            Clause("harvests go to the company that buys them, in their own geography", _buyers),
        ]
        harvested = [batch for batch in built if batch.harvested]
        got = f"{count(len(harvested), 'batch')} harvested" if harvested else "no batch is harvested yet"
        return verdict_of(conn, clauses, built, "lots by grade, gutted and filleted as the profile says", got)


def _graded(profile: Profile) -> tuple[str, ...]:
    rules = profile.harvest.grades
    largest = max(rules, key=lambda code: rules[code].share_percent)
    grades = ((code, f"{grade.share_percent / 100}", str(grade.weight_factor), code == largest) for code, grade in rules.items())
    return (
        text.table("grades", {"grade": "text", "share": "numeric", "factor": "numeric", "largest": "boolean"}, grades),
        """
        lots AS (
          SELECT p.batch, e.id AS event_id, e.document_ref, g.code AS grade, l.unit_count AS fish, l.live_weight_kg AS kg,
            l.gutted_weight_kg, l.fillet_weight_kg, sum(l.unit_count) OVER ring AS of_ring, sum(l.live_weight_kg) OVER ring AS kg_of_ring
          FROM picked p
          JOIN harvest_harvestevent e ON e.batch_id = p.id
          JOIN harvest_harvestlot l ON l.event_id = e.id
          JOIN harvest_productgrade g ON g.id = l.product_grade_id
          WINDOW ring AS (PARTITION BY e.id)
        )""",
    )


def _shares(profile: Profile, batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        *_graded(profile),
        """
        rings AS (SELECT DISTINCT batch, event_id, document_ref, of_ring FROM lots)""",
        f"""
        SELECT r.batch, r.document_ref, g.grade, r.of_ring, round(r.of_ring * g.share, 1) AS due, coalesce(l.fish, 0) AS fish
        FROM rings r CROSS JOIN grades g
        LEFT JOIN lots l ON l.event_id = r.event_id AND l.grade = g.grade
        WHERE coalesce(l.fish, 0) NOT BETWEEN floor(r.of_ring * g.share)
          AND floor(r.of_ring * g.share) + CASE WHEN g.largest THEN {len(profile.harvest.grades)} ELSE 0 END
        UNION ALL
        SELECT batch, document_ref, grade, of_ring, 0, fish FROM lots WHERE grade NOT IN (SELECT grade FROM grades)
        ORDER BY batch, document_ref, grade
        """,
    )


def _weights(profile: Profile, batches: Sequence[Batch]) -> str:
    allowed = defaults("harvest_lots")["rounding_kg"]
    return text.query(
        text.picked(batches),
        *_graded(profile),
        """
        scaled AS (
          SELECT l.*, l.kg_of_ring * l.fish * g.factor / sum(l.fish * g.factor) OVER (PARTITION BY l.event_id) AS due
          FROM lots l JOIN grades g ON g.grade = l.grade
        )""",
        f"""
        SELECT batch, document_ref, grade, fish, round(due, 3) AS planned_kg, kg FROM scaled
        WHERE abs(kg - due) > {allowed} ORDER BY batch, document_ref, grade
        """,
    )


def _parts(profile: Profile, batches: Sequence[Batch]) -> str:
    rules, allowed = profile.harvest, defaults("harvest_lots")["rounding_kg"]
    return text.query(
        text.picked(batches),
        *_graded(profile),
        f"""
        SELECT batch, document_ref, grade, kg, gutted_weight_kg, fillet_weight_kg FROM lots
        WHERE gutted_weight_kg IS NULL OR abs(gutted_weight_kg - kg * {rules.gutted_percent} / 100) > {allowed}
          OR fillet_weight_kg IS NULL OR abs(fillet_weight_kg - kg * {rules.fillet_percent} / 100) > {allowed}
        ORDER BY batch, document_ref, grade
        """,
    )


def _buyers(batches: Sequence[Batch]) -> str:
    buyer = text.literal(masterdata.document("finance")["policies"]["harvest"]["to"])
    return text.query(
        text.picked(batches),
        f"""
        SELECT p.batch, e.document_ref, e.dest_subsidiary, g.name AS dest_geography
        FROM picked p
        JOIN harvest_harvestevent e ON e.batch_id = p.id
        LEFT JOIN batch_batchcontainerassignment s ON s.id = e.assignment_id
        LEFT JOIN infrastructure_container c ON c.id = s.container_id
        LEFT JOIN infrastructure_area a ON a.id = c.area_id
        LEFT JOIN infrastructure_geography g ON g.id = e.dest_geography_id
        WHERE (e.dest_subsidiary, e.dest_geography_id) IS DISTINCT FROM ({buyer}, a.geography_id)
        ORDER BY p.batch, e.document_ref
        """,
    )
