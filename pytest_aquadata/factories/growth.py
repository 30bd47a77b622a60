"""Factories of what happens to fish in their containers: deaths, growth samples, daily states."""

from __future__ import annotations

from decimal import Decimal

from pytest_aquadata.factories.base import EventFactory, StampedFactory, day, kg, related
from pytest_aquadata.factories.batch import EGGS, BatchContainerAssignmentFactory
from pytest_aquadata.factories.untyped import factory
from pytest_aquadata.scenario.profile import load_profile

_PROFILE = load_profile("guide")


class MortalityEventFactory(EventFactory, StampedFactory):
    """A day's loss in one container."""

    class Meta:
        """Table batch_mortalityevent."""

        model = "batch.MortalityEvent"

    assignment = factory.SubFactory(BatchContainerAssignmentFactory)
    batch = related("assignment.batch")
    event_date = day()
    count = 100
    biomass_kg = factory.LazyAttribute(lambda event: kg(event.count, _PROFILE.egg_weight_g))
    cause = "UNKNOWN"
    description = ""


class GrowthSampleFactory(EventFactory, StampedFactory):
    """A sample of fry that weigh 5 g."""

    class Meta:
        """Table batch_growthsample."""

        model = "batch.GrowthSample"

    assignment = factory.SubFactory(BatchContainerAssignmentFactory, stage_order=2)
    sample_date = day()
    sample_size = 30
    avg_weight_g = Decimal("5.00")
    avg_length_cm = Decimal("7.58")
    std_deviation_weight = Decimal("0.43")
    std_deviation_length = Decimal("0.22")
    min_weight_g = Decimal("4.20")
    max_weight_g = Decimal("5.80")
    condition_factor = Decimal("1.15")
    notes = ""


class IndividualGrowthObservationFactory(EventFactory, StampedFactory):
    """One fish of a growth sample."""

    class Meta:
        """Table batch_individualgrowthobservation."""

        model = "batch.IndividualGrowthObservation"

    growth_sample = factory.SubFactory(GrowthSampleFactory)
    fish_identifier = factory.Sequence(lambda n: str(n + 1))
    weight_g = Decimal("5.00")
    length_cm = Decimal("7.58")


class ActualDailyAssignmentStateFactory(EventFactory):
    """The state of a container's fish on the first day."""

    class Meta:
        """Table batch_actualdailyassignmentstate."""

        model = "batch.ActualDailyAssignmentState"

    assignment = factory.SubFactory(BatchContainerAssignmentFactory)
    batch = related("assignment.batch")
    container = related("assignment.container")
    lifecycle_stage = related("assignment.lifecycle_stage")
    date = day()
    day_number = 1
    avg_weight_g = _PROFILE.egg_weight_g
    population = EGGS
    biomass_kg = factory.LazyAttribute(lambda state: kg(state.population, state.avg_weight_g))
    temp_c = None
    mortality_count = 0
    feed_kg = Decimal("0.00")
    observed_fcr = None
    anchor_type = None
    sources = factory.LazyFunction(dict)
    confidence_scores = factory.LazyFunction(dict)
    last_computed_at = factory.SelfAttribute("clock")
