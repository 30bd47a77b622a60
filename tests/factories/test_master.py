"""The farm before its first batch: complete, in order, loadable, recognisable again, and the same every time."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest

from pytest_aquadata.factories.faked import FAKED
from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.farmrows import farm_rows
from pytest_aquadata.plan.life import Climate
from pytest_aquadata.plan.temperature import daily_millidegrees
from pytest_aquadata.plan.world import World, build_world
from pytest_aquadata.scenario.profile import load_profile
from pytest_aquadata.scenario.worldfile import world as specs

CLOCK = datetime(2020, 8, 30, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("farm")


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(list(specs().values()))


@pytest.fixture(scope="module")
def parts(farm_url, world):
    from pytest_aquadata.farm.master import master_objects

    return list(master_objects(world, load_profile("guide"), CLOCK))


def test_counts_are_those_of_the_plan(parts, world) -> None:
    counts = Counter()
    for model, objects in parts:
        counts[model._meta.db_table] += len(objects)
    assert counts == farm_rows(world, load_profile("guide"))


def test_numbers_are_dense(parts) -> None:
    numbers: dict[str, list[int]] = {}
    for model, objects in parts:
        numbers.setdefault(model._meta.db_table, []).extend(each.pk for each in objects)
    for table, held in numbers.items():
        assert sorted(held) == list(range(1, len(held) + 1)), table


def test_foreign_keys_point_backwards(parts) -> None:
    known: dict[str, set[int]] = {}
    for model, objects in parts:
        for field in model._meta.concrete_fields:
            if field.is_relation:
                keys = {getattr(each, field.attname) for each in objects} - {None}
                assert keys <= known.get(field.related_model._meta.db_table, set()), field
        known.setdefault(model._meta.db_table, set()).update(each.pk for each in objects)


def test_timestamps_are_the_clock(parts) -> None:
    for model, objects in parts:
        for column in {"created_at", "updated_at", "date_joined"} & {field.name for field in model._meta.concrete_fields}:
            assert {getattr(each, column) for each in objects} == {CLOCK}, model


def test_natural_keys_are_unique(parts) -> None:
    from pytest_aquadata.farm.master import NATURAL_KEYS

    seen: dict[str, Counter] = {}
    for model, objects in parts:
        table = model._meta.db_table
        columns = {field.column: field.attname for field in model._meta.concrete_fields}
        key = [columns[column] for column in NATURAL_KEYS[table]]
        seen.setdefault(table, Counter()).update(tuple(getattr(each, name) for name in key) for each in objects)
    assert set(seen) == set(NATURAL_KEYS)
    for table, keys in seen.items():
        assert keys.most_common(1)[0][1] == 1, table


def test_everything_loads(parts) -> None:
    from django.contrib.contenttypes.models import ContentType

    from pytest_aquadata.farm.batch.models import LifeCycleStage
    from pytest_aquadata.farm.infrastructure.models import Sensor

    for model, objects in parts:
        if model is not ContentType:  # migrations have made these
            for each in objects[:200]:
                blank = [field.name for field in model._meta.concrete_fields if not getattr(each, field.attname)]
                related = [field.name for field in model._meta.concrete_fields if field.is_relation]
                each.clean_fields(exclude=blank + related)
            model.objects.bulk_create(objects, batch_size=5_000)
    assert Sensor.objects.count() == 11_060
    assert LifeCycleStage.objects.get(order=5).name == "Post-Smolt"
    assert Sensor.objects.filter(container__area__geography__name="Faroe Islands").count() == 1_760


def test_content_types_exist_after_migration(parts) -> None:
    from django.contrib.contenttypes.models import ContentType

    for app, model in masterdata.content_types():
        assert ContentType.objects.filter(app_label=app, model=model).exists()


def test_it_is_quick(world) -> None:
    from pytest_aquadata.farm.master import master_objects

    started = time.perf_counter()
    assert sum(len(objects) for _, objects in master_objects(world, load_profile("guide"), CLOCK)) > 17_000
    assert time.perf_counter() - started < 6  # 3 s alone; the machine is shared


def _same(one, other) -> bool:
    return one is None is other or (one is not None and other is not None and np.array_equal(one, other))


def test_twice_the_same_rows(parts, world) -> None:
    from pytest_aquadata.farm.master import master_objects
    from pytest_aquadata.farm.rows import model_rows

    for (_, objects), (_, again) in zip(parts, master_objects(world, load_profile("guide"), CLOCK), strict=True):
        one, other = model_rows(objects), model_rows(again)
        assert one.columns.keys() == other.columns.keys()
        for name, column in one.columns.items():
            assert column.words == other.columns[name].words
            assert _same(column.values, other.columns[name].values)
            assert _same(column.null, other.columns[name].null)


def test_faked_columns_hold_words(parts) -> None:
    for model, objects in parts:
        for column in FAKED.get(model._meta.db_table, ()):
            assert all(getattr(each, column) for each in objects)


def test_temperatures_are_those_of_the_climate(parts, world) -> None:
    from pytest_aquadata.farm.master import master_objects

    def readings(made) -> dict[int, list[float]]:
        held: dict[int, list[float]] = {}
        for model, objects in made:
            if model._meta.db_table == "scenario_temperaturereading":
                for each in objects:
                    held.setdefault(each.profile_id, []).append(each.temperature)
        return held

    profile = load_profile("guide")
    faroe = world.geography("Faroe Islands").number
    monthly = [int(mean * 1000) for mean in profile.temperatures.sea_of("Faroe Islands")]
    at_sea = readings(parts)[world.temperature_profile(faroe, at_sea=True)]
    assert len(at_sea) == 900
    assert at_sea[:365] == [each / 1000 for each in daily_millidegrees(monthly, datetime(2001, 1, 1).date(), 365).tolist()]
    assert set(readings(parts)[world.temperature_profile(faroe, at_sea=False)]) == {12.0}

    flat = Climate((10_000,) * 12, (8_000,) * 12)
    changed = readings(master_objects(world, profile, CLOCK, {faroe: flat}))
    assert set(changed[world.temperature_profile(faroe, at_sea=True)]) == {8.0}
    assert set(changed[world.temperature_profile(faroe, at_sea=False)]) == {10.0}


def test_models_hold_the_profile(parts) -> None:
    profile = load_profile("guide")
    rows = {model._meta.db_table: objects for model, objects in parts}
    for stage, tgc, fcr, loss, life in zip(
        profile.stages,
        rows["scenario_tgc_model_stage"],
        rows["scenario_fcrmodelstage"],
        rows["scenario_mortality_model_stage"],
        rows["batch_lifecyclestage"],
        strict=False,
    ):
        assert (tgc.lifecycle_stage, tgc.tgc_value) == (stage.key, stage.tgc)
        assert (fcr.fcr_value, fcr.duration_days) == (float(stage.fcr), stage.days)
        assert loss.daily_rate_percent == stage.mortality_percent
        assert life.typical_duration_days == stage.days
    adult = rows["batch_lifecyclestage"][-1]
    assert (adult.expected_weight_min_g, adult.expected_weight_max_g) == (500, 7000)
    assert 34 < adult.expected_length_min_cm < 36
    assert 83 < adult.expected_length_max_cm < 86
    assert {user.password for user in rows["auth_user"]} == {"!"}
