"""Factories of where eggs come from."""

from __future__ import annotations

from pytest_aquadata.factories.base import StampedFactory
from pytest_aquadata.factories.faked import faked
from pytest_aquadata.factories.infrastructure import FreshwaterStationFactory
from pytest_aquadata.factories.untyped import factory
from pytest_aquadata.plan import masterdata

_SUPPLIERS = masterdata.document("biology")["egg_suppliers"]


class EggSupplierFactory(StampedFactory):
    """A supplier of eggs; one of the farm's own unless `name` says otherwise."""

    class Meta:
        """Table broodstock_eggsupplier."""

        model = "broodstock.EggSupplier"
        django_get_or_create = ("name",)

    name = factory.Iterator([supplier["name"] for supplier in _SUPPLIERS])
    contact_details = faked("broodstock_eggsupplier.contact_details", "name", lambda fake: f"{fake.name()}\n{fake.phone_number()}")
    certifications = _SUPPLIERS[0]["certifications"]


class EggProductionFactory(StampedFactory):
    """A batch of eggs of the farm's own broodstock; only there to be pointed at."""

    class Meta:
        """Table broodstock_eggproduction."""

        model = "broodstock.EggProduction"

    egg_batch_id = factory.Sequence(lambda n: f"EGG-{n + 1:05d}")
    egg_count = 3_500_000
    production_date = factory.SelfAttribute("clock")
    source_type = "INTERNAL"
    destination_station = factory.SubFactory(FreshwaterStationFactory)
    pair_id = None
