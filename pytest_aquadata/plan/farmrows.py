"""Exact row counts of what belongs to the farm and to no batch: world, master data, shared scenario models.

The loader makes these rows as Django objects; a plan only has to know how many there are, without Django. Both follow
the same data files, and a test holds one against the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_aquadata.plan import losses, masterdata
from pytest_aquadata.plan.world import World
from pytest_aquadata.scenario.profile import Profile


def farm_rows(world: World, profile: Profile) -> dict[str, int]:
    """Rows by table; feed purchases and stock are not among them, since they follow from the batches."""
    biology, health = masterdata.document("biology"), masterdata.document("health")
    days = masterdata.document("scenario_models")["temperature_profiles"]["days"]
    takers, stages = len(world.takers), len(profile.stages)
    mortality_models = len(losses.loss_models(world, profile))
    return {
        "auth_user": len(masterdata.users()),
        "batch_lifecyclestage": stages,
        "batch_species": 1,
        "broodstock_eggsupplier": len(biology["egg_suppliers"]),
        "django_content_type": len(masterdata.content_types()),
        "environmental_environmentalparameter": len(masterdata.parameters()),
        "finance_dimcompany": len(world.companies),
        "finance_dimsite": len(world.sites),
        "finance_intercompanypolicy": len(world.policies),
        "harvest_productgrade": len(masterdata.grades()),
        "health_healthparameter": len(masterdata.health_parameters()),
        "health_licetype": len(masterdata.lice_types()),
        "health_mortalityreason": len(masterdata.mortality_reasons()),
        "health_parameterscoredefinition": sum(len(kind["scores"]) for kind in health["health_parameters"]),
        "health_sampletype": len(masterdata.sample_types()),
        "health_vaccinationtype": len(masterdata.vaccination_types()),
        "infrastructure_area": len(world.areas),
        "infrastructure_container": len(world.containers),
        "infrastructure_containertype": len(world.container_types),
        "infrastructure_feedcontainer": len(world.feed_containers),
        "infrastructure_freshwaterstation": len(world.stations),
        "infrastructure_geography": len(world.geographies),
        "infrastructure_hall": len(world.halls),
        "infrastructure_sensor": sum(len(container.parameters) for container in world.containers),
        "inventory_feed": len(masterdata.feeds()),
        "scenario_biological_constraints": 1,
        "scenario_fcr_model_stage_override": len(fcr_ranges(profile)),
        "scenario_fcrmodel": 1,
        "scenario_fcrmodelstage": stages,
        "scenario_mortality_model_stage": mortality_models * stages,
        "scenario_mortalitymodel": mortality_models,
        "scenario_stage_constraint": stages,
        "scenario_temperatureprofile": 2 * takers,
        "scenario_temperaturereading": 2 * takers * days,
        "scenario_tgc_model_stage": takers * stages,
        "scenario_tgcmodel": takers,
    }


def fcr_ranges(profile: Profile) -> Sequence[tuple[int, float, float]]:
    """The weights at which each pellet is fed: (order of the stage, from g, to g), one for every feed of a stage.

    They become the FCR model's rows by weight; a stage that is not fed has none.
    """
    ranges: list[tuple[int, float, float]] = []
    floor = float(profile.egg_weight_g)
    for order, stage in enumerate(profile.stages, start=1):
        starts = [max(float(least), floor) for least in sorted(stage.feeds)]
        ends = [*starts[1:], float(stage.cap_g)]
        ranges.extend((order, start, end) for start, end in zip(starts, ends, strict=False))
        floor = float(stage.cap_g)
    return ranges
