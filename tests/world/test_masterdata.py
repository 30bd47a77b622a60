"""Master data: the documented names, and figures that agree with the profile."""

from __future__ import annotations

import pytest

from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.farmrows import farm_rows, fcr_ranges
from pytest_aquadata.plan.world import build_world
from pytest_aquadata.scenario.profile import load_profile, profile_names
from pytest_aquadata.scenario.worldfile import world as specs


def test_feeds_are_the_six_exact_names() -> None:
    assert list(masterdata.feeds()) == [
        "Starter Feed 0.5mm",
        "Starter Feed 1.0mm",
        "Grower Feed 2.0mm",
        "Grower Feed 3.0mm",
        "Finisher Feed 4.5mm",
        "Finisher Feed 6.0mm",
    ]


def test_every_sensor_has_a_parameter_of_its_name() -> None:
    assert list(masterdata.parameters()) == [
        "Temperature",
        "Dissolved Oxygen",
        "pH",
        "CO2",
        "NO2",
        "NO3",
        "NH4",
        "Salinity",
    ]
    assert masterdata.sensor_parameters(at_sea=False) == (1, 2, 3, 4, 5, 6, 7)
    assert masterdata.sensor_parameters(at_sea=True) == (1, 2, 3, 8)


@pytest.mark.parametrize(
    ("numbers", "count"),
    [
        (masterdata.stages, 6),
        (masterdata.grades, 5),
        (masterdata.users, 4),
        (masterdata.vaccination_types, 4),
        (masterdata.mortality_reasons, 7),
        (masterdata.sample_types, 5),
        (masterdata.lice_types, 15),
        (masterdata.health_parameters, 9),
        (masterdata.egg_suppliers, 2),
        (masterdata.container_types, 6),
    ],
)
def test_counts(numbers, count) -> None:
    assert sorted(numbers().values()) == list(range(1, count + 1))


def test_egg_suppliers() -> None:
    names = {number: name for name, number in masterdata.egg_suppliers().items()}
    assert names[masterdata.egg_supplier_of("Faroe Islands")] == "AquaGen Norway"
    assert names[masterdata.egg_supplier_of("Scotland")] == "Marine Harvest Scotland"
    assert names[masterdata.egg_supplier_of("Anywhere")] == "Marine Harvest Scotland"


@pytest.mark.parametrize("name", profile_names())
def test_profiles_and_master_data_name_the_same_things(name: str) -> None:
    profile = load_profile(name)
    assert [stage.name for stage in profile.stages] == list(masterdata.stages())
    assert {feed for stage in profile.stages for feed in stage.feeds.values()} <= set(masterdata.feeds())
    assert set(profile.harvest.grades) <= set(masterdata.grades())
    assert set(profile.readings) == set(masterdata.parameters())
    assert set(profile.feed_stock.prices) == set(masterdata.feeds())


def test_loss_is_the_mean_over_the_days() -> None:
    profile = load_profile("guide")
    days = sum(stage.days for stage in profile.stages)
    lost = sum(float(stage.mortality_percent) * stage.days for stage in profile.stages)
    assert float(masterdata.loss_percent(profile)) == pytest.approx(lost / days, abs=0.0005)


def test_fcr_ranges_follow_the_pellets() -> None:
    ranges = fcr_ranges(load_profile("guide"))
    assert ranges[-2:] == [(6, 500.0, 2500.0), (6, 2500.0, 7000.0)]
    assert all(low < high for _, low, high in ranges)
    assert [before[2] for before in ranges[:-1]] == [after[1] for after in ranges[1:]]


def test_score_definitions_describe_every_score() -> None:
    health = masterdata.document("health")
    assert len(health["score_labels"]) == 4
    assert all(len(parameter["scores"]) == 4 for parameter in health["health_parameters"])
    assert farm_rows(build_world(list(specs().values())), load_profile("guide"))["health_parameterscoredefinition"] == 36


def test_rows_of_the_farm() -> None:
    rows = farm_rows(build_world(list(specs().values())), load_profile("guide"))
    assert rows["scenario_temperaturereading"] == 3_600
    assert rows["scenario_temperatureprofile"] == 4
    assert rows["finance_intercompanypolicy"] == 18
    assert rows["infrastructure_sensor"] == 11_060
    assert all(count > 0 for count in rows.values())
