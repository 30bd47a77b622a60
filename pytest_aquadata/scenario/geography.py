"""Geographies: stations with halls and areas with rings, as the world file and a scenario describe them.

The same models read both, so that a geography of a user's own is described exactly like the ones that are shipped.
Groups stand for many equal places: `count` of them, named by a pattern with ``{n}``.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from pytest_aquadata.scenario import units
from pytest_aquadata.scenario.suggest import closest
from pytest_aquadata.scenario.units import Wrong

FRESHWATER_STAGES = ("Egg&Alevin", "Fry", "Parr", "Smolt", "Post-Smolt")
"""Stages that live in halls, in order; exact names of the application."""

SEA_STAGE = "Adult"
"""The stage that lives in rings."""

_CODE = re.compile(r"[A-Z][A-Z0-9]{1,7}")


class Model(BaseModel):
    """What all parts of a scenario have in common: immutable, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _monthly(value: Any) -> tuple[int, ...]:
    if isinstance(value, list | tuple):
        if len(value) != 12:
            raise Wrong(f"{len(value)} monthly means instead of 12", "one number for the whole year, or twelve from January on")
        return tuple(units.millidegrees(mean) for mean in value)
    return (units.millidegrees(value),) * 12


_DEGREES = {"anyOf": [{"type": "number", "minimum": -2, "maximum": 30}, {"type": "string", "pattern": "^-?[0-9.]+ *(°?C)?$"}]}

Monthly = Annotated[
    tuple[int, ...],
    BeforeValidator(_monthly),
    WithJsonSchema({"anyOf": [*_DEGREES["anyOf"], {"type": "array", "items": _DEGREES, "minItems": 12, "maxItems": 12}]}),
]
"""Twelve monthly means in thousandths of a degree C, January first; one number stands for the whole year."""


class Temperatures(Model):
    """Water temperature by place: one number, or twelve monthly means from January on, degrees C."""

    freshwater: Monthly = Field(description="In halls, Post-Smolt included, degrees C")
    sea: Monthly = Field(description="In rings, degrees C")


def _hall_stage(value: Any) -> Any:
    if value in FRESHWATER_STAGES:
        return value
    if value == SEA_STAGE:
        raise Wrong(f"a hall cannot hold {SEA_STAGE} fish", "they live in the rings of an area")
    raise Wrong(f"unknown stage {units.show(value)}", closest(str(value), FRESHWATER_STAGES))


HallStage = Annotated[str, BeforeValidator(_hall_stage), WithJsonSchema({"enum": list(FRESHWATER_STAGES)})]
Whole = Annotated[int, BeforeValidator(units.not_truth)]
Positive = Annotated[float, Field(gt=0)]
Label = Annotated[str, Field(min_length=1, max_length=60)]


class HallSpec(Model):
    """A hall that every station of the group has: one stage, its containers and one silo."""

    letter: str = Field(
        min_length=1,
        max_length=10,
        pattern=r"^[A-Za-z0-9]+$",
        description="Part of the names: {station}-Hall-{letter}, {station}-{letter}-C{n}",
    )
    stage: HallStage = Field(description="The lifecycle stage that lives here")
    containers: Whole = Field(ge=1, le=999, description="Number of containers")
    volume_m3: Positive | None = Field(None, description="Volume of one container, m3 (default: that of the stage's container type)")
    capacity_kg: Positive | None = Field(None, description="Largest biomass of one container, kg (default: of the stage's container type)")
    silo: bool = Field(True, description="Whether the hall has a feed silo; one that takes batches needs it")
    silo_kg: Positive | None = Field(None, description="Capacity of the silo, kg (default: of the stage)")


class _Group(Model):
    """Equal places under one pattern of names."""

    name: Label = Field(description="Name, with {n} for the number of the place (two digits, from 01)")
    count: Whole = Field(1, ge=1, le=99, description="How many there are")
    latitude: float = Field(ge=-90, le=90, description="Degrees north")
    longitude: float = Field(ge=-180, le=180, description="Degrees east")
    takes_batches: bool = Field(True, description="Whether the plan puts batches here")
    sensors: bool = Field(True, description="Whether the containers have sensors")

    @field_validator("count")
    @classmethod
    def _numbered(cls, count: int, info: ValidationInfo) -> int:
        name = str(info.data.get("name", "{n}"))
        if count > 1 and "{n}" not in name:
            raise Wrong(f"{count} places with one name", f"put {{n}} into the name: '{name}-{{n}}'")
        return count

    def names(self) -> tuple[str, ...]:
        """The names of the places, in order."""
        return tuple(numbered(self.name, n) for n in range(1, self.count + 1))


def _letters_once(halls: tuple[HallSpec, ...]) -> tuple[HallSpec, ...]:
    letters = [hall.letter for hall in halls]
    twice = sorted({letter for letter in letters if letters.count(letter) > 1})
    if twice:
        raise Wrong(f"two halls have the letter '{twice[0]}'", "containers are named after it, so it is used once")
    return halls


class StationSpec(_Group):
    """Freshwater stations with their halls."""

    halls: Annotated[tuple[HallSpec, ...], AfterValidator(_letters_once)] = Field(min_length=1, description="The halls of each station")


class AreaSpec(_Group):
    """Sea areas with their rings and feed barges."""

    rings: Whole = Field(ge=1, le=999, description="Number of rings in each area")
    barges: Whole = Field(3, ge=0, le=99, description="Number of feed barges in each area; one that takes batches needs one")
    ring_volume_m3: Positive | None = Field(None, description="Volume of one ring, m3 (default: that of the container type)")
    ring_capacity_kg: Positive | None = Field(None, description="Largest biomass of one ring, kg (default: of the container type)")
    barge_kg: Positive | None = Field(None, description="Capacity of one feed barge, kg (default: of the world)")


NUMBER = "{n}"
"""What stands for the number of one of many in their name."""


def numbered(pattern: str, number: int) -> str:
    """The name of one of many: its number, two digits or more, in the place of `NUMBER`."""
    return pattern.replace(NUMBER, f"{number:02d}")


def default_code(name: str) -> str:
    """The first three letters of a name in capitals, accents dropped: 'FAR' for 'Faroe Islands'."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(char for char in plain if char.isalpha())[:3].upper()


def checked_code(value: str, info: ValidationInfo) -> str:
    """The declared code, else the default of the name; refuses what does not suit a batch number.

    The name of many geographies has {n} in it, and so has their code: by default behind the first letter.
    """
    name = str(info.data.get("name", ""))
    many = NUMBER in name
    code = value or (f"{default_code(name)[:1]}{NUMBER}" if many else default_code(name))
    if many and NUMBER not in code:
        raise Wrong(f"{units.show(code)} is one code for many geographies", f"put {NUMBER} into it: '{code[:1]}{NUMBER}'")
    if not _CODE.fullmatch(numbered(code, 1) if many else code) and "name" in info.data:
        raise Wrong(
            f"{units.show(code)} is not a code",
            "2 to 8 capital letters or digits, a letter first: batches are named FAR-2025-001",
        )
    return code


Code = Annotated[str, AfterValidator(checked_code), WithJsonSchema({"type": "string", "pattern": f"^{_CODE.pattern}$"})]
CodePattern = Annotated[str, AfterValidator(checked_code), WithJsonSchema({"type": "string", "pattern": r"^[A-Z](\{n\}|[A-Z0-9]){1,7}$"})]
"""A code, or one with {n} where it stands for those of many geographies."""
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class GeographySpec(Model):
    """A geography with all that stands in it."""

    name: Label = Field(description="Name of the geography")
    code: Code = Field("", validate_default=True, description="First part of its batch numbers (default: the first three letters, FAR)")
    currency: Currency = Field("EUR", description="ISO 4217 code of the currency of its policies")
    description: str = Field("", description="What it is")
    like: str = Field("", description="The geography of the world that it was made after; a profile's figures for that one hold here")
    temperatures: Temperatures | None = Field(None, description="Its water temperatures (default: the profile's)")
    stations: tuple[StationSpec, ...] = Field((), description="Its freshwater stations, in groups")
    areas: tuple[AreaSpec, ...] = Field((), description="Its sea areas, in groups")

    @property
    def kin(self) -> str:
        """The name under which a profile and master data know it."""
        return self.like or self.name

    def another(self, name: str, code: str, **given: Any) -> GeographySpec:
        """A geography like this one: what takes batches here, under names that begin with its own code.

        given: values that it does not take over.
        """
        groups = {
            key: tuple(group.model_copy(update={"name": f"{code}-{group.name}"}) for group in places if group.takes_batches)
            for key, places in (("stations", self.stations), ("areas", self.areas))
        }
        own = {"name": name, "code": code, "description": f"Like {self.name}", "like": self.name}
        return self.model_copy(update={**own, **groups, **given})

    def missing(self) -> str:
        """What it lacks to take a batch: the first stage without a hall, the sea stage without rings, or ''."""
        held = {hall.stage for station in self.stations if station.takes_batches for hall in station.halls}
        for stage in FRESHWATER_STAGES:
            if stage not in held:
                return stage
        return "" if any(area.takes_batches for area in self.areas) else SEA_STAGE
