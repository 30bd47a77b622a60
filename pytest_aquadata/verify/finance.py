"""Criteria `finance` and `money`: a fact for every lot, a transaction for every sale, and amounts that add up to the cent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify import text
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.clauses import Clause, count, select, verdict_of

_OFF = "the scenario leaves out finance"


@dataclass(frozen=True, slots=True)
class Finance:
    """Harvest facts and intercompany transactions, each at the right place, of the right companies, on the right day."""

    name: str = "finance"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Lots against facts, moves to sea and harvests against transactions."""
        expected = "a fact for every lot, a transaction for every sale between companies"
        if not plan.simulation.scenario.streams.finance:
            return Verdict("skip", expected, _OFF)
        clauses = [
            Clause("a fact for every lot, at the site of its ring's area and of the company that runs it", _query(_RINGS, _facts())),
            Clause("a transaction for every move to sea, at the policy's price per kg", _query(_smolts())),
            Clause("a transaction for every harvest and grade, by the policy of that grade", _query(_RINGS, _sales())),
        ]
        facts, transactions = (sum(plan.count(batch, table) for batch in built) for table in (_FACT, _TRANSACTION))
        return verdict_of(conn, clauses, built, expected, f"{count(facts, 'fact')}, {count(transactions, 'transaction')}")


@dataclass(frozen=True, slots=True)
class Money:
    """A harvest is sold for what it has cost and the policies' markup, to the cent."""

    name: str = "money"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Amounts against smolts and meals, lot by lot and batch by batch."""
        expected = "a harvest is sold for the cost of its smolts and of its feed at sea, plus the markup, to the cent"
        streams = plan.simulation.scenario.streams
        if not (streams.finance and streams.feeding):
            return Verdict("skip", expected, "the scenario leaves out feeding" if streams.finance else _OFF)
        clauses = [
            Clause("a batch's lots are sold for its cost plus the markup", _query(_COSTS, _SHARES, _TOTALS)),
            Clause("lots share the cost by live weight", _query(_COSTS, _SHARES, _LOTS)),
        ]
        verdict = verdict_of(conn, clauses, built, expected, "")
        if verdict.state != "pass":
            return verdict
        [(sold, kg)] = select(conn, _query(_COSTS, _SHARES, "SELECT coalesce(sum(amount), 0), coalesce(sum(kg), 0) FROM shares")(built))
        return Verdict("pass", expected, f"{kg:,.0f} kg sold for {sold:,.2f}")


_FACT, _TRANSACTION = "finance_factharvest", "finance_intercompanytransaction"


def _query(*parts: str) -> Callable[[Sequence[Batch]], str]:
    return lambda batches: text.query(text.picked(batches), *parts)


_RINGS = """
    rings AS (
      SELECT p.id AS batch_id, p.batch, e.id AS event_id, e.event_date, r.name AS container, r.area_id, a.geography_id
      FROM picked p
      JOIN harvest_harvestevent e ON e.batch_id = p.id
      JOIN batch_batchcontainerassignment s ON s.id = e.assignment_id
      JOIN infrastructure_container r ON r.id = s.container_id
      LEFT JOIN infrastructure_area a ON a.id = r.area_id
    )"""
"""Needs `picked`: every harvest event with its ring, the ring's area and geography."""


def _facts() -> str:
    site = masterdata.document("finance")["sites"]["area"]
    return f"""
    SELECT r.batch, r.container, g.code AS grade, l.unit_count, f.unit_count AS fact_count, l.live_weight_kg, f.quantity_kg,
      d.site_name, c.display_name AS company, f.event_date, f.dim_batch_id
    FROM rings r
    JOIN harvest_harvestlot l ON l.event_id = r.event_id
    JOIN harvest_productgrade g ON g.id = l.product_grade_id
    LEFT JOIN {_FACT} f ON f.lot_id = l.id
    LEFT JOIN finance_dimsite d ON d.site_id = f.dim_site_id
    LEFT JOIN finance_dimcompany c ON c.company_id = f.dim_company_id
    WHERE (f.unit_count, f.quantity_kg, f.event_id, f.product_grade_id, f.event_date, f.dim_batch_id)
        IS DISTINCT FROM (l.unit_count, l.live_weight_kg, l.event_id, l.product_grade_id, r.event_date, r.batch_id::integer)
      OR (d.source_model, d.source_pk, d.company_id) IS DISTINCT FROM ({text.literal(site["source"])}, r.area_id::integer, c.company_id)
      OR (c.subsidiary, c.geography_id) IS DISTINCT FROM ({text.literal(site["subsidiary"])}, r.geography_id)
    ORDER BY r.batch, r.container, g.code
    """


def _smolts() -> str:
    terms = masterdata.document("finance")["policies"]["smolt"]
    last = max(masterdata.stages().values())
    return f"""
    SELECT p.batch, w.workflow_number, w.total_biomass_kg, y.price_per_kg, t.amount, t.currency, t.posting_date, t.state,
      seller.display_name AS seller, buyer.display_name AS buyer
    FROM picked p
    JOIN batch_batchtransferworkflow w ON w.batch_id = p.id
    JOIN batch_lifecyclestage s ON s.id = w.dest_lifecycle_stage_id AND s."order" = {last}
    LEFT JOIN {_TRANSACTION} t ON t.tx_id = w.finance_transaction_id
    LEFT JOIN django_content_type k ON k.id = t.content_type_id
    LEFT JOIN finance_intercompanypolicy y ON y.policy_id = t.policy_id
    LEFT JOIN finance_dimcompany seller ON seller.company_id = y.from_company_id
    LEFT JOIN finance_dimcompany buyer ON buyer.company_id = y.to_company_id
    LEFT JOIN LATERAL (
      SELECT a.geography_id
      FROM batch_transferaction m
      JOIN batch_batchcontainerassignment d ON d.id = m.dest_assignment_id
      JOIN infrastructure_container c ON c.id = d.container_id
      JOIN infrastructure_area a ON a.id = c.area_id
      WHERE m.workflow_id = w.id LIMIT 1
    ) sea ON true
    WHERE (k.app_label, k.model, t.object_id) IS DISTINCT FROM ('batch', 'batchtransferworkflow', w.id::integer)
      OR t.event_id IS NOT NULL
      OR (y.lifecycle_stage_id, y.pricing_basis, y.method)
        IS DISTINCT FROM (w.source_lifecycle_stage_id, {text.literal(terms["pricing_basis"])}, {text.literal(terms["method"])})
      OR (seller.subsidiary, seller.geography_id) IS DISTINCT FROM ({text.literal(terms["from"])}, sea.geography_id)
      OR (buyer.subsidiary, buyer.geography_id) IS DISTINCT FROM ({text.literal(terms["to"])}, sea.geography_id)
      OR (t.amount, t.currency, t.posting_date, t.state)
        IS DISTINCT FROM (round(w.total_biomass_kg * y.price_per_kg, 2), seller.currency, w.actual_completion_date, {_state()})
    ORDER BY p.batch
    """


def _sales() -> str:
    terms = masterdata.document("finance")["policies"]["harvest"]
    return f"""
    SELECT r.batch, r.container, g.code AS grade, count(t.tx_id) AS transactions, min(t.amount) AS amount, min(t.currency) AS currency,
      min(t.posting_date) AS posting_date, min(t.state) AS state
    FROM rings r
    JOIN harvest_harvestlot l ON l.event_id = r.event_id
    JOIN harvest_productgrade g ON g.id = l.product_grade_id
    LEFT JOIN (
      {_TRANSACTION} t
      JOIN django_content_type k ON k.id = t.content_type_id AND (k.app_label, k.model) = ('harvest', 'harvestevent')
      JOIN finance_intercompanypolicy y ON y.policy_id = t.policy_id AND (y.pricing_basis, y.method)
        = ({text.literal(terms["pricing_basis"])}, {text.literal(terms["method"])})
      JOIN finance_dimcompany seller ON seller.company_id = y.from_company_id AND seller.subsidiary = {text.literal(terms["from"])}
      JOIN finance_dimcompany buyer ON buyer.company_id = y.to_company_id AND buyer.subsidiary = {text.literal(terms["to"])}
    ) ON t.event_id = r.event_id AND t.object_id = r.event_id AND y.product_grade_id = l.product_grade_id
      AND seller.geography_id = r.geography_id AND buyer.geography_id = r.geography_id
      AND (t.currency, t.posting_date, t.state) = (seller.currency, (r.event_date AT TIME ZONE 'UTC')::date, {_state()})
      AND t.amount IS NOT NULL
    GROUP BY r.batch, r.container, g.code, l.id
    HAVING count(t.tx_id) <> 1
    ORDER BY r.batch, r.container, g.code
    """


def _state() -> str:
    return text.literal(masterdata.document("finance")["transaction_state"])


_COSTS = f"""
    costs AS (
      SELECT p.id AS batch_id, p.batch, max(s.amount) AS smolts, coalesce(sum(m.cost), 0) AS feed
      FROM picked p
      JOIN batch_batchcontainerassignment a ON a.batch_id = p.id
      JOIN batch_lifecyclestage l ON l.id = a.lifecycle_stage_id AND l."order" = {max(masterdata.stages().values())}
      LEFT JOIN (SELECT batch_assignment_id, sum(feed_cost) AS cost FROM inventory_feedingevent GROUP BY batch_assignment_id) m
        ON m.batch_assignment_id = a.id
      LEFT JOIN (
        SELECT w.batch_id, t.amount FROM batch_batchtransferworkflow w JOIN {_TRANSACTION} t ON t.tx_id = w.finance_transaction_id
      ) s ON s.batch_id = p.id
      GROUP BY p.id, p.batch
    )"""
"""Needs `picked`: what the smolts of every batch at sea have cost, and what they have eaten there."""

_SHARES = f"""
    shares AS (
      SELECT c.batch, c.smolts, c.feed, r.name AS container, t.tx_id, t.amount, y.markup_percent, l.live_weight_kg AS kg,
        sum(l.live_weight_kg) OVER (PARTITION BY c.batch) AS whole_kg
      FROM costs c
      JOIN harvest_harvestevent e ON e.batch_id = c.batch_id
      JOIN harvest_harvestlot l ON l.event_id = e.id
      JOIN batch_batchcontainerassignment a ON a.id = e.assignment_id
      JOIN infrastructure_container r ON r.id = a.container_id
      LEFT JOIN (
        {_TRANSACTION} t JOIN finance_intercompanypolicy y ON y.policy_id = t.policy_id
      ) ON t.event_id = e.id AND y.product_grade_id = l.product_grade_id
    )"""
"""Every lot with its transaction, its batch's cost and its batch's weight."""

_TOTALS = """
    SELECT batch, smolts, feed, sold, round(due / parts, 2) AS due
    FROM (
      SELECT batch, smolts, feed, sum(amount) AS sold, sum((smolts + feed) * kg * (100 + markup_percent)) AS due,
        100 * max(whole_kg) AS parts
      FROM shares GROUP BY batch, smolts, feed
    ) t
    WHERE coalesce(sold, due) IS NOT NULL AND (200 * (sold * parts - due) > -parts AND 200 * (sold * parts - due) <= parts) IS NOT TRUE
    ORDER BY batch
    """
"""Whether `sold` is due / parts rounded half up: without a quotient, which DuckDB makes a double, and half a cent is common."""

_LOTS = """
    SELECT batch, container, tx_id, kg, whole_kg, amount, round((smolts + feed) * (100 + markup_percent) * kg / (100 * whole_kg), 2) AS due
    FROM shares
    WHERE abs(100 * amount * whole_kg - (smolts + feed) * (100 + markup_percent) * kg) > whole_kg
    ORDER BY batch, container, tx_id
    """
