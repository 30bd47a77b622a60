"""Factories of feed: what there is, what was bought, what lies in stock and what was eaten."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from pytest_aquadata.factories.base import EventFactory, StampedFactory, day, related
from pytest_aquadata.factories.batch import BatchContainerAssignmentFactory
from pytest_aquadata.factories.infrastructure import FeedContainerFactory
from pytest_aquadata.factories.untyped import factory
from pytest_aquadata.plan import masterdata
from pytest_aquadata.scenario.profile import load_profile

_FEEDS: dict[str, dict[str, Any]] = {feed["name"]: feed for feed in masterdata.document("biology")["feeds"]}
_STOCK = load_profile("guide").feed_stock


def _feed_value(column: str) -> Any:
    return factory.LazyAttribute(lambda feed: Decimal(str(_FEEDS[feed.like][column])))


class FeedFactory(StampedFactory):
    """A feed of the farm; a new `name` needs `like`, the feed it resembles."""

    class Meta:
        """Table inventory_feed."""

        model = "inventory.Feed"
        django_get_or_create = ("name",)

    class Params:
        """Values that are no columns."""

        like = factory.LazyAttribute(lambda feed: feed.name)

    name = next(iter(_FEEDS))
    brand = factory.LazyAttribute(lambda feed: _FEEDS[feed.like]["brand"])
    size_category = factory.LazyAttribute(lambda feed: _FEEDS[feed.like]["size_category"])
    pellet_size_mm = _feed_value("pellet_size_mm")
    protein_percentage = _feed_value("protein")
    fat_percentage = _feed_value("fat")
    carbohydrate_percentage = _feed_value("carbohydrate")
    description = factory.LazyAttribute(lambda feed: _FEEDS[feed.like]["description"])
    is_active = True


class FeedPurchaseFactory(StampedFactory):
    """Ten tonnes of feed, bought on the clock's day."""

    class Meta:
        """Table inventory_feedpurchase."""

        model = "inventory.FeedPurchase"

    feed = factory.SubFactory(FeedFactory)
    purchase_date = day()
    quantity_kg = Decimal("10000.00")
    cost_per_kg = factory.LazyAttribute(
        lambda purchase: _STOCK.prices.get(purchase.feed.name if purchase.feed else "", min(_STOCK.prices.values()))
    )
    supplier = _STOCK.suppliers[0]
    batch_number = factory.Sequence(lambda n: f"LOT-{n + 1:05d}")
    expiry_date = factory.LazyAttribute(lambda purchase: purchase.purchase_date + timedelta(days=_STOCK.expiry_days))
    notes = ""


class FeedContainerStockFactory(StampedFactory):
    """A whole purchase in a silo."""

    class Meta:
        """Table inventory_feedcontainerstock."""

        model = "inventory.FeedContainerStock"

    feed_container = factory.SubFactory(FeedContainerFactory)
    feed_purchase = factory.SubFactory(FeedPurchaseFactory)
    quantity_kg = factory.LazyAttribute(lambda stock: stock.feed_purchase.quantity_kg if stock.feed_purchase else Decimal("10000.00"))
    entry_date = factory.SelfAttribute("clock")


class FeedingEventFactory(EventFactory, StampedFactory):
    """A morning meal of fry."""

    class Meta:
        """Table inventory_feedingevent."""

        model = "inventory.FeedingEvent"

    batch_assignment = factory.SubFactory(BatchContainerAssignmentFactory, stage_order=2)
    batch = related("batch_assignment.batch")
    container = related("batch_assignment.container")
    feed = factory.SubFactory(FeedFactory)
    feeding_date = day()
    feeding_time = time(8)
    amount_kg = Decimal("10.0000")
    batch_biomass_kg = related("batch_assignment.biomass_kg")
    feeding_percentage = factory.LazyAttribute(lambda meal: (100 * meal.amount_kg / meal.batch_biomass_kg).quantize(Decimal("0.000001")))
    method = "AUTOMATIC"
    feed_cost = Decimal("25.00")
    recorded_by = None
    notes = ""
