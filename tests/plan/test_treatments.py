"""Treatments and lice: withholding never reaches the harvest, treatments keep apart, and each of them lowers the lice that follow."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from farms import planned
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_aquadata.plan import lice
from pytest_aquadata.plan.life import Life
from pytest_aquadata.plan.treatments import campaigns, campaigns_of, expected_lice, lice_days
from pytest_aquadata.scenario.profile import Profile, load_profile

GUIDE = load_profile("guide")
AT_SEA = GUIDE.first_days[-2]
LIFE = planned(ages=[40], geographies=["Scotland"]).batches[0].life


def ruled(**changes: object) -> Profile:
    """The guide's profile with other lice treatments."""
    rules = GUIDE.treatments.lice.model_copy(update=changes)
    return GUIDE.model_copy(update={"treatments": GUIDE.treatments.model_copy(update={"lice": rules})})


profiles = st.one_of(
    st.builds(
        lambda days, apart: ruled(days_at_sea=tuple(sorted(days)), apart_days=apart),
        st.lists(st.integers(0, 440), max_size=6),
        st.integers(1, 90),
    ),
    st.builds(
        lambda limit, apart, efficacy: ruled(limit=(Decimal(limit) / 100,) * 12, apart_days=apart, efficacy_percent=Decimal(efficacy)),
        st.integers(5, 200),
        st.integers(1, 90),
        st.integers(0, 100),
    ),
)


@settings(deadline=None)
@given(profiles, st.integers(AT_SEA + 1, GUIDE.first_days[-1]), st.integers(0, 2_000))
def test_withholding_is_over_on_the_day_of_harvest_and_treatments_keep_apart(profile: Profile, harvest: int, later: int) -> None:
    life: Life = replace(LIFE, harvest=harvest, start=LIFE.start + later)
    rules = profile.treatments.lice
    days = lice_days(profile, "Scotland", life)
    assert all(day >= 0 for day in days)
    assert all(AT_SEA + day + rules.duration_days + rules.withholding_days <= harvest for day in days)
    assert all(after - before >= rules.apart_days for before, after in pairwise(days))
    jabs = profile.treatments.vaccinations
    for campaign in campaigns(profile, "Scotland", life):
        held = (jabs if campaign.vaccine else rules).withholding_days + (jabs if campaign.vaccine else rules).duration_days
        assert campaign.age + held <= harvest


def test_fixed_days_come_forward_where_the_harvest_is_near_and_are_left_out_where_they_would_crowd() -> None:
    held = GUIDE.treatments.lice.duration_days + GUIDE.treatments.lice.withholding_days
    days = {harvest: lice_days(GUIDE, "Scotland", replace(LIFE, harvest=AT_SEA + harvest)) for harvest in (450, 300, 240, 190, 40)}
    assert days == {450: [150, 270], 300: [150, 300 - held], 240: [150], 190: [190 - held], 40: []}


def test_a_limit_is_kept_until_the_last_day_that_allows_a_treatment() -> None:
    profile = ruled(limit_by_geography={"Scotland": (Decimal("0.5"),) * 12})
    life = replace(LIFE, harvest=AT_SEA + 450)
    days = lice_days(profile, "Scotland", life)
    assert len(days) > 3
    assert days != lice_days(profile, "Faroe Islands", life) == list(GUIDE.treatments.lice.days_at_sea)
    put_out, rules = life.start + AT_SEA, profile.treatments.lice
    lived = days[-1] + 1
    females = lice.pressure(profile.lice, put_out, lived) * lice.left_by(rules, days, lived) * lice.leading_share(profile.lice)
    free = np.ones(lived, dtype=bool)
    for day in days:
        free[day : day + rules.apart_days] = False
    assert (females[free] <= 0.5).all()
    assert all(females[day] > 0.5 for day in days)


@given(st.integers(0, 300), st.integers(0, 100), st.integers(1, 120))
def test_a_treatment_takes_its_share_from_the_next_day_on_and_the_lice_come_back(day: int, efficacy: int, recovery: int) -> None:
    rules = ruled(efficacy_percent=Decimal(efficacy), recovery_days=recovery).treatments.lice
    left = lice.left_by(rules, [day], 500)
    assert (left[: day + 1] == 1).all()
    assert left[day + 1] == pytest.approx(1 - efficacy / 100)
    assert (np.diff(left[day + 1 :]) >= 0).all()
    assert (left[day + 1 + recovery :] == 1).all()
    assert (lice.left_by(rules, [day, day + 10], 500) <= left).all()


@given(st.integers(0, 20_000), st.integers(1, 450))
def test_pressure_has_no_jumps_but_the_steps_of_the_profile(put_out: int, days: int) -> None:
    pressure = lice.pressure(GUIDE.lice, put_out, days)
    steps = [day for day in GUIDE.lice.per_fish if 0 < day < days]
    change = np.abs(np.diff(pressure) / pressure[:-1])
    assert (np.delete(change, [day - 1 for day in steps]) < 0.02).all()
    assert (pressure > 0).all()
    assert (lice.pressure(GUIDE.lice, put_out, 450)[:days] == pressure).all()


def test_the_season_goes_around_its_mean() -> None:
    factors = [float(factor) for factor in GUIDE.lice.seasons]
    assert sum(factors) / 12 == pytest.approx(1.0)
    year = lice.pressure(GUIDE.lice.model_copy(update={"per_fish": {0: Decimal(1)}}), 19_723, 365)
    assert year.mean() == pytest.approx(1.0, abs=0.01)


def test_a_batch_has_had_the_treatments_of_its_past_only() -> None:
    young, old = (planned(ages=[age], geographies=["Scotland"]) for age in (250, 700))
    assert [campaign.age for campaign in campaigns_of(young, young.batches[0])] == [180, 210]
    assert [campaign.age for campaign in campaigns_of(old, old.batches[0])][:5] == [180, 210, 280, 310, 600]
    assert [campaign.vaccine for campaign in campaigns_of(old, old.batches[0])] == [1, 2, 3, 4, None, None]
    expected = expected_lice(old, old.batches[0])
    assert expected.shape == (250,)
    assert expected[151] < 0.2 * expected[150]
