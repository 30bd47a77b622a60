"""Criteria as a scenario declares them: a standard name with bounds, or a query of the user's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PrivateAttr, ValidationError, WithJsonSchema, field_validator, model_validator

from pytest_aquadata import extensions
from pytest_aquadata.errors import AquadataError
from pytest_aquadata.scenario import units
from pytest_aquadata.scenario.faults import Fault
from pytest_aquadata.scenario.geography import Model
from pytest_aquadata.scenario.names import FIGURES, STANDARD
from pytest_aquadata.scenario.profile import DEFAULT_PROFILE, figures_of
from pytest_aquadata.scenario.suggest import closest
from pytest_aquadata.scenario.units import Wrong

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)

Bound = Annotated[
    float | None,
    BeforeValidator(lambda value: None if value is None else units.bound(value)),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "null"}], "examples": ["83 %", "4.5 kg", 0.9]}),
]


class CriterionSpec(Model):
    """One criterion: bounds of the scenario's own for a standard name, or a query that returns what offends."""

    min: Bound = Field(None, description="Least value that passes (default: the standard bound)")
    max: Bound = Field(None, description="Greatest value that passes (default: the standard bound; rows of a query of your own: 0)")
    warn_min: Bound = Field(None, description="Below it a warning is given; lies above min")
    warn_max: Bound = Field(None, description="Above it a warning is given; lies below max")
    rows: str | None = Field(None, description="A SELECT that returns the offending rows: a criterion of your own")

    _line: int = PrivateAttr(default=1)

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {} if value is None or value is True else value

    @field_validator("rows")
    @classmethod
    def _query(cls, value: str | None) -> str | None:
        if value is None:
            return None
        query = _COMMENT.sub(" ", value).strip().rstrip(";").strip()
        if not re.match(r"(?:\(\s*)*(?:select|with)\b", query, re.IGNORECASE):
            raise Wrong(f"{units.show(query)} is not a query", "it starts with SELECT or WITH and returns the rows that offend")
        return value.strip().rstrip(";").rstrip()

    @property
    def line(self) -> int:
        """Line of the scenario file on which it is declared, from 1; 1 when it is not declared there."""
        return self._line

    def located(self, line: int) -> CriterionSpec:
        """The same criterion, knowing its line."""
        copy = self.model_copy()
        copy._line = line
        return copy


def standard_of(profile: object) -> tuple[str, ...]:
    """What `standard` stands for with a profile, as a scenario names it (None: not at all); a name that is wrong brings no figures."""
    return (*STANDARD, *figures_of(str(DEFAULT_PROFILE if profile is None else profile)))


def default_criteria(profile: object) -> dict[str, CriterionSpec]:
    """All standard criteria with their standard bounds, and those of the profile's published figures."""
    return {name: CriterionSpec() for name in standard_of(profile)}


def more_criteria(given: Iterable[Mapping[str, Mapping[str, Any] | None]]) -> dict[str, CriterionSpec]:
    """The criteria that hooks give.

    Raises:
        AquadataError: they are no criteria.
    """
    made: dict[str, CriterionSpec] = {}
    try:
        for criteria in given:
            made |= {name: CriterionSpec.model_validate(spec) for name, spec in criteria.items()}
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise AquadataError(f"pytest_aquadata_criteria: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (AttributeError, TypeError, ValueError):
        raise AquadataError("pytest_aquadata_criteria: give a mapping of names to mappings, like {'mine': {'rows': 'SELECT …'}}") from None
    for name, spec in made.items():
        if fault := checked_name(name, spec):
            raise AquadataError(f"pytest_aquadata_criteria: {fault.message}" + (f"\n    {fault.hint}" if fault.hint else ""))
    return made


def checked_name(name: str, criterion: CriterionSpec) -> Fault | None:
    """What is wrong with a criterion as a whole: its name, or how its bounds lie to one another."""
    at = ("criteria", name)
    known = {**STANDARD, **FIGURES}
    extensions.refuse_names(extensions.CRITERIA, known)
    others = extensions.extensions(extensions.CRITERIA)
    if name in others and criterion.rows is not None:
        return Fault((*at, "rows"), f"'{name}' is a criterion of {others[name].package}", "give yours another name", key=True)
    known = {**known, **dict.fromkeys(others, "")}
    if name in known and criterion.rows is not None:
        return Fault(
            (*at, "rows"),
            f"'{name}' is a standard criterion and brings its own query",
            "give yours another name",
            key=True,
        )
    if name not in known and criterion.rows is None:
        return Fault(at, f"unknown criterion '{name}'", f"{closest(name, known)} (one of your own needs 'rows')", key=True)
    if not _NAME.fullmatch(name):
        return Fault(at, f"{units.show(name)} is not a name", "lower-case letters, digits and _", key=True)
    low, high, warn_low, warn_high = criterion.min, criterion.max, criterion.warn_min, criterion.warn_max
    if low is not None and high is not None and low > high:
        return Fault((*at, "min"), f"min {low:g} is above max {high:g}: nothing can pass")
    if warn_low is not None and low is not None and warn_low < low:
        return Fault((*at, "warn_min"), f"warn_min {warn_low:g} is below min {low:g}: it would never warn")
    if warn_high is not None and high is not None and warn_high > high:
        return Fault((*at, "warn_max"), f"warn_max {warn_high:g} is above max {high:g}: it would never warn")
    return None
