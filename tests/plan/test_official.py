"""The profile `official` by plan: on whatever day of the year a batch starts, its life lies within the figures that are cited."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from farms import planned
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_aquadata.plan import growth, lice
from pytest_aquadata.plan.life import Life, Lives
from pytest_aquadata.plan.losses import loss_model_of, loss_models
from pytest_aquadata.plan.treatments import lice_days
from pytest_aquadata.scenario.figures import Figure
from pytest_aquadata.scenario.load import SHIPPED, load_scenario
from pytest_aquadata.scenario.profile import load_profile
from pytest_aquadata.streams.registry import make_plan

OFFICIAL, GUIDE = load_profile("official"), load_profile("guide")
FARM = make_plan(load_scenario(SHIPPED / "official.yaml", today=date(2025, 11, 21))).simulation
SITES = {site.geography.name: site for site in FARM.calendar.sites}
LIVES = Lives(FARM.scenario, OFFICIAL)
AT_SEA = OFFICIAL.first_days[-2]

geographies = st.sampled_from(sorted(SITES))
starts = st.integers(18_262, 18_262 + 730)


def life_in(geography: str, start: int) -> Life:
    return LIVES.life(SITES[geography].climate, SITES[geography].geography, start, 1)


def figure(name: str, geography: str) -> Figure:
    return next(each for each in OFFICIAL.figures[name] if each.about(geography, None))


def within(value: float, cited: Figure) -> bool:
    return (cited.min is None or cited.min <= value) and (cited.max is None or value <= cited.max)


@settings(deadline=None)
@given(geographies, starts)
def test_time_at_sea_and_survival_are_as_published(geography: str, start: int) -> None:
    life = life_in(geography, start)
    kept = [1 - stage.loss_per_100k / 100_000 for stage in life.stages]
    smolts = np.prod([share**stage.days for share, stage in zip(kept[:-1], life.stages[:-1], strict=True)])
    assert within(smolts, figure("figure_freshwater_survival", geography))
    assert within(growth.grams(life.curve)[AT_SEA], figure("figure_smolt_weight", geography))
    for harvest in (life.harvest, life.latest):
        days = harvest - AT_SEA
        assert harvest < OFFICIAL.first_days[-1]
        assert within(days, figure("figure_days_at_sea", geography))
        assert within(kept[-1] ** days, figure("figure_sea_survival", geography))
        assert OFFICIAL.survival.min < smolts * kept[-1] ** days < OFFICIAL.survival.max


@settings(deadline=None)
@given(geographies, starts)
def test_fish_never_stand_still_once_they_feed(geography: str, start: int) -> None:
    life = life_in(geography, start)
    assert (np.diff(life.curve[OFFICIAL.first_days[1] : life.latest + 1]) > 0).all()


@settings(deadline=None)
@given(geographies, starts)
def test_lice_are_as_published(geography: str, start: int) -> None:
    life, rules = life_in(geography, start), OFFICIAL.treatments.lice
    days = life.harvest - AT_SEA
    treated = lice_days(OFFICIAL, geography, life)
    females = lice.pressure(OFFICIAL.lice, start + AT_SEA, days) * lice.left_by(rules, treated, days) * lice.leading_share(OFFICIAL.lice)
    assert within(females.mean(), figure("figure_lice", geography))
    assert within(females.max(), figure("figure_lice_peak", geography))


@settings(deadline=None)
@given(starts)
def test_a_limit_is_that_of_the_month(start: int) -> None:
    life, rules = life_in("Scotland", start), OFFICIAL.treatments.lice
    limits = rules.limit_of("Scotland")
    assert limits is not None
    days = lice_days(OFFICIAL, "Scotland", life)
    length = life.harvest - AT_SEA
    females = lice.pressure(OFFICIAL.lice, start + AT_SEA, length) * lice.left_by(rules, days, length) * lice.leading_share(OFFICIAL.lice)
    for day in days:
        month = date.fromordinal(date(1970, 1, 1).toordinal() + start + AT_SEA + day).month
        assert females[day] > float(limits[month - 1])


def test_growth_and_losses_differ_by_geography_in_the_sea_alone() -> None:
    faroe, scotland = OFFICIAL.at("Faroe Islands"), OFFICIAL.at("Scotland")
    assert faroe.stages[:-1] == scotland.stages[:-1]
    assert faroe.stages[-1].tgc > scotland.stages[-1].tgc
    assert faroe.stages[-1].mortality_percent < scotland.stages[-1].mortality_percent
    assert GUIDE.at("Faroe Islands") is GUIDE
    rates = {
        batch.life.geography: batch.stays[-1].deaths.sum() / batch.stays[-1].alive[:, :-1].sum()
        for batch in FARM.batches
        if batch.harvested
    }
    for number, rate in rates.items():
        name = FARM.world.geographies[number - 1].name
        assert rate == pytest.approx(float(OFFICIAL.at(name).stages[-1].mortality_percent) / 100, rel=0.01)


def test_there_is_a_mortality_model_for_each_geography_where_losses_differ() -> None:
    models = {model.number: model for model in loss_models(FARM.world, OFFICIAL)}
    for site in FARM.calendar.sites:
        model = models[loss_model_of(FARM.world, OFFICIAL, site.geography.number)]
        assert site.geography.name in model.name
        assert model.profile.stages == OFFICIAL.at(site.geography.name).stages
    guide = planned(ages=[40])
    assert [model.number for model in loss_models(guide.world, GUIDE)] == [1]
    assert {loss_model_of(guide.world, GUIDE, site.geography.number) for site in guide.calendar.sites} == {1}


def test_the_shipped_farm_has_every_stage_and_harvests_in_both_geographies() -> None:
    assert {batch.stays[-1].order for batch in FARM.batches if not batch.harvested} == {1, 2, 3, 4, 5, 6}
    assert {batch.life.geography for batch in FARM.batches if batch.harvested} == {site.geography.number for site in FARM.calendar.sites}
