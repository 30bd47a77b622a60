"""Finance: a fact for every lot harvested, and what one company of the geography owes the other for smolts and for the harvest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from pytest_aquadata.plan import costs, masterdata
from pytest_aquadata.plan.harvest import harvest_of
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.clock import HARVEST, moments
from pytest_aquadata.streams.columns import Rows

FACT = "finance_factharvest"
TRANSACTION = "finance_intercompanytransaction"
_WORKFLOW, _EVENT = ("batch", "batchtransferworkflow"), ("harvest", "harvestevent")


class Finance:
    """Harvest facts and intercompany transactions; the transaction of the smolts is a batch's first."""

    name = "finance"

    def count(self, simulation: Simulation, batch: Batch) -> Mapping[str, int]:
        """A fact a lot; a transaction for the move to sea and for every lot, each of which has its own event and grade."""
        lots = sum(len(lots) for _, lots in harvest_of(simulation.profile, batch))
        return {FACT: lots, TRANSACTION: lots + int(costs.went_to_sea(simulation, batch))}

    def rows(self, plan: Plan, batch: Batch) -> Iterator[Rows]:
        """Facts, then transactions, in the order of the lots."""
        sales = costs.sales_of(plan.simulation, batch)
        slots = [sale.slot for sale in sales]
        events = plan.first(batch, "harvest_harvestevent") + np.unique(slots, return_inverse=True)[1].astype(np.int64)
        if sales:
            yield self._facts(plan, batch, sales, events)
        if costs.went_to_sea(plan.simulation, batch):
            yield from self._transactions(plan, batch, sales, events)

    def _facts(self, plan: Plan, batch: Batch, sales: Sequence[costs.Sale], events: columns.Values) -> Rows:
        rings = batch.stays[-1].containers
        sites = [plan.simulation.world.site_of(rings[sale.slot]) for sale in sales]
        moment = columns.stamps(moments(batch.start + batch.age, HARVEST))
        return Rows(
            FACT,
            len(sales),
            {
                "fact_id": columns.numbers(FACT, plan.numbers(batch, FACT)),
                "event_date": moment,
                "quantity_kg": columns.fixed([sale.lot.live_g for sale in sales], 3),
                "unit_count": columns.ints([sale.lot.fish for sale in sales]),
                "dim_batch_id": columns.numbers("batch_batch", batch.number),
                "created_at": moment,
                "updated_at": moment,
                "dim_company_id": columns.numbers("finance_dimcompany", [site.company for site in sites]),
                "dim_site_id": columns.numbers("finance_dimsite", [site.number for site in sites]),
                "event_id": columns.numbers("harvest_harvestevent", events),
                "lot_id": columns.numbers("harvest_harvestlot", plan.numbers(batch, "harvest_harvestlot")),
                "product_grade_id": columns.numbers("harvest_productgrade", [sale.lot.grade for sale in sales]),
            },
        )

    def _transactions(self, plan: Plan, batch: Batch, sales: Sequence[costs.Sale], events: columns.Values) -> Iterator[Rows]:
        """The smolts' and the harvest's apart, since they point at rows of different tables."""
        simulation = plan.simulation
        world, numbers = simulation.world, plan.numbers(batch, TRANSACTION)
        policy = world.smolt_policy(batch.life.geography)
        workflow = plan.first(batch, "batch_batchtransferworkflow") + len(batch.stays) - 2
        put_out = batch.start + batch.stays[-1].first

        def rows(number: columns.Values, day: int, kind: tuple[str, str], table: str, source: ArrayLike, **own: columns.Column) -> Rows:
            moment = columns.stamps(moments(day, HARVEST))
            return Rows(
                TRANSACTION,
                len(number),
                {
                    "tx_id": columns.numbers(TRANSACTION, number),
                    "posting_date": columns.dates(day),
                    "amount": own["amount"],
                    "currency": columns.text(world.geographies[batch.life.geography - 1].currency),
                    "state": columns.text(masterdata.document("finance")["transaction_state"]),
                    "created_at": moment,
                    "updated_at": moment,
                    "event_id": own["event"],
                    "policy_id": own["policy"],
                    "content_type_id": columns.numbers("django_content_type", masterdata.content_types()[kind]),
                    "object_id": columns.numbers(table, source),
                    "approved_by_id": columns.nulls(),
                    "approval_date": columns.nulls(),
                },
            )

        yield rows(
            numbers[:1],
            put_out,
            _WORKFLOW,
            "batch_batchtransferworkflow",
            workflow,
            amount=columns.fixed(costs.smolt_amount(simulation, batch), 2),
            event=columns.nulls(),
            policy=columns.numbers("finance_intercompanypolicy", policy.number),
        )
        if sales:
            yield rows(
                numbers[1:],
                batch.start + batch.age,
                _EVENT,
                "harvest_harvestevent",
                events,
                amount=columns.fixed([sale.amount for sale in sales], 2),
                event=columns.numbers("harvest_harvestevent", events),
                policy=columns.numbers("finance_intercompanypolicy", [sale.policy for sale in sales]),
            )
