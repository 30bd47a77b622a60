"""Criterion `feed_stock`: the feed ledger, kept again from the rows of the database.

A hall eats from its silo, the rings of an area take its barges in turn, in the order of the batch's assignments; with that rule every meal
has its silo or barge although the table of meals names none. Meals of batches that are not in the database come from the plan, since one
delivery feeds several batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pytest_aquadata.plan import costs, growth
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation, Stay
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify import text
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.bounds import defaults
from pytest_aquadata.verify.clauses import Clause, grouped_by_hash, select, verdict_of
from pytest_aquadata.verify.deliveries import Deliveries
from pytest_aquadata.verify.volume import is_shared

Eaten = dict[int, tuple[int, int]]
"""Hundredths of a kg and of the currency, by account of the ledger."""


@dataclass(frozen=True, slots=True)
class FeedStock:
    """Feed bought = eaten + in stock; never negative; every meal has the cost of what was taken."""

    name: str = "feed_stock"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """From the single meal to the whole silo or barge."""
        simulation = plan.simulation
        if not simulation.scenario.streams.feeding:
            return Verdict("skip", "feed bought = eaten + in stock", "the scenario leaves out feeding")
        farm = _Farm(simulation, built, _away(simulation, built), Deliveries(simulation, is_shared(conn, plan)))
        clauses = [
            Clause("every meal has a cost", farm.unpriced),
            Clause("every batch eats its planned meals", farm.meals),
            Clause("a meal's percentage is its share of the biomass that eats it", farm.shares),
            Clause("stock is between nothing and what was bought, and arrives after its order", farm.deliveries.stock),
            Clause("a delivery costs its feed's price, within the declared spread", farm.deliveries.prices),
            Clause("bought = eaten + in stock, in every silo and barge", farm.balance),
            Clause("no silo or barge gives out what has not arrived", farm.ledger),
            Clause("the oldest delivery is eaten first", farm.deliveries.oldest_first),
            Clause("meals cost what was taken", farm.costs),
        ]
        with grouped_by_hash(conn):
            verdict = verdict_of(conn, clauses, built, "feed bought = eaten + in stock, never negative, every meal at its cost", "")
        if verdict.state != "pass":
            return verdict
        [(bought, left)] = select(conn, text.query(*farm.stocks(), "SELECT coalesce(sum(bought), 0), coalesce(sum(kg), 0) FROM stocks"))
        return Verdict("pass", verdict.expected, f"{bought:,.0f} kg bought, {left:,.0f} kg in stock, the rest eaten")


def _away(simulation: Simulation, built: Sequence[Batch]) -> Eaten:
    """What the batches that are not built eat according to the plan, by account: what every silo and barge gives out, less what these eat.

    Of ten thousand batches few may be built, and to work out the meals of all others would take longer than everything else.
    """
    if len(built) == len(simulation.batches):
        return {}
    ledger = simulation.ledger
    given = [ledger.eaten_before(account, simulation.as_of) for account in range(len(ledger.accounts))]
    nothing = np.zeros(1, dtype=np.int64)
    left = {account: (kg, int(ledger.costs(account, nothing, np.array([kg]))[0])) for account, kg in enumerate(given) if kg}
    for batch in built:
        for account, (kg, cost) in _eaten(simulation, batch).items():
            left[account] = left[account][0] - kg, left[account][1] - cost
    return {account: eaten for account, eaten in left.items() if eaten != (0, 0)}


def _eaten(simulation: Simulation, batch: Batch) -> Eaten:
    result: Eaten = {}
    for stay in batch.stays:
        if not stay.meals:
            continue
        meals = costs.meals_of(simulation, stay)
        for meal in stay.meals:
            mine = slice(*meal.days), slice(None), list(meal.slots)
            known = result.get(meal.account, (0, 0))
            result[meal.account] = known[0] + int(meals.amount[mine].sum()), known[1] + int(meals.cost[mine].sum())
    return result


def _biomass(simulation: Simulation, batch: Batch, stay: Stay) -> float:
    """kg that eat each meal of a stay, summed over meals and containers; the day's deaths are found after the first meal."""
    grams = growth.grams(batch.curve[stay.first : stay.first + stay.days])
    after = len(simulation.scenario.feeding.times) - 1
    alive = stay.alive[:, :-1] + after * (stay.alive[:, :-1] - stay.deaths)
    return float((np.where(stay.ration > 0, alive, 0) * grams).sum()) / 1000.0


_FEEDERS = """
    feeders AS (
      SELECT s.id AS assignment_id, s.batch, f.ids[1 + s.slot % array_length(f.ids, 1)::int] AS feed_container_id
      FROM (
        SELECT a.id, p.batch, a.container_id, row_number() OVER (PARTITION BY a.batch_id, a.lifecycle_stage_id ORDER BY a.id) - 1 AS slot
        FROM picked p JOIN batch_batchcontainerassignment a ON a.batch_id = p.id
      ) s
      JOIN infrastructure_container c ON c.id = s.container_id
      JOIN (
        SELECT hall_id, area_id, array_agg(id ORDER BY length(name), name) AS ids
        FROM infrastructure_feedcontainer GROUP BY hall_id, area_id
      ) f ON coalesce(f.hall_id, -f.area_id) = coalesce(c.hall_id, -c.area_id)
    )"""

_ACCOUNTS = """
    accounts AS (
      SELECT k.id AS feed_container_id, f.id AS feed_id, k.name AS feed_container, f.name AS feed
      FROM infrastructure_feedcontainer k CROSS JOIN inventory_feed f
    )"""

_EATEN = """
    eaten AS (
      SELECT f.feed_container_id, m.feed_id, sum(m.kg) AS kg, sum(m.cost) AS cost, string_agg(DISTINCT f.batch, ' ') AS batches
      FROM (
        SELECT batch_assignment_id, feed_id, sum(amount_kg) AS kg, sum(feed_cost) AS cost
        FROM inventory_feedingevent GROUP BY batch_assignment_id, feed_id
      ) m
      JOIN feeders f ON f.assignment_id = m.batch_assignment_id
      GROUP BY f.feed_container_id, m.feed_id
    )"""


@dataclass(frozen=True, slots=True)
class _Farm:
    """The queries. built: the batches of the database; away: what the others eat."""

    simulation: Simulation
    built: Sequence[Batch]
    away: Eaten
    deliveries: Deliveries

    def unpriced(self, batches: Sequence[Batch]) -> str:
        """Meals without a cost, or with one that no delivery of their feed could have."""
        rounding = defaults("feed_stock")["rounding"]
        return text.query(
            text.picked(batches),
            "prices AS (SELECT feed_id, min(cost_per_kg) AS low, max(cost_per_kg) AS high FROM inventory_feedpurchase GROUP BY feed_id)",
            f"""
            SELECT p.batch, m.feeding_date, m.feeding_time, c.name AS container, f.name AS feed, m.amount_kg, m.feed_cost
            FROM picked p
            JOIN inventory_feedingevent m ON m.batch_id = p.id
            LEFT JOIN prices r ON r.feed_id = m.feed_id
            LEFT JOIN infrastructure_container c ON c.id = m.container_id
            LEFT JOIN inventory_feed f ON f.id = m.feed_id
            WHERE m.feed_cost IS NULL OR r.low IS NULL
              OR m.feed_cost NOT BETWEEN m.amount_kg * r.low - {rounding} AND m.amount_kg * r.high + {rounding}
            """,
        )

    def meals(self, batches: Sequence[Batch]) -> str:
        """Batches whose meals differ from the plan, by feed."""
        accounts = self.simulation.ledger.accounts
        planned: dict[tuple[str, str], tuple[int, int]] = {}
        for batch in batches:
            for account, (kg, cost) in _eaten(self.simulation, batch).items():
                key = batch.name, accounts[account].feed_name
                before = planned.get(key, (0, 0))
                planned[key] = before[0] + kg, before[1] + cost
        return text.query(
            text.picked(batches),
            text.table(
                "planned",
                {"batch": "text", "feed": "text", "kg": "numeric", "cost": "numeric"},
                ((*key, f"{kg / 100:.2f}", f"{cost / 100:.2f}") for key, (kg, cost) in sorted(planned.items())),
            ),
            """
            found AS (
              SELECT p.batch, f.name AS feed, m.kg, m.cost FROM (
                SELECT batch_id, feed_id, sum(amount_kg) AS kg, sum(feed_cost) AS cost
                FROM inventory_feedingevent GROUP BY batch_id, feed_id
              ) m
              JOIN picked p ON p.id = m.batch_id
              JOIN inventory_feed f ON f.id = m.feed_id
            )""",
            """
            SELECT coalesce(p.batch, f.batch) AS batch, coalesce(p.feed, f.feed) AS feed,
              p.kg AS planned_kg, f.kg AS found_kg, p.cost AS planned_cost, f.cost AS found_cost
            FROM planned p FULL JOIN found f ON f.batch = p.batch AND f.feed = p.feed
            WHERE p.kg IS DISTINCT FROM f.kg OR p.cost IS DISTINCT FROM f.cost
            ORDER BY 1, 2
            """,
        )

    def shares(self, batches: Sequence[Batch]) -> str:
        """Stages of a batch whose meals are another share of the biomass than they say, or were given to other biomass than was there."""
        rounding = defaults("feed_stock")
        planned = ((batch.name, stay.order, f"{_biomass(self.simulation, batch, stay):.2f}") for batch in batches for stay in batch.stays)
        return text.query(
            text.picked(batches),
            text.table("planned", {"batch": "text", "stage": "int", "kg": "numeric"}, planned),
            f"""
            fed AS (
              SELECT batch_assignment_id, count(*) AS meals, sum(batch_biomass_kg) AS kg,
                count(*) FILTER (WHERE abs(feeding_percentage - 100 * amount_kg / nullif(batch_biomass_kg, 0))
                  > {rounding["rounding_percent"]}) AS off
              FROM inventory_feedingevent GROUP BY batch_assignment_id
            )""",
            f"""
            SELECT p.batch, s.name AS stage, sum(f.meals) AS meals, sum(f.off) AS percentages_off, n.kg AS planned_biomass_kg,
              sum(f.kg) AS biomass_kg
            FROM picked p
            JOIN batch_batchcontainerassignment a ON a.batch_id = p.id
            JOIN batch_lifecyclestage s ON s.id = a.lifecycle_stage_id
            JOIN fed f ON f.batch_assignment_id = a.id
            LEFT JOIN planned n ON n.batch = p.batch AND n.stage = s."order"
            GROUP BY p.batch, s.name, s."order", n.kg
            HAVING sum(f.off) > 0 OR n.kg IS NULL OR abs(sum(f.kg) - n.kg) > {rounding["rounding"]} * sum(f.meals)
            ORDER BY p.batch, s."order"
            """,
        )

    def balance(self, batches: Sequence[Batch]) -> str:
        """Silos and barges whose feed does not add up."""
        return text.query(
            *self._books(),
            """
            SELECT *, bought - eaten - eaten_by_missing - in_stock AS difference FROM (
              SELECT a.feed_container, a.feed, coalesce(s.bought, 0) AS bought, coalesce(e.kg, 0) AS eaten,
                coalesce(w.kg, 0) AS eaten_by_missing, coalesce(s.kg, 0) AS in_stock, e.batches
              FROM accounts a
              LEFT JOIN stocks s USING (feed_container_id, feed_id)
              LEFT JOIN eaten e USING (feed_container_id, feed_id)
              LEFT JOIN away w USING (feed_container, feed)
            ) books
            WHERE bought - eaten - eaten_by_missing - in_stock <> 0
            ORDER BY feed_container, feed
            """,
        )

    def costs(self, batches: Sequence[Batch]) -> str:
        """Silos and barges whose meals cost something else than what was taken from their deliveries."""
        return text.query(
            *self._books(),
            f"""
            SELECT a.feed_container, a.feed, s.paid AS taken, coalesce(e.cost, 0) AS meals, coalesce(w.cost, 0) AS meals_of_missing,
              round(s.paid - coalesce(e.cost, 0) - coalesce(w.cost, 0), 4) AS difference, e.batches
            FROM stocks s
            JOIN accounts a USING (feed_container_id, feed_id)
            LEFT JOIN eaten e USING (feed_container_id, feed_id)
            LEFT JOIN away w USING (feed_container, feed)
            WHERE abs(s.paid - coalesce(e.cost, 0) - coalesce(w.cost, 0)) > {defaults("feed_stock")["rounding"]}
            ORDER BY a.feed_container, a.feed
            """,
        )

    def ledger(self, batches: Sequence[Batch]) -> str:
        """Silos and barges that give out feed before it has come, with the first such day; deliveries come before meals."""
        return text.query(
            text.picked(self.built),
            _FEEDERS,
            *self.deliveries.ours(),
            """
            moves AS (
              SELECT s.feed_container_id, p.feed_id, (s.entry_date AT TIME ZONE 'UTC')::date AS day, p.quantity_kg AS kg
              FROM inventory_feedcontainerstock s JOIN ours p ON p.id = s.feed_purchase_id
              UNION ALL
              SELECT f.feed_container_id, m.feed_id, m.feeding_date, -sum(m.amount_kg)
              FROM inventory_feedingevent m JOIN feeders f ON f.assignment_id = m.batch_assignment_id
              GROUP BY f.feed_container_id, m.feed_id, m.feeding_date
            )""",
            """
            levels AS (
              SELECT feed_container_id, feed_id, day, sum(sum(kg)) OVER (PARTITION BY feed_container_id, feed_id ORDER BY day) AS level
              FROM moves GROUP BY feed_container_id, feed_id, day
            )""",
            """
            SELECT DISTINCT ON (k.name, f.name) k.name AS feed_container, f.name AS feed, l.day, l.level AS level_kg
            FROM levels l
            JOIN infrastructure_feedcontainer k ON k.id = l.feed_container_id
            JOIN inventory_feed f ON f.id = l.feed_id
            WHERE l.level < 0
            ORDER BY k.name, f.name, l.day
            """,
        )

    def stocks(self) -> tuple[str, ...]:
        """What every silo and barge bought, holds, and paid for what it has given out."""
        return (
            *self.deliveries.ours(),
            """
            stocks AS (
              SELECT s.feed_container_id, p.feed_id, sum(p.quantity_kg) AS bought, sum(s.quantity_kg) AS kg,
                sum((p.quantity_kg - s.quantity_kg) * p.cost_per_kg) AS paid
              FROM inventory_feedcontainerstock s JOIN ours p ON p.id = s.feed_purchase_id
              GROUP BY s.feed_container_id, p.feed_id
            )""",
        )

    def _books(self) -> tuple[str, ...]:
        accounts = self.simulation.ledger.accounts
        away = (
            (accounts[account].feeder_name, accounts[account].feed_name, f"{kg / 100:.2f}", f"{cost / 100:.2f}")
            for account, (kg, cost) in sorted(self.away.items())
        )
        columns = {"feed_container": "text", "feed": "text", "kg": "numeric", "cost": "numeric"}
        return (
            text.picked(self.built),
            _FEEDERS,
            _ACCOUNTS,
            _EATEN,
            *self.stocks(),
            text.table("away", columns, away),
        )
