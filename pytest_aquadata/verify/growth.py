"""Criteria about weight: `harvest_weight` and `fcr`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_aquadata.plan import growth
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify import measures, text
from pytest_aquadata.verify.base import Connection, State, Verdict
from pytest_aquadata.verify.bounds import Bounds, defaults
from pytest_aquadata.verify.clauses import Found, failure, select
from pytest_aquadata.verify.population import judged


@dataclass(frozen=True, slots=True)
class HarvestWeight:
    """Mean live weight of the harvested fish of each batch."""

    name: str = "harvest_weight"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Equal to the planned weight but for rounding, and in the declared range: up to a day's growth above its upper end.

        Fish are harvested on the first day on which they weigh the target, so a batch may pass the heaviest target by what it grows on
        that day.
        """
        declared, rounding = plan.simulation.scenario.harvest_weight, defaults(self.name)
        bounds = Bounds.of(spec, declared.low, declared.high)
        expected = f"mean weight at harvest as planned, {bounds.show('.0f')} g and at most a day's growth above"
        harvested = {batch.name: batch for batch in built if batch.harvested}
        if not harvested:
            return Verdict("pass", expected, "no batch is harvested yet")
        columns = ("batch", "planned_g", "found_g", "fish", "lots_kg", "rings")
        rows = select(conn, _weights(list(harvested.values())))
        wrong, states, values = [], list[State](), []
        for row in rows:
            name, planned, found, fish, _, rings = row
            slack = rounding["rounding_g"] + 1000.0 * rounding["rounding_kg"] * rings / max(float(fish or 0), 1.0)
            if found is None or abs(float(found) - float(planned)) > slack:
                wrong.append(row)
                continue
            batch = harvested[name]
            heaviest = max(float(declared.high), float(growth.grams(batch.life.curve[batch.life.latest]))) + slack
            states.append(Bounds.of(spec, declared.low - slack, heaviest).state(float(found)))
            values.append((name, float(found)))
        if wrong or len(rows) < len(harvested):
            return failure("mean weight at harvest as planned", Found(columns, wrong, len(wrong)), _weights, built)
        return judged(expected, values, states, ",.0f", columns, rows, _weights, built)


def _weights(batches: Sequence[Batch]) -> str:
    planned = ((batch.name, round(float(growth.grams(batch.curve[-1])), 3)) for batch in batches if batch.harvested)
    return text.query(
        text.picked(batches),
        text.table("planned", {"batch": "text", "weight_g": "numeric"}, planned),
        measures.LOTS,
        """
        SELECT p.batch, n.weight_g AS planned_g, round(1000 * sum(l.kg) / nullif(sum(l.fish), 0), 3) AS found_g, sum(l.fish) AS fish,
          sum(l.kg) AS lots_kg, count(l.event_id) AS rings
        FROM picked p
        JOIN planned n ON n.batch = p.batch
        LEFT JOIN lots l ON l.batch_id = p.id
        GROUP BY p.batch, n.weight_g ORDER BY p.batch
        """,
    )


@dataclass(frozen=True, slots=True)
class FeedConversion:
    """kg of feed per kg of gain: of each batch in each stage, of its whole life, and of each stage over all batches."""

    name: str = "fcr"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Gain is what left a container, dead or alive, less what came into it; all of it is read from biomass columns."""
        standard, streams = defaults(self.name), plan.simulation.scenario.streams
        bounds = Bounds.of(spec, standard["min"], standard["max"])
        expected = f"{bounds.show()} kg of feed per kg of gain, by batch and stage"
        if not (streams.feeding and streams.mortality):
            return Verdict("skip", expected, "the scenario leaves out feeding or mortality")
        stages = {order: stage.name for order, stage in enumerate(plan.simulation.profile.stages, start=1)}
        sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
        for batch, stage, feed, gain in select(conn, _fed(built)):
            for key in ((batch, stages[stage]), (batch, "whole life"), (_ALL, stages[stage]), (_ALL, "whole life")):
                sums[key][0] += float(feed)
                sums[key][1] += float(gain)
        rows = [
            (batch, stage, round(feed, 2), round(gain, 2), round(feed / gain, 3) if gain > 0 else None)
            for (batch, stage), (feed, gain) in sums.items()
            if gain >= standard["least_gain_kg"] or feed >= standard["least_gain_kg"] * standard["max"]
        ]
        if not rows:
            return Verdict("pass", expected, "no batch has grown by enough to tell")
        columns = ("batch", "stage", "feed_kg", "gain_kg", "fcr")
        values = [(row[0], row[4] if row[4] is not None else float("inf")) for row in rows]
        own = [(name, value) for name, value in values if name != _ALL]
        verdict = judged(expected, values, [bounds.state(v) for _, v in values], ".2f", columns, rows, _fed, built)
        if verdict.state == "pass":
            whole = {stage: ratio for batch, stage, _, _, ratio in rows if batch == _ALL}
            said = ", ".join(f"{stage} {ratio:.2f}" for stage, ratio in whole.items())
            return Verdict("pass", expected, f"{min(v for _, v in own):.2f} to {max(v for _, v in own):.2f}; {said}")
        return verdict


_ALL = "all batches"


def _fed(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        measures.STAYS,
        measures.DEATHS,
        measures.ARRIVALS,
        """
        meals AS (
          SELECT batch_assignment_id, sum(amount_kg) AS kg FROM inventory_feedingevent GROUP BY batch_assignment_id
        )""",
        """
        SELECT s.batch, s.stage, sum(coalesce(m.kg, 0)) AS feed_kg,
          sum(s.biomass_kg + coalesce(d.kg, 0) - coalesce(a.kg, 0)) AS gain_kg
        FROM stays s
        LEFT JOIN meals m ON m.batch_assignment_id = s.id
        LEFT JOIN deaths d ON d.assignment_id = s.id
        LEFT JOIN arrivals a ON a.assignment_id = s.id
        WHERE s.stage > 1
        GROUP BY s.batch, s.stage ORDER BY s.batch, s.stage
        """,
    )
