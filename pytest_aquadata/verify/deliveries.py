"""Deliveries of feed, as `feed_stock` checks them: what was bought, at which price, and what is left of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.streams import feed_stock
from pytest_aquadata.verify import text
from pytest_aquadata.verify.bounds import defaults


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The queries. shared: other scenarios of the database buy feed, too."""

    simulation: Simulation
    shared: bool

    def stock(self, batches: Sequence[Batch]) -> str:
        """Stock that is negative or more than was bought, that came before its order, or is not there at all."""
        return text.query(
            *self.ours(),
            """
            SELECT p.batch_number AS delivery, k.name AS feed_container, f.name AS feed, p.purchase_date, s.entry_date,
              p.quantity_kg AS bought, s.quantity_kg AS in_stock
            FROM ours p
            LEFT JOIN inventory_feedcontainerstock s ON s.feed_purchase_id = p.id
            LEFT JOIN infrastructure_feedcontainer k ON k.id = s.feed_container_id
            LEFT JOIN inventory_feed f ON f.id = p.feed_id
            WHERE s.id IS NULL OR s.quantity_kg < 0 OR s.quantity_kg > p.quantity_kg
              OR (s.entry_date AT TIME ZONE 'UTC')::date < p.purchase_date
            ORDER BY p.purchase_date, p.id
            """,
        )

    def prices(self, batches: Sequence[Batch]) -> str:
        """Deliveries at another price than their feed's, or that do not keep as long as declared."""
        rules, rounding = self.simulation.profile.feed_stock, defaults("feed_stock")["rounding"]
        spread = float(rules.price_spread_percent) / 100.0
        prices = (
            (feed, float(price) * (1 - spread) - rounding, float(price) * (1 + spread) + rounding) for feed, price in rules.prices.items()
        )
        return text.query(
            *self.ours(),
            text.table("declared", {"feed": "text", "low": "numeric", "high": "numeric"}, prices),
            f"""
            SELECT p.batch_number AS delivery, f.name AS feed, p.purchase_date, p.cost_per_kg, d.low, d.high, p.expiry_date
            FROM ours p
            JOIN inventory_feed f ON f.id = p.feed_id
            LEFT JOIN declared d ON d.feed = f.name
            WHERE d.feed IS NULL OR p.cost_per_kg NOT BETWEEN d.low AND d.high
              OR p.expiry_date IS DISTINCT FROM p.purchase_date + {rules.expiry_days}
            ORDER BY p.purchase_date, p.id
            """,
        )

    def oldest_first(self, batches: Sequence[Batch]) -> str:
        """Deliveries of which was eaten while an older one of the same silo or barge is not gone."""
        return text.query(
            *self.ours(),
            """
            deliveries AS (
              SELECT s.id, s.feed_container_id, p.feed_id, p.batch_number AS delivery, s.entry_date, p.quantity_kg AS bought,
                s.quantity_kg AS in_stock,
                sum(s.quantity_kg) OVER (PARTITION BY s.feed_container_id, p.feed_id ORDER BY s.entry_date, s.id
                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS older_in_stock
              FROM inventory_feedcontainerstock s JOIN ours p ON p.id = s.feed_purchase_id
            )""",
            """
            SELECT k.name AS feed_container, f.name AS feed, d.delivery, d.entry_date, d.bought, d.in_stock, d.older_in_stock
            FROM deliveries d
            JOIN infrastructure_feedcontainer k ON k.id = d.feed_container_id
            JOIN inventory_feed f ON f.id = d.feed_id
            WHERE d.in_stock < d.bought AND d.older_in_stock > 0
            ORDER BY k.name, f.name, d.entry_date
            """,
        )

    def ours(self) -> tuple[str, ...]:
        """The purchases to look at: all, unless other scenarios share the database; then those with the plan's delivery numbers."""
        if not self.shared:
            return ("ours AS (SELECT * FROM inventory_feedpurchase)",)
        purchases = next(feed_stock.rows(self.simulation), None)
        lots = ", ".join(map(text.literal, purchases.columns["batch_number"].words)) if purchases else ""
        return (f"ours AS (SELECT * FROM inventory_feedpurchase WHERE batch_number IN ({lots or 'NULL'}))",)
