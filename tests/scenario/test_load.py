"""What a good scenario becomes: values, defaults, extends, overrides, places, and the text that is digested."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from pytest_aquadata.scenario.load import SHIPPED, find_scenario, load_scenario
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.names import STANDARD
from pytest_aquadata.scenario.worldfile import world

TODAY = date(2025, 11, 21)
REPO = Path(__file__).parents[2]
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file below the project folder and gives its path."""

    def write_file(text: str, name: str = "scenarios/x.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def load(tmp_path: Path, write: Write) -> Callable[..., Scenario]:
    """Loads a text as scenarios/x.yaml, with overrides."""
    return lambda text, *overrides: load_scenario(write(text), overrides, today=TODAY, root=tmp_path)


def test_defaults(load: Callable[..., Scenario]) -> None:
    scenario = load("batches: 4\n")
    assert (scenario.name, scenario.seed, scenario.as_of, scenario.youngest) == ("x", 1, TODAY, 50)
    assert (scenario.eggs.low, scenario.eggs.high) == (3_000_000, 3_780_000)
    assert (scenario.harvest_weight.low, scenario.harvest_weight.high) == (4_500, 6_500)
    assert scenario.readings.times == (360, 480, 600, 840, 960, 1080)
    assert scenario.feeding.times == (480, 960)
    assert (scenario.saturation, scenario.planning, scenario.fallow, scenario.profile) == (0.85, "exact", 0, "guide")
    assert [use.name for use in scenario.geographies] == ["Faroe Islands", "Scotland"]
    assert [use.code for use in scenario.geographies] == ["FAR", "SCO"]
    assert scenario.geographies[0].spec == world()["Faroe Islands"]
    assert list(scenario.criteria) == list(STANDARD)


def test_the_name_of_the_file_becomes_one_of_a_database(write: Write) -> None:
    assert load_scenario(write("batches: 1\n", "Our Farm (2).yaml"), today=TODAY).name == "our-farm-2"


def test_every_form_of_a_value(load: Callable[..., Scenario]) -> None:
    scenario = load(
        """
        as_of: today
        years: 4.25 years
        stagger: 2 weeks
        saturation: 85 %
        eggs: 3.0..3.78M
        harvest_weight: 5 kg
        readings: {times: [18:00, '06:00', 14:00]}
        temperatures:
          freshwater: 12
          sea: [7, 7, 7, 7, 8, 9, 10, 11, 11, 10, 9, 8.25]
        streams: {readings: no}
        growth_samples: {every: 1 week, fish: 40}
        """
    )
    assert (scenario.years, scenario.stagger, scenario.saturation) == (4.25, 14, 0.85)
    assert (scenario.eggs.low, scenario.harvest_weight.low, scenario.harvest_weight.high) == (3_000_000, 5_000, 5_000)
    assert scenario.readings.times == (360, 840, 1080)
    assert scenario.temperatures is not None
    assert scenario.temperatures.freshwater == (12_000,) * 12
    assert scenario.temperatures.sea[-1] == 8_250
    assert (scenario.streams.readings, scenario.streams.feeding) == (False, True)
    assert (scenario.growth_samples.every, scenario.growth_samples.fish) == (7, 40)


def test_criteria_as_list_or_mapping(load: Callable[..., Scenario]) -> None:
    text = """
        batches: 1
        criteria:
          - rows
          - survival: {min: 83 %, max: 0.87, warn_min: 84 %}
          - mine: {rows: "SELECT id FROM batch_batch WHERE false;"}
        """
    criteria = load(text).criteria
    assert list(criteria) == ["rows", "survival", "mine"]
    assert (criteria["survival"].min, criteria["survival"].max, criteria["survival"].warn_min) == (0.83, 0.87, 0.84)
    assert criteria["mine"].rows == "SELECT id FROM batch_batch WHERE false"
    assert [criterion.line for criterion in criteria.values()] == [4, 5, 6]
    mapping = load("batches: 1\ncriteria:\n  rows:\n  harvest_weight: {min: 4.5 kg}\n").criteria
    assert list(mapping) == ["rows", "harvest_weight"]
    assert mapping["harvest_weight"].min == 4500
    assert list(load("batches: 1\ncriteria: {survival: false}\n").criteria) == [n for n in STANDARD if n != "survival"]


def test_a_word_for_all_standard_criteria(load: Callable[..., Scenario]) -> None:
    listed = load("batches: 1\ncriteria:\n  - survival: {min: 80 %}\n  - standard\n  - mine: {rows: SELECT 1}\n").criteria
    assert list(listed) == [*STANDARD, "mine"]
    assert (listed["survival"].min, listed["fcr"].min) == (0.8, None)
    assert (listed["survival"].line, listed["fcr"].line, listed["mine"].line) == (3, 4, 5)
    mapped = load("batches: 1\ncriteria: {standard: , fcr: false}\n").criteria
    assert list(mapped) == [name for name in STANDARD if name != "fcr"]


def test_a_geography_of_ones_own(load: Callable[..., Scenario]) -> None:
    halls = ", ".join(f"{{letter: {c}, stage: {s}, containers: 4}}" for c, s in zip("ABCDE", world_stages(), strict=True))
    scenario = load(
        f"""
        batches: 2
        geographies:
          - Scotland
          - name: Ílha
            currency: USD
            stations: [{{name: "IL-FW-{{n}}", count: 2, latitude: 40, longitude: -20, halls: [{halls}]}}]
            areas: [{{name: IL-SEA, latitude: 40, longitude: -20, rings: 12, barges: 1}}]
        """
    )
    own = scenario.geographies[1]
    assert (own.code, own.spec.currency, own.spec.stations[0].names()) == ("ILH", "USD", ("IL-FW-01", "IL-FW-02"))
    assert own.takes_turns
    assert own.in_full


def world_stages() -> tuple[str, ...]:
    return ("Egg&Alevin", "Fry", "Parr", "Smolt", "Post-Smolt")


def test_the_world_has_the_shape_of_the_model() -> None:
    assert list(world()) == ["Scotland", "Faroe Islands", "Test Geography"]
    assert [spec.missing() for spec in world().values()][:2] == ["", ""]


def test_extends_merges_mappings_and_replaces_lists(load: Callable[..., Scenario], write: Write) -> None:
    write(
        """
        name: base
        batches: 4
        stagger: 13
        readings: {times: [06:00]}
        streams: {readings: false, feeding: false}
        criteria: {rows: , survival: {min: 80 %, max: 90 %}}
        geographies: [Scotland]
        """,
        "scenarios/base.yaml",
    )
    scenario = load(
        """
        extends: base
        stagger: null
        readings: {times: [08:00, 12:00]}
        streams: {feeding: true}
        criteria: {survival: {min: 82 %}, rows: false, fcr: }
        geographies: [Faroe Islands]
        """
    )
    assert (scenario.name, scenario.batches, scenario.stagger) == ("x", 4, None)
    assert scenario.readings.times == (480, 720)
    assert (scenario.streams.readings, scenario.streams.feeding) == (False, True)
    assert {name: (c.min, c.max) for name, c in scenario.criteria.items()} == {
        "survival": (0.82, 0.9),
        "fcr": (None, None),
    }
    assert [use.name for use in scenario.geographies] == ["Faroe Islands"]
    assert scenario.lines["batches"] == 2
    assert scenario.lines["criteria.survival.min"] == 6
    assert scenario.text.lstrip().startswith("extends: base")


def test_extends_by_path_and_of_the_shipped_namesake(load: Callable[..., Scenario], write: Write, tmp_path: Path) -> None:
    write("batches: 3\n", "shared/base.yml")
    assert load("extends: ../shared/base.yml\n").batches == 3
    smoke = load_scenario(write("extends: smoke\nseed: 7\n", "scenarios/smoke.yaml"), today=TODAY, root=tmp_path)
    assert (smoke.seed, smoke.batches) == (7, 1)


def test_overrides(load: Callable[..., Scenario]) -> None:
    scenario = load(
        "batches: 4\nstagger: 13\nreadings: {times: [06:00]}\n",
        "stagger=11 days",
        "geographies.0.batches=3",
        "geographies.Scotland.temperatures={freshwater: 12, sea: 9}",
        "criteria.survival.min=80 %",
        "criteria.fcr=false",
        "readings.times=[06:00, 14:00]",
        "streams.projection=false",
    )
    assert scenario.stagger == 11
    assert [use.batches for use in scenario.geographies] == [3, None]
    assert scenario.geographies[1].temperatures is not None
    assert scenario.criteria["survival"].min == 0.8
    assert list(scenario.criteria) == [name for name in STANDARD if name != "fcr"]
    assert scenario.readings.times == (360, 840)
    assert not scenario.streams.projection


def test_an_override_without_value_drops_the_key(load: Callable[..., Scenario]) -> None:
    scenario = load("batches: 4\nstagger: 13\nstart: 2025-01-01\n", "batches=", "start=null", "years=2")
    assert (scenario.batches, scenario.years, scenario.start, scenario.stagger) == (None, 2.0, None, 13)


def test_places_of_declarations(load: Callable[..., Scenario]) -> None:
    scenario = load("# farm\nbatches: 4\ngeographies:\n  - Scotland\n  - name: Faroe Islands\n    code: FI\n", "seed=3")
    assert scenario.lines["batches"] == 2
    assert scenario.lines["geographies.1.code"] == 6
    assert "seed" not in scenario.lines
    assert scenario.criteria["rows"].line == 1
    assert scenario.source.name == "x.yaml"


def test_resolved_is_canonical_and_says_nothing_of_the_file(load: Callable[..., Scenario]) -> None:
    one = load("batches: 2\nstagger: 14\n")
    two = load("# the same\nstagger: 2 weeks\nbatches: 2\nas_of: 2025-11-21\n")
    assert one.resolved() == two.resolved()
    values = json.loads(one.resolved())
    assert values["as_of"] == "2025-11-21"
    assert values["geographies"][0]["spec"]["stations"]
    assert not {"source", "lines", "text"} & set(values)
    assert load("batches: 2\nstagger: 15\n").resolved() != one.resolved()


def test_today_is_the_callers_day(write: Write) -> None:
    path = write("batches: 1\n")
    days = {load_scenario(path, today=TODAY + timedelta(days=n)).as_of for n in range(2)}
    assert days == {TODAY, TODAY + timedelta(days=1)}


def test_a_scenario_travels_to_a_worker(load: Callable[..., Scenario]) -> None:
    scenario = load("batches: 2\n")
    copy = pickle.loads(pickle.dumps(scenario))
    assert copy == scenario
    assert (copy.lines, copy.source, copy.text) == (scenario.lines, scenario.source, scenario.text)


@pytest.mark.parametrize("name", sorted(path.stem for path in SHIPPED.glob("*.yaml")))
def test_shipped_scenarios_load(name: str) -> None:
    path = find_scenario(name, REPO)
    assert path == REPO / "scenarios" / f"{name}.yaml"
    scenario = load_scenario(path, today=TODAY, root=REPO)
    assert scenario.name == name
    assert scenario.description


def test_smoke_is_200_days() -> None:
    smoke = load_scenario(find_scenario("smoke", REPO), today=TODAY)
    assert smoke.start is not None
    assert (smoke.as_of - smoke.start).days == 200
    assert (smoke.batches, smoke.eggs.low, smoke.eggs.high) == (1, 3_500_000, 3_500_000)
