"""Factories of harvests: grades, events and lots."""

from __future__ import annotations

from decimal import Decimal

from pytest_aquadata.factories.base import StampedFactory, related
from pytest_aquadata.factories.batch import BatchContainerAssignmentFactory
from pytest_aquadata.factories.untyped import factory
from pytest_aquadata.plan import masterdata
from pytest_aquadata.scenario.profile import load_profile

_GRADES = {grade["code"]: grade for grade in masterdata.document("finance")["grades"]}
_HARVEST = load_profile("guide").harvest


def _share(live_kg: Decimal, percent: Decimal) -> Decimal:
    return (live_kg * percent / 100).quantize(Decimal("0.001"))


class ProductGradeFactory(StampedFactory):
    """A product grade of the farm."""

    class Meta:
        """Table harvest_productgrade."""

        model = "harvest.ProductGrade"
        django_get_or_create = ("code",)

    code = next(iter(_GRADES))
    name = factory.LazyAttribute(lambda grade: _GRADES.get(grade.code, {}).get("name", grade.code))
    description = factory.LazyAttribute(lambda grade: _GRADES.get(grade.code, {}).get("description", ""))


class HarvestEventFactory(StampedFactory):
    """The harvest of one ring."""

    class Meta:
        """Table harvest_harvestevent."""

        model = "harvest.HarvestEvent"

    assignment = factory.SubFactory(BatchContainerAssignmentFactory, stage_order=6)
    batch = related("assignment.batch")
    event_date = factory.SelfAttribute("clock")
    dest_geography = related("assignment.container.area.geography")
    dest_subsidiary = "LG"
    document_ref = factory.Sequence(lambda n: f"HRV-{n + 1:05d}")


class HarvestLotFactory(StampedFactory):
    """The fish of one grade in a harvest."""

    class Meta:
        """Table harvest_harvestlot."""

        model = "harvest.HarvestLot"

    event = factory.SubFactory(HarvestEventFactory)
    product_grade = factory.SubFactory(ProductGradeFactory)
    unit_count = 1000
    live_weight_kg = Decimal("5000.000")
    gutted_weight_kg = factory.LazyAttribute(lambda lot: _share(lot.live_weight_kg, _HARVEST.gutted_percent))
    fillet_weight_kg = factory.LazyAttribute(lambda lot: _share(lot.live_weight_kg, _HARVEST.fillet_percent))
