"""What a scenario says, as frozen models: names, types, defaults and a description of every key.

A `Scenario` that exists is complete and free of contradictions: words are values (see `units`), `as_of` is a day,
every geography has its description, and the rules between keys (see `rules`) hold. The descriptions are the reference
documentation and the JSON Schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from pydantic import ConfigDict, Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from pytest_aquadata import extensions
from pytest_aquadata.scenario import rules, units
from pytest_aquadata.scenario.application import Application
from pytest_aquadata.scenario.criteria import CriterionSpec, checked_name, default_criteria, more_criteria
from pytest_aquadata.scenario.faults import Fault, Faults
from pytest_aquadata.scenario.fields import (
    Ages,
    Clocks,
    Days,
    Eggs,
    Grams,
    IntRange,
    RestDays,
    Share,
    Start,
    Years,
    context_of,
)
from pytest_aquadata.scenario.geography import (
    NUMBER,
    AreaSpec,
    CodePattern,
    Currency,
    GeographySpec,
    Label,
    Model,
    StationSpec,
    Temperatures,
    Whole,
    numbered,
)
from pytest_aquadata.scenario.names import ALL
from pytest_aquadata.scenario.profile import DEFAULT_PROFILE, profile_names
from pytest_aquadata.scenario.suggest import closest
from pytest_aquadata.scenario.units import Wrong
from pytest_aquadata.scenario.worldfile import world


class Readings(Model):
    """When sensors are read."""

    times: Clocks = Field((360, 480, 600, 840, 960, 1080), description="Times of day (UTC) at which every sensor is read")


class Feeding(Model):
    """When fish are fed."""

    times: Clocks = Field((480, 960), description="Times of day (UTC) of the meals; each is an equal part of the day's ration")


class GrowthSamples(Model):
    """How growth is sampled."""

    every: Days = Field(7, description="Days between two samples of a container")
    fish: Whole = Field(30, ge=2, le=1000, description="Fish weighed and measured in each sample")


class HealthSamples(Model):
    """How health is sampled."""

    every: Days = Field(30, description="Days between two samplings of a batch, each in one of its containers")
    fish: Whole = Field(75, ge=2, le=999, description="Fish examined in each sampling")


class LiceCounts(Model):
    """How lice are counted."""

    every: Days = Field(7, description="Days between two counts of a ring")
    fish: Whole = Field(20, ge=1, le=1000, description="Fish looked at in each count")


class Journal(Model):
    """How often the journal is written without an occasion."""

    every: Days = Field(30, description="Days between two routine observations of a batch")


class Projection(Model):
    """How far a batch's own scenario looks ahead."""

    days: Days = Field(900, description="Days of the projection from the batch's start")


class Streams(Model):
    """Which kinds of events are written; one that is off leaves its table empty and changes no other.

    Those of other packages (docs/plugins.md) are off unless they are named.
    """

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": {"type": "boolean"}})

    readings: bool = Field(True, description="Environmental readings")
    feeding: bool = Field(True, description="Meals, and the purchases and stock behind them")
    mortality: bool = Field(True, description="Daily mortality events")
    growth_samples: bool = Field(True, description="Growth samples and the fish in them")
    projection: bool = Field(True, description="Projection rows of each batch's scenario")
    daily_states: bool = Field(True, description="Growth analysis: the state of every container on every day")
    health_samples: bool = Field(True, description="Health samplings, the fish in them and their scores")
    lice_counts: bool = Field(True, description="Lice counts at sea")
    treatments: bool = Field(True, description="Vaccinations and lice treatments (lice fall all the same)")
    journal: bool = Field(True, description="Journal entries")
    finance: bool = Field(True, description="Harvest facts and transactions between companies")

    def unknown(self) -> list[Fault]:
        """What is wrong with the names and values that are not ours."""
        extensions.refuse_names(extensions.STREAMS, type(self).model_fields)
        faults = []
        for name, value in (self.model_extra or {}).items():
            if name not in extensions.extensions(extensions.STREAMS):
                known = [*type(self).model_fields, *extensions.extensions(extensions.STREAMS)]
                hint = closest(name, known, "is the package that brings it not installed? The keys are")
                faults.append(Fault(("streams", name), f"unknown key '{name}'", hint, key=True))
            elif not isinstance(value, bool):
                faults.append(Fault(("streams", name), f"{name}: {units.show(value)} is neither true nor false"))
        return faults

    @property
    def of_others(self) -> tuple[str, ...]:
        """Those of other packages that are on, in alphabetical order."""
        return tuple(sorted(name for name, on in (self.model_extra or {}).items() if on))


class GeographyUse(Model):
    """A geography of this scenario: one of the world by its name, one or many like it, or one described in full by its stations and areas.

    With `batches`, `years` or `ages` of its own it does not take turns with the others; of many, each then has that number.
    """

    name: Label = Field(
        description="A geography of the world, or the name of one described here; of many with {n} (default with `count`: that of `like`)"
    )
    code: CodePattern = Field(
        "", validate_default=True, description="First part of its batch numbers (default: the first three letters, FAR; of many, F{n})"
    )
    like: Label | None = Field(
        None, description="A geography of the world: this one has all of its places that take batches, named after the code"
    )
    count: Whole = Field(1, ge=1, le=999, description="How many of them there are, each with places of its own; with `like`")
    batches: Whole | None = Field(None, ge=1, le=10_000, description="Batches of this geography alone")
    years: Years | None = Field(None, description="Years before as_of on which this geography's first batch starts")
    ages: Ages | None = Field(None, description="Ages at as_of, days: one batch in this geography for each")
    stagger: Days | None = Field(None, description="Days between the starts of this geography (default: the smallest that fits)")
    start: Start | None = Field(None, description="Start of this geography's first batch (default: the scenario's)")
    youngest: Days | None = Field(None, description="Age of this geography's last batch at as_of, days (default: the scenario's)")
    temperatures: Temperatures | None = Field(
        None,
        description="Water temperatures in this scenario (default: the scenario's, the geography's, the profile's)",
    )
    description: str = Field("", description="In full: what it is")
    currency: Currency = Field("EUR", description="In full: ISO 4217 code of the currency of its policies")
    stations: tuple[StationSpec, ...] | None = Field(None, description="In full: its freshwater stations, in groups")
    areas: tuple[AreaSpec, ...] | None = Field(None, description="In full: its sea areas, in groups")

    _place: int | None = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        if isinstance(value, dict) and "name" not in value and isinstance(value.get("like"), str) and "count" in value:
            return {"name": f"{value['like']} {NUMBER}", **value}
        return {"name": value} if isinstance(value, str) else value

    @field_validator("count")
    @classmethod
    def _of_many(cls, count: int, info: ValidationInfo) -> int:
        name = str(info.data.get("name", NUMBER))
        if count > 1 and NUMBER not in name and info.data.get("like"):
            raise Wrong(f"{count} geographies with one name", f"put {NUMBER} into the name: '{name} {NUMBER}'")
        return count

    def each(self, place: int) -> Iterator[GeographyUse]:
        """The geographies that this entry stands for, each knowing the place of the entry, from 0."""
        for number in range(1, self.count + 1 if self.like else 2):
            own = {"name": numbered(self.name, number), "code": numbered(self.code, number), "count": 1} if NUMBER in self.name else {}
            one = self.model_copy(update=own)
            one._place = place
            yield one

    def place(self, position: int) -> int:
        """Place of the entry that it was written in, from 0; its own position where it was not written."""
        return position if self._place is None else self._place

    @property
    def in_full(self) -> bool:
        """Whether it is described here instead of taken from the world."""
        return self.stations is not None or self.areas is not None

    @property
    def takes_turns(self) -> bool:
        """Whether its batches come from the counts at the top of the scenario."""
        return self.batches is None and self.years is None and self.ages is None

    @cached_property
    def spec(self) -> GeographySpec:
        """The geography itself, with this scenario's code."""
        if self.like is not None:
            given = {key: getattr(self, key) for key in ("currency", "description") if key in self.model_fields_set}
            return world()[self.like].another(self.name, self.code, **given)
        if not self.in_full:
            return world()[self.name].model_copy(update={"code": self.code})
        return GeographySpec(
            name=self.name,
            code=self.code,
            currency=self.currency,
            description=self.description,
            temperatures=self.temperatures,
            stations=self.stations or (),
            areas=self.areas or (),
        )


def _default_geographies() -> tuple[GeographyUse, ...]:
    return (GeographyUse(name="Faroe Islands"), GeographyUse(name="Scotland"))


class Scenario(Model):
    """A farm to build: how many batches, where, when, and what is then held against it."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
        max_length=40,
        description="Name, part of the database's name (default: the name of the file)",
    )
    description: str = Field("", description="What it is for, one line")
    seed: Whole = Field(1, ge=0, lt=2**63, description="Seed of all random numbers: another seed is another farm of the same plan")
    as_of: date = Field(description="The day on which the farm is looked at: a date or `today`; the last events are of the day before")
    start: Start | None = Field(None, description="Start of the first batch")
    batches: Whole | None = Field(None, ge=1, le=10_000, description="Number of batches, all geographies that take turns together")
    years: Years | None = Field(
        None, description="Years before as_of on which the first batch starts; time then sets the number of batches"
    )
    ages: Ages | None = Field(None, description="Ages at as_of, days: one batch in every geography for each")
    stagger: Days | None = Field(
        None, description="Days between consecutive starts, geographies taking turns (default: the smallest that fits)"
    )
    youngest: Days = Field(50, description="Age of the last batch at as_of, days, where `batches` is given without `start`")
    saturation: Share = Field(0.85, description="Largest share of a pool of containers that may be held on one day")
    planning: Literal["exact", "worst_case"] = Field(
        "exact",
        description="Rings are reserved until the batch's own harvest (exact) or until the heaviest one (worst_case)",
    )
    fallow: RestDays = Field(0, description="Days that containers stand empty between two batches")
    eggs: Eggs = Field(IntRange(low=3_000_000, high=3_780_000), description="Eggs of a batch: a number or a range")
    harvest_weight: Grams = Field(IntRange(low=4_500, high=6_500), description="Mean weight at which a batch is harvested: one or a range")
    containers_per_stage: Whole = Field(10, ge=1, le=100, description="Containers of a batch in each freshwater stage")
    rings_per_batch: Whole = Field(10, ge=1, le=100, description="Sea rings of a batch")
    readings: Readings = Field(Readings(), description="When sensors are read")
    feeding: Feeding = Field(Feeding(), description="When fish are fed")
    growth_samples: GrowthSamples = Field(GrowthSamples(), description="How growth is sampled")
    health_samples: HealthSamples = Field(HealthSamples(), description="How health is sampled")
    lice_counts: LiceCounts = Field(LiceCounts(), description="How lice are counted")
    journal: Journal = Field(Journal(), description="How often routine observations are written")
    projection: Projection = Field(Projection(), description="How far each batch's own scenario looks ahead")
    streams: Streams = Field(Streams(), description="Which kinds of events are written")
    profile: str = Field(DEFAULT_PROFILE, description="Realism profile: growth, losses, feed and temperatures")
    temperatures: Temperatures | None = Field(None, description="Water temperatures everywhere (default: the geography's, the profile's)")
    geographies: tuple[GeographyUse, ...] = Field(
        default_factory=_default_geographies,
        min_length=1,
        description="Names of geographies, or mappings; the first starts first",
    )
    aquadata: Application = Field(
        Application(), description="In an application of your own: values of its own columns, tables to leave out"
    )
    criteria: dict[str, CriterionSpec] = Field(
        default_factory=dict,
        description="What the database is held against: names, with bounds of your own, or `standard` for all standard ones (the default)",
    )

    _source: Path = PrivateAttr(default=Path())
    _text: str = PrivateAttr(default="")
    _lines: Mapping[str, int] = PrivateAttr(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _standard_criteria(cls, value: Any) -> Any:
        if isinstance(value, dict) and "criteria" not in value:
            return {**value, "criteria": default_criteria(value.get("profile"))}
        return value

    @field_validator("geographies")
    @classmethod
    def _each(cls, uses: tuple[GeographyUse, ...]) -> tuple[GeographyUse, ...]:
        return tuple(one for place, use in enumerate(uses) for one in use.each(place))

    @field_validator("as_of", mode="before")
    @classmethod
    def _resolve(cls, value: Any, info: ValidationInfo) -> date:
        return units.day(value, context_of(info).today)

    @field_validator("profile")
    @classmethod
    def _known_profile(cls, value: str) -> str:
        if value not in profile_names():
            raise Wrong(f"unknown profile {units.show(value)}", closest(value, profile_names()))
        return value

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Scenario:
        # names of criteria are no matter of one field: a wrong one must not keep the rules between keys from being tried
        named = [fault for name, criterion in self.criteria.items() if (fault := checked_name(name, criterion))]
        faults = [*named, *self.streams.unknown(), *rules.check(self, context_of(info).broken)]
        if faults:
            raise Faults(faults)
        return self

    @property
    def source(self) -> Path:
        """The file it was read from; `Path()` for one that a program made."""
        return self._source

    @property
    def text(self) -> str:
        """The text of that file."""
        return self._text

    @property
    def lines(self) -> Mapping[str, int]:
        """Line in that file, from 1, by dotted path: 'batches', 'geographies.0.stagger', 'criteria.survival.min'."""
        return MappingProxyType(dict(self._lines))

    def with_columns(self, given: Iterable[Mapping[str, Mapping[str, Any]]]) -> Scenario:
        """The same scenario with more values for an application's own columns; see `Application.with_columns`."""
        return self.model_copy(update={"aquadata": self.aquadata.with_columns(given)})

    def with_criteria(self, given: Iterable[Mapping[str, Mapping[str, Any] | None]]) -> Scenario:
        """The same scenario with more criteria, as a file would have them; its own go before.

        Raises:
            AquadataError: they are no criteria.
        """
        return self.model_copy(update={"criteria": {**more_criteria(given), **self.criteria}})

    def located(self, source: Path, text: str, lines: Mapping[str, int]) -> Scenario:
        """The same scenario, knowing where it was written."""
        standard = lines.get(f"criteria.{ALL}", 1)
        criteria = {name: spec.located(lines.get(f"criteria.{name}", standard)) for name, spec in self.criteria.items()}
        copy = self.model_copy(update={"criteria": criteria})
        copy._source, copy._text, copy._lines = source, text, dict(lines)
        return copy

    def resolved(self) -> str:
        """All values as canonical JSON, `as_of` a date and every geography in full: equal text, equal farm.

        Streams of other packages are there with their packages' versions, which decide their rows.
        """
        values = self.model_dump(mode="json")
        for name in self.streams.model_extra or ():
            del values["streams"][name]
        if others := self.streams.of_others:
            known = extensions.extensions(extensions.STREAMS)
            values["streams_of_others"] = {name: known[name].package for name in others}
        for dumped, use in zip(values["geographies"], self.geographies, strict=True):
            dumped["spec"] = use.spec.model_dump(mode="json")
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
