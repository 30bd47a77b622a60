"""Every factory alone gives a valid object, saved or not, and every table has a factory."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from pytest_aquadata import factories
from pytest_aquadata.factories.faked import FAKED, word

FACTORIES = sorted(name for name in factories.__all__ if name.endswith("Factory"))
LABELS = (
    "infrastructure",
    "batch",
    "inventory",
    "environmental",
    "health",
    "harvest",
    "finance",
    "scenario",
    "broodstock",
)

pytestmark = pytest.mark.usefixtures("farm")


@pytest.mark.parametrize("name", FACTORIES)
def test_build_saves_nothing(name: str) -> None:
    made = getattr(factories, name).build()
    assert made.pk is None or made._state.adding
    assert type(made).objects.filter(pk=made.pk).count() == 0


@pytest.mark.parametrize("name", FACTORIES)
def test_create_gives_a_valid_row(name: str) -> None:
    made = getattr(factories, name).create()
    assert made.pk is not None
    again = type(made).objects.get(pk=made.pk)
    again.clean_fields(exclude=[field.name for field in made._meta.fields if getattr(again, field.attname) in ("", {})])
    for field in made._meta.concrete_fields:
        assert getattr(again, field.attname) == getattr(made, field.attname), field.name


@pytest.mark.parametrize("name", FACTORIES)
def test_create_twice(name: str) -> None:
    first, second = getattr(factories, name).create(), getattr(factories, name).create()
    assert first.pk is not None
    assert second.pk is not None


def test_every_table_has_a_factory() -> None:
    from django.apps import apps

    made = {getattr(factories, name)._meta.get_model_class() for name in FACTORIES}
    models = {model for label in LABELS for model in apps.get_app_config(label).get_models()}
    assert {model.__name__ for model in models - made} == set()


def test_timestamps_follow_the_clock() -> None:
    clock = datetime(2021, 3, 4, 5, tzinfo=UTC)
    batch = factories.BatchFactory.build(clock=clock)
    assert (batch.created_at, batch.updated_at, batch.start_date) == (clock, clock, date(2021, 3, 4))
    assert factories.BatchFactory.build().created_at == factories.CLOCK


def test_a_key_given_by_number_makes_no_object() -> None:
    from pytest_aquadata.farm.infrastructure.models import Container, Hall

    hall = factories.HallFactory.create()
    halls = Hall.objects.count()
    tank = factories.ContainerFactory.create(hall_id=hall.pk)
    assert Hall.objects.count() == halls
    assert Container.objects.get(pk=tank.pk).hall == hall


def test_objects_that_differ_in_a_few_values_are_those_that_are_built_one_by_one() -> None:
    clock, tank = datetime(2021, 3, 4, 5, tzinfo=UTC), factories.ContainerFactory.create()
    rows = [
        {"id": n, "container_id": tank.pk, "name": f"s{n}", "sensor_type": kind, "serial_number": f"SN-{n}"}
        for n, kind in enumerate(("pH", "CO2", "pH"), 1)
    ]
    alike = factories.SensorFactory.build_alike(iter(rows), clock=clock)
    alone = [factories.SensorFactory.build(clock=clock, **row) for row in rows]
    names = [field.attname for field in alone[0]._meta.concrete_fields]
    assert [[getattr(each, name) for name in names] for each in alike] == [[getattr(each, name) for name in names] for each in alone]
    assert all(each._state.adding for each in alike)
    assert factories.SensorFactory.build_alike([], clock=clock) == []


def test_a_ring_stands_in_an_area() -> None:
    ring = factories.ContainerFactory.create(ring=True)
    assert ring.hall is None
    assert ring.area.max_biomass >= ring.max_biomass_kg
    assert ring.container_type.name == "Sea Rings"
    barge = factories.FeedContainerFactory.create(barge=True)
    assert (barge.container_type, barge.hall) == ("BARGE", None)


@pytest.mark.parametrize("order", range(1, 7))
def test_a_stage_and_its_container(order: int) -> None:
    stay = factories.BatchContainerAssignmentFactory.create(stage_order=order)
    assert stay.lifecycle_stage.order == order
    assert (stay.container.area is not None) == (order == 6)
    assert stay.biomass_kg == (stay.population_count * stay.avg_weight_g / 1000).quantize(Decimal("0.01"))


def test_objects_agree_with_what_they_refer_to() -> None:
    action = factories.TransferActionFactory.create()
    assert action.source_assignment.batch == action.workflow.batch == action.dest_assignment.batch
    assert action.dest_assignment.lifecycle_stage == action.workflow.dest_lifecycle_stage
    reading = factories.EnvironmentalReadingFactory.create()
    assert reading.sensor.container == reading.container == reading.batch_container_assignment.container
    fact = factories.FactHarvestFactory.create()
    assert (fact.quantity_kg, fact.event, fact.dim_batch_id) == (
        fact.lot.live_weight_kg,
        fact.lot.event,
        fact.event.batch_id,
    )


def test_master_data_is_found_again() -> None:
    assert factories.FeedFactory.create() == factories.FeedFactory.create()
    assert factories.LifeCycleStageFactory.create(order=3) == factories.LifeCycleStageFactory.create(order=3)
    own = factories.FeedFactory.create(name="My feed", like="Grower Feed 2.0mm")
    assert own.pellet_size_mm == Decimal("2.0")


def test_made_up_words_depend_on_the_object_alone() -> None:
    first = factories.UserFactory.build(username="vet_01").first_name
    factories.UserFactory.build(username="someone_else")
    assert factories.UserFactory.build(username="vet_01").first_name == first
    assert word("auth_user.first_name", "vet_01", lambda fake: str(fake.first_name())) == first


def test_faked_columns_exist() -> None:
    from django.apps import apps

    tables = {model._meta.db_table: {field.column for field in model._meta.concrete_fields} for model in apps.get_models()}
    for table, columns in FAKED.items():
        assert columns <= tables[table]
