"""Factories of environmental parameters and readings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pytest_aquadata.factories.base import EventFactory, StampedFactory, related
from pytest_aquadata.factories.batch import BatchContainerAssignmentFactory
from pytest_aquadata.factories.infrastructure import SensorFactory
from pytest_aquadata.factories.untyped import factory
from pytest_aquadata.plan import masterdata

_PARAMETERS: dict[str, dict[str, Any]] = {parameter["name"]: parameter for parameter in masterdata.document("environment")["parameters"]}


def _bound(key: str, side: int) -> Any:
    return factory.LazyAttribute(lambda parameter: Decimal(str(_PARAMETERS[parameter.like][key][side])))


class EnvironmentalParameterFactory(StampedFactory):
    """A parameter that sensors read; a new `name` needs `like`, the parameter it resembles."""

    class Meta:
        """Table environmental_environmentalparameter."""

        model = "environmental.EnvironmentalParameter"
        django_get_or_create = ("name",)

    class Params:
        """Values that are no columns."""

        like = factory.LazyAttribute(lambda parameter: parameter.name)

    name = "Dissolved Oxygen"
    unit = factory.LazyAttribute(lambda parameter: _PARAMETERS[parameter.like]["unit"])
    description = factory.LazyAttribute(lambda parameter: _PARAMETERS[parameter.like]["description"])
    min_value = _bound("limits", 0)
    max_value = _bound("limits", 1)
    optimal_min = _bound("optimal", 0)
    optimal_max = _bound("optimal", 1)


class EnvironmentalReadingFactory(EventFactory):
    """A reading of dissolved oxygen in the container of a batch."""

    class Meta:
        """Table environmental_environmentalreading."""

        model = "environmental.EnvironmentalReading"

    batch_container_assignment = factory.SubFactory(BatchContainerAssignmentFactory)
    batch = related("batch_container_assignment.batch")
    container = related("batch_container_assignment.container")
    sensor = factory.SubFactory(SensorFactory, container=factory.SelfAttribute("..container"))
    parameter = factory.SubFactory(EnvironmentalParameterFactory)
    value = Decimal("90.0000")
    reading_time = factory.SelfAttribute("clock")
    is_manual = False
    recorded_by = None
    notes = ""
    created_at = factory.SelfAttribute("clock")
