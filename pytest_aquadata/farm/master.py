"""The farm before its first batch: every world and master row as an unsaved Django object with its plan number.

Factories make the objects, so that a test's hand-made objects and a built farm agree; `load` writes them with COPY. The
order respects foreign keys. All timestamps are the given clock's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from types import MappingProxyType

from django.db.models import Model

from pytest_aquadata.factories.base import Absent
from pytest_aquadata.farm import master_data, master_world
from pytest_aquadata.plan.life import Climate
from pytest_aquadata.plan.world import World
from pytest_aquadata.scenario.profile import Profile

Objects = list[Model]

NATURAL_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "auth_user": ("username",),
        "batch_lifecyclestage": ("name",),
        "batch_species": ("name",),
        "broodstock_eggsupplier": ("name",),
        "django_content_type": ("app_label", "model"),
        "environmental_environmentalparameter": ("name",),
        "finance_dimcompany": ("geography_id", "subsidiary"),
        "finance_dimsite": ("source_model", "source_pk"),
        "finance_intercompanypolicy": (
            "from_company_id",
            "to_company_id",
            "pricing_basis",
            "product_grade_id",
            "lifecycle_stage_id",
        ),
        "harvest_productgrade": ("code",),
        "health_healthparameter": ("name",),
        "health_licetype": ("species", "gender", "development_stage"),
        "health_mortalityreason": ("name",),
        "health_parameterscoredefinition": ("parameter_id", "score_value"),
        "health_sampletype": ("name",),
        "health_vaccinationtype": ("name",),
        "infrastructure_area": ("geography_id", "name"),
        "infrastructure_container": ("hall_id", "area_id", "name"),
        "infrastructure_containertype": ("name",),
        "infrastructure_feedcontainer": ("hall_id", "area_id", "name"),
        "infrastructure_freshwaterstation": ("geography_id", "name"),
        "infrastructure_geography": ("name",),
        "infrastructure_hall": ("freshwater_station_id", "name"),
        "infrastructure_sensor": ("container_id", "sensor_type"),
        "inventory_feed": ("name",),
        "scenario_biological_constraints": ("name",),
        "scenario_fcr_model_stage_override": ("fcr_stage_id", "min_weight_g"),
        "scenario_fcrmodel": ("name",),
        "scenario_fcrmodelstage": ("model_id", "stage_id"),
        "scenario_mortality_model_stage": ("mortality_model_id", "lifecycle_stage"),
        "scenario_mortalitymodel": ("name",),
        "scenario_stage_constraint": ("constraint_set_id", "lifecycle_stage"),
        "scenario_temperatureprofile": ("name",),
        "scenario_temperaturereading": ("profile_id", "day_number"),
        "scenario_tgc_model_stage": ("tgc_model_id", "lifecycle_stage"),
        "scenario_tgcmodel": ("name",),
    }
)
"""Columns by which a row is recognised in a database that has rows already. NULLs in them count as equal; a column that
ends in ``_id`` is a foreign key, and ``source_pk`` is one of the table that `rows.SOFT_REFERENCES` names."""


def master_objects(
    world: World, profile: Profile, clock: datetime, climates: Mapping[int, Climate] | None = None
) -> Iterator[tuple[type[Model], Objects]]:
    """Every world and master row, model by model, in an order in which foreign keys point backwards.

    clock: timestamp of all rows (aware, UTC). climates: temperatures by geography number, where a scenario changes
    them; the others have those of their own declaration, else the profile's. A model may come more than once (sites:
    stations, then areas). One that the application does not have is left out.
    """
    parts = chain(
        master_data.people(clock),
        master_data.biology(profile, clock),
        master_data.health(clock),
        master_world.places(world, clock),
        master_world.money(world, clock),
        master_data.scenario_models(world, profile, clock, climates or {}),
    )
    for objects in parts:
        if objects and not isinstance(objects[0], Absent):
            yield type(objects[0]), objects
