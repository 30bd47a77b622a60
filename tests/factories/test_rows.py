"""Django objects become columns without losing anything."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from pytest_aquadata import factories
from pytest_aquadata.streams.columns import Kind

pytestmark = pytest.mark.usefixtures("farm")


def test_keys_are_plan_numbers() -> None:
    from pytest_aquadata.farm.rows import model_rows

    rows = model_rows(
        [
            factories.ContainerFactory.build(id=7, hall_id=3, container_type_id=2),
            factories.ContainerFactory.build(id=9, hall_id=None, area_id=4, container_type_id=6),
        ]
    )
    assert (rows.table, rows.count) == ("infrastructure_container", 2)
    assert rows.columns["id"].refers == "infrastructure_container"
    assert rows.columns["id"].values.tolist() == [7, 9]
    assert rows.columns["hall_id"].refers == "infrastructure_hall"
    assert rows.columns["hall_id"].null.tolist() == [False, True]
    assert rows.columns["area_id"].null.tolist() == [True, False]
    assert rows.columns["container_type_id"].values.tolist() == [2, 6]
    assert rows.columns["container_type_id"].null is None


def test_kinds_of_values() -> None:
    from pytest_aquadata.farm.rows import model_rows

    moment = datetime(2025, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    meal = factories.FeedingEventFactory.build(
        id=1, feeding_date=date(1970, 1, 3), feeding_time=time(8, 30), amount_kg=Decimal("12.5"), clock=moment
    )
    columns = model_rows([meal]).columns
    assert (columns["feeding_date"].kind, columns["feeding_date"].values.tolist()) == (Kind.DATE, [2])
    assert (columns["feeding_time"].kind, columns["feeding_time"].values.tolist()) == (Kind.TIME, [30_600_000_000])
    assert (columns["amount_kg"].scale, columns["amount_kg"].values.tolist()) == (4, [125_000])
    assert columns["created_at"].kind is Kind.STAMP
    assert columns["created_at"].values.tolist() == [int(moment.timestamp()) * 1_000_000 + 6]
    assert columns["recorded_by_id"].null.tolist() == [True]
    state = model_rows([factories.ActualDailyAssignmentStateFactory.build(id=1, sources={"b": 1, "a": None})])
    assert state.columns["sources"].kind is Kind.JSON
    assert state.columns["sources"].words == ('{"a":null,"b":1}',)
    projection = model_rows([factories.ScenarioProjectionFactory.build(projection_id=1)]).columns
    assert (projection["temperature"].kind, projection["temperature"].values.tolist()) == (Kind.FLOAT, [12.0])
    batch = model_rows([factories.BatchFactory.build(id=i, status=status) for i, status in ((1, "A"), (2, "B"), (3, "A"))])
    assert batch.columns["status"].words == ("A", "B")
    assert batch.columns["status"].values.tolist() == [0, 1, 0]


def test_a_site_points_at_stations_or_areas() -> None:
    from pytest_aquadata.farm.rows import model_rows

    station = factories.DimSiteFactory.build(site_id=1, company_id=1, source_model="station", source_pk=5)
    area = factories.DimSiteFactory.build(site_id=2, company_id=1, source_model="area", source_pk=5)
    assert model_rows([station]).columns["source_pk"].refers == "infrastructure_freshwaterstation"
    assert model_rows([area]).columns["source_pk"].refers == "infrastructure_area"
    with pytest.raises(ValueError, match="different source_model"):
        model_rows([station, area])


def test_wrong_objects() -> None:
    from pytest_aquadata.farm.rows import model_rows

    with pytest.raises(ValueError, match="no objects"):
        model_rows([])
    with pytest.raises(TypeError, match="different models"):
        model_rows([factories.GeographyFactory.build(), factories.SpeciesFactory.build()])
    with pytest.raises(ValueError, match="more than 2 decimals"):
        model_rows([factories.HallFactory.build(id=1, freshwater_station_id=1, area_sqm=Decimal("1.001"))])


def test_users_and_content_types() -> None:
    from pytest_aquadata.farm.rows import model_rows

    users = model_rows([factories.UserFactory.build(id=1)])
    assert users.table == "auth_user"
    assert users.columns["last_login"].null.tolist() == [True]
    assert users.columns["password"].words == ("!",)
    kinds = model_rows([factories.ContentTypeFactory.build(id=2)])
    assert (kinds.table, kinds.columns["id"].refers) == ("django_content_type", "django_content_type")
