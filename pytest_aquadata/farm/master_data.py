"""Master data as unsaved Django objects, made by factories from ``data/*.yaml`` and the profile.

The plan number of every row is its primary key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Model

from pytest_aquadata import factories as make
from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.farmrows import fcr_ranges
from pytest_aquadata.plan.life import Climate
from pytest_aquadata.plan.losses import loss_models
from pytest_aquadata.plan.stages import StageValues, stage_values
from pytest_aquadata.plan.temperature import daily_millidegrees
from pytest_aquadata.plan.world import Geography, World
from pytest_aquadata.scenario.profile import Profile

Objects = list[Model]


def people(clock: datetime) -> Iterator[Objects]:
    """Users, and the content types that intercompany transactions point at."""
    yield [
        make.UserFactory.build(id=number, clock=clock, **user)
        for number, user in enumerate(masterdata.document("people")["users"], start=1)
    ]
    yield [
        make.ContentTypeFactory.build(id=number, app_label=app, model=model) for (app, model), number in masterdata.content_types().items()
    ]


def biology(profile: Profile, clock: datetime) -> Iterator[Objects]:
    """Species, lifecycle stages, feeds, egg suppliers, environmental parameters, product grades."""
    yield [make.SpeciesFactory.build(id=1, clock=clock)]
    yield [
        make.LifeCycleStageFactory.build(id=stage.order, species_id=1, order=stage.order, values=stage, clock=clock)
        for stage in stage_values(profile)
    ]
    yield [make.FeedFactory.build(id=number, name=name, clock=clock) for name, number in masterdata.feeds().items()]
    yield [
        make.EggSupplierFactory.build(id=number, name=supplier["name"], certifications=supplier["certifications"], clock=clock)
        for number, supplier in enumerate(masterdata.document("biology")["egg_suppliers"], start=1)
    ]
    yield [make.EnvironmentalParameterFactory.build(id=number, name=name, clock=clock) for name, number in masterdata.parameters().items()]
    yield [make.ProductGradeFactory.build(id=number, code=code, clock=clock) for code, number in masterdata.grades().items()]


def health(clock: datetime) -> Iterator[Objects]:
    """Health parameters with their scores, reasons of death, kinds of samples, vaccines, lice."""
    entries = masterdata.document("health")["health_parameters"]
    labels = masterdata.document("health")["score_labels"]
    yield [make.HealthParameterFactory.build(id=number, name=entry["name"], clock=clock) for number, entry in enumerate(entries, start=1)]
    yield [
        make.ParameterScoreDefinitionFactory.build(
            id=len(labels) * (parameter - 1) + score + 1,
            parameter_id=parameter,
            score_value=score,
            description=seen,
            clock=clock,
        )
        for parameter, entry in enumerate(entries, start=1)
        for score, seen in enumerate(entry["scores"])
    ]
    yield [make.MortalityReasonFactory.build(id=number, name=name) for name, number in masterdata.mortality_reasons().items()]
    yield [make.SampleTypeFactory.build(id=number, name=name) for name, number in masterdata.sample_types().items()]
    yield [make.VaccinationTypeFactory.build(id=number, name=name) for name, number in masterdata.vaccination_types().items()]
    yield [
        make.LiceTypeFactory.build(id=number, species=species, gender=gender, development_stage=stage, clock=clock)
        for (species, gender, stage), number in masterdata.lice_types().items()
    ]


def _monthly(geography: Geography, profile: Profile, climate: Climate | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Twelve means at sea and in freshwater, thousandths of a degree."""
    declared = climate or geography.spec.temperatures
    if declared is not None:
        return tuple(declared.sea), tuple(declared.freshwater)
    means = profile.temperatures
    sea, freshwater = means.sea_of(geography.spec.kin), means.freshwater
    return tuple(int(mean * 1000) for mean in sea), tuple(int(mean * 1000) for mean in freshwater)


def scenario_models(world: World, profile: Profile, clock: datetime, climates: Mapping[int, Climate]) -> Iterator[Objects]:
    """Temperature profiles, growth, feed conversion and mortality models, constraints: what scenarios share."""
    stages = stage_values(profile)
    yield from _temperatures(world, profile, clock, climates)
    yield from _growth_models(world, profile, clock)
    models = masterdata.document("scenario_models")
    yield [make.FCRModelFactory.build(model_id=masterdata.FCR_MODEL, name=models["fcr_model"]["name"], clock=clock)]
    yield [
        make.FCRModelStageFactory.build(
            id=masterdata.fcr_stage(stage.order),
            model_id=masterdata.FCR_MODEL,
            stage_id=stage.order,
            fcr_value=float(stage.fcr),
            duration_days=stage.days,
            clock=clock,
        )
        for stage in stages
    ]
    yield [
        make.FCRModelStageOverrideFactory.build(
            id=number,
            fcr_stage_id=masterdata.fcr_stage(order),
            min_weight_g=Decimal(str(low)),
            max_weight_g=Decimal(str(high)),
            fcr_value=stages[order - 1].fcr,
        )
        for number, (order, low, high) in enumerate(fcr_ranges(profile), start=1)
    ]
    yield [
        make.MortalityModelFactory.build(
            model_id=model.number, name=model.name, rate=float(masterdata.loss_percent(model.profile)), clock=clock
        )
        for model in loss_models(world, profile)
    ]
    yield [
        make.MortalityModelStageFactory.build(
            id=model.stage_number(stage.order),
            mortality_model_id=model.number,
            lifecycle_stage=stage.key,
            daily_rate_percent=stage.daily_percent,
            weekly_rate_percent=stage.weekly_percent,
        )
        for model in loss_models(world, profile)
        for stage in stage_values(model.profile)
    ]
    yield from _constraints(stages, clock)


def _temperatures(world: World, profile: Profile, clock: datetime, climates: Mapping[int, Climate]) -> Iterator[Objects]:
    terms = masterdata.document("scenario_models")["temperature_profiles"]
    first, days = date(terms["reference_year"], 1, 1), terms["days"]
    profiles: Objects = []
    readings: Objects = []
    for geography in world.takers:
        sea, freshwater = _monthly(geography, profile, climates.get(geography.number))
        for at_sea, monthly in ((True, sea), (False, freshwater)):
            number = world.temperature_profile(geography.number, at_sea)
            name = terms["sea" if at_sea else "freshwater"].format(geography=geography.name)
            profiles.append(make.TemperatureProfileFactory.build(profile_id=number, name=name, clock=clock))
            readings.extend(
                make.TemperatureReadingFactory.build(
                    reading_id=(number - 1) * days + day,
                    profile_id=number,
                    day_number=day,
                    temperature=millidegrees / 1000,
                    clock=clock,
                )
                for day, millidegrees in enumerate(daily_millidegrees(monthly, first, days).tolist(), start=1)
            )
    yield profiles
    yield readings


def _growth_models(world: World, profile: Profile, clock: datetime) -> Iterator[Objects]:
    terms = masterdata.document("scenario_models")["tgc_model"]
    yield [
        make.TGCModelFactory.build(
            model_id=world.tgc_model(geography.number),
            profile_id=world.temperature_profile(geography.number, at_sea=True),
            name=terms["name"].format(geography=geography.name),
            location=geography.name,
            tgc_value=float(profile.stages[-1].at(geography.spec.kin).tgc),
            clock=clock,
        )
        for geography in world.takers
    ]
    yield [
        make.TGCModelStageFactory.build(
            id=(world.tgc_model(geography.number) - 1) * len(profile.stages) + stage.order,
            tgc_model_id=world.tgc_model(geography.number),
            lifecycle_stage=stage.key,
            tgc_value=stage.tgc,
        )
        for geography in world.takers
        for stage in stage_values(profile.at(geography.spec.kin))
    ]


def _constraints(stages: tuple[StageValues, ...], clock: datetime) -> Iterator[Objects]:
    terms = masterdata.document("scenario_models")["constraint_set"]
    number = masterdata.CONSTRAINT_SET
    yield [
        make.BiologicalConstraintsFactory.build(
            id=number, name=terms["name"], description=terms["description"], created_by_id=1, clock=clock
        )
    ]
    yield [
        make.StageConstraintFactory.build(
            id=stage.order,
            constraint_set_id=number,
            lifecycle_stage=stage.key,
            min_weight_g=stage.weights[0],
            max_weight_g=stage.weights[1],
            min_temperature_c=stage.temperatures[0],
            max_temperature_c=stage.temperatures[1],
            typical_duration_days=stage.days,
            max_freshwater_weight_g=stage.freshwater_cap,
        )
        for stage in stages
    ]
