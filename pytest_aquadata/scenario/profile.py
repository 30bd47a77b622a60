"""Realism profiles: the biology of a farm, read from ``data/profiles/*.yaml`` and nowhere else.

A profile holds every figure that makes fish grow, eat, die and be harvested. Code holds none of them. The units in which the plan counts
(whole thousandths of a degree, hundred-thousandths of a fish a day) are derived here, once.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Annotated

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pytest_aquadata.scenario.figures import Figure
from pytest_aquadata.scenario.names import FIGURES


def _exact(value: object) -> object:
    return str(value) if isinstance(value, float) else value


DEFAULT_PROFILE = "guide"
"""The profile of a scenario that names none."""

Exact = Annotated[Decimal, BeforeValidator(_exact)]
"""A decimal that keeps the digits written in the file (0.15 is 0.15, not its nearest double)."""


def _monthly(value: object) -> object:
    return [value] * 12 if isinstance(value, int | float) else value


Monthly = Annotated[tuple[Exact, ...], BeforeValidator(_monthly), Field(min_length=12, max_length=12)]
"""Twelve monthly means in degrees C, January first; one number stands for all."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Stage(_Model):
    """One lifecycle stage."""

    name: str = Field(description="The application's name of the stage")
    key: str = Field(description="The stage in text columns of the scenario models")
    days: int = Field(gt=0, description="Days in the stage; of the last stage the longest stay")
    tgc: Exact = Field(ge=0, description="Thermal growth coefficient: cube root of grams per 1000 degree-days")
    cap_g: Exact = Field(gt=0, description="Weight at which growth in this stage stops, g")
    mortality_percent: Exact = Field(ge=0, description="Daily loss, % of the fish; multiples of 0.001")
    fcr: Exact = Field(ge=0, description="kg of feed per kg of gain; 0: not fed")
    maintenance_percent: Exact = Field(ge=0, description="Least ration a day, % of biomass")
    feeds: dict[int, str] = Field(description="Feed by weight of the fish: name by lowest weight in g")

    tgc_by_geography: dict[str, Exact] = Field({}, description="The same where it differs, by the name of the geography")
    mortality_percent_by_geography: dict[str, Exact] = Field({}, description="The same where it differs, by the name of the geography")

    def at(self, geography: str) -> Stage:
        """The stage as it is in a geography, by its name."""
        tgc = self.tgc_by_geography.get(geography, self.tgc)
        lost = self.mortality_percent_by_geography.get(geography, self.mortality_percent)
        return self.model_copy(update={"tgc": tgc, "mortality_percent": lost})

    @property
    def loss_per_100k(self) -> int:
        """Fish lost a day out of 100,000."""
        return int(self.mortality_percent * 1000)

    def feed_at(self, grams: float) -> str | None:
        """The feed for fish of this weight; None where the stage is not fed."""
        fitting = [least for least in self.feeds if least <= grams]
        return self.feeds[max(fitting)] if fitting else None


class Temperatures(_Model):
    """Water temperature by place, degrees C by month."""

    freshwater: Monthly
    sea: Monthly
    sea_by_geography: dict[str, Monthly] = {}

    def sea_of(self, geography: str) -> tuple[Decimal, ...]:
        """Monthly means at sea in a geography, by its name."""
        return self.sea_by_geography.get(geography, self.sea)


class Reading(_Model):
    """How a sensor of one parameter reads."""

    freshwater: Exact | None = Field(None, description="Mean in freshwater; none: the water temperature")
    sea: Exact | None = Field(None, description="Mean at sea; none: the water temperature")
    spread: Exact = Field(ge=0, description="Standard deviation of the noise")
    daily: Exact = Field(ge=0, description="Swing over the day around the mean")
    decimals: int = Field(ge=0, le=4, description="Decimals the sensor reports")


class Samples(_Model):
    """The fish of a growth sample."""

    weight_spread_percent: Exact = Field(gt=0, description="Standard deviation of a fish's weight, % of the mean")
    condition_factor: Exact = Field(gt=0, description="Mean of K = 100 W / L^3 (g, cm)")
    condition_spread_percent: Exact = Field(ge=0, description="Standard deviation of K, % of its mean")


class Health(_Model):
    """Health samplings: which fish are examined, and how they fare."""

    from_stage: int = Field(ge=1, le=6, description="Order of the first stage in which fish are examined")
    scores_percent: tuple[Exact, ...] = Field(min_length=1, description="Share of the fish with each score, best first, %; together 100")


class LiceKind(_Model):
    """One kind of louse on the fish."""

    species: str
    gender: str
    stage: str
    share_percent: Exact = Field(gt=0, description="Share of all lice, %; all kinds together 100")


class LiceMethod(_Model):
    """One way of counting lice."""

    share_percent: Exact = Field(gt=0, description="Share of the counts, %; all ways together 100")
    confidence: Exact = Field(gt=0, le=1)


class Lice(_Model):
    """Lice at sea before any treatment, and how they are counted."""

    per_fish: dict[int, Exact] = Field(description="Mean lice per fish by days at sea, from that day on")
    seasons: tuple[Exact, ...] = Field(min_length=12, max_length=12, description="Factor by month, January first")
    spread_percent: Exact = Field(ge=0, description="Standard deviation of a ring's pressure on a day, % of the mean")
    kinds: tuple[LiceKind, ...] = Field(min_length=1)
    methods: dict[str, LiceMethod] = Field(min_length=1)


class Vaccinations(_Model):
    """When fish are vaccinated; the types follow one another."""

    days: tuple[int, ...] = Field(description="Days of age")
    duration_days: int = Field(ge=1)
    withholding_days: int = Field(ge=0, description="Days before which the fish may not be harvested")


def _every_month(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value] * 12


Limits = Annotated[tuple[Exact, ...], BeforeValidator(_every_month), Field(min_length=12, max_length=12)]
"""Twelve limits, January first; one number stands for all."""


class LiceTreatments(_Model):
    """When fish are treated against lice, and what that does: on fixed days at sea, or when a limit is passed."""

    days_at_sea: tuple[int, ...] = Field((), description="Days at sea on which all rings are treated")
    limit: Limits | None = Field(None, description="Mean adult females (of the first kind's species) per fish above which is treated")
    limit_by_geography: dict[str, Limits] = Field({}, description="The same by the name of the geography")
    type: str = Field(description="The application's treatment type")
    description: str
    dosage: str
    duration_days: int = Field(ge=1)
    withholding_days: int = Field(ge=0, description="Days before which the fish may not be harvested")
    efficacy_percent: Exact = Field(ge=0, le=100, description="Share of the lice that a treatment removes, %")
    recovery_days: int = Field(ge=1, description="Days until the lice are back at what they would be, in a straight line")
    apart_days: int = Field(ge=1, description="Least days between two treatments")

    def limit_of(self, geography: str) -> tuple[Decimal, ...] | None:
        """The limits of the twelve months in a geography, by its name; None where fixed days decide."""
        return self.limit_by_geography.get(geography, self.limit)


class Treatments(_Model):
    """Vaccinations and lice treatments."""

    vaccinations: Vaccinations
    lice: LiceTreatments


class FeedStock(_Model):
    """How silos and barges are kept filled."""

    lead_days: int = Field(ge=1, description="Days from order to delivery")
    reorder_percent: int = Field(gt=0, lt=100, description="Stock, % of capacity, below which is ordered")
    order_percent: int = Field(gt=0, le=100, description="Largest order, % of capacity")
    notice_days: int = Field(gt=0, description="No order while the stock lasts this long")
    horizon_days: int = Field(gt=0, description="An order covers at most the need of this many days")
    expiry_days: int = Field(gt=0, description="Shelf life of a delivery")
    suppliers: tuple[str, ...] = Field(min_length=1)
    prices: dict[str, Exact] = Field(description="Price per kg by feed")
    price_spread_percent: Exact = Field(ge=0, description="Largest deviation of a delivery's price, %")


class Grade(_Model):
    """One product grade of a harvest."""

    share_percent: Exact
    weight_factor: Exact


class Harvest(_Model):
    """How a harvest divides into lots."""

    gutted_percent: Exact
    fillet_percent: Exact
    grades: dict[str, Grade] = Field(min_length=1)


class Span(_Model):
    """From the least to the greatest value."""

    min: float
    max: float


class Profile(_Model):
    """Everything that makes fish grow, eat, die and be harvested."""

    description: str
    egg_weight_g: Exact
    stages: tuple[Stage, ...] = Field(min_length=6, max_length=6)
    temperatures: Temperatures
    readings: dict[str, Reading]
    samples: Samples
    health: Health
    lice: Lice
    treatments: Treatments
    feed_stock: FeedStock
    harvest: Harvest
    survival: Span = Field(description="Least and greatest share of the eggs that is harvested")
    figures: dict[str, tuple[Figure, ...]] = Field(
        {}, description="Published figures that a farm of this profile shows, by the name of their criterion"
    )

    @model_validator(mode="after")
    def _known_figures(self) -> Profile:
        if unknown := set(self.figures) - set(FIGURES):
            raise ValueError(f"figures that no criterion measures: {', '.join(sorted(unknown))}")
        return self

    def at(self, geography: str) -> Profile:
        """The profile as it is in a geography, by its name: growth and losses of its own."""
        stages = tuple(stage.at(geography) for stage in self.stages)
        return self if stages == self.stages else self.model_copy(update={"stages": stages})

    @property
    def losses_differ(self) -> bool:
        """Whether fish die at other rates in one geography than in another."""
        return any(stage.mortality_percent_by_geography for stage in self.stages)

    @property
    def first_days(self) -> tuple[int, ...]:
        """The age in days on which each stage begins, and after the last of them the greatest age."""
        ages = [0]
        for stage in self.stages:
            ages.append(ages[-1] + stage.days)
        return tuple(ages)


def figures_of(name: str) -> tuple[str, ...]:
    """Criteria of the published figures of a profile, in their order; none for a name that is no profile's."""
    declared = load_profile(name).figures if name in profile_names() else {}
    return tuple(figure for figure in FIGURES if figure in declared)


def _folder() -> Traversable:
    return resources.files("pytest_aquadata") / "data" / "profiles"


def profile_names() -> tuple[str, ...]:
    """The profiles that can be named in a scenario, in alphabetical order."""
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in _folder().iterdir() if entry.name.endswith(".yaml")))


@cache
def load_profile(name: str) -> Profile:
    """The profile of that name.

    Raises:
        FileNotFoundError: there is no such profile; scenarios are checked against `profile_names` before.
    """
    return Profile.model_validate(yaml.safe_load((_folder() / f"{name}.yaml").read_text(encoding="utf-8")))
