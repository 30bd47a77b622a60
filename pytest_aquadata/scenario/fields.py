"""The types of a scenario's values: what may be written, what it becomes, and how an editor checks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from pytest_aquadata.scenario import units
from pytest_aquadata.scenario.geography import Model
from pytest_aquadata.scenario.units import Wrong


@dataclass(frozen=True)
class Context:
    """What validation has to know beside the values.

    today: the day that the word `today` stands for. broken: the keys (paths from the top) whose values were refused
    already; they count as given, and rules that would need their values stay silent.
    """

    today: date | None = None
    broken: frozenset[tuple[str | int, ...]] = frozenset()


def context_of(info: ValidationInfo) -> Context:
    """What the caller of the validation told; nothing when a program makes a model by hand."""
    return info.context if isinstance(info.context, Context) else Context()


class IntRange(Model):
    """A range of whole numbers, both ends included; equal ends are one fixed value."""

    low: int
    high: int

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low}..{self.high}"


def _range_of(parse: Any) -> BeforeValidator:
    def read(value: Any) -> Any:
        if isinstance(value, IntRange | Mapping):
            return value
        low, high = parse(value)
        return {"low": low, "high": high}

    return BeforeValidator(read)


def _within(least: int, most: int, shown: str) -> AfterValidator:
    def check(value: IntRange) -> IntRange:
        if value.low > value.high:
            raise Wrong("the low end is above the high end")
        if value.low < least or value.high > most:
            raise Wrong(f"{value} is outside {shown}")
        return value

    return AfterValidator(check)


def _words(pattern: str, example: str) -> dict[str, Any]:
    return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": pattern}], "examples": [example]}


def _at_least(least: int, most: int) -> AfterValidator:
    def check(value: int) -> int:
        if not least <= value <= most:
            raise Wrong(f"{value} is not between {least} and {most}")
        return value

    return AfterValidator(check)


_DAYS_SCHEMA = WithJsonSchema(_words(r"^[0-9]+ *(d|days?|w|weeks?)?$", "13 days"))
_CLOCK_SCHEMA = {"type": "string", "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$", "examples": ["06:00"]}
_DATE_SCHEMA = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}

Days = Annotated[int, BeforeValidator(units.days), _at_least(1, 3650), _DAYS_SCHEMA]
RestDays = Annotated[int, BeforeValidator(units.days), _at_least(0, 3650), _DAYS_SCHEMA]
Years = Annotated[
    float,
    BeforeValidator(units.years),
    Field(gt=0, le=50),
    WithJsonSchema(_words(r"^[0-9.]+ *(y|years?)?$", "4.25 years")),
]
Start = Annotated[date, BeforeValidator(units.day), WithJsonSchema(_DATE_SCHEMA)]
Share = Annotated[float, BeforeValidator(units.share), WithJsonSchema(_words(r"^[0-9.]+ *%?$", "85 %"))]
Eggs = Annotated[
    IntRange,
    _range_of(units.counts),
    _within(1_000, 50_000_000, "1000..50M eggs"),
    WithJsonSchema(_words(r"^[0-9._]+ *[kM]?( *\.\. *[0-9._]+ *[kM]?)?$", "3.0M..3.78M")),
]
Grams = Annotated[
    IntRange,
    _range_of(units.grams),
    _within(100, 20_000, "0.1..20 kg"),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9._]+ *(kg|g)?( *\.\. *[0-9._]+)? *(kg|g)$", "examples": ["4.5..6.5 kg"]}),
]


def _ages(value: tuple[int, ...]) -> tuple[int, ...]:
    twice = sorted({age for age in value if value.count(age) > 1})
    if twice:
        raise Wrong(f"the age {twice[0]} is given twice")
    return value


Ages = Annotated[tuple[Days, ...], AfterValidator(_ages), Field(min_length=1)]


def _clock(value: Any, info: ValidationInfo) -> int:
    """Minutes as they are where a program gives them; a file has to write 06:00."""
    if info.context is None and isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1440:
        return value
    return units.minutes(value)


def _clocks(value: tuple[int, ...]) -> tuple[int, ...]:
    twice = sorted({time for time in value if value.count(time) > 1})
    if twice:
        raise Wrong(f"{twice[0] // 60:02d}:{twice[0] % 60:02d} is given twice")
    return tuple(sorted(value))


Clock = Annotated[int, BeforeValidator(_clock), WithJsonSchema(_CLOCK_SCHEMA)]
Clocks = Annotated[tuple[Clock, ...], AfterValidator(_clocks), Field(min_length=1, max_length=96)]
